"""Stored inputs of the public checks: models and likelihoods whose answers do not depend on which right shuffles are drawn."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request
from attentif_grading import order_draws as draws


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    generators = [rng or np.random.default_rng([2_021, number]) for number in range(6)]
    seeds = [int(each.integers(2**20)) for each in generators]
    long = draws.known_orders(generators[0], (9, 10, 9, 11, 10, 9, 12))
    short = draws.known_orders(generators[1], (3,) * 6)
    neighbours = draws.known_orders(generators[2], (9, 9, 10, 9, 11), n=3, ends=(" .",))
    unknown = draws.known_orders(generators[5], (9, 10, 9, 11, 10, 9), unknown=3)
    return {
        "long": long.request(n_shuffles=3, seed=seeds[0]),
        "short": short.request(n_shuffles=40, seed=seeds[1]),
        "neighbours": neighbours.request(n=3, n_shuffles=4, seed=seeds[2]),
        "first_pair": draws.first_pairs(generators[3]).request(n_shuffles=draws.MANY, seed=seeds[3]),
        "still": draws.still_mask(generators[4]).request(n_shuffles=20, seed=seeds[4]),
        "unknown": unknown.request(generators[5], n_shuffles=2, seed=seeds[5]),
    }
