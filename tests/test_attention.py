"""Attention against torch's own and naive loops: values, gradients, masks, invariants, known mistakes."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from oracles import (
    assert_binomial,
    assert_same,
    assert_same_gradients,
    attention_pairs,
    naive_attention,
    randn,
    randomise,
    torch_attention,
    visible,
)
from torch.nn import functional as F

from attentif import (
    InputError,
    MultiHeadAttention,
    causal_mask,
    fused_attention,
    padding_mask,
    scaled_dot_product_attention,
)

# (B, H, T, S, K, V): all different, then a batch of one, one query, one key, and one of everything.
SHAPES = [(2, 3, 5, 7, 4, 6), (1, 2, 4, 6, 3, 5), (2, 3, 1, 7, 4, 6), (2, 3, 5, 1, 4, 6), (1, 1, 1, 1, 1, 1)]
MASKS = {
    "none": lambda b, h, t, s: None,
    "full": lambda b, h, t, s: visible(b, h, t, s, seed=3),
    "padding": lambda b, h, t, s: visible(b, 1, 1, s, seed=4),
    "shared": lambda b, h, t, s: visible(t, s, seed=5),
    "per head": lambda b, h, t, s: visible(h, 1, s, seed=6),
}


def inputs(shape, requires_grad=True):
    b, h, t, s, k, v = shape
    sizes = ((b, h, t, k), (b, h, s, k), (b, h, s, v))
    return [(2 * randn(*size, seed=i)).requires_grad_(requires_grad) for i, size in enumerate(sizes)]


def check_attention(candidate) -> None:
    """Value, weights and gradients on every shape and mask; raises AssertionError at the first difference."""
    for shape in SHAPES:
        for make_mask in MASKS.values():
            query, key, value = inputs(shape)
            mask = make_mask(*shape[:4])
            output, weights = candidate(query, key, value, mask)
            expected = F.scaled_dot_product_attention(query, key, value, mask)
            assert_same_gradients(output, expected, [(query, query), (key, key), (value, value)])
            # torch's function does not return its weights: with the identity as values, they are its output.
            identity = torch.eye(shape[3], dtype=torch.float64).expand(*shape[:2], -1, -1)
            expected_weights = F.scaled_dot_product_attention(query, key, identity, mask)
            assert_same(weights, expected_weights)
            if shape[3] > 2:  # over a single key the softmax is constant
                assert_same_gradients(weights, expected_weights, [(query, query), (key, key)])


def test_values_weights_and_gradients_equal_torch():
    check_attention(scaled_dot_product_attention)


@pytest.mark.parametrize("mask", MASKS)
def test_values_and_weights_equal_naive_loops(mask):
    shape = (2, 2, 3, 5, 4, 6)
    query, key, value = inputs(shape, requires_grad=False)
    mask = MASKS[mask](*shape[:4])
    output, weights = scaled_dot_product_attention(query, key, value, mask)
    expected_output, expected_weights = naive_attention(query, key, value, mask)
    assert_same(output, expected_output)
    assert_same(weights, expected_weights)


def test_gradients_equal_finite_differences():
    query, key, value = inputs((1, 2, 3, 4, 2, 5))
    mask = visible(2, 3, 4, seed=1)
    mask[0, 1] = False
    assert torch.autograd.gradcheck(
        lambda q, k, v: scaled_dot_product_attention(q, k, v, mask), (query, key, value)
    )


def test_fewer_and_more_leading_dimensions():
    for leading in ((), (3,), (2, 1, 3)):
        query, key, value = (
            randn(*leading, *size, seed=i) for i, size in enumerate([(4, 2), (6, 2), (6, 5)])
        )
        output, weights = scaled_dot_product_attention(query, key, value)
        assert_same(output, F.scaled_dot_product_attention(query, key, value))
        assert weights.shape == (*leading, 4, 6)


def wrong(
    scale=lambda k: 1 / math.sqrt(k),
    dim=-1,
    key_as_value=False,
    mask_as=lambda m: m,
    after=False,
    fill=-math.inf,
):
    """An attention with one thing wrong."""

    def attend(query, key, value, mask=None, dropout_p=0.0):
        scores = query @ key.transpose(-2, -1) * scale(query.size(-1))
        mask = mask_as(mask) if mask is not None else None
        if mask is not None and not after:
            scores = scores.masked_fill(~mask, fill)
        weights = scores.softmax(dim)
        if mask is not None and after:
            weights = weights.masked_fill(~mask, 0.0)
        if key_as_value:
            value = key.repeat(1, 1, 1, 2)[..., : value.size(-1)]
        return weights @ value, weights

    return attend


@pytest.mark.parametrize(
    "mistake",
    [
        wrong(scale=lambda k: 1.0),
        wrong(scale=lambda k: 1 / k),
        wrong(dim=-2),
        wrong(key_as_value=True),
        wrong(mask_as=lambda mask: torch.ones_like(mask)),
        wrong(mask_as=lambda mask: ~mask | (torch.arange(mask.size(-1)) == 0)),
        wrong(after=True),
        wrong(fill=0.0),
        wrong(fill=-10.0),
        lambda query, key, value, mask=None: (
            torch.zeros_like(query[..., :1]) * value[..., :1, :],
            torch.zeros_like(query @ key.transpose(-2, -1)),
        ),
    ],
    ids=[
        "no scale", "divided by K", "softmax over queries", "keys as values", "mask ignored", "mask inverted",
        "mask after softmax", "scores filled with 0", "scores filled with -10", "zeros",
    ],
)  # fmt: skip
def test_the_comparison_sees_wrong_attention(mistake):
    with pytest.raises(AssertionError):
        check_attention(mistake)


def test_the_comparison_accepts_correct_attention_written_differently():
    def variant(query, key, value, mask=None):
        scores = torch.einsum("...tk,...sk->...ts", query, key) * query.size(-1) ** -0.5
        if mask is not None:
            scores = scores + torch.zeros_like(scores).masked_fill(~mask, -1e4)
        exponentials = (scores - scores.amax(-1, keepdim=True)).exp()
        weights = exponentials / exponentials.sum(-1, keepdim=True)
        return torch.einsum("...ts,...sv->...tv", weights, value), weights

    check_attention(variant)


# Extremes


@pytest.mark.parametrize("attend", [scaled_dot_product_attention, fused_attention])
def test_a_query_that_sees_nothing_gets_zeros_and_finite_gradients(attend):
    shape = (2, 3, 5, 7, 4, 6)
    mask = visible(2, 1, 5, 7, seed=2)
    mask[0, :, 1] = False  # one query of the first sequence, and all of the second
    mask[1] = False
    query, key, value = inputs(shape)
    output, weights = attend(query, key, value, mask)
    assert output[0, :, 1].abs().max() == 0 and output[1].abs().max() == 0
    if weights is not None:
        assert weights[0, :, 1].abs().max() == 0 and weights[1].abs().max() == 0
        assert_same(weights[0, :, [0, 2, 3, 4]].sum(-1), torch.ones(3, 4, dtype=torch.float64))
    direction = randn(*output.shape, seed=9)
    gradients = torch.autograd.grad(output, [query, key, value], direction)
    # The others get what they get when the blind queries are not there at all.
    seeing = [0, 2, 3, 4]
    rest = F.scaled_dot_product_attention(query[:1, :, seeing], key[:1], value[:1], mask[:1, :, seeing])
    assert_same(output[:1, :, seeing], rest)
    expected = torch.autograd.grad(rest, [query, key, value], direction[:1, :, seeing])
    for got, wanted in zip(gradients, expected, strict=True):
        assert_same(got, wanted)
    assert gradients[0][0, :, 1].abs().max() == 0 and gradients[0][1].abs().max() == 0


def test_large_scores_stay_finite():
    query, key, value = (tensor.detach() for tensor in inputs((2, 3, 5, 7, 4, 6)))
    output, weights = scaled_dot_product_attention(1e6 * query, 1e6 * key, value)
    winner = (query @ key.transpose(-2, -1)).argmax(-1)
    assert_same(weights, F.one_hot(winner, 7).double())
    assert_same(output, value.gather(2, winner[..., None].expand(-1, -1, -1, 6)))
    blind, _ = scaled_dot_product_attention(
        1e6 * query, 1e6 * key, value, torch.zeros(5, 7, dtype=torch.bool)
    )
    assert blind.abs().max() == 0


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_narrow_dtypes_are_kept_and_close_to_float64(dtype):
    query, key, value = (tensor.detach().to(dtype) for tensor in inputs((2, 3, 5, 7, 4, 6)))
    mask = visible(2, 3, 5, 7, seed=1)
    mask[1, 0, 2] = False
    output, weights = scaled_dot_product_attention(query, key, value, mask)
    expected_output, expected_weights = scaled_dot_product_attention(
        query.double(), key.double(), value.double(), mask
    )
    assert_same(output, expected_output.to(dtype), tolerance=2e-2 if dtype == torch.float16 else None)
    assert_same(weights, expected_weights.to(dtype), tolerance=2e-2 if dtype == torch.float16 else None)


def test_float16_scores_that_only_overflow_before_the_division():
    # 60 · 60 · 64 is above the largest fp16 number, the division by √64 brings it below.
    query, key = torch.full((1, 64), 60.0).half(), torch.full((2, 64), 60.0).half()
    key[1] -= 1
    output, weights = scaled_dot_product_attention(query, key, torch.tensor([[1.0], [2.0]]).half())
    assert weights.tolist() == [[1.0, 0.0]] and output.tolist() == [[1.0]]


def test_inputs_are_left_untouched():
    query, key, value = (tensor.detach() for tensor in inputs((2, 3, 5, 7, 4, 6)))
    mask = visible(2, 3, 5, 7, seed=1)
    before = [tensor.clone() for tensor in (query, key, value, mask)]
    scaled_dot_product_attention(query, key, value, mask, dropout_p=0.5)
    assert all(torch.equal(a, b) for a, b in zip(before, (query, key, value, mask), strict=True))


# Dropout


def test_dropout_drops_weights_after_the_softmax_and_rescales_the_others():
    torch.manual_seed(0)
    query, key = randn(40, 25, 4, seed=0), randn(40, 30, 4, seed=1)
    identity = torch.eye(30, dtype=torch.float64).expand(40, -1, -1)
    output, weights = scaled_dot_product_attention(query, key, identity, dropout_p=0.3)
    assert_same(weights, scaled_dot_product_attention(query, key, identity)[1])
    kept = output != 0
    assert_same(output[kept], (weights / 0.7)[kept])
    assert_binomial(int((~kept).sum()), kept.numel(), 0.3)
    again, _ = scaled_dot_product_attention(query, key, identity, dropout_p=0.3)
    assert not torch.equal(again, output)


def test_multi_head_dropout_acts_in_training_only():
    attention = randomise(MultiHeadAttention(12, 3, dropout=0.4))
    plain = randomise(MultiHeadAttention(12, 3))
    x = randn(2, 5, 12, seed=1)
    assert torch.equal(attention.eval()(x)[0], plain(x)[0])
    trained = attention.train()(x)[0]
    assert not torch.allclose(trained, plain(x)[0])
    assert not torch.equal(trained, attention(x)[0])
    attention.dropout = 0.0
    assert torch.equal(attention(x)[0], plain(x)[0])


# Masks


def test_causal_mask_sees_itself_and_the_past():
    for length in (1, 2, 5):
        mask = causal_mask(length)
        assert mask.dtype == torch.bool and mask.shape == (length, length)
        assert all(bool(mask[t, s]) == (s <= t) for t in range(length) for s in range(length))


def test_padding_mask_hides_padding_from_every_query():
    token_ids = torch.tensor([[7, 3, 9, 3], [3, 3, 3, 3], [1, 2, 4, 5]])
    mask = padding_mask(token_ids, pad_id=3)
    assert mask.dtype == torch.bool and mask.shape == (3, 1, 1, 4)
    assert mask[:, 0, 0].tolist() == [[True, False, True, False], [False] * 4, [True] * 4]
    assert (mask & causal_mask(4)).shape == (3, 1, 4, 4)


@pytest.mark.parametrize("shape", [(2, 1, 1, 7), (1, 3, 1, 7), (5, 7), (7,), (2, 3, 5, 1), (1, 1, 5, 1)])
@pytest.mark.parametrize("attend", [scaled_dot_product_attention, fused_attention])
def test_a_mask_broadcasts(shape, attend):
    query, key, value = inputs((2, 3, 5, 7, 4, 6), requires_grad=False)
    mask = torch.rand(shape, generator=torch.Generator().manual_seed(1)) < 0.6
    assert_same(attend(query, key, value, mask)[0], attend(query, key, value, mask.expand(2, 3, 5, 7))[0])


# The fused kernel


@pytest.mark.parametrize("shape", SHAPES[:4])
@pytest.mark.parametrize("mask", MASKS)
def test_fused_attention_equals_the_readable_one(shape, mask):
    query, key, value = inputs(shape)
    mask = MASKS[mask](*shape[:4])
    fused, weights = fused_attention(query, key, value, mask)
    assert weights is None
    output, _ = scaled_dot_product_attention(query, key, value, mask)
    assert_same_gradients(fused, output, [(query, query), (key, key), (value, value)])


def test_fused_attention_applies_dropout():
    query, key, value = inputs((2, 3, 5, 7, 4, 6), requires_grad=False)
    kept = fused_attention(query, key, value)[0]
    assert not torch.allclose(fused_attention(query, key, value, dropout_p=0.5)[0], kept)


# Multi-head


def check_multi_head(build, sizes=((12, 3), (6, 6), (8, 1), (10, 2))) -> None:
    """Self- and cross-attention of build(d_model, n_heads, bias=…) against nn.MultiheadAttention."""
    for d_model, n_heads in sizes:
        for b, t, s in ((2, 5, 7), (1, 1, 4), (3, 4, 1)):
            ours = randomise(build(d_model, n_heads, bias=d_model != 10), seed=d_model)
            theirs = torch_attention(ours)
            names = [(mine, his) for mine, his in attention_pairs(ours, theirs)]
            x, memory, other = (
                randn(b, n, d_model, seed=i, requires_grad=True) for i, n in enumerate((t, s, s))
            )
            padding = visible(b, s, seed=b)  # (B, S), True visible
            pairwise = visible(t, s, seed=t)  # (T, S)
            both = (padding[:, None, None] & pairwise) | (torch.arange(s) == b % s)

            def compare(arguments, key_value, mask, **torch_masks):
                got, weights = ours(*arguments, mask=mask)  # noqa: B023
                wanted, wanted_weights = theirs(*key_value, average_attn_weights=False, **torch_masks)  # noqa: B023
                leaves = [(tensor, tensor) for tensor in {id(a): a for a in key_value}.values()]
                assert_same_gradients(got, wanted, names + leaves)  # noqa: B023
                assert_same(weights, wanted_weights)

            if t > 1:
                compare((x,), (x, x, x), None)
            compare((x, memory), (x, memory, memory), None)
            compare((x, memory, other), (x, memory, other), None)
            if s > 1:
                # theirs: True means hidden
                compare((x, memory), (x, memory, memory), padding[:, None, None], key_padding_mask=~padding)
                compare((x, memory, other), (x, memory, other), pairwise, attn_mask=~pairwise)
                per_head = (~both).expand(b, n_heads, t, s).flatten(0, 1)
                compare((x, memory, other), (x, memory, other), both, attn_mask=per_head)
            if t > 1:
                compare((x,), (x, x, x), causal_mask(t), attn_mask=~causal_mask(t))


def test_multi_head_equals_torch():
    check_multi_head(MultiHeadAttention)


class MergedByView(MultiHeadAttention):
    def forward(self, query, key=None, value=None, mask=None):
        def attend(*arguments):
            output, weights = self.real(*arguments)
            b, h, t, k = output.shape
            return output.reshape(b, t, h, k).transpose(1, 2), weights

        self.real, self.attend = scaled_dot_product_attention, attend
        return super().forward(query, key, value, mask)


class SplitByView(MultiHeadAttention):
    def forward(self, query, key=None, value=None, mask=None):
        def attend(*arguments):
            def reorder(x):
                b, h, t, k = x.shape
                return x.transpose(1, 2).reshape(b, h, t, k)

            query, key, value, *rest = arguments
            output, weights = scaled_dot_product_attention(
                reorder(query), reorder(key), reorder(value), *rest
            )
            return output, weights

        self.attend = attend
        return super().forward(query, key, value, mask)


class NoOutputProjection(MultiHeadAttention):
    def forward(self, *arguments, **named):
        output, weights = super().forward(*arguments, **named)
        return (output - self.output_projection(torch.zeros_like(output))) @ torch.linalg.inv(
            self.output_projection.weight.T
        ), weights


class KeyProjectsValue(MultiHeadAttention):
    def forward(self, query, key=None, value=None, mask=None):
        kept, self.value_projection = self.value_projection, self.key_projection
        try:
            return super().forward(query, key, value, mask)
        finally:
            self.value_projection = kept


class KeyAndValueFromQuery(MultiHeadAttention):
    def forward(self, query, key=None, value=None, mask=None):
        return super().forward(query, query, query, None if mask is None else mask[..., : query.size(1)])


class ScaledByModelWidth(MultiHeadAttention):
    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        k, d = self.d_model // self.n_heads, self.d_model
        self.attend = lambda q, *rest: scaled_dot_product_attention(q * math.sqrt(k / d), *rest)


@pytest.mark.parametrize(
    "mistake",
    [
        MergedByView,
        SplitByView,
        NoOutputProjection,
        KeyProjectsValue,
        KeyAndValueFromQuery,
        ScaledByModelWidth,
    ],
)
def test_the_comparison_sees_wrong_multi_head(mistake):
    with pytest.raises(AssertionError):
        check_multi_head(mistake, sizes=((12, 3),))


@pytest.mark.parametrize("arguments", [{}, {"dropout": 0.25}])
def test_the_attend_that_is_given_is_called_with_what_it_needs(arguments):
    calls = []

    def attend(query, key, value, mask, dropout_p):
        calls.append((query.shape, key.shape, value.shape, mask, dropout_p))
        return scaled_dot_product_attention(query, key, value, mask)

    attention = MultiHeadAttention(12, 3, attend=attend, **arguments)
    mask = torch.ones(5, 7, dtype=torch.bool)
    attention.train()(torch.randn(2, 5, 12), torch.randn(2, 7, 12), mask=mask)
    attention.eval()(torch.randn(2, 5, 12), torch.randn(2, 7, 12))
    shapes = ((2, 3, 5, 4), (2, 3, 7, 4), (2, 3, 7, 4))
    assert calls[0][:3] == shapes and calls[0][3] is mask and calls[1][3] is None
    assert [call[4] for call in calls] == [arguments.get("dropout", 0.0), 0.0]


@pytest.mark.parametrize(("d_model", "n_heads"), [(10, 3), (4, 8), (8, 0)])
def test_heads_that_do_not_share_the_width_are_refused(d_model, n_heads):
    with pytest.raises(
        InputError, match=rf"multiple of n_heads, got d_model={d_model} and n_heads={n_heads}"
    ):
        MultiHeadAttention(d_model, n_heads)


# Invariants


def check_causality(make_mask) -> None:
    attention = randomise(MultiHeadAttention(12, 3))
    x = randn(2, 6, 12, seed=1, requires_grad=True)
    output = attention(x, mask=make_mask(6))[0]
    for t in range(6):
        (gradient,) = torch.autograd.grad(output[:, t].sum(), x, retain_graph=True)
        reached = gradient.abs().amax(dim=(0, 2))
        assert bool((reached[: t + 1] > 0).all()) and bool((reached[t + 1 :] == 0).all())
        moved = x.detach().clone()
        moved[:, t] += 5.0
        difference = (attention(moved, mask=make_mask(6))[0] - output).abs().amax(dim=(0, 2))
        assert bool((difference[:t] == 0).all()) and bool((difference[t:] > 1e-6).all())


def test_causality_by_gradient_and_by_perturbation():
    check_causality(causal_mask)


@pytest.mark.parametrize(
    "mistake",
    [
        lambda n: torch.ones(n, n, dtype=torch.bool).tril(1),
        lambda n: torch.ones(n, n, dtype=torch.bool).tril(-1),
        lambda n: causal_mask(n).T,
        lambda n: ~causal_mask(n),
        lambda n: torch.ones(n, n, dtype=torch.bool),
    ],
    ids=["one token ahead", "strictly past", "transposed", "inverted", "no mask"],
)
def test_the_comparison_sees_a_wrong_causal_mask(mistake):
    with pytest.raises(AssertionError):
        check_causality(mistake)


def check_padding(mask_of) -> None:
    """What is padded, on the right or on the left, changes nothing for the real tokens."""
    attention = randomise(MultiHeadAttention(12, 3))
    x = randn(2, 4, 12, seed=1)
    junk = 50 * randn(2, 3, 12, seed=2)
    alone = attention(x)[0]
    for padded, real in ((torch.cat([x, junk], 1), slice(0, 4)), (torch.cat([junk, x], 1), slice(3, 7))):
        token_ids = torch.zeros(2, 7, dtype=torch.long)
        token_ids[:, real] = 5
        assert_same(attention(padded, mask=mask_of(token_ids, 0))[0][:, real], alone)


def test_padding_changes_nothing_for_real_tokens():
    check_padding(padding_mask)


@pytest.mark.parametrize(
    "mistake",
    [
        lambda token_ids, pad_id: padding_mask(token_ids, pad_id).transpose(-2, -1),
        lambda token_ids, pad_id: ~padding_mask(token_ids, pad_id),
        lambda token_ids, pad_id: torch.ones(1, 1, 1, 7, dtype=torch.bool),
    ],
    ids=["query axis", "inverted", "no mask"],
)
def test_the_comparison_sees_a_wrong_padding_mask(mistake):
    with pytest.raises(AssertionError):
        check_padding(mistake)


def test_self_attention_does_not_know_the_order():
    attention = randomise(MultiHeadAttention(12, 3))
    x, order = randn(2, 6, 12, seed=1), torch.tensor([3, 0, 5, 1, 4, 2])
    assert_same(attention(x[:, order])[0], attention(x)[0][:, order])
    memory = randn(2, 6, 12, seed=2)
    assert_same(attention(x, memory[:, order])[0], attention(x, memory)[0])


@given(
    sizes=st.tuples(*(st.integers(1, 4) for _ in range(5))),
    seed=st.integers(0, 1000),
    share=st.floats(0.0, 1.0),
)
def test_weights_are_an_average_of_what_is_visible(sizes, seed, share):
    b, t, s, k, v = sizes
    query, key, value = (
        randn(b, t, k, seed=seed),
        randn(b, s, k, seed=seed + 1),
        randn(b, s, v, seed=seed + 2),
    )
    mask = torch.rand(b, t, s, generator=torch.Generator().manual_seed(seed)) < share
    output, weights = scaled_dot_product_attention(query, key, value, mask)
    assert bool((weights >= 0).all()) and weights[~mask].sum() == 0
    assert_same(weights.sum(-1), mask.any(-1).double())
    expected_output, expected_weights = naive_attention(query, key, value, mask)
    assert_same(output, expected_output)
    assert_same(weights, expected_weights)
    # A score shared by all keys changes nothing.
    shifted, _ = scaled_dot_product_attention(query, key + randn(b, 1, k, seed=seed + 3), value, mask)
    assert_same(shifted, output, tolerance=1e-9)


def test_fused_attention_refuses_fewer_values_than_keys():
    """torch's own kernel would read past the end of the values."""
    query, key, value = torch.zeros(1, 2, 3, 4), torch.zeros(1, 2, 6, 4), torch.zeros(1, 2, 5, 4)
    with pytest.raises(InputError, match="5 values and 6 keys"):
        fused_attention(query, key, value)
