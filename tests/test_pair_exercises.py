"""The exercises on pairs of sentences: what their cards show is true, and what their checks stand on."""

from __future__ import annotations

import ast
import re

import numpy as np
import pytest

from attentif.bias.alignment import align_pair
from attentif.bias.attention_weights import attention_received
from attentif.bias.pair_scores import pair_scores, received_weights
from attentif.bias.scorer import MaskedScorer, Question
from attentif.checks import recipes
from attentif.checks.pair_scoring import is_rounded, table_of
from attentif.pretrained import small_model
from attentif_grading.exercises import exercise_folder, load_exercise
from attentif_grading.masked_oracle import KINDS, Setting
from attentif_grading.pair_oracle import common_tokens, crossed_pair

SENTENCES = [["il", "lit", "."], ["une", "danseuse", "et", "un", "infirmier"], ["soignantes"]]


def card_of(name, language):
    return (exercise_folder(name) / f"card.{language}.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=("fr", "en"))
def small(request):
    return request.param, *small_model(f"microcosm-{request.param}")


def test_the_card_of_the_pairs_shows_what_the_model_answers(small):
    language, model, tokenizer = small
    card = card_of("pair_scores", language)
    (code,) = re.findall(r"```python\n(.*?)```", card, re.DOTALL)
    names = {"model": model, "tokenizer": tokenizer, "MaskedScorer": MaskedScorer, "align_pair": align_pair}
    names |= {"Question": Question, "received_weights": received_weights}
    exec(code, names)
    first = names["pair"].first
    assert f"# {first.shared}, {first.modified}, {first.content}" in card
    assert names["nats"].shape == (3,) and [len(each) for each in names["weights"]] == [3, 3]
    said = card.split("`")[3]
    pronouns = {"fr": ("elle", "il"), "en": ("she", "he")}[language]
    pair = (said, said.replace(f" {pronouns[0]} ", f" {pronouns[1]} "))
    for kind in ("unmodified", "modified"):
        (shown,) = re.findall(rf"`(\[[^]]*\])` (?:as|pour) `{kind}`", card)
        assert pair_scores(model, tokenizer, [pair], kind)[0] == pytest.approx(
            ast.literal_eval(shown), abs=0.3
        )


@pytest.mark.parametrize("kind", KINDS)
def test_the_oracle_sees_the_attention_of_the_small_models(kind):
    setting = Setting.drawn(np.random.default_rng(5), kind, looks=True)
    model, tokenizer = (recipes.build(recipe, None) for recipe in setting.recipes)
    scorer = MaskedScorer(model, tokenizer)
    texts = [scorer.encode(" ".join(words)).ids for words in SENTENCES]
    for words, found in zip(SENTENCES, attention_received(scorer, texts, 2), strict=True):
        np.testing.assert_allclose(found, setting.attention(setting.read(words)[0]), atol=1e-12)
        assert found.sum() == pytest.approx(1)
    # Looking changes nothing of the answers.
    plain = Setting(kind, setting.pieces, setting.seed)
    other = MaskedScorer(*(recipes.build(recipe, None) for recipe in plain.recipes))
    np.testing.assert_allclose(*(each.log_probabilities(texts[:1], [[1, 2]]) for each in (scorer, other)))


def test_of_two_crossed_words_the_order_decides_which_is_shared():
    for seed in range(6):
        setting = Setting.drawn(np.random.default_rng(seed), "attentif")
        scorer = MaskedScorer(*(recipes.build(recipe, None) for recipe in setting.recipes))
        pair = crossed_pair(setting, ["le"], ["chat", "juge"], ["dort", "vite", "."])
        kept, turned = (align_pair(scorer, *pair, official).first for official in (True, False))
        assert kept.shared == (1, 2, 4, 5, 6) and turned.shared == (1, 3, 4, 5, 6)


def test_common_tokens():
    assert common_tokens("abcxde", "abyde") == ({0, 1, 4, 5}, {0, 1, 3, 4})
    assert common_tokens("ab", "c") == (set(), set())


def test_tables_are_read_whatever_holds_them():
    assert table_of([(1, 2.5), [3.0, float("nan")]]).shape == (2, 2)
    assert table_of(np.zeros((3, 2), dtype=np.float32)).dtype == np.float64
    for other in (None, [1.0, 2.0], [("a", "b")], np.zeros(4), np.zeros((2, 3)), [[True, False]], {}):
        assert table_of(other) is None
    assert is_rounded(np.array([-1.234, np.nan])) and not is_rounded(np.array([-1.2345]))


def test_stored_scores_are_told_apart():
    """Where two definitions, or the two sentences of a pair, scored alike, a mistake would not show."""
    exercise = load_exercise("pair_scores")
    student = exercise.student(exercise.reference)
    for kind in KINDS[:2]:
        requests = exercise.requests
        tables = [
            student.run(requests[f"{each}_{kind}"]).value
            for each in ("unmodified", "modified", "aul", "aula")
        ]
        for table in tables:
            assert np.abs(table[:, 0] - table[:, 1]).min() > 2e-3
