"""Judging a loss: one number in float32 or wider, whatever the dtype of the logits, and its gradient."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from attentif.checks.compare import Mismatch, describe, match, match_gradients, require, value_of
from attentif.checks.engine import Case
from attentif.checks.fingerprints import ERROR, TOLERANCE, Probe, outcome_features, same
from attentif.checks.student import Student
from attentif.checks.text import text
from attentif.checks.values import Outcome, Request
from attentif.checks.wording import Place

ONE_NUMBER = text(
    "a tensor of one number, float32 or wider", "un tenseur d'un seul nombre, en float32 ou plus large"
)
WIDE = ("float32", "float64")
# A loss may be computed in float32 where the logits are float64.
SCALE = 1000.0
# Rounding a loss to float16 must change it by more than the checks allow, or the rounding would not show.
SHOWS = 3e-4


def check_loss(student: Student, request: Request, value: Any, gradient: np.ndarray | None = None) -> Outcome:
    """Put a request to the student's code; compare the loss and, if one is given, the gradient of the logits."""
    outcome = student.run(request)
    got = value_of(outcome, request)
    fits = isinstance(got, np.ndarray) and got.shape == () and got.dtype.name in WIDE
    require(fits, ONE_NUMBER, describe(got))
    match(float(got), float(value), scale=SCALE, where=_called(request))
    if gradient is not None:
        match_gradients(outcome.gradients, {"logits": gradient}, scale=SCALE)
    return outcome


def check_stored(student: Student, cases: Mapping[str, Case], *names: str) -> None:
    """Put stored requests to the student's code, with the gradients that they ask for."""
    for name in names:
        case = cases[name]
        check_loss(student, case.request, case.expected.value, case.expected.gradients.get("logits"))


def loss_probes(cases: Mapping[str, Case], first: str, later: Iterable[str]) -> dict[str, Probe]:
    """One probe a stored case.

    Args:
        cases: the stored cases; the one called `half` is asked only whether it is right.
        first: the case of the plain formula.
        later: cases that ask for more than the formula. Where the formula itself is wrong, they are not its
            cause: such code is not asked, and answers them as the reference does.
    """
    later = frozenset(later)

    def is_right(student: Student) -> bool:
        case = cases[first]
        return same(_numbers(student.run(case.request)), _numbers(case.expected), TOLERANCE)

    def probe(name: str, case: Case) -> Probe:
        def answer(student: Student) -> np.ndarray:
            asked = name not in later or is_right(student)
            if name == "half":
                return np.array([float(not asked or _is_right_in_half(student, case))])
            return _numbers(student.run(case.request) if asked else case.expected)

        return answer

    return {name: probe(name, case) for name, case in cases.items()}


def rounding_shows(loss: float) -> bool:
    """Whether a loss that was rounded to float16 can be told from the exact one."""
    return abs(float(np.float16(loss)) / loss - 1.0) > SHOWS


def _called(request: Request) -> Place:
    """The loss of this call: a failure tells for which shape, and for which padding."""
    shape = tuple(int(size) for size in request.kwargs["logits"].shape)
    pad_id = f", pad_id={request.kwargs['pad_id']}" if "pad_id" in request.kwargs else ""
    return Place(text(f"the loss of logits {shape}{pad_id}", f"la perte de logits {shape}{pad_id}"))


def _is_right_in_half(student: Student, case: Case) -> bool:
    try:
        check_loss(student, case.request, case.expected.value)
    except Mismatch:
        return False
    return True


def _numbers(outcome: Outcome) -> np.ndarray:
    # The kind of an error depends on how the same mistake is written.
    return np.array([ERROR, 0.0]) if outcome.error is not None else outcome_features(outcome)
