"""Stored inputs of the public checks: all dimensions different, no neutral gain or bias.

In float32: to take the statistics in it, whatever comes in, is what many good implementations do.
"""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request
from attentif_grading.other_inputs import larger

SIZES = 3, 4, 6  # B, T, D


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    b, t, d = larger(rng, *SIZES)
    twin, rng = rng is not None, rng or np.random.default_rng(20_172)

    def vectors(*shape: int, width: int = d) -> np.ndarray:
        # Vectors of very different means and spreads: statistics of another axis are then far from theirs.
        spread = rng.uniform(0.4, 2.5, (*shape, 1))
        steps = np.broadcast_to(np.linspace(-1.5, 1.5, width), (*shape, width))
        apart = rng.permuted(steps, axis=-1) + 0.15 * rng.normal(size=(*shape, width))
        return (rng.normal(size=(*shape, 1)) + spread * apart).astype(np.float32)

    def layer(eps: float, *, width: int = d) -> dict:
        weight = rng.uniform(0.5, 2.0, width) * np.where(rng.random(width) < 0.3, -1.0, 1.0)
        state = {"weight": weight, "bias": rng.normal(size=width) + 0.6}
        state = {name: array.astype(np.float32) for name, array in state.items()}
        return {"init": {"d_model": width, "eps": eps}, "state": state}

    # With this ε its place does not show: whether it stands under the root is asked apart.
    tiny = 1e-12
    constant = np.array([[2.5] * d, [-0.75] * d], dtype=np.float32)
    far = 500.0 + rng.normal(size=(b, 8, d))
    if twin:
        # No vector of a small spread, by which rounding would be divided.
        far = 500.0 + rng.permuted(np.broadcast_to(np.linspace(-1.6, 1.6, d), far.shape), axis=-1)
        far += 0.1 * rng.normal(size=far.shape)
    return {
        "batch": Request(kwargs={"x": vectors(b, t)}, **layer(tiny)),
        "one_vector": Request(kwargs={"x": vectors(width=5)}, **layer(tiny, width=5)),
        "four_axes": Request(kwargs={"x": vectors(2, 1, 5, width=3)}, **layer(tiny, width=3)),
        "large_epsilon": Request(kwargs={"x": vectors(b, t)}, **layer(0.4)),
        "constant": Request(kwargs={"x": constant}, **layer(0.01)),
        "gradients": Request(
            kwargs={"x": vectors(b, t)},
            cotangent=rng.normal(size=(b, t, d)).astype(np.float32),
            wrt=("x",),
            parameter_gradients=True,
            **layer(tiny),
        ),
        "far": Request(kwargs={"x": far.astype(np.float32)}, **layer(tiny)),
    }
