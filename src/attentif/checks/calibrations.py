"""Judging calibrations, field by field."""

from __future__ import annotations

from collections.abc import Mapping

from attentif.checks.fields import numbers_of, require_field
from attentif.checks.student import Student
from attentif.checks.text import text
from attentif.checks.values import Request

FIELDS = ("slope", "intercept", "r", "rmse", "smallest_detected")


def check_fields(student: Student, request: Request, expected: Mapping[str, float], *names: str) -> None:
    """These fields of a calibration must be the expected ones; the text of a failure shows the call."""
    numbers = numbers_of(student.run(request), request, "Calibration", FIELDS)
    planted, measured = request.args
    call = f"calibration({planted}, {measured})"
    for name in names:
        require_field(numbers, expected, name, text(call, call))
