"""Stored inputs of the public checks: mean losses and numbers of tokens of a few unequal batches."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request
from attentif_grading.other_inputs import other_batches


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    batches = {
        "one_batch": ([1.3], [7]),
        "weighted": ([0.7, 2.3, 1.4], [5, 11, 2]),
        "empty_batch": ([0.9, 3.2, 1.7, 0.4], [4, 0, 9, 3]),
        "refuses_lengths": ([1.1, 2.0, 0.5], [3, 4]),
        "refuses_more_counts": ([1.1], [3, 4]),
        "refuses_no_token": ([1.2, 0.8], [0, 0]),
        "refuses_no_batch": ([], []),
    }
    if rng is not None:
        batches = {name: other_batches(rng, *each) for name, each in batches.items()}
    return {name: Request(args=arguments) for name, arguments in batches.items()}
