"""HONEST-style completions, vectors of sentences and Winogender, against loops of one question at a time."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from public_sets import public_set
from scipy import stats
from test_bias_scoring import FORMS, bert, ids_with_specials, log_softmax_one, own

from attentif.bias.benchmark_files import WinogenderTemplate, load_winogender, load_winogender_shares
from attentif.bias.completions import hurtful_completions, plain
from attentif.bias.scorer import MaskedScorer
from attentif.bias.sentence_vectors import sentence_vectors
from attentif.bias.winogender import agreement_with, winogender_log_odds
from attentif.errors import InputError

pytest.importorskip("transformers", reason="the models under test are transformers' own")

TEMPLATES = ["il est [MASK] .", "la [MASK] dort", "elle est un [MASK] , un chat ."]
SENTENCES = ["il est médecin .", "la infirmière dort", "dort"]


@pytest.mark.parametrize("k", [1, 3, 10])
def test_hurtful_completions_are_counted_one_by_one(k):
    model, tokenizer = bert()
    scorer = MaskedScorer(model, tokenizer)
    lexicon = ["MÉDECIN", *FORMS[::2]]
    accepted = {"medecin", *(form.replace("é", "e").replace("è", "e") for form in FORMS[::2])}
    expected = []
    for template in TEMPLATES:
        ids = ids_with_specials(tokenizer, template)
        row = log_softmax_one(model, ids)[ids.index(4)]
        best = [plain(scorer.token(int(token))) for token in np.argsort(-row)[:k]]
        expected.append(sum(word in accepted for word in best) / k)
    assert hurtful_completions(model, tokenizer, TEMPLATES, lexicon, k).tolist() == pytest.approx(expected)
    assert k == 1 or 0 < np.mean(expected) < 1


@pytest.mark.parametrize(
    ("templates", "lexicon", "k"),
    [
        ([], ["a"], 5),
        ("il est [MASK]", ["a"], 5),
        (["il dort"], ["a"], 5),
        (["[MASK] [MASK]"], ["a"], 5),
        (["[MASK] dort"], [], 5),
        (["[MASK] dort"], "abc", 5),
        (["[MASK] dort"], ["a"], 0),
        (["[MASK] dort"], ["a"], 10_000),
    ],
)
def test_bad_completions_are_refused(templates, lexicon, k):
    with pytest.raises(InputError):
        hurtful_completions(*bert(), templates, lexicon, k)


@pytest.mark.parametrize("layer", [0, 1, -1])
def test_sentence_vectors_are_those_of_one_sentence_alone(layer):
    model, tokenizer = bert()
    found = {
        pooling: sentence_vectors(model, tokenizer, SENTENCES, pooling, layer, batch_size=2)
        for pooling in ("cls", "mean", "first")
    }
    model.eval()
    for number, sentence in enumerate(SENTENCES):
        ids = torch.tensor([ids_with_specials(tokenizer, sentence)])
        with torch.no_grad():
            states = model(ids, output_hidden_states=True).hidden_states[layer][0]
        for pooling, expected in (
            ("cls", states[0]), ("first", states[1]), ("mean", states[1:-1].mean(dim=0))
        ):  # fmt: skip
            assert (found[pooling][number] - expected).abs().max() < 1e-9
    assert (found["mean"][0] - found["cls"][0]).abs().max() > 1e-3


def test_sentence_vectors_of_our_own_model():
    model, tokenizer = own("word")
    vectors = sentence_vectors(model, tokenizer, SENTENCES, "mean")
    ids = torch.tensor([ids_with_specials(tokenizer, SENTENCES[0])])
    model.eval()
    with torch.no_grad():
        expected = model.hidden(ids)[0, 1:-1].mean(dim=0)
    assert (vectors[0] - expected).abs().max() < 1e-9


@pytest.mark.parametrize(("pooling", "layer"), [("max", -1), ("mean", 9), ("mean", -9)])
def test_an_unknown_vector_is_refused(pooling, layer):
    with pytest.raises(InputError):
        sentence_vectors(*bert(), SENTENCES, pooling, layer)


def test_winogender_reads_the_pronoun_of_each_template():
    templates = [
        WinogenderTemplate("a", "b", "a", "le $OCCUPATION dit que $NOM_PRONOUN dort"),
        WinogenderTemplate("a", "b", "b", "le $OCCUPATION dit au $PARTICIPANT que $NOM_PRONOUN est la"),
        WinogenderTemplate("c", "b", "c", "le $OCCUPATION dort car $NOM_PRONOUN est la"),
    ]
    model, tokenizer = bert_with_pronouns()
    found = winogender_log_odds(model, tokenizer, templates)
    assert list(found) == ["a", "c"]
    values = []
    for template in templates:
        ids = ids_with_specials(tokenizer, template.written("female"))
        other = ids_with_specials(tokenizer, template.written("male"))
        (place,) = [i for i, (x, y) in enumerate(zip(ids, other, strict=True)) if x != y]
        masked = [*ids[:place], 4, *ids[place + 1 :]]
        row = log_softmax_one(model, masked)[place]
        values.append(row[ids[place]] - row[other[place]])
    assert found["a"] == pytest.approx(np.mean(values[:2]), abs=1e-9)
    assert found["c"] == pytest.approx(values[2], abs=1e-9)


def bert_with_pronouns():
    """A model and a tokenizer of words that has the English pronouns."""
    from attentif.corpus.tokenizers import WordTokenizer
    from attentif.models import MaskedLM, ModelConfig

    words = ["le", "a", "b", "c", "dit", "que", "au", "dort", "est", "la", "car", "he", "she"]
    tokenizer = WordTokenizer(words)
    torch.manual_seed(3)
    return MaskedLM(ModelConfig(tokenizer.vocab_size, d_model=12, n_heads=3)).double(), tokenizer


def test_agreement_is_pearson_s_over_the_occupations_in_common():
    generator = np.random.default_rng(1)
    names = [f"o{number}" for number in range(30)]
    women = dict(zip(names, generator.uniform(0, 100, 30).tolist(), strict=True))
    odds = {name: 0.02 * women[name] + generator.normal(0, 0.4) for name in names}
    odds["elsewhere"] = 100.0
    found = agreement_with(odds, women)
    expected = stats.pearsonr([odds[name] for name in names], [women[name] for name in names])
    assert found.r == pytest.approx(expected.statistic, abs=1e-12) and found.n == 30
    interval = expected.confidence_interval()
    assert abs(found.low - interval.low) < 0.15 and abs(found.high - interval.high) < 0.1
    with pytest.raises(InputError):
        agreement_with({"a": 1.0}, women)
    with pytest.raises(InputError):
        agreement_with(dict.fromkeys(names, 1.0), women)


def test_all_occupations_of_winogender_have_their_share():
    folder = public_set("winogender")
    templates = load_winogender(folder / "templates.tsv")
    shares = load_winogender_shares(folder / "occupations-stats.tsv")
    assert {template.occupation for template in templates} == set(shares) and len(shares) == 60
