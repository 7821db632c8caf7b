"""Stored inputs of the public checks: small runs, and those of known models."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request
from attentif_grading.other_inputs import other_size


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name, each (n_parameters, n_tokens)."""
    runs = {
        "few_weights": (7, 110),
        "few_tokens": (1_300, 17),
        "one_token": (5, 1),
        "larger": (1_000_000, 900),
        # 40 passes over 3.3 billion words.
        "bert_base": (110_000_000, 132_000_000_000),
        "gpt3": (175_000_000_000, 300_000_000_000),
    }
    if rng is not None:
        runs = {
            name: tuple(size if size == 1 else other_size(rng, size) for size in sizes)
            for name, sizes in runs.items()
        }
    return {name: Request(args=arguments) for name, arguments in runs.items()}
