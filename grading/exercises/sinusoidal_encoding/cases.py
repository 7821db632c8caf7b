"""Stored inputs of the public checks: sizes, all different."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    sizes = {
        "plain": (7, 6),
        "wide": (5, 12),
        "one_position": (1, 8),
        "one_pair": (9, 2),
        "long": (60, 4),
        "refuses_odd": (4, 5),
    }
    if rng is not None:
        long, odd = int(rng.integers(61, 80)), 2 * int(rng.integers(3, 8)) + 1
        sizes = {
            "plain": (int(rng.integers(8, 12)), 2 * int(rng.integers(4, 7))),
            "wide": (int(rng.integers(4, 7)), 2 * int(rng.integers(7, 11))),
            "one_position": (1, 2 * int(rng.integers(5, 9))),
            "one_pair": (int(rng.integers(10, 16)), 2),
            "long": (long, 4),
            "refuses_odd": (int(rng.integers(3, 7)), odd),
        }
    return {
        name: Request(kwargs={"length": length, "d_model": d_model})
        for name, (length, d_model) in sizes.items()
    }
