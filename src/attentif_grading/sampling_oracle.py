"""What a next token is to be drawn from, by sorting plain numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence


def ranked(
    shares: Sequence[float], temperature: float = 1.0, top_k: int | None = None
) -> list[tuple[int, float]]:
    """(token, probability) after temperature and top-k, the most probable first."""
    weights = {token: math.exp(math.log(share) / temperature) for token, share in enumerate(shares)}
    best = sorted(weights, key=weights.get, reverse=True)[:top_k]
    total = sum(weights[token] for token in best)
    return [(token, weights[token] / total) for token in best]


def law_of(
    shares: Sequence[float], temperature: float = 1.0, top_k: int | None = None, top_p: float | None = None
) -> list[float]:
    """The probability of every token with these options."""
    kept, reached = {}, 0.0
    for token, probability in ranked(shares, temperature, top_k):
        kept[token] = probability
        reached += probability
        if top_p is not None and reached >= top_p:
            break
    return [kept.get(token, 0.0) / reached for token in range(len(shares))]
