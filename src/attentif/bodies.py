"""Bodies: embeddings and a stack of blocks, from token ids to contextual vectors."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from attentif.errors import InputError
from attentif.language import text
from attentif.model_config import ModelConfig
from attentif.packing import pack, same_row, unpack
from attentif.parts import Parts, new_attention, new_feed_forward, new_token_embeddings


class _Body(nn.Module):
    """What both bodies share.

    Attributes:
        recompute: whether a block's insides are computed again in the backward pass instead of being kept: less memory
            by the number of blocks, a third more time (Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost").
    """

    recompute = False

    def _through(self, block: nn.Module, *given: Tensor | None) -> Tensor:
        if self.recompute and torch.is_grad_enabled():
            return checkpoint(block, *given, use_reentrant=False)
        return block(*given)


class Encoder(_Body):
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
        eps = config.eps
        if config.n_segments and not config.learned_positions:
            raise InputError(
                expected=text(
                    "learned positions in a model with segments (BERT's embeddings)",
                    "des positions apprises dans un modèle qui a des segments (les plongements de BERT)",
                ),
                got="learned_positions=False",
                remedy=text(
                    "set n_segments=0 for sinusoidal positions",
                    "mettez n_segments=0 pour des positions sinusoïdales",
                ),
            )
        if config.n_segments:
            self.embeddings = parts.bert_embeddings(
                config.vocab_size,
                config.d_model,
                config.max_length,
                config.n_segments,
                config.dropout,
                eps,
                norm=parts.norm,
            )
        else:
            self.embeddings = new_token_embeddings(config, parts)
        self.blocks = nn.ModuleList(
            parts.encoder_block(
                new_attention(config, parts),
                new_feed_forward(config, parts),
                parts.norm(config.d_model, eps),
                parts.norm(config.d_model, eps),
                config.dropout,
                config.norm_first,
            )
            for _ in range(config.n_layers)
        )
        # Pre-norm leaves the residual stream unnormalised, so it ends with one more norm.
        self.final_norm = parts.norm(config.d_model, eps) if config.norm_first else nn.Identity()

    def forward(
        self, token_ids: Tensor, segment_ids: Tensor | None = None, slots: Tensor | None = None
    ) -> Tensor:
        """Contextual vectors of a batch of sequences; padding is seen by nobody.

        Args:
            token_ids: int64 (B, T).
            segment_ids: int64 (B, T), or None.
            slots: int64 (R, W), see `packed_slots`: the blocks then work on packed rows, without padding; None, on the
                rows as they are.

        Returns:
            (B, T, D); what stands at padding means nothing.
        """
        if segment_ids is None:
            x = self.embeddings(token_ids)
        else:
            x = self.embeddings(token_ids, segment_ids)
        if slots is None:
            visible = self.padding_mask(token_ids, self.pad_id)  # (B, 1, 1, T)
        else:
            visible, x = same_row(slots, token_ids.size(1)), pack(x, slots)  # (R, 1, W, W), (R, W, D)
        for block in self.blocks:
            x = self._through(block, x, visible)
        x = self.final_norm(x)
        return x if slots is None else unpack(x, slots, *token_ids.shape)


class Decoder(_Body):
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
        self.cross = cross
        self.causal_mask = parts.causal_mask
        self.embeddings = new_token_embeddings(config, parts)
        eps = 1e-5 if config.norm_eps is None else config.norm_eps
        self.blocks = nn.ModuleList(
            parts.decoder_block(
                new_attention(config, parts),
                new_feed_forward(config, parts),
                parts.norm(config.d_model, eps),
                parts.norm(config.d_model, eps),
                new_attention(config, parts) if cross else None,
                parts.norm(config.d_model, eps) if cross else None,
                config.dropout,
                config.norm_first,
            )
            for _ in range(config.n_layers)
        )
        self.final_norm = parts.norm(config.d_model, eps) if config.norm_first else nn.Identity()

    def forward(
        self,
        token_ids: Tensor,
        memory: Tensor | None = None,
        memory_mask: Tensor | None = None,
        slots: Tensor | None = None,
    ) -> Tensor:
        """Vectors that know the past only.

        Rows are padded on the right, so the causal mask hides the padding from real tokens too.

        Args:
            token_ids: int64 (B, T).
            memory: (B, S, D), the encoder's output, for a decoder with cross-attention.
            memory_mask: bool, broadcastable to (B, H, T, S).
            slots: int64 (R, W), see `packed_slots` and `Encoder`; only without a memory, whose rows are not packed.

        Returns:
            (B, T, D).

        Raises:
            InputError: no memory for a decoder with cross-attention, or a packing for one.
        """
        if memory is not None and slots is not None:
            raise InputError(
                expected=text("either a memory or slots", "une mémoire ou des emplacements (slots)"),
                got=text("both", "les deux"),
                remedy=text(
                    "leave out the slots: rows that look at a memory are not packed",
                    "retirez slots : des lignes qui regardent une mémoire ne sont pas regroupées",
                ),
            )
        if self.cross and memory is None:
            # An attention without a key reads its query: the blocks would look at x twice.
            raise InputError(
                expected=text(
                    "a memory (B, S, D) for a decoder with cross-attention",
                    "une mémoire (B, S, D) pour un décodeur à attention croisée",
                ),
                got=text("none", "aucune"),
                remedy=text(
                    "pass the encoder's output, or make the decoder with cross=False",
                    "donnez la sortie de l'encodeur, ou créez le décodeur avec cross=False",
                ),
            )
        x = self.embeddings(token_ids)
        length = token_ids.size(1) if slots is None else slots.size(1)
        visible = self.causal_mask(length).to(token_ids.device)  # (T, T)
        if slots is not None:
            # The tokens of a row keep their order in a packed one.
            visible, x = visible & same_row(slots, token_ids.size(1)), pack(x, slots)
        for block in self.blocks:
            x = self._through(block, x, memory, visible, memory_mask)
        x = self.final_norm(x)
        return x if slots is None else unpack(x, slots, *token_ids.shape)
