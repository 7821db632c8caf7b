"""Stored inputs of the public checks: batches with padding, B and S different."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request


def cases() -> dict[str, Request]:
    """Requests by name."""
    # No two rows are alike, and no batch is square: a mask of another orientation has another shape.
    at_the_end = [[7, 3, 9, 4, 0], [5, 8, 0, 0, 0], [6, 2, 4, 0, 0]]
    anywhere = [[0, 0, 6, 9, 3, 8, 5], [4, 0, 7, 7, 0, 2, 0], [0, 5, 1, 0, 3, 3, 6], [0, 0, 0, 0, 0, 0, 0]]
    # The id 0 is a word here, and there are words on both sides of the padding's id.
    other_id = [[0, 12, 4, 7, 7, 7], [3, 0, 9, 15, 0, 7]]

    def request(token_ids: list[list[int]], pad_id: int) -> Request:
        return Request(kwargs={"token_ids": np.array(token_ids), "pad_id": pad_id})

    return {
        "at_the_end": request(at_the_end, 0),
        "anywhere": request(anywhere, 0),
        "other_id": request(other_id, 7),
        "one_token": request([[3]], 0),
        "no_padding": request([[2, 5, 4]], 9),
    }
