"""The exercises on pairs of sentences: what their cards show is true, and what their checks stand on."""

from __future__ import annotations

import ast
import re

import numpy as np
import pytest

from attentif.bias.alignment import align_pair
from attentif.bias.attention_weights import attention_received
from attentif.bias.candidates import log_odds, single_token
from attentif.bias.pair_scores import pair_scores, received_weights
from attentif.bias.preferences import crows_pairs_metric
from attentif.bias.scorer import MaskedScorer, Question
from attentif.bias.stereoset import stereoset_scores
from attentif.checks import recipes
from attentif.checks.pair_scoring import is_rounded, table_of
from attentif.pretrained import small_model
from attentif_grading.exercises import exercise_folder, load_exercise
from attentif_grading.masked_oracle import KINDS, Setting
from attentif_grading.pair_oracle import common_tokens, crossed_pair
from attentif_grading.pair_tables import OptionTable, options, tallied, telling, tells

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


def test_the_card_of_the_log_odds_shows_what_the_model_answers(small):
    language, model, tokenizer = small
    card = card_of("log_odds", language)
    (code,) = re.findall(r"```python\n(.*?)```", card, re.DOTALL)
    names = {
        "model": model,
        "tokenizer": tokenizer,
        "MaskedScorer": MaskedScorer,
        "single_token": single_token,
    }
    exec(code, names)
    assert f"place  # {names['place']}" in card and names["rows"].shape == (3, len(tokenizer))
    assert all(f'"{names["asked"].token(names["ids"][place])}"' in card for place in (1, 2))
    sentence, *words = card.split("`")[3], *re.findall(r'`"([^`"]+)"`', card)
    (shown,) = re.findall(r"(?:gives|donne) (−?\d[.,]\d+)\.", card)
    shown = float(shown.replace("−", "-").replace(",", "."))
    assert log_odds(model, tokenizer, sentence, *words) == pytest.approx(shown, abs=0.05)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_cards_of_the_shares_count_right(language):
    card = card_of("crows_pairs_metric", language)
    scores = ast.literal_eval(re.search(r"`(\[\([^`]*\])`", card).group(1))
    assert str(crows_pairs_metric(scores).metric) in card.replace("62,5", "62.5")
    card = card_of("stereoset_scores", language)
    scores = ast.literal_eval(re.search(r"`(\[\([^`]*\])`", card).group(1))
    found = stereoset_scores(scores, ["one", "one", "other"])
    for name in ("language_model", "stereotype", "icat"):
        (shown,) = re.findall(rf"`{name}` (\d[\d.,]*)[,.]", card)
        assert getattr(found, name) == float(shown.replace(",", "."))


def test_drawn_tables_are_what_is_asked_for():
    rng = np.random.default_rng(3)
    found = crows_pairs_metric(*vars(tallied(rng, (4, 1, 3), (1, 4, 2), 3)).values())
    assert (found.n_pairs, found.n_unscored) == (15, 3)
    assert found.stereotype == pytest.approx(100 * 5.5 / 8)
    assert found.antistereotype == pytest.approx(100 * 2 / 7)
    close = np.array(tallied(rng, (4, 2, 0), (2, 1, 0), 0, close=True).scores)
    assert np.isclose(*close.T).all() and (close[:, 0] != close[:, 1]).all()
    table = options(rng, {"a": 40, "b": 30}, lean=0.9, knows=0.5, tied=0.0)
    assert table.targets[0] == table.targets[-1] == "a" and len(table.scores) == 70
    assert all(len(set(row)) == 3 for row in table.scores)
    assert tells(telling(rng, sizes={"a": 5, "b": 2, "c": 1}))
    assert not tells(OptionTable([[3.0, 2.0, 1.0]] * 2, ["a", "b"]))


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
