"""Stored inputs of the public checks: only those without chance. The others are drawn by the checks themselves."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request

V = 9


def cases() -> dict[str, Request]:
    """Requests by name."""
    rng = np.random.default_rng(20_202)

    def logits(rows: int) -> np.ndarray:
        # Close to each other: what is drawn at random is seldom the greatest.
        return 0.5 * rng.normal(size=(rows, V)) - 1.0

    cuts = {"top_k": 4, "top_p": 0.6}
    return {
        "greedy": Request(kwargs={"logits": logits(24), "temperature": 0}),
        "greedy_float": Request(kwargs={"logits": logits(24).astype(np.float32), "temperature": 0.0}),
        "greedy_with_cuts": Request(kwargs={"logits": logits(24), "temperature": 0, **cuts}),
        "greedy_one_row": Request(kwargs={"logits": logits(1), "temperature": 0}),
    }
