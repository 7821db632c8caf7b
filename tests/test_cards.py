"""The card above an exercise: what it is worth and why, what it needs, what goes wrong, and two hints."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import nbformat
import pytest
from built_course import built_course

from attentif.errors import InputError
from attentif_grading.card import FEWEST, MOST, card
from attentif_grading.contracts import load_contracts
from attentif_grading.exercises import exercises_in_chain, load_exercise
from attentif_grading.notebooks import written_exercises
from attentif_grading.places import course_home
from attentif_grading.verify import verify

HOME = course_home()
CONTRACTS = load_contracts(HOME)
WRITTEN = written_exercises(HOME)
LANGUAGES = ("fr", "en")

WORTH = {
    "fr": r"\*\*[\d,]+ points?\*\* \(.*\) · environ \d+ minutes · difficulté \d sur 4 · importance (\d) sur 4 : (.+)",
    "en": r"\*\*[\d.]+ points?\*\* \(.*\) · about \d+ minutes · difficulty \d of 4 · importance (\d) of 4: (.+)",
}
NEEDED = {
    "fr": r"\*\*Prérequis\.\*\* Notions : ([^.]+)\.(?: Exercices? : (.+) ; une partie de secours remplace .+\.)?",
    "en": r"\*\*Prerequisites\.\*\* Concepts: ([^.]+)\.(?: Exercises?: (.+); a rescue part stands in .+\.)?",
}
MISTAKES = {"fr": "Erreurs fréquentes", "en": "Frequent mistakes"}
HINT = {"fr": "Piste", "en": "Hint"}

every_written = pytest.mark.parametrize("name", WRITTEN)
every_language = pytest.mark.parametrize("language", LANGUAGES)


def built(name, language):
    """The card in the notebook that students get, with ordinary spaces."""
    for path in (built_course()[0] / "notebooks" / language).glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.metadata.attentif.name == f"{name}_card":
                return re.sub("[\u00a0\u202f]", " ", cell.source)
    raise AssertionError(f"no card of {name}")


def made(name, language):
    """The card as it would be if this exercise were selected."""
    return card(CONTRACTS[name], language, HOME, 1.0, 1.0)


def mistakes_on(said, language):
    """The folded list of frequent mistakes, as plain text."""
    (folded,) = re.findall(
        rf"<details><summary>{MISTAKES[language]}</summary>(.*?)</details>", said, re.DOTALL
    )
    items = re.findall(r"<li>(.*?)\.</li>", folded)
    assert len(items) == folded.count("<li>") and "\n\n" not in folded, "Markdown ends HTML at an empty line"
    return [html.unescape(re.sub("</?code>", "", item)) for item in items]


# What a card shows


@every_language
@every_written
def test_a_built_card_has_all_its_parts_in_order(name, language):
    said, contract = built(name, language), CONTRACTS[name]
    heading, worth, needed, *statement = said.split("\n\n")
    assert heading.startswith("### ") and heading.endswith(f"`{name}`") and len(statement) > 2
    level, why = re.fullmatch(WORTH[language], worth).groups()
    assert int(level) == contract.importance and len(why) > 10
    notions, exercises = re.fullmatch(NEEDED[language], needed).groups()
    assert notions == contract.notions[language]
    before = [each for each in contract.depends if each in WRITTEN]
    assert re.findall(r"`(\w+)`", exercises or "") == before
    folded = re.findall(r"<details><summary>(.*?)</summary>", said)
    assert folded == [f"{HINT[language]} 1", f"{HINT[language]} 2", MISTAKES[language]]
    assert said.count("</details>") == 3 and said.endswith("</details>")


@every_language
@pytest.mark.parametrize("name", exercises_in_chain())
def test_its_frequent_mistakes_are_those_of_the_catalogue(name, language):
    frequent, catalogue = load_exercise(name).frequent(), load_exercise(name).misconceptions
    assert FEWEST <= len(frequent) <= MOST and all(mistake in catalogue for mistake in frequent)
    shown = mistakes_on(made(name, language), language)
    assert [each[1:] for each in shown] == [m.pitfall[language].replace("`", "")[1:] for m in frequent]
    assert not any(each.endswith((".", ":", ";", ",")) for each in shown)
    for mistake in frequent:
        # Without the remedy, which the diagnosis gives after its colon to those who have made the mistake.
        assert not re.search(r"\s?: ", mistake.pitfall[language])
        assert mistake.warning or mistake.said[language].startswith(mistake.pitfall[language])


@pytest.mark.parametrize("name", exercises_in_chain())
def test_a_warning_is_on_the_card_and_in_two_languages(name):
    frequent = [mistake.name for mistake in load_exercise(name).frequent()]
    for mistake in load_exercise(name).all_misconceptions:
        if mistake.warning is not None:
            assert mistake.name in frequent, "nobody would read it"
            assert set(mistake.warning) == set(LANGUAGES) and mistake.warning["fr"] != mistake.warning["en"]


def test_code_on_a_card_is_shown_as_code():
    assert "<li>With <code>pad_id=0</code> your padding counts.</li>" in made("causal_lm_loss", "en")
    assert "<li><code>within_word</code> masks the whole word" in made("pseudo_log_likelihood", "en")
    assert "vers <code>(B, H, T, K)</code>." in made("MultiHeadAttention", "fr")


# Importance and prerequisites


@every_language
def test_each_level_of_importance_is_said_in_its_own_words(language):
    contract = CONTRACTS["causal_mask"]
    cards = [card(replace(contract, importance=level), language, HOME, 1, 1) for level in (1, 2, 3, 4)]
    said = [re.search(WORTH[language], each).groups() for each in cards]
    assert [int(level) for level, _ in said] == [1, 2, 3, 4] and len({why for _, why in said}) == 4


def test_attention_is_what_most_rests_on():
    assert CONTRACTS["scaled_dot_product_attention"].importance == 4
    levels = [CONTRACTS[name].importance for name in WRITTEN]
    assert levels.count(4) < len(levels) / 4 and {2, 3, 4} <= set(levels)
    # What others are made of matters at least as much as they do.
    for contract in CONTRACTS.values():
        assert all(CONTRACTS[each].importance >= contract.importance for each in contract.depends)


def test_an_exercise_that_is_given_is_no_prerequisite():
    assert "FeedForward" in CONTRACTS["EncoderBlock"].depends and "FeedForward" not in WRITTEN
    said = made("EncoderBlock", "en")
    assert "Exercises: `MultiHeadAttention`, `LayerNorm`;" in said
    assert "Exercise: `scaled_dot_product_attention`;" in made("MultiHeadAttention", "en")
    assert "Exercise" not in re.search(r"\*\*Prereq.*", made("causal_mask", "en")).group()


# Refusals


@pytest.mark.parametrize(
    ("frequent", "said"),
    [
        (("strict", "transposd"), r"FREQUENT .*, got 'transposd'; did you mean transposed\?"),
        (("strict", "strict"), "each once, in FREQUENT of its misconceptions.py, got 'strict' 2 times"),
        (("strict",), "expected 2 to 4 frequent mistakes of causal_mask for its card, got 1"),
        ((), "got 0"),
        (("strict", "transposed", "inverted", "window", "only_itself"), "got 5"),
    ],
)
def test_a_card_without_two_to_four_known_mistakes_is_refused(monkeypatch, frequent, said):
    module = load_exercise("causal_mask")._module("misconceptions")
    monkeypatch.setattr(module, "FREQUENT", frequent)
    with pytest.raises(InputError, match=said):
        made("causal_mask", "fr")


def test_verify_checks_tells_of_a_wrong_name_at_once(monkeypatch):
    module = load_exercise("causal_mask")._module("misconceptions")
    monkeypatch.setattr(module, "FREQUENT", ("transposd",))
    with pytest.raises(InputError, match="got 'transposd'"):
        verify(["causal_mask"])


def test_a_card_without_a_statement_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"the statement .*card\.fr\.md"):
        card(CONTRACTS["causal_mask"], "fr", tmp_path, 1, 1)


# French typography


def prose_of(said):
    """What is neither code nor mathematics nor a tag."""
    said = re.sub(r"```.*?```|\$\$.*?\$\$", " x ", said, flags=re.DOTALL)
    return re.sub(r"`[^`]*`|<code>.*?</code>|\$[^$]*\$|</?[a-z]+>", "x", said)


def badly_set(said):
    """Where French punctuation lacks its space, or has the signs of English."""
    found = re.findall(r".{0,20}[^\s:][:;?!»](?=[\s*]|$)", prose_of(said), re.MULTILINE)
    found += re.findall(r"«\S.{0,20}", prose_of(said))
    found += re.findall(r'.{0,20}".{0,20}', prose_of(said))
    return found + re.findall(r".{0,20}\d\.\d.{0,20}", prose_of(said))


@pytest.mark.parametrize("name", exercises_in_chain())
def test_french_cards_have_french_typography(name):
    assert badly_set(made(name, "fr")) == []


def test_the_signs_of_english_are_noticed():
    for wrong in ("Notions: deux", "quoi?", "«oui »", 'le "mot"', "0.5 point", "**Prérequis:** un"):
        assert badly_set(wrong), wrong
    assert badly_set("Quoi ? « oui » ; `a: b` : 0,5 **x** : $a: b$") == []
    # An English card has English signs: the rule can tell them apart.
    assert badly_set(made("EncoderBlock", "en"))
