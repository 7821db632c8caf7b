"""Sublayers that a check can see through: what a block does with its parts shows in plain numbers."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ConstantAttention(nn.Module):
    """An attention whose output is one number everywhere, whatever it reads; it forms no weights."""

    def __init__(self, number: float):
        super().__init__()
        self.number = number

    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> tuple[Tensor, None]:
        """(output, None), the output of the shape of the query."""
        return torch.full_like(query, self.number), None


class ConstantFeedForward(nn.Module):
    """A feed-forward network whose output is one number everywhere."""

    def __init__(self, number: float):
        super().__init__()
        self.number = number

    def forward(self, x: Tensor) -> Tensor:
        """Of the shape of x."""
        return torch.full_like(x, self.number)


class Untouched(nn.Module):
    """A norm that leaves its input as it is."""

    def forward(self, x: Tensor) -> Tensor:
        """x itself."""
        return x
