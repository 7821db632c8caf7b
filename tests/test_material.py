"""What notebook 2 asks a model, shows of its answers, and finds in its attention maps."""

from __future__ import annotations

import re

import numpy as np
import pytest
from test_bias_scoring import camembert
from tiny_bert import tiny_bert

from attentif.bias import Interval, cluster_bootstrap, log_probability_bias
from attentif.bias.counterfactual import swap_gender
from attentif.bias.looking import look
from attentif.bias.material import _REAL, material_for, slots
from attentif.bias.measures import (
    intervals_of,
    means,
    references_of,
    show_agreement,
    show_covered,
    show_measures,
)
from attentif.charts import plot_forest
from attentif.checks.text import set_language
from attentif.corpus.microcosm import Microcosm
from attentif.errors import InputError
from attentif.limits import fact_probe, negation_probe, number_probe
from attentif.limits.material import questions_for
from attentif.pretrained import masked_model

pytest.importorskip("transformers")
LANGUAGES = ("fr", "en")


@pytest.fixture(autouse=True)
def _english():
    set_language("en")
    yield
    set_language("en")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    tiny_bert(folder)
    return masked_model(str(folder))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_small_model_is_asked_in_its_own_language_whatever_the_notebooks(language, capsys):
    model, tokenizer = masked_model(f"microcosm-{language}")
    material, world = material_for(model, tokenizer, "en"), Microcosm(language)
    assert material.language == language and material.planted == world.planted
    assert material.occupations == tuple(world.planted) and material.templates == world.templates
    sentences = [said.sentence for said in material.references]
    assert np.isfinite(world.log_probability([world.tokenizer.encode(each) for each in sentences])).all()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_about_a_person_is_of_the_language_swapped_wholly_and_no_longer_swapped_halfway(language):
    model, tokenizer = masked_model(f"microcosm-{language}")
    material, world = material_for(model, tokenizer, language), Microcosm(language)
    masculine, feminine = material.pronouns
    other = {masculine: feminine, feminine: masculine}
    persons = material.persons
    halves = [" ".join(other.get(word, word) for word in said.split(" ")) for said in persons]
    wholes = [swap_gender(said, language) for said in persons]
    for said, possible in ((persons, True), (wholes, True), (halves, False)):
        found = world.log_probability([world.tokenizer.encode(each) for each in said])
        assert (np.isfinite(found) == possible).all(), said
    assert all(said.split(" ").count(feminine) == 1 for said in persons[len(persons) // 2 :])
    assert all(said.split(" ").count(masculine) == 1 for said in persons[: len(persons) // 2])
    assert [swap_gender(each, language) for each in wholes] == list(persons)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_real_model_is_asked_in_everyday_language(language, tiny, capsys):
    material = material_for(*tiny, language)
    assert material.planted == {} and len(material.occupations) >= 20  # fewer make an interval too narrow
    assert len(material.templates) >= 5 and "judge" not in material.occupations
    for template in material.templates:
        assert template[0].isupper() and " ." not in template and " ," not in template
        assert template.count("[MASK]") == template.count("{occupation}") == 1
        assert " [MASK] " in template  # a space before it: an elision would make another token of the pronoun
    said = capsys.readouterr().out
    assert "Nobody knows this model's true bias" in said
    left_out = {"fr": ("journaliste", "juge"), "en": ("judge",)}[language]
    assert all(f"Left out: {each} (the tokenizer does not know it)." in said for each in left_out)
    assert said.count("Left out") == len(left_out)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_the_real_sentences_tells_the_gender(language):
    told = {"fr": r"\b(le|la|un|une|il|elle|son|sa)\b", "en": r"\b(he|she|his|her|him)\b"}[language]
    for template in _REAL[language].templates:
        before = template.partition("[MASK]")[0]
        assert not re.search(told, before, re.IGNORECASE), template


def test_a_pronoun_that_is_no_token_of_the_model_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("tiny_bert.WORDS", ("he", "nurse"))
    tiny_bert(tmp_path)
    with pytest.raises(InputError, match="got 'she', cut into s"):
        material_for(*masked_model(str(tmp_path)), "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_reference_is_found_and_the_maps_are_distributions(language, tiny):
    for model, tokenizer in (tiny, masked_model(f"microcosm-{language}")):
        for said in material_for(model, tokenizer, language).references:
            seen = look(model, tokenizer, said.sentence, said.pronoun, said.candidates)
            assert len(seen.weights) == model.config.num_hidden_layers
            for maps in seen.weights:
                assert maps.shape == (model.config.num_attention_heads, len(seen.tokens), len(seen.tokens))
                assert np.allclose(maps.sum(dim=-1), 1, atol=1e-5)
            assert seen.tokens[seen.query] == said.pronoun
            for word, places in seen.candidates.items():
                assert "".join(seen.tokens[place].removeprefix("##") for place in places) == word


def test_camembert_is_looked_at_too_and_a_word_may_have_several_pieces():
    model, tokenizer = camembert()
    model.set_attn_implementation("eager")
    seen = look(model, tokenizer, "elle est infirmière", "elle", ["infirmière"])
    assert [seen.tokens[place] for place in seen.candidates["infirmière"]] == ["infirm", "ière"]
    assert seen.tokens[seen.query] == "elle"


def test_looking_says_what_it_lacks(tiny):
    model, tokenizer = tiny
    with pytest.raises(InputError, match="got 'cat'; write it as the sentence does"):
        look(model, tokenizer, "The animal is tired.", "animal", ["cat"])
    with pytest.raises(InputError, match="a model that gives its attention maps"):
        look(camembert()[0], camembert()[1], "elle est infirmière", "elle", ["infirmière"])


SCORES = {
    (name, str(i)): value + i / 10 for name, value in (("a", 0.5), ("b", -1.0), ("c", 0.0)) for i in range(6)
}


def test_intervals_are_sorted_with_the_mean_of_all_below():
    calls = []

    def resample(values, groups):
        calls.append((list(values), list(groups)))
        return Interval(float(np.mean(values)), min(values), max(values), len(set(groups)), 1.0)

    found = intervals_of(SCORES, resample)
    assert list(found) == ["a", "c", "b", "mean"] and means(SCORES)["b"] == pytest.approx(-0.75)
    assert [len(set(groups)) for _, groups in calls] == [6, 6, 6, 3]
    assert (
        references_of({"a": 1.0, "b": 0.0}) == {"a": 1.0, "b": 0.0, "mean": 0.5} and references_of({}) == {}
    )


def test_no_remark_is_repeated_for_each_occupation(recwarn):
    names = [f"n{i}" for i in range(20)]
    intervals_of({(name, str(i)): float(i) for name in names for i in range(5)}, cluster_bootstrap)
    assert not recwarn.list


def test_measures_without_truth_stand_alone(capsys):
    picture = show_measures(SCORES, {})
    assert "Nothing known stands against these measures." in capsys.readouterr().out
    assert "a 0.75 [" in picture.alt
    show_agreement({"a": 1.0, "b": 2.0, "c": 3.0}, {"a": 2.0, "b": 4.0, "c": 6.0})
    assert "r = 1.00 over 3 occupations" in capsys.readouterr().out
    show_agreement({"a": 1.0, "b": 1.0, "c": 1.0}, {"a": 2.0, "b": 4.0, "c": 6.0})
    assert "r = 0.00" in capsys.readouterr().out
    against = show_measures(SCORES, {"a": 1.0, "b": 0.0, "c": 0.5})
    assert "planted" in against.alt and capsys.readouterr().out == ""


def test_bars_that_cover_their_diamond_are_counted(capsys):
    intervals = {"a": Interval(0.5, 0.4, 0.6, 7, 7.0), "b": Interval(0.1, 0.0, 0.2, 7, 7.0)}
    show_covered({**intervals, "mean": Interval(0.3, 0.0, 1.0, 2, 2.0)}, {"a": 0.61, "b": 0.2})
    assert capsys.readouterr().out.startswith("1 of 2 bars")
    show_covered(intervals, {})
    assert capsys.readouterr().out == ""


def test_what_chance_gives_is_named_on_a_forest():
    picture = plot_forest(
        {"one": Interval(1.0, 0.8, 1.0, 9, 9.0)}, neutrals={"one": 0.5}, neutral_name="chance"
    )
    assert "(chance 0.50)" in picture.alt


def test_an_occupation_of_several_pieces_is_measured(tiny):
    template = slots(_REAL["en"].templates[0])
    score = log_probability_bias(*tiny, template, "she", "he", "surgeon")
    assert np.isfinite(score.corrected)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_small_model_knows_the_words_of_its_questions_on_limits(language):
    model, tokenizer = masked_model(f"microcosm-{language}")
    negations = questions_for(model, language).negations
    found = [negation_probe(model, tokenizer, items) for items in negations.values()]
    assert all(len(each.split()) > 9 for each in questions_for(model, language).sentences)
    assert len(found) == {"fr": 2, "en": 1}[language] and not any(each.unknown for each in found)
    facts = fact_probe(model, tokenizer, questions_for(model, language).facts)
    assert not facts.unknown and not facts.unknown_candidates and facts.misprime_drop is not None
    # Of several right words one is the answer: it is ahead of all false ones, and not always the first.
    assert facts.reciprocal_rank.estimate > 0.95 and 0.4 < facts.precision.estimate < 0.9
    numbers = questions_for(model, language).numbers
    counted = number_probe(model, tokenizer, numbers)
    assert not counted.unknown and not counted.pieces and len({item.text for item in numbers}) == len(numbers)
    assert all(share.p_value < 0.001 for share in counted.accuracy.values())
    # What the notebook says of them: "although" and "mais" are heard, "n'est pas" makes no difference in this corpus.
    assert found[-1].accuracy_negated.estimate == 1 and found[-1].distance.estimate > 0.9
    if language == "fr":
        assert found[0].accuracy_negated.estimate == 0 and found[0].distance.estimate < 0.1


def test_any_other_model_is_asked_of_things_and_what_they_are(tiny):
    (items,) = questions_for(tiny[0], "en").negations.values()
    assert items[0].negated == "A mackerel is not (a|an) [MASK]."
