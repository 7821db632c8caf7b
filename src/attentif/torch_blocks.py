"""torch's own Transformer layers around given parts: the blocks that `attentif.rescue` offers.

torch builds its layers with parts of its own; here the places of these are taken by the attention, the
feed-forward network and the norms that the block is given.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from attentif.judged import offer


class _AsTorchAttention(nn.Module):
    """An attention of ours, called the way in which torch's layers call theirs."""

    batch_first = (
        False  # by which torch's encoder layer knows that its fused kernel cannot take this one's place
    )

    def __init__(self, attention: nn.Module):
        super().__init__()
        self.attention = attention

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None, **others: object
    ) -> tuple[Tensor, Tensor | None]:
        """As torch's; a mask is True, or −∞, where hidden."""
        return self.attention(query, key, value, None if attn_mask is None else attn_mask == 0)


def _around(
    kind: type[nn.Module],
    attentions: Sequence[nn.Module],
    feed_forward: nn.Module,
    norms: Sequence[nn.Module],
    dropout: float,
    norm_first: bool,
) -> nn.Module:
    """A layer of torch's around these parts, in the order of its sublayers."""
    # Its own parts are thrown away: on the meta device they cost nothing and draw no random numbers.
    offer("EncoderBlock")  # a layer of torch's would be the whole answer, to both exercises
    layer = kind(1, 1, 1, dropout, nn.Identity(), norm_first=norm_first, device="meta")
    for name, attention in zip(("self_attn", "multihead_attn"), attentions, strict=False):
        setattr(layer, name, _AsTorchAttention(attention))
    for number, norm in enumerate(norms, start=1):
        setattr(layer, f"norm{number}", norm)
    layer.linear1, layer.dropout, layer.linear2 = feed_forward, nn.Identity(), nn.Identity()
    return layer


class TorchEncoderBlock(nn.Module):
    """torch's nn.TransformerEncoderLayer behind the interface of `attentif.EncoderBlock`."""

    def __init__(
        self,
        attention: nn.Module,
        feed_forward: nn.Module,
        norm_attention: nn.Module,
        norm_feed_forward: nn.Module,
        dropout: float = 0.0,
        norm_first: bool = False,
    ):
        super().__init__()
        norms = (norm_attention, norm_feed_forward)
        self.layer = _around(
            nn.TransformerEncoderLayer, [attention], feed_forward, norms, dropout, norm_first
        )

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """See `attentif.EncoderBlock`."""
        offer("EncoderBlock")
        return self.layer(x, None if mask is None else ~mask)


class TorchDecoderBlock(nn.Module):
    """torch's nn.TransformerDecoderLayer behind the interface of `attentif.DecoderBlock`.

    Without a cross-attention, the layer of an encoder does the same under a causal mask.
    """

    def __init__(
        self,
        self_attention: nn.Module,
        feed_forward: nn.Module,
        norm_self: nn.Module,
        norm_feed_forward: nn.Module,
        cross_attention: nn.Module | None = None,
        norm_cross: nn.Module | None = None,
        dropout: float = 0.0,
        norm_first: bool = False,
    ):
        super().__init__()
        self.has_cross_attention = cross_attention is not None
        if cross_attention is None:
            kind, attentions, norms = (
                nn.TransformerEncoderLayer,
                [self_attention],
                [norm_self, norm_feed_forward],
            )
        else:
            kind, attentions = nn.TransformerDecoderLayer, [self_attention, cross_attention]
            norms = [norm_self, norm_cross, norm_feed_forward]
        self.layer = _around(kind, attentions, feed_forward, norms, dropout, norm_first)

    def forward(
        self,
        x: Tensor,
        memory: Tensor | None = None,
        mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
    ) -> Tensor:
        """See `attentif.DecoderBlock`."""
        offer("DecoderBlock")
        hidden, hidden_memory = (None if seen is None else ~seen for seen in (mask, memory_mask))
        if not self.has_cross_attention:
            return self.layer(x, hidden)
        return self.layer(x, memory, tgt_mask=hidden, memory_mask=hidden_memory)
