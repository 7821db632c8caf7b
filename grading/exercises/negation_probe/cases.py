"""Stored inputs of the public checks: items on which every mistake shows, put to small random models."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request
from attentif_grading import negation_draws as draws

ASKED = {"k": draws.K, "margin": draws.MARGIN}


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    generators = [rng or np.random.default_rng([1_818, number]) for number in range(6)]
    grouped = draws.grouped(generators[0], draws.mixed(generators[0], "attentif"))
    alone = draws.mixed(generators[1], "transformers")
    tied = draws.grouped(generators[2], draws.tied(generators[2], "attentif"))
    certain = draws.grouped(generators[3], draws.certain(generators[3], "transformers"), most=2)
    articles = draws.with_articles(generators[4], "attentif")
    known = draws.mixed(generators[5], "transformers")[:10]
    unknown = draws.unknown(generators[5], known[0].setting, 5)
    part = [item for pair in zip(known[:5], unknown, strict=True) for item in pair] + known[5:]
    return {
        "grouped": draws.request(grouped, **ASKED),
        "alone": draws.request(alone, **ASKED),
        "tied": draws.request(tied, **ASKED),
        "certain": draws.request(certain, **ASKED),
        "articles": draws.request(articles),
        "unknown": draws.request(draws.grouped(generators[5], part), **ASKED),
    }
