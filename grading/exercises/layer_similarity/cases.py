"""Stored inputs of the public checks: vectors that share a direction and differ in length, senses of unequal sizes."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request

# By case: layers, dimensions, other words, senses.
SIZES = {
    "plain": (4, 5, 6, ["a", "b", "a", "c", "b", "a", "b", "b"]),
    "numbered": (3, 6, 4, [1, 1, 0, 1, 0]),
    "two_words": (2, 3, 2, ["rive", "argent", "rive"]),
    "one_sense": (3, 4, 5, ["a", "a", "a", "a"]),
}


def drawn(rng: np.random.Generator, n_layers: int, width: int, n: int) -> np.ndarray:
    """Vectors (n_layers, n, width) around a common direction of their layer, of all lengths."""
    vectors = rng.normal(size=(n_layers, n, width)) + rng.normal(size=(n_layers, 1, width))
    return vectors * rng.uniform(0.4, 2.5, size=(n_layers, n, 1))


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    requests = {}
    for number, (name, (n_layers, width, n_others, senses)) in enumerate(SIZES.items()):
        drawn_by = rng or np.random.default_rng(number)
        vectors, others = (drawn(drawn_by, n_layers, width, n) for n in (len(senses), n_others))
        requests[name] = Request(args=(vectors, list(senses), others))
    return requests
