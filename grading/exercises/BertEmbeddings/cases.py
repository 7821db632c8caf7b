"""Stored inputs of the public checks: all dimensions different, no neutral weights, float64."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request, part

B, T, D, V, MAX_LENGTH, N_SEGMENTS = 3, 4, 6, 11, 7, 2


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    rng = rng or np.random.default_rng(20_180)

    def layer(*, n_segments: int = N_SEGMENTS, dropout: float = 0.0) -> dict:
        # Rows of very different lengths: what is normalised, and when, then changes the direction too.
        def table(rows: int) -> np.ndarray:
            return rng.normal(size=(rows, D)) * rng.uniform(0.5, 1.5, (rows, 1)) + 0.2

        state = {
            "token.weight": table(V),
            "segment.weight": table(n_segments),
            "position.weight": table(MAX_LENGTH),
            "norm.weight": rng.uniform(0.5, 1.8, D),
            "norm.bias": rng.normal(size=D) * 0.6 + 0.3,
        }
        init = {
            "vocab_size": V,
            "d_model": D,
            "max_length": MAX_LENGTH,
            "n_segments": n_segments,
            "dropout": dropout,
            "norm": part("LayerNorm"),
        }
        return {"init": init, "state": state}

    def inputs(rows: int = B, length: int = T, *, n_segments: int = N_SEGMENTS, vocab_size: int = V) -> dict:
        segments = rng.integers(0, n_segments, (rows, length))
        segments[:, 0], segments[:, -1] = 0, n_segments - 1
        return {"token_ids": rng.integers(0, vocab_size, (rows, length)), "segment_ids": segments}

    def without_segments(rows: int = B, length: int = T) -> dict:
        return {"token_ids": inputs(rows, length)["token_ids"]}

    return {
        "sum": Request(kwargs=inputs(), **layer()),
        "one_token": Request(kwargs=inputs(1, 1), **layer()),
        "whole_table": Request(kwargs=inputs(2, MAX_LENGTH), **layer()),
        "three_segments": Request(kwargs=inputs(n_segments=3), **layer(n_segments=3)),
        # Token ids that the segment table has too.
        "small_ids": Request(kwargs=inputs(vocab_size=N_SEGMENTS), **layer()),
        "no_segments": Request(kwargs=without_segments(), **layer()),
        "gradients": Request(
            kwargs=inputs(), cotangent=rng.normal(size=(B, T, D)), parameter_gradients=True, **layer()
        ),
        "evaluation": Request(kwargs=inputs(), **layer(dropout=0.4)),
        "refuses_too_long": Request(kwargs=without_segments(2, MAX_LENGTH + 1), **layer()),
    }
