"""Judging results made of shares in %, such as Preferences or StereoSetScores: field by field, NaN among them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from attentif.checks.calls import call_of
from attentif.checks.compare import Mismatch, require
from attentif.checks.engine import Case
from attentif.checks.fields import fields_of, near, numbers_of
from attentif.checks.fingerprints import ERROR, Probe
from attentif.checks.refusals import check_refused, refused
from attentif.checks.student import Student
from attentif.checks.text import Text, text
from attentif.checks.values import Request
from attentif.checks.wording import numeral

# More rows than these are not shown of a long call.
ROWS_SHOWN = 6


def said(request: Request, function: str) -> str:
    """A call as it would be written; where it is long, its lists are cut short."""
    if whole := call_of(function, request):
        return whole

    def short(value: Any) -> str:
        rows = value.tolist() if isinstance(value, np.ndarray) else value
        if isinstance(rows, (list, tuple)) and len(rows) > ROWS_SHOWN:
            return f"[{', '.join(map(repr, rows[:ROWS_SHOWN]))}, … {len(rows)}]"
        return repr(rows)

    arguments = [short(value) for value in request.args]
    arguments += [f"{name}={short(value)}" for name, value in request.kwargs.items()]
    return f"{function}({', '.join(arguments)})"


class Shares:
    """What the checks of one exercise judge.

    Args:
        function: the exercise's name.
        type_name: of the result.
        names: its fields.
    """

    def __init__(self, function: str, type_name: str, names: Sequence[str]):
        self.function, self.type_name, self.names = function, type_name, tuple(names)

    def check(self, student: Student, request: Request, expected: Mapping[str, float], *names: str) -> None:
        """These fields (all where none is named) must be the expected ones; NaN where NaN is."""
        numbers = numbers_of(student.run(request), request, self.type_name, self.names)
        call = said(request, self.function)
        for name in names or self.names:
            mine, theirs = numbers[name], expected[name]
            fits = math.isnan(mine) if math.isnan(theirs) else near(mine, theirs)
            wanted = numeral(theirs)
            require(
                fits,
                text(f"{name} = {wanted['en']} for {call}", f"{name} = {wanted['fr']} pour {call}"),
                numeral(mine),
            )

    def check_cases(
        self, student: Student, cases: Mapping[str, Case], which: Sequence[str], *names: str
    ) -> None:
        """The same for stored cases."""
        for case in which:
            self.check(student, cases[case].request, cases[case].expected.value.fields, *names)

    def check_refusals(
        self, student: Student, cases: Mapping[str, Case], reasons: Mapping[str, Text]
    ) -> None:
        """Stored calls that must be refused, each for the reason that a failure tells."""
        for name, why in reasons.items():
            call = said(cases[name].request, self.function)
            wanted = text(
                f"an InputError for {call}: {why['en']}", f"une InputError pour {call} : {why['fr']}"
            )
            check_refused(student.run(cases[name].request), "", wanted)

    def probes(
        self, cases: Mapping[str, Case], which: Sequence[str], refusals: Mapping[str, Sequence[str]]
    ) -> dict[str, Probe]:
        """Each field of each of these cases by itself, and each group of calls to refuse."""

        def field(case: str, name: str) -> Probe:
            def answer(student: Student) -> np.ndarray:
                outcome = student.run(cases[case].request)
                numbers = None if outcome.error is not None else fields_of(outcome.value, self.names)
                if numbers is None:
                    return np.array([ERROR, 0.0])
                return np.nan_to_num([numbers[name]], nan=1e6, posinf=1e7, neginf=-1e7)

            return answer

        return {f"{case}_{name}": field(case, name) for case in which for name in self.names} | {
            group: self._refusal(cases, which, asked) for group, asked in refusals.items()
        }

    def _refusal(
        self, cases: Mapping[str, Case], which: Sequence[str], asked: Sequence[str]
    ) -> Callable[[Student], np.ndarray]:
        def answer(student: Student) -> np.ndarray:
            # While the numbers are wrong, what is refused is not their cause: such code is not asked.
            try:
                self.check_cases(student, cases, which)
            except Mismatch:
                return np.ones(len(asked))
            return np.array([float(refused(student.run(cases[name].request))) for name in asked])

        return answer
