"""Stored inputs of the public checks: batches with padding, B and S different."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    # No two rows are alike, and no batch is square: a mask of another orientation has another shape.
    at_the_end = [[7, 3, 9, 4, 0], [5, 8, 0, 0, 0], [6, 2, 4, 0, 0]]
    anywhere = [[0, 0, 6, 9, 3, 8, 5], [4, 0, 7, 7, 0, 2, 0], [0, 5, 1, 0, 3, 3, 6], [0, 0, 0, 0, 0, 0, 0]]
    # The id 0 is a word here, and there are words on both sides of the padding's id.
    other_id = [[0, 12, 4, 7, 7, 7], [3, 0, 9, 15, 0, 7]]
    other_pad, one_token, no_padding, other_word = 7, 3, [2, 5, 4], 9
    if rng is not None:
        names = np.append(0, rng.permutation(np.arange(1, 16)))  # what each word is called now
        at_the_end, anywhere = (names[rng.permutation(rows)].tolist() for rows in (at_the_end, anywhere))
        anywhere = np.array(anywhere)[:, rng.permutation(7)].tolist()
        one_token = int(names[one_token])
        # No word here is one of these two; the second one is below some words and above others.
        other_word, other_pad = int(rng.integers(16, 30)), int(rng.integers(5, 9))
        words = np.append(rng.permutation(np.arange(1, 5))[:2], rng.permutation(np.arange(10, 16))[:2])
        low, middle, first, last = words.tolist()
        other_id = [[0, last, low, *[other_pad] * 3], [middle, 0, first, low, 0, other_pad]]
        no_padding = rng.permutation(words)[:3].tolist()

    def request(token_ids: list[list[int]], pad_id: int) -> Request:
        return Request(kwargs={"token_ids": np.array(token_ids), "pad_id": pad_id})

    return {
        "at_the_end": request(at_the_end, 0),
        "anywhere": request(anywhere, 0),
        "other_id": request(other_id, other_pad),
        "one_token": request([[one_token]], 0),
        "no_padding": request([no_padding], other_word),
    }
