"""Layers and positions against torch's own and naive loops, in value, gradient and narrow dtypes."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from oracles import assert_binomial, assert_same, assert_same_gradients, layer_pairs, randn, randomise
from torch import nn
from torch.nn import functional as F

from attentif import FeedForward, InputError, LayerNorm, sinusoidal_encoding

# LayerNorm


def check_layer_norm(build) -> None:
    """build(d_model, eps) against F.layer_norm, tiny variances included."""
    for shape in ((2, 3, 7), (5, 4), (6,), (1, 1, 2)):
        for eps, spread in ((1e-5, 1.0), (1e-5, 3e-3), (1e-12, 1.0), (0.3, 0.5)):
            ours = randomise(build(shape[-1], eps), seed=shape[-1])
            x = (4.0 + spread * randn(*shape, seed=2)).requires_grad_()
            weight, bias = (tensor.detach().clone().requires_grad_() for tensor in (ours.weight, ours.bias))
            expected = F.layer_norm(x, shape[-1:], weight, bias, eps)
            assert_same_gradients(ours(x), expected, [(x, x), (ours.weight, weight), (ours.bias, bias)])


def test_layer_norm_equals_torch():
    check_layer_norm(LayerNorm)


def wrong_norm(compute):
    class Wrong(LayerNorm):
        def forward(self, x):
            centred = x - x.mean(-1, keepdim=True)
            return compute(x, centred, self.eps, self.weight, self.bias)

    return Wrong


@pytest.mark.parametrize(
    "mistake",
    [
        lambda x, c, e, w, b: w * c / (x.var(-1, keepdim=True) + e).sqrt() + b,
        lambda x, c, e, w, b: w * c / (x.var(-1, keepdim=True, correction=0).sqrt() + e) + b,
        lambda x, c, e, w, b: w * c / x.var(-1, keepdim=True, correction=0).sqrt() + b,
        lambda x, c, e, w, b: c / (x.var(-1, keepdim=True, correction=0) + e).sqrt() + 0 * (w + b),
        lambda x, c, e, w, b: w * x / (x.square().mean(-1, keepdim=True) + e).sqrt() + b,
        lambda x, c, e, w, b: w * c.detach() / (x.var(-1, keepdim=True, correction=0) + e).sqrt() + b,
        lambda x, c, e, w, b: (w + 1) * c / (x.var(-1, keepdim=True, correction=0) + e).sqrt() + b,
    ],
    ids=["unbiased", "eps outside", "no eps", "no gain or bias", "not centred", "detached", "gain + 1"],
)
def test_the_comparison_sees_wrong_layer_norm(mistake):
    with pytest.raises(AssertionError):
        check_layer_norm(wrong_norm(mistake))


def test_layer_norm_starts_as_plain_normalisation():
    norm = LayerNorm(6)
    assert norm.eps == 1e-5 and {name for name, _ in norm.named_parameters()} == {"weight", "bias"}
    x = randn(2, 5, 6, dtype=torch.float32)
    assert_same(norm(x), F.layer_norm(x, (6,)))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_layer_norm_takes_its_statistics_in_float32(dtype):
    # Squares of 500 overflow fp16; with a spread of 4 around 300, eight bits of mantissa lose the variance.
    for x in (500 * randn(3, 64, seed=1), 300 + 4 * randn(3, 64, seed=2)):
        x = x.to(dtype)
        norm = randomise(LayerNorm(64)).to(dtype)
        expected = F.layer_norm(x.double(), (64,), norm.weight.double(), norm.bias.double(), 1e-5)
        assert_same(norm(x), expected.to(dtype), tolerance=2 * torch.finfo(dtype).eps)


def test_a_constant_vector_becomes_the_bias():
    norm = randomise(LayerNorm(5))
    x = torch.full((2, 5), 3.0, dtype=torch.float64, requires_grad=True)
    assert_same(norm(x), norm.bias.expand(2, 5).detach())
    norm(x).sum().backward()
    assert bool(torch.isfinite(x.grad).all())
    narrow = randomise(LayerNorm(1))  # a single number is constant by itself
    assert_same(narrow(randn(3, 1)), narrow.bias.expand(3, 1))


@given(st.integers(2, 12), st.integers(0, 500), st.floats(-50, 50), st.floats(0.5, 20))
def test_layer_norm_forgets_shift_and_scale(width, seed, shift, scale):
    norm = randomise(LayerNorm(width, eps=0.0), seed)
    x = randn(3, width, seed=seed)
    assert_same(norm(scale * x + shift), norm(x), tolerance=1e-8)


# FeedForward


def reference_feed_forward(ours: FeedForward, activation: str):
    """torch's own layers with the weights of ours."""
    theirs = nn.Sequential(
        nn.Linear(ours.expand.in_features, ours.expand.out_features),
        nn.ReLU() if activation == "relu" else nn.GELU(approximate="none"),
        nn.Linear(ours.contract.in_features, ours.contract.out_features),
    ).double()
    pairs = [*layer_pairs(ours.expand, theirs[0]), *layer_pairs(ours.contract, theirs[2])]
    with torch.no_grad():
        for mine, his in pairs:
            his.copy_(mine)
    return theirs, pairs


def check_feed_forward(build) -> None:
    for activation in ("relu", "gelu"):
        for shape in ((2, 5, 6), (1, 1, 6), (6,)):
            ours = randomise(build(6, 20, activation), seed=3)
            theirs, pairs = reference_feed_forward(ours, activation)
            x = randn(*shape, seed=4, requires_grad=True)
            assert_same_gradients(ours(x), theirs(x), [(x, x), *pairs])


def test_feed_forward_equals_torch():
    check_feed_forward(FeedForward)


def test_gelu_is_exact():
    ours = FeedForward(1, 1, "gelu").double()
    with torch.no_grad():
        for layer in (ours.expand, ours.contract):
            layer.weight.fill_(1.0)
            layer.bias.zero_()
    for x in (-3.0, -0.7, 0.0, 0.4, 2.5):
        expected = x * 0.5 * (1 + math.erf(x / math.sqrt(2)))
        assert abs(ours(torch.tensor([x], dtype=torch.float64)).item() - expected) < 1e-14


class TanhGelu(FeedForward):
    def __init__(self, d_model, d_ff, activation):
        super().__init__(d_model, d_ff, activation)
        if activation == "gelu":
            self.activation = lambda x: F.gelu(x, approximate="tanh")


class NoActivation(FeedForward):
    def forward(self, x):
        return self.contract(self.expand(x))


class ActivatedTwice(FeedForward):
    def forward(self, x):
        return self.activation(super().forward(x))


class WithResidual(FeedForward):
    def forward(self, x):
        return x + super().forward(x)


@pytest.mark.parametrize("mistake", [TanhGelu, NoActivation, ActivatedTwice, WithResidual])
def test_the_comparison_sees_wrong_feed_forward(mistake):
    with pytest.raises(AssertionError):
        check_feed_forward(mistake)


@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_feed_forward_drops_activated_hidden_units_in_training_only(activation):
    ours = FeedForward(4, 200, activation, dropout=0.3).double()
    with torch.no_grad():
        ours.expand.weight.zero_()
        ours.expand.bias.fill_(1.0)  # every hidden unit is φ(1): the output counts those that are kept
        ours.contract.weight.fill_(1.0 / ours.activation(torch.tensor(1.0, dtype=torch.float64)))
        ours.contract.bias.zero_()
    x = torch.ones(100, 4, dtype=torch.float64)
    assert_same(ours.eval()(x), torch.full((100, 4), 200.0, dtype=torch.float64))
    kept = ours.train()(x) * 0.7
    assert_same(kept, kept.round())
    assert_same(kept[:, 1], kept[:, 0])  # hidden units are dropped, not outputs
    assert_binomial(int(kept[:, 0].sum().round()), 200 * 100, 0.7)


def test_an_unknown_activation_is_refused():
    with pytest.raises(InputError, match="one of relu, gelu, gelu_tanh, got 'swish'"):
        FeedForward(4, 8, "swish")


# Positions


def check_sinusoidal(candidate) -> None:
    for length, d_model in ((1, 2), (7, 6), (3, 10), (0, 4)):
        expected = torch.zeros(length, d_model)
        for position in range(length):
            for i in range(d_model // 2):
                angle = position / 10000 ** (2 * i / d_model)
                expected[position, 2 * i] = math.sin(angle)
                expected[position, 2 * i + 1] = math.cos(angle)
        assert_same(candidate(length, d_model), expected, tolerance=1e-7)


def test_sinusoidal_encoding_equals_naive_loops():
    check_sinusoidal(sinusoidal_encoding)


def wrong_encoding(exponent=lambda i, d: 2 * i / d, shift=0, base=10000.0, halves=False, swapped=False):
    def encode(length, d_model):
        position = torch.arange(length, dtype=torch.float64)[:, None] + shift
        i = torch.arange(d_model // 2, dtype=torch.float64)
        angle = position / base ** exponent(i, d_model)
        both = (angle.cos(), angle.sin()) if swapped else (angle.sin(), angle.cos())
        return (torch.cat(both, -1) if halves else torch.stack(both, -1).flatten(1)).float()

    return encode


@pytest.mark.parametrize(
    "mistake",
    [
        wrong_encoding(halves=True),
        wrong_encoding(exponent=lambda i, d: i / d),
        wrong_encoding(exponent=lambda i, d: 4 * i / d),
        wrong_encoding(shift=1),
        wrong_encoding(base=1000.0),
        wrong_encoding(swapped=True),
        lambda length, d_model: sinusoidal_encoding(length, d_model).double(),
    ],
    ids=["halves", "no factor 2", "factor 2 twice", "from 1", "base 1000", "cosine first", "float64"],
)
def test_the_comparison_sees_wrong_encodings(mistake):
    with pytest.raises(AssertionError):
        check_sinusoidal(mistake)


def test_the_comparison_accepts_correct_encodings_written_differently():
    check_sinusoidal(wrong_encoding())


def test_distant_positions_keep_their_precision():
    encoding = sinusoidal_encoding(20001, 8)
    expected = [f(20000 / 10000 ** (2 * i / 8)) for i in range(4) for f in (math.sin, math.cos)]
    assert_same(encoding[-1], torch.tensor(expected), tolerance=1e-6)
    assert encoding.abs().max() <= 1.0


def test_similarity_depends_on_the_distance_only():
    encoding = sinusoidal_encoding(40, 16)
    similarity = encoding @ encoding.T
    for distance in (0, 1, 5):
        diagonal = similarity.diagonal(distance)
        assert_same(diagonal, diagonal[:1].expand_as(diagonal))


def test_an_odd_width_is_refused():
    with pytest.raises(InputError, match=r"even d_model.*got d_model=7"):
        sinusoidal_encoding(3, 7)
