"""Stored inputs of the public checks: all dimensions different, no neutral weights, float64.

Where S = T, nothing fails by its shape: what was read in the place of something else shows in the values.
"""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request
from attentif_grading.block_oracles import assemble, attention, feed_forward, norm, sequence, visible
from attentif_grading.other_inputs import larger

SIZES = 4, 5, 7, 2, 3, 8  # B, T, S, H, K, F


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    b, t, s, h, k, f = larger(rng, *SIZES)
    d = h * k
    rng = rng or np.random.default_rng(20_173)

    def block(norm_first: bool, cross: bool = True) -> dict:
        parts = {
            "self_attention": attention(rng, d, h),
            "feed_forward": feed_forward(rng, d, f, "gelu" if norm_first else "relu"),
            "norm_self": norm(rng, d),
            "norm_feed_forward": norm(rng, d),
            "cross_attention": attention(rng, d, h) if cross else None,
            "norm_cross": norm(rng, d) if cross else None,
        }
        return assemble(parts, norm_first)

    def inputs(source: int = s) -> dict:
        return {"x": sequence(rng, b, t, d), "memory": sequence(rng, b, source, d)}

    past = np.tri(t, dtype=bool)
    made = {}
    for order, norm_first in {"post": False, "pre": True}.items():
        made |= {
            f"{order}_norm": Request(kwargs=inputs(source=t), **block(norm_first)),
            f"{order}_norm_two_lengths": Request(kwargs=inputs(), **block(norm_first)),
            f"{order}_norm_masked": Request(
                kwargs=inputs(source=t) | {"mask": past, "memory_mask": visible(rng, b, 1, 1, t)},
                **block(norm_first),
            ),
            f"{order}_norm_two_masks": Request(
                kwargs=inputs() | {"mask": past, "memory_mask": visible(rng, b, 1, t, s)},
                **block(norm_first),
            ),
            f"{order}_norm_alone": Request(
                kwargs={"x": sequence(rng, b, t, d)}, **block(norm_first, cross=False)
            ),
            f"{order}_norm_memory_unused": Request(kwargs=inputs(source=t), **block(norm_first, cross=False)),
            f"{order}_norm_gradients": Request(
                kwargs=inputs(source=t),
                cotangent=rng.normal(size=(b, t, d)),
                wrt=("x", "memory"),
                parameter_gradients=True,
                **block(norm_first),
            ),
        }
    return made


def facts(rng: np.random.Generator, requests: dict[str, Request]) -> dict[str, float]:
    """What an input of the dropout check is everywhere."""
    return {"X": float(rng.integers(17, 60))}
