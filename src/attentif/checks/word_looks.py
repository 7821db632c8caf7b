"""Reading and comparing a WordAttention, the result of attention_to, whatever holds its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from attentif.checks.compare import describe, match, require, value_of
from attentif.checks.fingerprints import ERROR, features
from attentif.checks.text import text
from attentif.checks.values import Outcome, Record, Request


def looks_of(value: object) -> dict[str, Any] | None:
    """{"weights": {candidate: table}, "elsewhere": table}, None if the value is not made of them."""
    fields = value.fields if isinstance(value, Record) else value
    if not isinstance(fields, Mapping) or not {"weights", "elsewhere"} <= set(fields):
        return None
    weights, elsewhere = fields["weights"], fields["elsewhere"]
    if not isinstance(weights, Mapping):
        return None
    tables = [*weights.values(), elsewhere]
    if not all(isinstance(each, np.ndarray) and each.dtype.kind == "f" for each in tables):
        return None
    return {"weights": dict(weights), "elsewhere": elsewhere}


def check_looks(outcome: Outcome, expected: Mapping[str, Any], request: Request, *names: str) -> None:
    """These fields of a WordAttention must be the expected ones."""
    value = value_of(outcome, request)
    found = looks_of(value)
    wanted = text(
        "a WordAttention(weights={candidate: (L, H)}, elsewhere=(L, H)) of float tensors",
        "un WordAttention(weights={candidat: (L, H)}, elsewhere=(L, H)) de tenseurs de flottants",
    )
    require(found is not None, wanted, describe(value))
    for name in names:
        match(found[name], expected[name], exact_dtype=False, of_parts=True, where=name)


def look_features(outcome: Outcome, field: str) -> np.ndarray:
    """A field as a few numbers. Of elsewhere, what it adds to the weights: 1 in all where these are right or wrong alike."""
    found = None if outcome.error is not None else looks_of(outcome.value)
    if found is None:
        return np.array([ERROR, float(outcome.error is None)])
    if field == "weights":
        return np.array(features(found["weights"]))
    tables = [*found["weights"].values(), found["elsewhere"]]
    if len({each.shape for each in tables}) != 1:
        return np.array([ERROR, 2.0])
    return np.array(features(sum(tables)))
