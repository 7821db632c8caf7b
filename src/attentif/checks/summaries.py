"""Judging functions that sum up data: one number, or a few by name, such as the fields of a PairedTest.

What a call gives is read as numbers by name, whatever holds them; a function that returns one plain number has one name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from attentif.checks.calls import call_or, refusal_wanted
from attentif.checks.compare import Mismatch, describe, require, value_of
from attentif.checks.engine import Case
from attentif.checks.fields import plain
from attentif.checks.fingerprints import ERROR, Probe
from attentif.checks.refusals import check_refused, refused
from attentif.checks.student import Student
from attentif.checks.text import Text, text
from attentif.checks.values import Outcome, Record, Request
from attentif.checks.wording import numeral


@dataclass(frozen=True)
class Summary:
    """What a function returns, and how a call of it is told.

    Args:
        names: of its numbers, in order.
        asked: what a request asks for, in words that do not repeat all its numbers.
        function: the exercise's name; with it, a call that is short enough is shown instead.
        type_name: of the dataclass that holds the numbers; empty for a plain number.
        tolerance: the largest difference of two numbers that are taken for the same; they may be computed in float32.
    """

    names: tuple[str, ...]
    asked: Callable[[Request], Text]
    type_name: str = ""
    tolerance: float = 1e-5
    function: str = ""

    def told(self, request: Request) -> Text:
        """A call, whole if it is short, or what it asks for."""
        return call_or(self.function, request, self.asked(request))

    def near(self, mine: float, theirs: float) -> bool:
        """Whether two numbers are the same, relatively or, near 0, absolutely; nothing is near NaN."""
        return abs(mine - theirs) <= self.tolerance * max(1.0, abs(theirs))

    def read(self, value: Any) -> dict[str, float] | None:
        """The numbers in a value that came back, None if it is not made of them; a flag is 0 or 1."""
        fields = value.fields if isinstance(value, Record) else value
        if not self.type_name:
            fields = {self.names[0]: value}
        if not isinstance(fields, Mapping):
            return None
        found = {name: fields.get(name) for name in self.names}
        numbers = {
            name: float(each) if self.type_name and isinstance(each, bool) else plain(each)
            for name, each in found.items()
        }
        return None if None in numbers.values() else numbers

    def found(self, outcome: Outcome) -> dict[str, float] | None:
        """The numbers of an outcome, None where the code failed or returned something else."""
        return None if outcome.error is not None else self.read(outcome.value)

    def numbers(self, student: Student, request: Request) -> dict[str, float]:
        """The numbers that the code gives for a call; a Mismatch if it gives none."""
        value = value_of(student.run(request), request)
        numbers = self.read(value)
        made = f"{self.type_name}({', '.join(f'{name}=...' for name in self.names)})"
        wanted = text(f"{made}, each field a number", f"{made}, où chaque champ est un nombre")
        if not self.type_name:
            wanted = text("a number", "un nombre")
        require(numbers is not None, wanted, describe(value))
        return numbers

    def check(
        self, student: Student, request: Request, expected: Mapping[str, float], *names: str
    ) -> dict[str, float]:
        """These numbers (all, if none are named) must be the expected ones; the numbers come back."""
        numbers, asked = self.numbers(student, request), self.told(request)
        for name in names or self.names:
            wanted = numeral(expected[name])
            require(
                self.near(numbers[name], expected[name]),
                text(
                    f"{name} = {wanted['en']} for {asked['en']}",
                    f"{name} = {wanted['fr']} pour {asked['fr']}",
                ),
                numeral(numbers[name]),
            )
        return numbers

    def check_between(
        self, student: Student, request: Request, name: str, bounds: tuple[float, float]
    ) -> None:
        """A number that owes something to chance must lie between two bounds."""
        number, asked = self.numbers(student, request)[name], self.told(request)
        low, high = (numeral(bound, ".4g") for bound in bounds)
        require(
            bounds[0] - 1e-9 <= number <= bounds[1] + 1e-9,
            text(
                f"{name} between {low['en']} and {high['en']} for {asked['en']}",
                f"{name} entre {low['fr']} et {high['fr']} pour {asked['fr']}",
            ),
            numeral(number),
        )

    def check_stored(
        self, student: Student, cases: Mapping[str, Case], which: Iterable[str], *names: str
    ) -> None:
        """These numbers of stored cases must be those stored."""
        for case in which:
            self.check(student, cases[case].request, self.read(cases[case].expected.value), *names)

    def check_refused(self, student: Student, request: Request, why: Text) -> None:
        """The call must be refused by an InputError or another ValueError; `why` says what is wrong with it."""
        check_refused(student.run(request), "", refusal_wanted(self.function, request, why))

    def probe(self, cases: Mapping[str, Case], which: Sequence[str], *names: str) -> Probe:
        """These numbers (all, if none are named) of stored cases, together."""

        def answer(student: Student) -> np.ndarray:
            found = [self.found(student.run(cases[case].request)) for case in which]
            if None in found:
                # The kind of an error depends on how the same mistake is written.
                return np.array([ERROR, 0.0])
            told = [numbers[name] for numbers in found for name in names or self.names]
            return np.nan_to_num(np.array(told), nan=1e6, posinf=1e7, neginf=-1e7)

        return answer

    def sound_probe(
        self, cases: Mapping[str, Case], which: Iterable[str], right: Callable[[Student], Any]
    ) -> Probe:
        """Whether all numbers of an edge are right, of code that `right` finds no fault with.

        What comes of 0 / 0 depends on how it is written: NaN, an error.
        """

        def answer(student: Student) -> np.ndarray:
            try:
                right(student)
            except Mismatch:
                return np.ones(1)
            try:
                self.check_stored(student, cases, which)
            except Mismatch:
                return np.zeros(1)
            return np.ones(1)

        return answer

    def share_probe(
        self,
        cases: Mapping[str, Case],
        which: Sequence[str],
        name: str = "p",
        *,
        near: float = 0.0,
        bounds: Mapping[str, tuple[float, float]] | None = None,
    ) -> Probe:
        """A p-value of several cases, told so that chance in it does not count: right ones as 9, and 5 for what is only near.

        Args:
            near: how near one that was drawn is to an exact one.
            bounds: where a right one lies, of cases where it is drawn.
        """

        def told(case: str, p: float) -> float:
            expected = self.read(cases[case].expected.value)[name]
            if bounds and case in bounds:
                return 9.0 if bounds[case][0] <= p <= bounds[case][1] else p
            if self.near(p, expected):
                return 9.0
            # A p of 0, or of 1, is told from one that is only near it.
            return 5.0 if abs(p - expected) < near else {0.0: -1.0, 1.0: 11.0}.get(p, p)

        def answer(student: Student) -> np.ndarray:
            found = {case: self.found(student.run(cases[case].request)) for case in which}
            if None in found.values():
                return np.array([ERROR, 0.0])
            return np.nan_to_num([told(case, each[name]) for case, each in found.items()], nan=1e6)

        return answer

    def seed_probe(
        self, request: Request, seeds: Sequence[int], right: Callable[[Student], Any], name: str = "p"
    ) -> Probe:
        """Whether a seed gives the same again, and whether all seeds give the same; as above, only of right code."""

        def answer(student: Student) -> np.ndarray:
            try:
                right(student)
                found = self.by_seed(student, request, seeds, name)
            except Mismatch:
                return np.array([1.0, 0.0])
            return np.array([float(_repeated(found)), float(_fixed(found))])

        return answer

    def by_seed(
        self, student: Student, request: Request, seeds: Sequence[int], name: str = "p"
    ) -> dict[int, list[float]]:
        """A number of 500 draws by seed, each of the first two seeds given twice."""
        found: dict[int, list[float]] = {}
        for seed in (*seeds, *seeds[:2]):
            again = replace(request, kwargs=request.kwargs | {"seed": seed, "n_resamples": 500})
            found.setdefault(seed, []).append(self.numbers(student, again)[name])
        return found

    def check_seeds(self, student: Student, request: Request, seeds: Sequence[int], name: str = "p") -> None:
        """The seed decides all draws; of six seeds, a right answer never gives all the same."""
        found = self.by_seed(student, request, seeds, name)
        require(
            _repeated(found),
            text(f"the same {name} when the same seed is given twice", f"le même {name} quand la même graine est donnée deux fois"),
            text("two", "deux valeurs"),
        )  # fmt: skip
        require(
            not _fixed(found),
            text(
                f"other draws with other seeds, {seeds}", f"d'autres tirages avec d'autres graines, {seeds}"
            ),
            text(f"the same {name} with each", f"le même {name} avec chacune"),
        )

    def refusal_probe(
        self, cases: Mapping[str, Case], refusals: Sequence[str], right: Callable[[Student], Any]
    ) -> Probe:
        """Which of these calls are refused. Code that `right` finds at fault is not asked: that is not their cause."""

        def answer(student: Student) -> np.ndarray:
            try:
                right(student)
            except Mismatch:
                return np.ones(len(refusals))
            return np.array([float(refused(student.run(cases[name].request))) for name in refusals])

        return answer


def _repeated(found: Mapping[int, Sequence[float]]) -> bool:
    return all(len(set(each)) == 1 for each in found.values())


def _fixed(found: Mapping[int, Sequence[float]]) -> bool:
    return len({number for each in found.values() for number in each}) == 1
