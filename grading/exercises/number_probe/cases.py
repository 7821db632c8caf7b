"""Stored inputs of the public checks: questions of two kinds, and integers that the vocabulary writes in pieces or not at all."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request
from attentif_grading import number_draws as draws


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    generators = [rng or np.random.default_rng([2_024, number]) for number in range(4)]
    known = draws.mixed(generators[3], "attentif")
    unknown = draws.unknown(generators[3], known[0].setting, 5)
    return {
        "plain": draws.request(draws.mixed(generators[0], "attentif"), draws.integers(generators[0])),
        "hub": draws.request(draws.mixed(generators[1], "transformers"), draws.integers(generators[1])),
        "tied": draws.request(draws.mixed(generators[2], "attentif", ties=True), [1, 7]),
        "unknown": draws.request([*known[:7], *unknown, *known[7:]], draws.integers(generators[3])),
        "refuses_chances": draws.request([*known, draws.one_more_candidate(known)], [3]),
        "refuses_negative": draws.request(known, [int(generators[3].integers(1, 99)), -1]),
    }
