"""Stored inputs of the public checks: all dimensions different, no neutral weights, float64."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request
from attentif_grading.other_inputs import larger

SIZES = 4, 5, 6  # B, T, D


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    b, t, d = larger(rng, *SIZES)
    rng = rng or np.random.default_rng(20_182)

    def vectors(rows: int = b, length: int = t) -> np.ndarray:
        return rng.normal(size=(rows, length, d)) * rng.uniform(0.6, 1.6, (rows, length, 1)) + 0.2

    def layer() -> dict:
        state = {
            # Large enough that the tangent bends, small enough that it is not a sign.
            "pooler.weight": rng.normal(size=(d, d)) / d**0.5,
            "pooler.bias": rng.normal(size=d) * 0.5,
            "classifier.weight": rng.normal(size=(2, d)),
            "classifier.bias": np.array([0.7, -1.1]),
        }
        return {"init": {"d_model": d}, "state": state}

    return {
        "batch": Request(kwargs={"hidden": vectors()}, **layer()),
        "other_batch": Request(kwargs={"hidden": vectors(3, 7)}, **layer()),
        "one_row": Request(kwargs={"hidden": vectors(1)}, **layer()),
        "one_position": Request(kwargs={"hidden": vectors(3, 1)}, **layer()),
        "one_of_each": Request(kwargs={"hidden": vectors(1, 1)}, **layer()),
        "gradients": Request(
            kwargs={"hidden": vectors()},
            cotangent=rng.normal(size=(b, 2)),
            wrt=("hidden",),
            parameter_gradients=True,
            **layer(),
        ),
    }
