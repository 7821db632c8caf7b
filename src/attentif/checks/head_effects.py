"""Reading and comparing a HeadEffect, the result of head_effect, whatever holds its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from attentif.checks.compare import describe, match, require, value_of
from attentif.checks.fields import plain
from attentif.checks.fingerprints import ERROR, features
from attentif.checks.text import text
from attentif.checks.values import Outcome, Record, Request


def effects_of(value: object) -> dict[str, Any] | None:
    """{"total": float, "indirect": array}, None if the value is not made of them."""
    fields = value.fields if isinstance(value, Record) else value
    if not isinstance(fields, Mapping) or not {"total", "indirect"} <= set(fields):
        return None
    total, indirect = plain(fields["total"]), fields["indirect"]
    if total is None or not isinstance(indirect, np.ndarray) or indirect.dtype.kind != "f":
        return None
    return {"total": total, "indirect": indirect}


def check_effects(outcome: Outcome, expected: Mapping[str, Any], request: Request, *names: str) -> None:
    """These fields of a HeadEffect must be the expected ones."""
    value = value_of(outcome, request)
    found = effects_of(value)
    wanted = text(
        "a HeadEffect(total=a number, indirect=an array (N,))",
        "un HeadEffect(total=un nombre, indirect=un tableau (N,))",
    )
    require(found is not None, wanted, describe(value))
    for name in names:
        # As arrays: single precision is enough for both.
        mine, theirs = (np.asarray(each[name], dtype=np.float64) for each in (found, expected))
        match(mine, theirs, of_parts=True, where=name)


def effect_features(outcome: Outcome, field: str) -> np.ndarray:
    """A field as a few numbers; the kind of an error depends on how the same mistake is written."""
    found = None if outcome.error is not None else effects_of(outcome.value)
    return np.array([ERROR, float(outcome.error is None)] if found is None else features(found[field]))
