"""Stored inputs of the public checks: all dimensions different, no neutral weights, float64."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Recipe, Request, part
from attentif_grading.other_inputs import larger

SIZES = 4, 5, 7, 2, 3  # B, T, S, H, K


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    b, t, s, h, k = larger(rng, *SIZES)
    d = h * k
    rng = rng or np.random.default_rng(20_171)

    def sequence(*, batch: int = b, length: int = t) -> np.ndarray:
        return rng.normal(size=(batch, length, d)) * rng.uniform(0.5, 1.5, (length, 1)) + 0.2

    def layer(*, bias: bool = True, dropout: float = 0.0, attend=None, n_heads: int = h) -> dict:
        state = {}
        for name in ("query", "key", "value", "output"):
            state[f"{name}_projection.weight"] = rng.normal(size=(d, d)) / d**0.5 * 1.5
            if bias:
                state[f"{name}_projection.bias"] = rng.normal(size=d) * 0.7
        attend = attend or part("scaled_dot_product_attention")
        init = {"d_model": d, "n_heads": n_heads, "dropout": dropout, "bias": bias, "attend": attend}
        return {"init": init, "state": state}

    # Irregular, so that no mask of another orientation equals it, and every row sees something.
    def visible(*shape: int) -> np.ndarray:
        mask = rng.random(shape) < 0.6
        mask[..., 0] |= ~mask.any(-1)
        return mask

    other = Recipe("distance_attention")
    return {
        "self": Request(kwargs={"query": sequence()}, **layer()),
        "one_position": Request(kwargs={"query": sequence(batch=1, length=1)}, **layer()),
        "no_bias": Request(kwargs={"query": sequence()}, **layer(bias=False, n_heads=k)),
        "cross": Request(kwargs={"query": sequence(), "key": sequence(length=s)}, **layer()),
        "cross_same_length": Request(kwargs={"query": sequence(), "key": sequence()}, **layer()),
        "cross_value": Request(
            kwargs={"query": sequence(), "key": sequence(length=s), "value": sequence(length=s)}, **layer()
        ),
        "three_same_length": Request(
            kwargs={"query": sequence(), "key": sequence(), "value": sequence()}, **layer()
        ),
        "masked": Request(kwargs={"query": sequence(), "mask": visible(b, 1, t, t)}, **layer()),
        # S = T from here on: that the two lengths may differ is asked above, so that it costs points once.
        "key_mask": Request(
            kwargs={"query": sequence(), "key": sequence(), "mask": visible(b, 1, 1, t)}, **layer()
        ),
        "causal": Request(kwargs={"query": sequence(), "mask": np.tri(t, dtype=bool)}, **layer()),
        "gradients": Request(
            kwargs={"query": sequence(), "key": sequence(), "value": sequence()},
            cotangent=rng.normal(size=(b, t, d)),
            wrt=("query", "key", "value"),
            parameter_gradients=True,
            **layer(),
        ),
        "evaluation": Request(kwargs={"query": sequence()}, **layer(dropout=0.4)),
        "other_attention": Request(
            kwargs={"query": sequence(), "key": sequence(), "mask": visible(1, 1, t, t)},
            **layer(dropout=0.3, attend=other),
        ),
        "other_attention_training": Request(
            kwargs={"query": sequence()}, training=True, **layer(dropout=0.3, attend=other)
        ),
    }
