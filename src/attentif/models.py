"""Models: a body (`attentif.bodies`), a head, and initial weights.

A model is made of the parts that it is given (`Parts`), so that any part, a student's own
among them, can take the place of the library's.
"""

from __future__ import annotations

import math

from torch import Tensor, nn

from attentif.bodies import Decoder, Encoder
from attentif.model_config import ModelConfig
from attentif.parts import Parts

__all__ = ["CausalLM", "Decoder", "Encoder", "MaskedLM", "ModelConfig", "Parts", "Seq2Seq"]


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
        self.head = parts.masked_head(
            self.encoder.embeddings.token,
            1e-12 if config.norm_eps is None else config.norm_eps,
            norm=parts.norm,
        )
        self.next_sentence_head = parts.next_sentence_head(config.d_model)
        self._initialise()

    def hidden(
        self, token_ids: Tensor, segment_ids: Tensor | None = None, slots: Tensor | None = None
    ) -> Tensor:
        """Contextual vectors (B, T, D) of token_ids (B, T); slots as in `Encoder`."""
        return self.encoder(token_ids, segment_ids, slots)

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

    def hidden(self, token_ids: Tensor, slots: Tensor | None = None) -> Tensor:
        """Vectors (B, T, D) of token_ids (B, T), each of which knows the past only; slots as in `Decoder`."""
        return self.decoder(token_ids, slots=slots)

    def forward(self, token_ids: Tensor) -> Tensor:
        """Logits (B, T, V) of the token that comes after each position of token_ids (B, T)."""
        return self.head(self.hidden(token_ids))


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
