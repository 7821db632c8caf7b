"""The schedule, the groups and the clipping."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from oracles import assert_same, randn
from torch import nn

from attentif import (
    CausalLM,
    MaskedLM,
    ModelConfig,
    Seq2Seq,
    clip_gradients,
    parameter_groups,
    warmup_cosine,
)

# Schedule


def check_schedule(candidate) -> None:
    peak, floor = 3e-4, 3e-5
    for warmup, total in ((10, 110), (0, 40), (1, 2), (7, 8), (20, 20)):
        for step in range(total + 30):
            if step < warmup:
                expected = peak * step / warmup
            elif step >= total:
                expected = floor
            else:
                progress = (step - warmup) / (total - warmup)
                expected = (
                    floor + (peak - floor) * math.cos(math.pi / 2 * progress) ** 2
                )  # ½(1 + cos 2x) = cos² x
            rate = candidate(step, peak, floor, warmup, total)
            assert isinstance(rate, float)
            assert abs(rate - expected) < 1e-15, (step, warmup, total)


def test_warmup_cosine_is_a_line_then_half_a_cosine_then_the_floor():
    check_schedule(warmup_cosine)


def test_warmup_cosine_table():
    rates = {
        0: 0.0,
        5: 0.5,
        9: 0.9,
        10: 1.0,
        35: 0.1 + 0.45 * (1 + math.sqrt(0.5)),
        60: 0.55,
        110: 0.1,
        999: 0.1,
    }
    for step, expected in rates.items():
        assert warmup_cosine(step, 1.0, 0.1, 10, 110) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    "mistake",
    [
        lambda s, p, f, w, t: warmup_cosine(s + 1, p, f, w, t),
        lambda s, p, f, w, t: warmup_cosine(s, p, 0.0, w, t),
        lambda s, p, f, w, t: warmup_cosine(s, p, f, w, t) if s < t else 0.0,
        lambda s, p, f, w, t: p * s / w if s < w else f + (p - f) * (1 + math.cos(math.pi * s / t)) / 2,
        lambda s, p, f, w, t: p * s / w if s < w else f + (p - f) * (1 + math.cos(math.pi * (s - w) / t)) / 2,
        lambda s, p, f, w, t: f + (p - f) * s / w if s < w else warmup_cosine(s, p, f, w, t),
        lambda s, p, f, w, t: p * s / w if s < w else p + (f - p) * min(1.0, (s - w) / max(1, t - w)),
    ],
    ids=[
        "a step early",
        "no floor",
        "0 at the end",
        "cosine from 0",
        "over T",
        "warmup from the floor",
        "linear",
    ],
)
def test_the_comparison_sees_wrong_schedules(mistake):
    with pytest.raises(AssertionError):
        check_schedule(mistake)


@given(
    warmup=st.integers(0, 50),
    decay=st.integers(1, 200),
    peak=st.floats(1e-6, 1.0),
    share=st.floats(0.0, 1.0),
)
def test_the_schedule_is_bounded_continuous_and_has_one_peak(warmup, decay, peak, share):
    floor, total = share * peak, warmup + decay
    rates = [warmup_cosine(step, peak, floor, warmup, total) for step in range(total + 3)]
    rounding = 1e-9 * peak
    assert rates[warmup] == pytest.approx(peak, rel=1e-12) and rates[-3:] == [floor] * 3
    assert all(a < b for a, b in pairwise(rates[: warmup + 1]))
    assert all(a >= b - rounding for a, b in pairwise(rates[warmup:]))
    assert all(-rounding <= rate <= peak + rounding for rate in rates)
    steepest = max(peak / warmup if warmup else 0.0, math.pi / 2 * (peak - floor) / decay)
    assert all(abs(a - b) <= steepest + rounding for a, b in pairwise(rates))


# Groups


def model_of(kind, **changes) -> nn.Module:
    return kind(ModelConfig(vocab_size=23, d_model=12, n_layers=2, n_heads=3, max_length=9, **changes))


@pytest.mark.parametrize("learned", [True, False])
@pytest.mark.parametrize("kind", [MaskedLM, CausalLM, Seq2Seq])
def test_only_matrices_of_linear_layers_decay(kind, learned):
    sizes = {} if learned else {"n_segments": 0}
    model = model_of(kind, learned_positions=learned, **sizes)
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    decayed, others = parameter_groups(model, 0.1)
    assert decayed["weight_decay"] == 0.1 and others["weight_decay"] == 0.0
    listed = [id(parameter) for group in (decayed, others) for parameter in group["params"]]
    assert len(listed) == len(set(listed)) and set(listed) == set(names)
    linear = ("projection.weight", "expand.weight", "contract.weight", "transform.weight", "pooler.weight",
              "classifier.weight")  # fmt: skip
    assert {names[id(p)] for p in decayed["params"]} == {n for n in names.values() if n.endswith(linear)}
    kept = [names[id(p)] for p in others["params"]]
    assert any("token" in name for name in kept) and all(
        "norm" in n or "bias" in n or "embed" in n for n in kept
    )


def test_a_tied_linear_layer_does_not_decay_and_a_frozen_one_is_not_listed():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.Linear(4, 7, bias=False)
            self.embedding = nn.Embedding(7, 4)
            self.head.weight = self.embedding.weight
            self.frozen = nn.Linear(4, 4)
            self.frozen.requires_grad_(False)
            self.used = nn.Linear(4, 3)
            self.again = self.used

    model = Tied()
    decayed, others = parameter_groups(model, 0.5)
    assert [p is model.used.weight for p in decayed["params"]] == [True]
    assert {id(p) for p in others["params"]} == {id(model.embedding.weight), id(model.used.bias)}


def test_an_optimizer_shrinks_the_decayed_ones_only():
    model = model_of(MaskedLM)
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    optimizer = torch.optim.AdamW(parameter_groups(model, 0.1), lr=0.5)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    decayed = {id(parameter) for parameter in parameter_groups(model, 0.1)[0]["params"]}
    for name, parameter in model.named_parameters():
        factor = 1 - 0.5 * 0.1 if id(parameter) in decayed else 1.0
        assert_same(parameter.detach(), factor * before[name])


# Clipping


def with_gradients(scale: float) -> tuple[list[nn.Parameter], list[torch.Tensor]]:
    """Two parameters whose gradients have the norms 3·scale and 4·scale, so 5·scale together."""
    gradients = [randn(2, 3, seed=1), randn(5, seed=2)]
    gradients = [g / g.norm() * scale * n for g, n in zip(gradients, (3.0, 4.0), strict=True)]
    parameters = [nn.Parameter(torch.zeros_like(g)) for g in gradients]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient.clone()
    return parameters, gradients


def check_clipping(candidate) -> None:
    for scale, limit in ((1.0, 1.0), (1.0, 4.9), (1.0, 5.0), (1.0, 5.1), (1e-3, 1.0), (1e4, 0.5)):
        parameters, gradients = with_gradients(scale)
        norm = candidate(parameters, limit)
        assert_same(norm, torch.tensor(5.0 * scale, dtype=torch.float64))
        factor = min(1.0, limit / (5.0 * scale))
        for parameter, gradient in zip(parameters, gradients, strict=True):
            if factor == 1.0 and limit > 5.0 * scale:
                assert torch.equal(parameter.grad, gradient), "a short gradient was changed"
            # torch's own adds 1e-6 to the norm before dividing.
            assert_same(parameter.grad / scale, factor * gradient / scale, tolerance=3e-6)


def test_gradients_are_clipped_above_the_limit_only():
    check_clipping(clip_gradients)


def clip_each(parameters, limit):
    norm = torch.stack([p.grad.norm() for p in parameters]).norm()
    for p in parameters:
        p.grad *= min(1.0, limit / float(p.grad.norm()))
    return norm


def clip_values(parameters, limit):
    norm = torch.stack([p.grad.norm() for p in parameters]).norm()
    for p in parameters:
        p.grad.clamp_(-limit, limit)
    return norm


def clip_always(parameters, limit):
    norm = torch.stack([p.grad.norm() for p in parameters]).norm()
    for p in parameters:
        p.grad *= limit / float(norm)
    return norm


def clip_by_sum(parameters, limit):
    norm = sum(p.grad.abs().sum() for p in parameters)
    for p in parameters:
        p.grad *= min(1.0, limit / float(norm))
    return norm


def clip_nothing(parameters, limit):
    return torch.stack([p.grad.norm() for p in parameters]).norm()


def norm_after(parameters, limit):
    clip_gradients(parameters, limit)
    return torch.stack([p.grad.norm() for p in parameters]).norm()


@pytest.mark.parametrize(
    "mistake", [clip_each, clip_values, clip_always, clip_by_sum, clip_nothing, norm_after]
)
def test_the_comparison_sees_wrong_clipping(mistake):
    with pytest.raises(AssertionError):
        check_clipping(mistake)


def test_parameters_without_gradient_are_passed_over():
    parameters, gradients = with_gradients(1.0)
    silent = nn.Parameter(torch.ones(3))
    norm = clip_gradients(iter([silent, *parameters]), 2.5)
    assert silent.grad is None and norm.item() == pytest.approx(5.0)
    assert_same(parameters[0].grad, gradients[0] / 2, tolerance=1e-6)
    assert float(clip_gradients([silent], 1.0)) == 0.0
