"""Stored inputs of the public checks: all dimensions different, token 0 a word like others where nothing is padded."""

from __future__ import annotations

import numpy as np

from attentif.checks.losses import rounding_shows
from attentif.checks.values import Request
from attentif_grading.other_inputs import other_ids


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    drawn_by = rng or np.random.default_rng(20_182)

    def logits(*shape: int, size: float = 1.5) -> np.ndarray:
        # No class is as likely as another, and none is neutral.
        return size * drawn_by.normal(size=shape) + np.linspace(-0.8, 0.9, shape[-1])

    plain = np.array([[2, 5, 0, 4, 6, 1], [3, 0, 7, 2, 2, 5], [6, 1, 4, 0, 3, 7]])
    # Rows of other lengths, filled with 0 at the end, at the beginning, and with another id at the end.
    right = np.array([[3, 6, 2, 5, 1, 4], [5, 2, 7, 0, 0, 0], [4, 1, 0, 0, 0, 0]])
    left = np.array([[0, 0, 0, 5, 2, 7], [0, 4, 6, 1, 3, 2], [0, 0, 6, 3, 1, 5]])
    other = np.array([[2, 0, 6, 1, 5, 5], [0, 3, 5, 5, 5, 5], [7, 4, 0, 2, 6, 5]])
    if rng is not None:
        # Other words, in another order of the rows; 0 and the id that pads stay.
        names = other_ids(rng, 8, fixed=(0, 5))
        plain, right, left, other = (names[rng.permutation(ids)] for ids in (plain, right, left, other))
    one = logits(1, 2, 11).astype(np.float16)
    while not rounding_shows(_loss(one[0, 0], 7)):
        one = logits(1, 2, 11).astype(np.float16)
    graded = {"cotangent": np.array(1.7), "wrt": ("logits",)}
    return {
        "plain": Request(kwargs={"logits": logits(3, 6, 8), "token_ids": plain}),
        "two_tokens": Request(kwargs={"logits": logits(1, 2, 5), "token_ids": np.array([[1, 3]])}),
        "padded": Request(kwargs={"logits": logits(3, 6, 8), "token_ids": right, "pad_id": 0}),
        "padded_left": Request(kwargs={"logits": logits(3, 6, 8), "token_ids": left, "pad_id": 0}),
        "other_pad": Request(kwargs={"logits": logits(3, 6, 8), "token_ids": other, "pad_id": 5}),
        "one_token": Request(
            kwargs={"logits": logits(3, 1, 5), "token_ids": np.array([[4], [1], [2]])}, **graded
        ),
        "only_padding": Request(
            kwargs={"logits": logits(2, 3, 5), "token_ids": np.array([[4, 2, 2], [1, 2, 2]]), "pad_id": 2},
            **graded,
        ),
        "large": Request(kwargs={"logits": logits(3, 6, 8, size=900.0), "token_ids": plain}),
        "half": Request(kwargs={"logits": one, "token_ids": np.array([[3, 7]])}),
        "gradients": Request(kwargs={"logits": logits(3, 6, 8), "token_ids": plain}, **graded),
        "untouched": Request(kwargs={"logits": logits(3, 6, 8), "token_ids": other.copy(), "pad_id": 5}),
    }


def _loss(scores: np.ndarray, target: int) -> float:
    scores = scores.astype(np.float64)
    return float(np.log(np.exp(scores).sum()) - scores[target])
