"""Stored inputs of the public checks: all dimensions different, no neutral weights, float64.

Where S = T, nothing fails by its shape: what was read in the place of something else shows in the values.
"""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request
from attentif_grading.block_oracles import assemble, attention, feed_forward, norm, sequence, visible

B, T, S, H, K, F = 4, 5, 7, 2, 3, 8
D = H * K


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    rng = rng or np.random.default_rng(20_173)

    def block(norm_first: bool, cross: bool = True) -> dict:
        parts = {
            "self_attention": attention(rng, D, H),
            "feed_forward": feed_forward(rng, D, F, "gelu" if norm_first else "relu"),
            "norm_self": norm(rng, D),
            "norm_feed_forward": norm(rng, D),
            "cross_attention": attention(rng, D, H) if cross else None,
            "norm_cross": norm(rng, D) if cross else None,
        }
        return assemble(parts, norm_first)

    def inputs(source: int = S) -> dict:
        return {"x": sequence(rng, B, T, D), "memory": sequence(rng, B, source, D)}

    past = np.tri(T, dtype=bool)
    made = {}
    for order, norm_first in {"post": False, "pre": True}.items():
        made |= {
            f"{order}_norm": Request(kwargs=inputs(source=T), **block(norm_first)),
            f"{order}_norm_two_lengths": Request(kwargs=inputs(), **block(norm_first)),
            f"{order}_norm_masked": Request(
                kwargs=inputs(source=T) | {"mask": past, "memory_mask": visible(rng, B, 1, 1, T)},
                **block(norm_first),
            ),
            f"{order}_norm_two_masks": Request(
                kwargs=inputs() | {"mask": past, "memory_mask": visible(rng, B, 1, T, S)},
                **block(norm_first),
            ),
            f"{order}_norm_alone": Request(
                kwargs={"x": sequence(rng, B, T, D)}, **block(norm_first, cross=False)
            ),
            f"{order}_norm_memory_unused": Request(kwargs=inputs(source=T), **block(norm_first, cross=False)),
            f"{order}_norm_gradients": Request(
                kwargs=inputs(source=T),
                cotangent=rng.normal(size=(B, T, D)),
                wrt=("x", "memory"),
                parameter_gradients=True,
                **block(norm_first),
            ),
        }
    return made


def facts(rng: np.random.Generator, requests: dict[str, Request]) -> dict[str, float]:
    """What an input of the dropout check is everywhere."""
    return {"X": float(rng.integers(17, 60))}
