"""Stored inputs of the public checks: all dimensions different, no neutral weights, float64."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    rng = rng or np.random.default_rng(20_174)

    def layer(d_model: int, d_ff: int, activation: str, dropout: float = 0.0) -> dict:
        state = {
            "expand.weight": rng.normal(size=(d_ff, d_model)) * 1.4 / d_model**0.5,
            "expand.bias": rng.normal(size=d_ff) * 0.8,
            "contract.weight": rng.normal(size=(d_model, d_ff)) * 1.4 / d_ff**0.5,
            "contract.bias": rng.normal(size=d_model) + 0.5,
        }
        init = {"d_model": d_model, "d_ff": d_ff, "activation": activation, "dropout": dropout}
        return {"init": init, "state": state}

    def told_by_output(activation: str, mean: float) -> Request:
        """Hidden units all above 0 and an orthogonal second layer: the output tells each of them."""
        width, weights = 12, layer(12, 12, activation)
        weights["state"]["expand.weight"] *= 0.2
        weights["state"]["expand.bias"] = rng.uniform(mean, mean + 0.5, width)
        weights["state"]["contract.weight"] = np.linalg.qr(rng.normal(size=(width, width)))[0]
        return Request(kwargs={"x": rng.uniform(-1.0, 1.0, (3, width))}, **weights)

    def x(*shape: int) -> np.ndarray:
        return 1.3 * rng.normal(size=shape) + 0.1

    return {
        "relu": Request(kwargs={"x": x(3, 4, 5)}, **layer(5, 7, "relu")),
        "gelu": Request(kwargs={"x": x(2, 6, 3)}, **layer(3, 11, "gelu")),
        "one_vector": Request(kwargs={"x": x(6)}, **layer(6, 2, "relu")),
        "gradients": Request(
            kwargs={"x": x(2, 4, 6)},
            cotangent=rng.normal(size=(2, 4, 6)),
            wrt=("x",),
            parameter_gradients=True,
            **layer(6, 9, "relu"),
        ),
        "evaluation": Request(kwargs={"x": x(3, 4, 5)}, **layer(5, 7, "relu", dropout=0.6)),
        "before_dropout": told_by_output("relu", 2.0),
        "before_dropout_gelu": told_by_output("gelu", 1.2),
    }
