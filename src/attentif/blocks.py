"""Blocks: attention and feed-forward layers with their residual connections.

A block receives the parts that it is made of, so any of them can be exchanged for another.
Post-norm (the original) computes y = Norm(x + Sublayer(x)); pre-norm computes y = x + Sublayer(Norm(x)).
"""

from __future__ import annotations

from torch import Tensor, nn


class EncoderBlock(nn.Module):
    """Self-attention, then feed-forward, each with a residual connection and a norm.

    Args:
        attention: a MultiHeadAttention of width D.
        feed_forward: a FeedForward of width D.
        norm_attention: the norm of the attention sublayer.
        norm_feed_forward: the norm of the feed-forward sublayer.
        dropout: probability of dropping a component of a sublayer's output, in training only.
        norm_first: pre-norm if True, post-norm if False.

    Source: Vaswani et al. 2017, §3.1 (post-norm); Xiong et al. 2020, "On Layer
        Normalization in the Transformer Architecture", table 1 (pre-norm).

    >>> import torch
    >>> block = EncoderBlock(MultiHeadAttention(6, 2), FeedForward(6, 24), LayerNorm(6), LayerNorm(6))
    >>> block(torch.zeros(2, 5, 6)).shape
    torch.Size([2, 5, 6])
    """

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
        self.attention = attention
        self.feed_forward = feed_forward
        self.norm_attention = norm_attention
        self.norm_feed_forward = norm_feed_forward
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Let the positions exchange information, then transform each.

        Args:
            x: (B, T, D).
            mask: bool, broadcastable to (B, H, T, T); True means visible.

        Returns:
            (B, T, D).
        """
        if self.norm_first:
            x = x + self.dropout(self.attention(self.norm_attention(x), mask=mask)[0])
            return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
        x = self.norm_attention(x + self.dropout(self.attention(x, mask=mask)[0]))
        return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))


class DecoderBlock(nn.Module):
    """Masked self-attention, cross-attention to the encoder's output, then feed-forward.

    Without a cross-attention it is the block of GPT.

    Args:
        self_attention: a MultiHeadAttention of width D.
        feed_forward: a FeedForward of width D.
        norm_self, norm_feed_forward: the norms of these two sublayers.
        cross_attention: a MultiHeadAttention of width D, or None.
        norm_cross: the norm of the cross-attention sublayer, needed with cross_attention.
        dropout: probability of dropping a component of a sublayer's output, in training only.
        norm_first: pre-norm if True, post-norm if False.

    Source: Vaswani et al. 2017, §3.1; Radford et al. 2018, §3.1.

    >>> import torch
    >>> block = DecoderBlock(MultiHeadAttention(6, 2), FeedForward(6, 24), LayerNorm(6), LayerNorm(6))
    >>> block(torch.zeros(2, 5, 6), mask=causal_mask(5)).shape
    torch.Size([2, 5, 6])
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
        self.self_attention = self_attention
        self.cross_attention = cross_attention
        self.feed_forward = feed_forward
        self.norm_self = norm_self
        self.norm_cross = norm_cross
        self.norm_feed_forward = norm_feed_forward
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(
        self,
        x: Tensor,
        memory: Tensor | None = None,
        mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
    ) -> Tensor:
        """Look at the past of x, then at the memory if there is one, then transform each position.

        Args:
            x: (B, T, D).
            memory: (B, S, D), the encoder's output; needed with a cross-attention, not read without one.
            mask: bool, broadcastable to (B, H, T, T), usually causal; True means visible.
            memory_mask: bool, broadcastable to (B, H, T, S), usually hides padding.

        Returns:
            (B, T, D).
        """
        if self.norm_first:
            x = x + self.dropout(self.self_attention(self.norm_self(x), mask=mask)[0])
            if self.cross_attention is not None:
                looked_up = self.cross_attention(self.norm_cross(x), memory, memory, memory_mask)[0]
                x = x + self.dropout(looked_up)
            return x + self.dropout(self.feed_forward(self.norm_feed_forward(x)))
        x = self.norm_self(x + self.dropout(self.self_attention(x, mask=mask)[0]))
        if self.cross_attention is not None:
            x = self.norm_cross(x + self.dropout(self.cross_attention(x, memory, memory, memory_mask)[0]))
        return self.norm_feed_forward(x + self.dropout(self.feed_forward(x)))
