"""Judging functions that return one plain number: stored values, and calls to refuse once these are right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from attentif.checks.compare import Mismatch, match, value_of
from attentif.checks.engine import Case
from attentif.checks.fingerprints import ERROR, Probe, outcome_features
from attentif.checks.refusals import check_refused, refused
from attentif.checks.student import Student
from attentif.checks.text import Text, text

# A number may be computed in float32 and be returned as a plain float.
SCALE = 1000.0


def check_numbers(student: Student, cases: Mapping[str, Case], function: str, names: Iterable[str]) -> None:
    """Put stored calls of this function to the student's code; the text of a failure shows the call."""
    for name in names:
        request = cases[name].request
        where = f"{function}({', '.join(map(repr, request.args))})"
        match(value_of(student.run(request), request), cases[name].expected.value, scale=SCALE, where=where)


def check_refusals(student: Student, cases: Mapping[str, Case], reasons: Mapping[str, Text]) -> None:
    """Stored calls that must be refused, each for the reason that a failure tells."""
    for name, why in reasons.items():
        request = cases[name].request
        shown = ", ".join(map(repr, request.args))
        wanted = text(
            f"an InputError for ({shown}): {why['en']}", f"une InputError pour ({shown}) : {why['fr']}"
        )
        check_refused(student.run(request), "", wanted)


def number_probes(
    cases: Mapping[str, Case], function: str, values: Sequence[str], refusals: Mapping[str, Sequence[str]]
) -> dict[str, Probe]:
    """One probe a stored value, and one a group of calls to refuse.

    While the values are wrong, what is refused is not their cause: such code is not asked, and answers these
    probes as the reference does.
    """

    def value(name: str) -> Probe:
        def answer(student: Student) -> np.ndarray:
            outcome = student.run(cases[name].request)
            # The kind of an error depends on how the same mistake is written.
            return np.array([ERROR, 0.0]) if outcome.error is not None else outcome_features(outcome)

        return answer

    def refusal(names: Sequence[str]) -> Probe:
        def answer(student: Student) -> np.ndarray:
            try:
                check_numbers(student, cases, function, values)
            except Mismatch:
                return np.ones(len(names))
            return np.array([float(refused(student.run(cases[name].request))) for name in names])

        return answer

    return {name: value(name) for name in values} | {
        group: refusal(names) for group, names in refusals.items()
    }
