"""Stored inputs of the public checks: all dimensions different, no neutral weights, float64."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request
from attentif_grading.block_oracles import assemble, attention, feed_forward, norm, sequence, visible
from attentif_grading.other_inputs import larger

SIZES = 4, 5, 2, 3, 7  # B, T, H, K, F


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    b, t, h, k, f = larger(rng, *SIZES)
    d = h * k
    rng = rng or np.random.default_rng(20_172)

    def block(norm_first: bool, dropout: float = 0.0) -> dict:
        parts = {
            "attention": attention(rng, d, h),
            "feed_forward": feed_forward(rng, d, f, "gelu" if norm_first else "relu"),
            "norm_attention": norm(rng, d),
            "norm_feed_forward": norm(rng, d),
        }
        return assemble(parts, norm_first, dropout)

    made = {}
    for order, norm_first in {"post": False, "pre": True}.items():
        made |= {
            f"{order}_norm": Request(kwargs={"x": sequence(rng, b, t, d)}, **block(norm_first)),
            f"{order}_norm_one_position": Request(kwargs={"x": sequence(rng, 1, 1, d)}, **block(norm_first)),
            f"{order}_norm_masked": Request(
                kwargs={"x": sequence(rng, b, t, d), "mask": visible(rng, b, 1, t, t)}, **block(norm_first)
            ),
            f"{order}_norm_padded": Request(
                kwargs={"x": sequence(rng, b, t, d), "mask": visible(rng, b, 1, 1, t)}, **block(norm_first)
            ),
            f"{order}_norm_gradients": Request(
                kwargs={"x": sequence(rng, b, t, d)},
                cotangent=rng.normal(size=(b, t, d)),
                wrt=("x",),
                parameter_gradients=True,
                **block(norm_first),
            ),
        }
    return made


def facts(rng: np.random.Generator, requests: dict[str, Request]) -> dict[str, float]:
    """What an input of the dropout check is everywhere."""
    return {"X": float(rng.integers(17, 60))}
