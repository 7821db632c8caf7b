"""Stored inputs of the public checks: facts on which every mistake shows, put to small random models."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request
from attentif_grading import fact_draws as draws


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    generators = [rng or np.random.default_rng([2_019, number]) for number in range(5)]
    grouped = draws.grouped(generators[0], draws.mixed(generators[0], "attentif"))
    alone = draws.mixed(generators[1], "transformers", 20)
    tied = draws.tied(generators[2], "attentif")
    unprimed = draws.unprimed(generators[3], "transformers")
    known = draws.mixed(generators[4], "attentif", 12)
    unknown = draws.unknown(generators[4], known[0].setting, 5)
    part = draws.grouped(generators[4], [*known[:6], *unknown, *known[6:]])
    return {
        "grouped": draws.request(grouped),
        "alone": draws.request(alone),
        "tied": draws.request(tied),
        "unprimed": draws.request(unprimed),
        "unknown": draws.request(part),
    }
