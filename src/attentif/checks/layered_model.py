"""A small masked model with layers and heads, whose inside can be followed number by number; of both kinds.

It stands in for a Transformer where a check asks what goes on inside: vectors of each layer, attention maps, heads.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn

from attentif.checks.hub_like import HubLikeModel, HubOutput
from attentif.checks.recipes import distance_attention

Normal = Callable[..., Tensor]


class LayeredEmbeddings(nn.Module):
    """Token and position. In training mode every other dimension is dropped: a dropout that shows, without chance."""

    def __init__(self, vocab_size: int, d_model: int, max_length: int, normal: Normal):
        super().__init__()
        self.token = nn.Parameter(normal(vocab_size, d_model))
        self.position = nn.Parameter(normal(max_length, d_model))

    def forward(self, token_ids: Tensor) -> Tensor:
        """Vectors (B, T, D) of token_ids (B, T)."""
        vectors = self.token[token_ids] + self.position[: token_ids.size(1)]
        if self.training:
            vectors = 2.0 * vectors * (torch.arange(vectors.size(-1), device=vectors.device) % 2)
        return vectors


class LayeredAttention(nn.Module):
    """Heads that look at what is near them, see `distance_attention`; a linear layer mixes what they bring."""

    def __init__(self, d_model: int, n_heads: int, normal: Normal):
        super().__init__()
        width = d_model // n_heads
        self.query, self.key, self.value = (
            nn.Parameter(normal(n_heads, d_model, width) / d_model**0.5) for _ in range(3)
        )
        self.output_projection = nn.Linear(d_model, d_model, dtype=torch.float64)
        with torch.no_grad():
            self.output_projection.weight.copy_(normal(d_model, d_model) / width**0.5)
            self.output_projection.bias.copy_(normal(d_model) / 4)

    def forward(self, x: Tensor, visible: Tensor) -> tuple[Tensor, Tensor]:
        """(output (B, T, D), weights (B, H, T, T)) for x (B, T, D), of which `visible` (B, T) is seen."""
        query, key, value = (
            torch.einsum("btd,hdk->bhtk", x, each) for each in (self.query, self.key, self.value)
        )
        output, weights = distance_attention(query, key, value, visible[:, None, None, :])
        return self.output_projection(output.transpose(1, 2).flatten(-2)), weights


class LayeredBlock(nn.Module):
    """An attention, then a mixture of dimensions; each is added to what comes in."""

    def __init__(self, d_model: int, n_heads: int, normal: Normal):
        super().__init__()
        self.attention = LayeredAttention(d_model, n_heads, normal)
        self.mixture = nn.Parameter(normal(d_model, d_model) / d_model**0.5)

    def forward(self, x: Tensor, visible: Tensor, maps: list[Tensor]) -> Tensor:
        """(B, T, D); the weights are put into `maps`."""
        found, weights = self.attention(x, visible)
        maps.append(weights)
        x = x + found
        return x + torch.tanh(x @ self.mixture)


class LayeredEncoder(nn.Module):
    """Embeddings and blocks."""

    def __init__(self, sizes: SimpleNamespace, normal: Normal):
        super().__init__()
        self.embeddings = LayeredEmbeddings(sizes.vocab_size, sizes.d_model, sizes.max_length, normal)
        self.blocks = nn.ModuleList(
            LayeredBlock(sizes.d_model, sizes.n_heads, normal) for _ in range(sizes.n_layers)
        )

    def forward(self, token_ids: Tensor, visible: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """(states, maps): what enters the first block and what leaves each (B, T, D); the maps of each (B, H, T, T)."""
        states, maps = [self.embeddings(token_ids)], []
        for block in self.blocks:
            states.append(block(states[-1], visible, maps))
        return states, maps


class LayeredModel(nn.Module):
    """The model, with the interface of `attentif.MaskedLM`. It computes in float64."""

    def __init__(
        self,
        vocab_size: int,
        seed: int,
        d_model: int = 10,
        n_heads: int = 2,
        n_layers: int = 3,
        max_length: int = 24,
    ):
        super().__init__()
        generator = torch.Generator().manual_seed(seed)

        def normal(*shape: int) -> Tensor:
            return torch.randn(*shape, generator=generator, dtype=torch.float64)

        self.config = SimpleNamespace(
            vocab_size=vocab_size, d_model=d_model, n_heads=n_heads, n_layers=n_layers, max_length=max_length, pad_id=0
        )  # fmt: skip
        self.encoder = LayeredEncoder(self.config, normal)
        self.output = nn.Parameter(normal(d_model, vocab_size) / d_model**0.5)
        self.bias = nn.Parameter(normal(vocab_size))

    def hidden(self, token_ids: Tensor, segment_ids: Tensor | None = None) -> Tensor:
        """Contextual vectors (B, T, D); padding is known by its id."""
        return self.encoder(token_ids, token_ids != self.config.pad_id)[0][-1]

    def head(self, hidden: Tensor) -> Tensor:
        """Logits (..., V)."""
        return hidden @ self.output + self.bias

    def forward(self, token_ids: Tensor, segment_ids: Tensor | None = None) -> Tensor:
        """Logits (B, T, V)."""
        return self.head(self.hidden(token_ids, segment_ids))


class HubLayeredModel(HubLikeModel):
    """The same behind the interface of `transformers`: hidden_states and attentions when asked for."""

    def __init__(self, inner: LayeredModel):
        nn.Module.__init__(self)
        sizes = inner.config
        self.inner = inner
        self.config = SimpleNamespace(
            model_type="layered",
            vocab_size=sizes.vocab_size,
            hidden_size=sizes.d_model,
            num_hidden_layers=sizes.n_layers,
            num_attention_heads=sizes.n_heads,
            max_position_embeddings=sizes.max_length,
            pad_token_id=sizes.pad_id,
            is_decoder=False,
        )
        self.train(inner.training)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.inner.bias.device

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        output_hidden_states: bool = False,
        output_attentions: bool = False,
        **_: Any,
    ) -> HubOutput:
        """Logits (B, T, V); everything is read that attention_mask does not hide, padding included."""
        visible = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        states, maps = self.inner.encoder(input_ids, visible.bool())
        output = HubOutput(self.inner.head(states[-1]))
        output.hidden_states = tuple(states) if output_hidden_states else None
        output.attentions = tuple(maps) if output_attentions else None
        return output
