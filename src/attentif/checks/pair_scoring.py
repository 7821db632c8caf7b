"""Judging the scores of pairs of sentences: a table (N, 2) in nats, whatever holds its numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from attentif.checks.compare import describe, require, value_of
from attentif.checks.masked_scoring import near
from attentif.checks.text import Text, text
from attentif.checks.values import Outcome, Request
from attentif.checks.wording import numeral

DEFINITIONS = ("unmodified", "modified", "aul", "aula")
# Of a score that was rounded to 3 decimals after it was computed in float32, the last one may differ.
LAST_DECIMAL = 1.5e-3


def table_of(value: Any) -> np.ndarray | None:
    """The scores as float64 (N, 2); None if these are no pairs of numbers."""
    if isinstance(value, np.ndarray):
        fits = value.ndim == 2 and value.shape[1] == 2 and value.dtype.kind in "iuf"
        return value.astype(np.float64) if fits else None
    if not isinstance(value, (list, tuple)):
        return None
    rows = [row.tolist() if isinstance(row, np.ndarray) else row for row in value]
    for row in rows:
        pair = isinstance(row, (list, tuple)) and len(row) == 2
        if not pair or not all(type(number) in (int, float) and not abs(number) > 1e300 for number in row):
            return None
    return np.array(rows, dtype=np.float64).reshape(-1, 2)


def is_rounded(numbers: np.ndarray) -> bool:
    """Whether all that are numbers have at most 3 decimals."""
    thousandths = 1000 * numbers[np.isfinite(numbers)]
    return bool(np.abs(thousandths - np.round(thousandths)).max(initial=0.0) < 1e-6)


def _score(score: float, form: str) -> Text:
    """A score with its unit; NaN stands for none."""
    if math.isnan(score):
        return text("no score (NaN)", "pas de score (NaN)")
    return {language: f"{said} nats" for language, said in numeral(score, form).items()}


def check_table(
    outcome: Outcome, expected: Sequence[Sequence[float]], request: Request, rounded: bool = False
) -> None:
    """Two scores a pair, in the order of the pairs; NaN where NaN is expected."""
    value = value_of(outcome, request)
    table, pairs = table_of(value), request.args[2]
    wanted = text(f"two scores a pair, ({len(pairs)}, 2)", f"deux scores par paire, ({len(pairs)}, 2)")
    require(table is not None and table.shape == (len(pairs), 2), wanted, describe(value))
    options = "".join(f", {name}={option!r}" for name, option in request.kwargs.items())
    for pair, mine, theirs in zip(pairs, table, expected, strict=True):
        for said, one, other in zip(pair, mine.tolist(), theirs, strict=True):
            if math.isnan(other):
                fits = math.isnan(one)
            else:
                fits = abs(one - other) <= LAST_DECIMAL if rounded else near(one, other)
            asked = f"{said!r} / {pair[0]!r}, {pair[1]!r}{options}"
            wanted = _score(other, ".3f" if rounded else ".5f")
            require(
                fits,
                text(f"{asked}: {wanted['en']}", f"{asked} : {wanted['fr']}"),
                _score(one, ".5f"),
            )
    if rounded:
        require(
            is_rounded(table),
            text("scores rounded to 3 decimals", "des scores arrondis à 3 décimales"),
            text(f"{table[0, 0]!r}", f"{table[0, 0]!r}"),
        )
