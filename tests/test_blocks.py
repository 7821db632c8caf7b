"""Blocks against torch's Transformer layers: both norm orders, both activations, masks, all gradients."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from oracles import (
    assert_binomial,
    assert_same,
    assert_same_gradients,
    decoder_layer_pairs,
    encoder_layer_pairs,
    randn,
    randomise,
    torch_decoder_layer,
    torch_encoder_layer,
    visible,
)
from torch import nn

from attentif import (
    DecoderBlock,
    EncoderBlock,
    FeedForward,
    LayerNorm,
    MultiHeadAttention,
    causal_mask,
    fused_attention,
)

B, T, S, D, H, F = 2, 5, 7, 12, 3, 20
ORDERS = list(itertools.product((True, False), ("relu", "gelu")))


def encoder_block(kind=EncoderBlock, norm_first=False, activation="relu", **attention) -> EncoderBlock:
    parts = (MultiHeadAttention(D, H, **attention), FeedForward(D, F, activation), LayerNorm(D), LayerNorm(D))
    return randomise(kind(*parts, norm_first=norm_first), seed=1)


def decoder_block(kind=DecoderBlock, norm_first=False, activation="relu", cross=True) -> DecoderBlock:
    parts = (MultiHeadAttention(D, H), FeedForward(D, F, activation), LayerNorm(D), LayerNorm(D))
    looking_up = (MultiHeadAttention(D, H), LayerNorm(D)) if cross else ()
    return randomise(kind(*parts, *looking_up, norm_first=norm_first), seed=2)


def check_encoder(kind) -> None:
    for norm_first, activation in ORDERS:
        ours = encoder_block(kind, norm_first, activation)
        theirs = torch_encoder_layer(ours)
        for batch, length in ((B, T), (1, 1)):
            x = randn(batch, length, D, seed=3, requires_grad=True)
            padding = visible(batch, length, seed=0)
            pairwise = visible(length, length, seed=0)
            pairs = [(x, x), *encoder_layer_pairs(ours, theirs)]
            assert_same_gradients(ours(x), theirs(x), pairs)
            assert_same_gradients(
                ours(x, padding[:, None, None] & pairwise),
                theirs(x, src_mask=~pairwise, src_key_padding_mask=~padding),
                pairs,
            )


def check_decoder(kind) -> None:
    for norm_first, activation in ORDERS:
        ours = decoder_block(kind, norm_first, activation)
        theirs = torch_decoder_layer(ours)
        for batch, length, source in ((B, T, S), (1, 1, 4), (1, 3, 1)):
            x = randn(batch, length, D, seed=3, requires_grad=True)
            memory = randn(batch, source, D, seed=4, requires_grad=True)
            past, padding = causal_mask(length), visible(batch, source, seed=1)
            pairs = [(x, x), (memory, memory), *decoder_layer_pairs(ours, theirs)]
            assert_same_gradients(ours(x, memory), theirs(x, memory), pairs)
            assert_same_gradients(
                ours(x, memory, past, padding[:, None, None]),
                theirs(x, memory, tgt_mask=~past, memory_key_padding_mask=~padding),
                pairs,
            )


def check_gpt_block(kind) -> None:
    """A decoder block without cross-attention is an encoder layer under a causal mask."""
    for norm_first, activation in ORDERS:
        ours = decoder_block(kind, norm_first, activation, cross=False)
        theirs = torch_encoder_layer(ours)
        x = randn(B, T, D, seed=3, requires_grad=True)
        pairs = [(x, x), *encoder_layer_pairs(ours, theirs)]
        assert_same_gradients(ours(x, mask=causal_mask(T)), theirs(x, src_mask=~causal_mask(T)), pairs)
        # A memory without a cross-attention to read it changes nothing.
        memory = randn(B, S, D, seed=4)
        assert_same(ours(x, memory, causal_mask(T)), ours(x, mask=causal_mask(T)).detach())


def test_encoder_block_equals_torch():
    check_encoder(EncoderBlock)


def test_decoder_block_equals_torch():
    check_decoder(DecoderBlock)


def test_gpt_block_equals_torch():
    check_gpt_block(DecoderBlock)


class OrderSwapped(EncoderBlock):
    def forward(self, x, mask=None):
        self.norm_first = not self.norm_first
        try:
            return super().forward(x, mask)
        finally:
            self.norm_first = not self.norm_first


class NoFirstResidual(EncoderBlock):
    def forward(self, x, mask=None):
        if self.norm_first:
            x = self.attention(self.norm_attention(x), mask=mask)[0]
            return x + self.feed_forward(self.norm_feed_forward(x))
        x = self.norm_attention(self.attention(x, mask=mask)[0])
        return self.norm_feed_forward(x + self.feed_forward(x))


class NoSecondResidual(EncoderBlock):
    def forward(self, x, mask=None):
        if self.norm_first:
            x = x + self.attention(self.norm_attention(x), mask=mask)[0]
            return self.feed_forward(self.norm_feed_forward(x))
        x = self.norm_attention(x + self.attention(x, mask=mask)[0])
        return self.norm_feed_forward(self.feed_forward(x))


class SameNormTwice(EncoderBlock):
    def forward(self, x, mask=None):
        if self.norm_first:
            x = x + self.attention(self.norm_attention(x), mask=mask)[0]
            return x + self.feed_forward(self.norm_attention(x)) + 0 * self.norm_feed_forward(x)
        x = self.norm_attention(x + self.attention(x, mask=mask)[0])
        return self.norm_attention(x + self.feed_forward(x)) + 0 * self.norm_feed_forward(x)


class Parallel(EncoderBlock):
    def forward(self, x, mask=None):
        attended = self.attention(self.norm_attention(x), mask=mask)[0]
        return x + attended + self.feed_forward(self.norm_feed_forward(x))


class MaskIgnored(EncoderBlock):
    def forward(self, x, mask=None):
        return super().forward(x)


class ResidualFromNormed(EncoderBlock):
    def forward(self, x, mask=None):
        if not self.norm_first:
            return super().forward(x, mask)
        normed = self.norm_attention(x)
        x = normed + self.attention(normed, mask=mask)[0]
        normed = self.norm_feed_forward(x)
        return normed + self.feed_forward(normed)


@pytest.mark.parametrize(
    "mistake",
    [
        OrderSwapped, NoFirstResidual, NoSecondResidual, SameNormTwice, Parallel, MaskIgnored,
        ResidualFromNormed,
    ],
)  # fmt: skip
def test_the_comparison_sees_wrong_encoder_blocks(mistake):
    with pytest.raises(AssertionError):
        check_encoder(mistake)


class LooksUpItself(DecoderBlock):
    def forward(self, x, memory=None, mask=None, memory_mask=None):
        return super().forward(x, x + 0 * memory.sum(), mask, None)


class MemoryMaskIgnored(DecoderBlock):
    def forward(self, x, memory=None, mask=None, memory_mask=None):
        return super().forward(x, memory, mask)


class CausalMaskIgnored(DecoderBlock):
    def forward(self, x, memory=None, mask=None, memory_mask=None):
        return super().forward(x, memory, None, memory_mask)


class AttentionsSwapped(DecoderBlock):
    def forward(self, x, memory=None, mask=None, memory_mask=None):
        self.self_attention, self.cross_attention = self.cross_attention, self.self_attention
        try:
            return super().forward(x, memory, mask, memory_mask)
        finally:
            self.self_attention, self.cross_attention = self.cross_attention, self.self_attention


class NormsSwapped(DecoderBlock):
    def forward(self, x, memory=None, mask=None, memory_mask=None):
        self.norm_cross, self.norm_self = self.norm_self, self.norm_cross
        try:
            return super().forward(x, memory, mask, memory_mask)
        finally:
            self.norm_cross, self.norm_self = self.norm_self, self.norm_cross


@pytest.mark.parametrize(
    "mistake", [LooksUpItself, MemoryMaskIgnored, CausalMaskIgnored, AttentionsSwapped, NormsSwapped]
)
def test_the_comparison_sees_wrong_decoder_blocks(mistake):
    with pytest.raises(AssertionError):
        check_decoder(mistake)


# Dropout, extremes, parts


class Ones(nn.Module):
    """A sublayer whose output is 1 everywhere."""

    def forward(self, x, *_, **named):
        ones = torch.ones_like(x)
        return (ones, None) if self.as_attention else ones

    def __init__(self, as_attention=False):
        super().__init__()
        self.as_attention = as_attention


@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("cross", [None, False, True])
def test_dropout_falls_on_the_output_of_each_sublayer(norm_first, cross):
    identity = [nn.Identity(), nn.Identity()]
    if cross is None:
        block = EncoderBlock(Ones(True), Ones(), *identity, dropout=0.2, norm_first=norm_first)
        n_sublayers = 2
    else:
        looking_up = (Ones(True), nn.Identity()) if cross else (None, None)
        block = DecoderBlock(Ones(True), Ones(), *identity, *looking_up, dropout=0.2, norm_first=norm_first)
        n_sublayers = 3 if cross else 2
    x = torch.full((20, 30, D), 10.0)  # the residual itself is never dropped
    assert_same(block.eval()(x), x + n_sublayers)
    kept = (block.train()(x) - 10.0) * 0.8
    assert_same(kept, kept.round(), tolerance=1e-4)
    counts = torch.bincount(kept.round().long().flatten(), minlength=n_sublayers + 1)
    for number, count in enumerate(counts.tolist()):
        share = math.comb(n_sublayers, number) * 0.8**number * 0.2 ** (n_sublayers - number)
        assert_binomial(count, kept.numel(), share)


@pytest.mark.parametrize("norm_first", [True, False])
def test_a_position_that_sees_nothing_stays_finite(norm_first):
    block = encoder_block(norm_first=norm_first)
    x = randn(B, T, D, seed=3, requires_grad=True)
    mask = torch.ones(B, 1, T, T, dtype=torch.bool)
    mask[0, :, 2] = False
    output = block(x, mask)
    output.square().sum().backward()
    assert bool(torch.isfinite(output).all())
    assert all(bool(torch.isfinite(p.grad).all()) for p in (x, *block.parameters()))


def test_the_same_block_with_the_fused_kernel():
    readable, fused = encoder_block(), encoder_block(attend=fused_attention)
    x = randn(B, T, D, seed=3, requires_grad=True)
    mask = visible(B, 1, T, T, seed=3)
    pairs = [(x, x), *zip(fused.parameters(), readable.parameters(), strict=True)]
    assert_same_gradients(fused(x, mask), readable(x, mask), pairs)
