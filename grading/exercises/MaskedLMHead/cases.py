"""Stored inputs of the public checks: all dimensions different, no neutral weights, float64."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Recipe, Request, part
from attentif_grading.other_inputs import larger

SIZES = 3, 4, 8, 11  # B, T, D, V


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    b, t, d, v = larger(rng, *SIZES)
    rng = rng or np.random.default_rng(20_181)

    def vectors(*shape: int, d_model: int = d) -> np.ndarray:
        return rng.normal(size=(*shape, d_model)) * rng.uniform(1.0, 2.0, (*shape, 1)) + 0.2

    def layer(*, d_model: int = d, vocab_size: int = v) -> dict:
        state = {
            "token_embedding.weight": rng.normal(size=(vocab_size, d_model)) * 0.8,
            # Large enough that the activation bends and that ε changes nothing, small enough for no step.
            "transform.weight": rng.normal(size=(d_model, d_model)) / d_model**0.5 * 1.8,
            "transform.bias": rng.normal(size=d_model) + 0.5,
            "norm.weight": rng.uniform(0.5, 1.8, d_model),
            "norm.bias": rng.normal(size=d_model) * 0.6 + 0.3,
            "bias": rng.normal(size=vocab_size) + 0.4,
        }
        table = Recipe("embedding", {"vocab_size": vocab_size, "d_model": d_model})
        return {"init": {"token_embedding": table, "norm": part("LayerNorm")}, "state": state}

    return {
        "batch": Request(kwargs={"hidden": vectors(b, t)}, **layer()),
        "one_position": Request(kwargs={"hidden": vectors(1, 1)}, **layer()),
        # As many tokens as dimensions: a table that is not transposed fits too.
        "square": Request(kwargs={"hidden": vectors(b, t)}, **layer(vocab_size=d)),
        "masked_positions": Request(kwargs={"hidden": vectors(5)}, **layer()),
        "one_vector": Request(kwargs={"hidden": vectors()}, **layer()),
        "four_axes": Request(kwargs={"hidden": vectors(2, 1, 5)}, **layer()),
        "gradients": Request(
            kwargs={"hidden": vectors(b, t)},
            cotangent=rng.normal(size=(b, t, v)),
            wrt=("hidden",),
            parameter_gradients=True,
            **layer(),
        ),
    }
