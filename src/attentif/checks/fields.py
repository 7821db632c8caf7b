"""Judging results made of named numbers, such as an Interval or a Calibration: field by field, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from attentif.checks.compare import describe, require, value_of
from attentif.checks.text import Text, text
from attentif.checks.values import Outcome, Record, Request
from attentif.checks.wording import numeral

# A number may have been computed in float32 and be returned as a plain float.
RELATIVE, ABSOLUTE = 1e-5, 1e-5


def plain(value: Any) -> float | None:
    """The value as a float, None if it is no number; an array of one number is that number."""
    if isinstance(value, np.ndarray) and value.shape == () and value.dtype.kind in "iuf":
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value)
    except OverflowError:  # an integer beyond all floats
        return math.inf if value > 0 else -math.inf


def fields_of(value: Any, names: Sequence[str]) -> dict[str, float] | None:
    """The fields of these names as floats; None if one is missing or no number.

    What a student returns may be of another type than the library's, or a dict: the fields are what counts.
    """
    fields = value.fields if isinstance(value, Record) else value
    if not isinstance(fields, Mapping):
        return None
    numbers = {name: plain(fields.get(name)) for name in names}
    return None if None in numbers.values() else numbers


def numbers_of(outcome: Outcome, request: Request, type_name: str, names: Sequence[str]) -> dict[str, float]:
    """The fields of a result, by name; a Mismatch if the code failed, or if it returned something else."""
    value = value_of(outcome, request)
    numbers = fields_of(value, names)
    made = f"{type_name}({', '.join(f'{name}=...' for name in names)})"
    # A dict with these fields is accepted too; what is told is what the contract asks for.
    wanted = text(f"{made}, each field a number", f"{made}, où chaque champ est un nombre")
    require(numbers is not None, wanted, describe(value))
    return numbers


def near(mine: float, theirs: float) -> bool:
    """Whether two numbers are the same; nothing is near infinity but itself, and nothing near NaN."""
    if math.isinf(theirs) or not math.isfinite(mine):
        return mine == theirs
    return abs(mine - theirs) <= ABSOLUTE + RELATIVE * abs(theirs)


def require_field(
    numbers: Mapping[str, float], expected: Mapping[str, float], name: str, asked: Text
) -> None:
    """One field must be the expected one; `asked` tells for which call."""
    wanted = numeral(expected[name])
    require(
        near(numbers[name], expected[name]),
        text(f"{name} = {wanted['en']} for {asked['en']}", f"{name} = {wanted['fr']} pour {asked['fr']}"),
        numeral(numbers[name]),
    )
