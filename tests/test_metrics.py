"""Perplexity, bits per character, and the arithmetic of cost."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from oracles import randn
from torch.nn import functional as F

from attentif import (
    CausalLM,
    InputError,
    ModelConfig,
    bits_per_character,
    count_parameters,
    perplexity,
    training_flops,
)


def check_perplexity(candidate) -> None:
    """Against the losses of every token of three unequal batches."""
    logits, targets = 3 * randn(11, 7, seed=1), torch.arange(11) % 7
    every = F.cross_entropy(logits, targets, reduction="none")
    means = [every[:1].mean().item(), every[1:4].mean().item(), every[4:].mean().item()]
    assert candidate(means, [1, 3, 7]) == pytest.approx(math.exp(every.mean().item()), rel=1e-12)
    assert candidate([math.log(50.0)], [9]) == pytest.approx(50.0)
    assert candidate([0.0, 3.0], [4, 0]) == 1.0


def test_perplexity_weighs_by_tokens():
    check_perplexity(perplexity)


@pytest.mark.parametrize(
    "mistake",
    [
        lambda losses, counts: math.exp(sum(losses) / len(losses)),
        lambda losses, counts: (
            sum(math.exp(x) * n for x, n in zip(losses, counts, strict=True)) / sum(counts)
        ),
        lambda losses, counts: 2 ** (sum(x * n for x, n in zip(losses, counts, strict=True)) / sum(counts)),
        lambda losses, counts: math.exp(sum(losses) / sum(counts)),
    ],
    ids=["mean of means", "mean of perplexities", "base 2", "sum of means"],
)
def test_the_comparison_sees_wrong_perplexities(mistake):
    with pytest.raises(AssertionError):
        check_perplexity(mistake)


def test_bits_per_character_counts_characters_not_tokens():
    # 1 token of ln 8 nats and 2 of ln 2: 3 + 2 bits on 10 characters.
    assert bits_per_character([math.log(8), math.log(2)], [1, 2], 10) == pytest.approx(0.5, rel=1e-12)
    # The same text cut otherwise, with the same total, has the same value.
    assert bits_per_character([math.log(32)], [1], 10) == pytest.approx(0.5, rel=1e-12)


@given(
    st.lists(st.tuples(st.floats(0, 12), st.integers(0, 500)), min_size=1, max_size=6), st.integers(1, 999)
)
def test_perplexity_and_bits_say_the_same(batches, n_characters):
    losses, counts = [loss for loss, _ in batches], [count for _, count in batches]
    if sum(counts) == 0:
        with pytest.raises(InputError):
            perplexity(losses, counts)
        return
    value = perplexity(losses, counts)
    bits = bits_per_character(losses, counts, n_characters)
    assert math.log2(value) * sum(counts) == pytest.approx(bits * n_characters, rel=1e-9, abs=1e-9)
    used = [loss for loss, count in batches if count]
    assert math.exp(min(used)) * (1 - 1e-12) <= value <= math.exp(max(used)) * (1 + 1e-12)
    order = sorted(range(len(losses)), key=lambda i: losses[i])
    again = perplexity([losses[i] for i in order], [counts[i] for i in order])
    assert again == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(("losses", "counts"), [([], []), ([1.0], [0]), ([1.0, 2.0], [3]), ([1.0], [2, 3])])
def test_lists_that_do_not_match_are_refused(losses, counts):
    for attempt in (lambda: perplexity(losses, counts), lambda: bits_per_character(losses, counts, 5)):
        with pytest.raises(InputError, match=f"got {len(losses)} losses, {len(counts)} counts") as error:
            attempt()
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("n_characters", [0, -4])
def test_a_text_without_characters_is_refused(n_characters):
    with pytest.raises(InputError, match=f"at least one character, got {n_characters}"):
        bits_per_character([1.0], [2], n_characters)


def test_parameter_estimate_is_what_the_matrices_of_a_model_hold():
    sizes = ModelConfig(vocab_size=50, d_model=16, n_layers=3, n_heads=2, max_length=8)
    matrices = sum(
        parameter.numel()
        for name, parameter in CausalLM(sizes).named_parameters()
        if parameter.dim() == 2 and "position" not in name
    )
    estimate = count_parameters(3, 16, 50)
    assert estimate == matrices == 12 * 3 * 16**2 + 50 * 16 and isinstance(estimate, int)


def test_training_flops_are_six_a_weight_and_token():
    assert training_flops(7, 11) == 462.0 and isinstance(training_flops(7, 11), float)
    assert training_flops(10**12, 10**13) == 6e25
