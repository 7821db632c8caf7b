"""Models: blocks stacked between an embedding and a head.

A model is made of the parts that it is given (`Parts`), so that any part, a student's own
among them, can take the place of the library's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass

from torch import Tensor, nn

from attentif.attention import MultiHeadAttention, causal_mask, padding_mask, scaled_dot_product_attention
from attentif.blocks import DecoderBlock, EncoderBlock
from attentif.embeddings import BertEmbeddings, TokenEmbeddings
from attentif.errors import InputError
from attentif.heads import CausalLMHead, MaskedLMHead, NextSentenceHead
from attentif.layers import ACTIVATIONS, FeedForward, LayerNorm


@dataclass(frozen=True)
class ModelConfig:
    """The sizes of a model.

    Args:
        vocab_size: V.
        d_model: D.
        n_layers: number of blocks (of each kind, in a Seq2Seq).
        n_heads: H, a divisor of D.
        max_length: the longest sequence (the context).
        d_ff: width of the feed-forward networks; 4 D when None.
        dropout: one probability for embeddings, attention weights and sublayers.
        activation: "gelu" or "relu".
        norm_first: pre-norm (True) or post-norm (False).
        n_segments: kinds of segment in a masked model (0: no segment embedding).
        learned_positions: a learned position table, or the sinusoidal encoding.
        bias: whether the attention projections have a bias.
        pad_id: the id of padding.
        init_std: standard deviation of the initial weights; 1/√D when None.
            Deviation: BERT and GPT take 0.02, too small for narrow models to learn with.

    Raises:
        InputError: a size that cannot be built.
    """

    vocab_size: int
    d_model: int = 64
    n_layers: int = 2
    n_heads: int = 4
    max_length: int = 64
    d_ff: int | None = None
    dropout: float = 0.1
    activation: str = "gelu"
    norm_first: bool = True
    n_segments: int = 2
    learned_positions: bool = True
    bias: bool = True
    pad_id: int = 0
    init_std: float | None = None

    def __post_init__(self) -> None:
        sizes = {"vocab_size": 1, "d_model": 1, "n_layers": 1, "n_heads": 1, "max_length": 1, "n_segments": 0}
        for name, least in {**sizes, "d_ff": 1, "init_std": 0}.items():
            value = getattr(self, name)
            if value is not None and value < least:
                raise InputError(expected=f"{name} of at least {least}", got=str(value), remedy="raise it")
        if self.d_model % self.n_heads:
            fitting = [h for h in range(1, self.d_model + 1) if self.d_model % h == 0]
            nearest = min(fitting, key=lambda h: abs(h - self.n_heads))
            raise InputError(
                expected="d_model to be a multiple of n_heads",
                got=f"d_model={self.d_model} and n_heads={self.n_heads}",
                remedy=f"take n_heads={nearest}, for example",
            )
        if not self.learned_positions and self.d_model % 2:
            raise InputError(
                expected="an even d_model with sinusoidal positions",
                got=f"d_model={self.d_model}",
                remedy="add or remove one dimension",
            )
        if not 0.0 <= self.dropout < 1.0:
            raise InputError(
                expected="dropout in [0, 1)", got=str(self.dropout), remedy="0.1 is a usual value"
            )
        if self.activation not in ACTIVATIONS:
            raise InputError(
                expected=f"activation to be one of {', '.join(ACTIVATIONS)}",
                got=repr(self.activation),
                remedy="choose one of these names",
            )

    @property
    def hidden_width(self) -> int:
        """Width of the feed-forward networks."""
        return self.d_ff if self.d_ff is not None else 4 * self.d_model

    def to_dict(self) -> dict:
        """Plain values, as saved beside the weights."""
        return asdict(self)


@dataclass(frozen=True)
class Parts:
    """What a model is made of; each field may be replaced by another of the same contract."""

    attend: Callable = scaled_dot_product_attention
    causal_mask: Callable = causal_mask
    padding_mask: Callable = padding_mask
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


def _attention(config: ModelConfig, parts: Parts) -> nn.Module:
    return parts.attention(config.d_model, config.n_heads, config.dropout, config.bias, parts.attend)


def _feed_forward(config: ModelConfig, parts: Parts) -> nn.Module:
    return parts.feed_forward(config.d_model, config.hidden_width, config.activation, config.dropout)


def _token_embeddings(config: ModelConfig, parts: Parts) -> nn.Module:
    return parts.token_embeddings(
        config.vocab_size, config.d_model, config.max_length, config.dropout, config.learned_positions
    )


class Encoder(nn.Module):
    """Embeddings and encoder blocks: every position sees every other (BERT's body).

    Args:
        config: the sizes; segments are embedded if config.n_segments > 0.
        parts: what it is made of.

    Source: Devlin et al. 2019, §3; Vaswani et al. 2017, §3.1.

    >>> import torch
    >>> Encoder(ModelConfig(vocab_size=11, d_model=6, n_heads=2))(torch.ones(2, 5).long()).shape
    torch.Size([2, 5, 6])
    """

    def __init__(self, config: ModelConfig, parts: Parts = Parts()):
        super().__init__()
        self.pad_id = config.pad_id
        self.padding_mask = parts.padding_mask
        # BERT's ε where its embeddings are used, the usual one otherwise.
        eps = 1e-12 if config.n_segments else 1e-5
        if config.n_segments and not config.learned_positions:
            raise InputError(
                expected="learned positions in a model with segments (BERT's embeddings)",
                got="learned_positions=False",
                remedy="set n_segments=0 for sinusoidal positions",
            )
        if config.n_segments:
            self.embeddings = parts.bert_embeddings(
                config.vocab_size,
                config.d_model,
                config.max_length,
                config.n_segments,
                config.dropout,
                norm=parts.norm,
            )
        else:
            self.embeddings = _token_embeddings(config, parts)
        self.blocks = nn.ModuleList(
            parts.encoder_block(
                _attention(config, parts),
                _feed_forward(config, parts),
                parts.norm(config.d_model, eps),
                parts.norm(config.d_model, eps),
                config.dropout,
                config.norm_first,
            )
            for _ in range(config.n_layers)
        )
        # Pre-norm leaves the residual stream unnormalised, so it ends with one more norm.
        self.final_norm = parts.norm(config.d_model, eps) if config.norm_first else nn.Identity()

    def forward(self, token_ids: Tensor, segment_ids: Tensor | None = None) -> Tensor:
        """Contextual vectors of a batch of sequences; padding is seen by nobody.

        Args:
            token_ids: int64 (B, T).
            segment_ids: int64 (B, T), or None.

        Returns:
            (B, T, D).
        """
        visible = self.padding_mask(token_ids, self.pad_id)  # (B, 1, 1, T)
        if segment_ids is None:
            x = self.embeddings(token_ids)
        else:
            x = self.embeddings(token_ids, segment_ids)
        for block in self.blocks:
            x = block(x, mask=visible)
        return self.final_norm(x)


class Decoder(nn.Module):
    """Embeddings and decoder blocks: each position sees itself and the past (GPT's body).

    Args:
        config: the sizes.
        parts: what it is made of.
        cross: whether the blocks attend to an encoder's output.

    Source: Radford et al. 2018, §3.1; Vaswani et al. 2017, §3.1 (with cross-attention).

    >>> import torch
    >>> Decoder(ModelConfig(vocab_size=11, d_model=6, n_heads=2))(torch.ones(2, 5).long()).shape
    torch.Size([2, 5, 6])
    """

    def __init__(self, config: ModelConfig, parts: Parts = Parts(), cross: bool = False):
        super().__init__()
        self.causal_mask = parts.causal_mask
        self.embeddings = _token_embeddings(config, parts)
        self.blocks = nn.ModuleList(
            parts.decoder_block(
                _attention(config, parts),
                _feed_forward(config, parts),
                parts.norm(config.d_model),
                parts.norm(config.d_model),
                _attention(config, parts) if cross else None,
                parts.norm(config.d_model) if cross else None,
                config.dropout,
                config.norm_first,
            )
            for _ in range(config.n_layers)
        )
        self.final_norm = parts.norm(config.d_model) if config.norm_first else nn.Identity()

    def forward(
        self, token_ids: Tensor, memory: Tensor | None = None, memory_mask: Tensor | None = None
    ) -> Tensor:
        """Vectors that know the past only.

        Rows are padded on the right, so the causal mask hides the padding from real tokens too.

        Args:
            token_ids: int64 (B, T).
            memory: (B, S, D), the encoder's output, for a decoder with cross-attention.
            memory_mask: bool, broadcastable to (B, H, T, S).

        Returns:
            (B, T, D).
        """
        visible = self.causal_mask(token_ids.size(1)).to(token_ids.device)  # (T, T)
        x = self.embeddings(token_ids)
        for block in self.blocks:
            x = block(x, memory, visible, memory_mask)
        return self.final_norm(x)


class _LanguageModel(nn.Module):
    """What the three models share: initial weights and their count."""

    config: ModelConfig

    def _initialise(self) -> None:
        std = self.config.init_std
        if std is None:
            std = 1.0 / math.sqrt(self.config.d_model)
        # Each residual sum has two terms a block: dividing them keeps the sum's size independent of depth.
        residual_std = std / math.sqrt(2 * self.config.n_layers)
        for name, parameter in self.named_parameters():
            if parameter.dim() < 2:
                continue
            ends_a_sublayer = name.endswith(("output_projection.weight", "contract.weight"))
            nn.init.normal_(parameter, std=residual_std if ends_a_sublayer else std)
        for module in self.modules():
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def n_parameters(self) -> int:
        """Number of trainable numbers, tied ones counted once."""
        return sum(parameter.numel() for parameter in self.parameters() if parameter.requires_grad)


class MaskedLM(_LanguageModel):
    """BERT: an encoder, a masked-word head and a next-sentence head.

    Args:
        config: the sizes.
        parts: what it is made of.

    Source: Devlin et al. 2019.

    >>> import torch
    >>> model = MaskedLM(ModelConfig(vocab_size=11, d_model=6, n_heads=2))
    >>> model(torch.ones(2, 5, dtype=torch.long)).shape
    torch.Size([2, 5, 11])
    """

    def __init__(self, config: ModelConfig, parts: Parts = Parts()):
        super().__init__()
        self.config = config
        self.encoder = Encoder(config, parts)
        self.head = parts.masked_head(self.encoder.embeddings.token, norm=parts.norm)
        self.next_sentence_head = parts.next_sentence_head(config.d_model)
        self._initialise()

    def hidden(self, token_ids: Tensor, segment_ids: Tensor | None = None) -> Tensor:
        """Contextual vectors (B, T, D) of token_ids (B, T)."""
        return self.encoder(token_ids, segment_ids)

    def forward(self, token_ids: Tensor, segment_ids: Tensor | None = None) -> Tensor:
        """Logits (B, T, V) of the word at each position of token_ids (B, T)."""
        return self.head(self.hidden(token_ids, segment_ids))


class CausalLM(_LanguageModel):
    """GPT: a decoder without cross-attention, and a tied head.

    Args:
        config: the sizes; segments are not used.
        parts: what it is made of.

    Source: Radford et al. 2018; pre-norm since Radford et al. 2019.

    >>> import torch
    >>> model = CausalLM(ModelConfig(vocab_size=11, d_model=6, n_heads=2))
    >>> model(torch.ones(2, 5, dtype=torch.long)).shape
    torch.Size([2, 5, 11])
    """

    def __init__(self, config: ModelConfig, parts: Parts = Parts()):
        super().__init__()
        self.config = config
        self.decoder = Decoder(config, parts)
        self.head = parts.causal_head(self.decoder.embeddings.token)
        self._initialise()

    def forward(self, token_ids: Tensor) -> Tensor:
        """Logits (B, T, V) of the token that comes after each position of token_ids (B, T)."""
        return self.head(self.decoder(token_ids))


class Seq2Seq(_LanguageModel):
    """The original Transformer: an encoder reads the source, a decoder writes the target.

    Source and target share one vocabulary and one embedding matrix.

    Args:
        config: the sizes; segments are not used.
        parts: what it is made of.

    Source: Vaswani et al. 2017, §3.1 and §3.4.

    >>> import torch
    >>> model = Seq2Seq(ModelConfig(vocab_size=11, d_model=6, n_heads=2))
    >>> model(torch.ones(2, 7, dtype=torch.long), torch.ones(2, 5, dtype=torch.long)).shape
    torch.Size([2, 5, 11])
    """

    def __init__(self, config: ModelConfig, parts: Parts = Parts()):
        super().__init__()
        self.config = config
        self.padding_mask = parts.padding_mask
        self.encoder = Encoder(ModelConfig(**{**config.to_dict(), "n_segments": 0}), parts)
        self.decoder = Decoder(config, parts, cross=True)
        self.decoder.embeddings.token = self.encoder.embeddings.token
        self.head = parts.causal_head(self.encoder.embeddings.token)
        self._initialise()

    def forward(self, source_ids: Tensor, target_ids: Tensor) -> Tensor:
        """Logits (B, T, V) of the token after each position of target_ids (B, T), given source_ids (B, S)."""
        memory = self.encoder(source_ids)  # (B, S, D)
        memory_mask = self.padding_mask(source_ids, self.config.pad_id)  # (B, 1, 1, S)
        return self.head(self.decoder(target_ids, memory, memory_mask))
