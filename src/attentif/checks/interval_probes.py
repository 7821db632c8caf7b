"""What a bootstrap computes, in numbers that known mistakes change: see `attentif.checks.fingerprints`.

Fields that owe nothing to chance are compared one by one. Both ends of all intervals are compared together, in units
that make chance in each about the same: the half width of a right interval at 95 %. Where all of them can be right,
they say nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from attentif.checks.engine import Case
from attentif.checks.fields import fields_of, near
from attentif.checks.fingerprints import ERROR, Probe
from attentif.checks.intervals import FIELDS, Bounds, interval_request
from attentif.checks.refusals import refused
from attentif.checks.student import Student
from attentif.checks.values import Request

LOWEST, HIGHEST = -0.95, 1.4  # beyond, an end is one of the extremes of all draws
RIGHT, COLLAPSED = 9.0, -9.0
ENDS = ("low", "high")


def half_width(bounds: Bounds) -> float:
    """Half the width of a right interval."""
    return (sum(bounds[1]) - sum(bounds[0])) / 4


def found_in(student: Student, request: Request) -> dict[str, float] | None:
    """The fields of the interval that the code gives, None if it gives none."""
    outcome = student.run(request)
    return None if outcome.error is not None else fields_of(outcome.value, FIELDS)


def field_probe(case: Case, field: str, unit: float = 1.0) -> Probe:
    """A field that owes nothing to chance: whether it is right, and how many units it is off."""

    def answer(student: Student) -> np.ndarray:
        found = found_in(student, case.request)
        if found is None:
            return np.array([ERROR, 0.0])
        expected = case.expected.value.fields[field]
        return _finite([near(found[field], expected), (found[field] - expected) / unit])

    return answer


def ends_probe(cases: Mapping[str, Case], bounds: Mapping[str, Bounds], units: Mapping[str, float]) -> Probe:
    """Both ends in each of these cases, by case name; `units` are what they are measured in."""

    def place(found: Mapping[str, float], name: str) -> np.ndarray:
        centre = cases[name].expected.value.fields["estimate"]
        if abs(found["high"] - found["low"]) < 1e-6 * units[name]:
            # All draws gave the same mean: which one may be chance, unless it is that of all values.
            return np.array([COLLAPSED, float(abs(found["low"] - centre) < 1e-6)])
        return _finite(np.clip([(found[end] - centre) / units[name] for end in ENDS], LOWEST, HIGHEST))

    def answer(student: Student) -> np.ndarray:
        found = {name: found_in(student, cases[name].request) for name in units}
        if None in found.values():
            return np.array([ERROR, 0.0])
        if all(is_inside(mine, bounds[name]) for name, mine in found.items()):
            return np.full(2 * len(units), RIGHT)
        return np.concatenate([place(mine, name) for name, mine in found.items()])

    return answer


def is_inside(found: Mapping[str, float], bounds: Bounds) -> bool:
    """Whether both ends are where a right interval can end."""
    return all(least <= found[end] <= greatest for end, (least, greatest) in zip(ENDS, bounds, strict=True))


def seed_probe(case: Case, bounds: Bounds, seeds: tuple[int, int]) -> Probe:
    """Whether the same seed gives the same ends, and another seed too."""

    def answer(student: Student) -> np.ndarray:
        # While the interval is wrong, the seed is not its cause: such code is not asked.
        found = found_in(student, case.request)
        if found is None or not is_inside(found, bounds):
            return np.array([1.0, 0.0])
        requests = [
            interval_request(*case.request.args, n_resamples=200, seed=seed) for seed in (seeds[0], *seeds)
        ]
        answers = [found_in(student, request) for request in requests]
        if None in answers:
            return np.array([ERROR, 0.0])
        first, again, other = ([mine[end] for end in ENDS] for mine in answers)
        return np.array([float(np.allclose(first, again)), float(np.allclose(first, other))])

    return answer


def refusal_probe(case: Case, bounds: Bounds, calls: Sequence[Case]) -> Probe:
    """Which of these calls are refused."""

    def answer(student: Student) -> np.ndarray:
        # As above: while the interval is wrong, what is refused is not its cause.
        found = found_in(student, case.request)
        if found is None or not is_inside(found, bounds):
            return np.ones(len(calls))
        return np.array([float(refused(student.run(call.request))) for call in calls])

    return answer


def _finite(numbers: Sequence[float] | np.ndarray) -> np.ndarray:
    return np.nan_to_num(np.array(numbers, dtype=np.float64), nan=1e6, posinf=1e7, neginf=-1e7)
