"""What a student reads when a check fails: sentences, in both languages, that lead to the mistake."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch

from attentif.checks.compare import Mismatch, describe, match, value_of
from attentif.checks.engine import FAILED, PASSED
from attentif.checks.examining import examine
from attentif.checks.report import as_text
from attentif.checks.store import read_exercise
from attentif.checks.text import colon, number, set_language, text
from attentif.checks.values import Outcome, Recipe, Request
from attentif.checks.wording import differing, entry, gradient, item, named, stated
from attentif_grading.checkdata import build_check_data
from attentif_grading.exercises import exercises_in_chain, load_exercise


@pytest.fixture(autouse=True)
def _english():
    set_language("en")
    yield
    set_language("en")


@pytest.fixture(scope="module")
def public():
    """The public side of an exercise, made afresh once."""
    made = {}

    def get(name):
        if name not in made:
            made[name] = read_exercise(name, build_check_data(load_exercise(name)))
        return made[name]

    return get


def report_of(public, name, function):
    """The public report of a function, or of a method of the exercise's class."""
    return examine(public(name), load_exercise(name).target(function))


def results(report):
    return {result.check.name: result for result in report.results}


# Places


def test_an_entry_is_told_in_words():
    weights = named("weights", "BHTS")
    said = entry(weights, (0, 1, 2, 3), "0.5")
    assert said["en"] == "weights[0, 1, 2, 3] = 0.5 (row 0 of the batch, head 1, query 2, key 3)"
    assert said["fr"] == "weights[0, 1, 2, 3] = 0.5 (ligne 0 du lot, tête 1, requête 2, clé 3)"
    # Fewer axes are the last ones.
    assert entry(weights, (2, 3), "0.5")["fr"] == "weights[2, 3] = 0.5 (requête 2, clé 3)"
    assert entry(named(""), (1, 0), "True")["fr"] == "ligne 1, colonne 0 : True"
    assert entry(named(""), (4,), "7")["en"] == "entry 4: 7"
    assert entry(named(""), (0, 1, 2), "7")["fr"] == "élément [0, 1, 2] : 7"
    assert entry(named("rate"), (), "7")["en"] == "rate: 7"
    assert (
        entry(gradient("key"), (0, 1), "2")["fr"] == "le gradient par rapport à key, ligne 0, colonne 1 : 2"
    )


def test_items_of_results_have_names():
    assert item(item(named(""), 0), 2).said == {"en": "entry 0, entry 2", "fr": "élément 0, élément 2"}
    with pytest.raises(Mismatch) as caught:
        match((np.ones(2), np.zeros(2)), (np.ones(2), np.ones(2)), where=(named("output"), named("weights")))
    assert caught.value.expected["en"] == "weights[0] = 1"
    assert "[0][" not in str(caught.value) and caught.value.got["fr"] == "0 (aucune valeur n'est juste)"
    assert stated(named("output"), text("a", "b")) == {"en": "output: a", "fr": "output : b"}
    assert stated(named(""), text("a", "b")) == {"en": "a", "fr": "b"}


@pytest.mark.parametrize(
    ("n", "en", "fr"),
    [
        (1, "1 value of 6 differs", "1 valeur sur 6 diffère"),
        (3, "3 values of 6 differ", "3 valeurs sur 6 diffèrent"),
        (6, "no value is right", "aucune valeur n'est juste"),
    ],
)
def test_how_many_values_differ(n, en, fr):
    assert differing(n, 6) == {"en": en, "fr": fr}


def test_an_error_is_shown_with_the_call_that_raised_it():
    request = Request(
        args=(Recipe("context_model", {}), "il dort ."),
        kwargs={"query": np.ones((4, 5, 6)), "key": np.ones((4, 7, 6)), "k": 3, "mask": None},
    )
    with pytest.raises(Mismatch) as caught:
        value_of(Outcome(error="RuntimeError: no"), request)
    assert caught.value.expected["fr"] == (
        "un résultat, sans erreur, pour 'il dort .', query (4, 5, 6), key (4, 7, 6), k=3"
    )
    assert caught.value.got["fr"] == "votre code s'est arrêté sur RuntimeError: no"
    with pytest.raises(Mismatch, match="a result, without an error, got your code stopped with ValueError"):
        value_of(Outcome(error="ValueError"))


def test_values_are_described_in_the_language():
    assert describe(None)["fr"] == "None : rien n'est renvoyé"
    assert describe([1, 2])["fr"] == "une liste de 2 éléments"
    assert describe((1, 2)) == {"en": "a tuple of 2 items", "fr": "un tuple de 2 éléments"}
    assert describe(0.5)["fr"] == "0.5 (float)"
    assert (colon("en"), colon("fr")) == (": ", " : ")
    set_language("fr")
    assert number(-1.5) == "−1,50"


# Mistakes that were misread


def same_length_only(self, query, key=None, value=None, mask=None):
    """As one writes it for self-attention, in a shape of its own."""
    key = query if key is None else key
    value = key if value is None else value
    b, t, d = query.shape
    shape = (b, t, self.n_heads, d // self.n_heads)
    q, k, v = (
        projection(x).reshape(shape).transpose(1, 2)
        for projection, x in (
            (self.query_projection, query),
            (self.key_projection, key),
            (self.value_projection, value),
        )
    )
    output, weights = self.attend(q, k, v, mask, self.dropout if self.training else 0.0)
    return self.output_projection(output.transpose(1, 2).reshape(b, t, d)), weights


def test_supposing_that_s_is_t_costs_once_and_is_named(public):
    report = report_of(public, "MultiHeadAttention", same_length_only)
    failed = [result for result in report.results if result.status == FAILED]
    assert [result.check.name for result in failed] == ["cross_attention"]
    assert "query (4, 5, 6), key (4, 7, 6)" in failed[0].expected["fr"]
    assert "S = key.size(1)" in failed[0].check.hint["fr"]
    assert [diagnosis.name for diagnosis in report.diagnoses] == ["same_length_assumed"]
    hidden = examine(
        public("MultiHeadAttention"),
        load_exercise("MultiHeadAttention").target(same_length_only),
        load_exercise("MultiHeadAttention").hidden,
    )
    waiting = {r.check.name for r in hidden.results if r.status != PASSED}
    assert waiting == {"cross_attention", "padding", "permutations"}


@pytest.mark.parametrize("ignored", [-1, -99])
def test_labels_of_another_negative_number_are_named(public, ignored):
    def answer(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
        inputs, labels = load_exercise("mask_tokens").reference(
            token_ids, mask_id, vocab_size, special_ids, generator, probability
        )
        return inputs, torch.where(labels == -100, ignored, labels)

    report = report_of(public, "mask_tokens", answer)
    found = results(report)
    for name in ("labels", "selection", "actions"):
        assert "−100" in found[name].expected["fr"], "each failure tells of the labels"
        assert f"labels {ignored}" in found[name].got["fr"]
    assert [diagnosis.name for diagnosis in report.diagnoses] == ["labels_another_negative"]


def test_a_label_at_fault_is_shown_with_its_token(public):
    def answer(token_ids, mask_id, vocab_size, special_ids, generator=None, probability=0.15):
        inputs, labels = load_exercise("mask_tokens").reference(
            token_ids, mask_id, vocab_size, special_ids, generator, probability
        )
        return inputs, torch.where(labels == -100, labels, labels + 1)

    got = results(report_of(public, "mask_tokens", answer))["labels"].got
    assert "otherwise at" in got["en"] and "token_ids" in got["en"] and "labels" in got["en"]
    assert "autre chose à" in got["fr"] and "d'abord ligne" in got["fr"]


# Dropout


def attention(query, key, mask=None):
    scores = query @ key.mT / query.size(-1) ** 0.5
    return scores.softmax(-1) if mask is None else scores.masked_fill(~mask, -1e30).softmax(-1) * mask


def dropped(change):
    """A right attention but for what `change` makes of the weights when dropout_p is not 0."""

    def function(query, key, value, mask=None, dropout_p=0.0):
        weights = attention(query, key, mask)
        used, shown = change(weights, dropout_p) if dropout_p else (weights, weights)
        return used @ value, shown

    return function


DROPOUTS = {
    "dropout_missing": (lambda w, p: (w, w), "0,0 %"),
    "dropout_not_rescaled": (lambda w, p: (w * (torch.rand_like(w) > p), w), "ils sont comme avant"),
    "dropout_keeps_p": (lambda w, p: (w * (torch.rand_like(w) < p) / p, w), "60,"),
    "dropout_multiplied": (lambda w, p: (w * (torch.rand_like(w) > p) * (1 - p), w), "multipliés par 0,6"),
    "weights_after_dropout": (lambda w, p: 2 * (torch.dropout(w, p, True),), "("),
}


@pytest.mark.parametrize("mistake", DROPOUTS)
def test_dropout_is_judged_below_the_exercise_and_named(public, mistake):
    change, got = DROPOUTS[mistake]
    report = report_of(public, "scaled_dot_product_attention", dropped(change))
    assert [result.check.name for result in report.results if result.status == FAILED] == ["dropout"]
    assert got in results(report)["dropout"].got["fr"]
    assert [diagnosis.name for diagnosis in report.diagnoses] == [mistake]
    assert report.earned == report.maximum - results(report)["dropout"].check.points


def test_weights_dropped_together_are_noticed(public):
    def together(w, p):
        return w * (torch.rand(*w.shape[:-1], 1) > p) / (1 - p), w

    found = results(report_of(public, "scaled_dot_product_attention", dropped(together)))
    assert found["dropout"].status == FAILED and found["dropout"].got["fr"] == "des poids abandonnés ensemble"


def test_right_dropout_passes_whatever_the_draws(public):
    exercise = public("scaled_dot_product_attention")
    target = dropped(lambda w, p: (torch.dropout(w, p, True), w))
    for seed in range(25):

        def seeded(*args, seed=seed, **kwargs):
            torch.manual_seed(seed)
            return target(*args, **kwargs)

        assert results(examine(exercise, seeded))["dropout"].status == PASSED, seed


# fill_mask's refusals


def filling(public, refuse):
    """The public report of a fill_mask that is right where nothing is to be refused."""
    reference = load_exercise("fill_mask").reference

    def fill_mask(model, tokenizer, text, k=5):
        refuse(model, text, k)
        return reference(model, tokenizer, text, k)

    return report_of(public, "fill_mask", fill_mask)


def filled(public, refuse):
    """Its results, by check."""
    return results(filling(public, refuse))


@pytest.mark.parametrize("error", [ValueError, RuntimeError, AssertionError])
def test_k_out_of_range_needs_an_input_error(public, error):
    def refuse(model, text, k):
        if not 1 <= k <= model.config.vocab_size:
            raise error(f"k is {k}")

    found = filled(public, refuse)["k_out_of_range"]
    assert found.status == (PASSED if error is ValueError else FAILED)
    if error is RuntimeError:
        assert found.got["fr"].startswith("votre code s'est arrêté sur RuntimeError: k is 0, à la ligne ")
        assert found.expected["fr"] == "pour k=0 et un vocabulaire de 18 jetons, une InputError qui nomme k"


def test_k_refused_by_another_error_is_not_called_accepted(public):
    def refuse(model, text, k):
        assert 1 <= k <= model.config.vocab_size

    (diagnosis,) = filling(public, refuse).diagnoses
    assert diagnosis.said["fr"].startswith(
        "un k hors limites n'est pas refusé, ou ne l'est pas par une ValueError qui nomme k"
    )


def test_a_pair_in_the_wrong_order_is_told_by_its_types(public):
    reference = load_exercise("fill_mask").reference

    def fill_mask(model, tokenizer, text, k=5):
        return [[(p, token) for token, p in best] for best in reference(model, tokenizer, text, k)]

    found = results(report_of(public, "fill_mask", fill_mask))["one_mask_attentif"]
    assert found.expected["en"].endswith("a pair (token, probability)")
    assert found.got == {"en": "a pair (float, str)", "fr": "une paire (float, str)"}


def test_a_missing_mask_needs_the_same_error(public):
    def refuse(model, text, k):
        if "[MASK]" not in text:
            raise KeyError("no mask here")

    assert filled(public, refuse)["no_mask_attentif"].status == FAILED
    assert filled(public, lambda model, text, k: None)["no_mask_attentif"].status == PASSED


def test_a_wrong_answer_is_not_put_down_to_an_unchecked_k(public):
    def fill_mask(model, tokenizer, text, k=5):
        return [[("pain", 0.5)] * k]

    report = report_of(public, "fill_mask", fill_mask)
    assert "k_not_checked" not in [diagnosis.name for diagnosis in report.diagnoses]
    assert "'il [MASK] bien ici .'" in results(report)["one_mask_attentif"].expected["fr"]


ENGLISH = re.compile(r"\b(the|and|of|is|with|wrong|right|expected|hint|differ|tokens?|row|notebook)\b")


@pytest.mark.parametrize("name", exercises_in_chain())
def test_french_reports_hold_no_english(public, name):
    """Words of the code may stay; what Python says of an error does too."""
    set_language("fr")
    for misconception in load_exercise(name).misconceptions[::3]:
        said = as_text(report_of(public, name, misconception.function))
        ours = [line.partition("s'est arrêté sur")[0] for line in said.splitlines()]
        assert [line for line in ours if ENGLISH.search(line)] == [], misconception.name
