"""Rescue parts: a student who is stuck goes on with these. They are worth no marks.

They are thin wrappers of torch's own functions, or simpler stand-ins, and refuse to serve as the answer to
the exercise that they replace.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attentif.errors import InputError

_judged: list[str] = []


@contextmanager
def judging(exercise: str):
    """While an exercise is being judged, its own rescue part is not available."""
    _judged.append(exercise)
    try:
        yield
    finally:
        _judged.pop()


def _offer(exercise: str) -> None:
    if _judged and _judged[-1] == exercise:
        from attentif.checks.text import say, text  # not above: the checks use this module

        raise InputError(
            expected=say(text("an answer of your own to {0}", "une réponse de vous à {0}")).format(exercise),
            got=say(text("the rescue part", "la partie de secours (rescue)")),
            remedy=say(
                text(
                    "the rescue lets the rest of the notebook run, it is not an answer",
                    "elle permet au reste du carnet de s'exécuter, ce n'est pas une réponse",
                )
            ),
        )


def scaled_dot_product_attention(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None, dropout_p: float = 0.0
) -> tuple[Tensor, Tensor]:
    """torch's fused attention; the weights come from attending to the identity matrix."""
    _offer("scaled_dot_product_attention")
    # torch's kernel for CPUs does not look: it reads past the end of the shorter one.
    if key.shape[:-1] != value.shape[:-1]:
        raise InputError(
            expected="key (..., S, K) and value (..., S, d_v) of the same length S",
            got=f"{tuple(key.shape)} and {tuple(value.shape)}",
            remedy="take both from the sequence that is read",
        )
    hidden = None if mask is None else ~mask.any(dim=-1, keepdim=True)

    def attend(content: Tensor, drop: float) -> Tensor:
        answer = F.scaled_dot_product_attention(query, key, content, attn_mask=mask, dropout_p=drop)
        return answer if hidden is None else answer.masked_fill(hidden, 0.0)

    identity = torch.eye(key.size(-2), dtype=value.dtype, device=value.device)
    return attend(value, dropout_p), attend(identity.expand(*key.shape[:-1], -1), 0.0)


def causal_mask(length: int) -> Tensor:
    """torch's own causal mask, turned from 0 and −∞ into True and False."""
    _offer("causal_mask")
    return nn.Transformer.generate_square_subsequent_mask(length) == 0


class MultiHeadAttention(nn.Module):
    """torch's nn.MultiheadAttention behind the library's interface (its own attention, `attend` unused)."""

    def __init__(self, d_model: int, n_heads: int, dropout: float = 0.0, bias: bool = True, attend=None):
        super().__init__()
        _offer("MultiHeadAttention")
        self.n_heads = n_heads
        self.inner = nn.MultiheadAttention(d_model, n_heads, dropout, bias=bias, batch_first=True)

    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """See `attentif.MultiHeadAttention`."""
        _offer("MultiHeadAttention")
        key = query if key is None else key
        value = key if value is None else value
        hidden = None
        if mask is not None:
            full = mask.expand(query.size(0), self.n_heads, query.size(1), key.size(1))
            hidden = ~full.flatten(0, 1)  # (B * H, T, S)
        return self.inner(query, key, value, attn_mask=hidden, average_attn_weights=False)


def padding_mask(token_ids: Tensor, pad_id: int) -> Tensor:
    """A simpler mask: everything is visible, so that attention reads the padding too."""
    _offer("padding_mask")
    batch, length = token_ids.shape
    return torch.ones(batch, 1, 1, length, dtype=torch.bool, device=token_ids.device)


def sinusoidal_encoding(length: int, d_model: int) -> Tensor:
    """A simpler signature: random numbers in [−1, 1), the same for a position whatever the length."""
    _offer("sinusoidal_encoding")
    generator = torch.Generator().manual_seed(d_model)
    return 2.0 * torch.rand(length, d_model, generator=generator) - 1.0


class LayerNorm(nn.LayerNorm):
    """torch's nn.LayerNorm; its parameters have the names of the library's."""

    def __init__(self, d_model: int, eps: float = 1e-5):
        _offer("LayerNorm")
        super().__init__(d_model, eps=eps)

    def forward(self, x: Tensor) -> Tensor:
        """See `attentif.LayerNorm`."""
        _offer("LayerNorm")
        return super().forward(x)


class FeedForward(nn.Module):
    """torch's own layers in a row; the two with parameters have the names of the library's."""

    def __init__(self, d_model: int, d_ff: int, activation: str = "relu", dropout: float = 0.0):
        super().__init__()
        _offer("FeedForward")
        self.expand, self.contract = nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model)
        self.between = nn.Sequential(nn.ReLU() if activation == "relu" else nn.GELU(), nn.Dropout(dropout))

    def forward(self, x: Tensor) -> Tensor:
        """See `attentif.FeedForward`."""
        _offer("FeedForward")
        for layer in (self.expand, self.between, self.contract):
            x = layer(x)
        return x


def mask_tokens(
    token_ids: Tensor,
    mask_id: int,
    vocab_size: int,
    special_ids: Sequence[int],
    generator: torch.Generator | None = None,
    probability: float = 0.15,
) -> tuple[Tensor, Tensor]:
    """A simpler corruption: the chosen tokens are always replaced by [MASK]."""
    _offer("mask_tokens")
    chances = torch.full(token_ids.shape, probability)
    for special in special_ids:
        chances[token_ids == special] = 0.0
    chosen = torch.bernoulli(chances, generator=generator).bool()
    return token_ids.masked_fill(chosen, mask_id), token_ids.masked_fill(~chosen, -100)


def warmup_cosine(step: int, peak: float, floor: float, warmup_steps: int, total_steps: int) -> float:
    """A simpler schedule: the mean of peak and floor, all the time."""
    _offer("warmup_cosine")
    return (peak + floor) / 2


PARTS: dict[str, Any] = {
    "scaled_dot_product_attention": scaled_dot_product_attention,
    "causal_mask": causal_mask,
    "padding_mask": padding_mask,
    "MultiHeadAttention": MultiHeadAttention,
    "sinusoidal_encoding": sinusoidal_encoding,
    "LayerNorm": LayerNorm,
    "FeedForward": FeedForward,
    "mask_tokens": mask_tokens,
    "warmup_cosine": warmup_cosine,
}


def known_good(exercise: str) -> Callable:
    """The known-good part of an exercise, for the checks of those that depend on it."""
    return PARTS[exercise]
