"""Rescue parts for layers, blocks, embeddings and heads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attentif.judged import offer
from attentif.torch_blocks import TorchDecoderBlock, TorchEncoderBlock


class LayerNorm(nn.LayerNorm):
    """torch's nn.LayerNorm; its parameters have the names of the library's."""

    def __init__(self, d_model: int, eps: float = 1e-5):
        offer("LayerNorm")
        super().__init__(d_model, eps=eps)

    def forward(self, x: Tensor) -> Tensor:
        """See `attentif.LayerNorm`."""
        offer("LayerNorm")
        return super().forward(x)


class FeedForward(nn.Module):
    """torch's own layers in a row; the two with parameters have the names of the library's."""

    def __init__(self, d_model: int, d_ff: int, activation: str = "relu", dropout: float = 0.0):
        super().__init__()
        offer("FeedForward")
        self.expand, self.contract = nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model)
        self.between = nn.Sequential(nn.ReLU() if activation == "relu" else nn.GELU(), nn.Dropout(dropout))

    def forward(self, x: Tensor) -> Tensor:
        """See `attentif.FeedForward`."""
        offer("FeedForward")
        for layer in (self.expand, self.between, self.contract):
            x = layer(x)
        return x


class EncoderBlock(TorchEncoderBlock):
    """torch's nn.TransformerEncoderLayer around the parts that it is given."""

    def __init__(self, *parts: Any, **others: Any):
        offer("EncoderBlock")
        super().__init__(*parts, **others)

    def forward(self, *inputs: Tensor | None, **others: Tensor | None) -> Tensor:
        """See `attentif.EncoderBlock`."""
        offer("EncoderBlock")
        return super().forward(*inputs, **others)


class DecoderBlock(TorchDecoderBlock):
    """torch's nn.TransformerDecoderLayer around the parts that it is given."""

    def __init__(self, *parts: Any, **others: Any):
        offer("DecoderBlock")
        super().__init__(*parts, **others)

    def forward(self, *inputs: Tensor | None, **others: Tensor | None) -> Tensor:
        """See `attentif.DecoderBlock`."""
        offer("DecoderBlock")
        return super().forward(*inputs, **others)


class BertEmbeddings(nn.Module):
    """torch's embedding_bag: one bag of rows for each token, from the three tables laid end to end."""

    def __init__(
        self,
        vocab_size: int,
        d_model: int,
        max_length: int,
        n_segments: int = 2,
        dropout: float = 0.0,
        eps: float = 1e-12,
        norm: Callable | None = None,
    ):
        super().__init__()
        offer("BertEmbeddings")
        sizes = {"token": vocab_size, "segment": n_segments, "position": max_length}
        for name, rows in sizes.items():
            self.add_module(name, nn.Embedding(rows, d_model))
        self.after = nn.Sequential(nn.LayerNorm(d_model, eps), nn.Dropout(dropout))

    def forward(self, token_ids: Tensor, segment_ids: Tensor | None = None) -> Tensor:
        """See `attentif.BertEmbeddings`."""
        offer("BertEmbeddings")
        tables = [table.weight for table in (self.token, self.segment, self.position)]
        first_segment, first_position = len(tables[0]), len(tables[0]) + len(tables[1])
        places = first_position + torch.arange(token_ids[0].numel(), device=token_ids.device)
        segments = first_segment + (segment_ids if segment_ids is not None else 0 * token_ids)
        bags = torch.stack([token_ids, segments, places.broadcast_to(token_ids.shape)], -1)
        joined = F.embedding_bag(bags.flatten(0, 1), torch.cat(tables), mode="sum")
        return self.after(joined.unflatten(0, token_ids.shape))


class MaskedLMHead(nn.Module):
    """A simpler head: the comparison with the token embedding, and nothing before or after it."""

    def __init__(self, token_embedding: nn.Embedding, eps: float = 1e-12, norm: Callable | None = None):
        super().__init__()
        offer("MaskedLMHead")
        self.token_embedding = token_embedding

    def forward(self, hidden: Tensor) -> Tensor:
        """See `attentif.MaskedLMHead`."""
        offer("MaskedLMHead")
        return F.linear(hidden, self.token_embedding.weight)


class NextSentenceHead(nn.Module):
    """A simpler head: one linear layer on the mean over the positions."""

    def __init__(self, d_model: int):
        super().__init__()
        offer("NextSentenceHead")
        self.linear = nn.Linear(d_model, 2)

    def forward(self, hidden: Tensor) -> Tensor:
        """See `attentif.NextSentenceHead`."""
        offer("NextSentenceHead")
        return self.linear(hidden.mean(dim=1))
