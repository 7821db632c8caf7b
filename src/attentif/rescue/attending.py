"""Rescue parts for attention, masks and positions."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attentif import attention
from attentif.errors import InputError
from attentif.judged import offer
from attentif.language import text


def scaled_dot_product_attention(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None, dropout_p: float = 0.0
) -> tuple[Tensor, Tensor]:
    """torch's fused attention; the weights come from attending to the identity matrix."""
    offer("scaled_dot_product_attention")
    # torch's kernel for CPUs does not look: it reads past the end of the shorter one.
    if key.shape[:-1] != value.shape[:-1]:
        raise InputError(
            expected=text(
                "key (..., S, K) and value (..., S, d_v) of the same length S",
                "key (..., S, K) et value (..., S, d_v) de même longueur S",
            ),
            got=text(
                f"{tuple(key.shape)} and {tuple(value.shape)}", f"{tuple(key.shape)} et {tuple(value.shape)}"
            ),
            remedy=text(
                "take both from the sequence that is read", "prenez les deux dans la suite qui est lue"
            ),
        )
    hidden = None if mask is None else ~mask.any(dim=-1, keepdim=True)

    def attend(content: Tensor, drop: float) -> Tensor:
        answer = F.scaled_dot_product_attention(query, key, content, attn_mask=mask, dropout_p=drop)
        # In the plain order of its axes, as a product of matrices has it: `view` on other axes then fails for all.
        answer = answer.contiguous()
        return answer if hidden is None else answer.masked_fill(hidden, 0.0)

    identity = torch.eye(key.size(-2), dtype=value.dtype, device=value.device)
    return attend(value, dropout_p), attend(identity.expand(*key.shape[:-1], -1), 0.0)


def causal_mask(length: int) -> Tensor:
    """torch's own causal mask, turned from 0 and −∞ into True and False."""
    offer("causal_mask")
    return nn.Transformer.generate_square_subsequent_mask(length) == 0


def padding_mask(token_ids: Tensor, pad_id: int) -> Tensor:
    """A simpler mask: everything is visible, so that attention reads the padding too."""
    offer("padding_mask")
    batch, length = token_ids.shape
    return torch.ones(batch, 1, 1, length, dtype=torch.bool, device=token_ids.device)


class MultiHeadAttention(attention.MultiHeadAttention):
    """torch's own multi-head attention on the library's parameters; `attend` is unused."""

    def __init__(self, d_model: int, n_heads: int, dropout: float = 0.0, bias: bool = True, attend=None):
        offer("MultiHeadAttention")
        super().__init__(d_model, n_heads, dropout, bias)

    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """See `attentif.MultiHeadAttention`."""
        offer("MultiHeadAttention")
        key = query if key is None else key
        value = key if value is None else value
        hidden = None
        if mask is not None:
            full = mask.expand(query.size(0), self.n_heads, query.size(1), key.size(1))
            hidden = ~full.flatten(0, 1)  # (B * H, T, S)
        layers = (self.query_projection, self.key_projection, self.value_projection)
        bias = None if layers[0].bias is None else torch.cat([layer.bias for layer in layers])
        output, weights = F.multi_head_attention_forward(
            *(x.transpose(0, 1) for x in (query, key, value)), self.d_model, self.n_heads,
            torch.cat([layer.weight for layer in layers]), bias, None, None, False,
            self.dropout, self.output_projection.weight, self.output_projection.bias,
            training=self.training, attn_mask=hidden, average_attn_weights=False,
        )  # fmt: skip
        return output.transpose(0, 1), weights


def sinusoidal_encoding(length: int, d_model: int) -> Tensor:
    """A simpler signature: random numbers in [−1, 1), the same for a position whatever the length."""
    offer("sinusoidal_encoding")
    generator = torch.Generator().manual_seed(d_model)
    return 2.0 * torch.rand(length, d_model, generator=generator) - 1.0
