"""Stored inputs of the public checks: all dimensions different, no neutral weights, float64."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Recipe, Request, part

B, T, S, H, K = 4, 5, 7, 2, 3
D = H * K


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    rng = rng or np.random.default_rng(20_171)

    def sequence(*, batch: int = B, length: int = T) -> np.ndarray:
        return rng.normal(size=(batch, length, D)) * rng.uniform(0.5, 1.5, (length, 1)) + 0.2

    def layer(*, bias: bool = True, dropout: float = 0.0, attend=None, n_heads: int = H) -> dict:
        state = {}
        for name in ("query", "key", "value", "output"):
            state[f"{name}_projection.weight"] = rng.normal(size=(D, D)) / D**0.5 * 1.5
            if bias:
                state[f"{name}_projection.bias"] = rng.normal(size=D) * 0.7
        attend = attend or part("scaled_dot_product_attention")
        init = {"d_model": D, "n_heads": n_heads, "dropout": dropout, "bias": bias, "attend": attend}
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
        "no_bias": Request(kwargs={"query": sequence()}, **layer(bias=False, n_heads=3)),
        "cross": Request(kwargs={"query": sequence(), "key": sequence(length=S)}, **layer()),
        "cross_same_length": Request(kwargs={"query": sequence(), "key": sequence()}, **layer()),
        "cross_value": Request(
            kwargs={"query": sequence(), "key": sequence(length=S), "value": sequence(length=S)}, **layer()
        ),
        "three_same_length": Request(
            kwargs={"query": sequence(), "key": sequence(), "value": sequence()}, **layer()
        ),
        "masked": Request(kwargs={"query": sequence(), "mask": visible(B, 1, T, T)}, **layer()),
        # S = T from here on: that the two lengths may differ is asked above, so that it costs points once.
        "key_mask": Request(
            kwargs={"query": sequence(), "key": sequence(), "mask": visible(B, 1, 1, T)}, **layer()
        ),
        "causal": Request(kwargs={"query": sequence(), "mask": np.tri(T, dtype=bool)}, **layer()),
        "gradients": Request(
            kwargs={"query": sequence(), "key": sequence(), "value": sequence()},
            cotangent=rng.normal(size=(B, T, D)),
            wrt=("query", "key", "value"),
            parameter_gradients=True,
            **layer(),
        ),
        "evaluation": Request(kwargs={"query": sequence()}, **layer(dropout=0.4)),
        "other_attention": Request(
            kwargs={"query": sequence(), "key": sequence(), "mask": visible(1, 1, T, T)},
            **layer(dropout=0.3, attend=other),
        ),
        "other_attention_training": Request(
            kwargs={"query": sequence()}, training=True, **layer(dropout=0.3, attend=other)
        ),
    }
