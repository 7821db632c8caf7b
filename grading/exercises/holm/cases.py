"""Stored inputs of the public checks: p-values in some order, whose products rise, fall, or exceed 1."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request

VALUES = {
    # Sorted by size, the products go up and down again, so that some are raised.
    "several": [0.03, 0.004, 0.04, 0.012, 0.011, 0.3, 0.16],
    "rising": [0.2, 0.001, 0.02, 0.007],
    "equal": [0.02, 0.3, 0.02, 0.02, 0.008],
    "large": [0.6, 0.03, 0.9, 0.4, 0.55],
    "one": [0.04],
    "refuses_above": [0.02, 1.2, 0.3],
    "refuses_below": [0.02, -0.1, 0.3],
    "refuses_nan": [0.02, float("nan"), 0.3],
    "refuses_empty": [],
}


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    made = dict(VALUES)
    if rng is not None:
        for name in ("several", "rising", "equal", "large", "one"):
            values = float(rng.uniform(0.75, 0.95)) * np.array(VALUES[name])
            made[name] = np.round(rng.permutation(values), 6).tolist()
        # Never sorted, never reversed: an order that is lost must show.
        for name in ("several", "rising"):
            while abs(np.corrcoef(np.argsort(made[name]), range(len(made[name])))[0, 1]) > 0.9:
                made[name] = rng.permutation(made[name]).tolist()
        for name in ("refuses_above", "refuses_below", "refuses_nan"):
            made[name] = [float(np.round(rng.uniform(0.01, 0.4), 3)), VALUES[name][1], 0.3]
    return {name: Request(args=(list(values),)) for name, values in made.items()}
