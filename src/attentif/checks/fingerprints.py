"""Naming a mistake: a student's values are compared with those of known wrong answers.

A probe puts stored inputs to the code and reduces what comes back to a few float64 numbers. The
numbers of every catalogued mistake are stored beside the reference's (not its code), so a mistake
is recognised by what it computes, however it is written.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from attentif.checks.engine import Case, Diagnosis
from attentif.checks.student import Student
from attentif.checks.text import Text
from attentif.checks.values import Opaque, Outcome, Record, Request

N_PROJECTIONS = 3
ERROR = -2.0  # the first number of an answer that is an error
TOLERANCE = 2e-4  # a mistake may be written in float32 or in another order
# Texts and kinds of errors are numbers from here on: no measure reaches so far, and none of these is rounded.
IDENTIFIERS = 2.0**33

Probe = Callable[[Student], np.ndarray]


@dataclass(frozen=True)
class Fingerprints:
    """What the reference and each known mistake answer to each probe.

    Args:
        reference: probe name → numbers.
        mistakes: mistake → probe name → numbers.
        diagnoses: mistake → text.
        tolerances: probe name → largest difference of two answers taken for the same.
    """

    reference: Mapping[str, np.ndarray]
    mistakes: Mapping[str, Mapping[str, np.ndarray]]
    diagnoses: Mapping[str, Text]
    tolerances: Mapping[str, float]


def identifier(said: str) -> float:
    """A number that stands for a text: compared exactly, as two near ones have nothing in common."""
    return IDENTIFIERS + zlib.crc32(said.encode(errors="replace"))


def features(value: Any, salt: int = 0) -> list[float]:
    """A few numbers that tell this value from others: its shape, its non-finite share, projections."""
    if isinstance(value, Record):
        value = value.fields
    if isinstance(value, Mapping):
        value = [value[name] for name in sorted(value)]
    if isinstance(value, (tuple, list)):
        numbers = [float(len(value))]
        for index, item in enumerate(value):
            numbers.extend(features(item, salt * 31 + index + 1))
        return numbers
    if isinstance(value, str):
        return [identifier(value)]
    if value is None or isinstance(value, Opaque):
        return [-1.0]
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":  # texts, complex numbers, integers without end
        return [-1.0]
    array = array.astype(np.float64)
    finite = np.isfinite(array)
    # What is no number keeps its place: a mask of 0 and −∞ differs from its transpose.
    flat = np.nan_to_num(array, nan=11.0, posinf=7.0, neginf=-7.0).ravel()
    # Weights of all sizes: signs alone would take many masks and permutations for the same.
    weights = np.random.default_rng((salt, flat.size)).uniform(-2.0, 2.0, (N_PROJECTIONS, flat.size))
    # Normalised so that sums of many entries and of few are compared on the same scale.
    projections = weights @ flat / np.sqrt(max(1, flat.size))
    return [*(float(size) for size in array.shape), float((~finite).sum()), *projections.tolist()]


def outcome_features(outcome: Outcome) -> np.ndarray:
    """The numbers of a whole outcome: value, gradients by name, or the kind of error."""
    if outcome.error is not None:
        kind = outcome.error.split(":")[0]
        return np.array([ERROR, identifier(kind)])
    numbers = features(outcome.value)
    for name in sorted(outcome.gradients):
        numbers.extend(features(outcome.gradients[name]))
    return np.array(numbers)


def case_probes(cases: Mapping[str, Case]) -> dict[str, Probe]:
    """One probe a stored case: the outcome itself."""

    def probe(case: Case) -> Probe:
        return lambda student: outcome_features(student.run(case.request))

    return {name: probe(case) for name, case in cases.items()}


def same(first: np.ndarray, second: np.ndarray, tolerance: float) -> bool:
    """Whether two answers to a probe are the same: identifiers exactly, measures within the tolerance."""
    if first.shape != second.shape:
        return False
    near = np.abs(first - second) <= tolerance * np.maximum(1.0, np.abs(second))
    exact = (first >= IDENTIFIERS) | (second >= IDENTIFIERS)
    return bool(np.all(np.where(exact, first == second, near)))


def name_mistakes(student: Student, probes: Mapping[str, Probe], known: Fingerprints) -> list[Diagnosis]:
    """The known mistakes that explain where this code differs from the reference.

    A mistake explains a probe if the code answers as the mistake does and not as the reference does; it
    is contradicted by a probe that it would change and that the code answers like the reference. One
    mistake that explains every difference is the diagnosis. Failing that, a student may have made
    several at once: each difference is put down to the mistake, never contradicted, that explains most;
    a tie names neither, and neither does agreement in less than a third of what the mistake would change.
    """
    once = _Once(student)
    answers = {name: probe(once) for name, probe in probes.items()}

    def equal(name: str, theirs: np.ndarray) -> bool:
        return same(answers[name], theirs, known.tolerances.get(name, TOLERANCE))

    different = {name for name in answers if not equal(name, known.reference[name])}
    if not different:
        return []
    explains: dict[str, frozenset[str]] = {}
    supported: set[str] = set()
    for mistake, theirs in known.mistakes.items():
        # A probe where the mistake itself equals the reference says nothing about it.
        changed = {
            name
            for name in answers
            if not same(theirs[name], known.reference[name], known.tolerances.get(name, TOLERANCE))
        }
        if changed <= different:
            explains[mistake] = frozenset(name for name in changed if equal(name, theirs[name]))
            if 3 * len(explains[mistake]) >= len(changed):
                supported.add(mistake)
    # Many mistakes end in the same error: errors alone explain nothing, unless something else is right.
    values = {name for name in different if not _is_error(answers[name])}
    complete = [
        mistake
        for mistake, names in explains.items()
        if names == different and (values or len(different) < len(answers))
    ]
    if complete:
        return [_diagnosis(mistake, known) for mistake in complete] if len(complete) == 1 else []

    named: dict[str, int] = {}
    for probe in values:
        counts = sorted(((len(explains[m]), m) for m in supported if probe in explains[m]), reverse=True)
        if counts and (len(counts) == 1 or counts[0][0] > counts[1][0]):
            named[counts[0][1]] = counts[0][0]
    return [_diagnosis(mistake, known) for mistake in sorted(named, key=lambda m: (-named[m], m))]


class _Once:
    """A student who is asked each stored request once, however many probes put it; others are put as often as they come."""

    def __init__(self, student: Student):
        self.student = student
        self._known: dict[int, tuple[Request, Outcome]] = {}

    def run(self, request: Request) -> Outcome:
        """The outcome of one request."""
        if id(request) not in self._known:
            self._known[id(request)] = request, self.student.run(request)
        return self._known[id(request)][1]


def _is_error(answer: np.ndarray) -> bool:
    return answer.shape == (2,) and answer[0] == ERROR


def _diagnosis(mistake: str, known: Fingerprints) -> Diagnosis:
    return Diagnosis(mistake, known.diagnoses[mistake])
