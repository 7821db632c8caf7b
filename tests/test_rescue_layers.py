"""Rescue parts that work on one position: those with parameters equal the library's, the others keep its contract."""

from __future__ import annotations

import pytest
import torch
from oracles import assert_same, randn, randomise

import attentif
from attentif import rescue


@pytest.mark.parametrize("eps", [1e-5, 0.3])
def test_the_rescue_normalisation_takes_the_parameters_of_the_library(eps):
    ours = randomise(attentif.LayerNorm(6, eps))
    theirs = rescue.LayerNorm(6, eps).double()
    theirs.load_state_dict(ours.state_dict())
    x = randn(3, 4, 6)
    assert_same(theirs(x), ours(x))


@pytest.mark.parametrize("activation", ["relu", "gelu"])
@pytest.mark.parametrize("training", [False, True])
def test_the_rescue_network_takes_the_parameters_of_the_library(activation, training):
    ours = randomise(attentif.FeedForward(5, 9, activation, dropout=0.4)).train(training)
    theirs = rescue.FeedForward(5, 9, activation, dropout=0.4).double().train(training)
    theirs.load_state_dict(ours.state_dict())
    x, answers = randn(3, 4, 5), []
    for network in (ours, theirs):
        torch.manual_seed(3)  # both drop the same hidden units
        answers.append(network(x))
    assert_same(*answers)


def test_the_rescue_mask_shows_everything_in_the_same_shape():
    token_ids = torch.tensor([[7, 8, 0], [9, 0, 0]])
    mask, right = rescue.padding_mask(token_ids, 0), attentif.padding_mask(token_ids, 0)
    assert mask.shape == right.shape and mask.dtype == right.dtype and bool(mask.all())


def test_the_rescue_encoding_tells_positions_apart_and_knows_no_length():
    encoding, right = rescue.sinusoidal_encoding(40, 6), attentif.sinusoidal_encoding(40, 6)
    assert encoding.shape == right.shape and encoding.dtype == right.dtype
    assert torch.equal(rescue.sinusoidal_encoding(7, 6), encoding[:7])
    assert bool((encoding.abs() <= 1).all())
    apart = torch.cdist(encoding, encoding) + 9.0 * torch.eye(40)
    assert apart.min() > 0.1
    assert not torch.allclose(encoding, right, atol=0.1)
