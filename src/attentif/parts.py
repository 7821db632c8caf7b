"""What a model is made of: any part, a student's own among them, can take the place of the library's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn

from attentif.attention import MultiHeadAttention, causal_mask, padding_mask, scaled_dot_product_attention
from attentif.blocks import DecoderBlock, EncoderBlock
from attentif.embeddings import BertEmbeddings, TokenEmbeddings
from attentif.heads import CausalLMHead, MaskedLMHead, NextSentenceHead
from attentif.layers import FeedForward, LayerNorm
from attentif.model_config import ModelConfig
from attentif.positions import sinusoidal_encoding


@dataclass(frozen=True)
class Parts:
    """What a model is made of; each field may be replaced by another of the same contract."""

    attend: Callable = scaled_dot_product_attention
    causal_mask: Callable = causal_mask
    padding_mask: Callable = padding_mask
    positions: Callable = sinusoidal_encoding
    attention: Callable[..., nn.Module] = MultiHeadAttention
    feed_forward: Callable[..., nn.Module] = FeedForward
    norm: Callable[..., nn.Module] = LayerNorm
    encoder_block: Callable[..., nn.Module] = EncoderBlock
    decoder_block: Callable[..., nn.Module] = DecoderBlock
    token_embeddings: Callable[..., nn.Module] = TokenEmbeddings
    bert_embeddings: Callable[..., nn.Module] = BertEmbeddings
    masked_head: Callable[..., nn.Module] = MaskedLMHead
    causal_head: Callable[..., nn.Module] = CausalLMHead
    next_sentence_head: Callable[..., nn.Module] = NextSentenceHead


class UsedParts:
    """The same parts, which remember what was asked of them.

    Attributes:
        used: the parts that a model was made of so far, in the order of their first use.
    """

    def __init__(self, parts: Parts):
        self._parts, self.used = parts, []

    def __getattr__(self, name: str) -> Any:
        part = getattr(self._parts, name)
        if not any(part is each for each in self.used):
            self.used.append(part)
        return part


def new_attention(config: ModelConfig, parts: Parts) -> nn.Module:
    """An attention of these sizes."""
    return parts.attention(config.d_model, config.n_heads, config.dropout, config.bias, parts.attend)


def new_feed_forward(config: ModelConfig, parts: Parts) -> nn.Module:
    """A feed-forward network of these sizes."""
    return parts.feed_forward(config.d_model, config.hidden_width, config.activation, config.dropout)


def new_token_embeddings(config: ModelConfig, parts: Parts) -> nn.Module:
    """Embeddings of token and position of these sizes."""
    return parts.token_embeddings(
        config.vocab_size,
        config.d_model,
        config.max_length,
        config.dropout,
        config.learned_positions,
        config.scale_embeddings,
        parts.positions,
    )
