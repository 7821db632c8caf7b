"""Stored inputs of the public checks: all dimensions different, another number of predictions in each row."""

from __future__ import annotations

import numpy as np

from attentif.checks.losses import rounding_shows
from attentif.checks.values import Request

IGNORED = -100


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    twin, rng = rng is not None, rng or np.random.default_rng(20_181)

    def logits(*shape: int, size: float = 1.5) -> np.ndarray:
        # No class is as likely as another, and none is neutral.
        return size * rng.normal(size=shape) + np.linspace(-0.8, 0.9, shape[-1])

    def labels(vocab_size: int, *shape: int, kept: float = 0.5) -> np.ndarray:
        drawn = rng.integers(0, vocab_size, shape)
        return np.where(rng.random(shape) < kept, drawn, IGNORED)

    plain = np.full((3, 5), IGNORED)
    plain[0, 1], plain[1, 0], plain[1, 2], plain[1, 3], plain[2, 1], plain[2, 4] = 3, 0, 6, 2, 5, 0
    empty_row = np.full((4, 3), IGNORED)
    empty_row[0, 2], empty_row[0, 0], empty_row[2, 1] = 1, 5, 4
    empty_row[3] = 2, 0, 3
    if twin:
        plain, empty_row = rng.permutation(plain), rng.permutation(empty_row[:, rng.permutation(3)])
    some_missing = labels(4, 2, 3, 5)
    some_missing[0, 1, 2], some_missing[1, 0, 3] = 2, IGNORED
    one = logits(1, 1, 11).astype(np.float16)
    while not rounding_shows(_loss(one[0, 0], 7)):
        one = logits(1, 1, 11).astype(np.float16)
    return {
        "plain": Request(kwargs={"logits": logits(3, 5, 7), "labels": plain}),
        "everywhere": Request(kwargs={"logits": logits(2, 4, 6), "labels": labels(6, 2, 4, kept=1.0)}),
        "empty_row": Request(kwargs={"logits": logits(4, 3, 6), "labels": empty_row}),
        "one_position": Request(kwargs={"logits": logits(1, 1, 9), "labels": np.array([[4]])}),
        "two_axes": Request(kwargs={"logits": logits(8, 5), "labels": labels(5, 8)}),
        "four_axes": Request(kwargs={"logits": logits(2, 3, 5, 4), "labels": some_missing}),
        "nothing": Request(
            kwargs={"logits": logits(2, 3, 5), "labels": np.full((2, 3), IGNORED)},
            cotangent=np.array(1.7),
            wrt=("logits",),
        ),
        "large": Request(kwargs={"logits": logits(3, 5, 7, size=900.0), "labels": plain}),
        "half": Request(kwargs={"logits": one, "labels": np.array([[7]])}),
        "gradients": Request(
            kwargs={"logits": logits(3, 5, 7), "labels": plain}, cotangent=np.array(1.7), wrt=("logits",)
        ),
    }


def _loss(scores: np.ndarray, target: int) -> float:
    scores = scores.astype(np.float64)
    return float(np.log(np.exp(scores).sum()) - scores[target])
