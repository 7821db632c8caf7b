"""Attention computed by hand: three tokens, two dimensions, every number filled in."""

from __future__ import annotations

# What the three tokens look for, offer and say, each (3, 2): T = S = 3 and K = d_v = 2.
QUERY = [[1.0, 0.0], [0.0, 2.0], [-1.0, 1.0]]
KEY = [[2.0, 0.0], [1.0, 1.0], [-1.0, 2.0]]
VALUE = [[3.0, 0.0], [0.0, -1.0], [-1.0, 3.0]]


def attention_by_hand() -> dict[str, list[list[float]]]:
    """Scores, weights and outputs of the attention of three tokens, as numbers.

    scores = query · keyᵀ / √K, weights = softmax(scores) over the keys, outputs = weights · value,
    with K = 2 and

        query =  1  0    key =  2  0    value =  3  0
                 0  2           1  1             0 -1
                -1  1          -1  2            -1  3

    Each row is a token. The same numbers are QUERY, KEY and VALUE of attentif.by_hand.

    Returns:
        "scores" (3, 3), "weights" (3, 3) and "outputs" (3, 2): lists of rows, a row for each query,
        every number to 3 decimals.

    Source: Vaswani et al. 2017, "Attention Is All You Need", §3.2.1.

    >>> answer = attention_by_hand()
    >>> [(len(answer[name]), len(answer[name][0])) for name in ("scores", "weights", "outputs")]
    [(3, 3), (3, 3), (3, 2)]
    """
    return {
        "scores": [[1.414, 0.707, -0.707], [0.0, 1.414, 2.828], [-1.414, 0.0, 2.121]],
        "weights": [[0.620, 0.306, 0.074], [0.045, 0.187, 0.768], [0.025, 0.104, 0.870]],
        "outputs": [[1.786, -0.083], [-0.632, 2.117], [-0.794, 2.507]],
    }
