"""Small masked models that also look: the words around a token answer for it, and attention maps are formed beside.

What they answer is that of a ContextModel, which needs no attention. Their maps are tables by token, so that the
attention that a token receives can be computed from the arrays alone.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from attentif.checks.hub_like import HubLikeModel
from attentif.checks.recipes import ContextModel


class TokenLooks(nn.Module):
    """Attention weights of H heads that depend on the two tokens alone: A_{ts} ∝ exp(Q[x_t] · K[x_s])."""

    def __init__(self, vocab_size: int, n_heads: int, d_head: int, generator: torch.Generator):
        super().__init__()

        def normal() -> nn.Parameter:
            return nn.Parameter(torch.randn(n_heads, vocab_size, d_head, generator=generator).double())

        self.query, self.key = normal(), normal()

    def forward(self, token_ids: Tensor, visible: Tensor) -> tuple[Tensor, Tensor]:
        """(ids, weights (B, H, T, T)): the ids as they came, as an attention gives its output first."""
        query, key = (table[:, token_ids].transpose(0, 1) for table in (self.query, self.key))  # (B, H, T, K)
        scores = query @ key.transpose(-2, -1)
        if self.training:
            scores = scores / 2
        scores = scores.masked_fill(~visible[:, None, None, :], -torch.inf)
        return token_ids, scores.softmax(-1)


class AttendingModel(ContextModel):
    """A ContextModel with L layers of maps."""

    def __init__(self, n_layers: int, n_heads: int, seed: int, **arguments: Any):
        super().__init__(seed=seed, **arguments)
        generator = torch.Generator().manual_seed(seed + 1)
        looks = (TokenLooks(self.config.vocab_size, n_heads, 3, generator) for _ in range(n_layers))
        # Where a model of this library has its layers' attention, so that whoever listens there finds it.
        blocks = nn.ModuleList(nn.ModuleDict({"attention": each}) for each in looks)
        self.encoder = nn.ModuleDict({"blocks": blocks})

    def maps(self, token_ids: Tensor, visible: Tensor | None = None) -> tuple[Tensor, ...]:
        """The weights (B, H, T, T) of each layer."""
        visible = token_ids != self.config.pad_id if visible is None else visible.bool()
        return tuple(block.attention(token_ids, visible)[1] for block in self.encoder.blocks)

    def hidden(
        self, token_ids: Tensor, segment_ids: Tensor | None = None, visible: Tensor | None = None
    ) -> Tensor:
        """As of a ContextModel; the maps are formed on the way, where whoever listens finds them."""
        self.maps(token_ids, visible)
        return super().hidden(token_ids, segment_ids, visible)


def attending_model(
    vocab_size: int,
    seed: int,
    d_model: int = 6,
    max_length: int = 24,
    n_layers: int = 2,
    n_heads: int = 2,
    training: bool = False,
) -> nn.Module:
    """An AttendingModel, in eval mode unless `training`."""
    made = AttendingModel(
        n_layers, n_heads, seed, vocab_size=vocab_size, d_model=d_model, max_length=max_length
    )
    return made.train(training)


def hub_attending_model(**arguments: Any) -> nn.Module:
    """The same with the interface of a masked model of `transformers`."""
    return HubLikeModel(attending_model(**arguments))
