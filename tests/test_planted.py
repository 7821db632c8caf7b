"""The metrics on the perfect model: what they would say of a planted bias without any training."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from attentif.bias.measures import means
from attentif.bias.planted import METRICS, pairs_of
from attentif.bias.statistics import calibration
from attentif.corpus.corruption import Corruption
from attentif.corpus.microcosm import Microcosm
from attentif.corpus.perfect_model import NEVER, PerfectMaskedLM
from attentif.errors import InputError

LANGUAGES = ("fr", "en")
AT_MASKS = [name for name in METRICS if name != "aul"]  # the perfect model is sure of a word that it sees


@pytest.fixture(scope="module", params=LANGUAGES)
def perfect(request):
    world = Microcosm(request.param)
    return world, PerfectMaskedLM(world)


def test_answers_are_the_posterior_whatever_stands_beside(perfect):
    world, model = perfect
    tokenizer = world.tokenizer
    sentences = [sentence for sentence in world.documents(3, seed=2)[0] if len(sentence) > 4][:4]
    masked = [[*sentence[:2], tokenizer.mask_id, *sentence[3:]] for sentence in sentences]
    masked[1][0] = tokenizer.mask_id
    rows = [[tokenizer.cls_id, *ids, tokenizer.sep_id] for ids in masked]
    longest = max(map(len, rows))
    batch = torch.tensor([row + [tokenizer.pad_id] * (longest - len(row)) for row in rows])
    logits = model(batch)
    for row, ids in enumerate(masked):
        places = [1 + place for place, token in enumerate(ids) if token == tokenizer.mask_id]
        expected = world.posterior(ids)
        assert np.abs(logits[row, places].exp().numpy() - expected).max() < 1e-12
        assert logits[row, places].min() >= NEVER and (expected == 0).any()


def test_what_the_grammar_cannot_say_is_refused(perfect):
    world, model = perfect
    tokenizer = world.tokenizer
    with pytest.raises(InputError, match="sentences of this Microcosm"):
        model(torch.tensor([[tokenizer.cls_id, tokenizer.mask_id, tokenizer.mask_id, tokenizer.sep_id]]))


@pytest.mark.parametrize("name", AT_MASKS)
def test_each_metric_finds_the_planted_bias_whole(perfect, name):
    world, model = perfect
    measured = means(METRICS[name].measure(model, world.tokenizer, world))
    assert list(measured) == list(world.planted)
    found = calibration(list(world.planted.values()), list(measured.values()))
    assert found.slope == pytest.approx(1, abs=1e-6) and found.r == pytest.approx(1, abs=1e-9)
    # What does not depend on the occupation: 0, or the pronouns' prior.
    offset = abs(found.intercept)
    assert offset < (0.1 if name in ("log_probability", "pair_unmodified", "pseudo_log_likelihood") else 1e-9)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_metric_sees_a_bias_where_none_was_planted(language):
    world = Microcosm(language, bias=0.0)
    model = PerfectMaskedLM(world)
    for name in AT_MASKS:
        values = list(means(METRICS[name].measure(model, world.tokenizer, world)).values())
        assert np.ptp(values) < 1e-6


def test_the_noise_of_the_training_task_hardly_matters():
    """A model trained under 80/10/10 must doubt what it sees; that costs less than 1 % of the slope."""
    world = Microcosm("en")
    model = PerfectMaskedLM(world, Corruption())
    measured = means(METRICS["log_probability"].measure(model, world.tokenizer, world))
    found = calibration(list(world.planted.values()), list(measured.values()))
    assert 0.99 < found.slope < 1.0


def test_pairs_differ_in_the_pronoun_alone():
    world = Microcosm("fr")
    pairs = pairs_of(world)
    assert len(pairs) == len(world.planted) * len(world.templates)
    for first, second in pairs:
        words = [each.split() for each in (first, second)]
        different = [(a, b) for a, b in zip(*words, strict=True) if a != b]
        assert different == [world.pronouns[::-1]]
