"""Distributions compared: where a word ranks in one, and how far two of them are apart."""

from __future__ import annotations

import torch
from torch import Tensor


def rank(log_probabilities: Tensor, token_id: int) -> int:
    """The place of a token among others, 1 for the most probable; equals count before it.

    >>> rank(torch.tensor([0.2, 0.5, 0.3]).log(), 2), rank(torch.zeros(4), 0)
    (2, 4)
    """
    return int((log_probabilities >= log_probabilities[token_id]).sum())


def jensen_shannon(first: Tensor, second: Tensor) -> Tensor:
    """How far apart are two distributions? 0 if they are the same, 1 if they have nothing in common.

    d = √(½ KL(p ‖ m) + ½ KL(q ‖ m)), m = ½ (p + q), with logarithms to base 2.

    Args:
        first, second: (..., V) natural log-probabilities ln p and ln q.

    Returns:
        (...,), in [0, 1].

    Source: Lin 1991, "Divergence Measures Based on the Shannon Entropy"; its root is a metric (Endres and
        Schindelin 2003).

    >>> certain = torch.tensor([[1.0, 0.0], [0.0, 1.0]], dtype=torch.float64).log()
    >>> jensen_shannon(certain[0], certain[1]).item(), jensen_shannon(certain[0], certain[0]).item()
    (1.0, 0.0)
    """
    p, q = first.exp(), second.exp()
    middle = (p + q) / 2
    divergence = (torch.xlogy(p, p) + torch.xlogy(q, q)).sum(-1) / 2 - torch.xlogy(middle, middle).sum(-1)
    return (divergence / torch.log(torch.tensor(2.0, dtype=divergence.dtype))).clamp(0, 1).sqrt()


def is_best(log_probabilities: Tensor, token_id: int) -> bool:
    """Whether a token is more probable than every other one; a tie is not.

    >>> is_best(torch.tensor([0.2, 0.5, 0.3]).log(), 1), is_best(torch.zeros(4), 0)
    (True, False)
    """
    return rank(log_probabilities, token_id) == 1
