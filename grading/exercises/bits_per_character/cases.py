"""Stored inputs of the public checks: mean losses and numbers of tokens of a few unequal batches, and a text's length."""

from __future__ import annotations

from attentif.checks.values import Request


def cases() -> dict[str, Request]:
    """Requests by name."""
    return {
        "one_batch": Request(args=([1.3], [7], 31)),
        "weighted": Request(args=([0.7, 2.3, 1.4], [5, 11, 2], 83)),
        "empty_batch": Request(args=([0.9, 3.2, 1.7, 0.4], [4, 0, 9, 3], 25)),
        "long_text": Request(args=([2.6, 1.9], [310, 95], 1804)),
        "refuses_lengths": Request(args=([1.1, 2.0, 0.5], [3, 4], 20)),
        "refuses_more_counts": Request(args=([1.1], [3, 4], 20)),
        "refuses_no_token": Request(args=([1.2, 0.8], [0, 0], 20)),
        "refuses_no_batch": Request(args=([], [], 20)),
        "refuses_no_character": Request(args=([1.2, 0.8], [2, 3], 0)),
        "refuses_negative": Request(args=([1.2, 0.8], [2, 3], -4)),
    }
