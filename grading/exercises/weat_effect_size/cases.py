"""Stored inputs of the public checks: sets of vectors of different numbers and lengths, and targets that are all alike.

`plain` has targets that lean to their attributes, `other_way` to those of the others; `one_each` one vector a set.
"""

from __future__ import annotations

import numpy as np

from attentif.checks.public.weat_effect_size import ROUNDED
from attentif.checks.values import Request

# Rows of the four sets, and their width: all different, so that a wrong axis or divisor shows.
FEW = (3, 2, 2, 1, 2)  # so few that they can be shown whole
SIZES = {"plain": (5, 3, 4, 2, 6), "other_way": (3, 7, 2, 5, 4), "one_each": (2, 3, 1, 1, 8)}
LEANING = {"plain": 0.6, "other_way": -0.8, "one_each": 0.5}


def sets(rng: np.random.Generator, sizes: tuple[int, ...], leaning: float) -> tuple[np.ndarray, ...]:
    """Four sets of vectors; the first targets lean to the first attributes, the second ones to the second."""
    *rows, width = sizes
    axis = rng.normal(size=width)
    sides = (leaning, -leaning, 1.0, -1.0)
    return tuple(
        # Lengths from a half to five, so that dot products and cosines differ.
        (rng.normal(0.2, 1.0, (n, width)) + side * axis) * rng.uniform(0.5, 5.0, (n, 1))
        for n, side in zip(rows, sides, strict=True)
    )


def few(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """A few short vectors of one decimal, none of them near 0."""
    while True:
        made = tuple(np.round(vectors, 1) for vectors in sets(rng, FEW, 0.4))
        if min(np.linalg.norm(vectors, axis=1).min() for vectors in made) > 0.4:
            return made


def alike(rng: np.random.Generator | None) -> tuple[np.ndarray, ...]:
    """Targets on one axis of the space: their lengths differ, their cosines do not, to the last bit."""
    axis = 1 if rng is None else int(rng.integers(4))
    lengths = [2.0, 8.0, 0.5, 4.0, 1.0, 16.0, 0.25] if rng is None else 2.0 ** rng.integers(-3, 6, 7)
    along = np.eye(4)[axis]
    targets = np.outer(lengths, along)
    return targets[:3], targets[3:], np.array([2.0 * along, 4.0 * along]), np.array([-8.0 * along])


def alike_but_for_rounding(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Targets in one direction of any kind, of any length: their cosines are the same, but not to the last bit.

    Drawn until the roundings do not cancel in two ways of taking the means: they might, by chance.
    """
    while True:
        targets = np.outer(rng.uniform(0.3, 9.0, 9), rng.normal(size=12))
        attributes = rng.normal(0.5, 1.0, (25, 12)), rng.normal(size=(31, 12))
        units = [each / np.linalg.norm(each, axis=1, keepdims=True) for each in (targets, *attributes)]
        products = units[0] @ units[1].T, units[0] @ units[2].T
        by_mean = products[0].mean(axis=1) - products[1].mean(axis=1)
        by_sum = np.array(
            [sum(row) / len(row) - sum(other) / len(other) for row, other in zip(*products, strict=True)]
        )
        if all(each[:4].mean() != each[4:].mean() for each in (by_mean, by_sum)):
            return targets[:4], targets[4:], *attributes


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    drawn = rng or np.random.default_rng(2_017)
    requests = {name: Request(args=sets(drawn, sizes, LEANING[name])) for name, sizes in SIZES.items()}
    requests["few"] = Request(args=few(rng or np.random.default_rng(2_018)))
    requests["alike"] = Request(args=alike(rng))
    # Several: on another machine the roundings of one may cancel.
    drawn = rng or np.random.default_rng(2_023)
    for name in ROUNDED:
        requests[name] = Request(args=alike_but_for_rounding(drawn))
    x, y, first, second = sets(drawn, SIZES["plain"], 0.6)

    def spoiled(vectors: np.ndarray, value: float) -> np.ndarray:
        wrong = vectors.copy()
        wrong[1] = value
        return wrong

    return requests | {
        "refuses_zeros": Request(args=(spoiled(x, 0.0), y, first, second)),
        "refuses_nan": Request(args=(x, y, spoiled(first, float("nan")), second)),
        "refuses_infinite": Request(args=(x, spoiled(y, float("inf")), first, second)),
        "refuses_widths": Request(args=(x, y, first, second[:, :-1])),
        "refuses_one_axis": Request(args=(x[0], y, first, second)),
    }
