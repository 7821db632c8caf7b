"""Stored inputs of the public checks: small causal models, built by recipe where the code runs.

Seeds are chosen so that no two candidates are nearly equal, and so that the known mistakes change the answer.
"""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Recipe, Request
from attentif_grading.other_inputs import renamed

V = 6
START = np.array([2, 4, 1])


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""

    def search(
        seed: int,
        n_new: int,
        n_beams: int,
        *,
        v: int = V,
        max_length: int = 24,
        training: bool = False,
        **options,
    ) -> Request:
        sizes = {"vocab_size": v, "seed": seed, "max_length": max_length, "sharpness": 1.0}
        model = Recipe("causal_model", {**sizes, "training": training})
        start = START % v
        if rng is not None:
            model, start, options = renamed(rng, model, start, options)
        return Request(args=(model, start, n_new), kwargs={"n_beams": n_beams, **options})

    return {
        "one_step": search(2, 1, 3),
        "two_beams": search(6, 6, 2, alpha=1.0),
        "four_beams": Request(args=search(10, 4, 4).args),  # n_beams and alpha by default
        "one_beam": search(2, 5, 1, alpha=0.0),
        "all_candidates": search(6, 2, 40, v=4, alpha=0.3),
        "eos": search(91, 6, 3, alpha=0.0, eos_id=3),
        "eos_many": search(16, 5, 4, alpha=0.0, eos_id=0),
        "eos_late": search(412, 6, 3, alpha=0.0, eos_id=5),
        "ranked": search(189, 6, 3, alpha=0.7, eos_id=3),
        "ranked_by_mean": search(67, 5, 4, alpha=1.0, eos_id=0),
        "ranked_steeply": search(85, 7, 2, alpha=1.6, eos_id=0),
        "past_context": search(5, 6, 3, max_length=5),
        "training": search(9, 4, 3, training=True),
    }
