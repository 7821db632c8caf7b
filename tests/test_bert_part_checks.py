"""BertEmbeddings, MaskedLMHead, NextSentenceHead: what their checks say, what carries over, what the rescues do."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

import attentif
from attentif import MaskedLM, ModelConfig, Parts, rescue
from attentif.checks.engine import PASSED
from attentif.checks.examining import examine
from attentif.checks.public.BertEmbeddings import check_dropout
from attentif.checks.store import read_exercise
from attentif.checks.text import set_language
from attentif_grading.checkdata import build_check_data
from attentif_grading.exercises import load_exercise

NAMES = ("BertEmbeddings", "MaskedLMHead", "NextSentenceHead")
V, D, LENGTH = 13, 8, 6


@pytest.fixture(autouse=True)
def _english():
    set_language("en")
    yield
    set_language("en")


@pytest.fixture(scope="module")
def public():
    """Public sides made afresh, whatever data files are there."""
    return {name: read_exercise(name, build_check_data(load_exercise(name))) for name in NAMES}


def failed(public, name, function):
    """(check → (expected, got)) of the public checks that fail on this method."""
    report = examine(public[name], load_exercise(name).target(function))
    return {r.check.name: (r.expected, r.got) for r in report.results if r.status not in (PASSED, "skipped")}


def mistake(name, which):
    return next(m.function for m in load_exercise(name).misconceptions if m.name == which)


# What a failed check says


def test_a_gradient_that_is_missing_is_named(public):
    said = failed(public, "BertEmbeddings", mistake("BertEmbeddings", "position_without_gradient"))
    assert list(said) == ["gradients"]
    assert said["gradients"][0]["fr"] == "un gradient par rapport à position.weight"
    said = failed(public, "MaskedLMHead", mistake("MaskedLMHead", "embedding_detached"))
    assert list(said) == ["gradients"]
    assert said["gradients"][0]["en"] == "a gradient with respect to token_embedding.weight"


def test_a_wrong_vector_has_its_place_in_words(public):
    said = failed(public, "BertEmbeddings", mistake("BertEmbeddings", "positions_from_one"))
    assert list(said) == ["values"]
    assert "(row 0 of the batch, position 0, dimension 0)" in said["values"][0]["en"]
    assert "(ligne 0 du lot, position 0, dimension 0)" in said["values"][0]["fr"]
    said = failed(public, "MaskedLMHead", mistake("MaskedLMHead", "relu"))
    assert "(ligne 0 du lot, position 0, jeton 0)" in said["values"][0]["fr"]


@pytest.mark.parametrize(
    ("which", "got_fr"),
    [
        ("too_long_not_refused", "votre code s'est arrêté sur IndexError"),
        ("too_long_answered", "un tenseur float64 de forme (2, 7, 6)"),
    ],
)
def test_a_text_that_is_too_long(public, which, got_fr):
    said = failed(public, "BertEmbeddings", mistake("BertEmbeddings", which))
    assert list(said) == ["too_long"]
    expected, got = said["too_long"]
    assert expected["en"] == "for 8 tokens and max_length=7, an InputError that speaks of the length"
    assert got["fr"].startswith(got_fr)


@pytest.mark.parametrize(
    ("error", "accepted"),
    [
        (ValueError("8 > 7"), True),
        (ValueError("trop long"), True),
        (ValueError("max_length"), True),
        (attentif.InputError(expected="less", got="8", remedy="cut"), True),
        (ValueError("no"), False),
        (RuntimeError("the sequence is too long"), False),
        (AssertionError("the sequence is too long"), False),
    ],
)
def test_which_errors_refuse_a_text_that_is_too_long(public, error, accepted):
    right = attentif.BertEmbeddings.forward

    def refuses(self, token_ids, segment_ids=None):
        if token_ids.size(1) > self.max_length:
            raise error
        return right(self, token_ids, segment_ids)

    assert list(failed(public, "BertEmbeddings", refuses)) == ([] if accepted else ["too_long"])


@pytest.mark.parametrize(
    ("which", "got"),
    [("dropout_missing", "0.0%"), ("dropout_before_norm", "0.0%"), ("dropout_not_rescaled", "")],
)
def test_dropout_is_told_in_shares(public, which, got):
    said = failed(public, "BertEmbeddings", mistake("BertEmbeddings", which))
    assert list(said) == ["dropout"]
    if got:
        assert said["dropout"][1]["en"] == got
        assert said["dropout"][0]["en"].startswith("in training, with dropout=0.4, 40.0% (± ")
        assert said["dropout"][0]["fr"].endswith("des composantes valent 0")


def test_right_dropout_passes_whatever_it_draws(public):
    """Verdicts do not depend on the random stream of one implementation."""
    exercise, case = load_exercise("BertEmbeddings"), public["BertEmbeddings"].cases["evaluation"]
    right = attentif.BertEmbeddings.forward
    for skipped in range(30):

        def after_other_draws(self, token_ids, segment_ids=None, skipped=skipped):
            torch.rand(100 + skipped)
            return right(self, token_ids, segment_ids)

        check_dropout(exercise.student(exercise.target(after_other_draws)), case, 100)


# Earlier mistakes


class WrongNorm(nn.Module):
    """A student's LayerNorm with the sum of squares for a variance."""

    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(d_model)), nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        return self.weight * x / x.square().sum(-1, keepdim=True).sqrt() + self.bias


class OwnEmbeddings(attentif.BertEmbeddings):
    def __init__(self, vocab_size, d_model, max_length, n_segments=2, dropout=0.0, eps=1e-12, norm=WrongNorm):
        super().__init__(vocab_size, d_model, max_length, n_segments, dropout, eps, norm)


class OwnHead(attentif.MaskedLMHead):
    def __init__(self, token_embedding, eps=1e-12, norm=WrongNorm):
        super().__init__(token_embedding, eps, norm)


@pytest.mark.parametrize(("name", "target"), [("BertEmbeddings", OwnEmbeddings), ("MaskedLMHead", OwnHead)])
def test_a_wrong_layer_norm_costs_nothing_here(public, name, target):
    for checks in (None, load_exercise(name).hidden):
        report = examine(public[name], target, checks)
        assert report.earned == report.maximum
        assert report.carried_forward == ("LayerNorm",)
        assert not report.diagnoses


# A decoder of its own


def test_a_random_decoder_is_named_whatever_it_draws(public):
    """Its values are never twice the same: it is known by what it does not depend on."""
    for seed in range(5):

        def forward(self, hidden, seed=seed):
            torch.manual_seed(seed)
            table = torch.randn(*self.token_embedding.weight.shape).to(hidden.dtype)
            return F.linear(self.norm(F.gelu(self.transform(hidden))), table, self.bias)

        report = examine(public["MaskedLMHead"], load_exercise("MaskedLMHead").target(forward))
        assert [diagnosis.name for diagnosis in report.diagnoses] == ["decoder_of_its_own"]


# Rescue parts


def randomised(module, seed=0):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_(generator=generator)
    return module


def test_the_rescued_embeddings_are_bert_s():
    ids = torch.tensor([[3, 3, 12, 0], [1, 5, 5, 7]])
    segments = torch.tensor([[0, 1, 1, 1], [0, 0, 0, 1]])
    theirs, ours = (
        randomised(kind(V, D, LENGTH).double()).eval()
        for kind in (attentif.BertEmbeddings, rescue.BertEmbeddings)
    )
    for name in ("token", "segment", "position"):
        ours.get_submodule(name).load_state_dict(theirs.get_submodule(name).state_dict())
    ours.after[0].load_state_dict(theirs.norm.state_dict())
    for given in (segments, None):
        torch.testing.assert_close(ours(ids, given), theirs(ids, given))


def test_a_model_of_rescue_parts_learns():
    config = ModelConfig(vocab_size=V, d_model=D, n_heads=2, n_layers=1, max_length=LENGTH)
    parts = Parts(
        bert_embeddings=rescue.BertEmbeddings,
        masked_head=rescue.MaskedLMHead,
        next_sentence_head=rescue.NextSentenceHead,
    )
    torch.manual_seed(0)
    model = MaskedLM(config, parts)
    ids = torch.randint(V, (3, LENGTH))
    hidden = model.hidden(ids, torch.ones_like(ids))
    assert model.head(hidden).shape == (3, LENGTH, V)
    assert model.next_sentence_head(hidden).shape == (3, 2)
    loss = model.head(hidden).square().mean() + model.next_sentence_head(hidden).square().mean()
    loss.backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
    assert model.head.token_embedding is model.encoder.embeddings.token


@pytest.mark.parametrize("name", NAMES)
def test_stored_cases_are_of_dimensions_that_differ_and_weights_that_are_not_neutral(public, name):
    for case in public[name].cases.values():
        for parameter, value in case.request.state.items():
            assert not np.isin(value, (0.0, 1.0)).any(), parameter
