"""Stored inputs of the public checks."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    lengths = {"one": 1, "two": 2, "four": 4, "seven": 7}
    if rng is not None:
        # There is no other mask of one position.
        lengths |= {"two": 3, "four": int(rng.integers(5, 7)), "seven": int(rng.integers(8, 14))}
    return {name: Request(args=(length,)) for name, length in lengths.items()}
