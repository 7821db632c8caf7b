"""Sets of words for association tests, and how tests and strips are shown."""

from __future__ import annotations

import numpy as np
import pytest

from attentif.bias.comparisons import show_adjusted, show_p, show_paired, show_sensitivity
from attentif.bias.material import _REAL, material_for
from attentif.bias.paired import PairedTest
from attentif.bias.variance import TemplateSensitivity
from attentif.bias.weat import weat_effect_size
from attentif.bias.word_sets import _EXPECTED, alphabetic_halves, grouped, standings, word_sets
from attentif.charts import plot_strips
from attentif.checks.text import set_language
from attentif.limits import static_embeddings
from attentif.pretrained import masked_model

pytest.importorskip("transformers")


@pytest.fixture(autouse=True)
def _english():
    set_language("en")
    yield
    set_language("en")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_sets_of_a_small_model_follow_what_was_planted_and_have_vectors(language):
    model, tokenizer = masked_model(f"microcosm-{language}")
    material = material_for(model, tokenizer, language)
    sets = word_sets(material)
    assert all(material.planted[name] > 0 for name in sets.first)
    assert all(material.planted[name] < 0 for name in sets.second)
    first, second = standings(weat_effect_size, model, tokenizer, sets)
    assert tuple(first) == sets.first and tuple(second) == sets.second
    # One word against all others: the distance from the mean of all, times N / (N − 1), in standard deviations.
    assert sum([*first.values(), *second.values()]) == pytest.approx(0.0, abs=1e-9)
    assert np.std([*first.values(), *second.values()], ddof=1) == pytest.approx(
        len({**first, **second}) / (len({**first, **second}) - 1)
    )
    given = (static_embeddings(model, tokenizer, words) for words in (sets.first, sets.second, sets.feminine, sets.masculine))  # fmt: skip
    assert (weat_effect_size(*given) > 0) == (np.mean([*first.values()]) > np.mean([*second.values()]))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_sets_of_a_real_model_are_occupations_that_it_is_asked_about(language):
    material = _REAL[language]
    sets = word_sets(material)
    assert (sets.first, sets.second) == _EXPECTED[language] and not set(sets.first) & set(sets.second)
    assert {*sets.first, *sets.second} <= set(material.occupations)


def test_scores_are_grouped_by_their_words():
    scores = {("vet", "a"): 1.0, ("cook", "a"): 2.0, ("vet", "b"): 3.0, ("nurse", "a"): 4.0}
    halves = alphabetic_halves(["vet", "cook", "nurse"])
    assert grouped(scores, *halves) == ([2.0], [1.0, 3.0, 4.0], (["cook"], ["vet", "vet", "nurse"]))


def test_tests_are_said_in_both_languages(capsys):
    found = PairedTest(0.25, 0.03125, 12, 6, True), TemplateSensitivity(0.8, 0.25, 1.0, -0.5, 1.5)
    for language, expected in (("en", "0.03125"), ("fr", "0,03125")):
        set_language(language)
        show_p(0.03125, "X")
        show_p(0.03125, "X", sentences=True)
        show_paired(found[0], "X")
        show_adjusted([0.03125, 1.0])
        show_sensitivity(found[1])
        said = capsys.readouterr().out.splitlines()
        assert len(said) == 5 and all(expected[:5] in line for line in said[:4]) and "80" in said[4]


@pytest.mark.parametrize("named", [True, False])
def test_strips_say_their_means(named):
    picture = plot_strips({"one": {"a": 1.0, "b": 2.0}, "two": {"c": -3.0}}, "nats", "title", named)
    assert "one: mean 1.50" in picture.alt and "two: mean −3.00" in picture.alt
    assert ("a 1.00" in picture.alt) == named
    axes = picture.figure.axes[0]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["one", "two"]
    assert len(axes.texts) == (3 if named else 0)
