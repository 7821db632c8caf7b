"""The checks of count_parameters and training_flops: what they accept, what they say, and what their oracles count."""

from __future__ import annotations

import itertools
import math
import sys

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from attentif import count_parameters, training_flops
from attentif.checks.arithmetic import check_number, plain_number
from attentif.checks.compare import Mismatch
from attentif.checks.student import LocalStudent
from attentif.checks.values import Request
from attentif_grading.exercises import load_exercise

REQUEST = Request(args=(3, 1_000))


def answering(value):
    return LocalStudent(lambda *args: value)


@pytest.mark.parametrize(
    "value", [12_000, 12_000.0, np.float64(12_000), torch.tensor(12_000), np.int64(12_000)]
)
def test_a_number_is_a_number_whatever_holds_it(value):
    check_number(answering(value), "f", REQUEST, 12_000)
    check_number(answering(value), "f", REQUEST, 12_000.0)


@pytest.mark.parametrize(
    "value",
    [12_001, 11_999.9, -12_000, math.nan, math.inf, 10**400, True, "12000", None, [12_000], (12_000,), 1j],
)
def test_other_values_are_not(value):
    with pytest.raises(Mismatch):
        check_number(answering(value), "f", REQUEST, 12_000)


@pytest.mark.parametrize("value", [12_000.0, torch.tensor(12_000.0), np.float32(12_000)])
def test_a_whole_number_is_asked_for_where_it_must_be_exact(value):
    check_number(answering(value), "f", REQUEST, 12_000)
    with pytest.raises(Mismatch, match="an int, got"):
        check_number(answering(value), "f", REQUEST, 12_000, whole=True)


def test_a_failure_repeats_the_call():
    with pytest.raises(Mismatch) as caught:
        check_number(answering(6_000), "f", REQUEST, 12_000)
    assert caught.value.expected == {"en": "f(3, 1_000) = 12_000", "fr": "f(3, 1_000) = 12_000"}
    assert caught.value.got["fr"] == "6_000"
    for value, shown in ((math.nan, "nan"), (-math.inf, "-inf"), (10**400, "> 10³⁰⁰")):
        with pytest.raises(Mismatch) as caught:
            check_number(answering(value), "f", REQUEST, 12_000)
        assert caught.value.got["en"] == shown
    with pytest.raises(Mismatch) as caught:
        check_number(answering(1.5e23), "f", REQUEST, 3e23)
    assert "= 3e+23" in caught.value.expected["en"] and caught.value.got["en"] == "1.5e+23"


def test_booleans_and_arrays_are_no_plain_numbers():
    for value in (True, np.zeros(1), np.array(True), np.array("2"), "2", None):
        assert plain_number(value) is None
    assert plain_number(np.array(2.5)) == 2.5


def test_the_operations_counted_are_those_of_torch():
    """The oracle of the hidden checks, on a network that really runs forward and backward."""
    load_exercise("training_flops").hidden  # noqa: B018  imports the module
    operations = sys.modules["attentif_exercises.training_flops.hidden"].operations
    widths, n_tokens = (5, 7, 3, 4), 11
    layers = [nn.Linear(a, b, bias=False) for a, b in itertools.pairwise(widths)]
    with FlopCounterMode(display=False) as counter:
        nn.Sequential(*layers)(torch.ones(n_tokens, widths[0], requires_grad=True)).sum().backward()
    n_weights = sum(layer.weight.numel() for layer in layers)
    assert counter.get_total_flops() == operations(widths, n_tokens) == training_flops(n_weights, n_tokens)


def test_the_examples_on_the_cards_are_true():
    """BERT base is a little below 110 million; GPT-3 took about 3 · 10²³ operations."""
    assert 0.98 < count_parameters(12, 768, 30_522) / 110e6 < 1
    assert training_flops(175 * 10**9, 300 * 10**9) == pytest.approx(3e23, rel=0.1)
    # What the estimate leaves out, said to be below one percent of a large model.
    d_model, n_layers, positions = 12_288, 96, 2_048
    left_out = n_layers * 13 * d_model + positions * d_model
    assert left_out / count_parameters(n_layers, d_model, 50_257) < 0.01
