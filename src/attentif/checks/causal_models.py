"""Small causal models for checks of decoding: one that reads its whole context, one that is a table."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import torch
from torch import Tensor, nn

from attentif.errors import InputError
from attentif.language import text


class CausalContextModel(nn.Module):
    """Every token of the context, by its distance, bears upon the next one, as much from afar as from near.

    logits_t = Σ_{s≤t} (A_{t−s} ⊙ E[x_s]) W + c, with random A, E, W, c. Like CausalLM it refuses more than
    max_length tokens. In training mode it drops every other dimension of its vectors: a dropout that shows in
    any answer, without chance.
    """

    def __init__(self, vocab_size: int, seed: int, max_length: int, d_model: int, sharpness: float):
        super().__init__()
        generator = torch.Generator().manual_seed(seed)

        def normal(*shape: int) -> Tensor:
            return torch.randn(*shape, generator=generator, dtype=torch.float64)

        self.config = SimpleNamespace(vocab_size=vocab_size, d_model=d_model, max_length=max_length)
        self.embedding = nn.Parameter(normal(vocab_size, d_model))
        self.by_distance = nn.Parameter(normal(max_length, d_model))
        self.output = nn.Parameter(normal(d_model, vocab_size) * sharpness / d_model**0.5)
        self.bias = nn.Parameter(normal(vocab_size) * sharpness / 2)

    @torch.no_grad()
    def rename(self, order: Sequence[int]) -> CausalContextModel:
        """Itself, with its tokens under other ids: token i is now what token order[i] was."""
        order = list(order)
        self.embedding.copy_(self.embedding[order])
        self.output.copy_(self.output[:, order])
        self.bias.copy_(self.bias[order])
        return self

    def forward(self, token_ids: Tensor) -> Tensor:
        """Logits (B, T, V)."""
        length, longest = token_ids.size(1), self.config.max_length
        if length > longest:
            raise InputError(
                expected=text(
                    f"at most {longest} tokens (the model's context)",
                    f"au plus {longest} jetons (le contexte du modèle)",
                ),
                got=f"{length}",
                remedy=text("give the model the last ones only", "ne donnez au modèle que les derniers"),
            )
        positions = torch.arange(length, device=token_ids.device)
        distance = positions[:, None] - positions[None, :]  # (T, S)
        weights = self.by_distance[distance.clamp(min=0)] * (distance >= 0)[..., None]  # (T, S, D)
        vectors = torch.einsum("tsd,bsd->btd", weights, self.embedding[token_ids])
        if self.training:
            vectors = 2.0 * vectors * (torch.arange(vectors.size(-1), device=vectors.device) % 2)
        return vectors @ self.output + self.bias


class TableModel(nn.Module):
    """The probabilities of the next token stand in a table, a row for each last token."""

    def __init__(self, shares: Sequence[Sequence[float]], max_length: int):
        super().__init__()
        self.config = SimpleNamespace(vocab_size=len(shares), max_length=max_length)
        self.shares = nn.Parameter(torch.tensor(shares, dtype=torch.float64))

    def forward(self, token_ids: Tensor) -> Tensor:
        """Logits (B, T, V): the logarithms of the shares, shifted, as a model's own are."""
        return self.shares.log()[token_ids] + 1.5


def causal_model(
    vocab_size: int,
    seed: int,
    max_length: int = 8,
    d_model: int = 6,
    sharpness: float = 2.0,
    training: bool = False,
    order: Sequence[int] = (),
) -> nn.Module:
    """A CausalContextModel, in eval mode unless `training`; with `order`, its tokens under other ids."""
    model = CausalContextModel(vocab_size, seed, max_length, d_model, sharpness)
    return (model.rename(order) if order else model).train(training)


def table_model(shares: Sequence[Sequence[float]], max_length: int = 8) -> nn.Module:
    """A TableModel in eval mode."""
    return TableModel(shares, max_length).eval()
