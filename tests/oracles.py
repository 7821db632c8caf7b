"""Independent answers (torch's own modules, naive loops) and the one way in which the tests compare."""

from __future__ import annotations

import itertools
import math

import torch
from torch import Tensor, nn

# Allowed error, relative to max(1, |expected|). float64: a thousand times the rounding of the sums of the
# suite (measured: at most 1e-14); the narrow ones: two or three units in the last place of the dtype.
TOLERANCE = {torch.float64: 1e-11, torch.float32: 2e-5, torch.float16: 4e-3, torch.bfloat16: 3e-2}

# The chance that a correct implementation fails a test on random draws (over all seeds).
FALSE_REJECTION = 1e-6


def assert_same(actual: Tensor, expected: Tensor, tolerance: float | None = None) -> None:
    """Same shape, same dtype, finite, and equal within the tolerance of the dtype."""
    assert isinstance(actual, Tensor), f"got a {type(actual).__name__}"
    assert actual.shape == expected.shape, f"shape {tuple(actual.shape)}, expected {tuple(expected.shape)}"
    assert actual.dtype == expected.dtype, f"dtype {actual.dtype}, expected {expected.dtype}"
    if actual.numel() == 0:
        return
    if not actual.dtype.is_floating_point:
        assert torch.equal(actual, expected)
        return
    assert bool(torch.isfinite(actual).all()), "a value is not finite"
    tolerance = TOLERANCE[actual.dtype] if tolerance is None else tolerance
    actual, expected = actual.double(), expected.double()
    error = ((actual - expected).abs() / expected.abs().clamp(min=1.0)).max().item()
    assert error <= tolerance, f"relative error {error:.2e} above {tolerance:.0e}"


def assert_same_gradients(actual: Tensor, expected: Tensor, pairs, seed: int = 1) -> None:
    """The same value, and the same gradient of a random projection of it to each pair of tensors.

    pairs: (ours, theirs); ours may be a tuple, compared with theirs after concatenation (fused projections).
    """
    assert_same(actual, expected)
    direction = torch.randn(actual.shape, generator=seeded(seed), dtype=torch.float64).to(actual.dtype)
    ours = [mine if isinstance(mine, tuple) else (mine,) for mine, _ in pairs]
    flat = [tensor for group in ours for tensor in group]
    got = iter(torch.autograd.grad(actual, flat, direction, retain_graph=True, materialize_grads=True))
    wanted = torch.autograd.grad(expected, [theirs for _, theirs in pairs], direction, retain_graph=True)
    assert any(gradient.abs().max() > 0 for gradient in wanted), "an oracle without gradient proves nothing"
    for group, gradient in zip(ours, wanted, strict=True):
        assert_same(torch.cat([next(got) for _ in group]), gradient)


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def randn(*shape: int, seed: int = 0, dtype=torch.float64, requires_grad: bool = False) -> Tensor:
    """Normal numbers of their own seed."""
    return torch.randn(*shape, generator=seeded(seed), dtype=dtype).requires_grad_(requires_grad)


def visible(*shape: int, seed: int = 0, share: float = 0.6) -> Tensor:
    """A random mask in which every query sees at least one key, and (if there is room) not all of them."""
    mask = torch.rand(*shape, generator=seeded(seed)) < share
    return mask | (torch.arange(shape[-1]) == seed % shape[-1])


def randomise(module: nn.Module, seed: int = 0) -> nn.Module:
    """Give every parameter values that are nobody's defaults (no gain of 1, no bias of 0), in float64."""
    generator = seeded(seed)
    module.double()
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if parameter.dim() == 1 and name.endswith("weight"):
                parameter.copy_(0.5 + torch.rand(parameter.shape, generator=generator, dtype=torch.float64))
            else:
                parameter.copy_(0.4 * torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    return module


# Attention


def naive_attention(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None):
    """softmax(Q Kᵀ / √K) V by loops over plain numbers: (output, weights), no autograd."""
    n_queries, width = query.shape[-2:]
    n_keys, value_width = value.shape[-2:]
    batch = query.shape[:-2]
    output = torch.zeros(*batch, n_queries, value_width, dtype=torch.float64)
    weights = torch.zeros(*batch, n_queries, n_keys, dtype=torch.float64)
    if mask is not None:
        mask = mask.broadcast_to(weights.shape)
    for row in itertools.product(*map(range, (*batch, n_queries))):
        one = row[:-1]
        scores = {}
        for s in range(n_keys):
            if mask is None or mask[(*row, s)]:
                dot = sum(float(query[(*row, i)]) * float(key[(*one, s, i)]) for i in range(width))
                scores[s] = dot / math.sqrt(width)
        highest = max(scores.values(), default=0.0)
        total = sum(math.exp(score - highest) for score in scores.values())
        for s, score in scores.items():
            weights[(*row, s)] = math.exp(score - highest) / total
            output[row] += weights[(*row, s)] * value[(*one, s)].double()
    return output, weights


def torch_attention(ours: nn.Module) -> nn.MultiheadAttention:
    """torch's multi-head attention with the weights of ours."""
    bias = ours.query_projection.bias is not None
    theirs = nn.MultiheadAttention(ours.d_model, ours.n_heads, bias=bias, batch_first=True).double()
    copy_pairs(attention_pairs(ours, theirs))
    return theirs


def attention_pairs(ours: nn.Module, theirs: nn.MultiheadAttention) -> list:
    """Which of our weights is which of theirs."""
    projections = (ours.query_projection, ours.key_projection, ours.value_projection)
    pairs = [
        (tuple(projection.weight for projection in projections), theirs.in_proj_weight),
        (ours.output_projection.weight, theirs.out_proj.weight),
    ]
    if theirs.in_proj_bias is not None:
        pairs += [
            (tuple(projection.bias for projection in projections), theirs.in_proj_bias),
            (ours.output_projection.bias, theirs.out_proj.bias),
        ]
    return pairs


def layer_pairs(ours: nn.Module, theirs: nn.Module) -> list:
    """Weight and bias of two layers that name them alike."""
    return [(ours.weight, theirs.weight), (ours.bias, theirs.bias)]


def copy_pairs(pairs) -> None:
    """Copy our weights into theirs."""
    with torch.no_grad():
        for mine, theirs in pairs:
            theirs.copy_(torch.cat(mine) if isinstance(mine, tuple) else mine)


# Blocks


def _torch_layer(kind: type, attention: nn.Module, feed_forward: nn.Module, norm_first: bool) -> nn.Module:
    return kind(
        attention.d_model,
        attention.n_heads,
        feed_forward.expand.out_features,
        dropout=0.0,
        activation=feed_forward.activation,
        batch_first=True,
        norm_first=norm_first,
        dtype=torch.float64,
    )


def encoder_layer_pairs(ours: nn.Module, theirs: nn.TransformerEncoderLayer) -> list:
    """Weights of an EncoderBlock, or of a DecoderBlock without cross-attention, and of torch's layer."""
    encoder = hasattr(ours, "attention")
    return [
        *attention_pairs(ours.attention if encoder else ours.self_attention, theirs.self_attn),
        *layer_pairs(ours.feed_forward.expand, theirs.linear1),
        *layer_pairs(ours.feed_forward.contract, theirs.linear2),
        *layer_pairs(ours.norm_attention if encoder else ours.norm_self, theirs.norm1),
        *layer_pairs(ours.norm_feed_forward, theirs.norm2),
    ]


def torch_encoder_layer(ours: nn.Module) -> nn.TransformerEncoderLayer:
    """torch's encoder layer with the weights of ours."""
    attention = ours.attention if hasattr(ours, "attention") else ours.self_attention
    theirs = _torch_layer(nn.TransformerEncoderLayer, attention, ours.feed_forward, ours.norm_first)
    copy_pairs(encoder_layer_pairs(ours, theirs))
    return theirs


def decoder_layer_pairs(ours: nn.Module, theirs: nn.TransformerDecoderLayer) -> list:
    """Weights of a DecoderBlock and of torch's layer."""
    return [
        *attention_pairs(ours.self_attention, theirs.self_attn),
        *attention_pairs(ours.cross_attention, theirs.multihead_attn),
        *layer_pairs(ours.feed_forward.expand, theirs.linear1),
        *layer_pairs(ours.feed_forward.contract, theirs.linear2),
        *layer_pairs(ours.norm_self, theirs.norm1),
        *layer_pairs(ours.norm_cross, theirs.norm2),
        *layer_pairs(ours.norm_feed_forward, theirs.norm3),
    ]


def torch_decoder_layer(ours: nn.Module) -> nn.TransformerDecoderLayer:
    """torch's decoder layer with the weights of ours."""
    theirs = _torch_layer(nn.TransformerDecoderLayer, ours.self_attention, ours.feed_forward, ours.norm_first)
    copy_pairs(decoder_layer_pairs(ours, theirs))
    return theirs


# Statistics: each raises unless the count is one that the hypothesis gives but once in a million.


def assert_binomial(successes: int, trials: int, probability: float) -> None:
    from scipy.stats import binomtest

    p_value = binomtest(int(successes), int(trials), probability).pvalue
    share = successes / trials
    assert p_value > FALSE_REJECTION, f"{share:.4f} of {trials}, expected {probability}: p = {p_value:.1e}"


def assert_distribution(counts, probabilities) -> None:
    """Pearson's chi-square test of counts against exact probabilities."""
    from scipy.stats import chisquare

    counts = torch.as_tensor(counts, dtype=torch.float64)
    probabilities = torch.as_tensor(probabilities, dtype=torch.float64)
    assert counts[probabilities == 0].sum() == 0, "an impossible outcome happened"
    counts, probabilities = counts[probabilities > 0], probabilities[probabilities > 0]
    if len(counts) == 1:
        return
    expected = counts.sum() * probabilities / probabilities.sum()
    assert expected.min() >= 5, "too few draws for the chi-square approximation"
    p_value = chisquare(counts.numpy(), expected.numpy()).pvalue
    assert p_value > FALSE_REJECTION, f"chi-square test: p = {p_value:.1e}"


def assert_independent(table) -> None:
    """Chi-square test of independence of the rows and columns of a contingency table."""
    from scipy.stats import chi2_contingency

    p_value = chi2_contingency(torch.as_tensor(table).numpy(), correction=False).pvalue
    assert p_value > FALSE_REJECTION, f"rows and columns depend on each other: p = {p_value:.1e}"
