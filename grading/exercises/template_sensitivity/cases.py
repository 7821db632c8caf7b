"""Stored inputs of the public checks: tables of scores, one row a template, one column a word.

Templates of `moved` move all words, those of `noisy` hardly any; signs of `zeros` hold zeros, and a word whose mean is
exactly 0. Of `tenths` a right share may come out a rounding above 1; those of `constant_tenths` and `zeros_tenths`, which are equal
or have a mean of 0, differ from it by rounding. All tables but `constant` have more words than templates, or fewer.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from attentif.checks.values import Request

TABLES = {
    "moved": [
        [0.75, -0.5, 1.25, -0.125, 0.5, -1.0],
        [1.5, 0.375, 1.875, 0.25, 1.375, -0.25],
        [-0.25, -1.125, 0.5, -1.0, -0.375, -1.75],
    ],
    "noisy": [[-1.0, 0.75, -0.125], [-0.75, 0.875, 0.25], [-1.125, 0.5, -0.25], [-0.875, 1.0, -0.375], [-0.5, -0.25, 0.5]],
    "zeros": [[0.5, 0.0, 0.0, -0.25], [-0.5, 0.0, 0.75, -0.75], [0.0, 0.0, 0.5, 0.125]],
    "constant": [[0.25] * 4, [0.25] * 4],
    "constant_tenths": [[0.1] * 2, [0.1] * 2, [0.1] * 2],
    "zeros_tenths": [[0.1, 0.5, -0.7, 0.0], [0.2, -0.1, 0.3, 0.4], [-0.3, 0.2, 0.4, -0.3]],
    "rows_equal": [[0.5, -0.5, 0.25], [0.5, -0.5, 0.25], [0.5, -0.5, 0.25], [0.5, -0.5, 0.25]],
    "by_template": [[0.5, 0.5, 0.5, 0.5], [-0.25, -0.25, -0.25, -0.25], [1.0, 1.0, 1.0, 1.0]],
    "tenths": [[-0.4] * 3, [-0.5] * 3, [0.2] * 3],
}  # fmt: skip


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    made = {name: np.array(table) for name, table in TABLES.items()}
    if rng is not None:
        made = {name: _twin(rng, name, table) for name, table in made.items()}
    tables: dict[str, Any] = {name: table.tolist() for name, table in made.items()}
    moved = tables["moved"]
    refused = {
        "refuses_rows": [moved[0], moved[1][:-1]],
        "refuses_one_template": moved[:1],
        "refuses_one_word": [[row[0]] for row in moved],
        "refuses_nan": [moved[0], [float("nan"), *moved[1][1:]]],
        "refuses_infinite": [[*moved[0][:-1], float("inf")], moved[1]],
    }
    return {name: Request(args=(table,)) for name, table in (tables | refused).items()}


def _twin(rng: np.random.Generator, name: str, table: np.ndarray) -> np.ndarray:
    """The table in another unit, its rows and columns in another order; where nothing is exact, moved a little.

    Where rounding is all, it must stay: another unit could take it away.
    """
    if name == "constant_tenths":
        return np.full(table.shape, rng.choice([0.2, 0.35, 0.7]))
    if name == "zeros_tenths":
        return table[:, rng.permutation(table.shape[1])] * rng.choice([-1.0, 2.0, 4.0])
    table = int(rng.choice([5, 6, 7, 9, 10, 11])) / 8 * table
    table = table[rng.permutation(len(table))][:, rng.permutation(table.shape[1])]
    if name in ("moved", "noisy"):
        table = table + np.round(rng.uniform(-0.03, 0.03, table.shape), 3)
    return table
