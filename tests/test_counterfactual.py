"""Genders swapped, against sentences swapped by hand, Microcosm's own grammar and Winogender's pairs.

tests/gender_swaps/*.tsv: our own sentences, each beside its counterpart, both of them read and corrected by hand.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from attentif.bias.augmentation import augment
from attentif.bias.counterfactual import Counterfactual, counterfactual, fitted, read_words, swap_gender
from attentif.bias.gender.french_forms import DETERMINERS, PRONOUNS, STRESSED
from attentif.bias.gender.lexicon import Pair, gender_lexicon
from attentif.bias.gender.words import Word
from attentif.corpus.inference import Evidence, log_likelihood
from attentif.corpus.microcosm import Microcosm
from attentif.errors import InputError

HERE = Path(__file__).resolve().parent
WINOGENDER = HERE.parent.parent / "shared" / "data" / "bias" / "winogender" / "all_sentences.tsv"


def by_hand(language):
    with open(HERE / "gender_swaps" / f"{language}.tsv", encoding="utf-8") as lines:
        return [tuple(line.rstrip("\n").split("\t")) for line in lines]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_sentences_swapped_by_hand(language):
    pairs = by_hand(language)
    assert len(pairs) >= 150
    wrong = [
        (first, swap_gender(first, language))
        for first, second in pairs
        if swap_gender(first, language) != second
    ]
    wrong += [
        (second, swap_gender(second, language))
        for first, second in pairs
        if swap_gender(second, language) != first
    ]
    assert not wrong
    changed = sum(first != second for first, second in pairs)
    assert 0.85 * len(pairs) < changed < len(pairs)  # those that must stay are there too


FULL = [pytest.param(language, "full", 60, marks=pytest.mark.slow) for language in ("fr", "en")]


@pytest.mark.parametrize(("language", "size", "documents"), [("fr", "small", 20), ("en", "small", 20), *FULL])
def test_microcosm_with_its_gender_latent_flipped(language, size, documents):
    """The swapped sentence can be written by exactly the latents that could write the sentence, genders flipped."""
    world = Microcosm(language, size)
    latents = world.world.latents
    flipped = [
        latents.index(replace(latent, gender="f" if latent.gender == "m" else "m")) for latent in latents
    ]

    def possible(text):
        ids = world.tokenizer.encode(text)
        assert world.tokenizer.unk_id not in ids, text
        with np.errstate(divide="ignore"):
            return np.isfinite(log_likelihood(world.automaton, Evidence.certain(np.array([ids])))[0])

    revealing = 0
    for document in world.documents(documents, seed=21):
        for sentence in document:
            text = world.text(sentence)
            swapped = swap_gender(text, language)
            assert swap_gender(swapped, language) == text
            before, after = possible(text), possible(swapped)
            assert (after == before[flipped]).all(), (text, swapped)
            assert (swapped == text) == (before == before[flipped]).all(), text
            revealing += swapped != text
    assert revealing > 2 * documents


def test_microcosm_as_its_tokens_are_written():
    """The templates part "qu'" from its pronoun by a space, and nothing else in them shows the gender."""
    for language in ("fr", "en"):
        world = Microcosm(language)
        for template in world.templates:
            for occupation in world.planted:
                masculine, feminine = (
                    template.format(occupation=occupation).replace("[MASK]", pronoun)
                    for pronoun in world.pronouns
                )
                assert swap_gender(masculine, language) == feminine
                assert swap_gender(feminine, language) == masculine


def test_winogender_pairs():
    if not WINOGENDER.exists():
        pytest.skip("Winogender's sentences are not in shared/data")
    with open(WINOGENDER, encoding="utf-8") as lines:
        sentences = dict(row for row in csv.reader(lines, delimiter="\t"))
    pairs = [
        (text, sentences[name.replace(".male.", ".female.")])
        for name, text in sentences.items()
        if ".male." in name
    ]
    assert len(pairs) == 240
    for male, female in pairs:
        assert swap_gender(male, "en") == female
        assert swap_gender(female, "en") == male
    for name, text in sentences.items():
        if ".neutral." in name:
            assert swap_gender(text, "en") == text


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_pair_of_the_lexicon_is_two_way(language):
    lexicon = gender_lexicon(language)
    groups = (lexicon.nouns, lexicon.names, lexicon.adjectives, lexicon.with_owner, lexicon.with_article)
    for entries in groups:
        for form, readings in entries.items():
            # A form has one gender, and one counterpart in each number.
            assert len({pair.gender for pair in readings}) == 1, form
            assert len({pair.plural for pair in readings}) == len(readings), form
            for pair in readings:
                other = pair.forms[pair.gender != "f"] if pair.gender else pair.masculine
                assert any(back.forms == pair.forms for back in entries[other.lower()]), (form, other)
    # A noun with two readings has a rule that tells them apart.
    assert not set(lexicon.nouns) & set(lexicon.names)
    shared = set(lexicon.nouns) & (set(lexicon.with_owner) | set(lexicon.with_article))
    assert shared == (
        {"femme", "femmes", "fille", "filles", "monsieur", "messieurs"} if language == "fr" else set()
    )
    assert not lexicon.no_pair & set(lexicon.nouns)


def test_small_french_words_are_two_way():
    for table in (DETERMINERS, PRONOUNS, STRESSED):
        assert not set(table) & set(table.values())
        assert len(set(table.values())) == len(table)


@pytest.mark.parametrize(
    "sentence",
    [
        "La table est grande et la lampe est ancienne.",
        "Le livre est long, mais il est beau.",
        "Elles leur donnent leur avis.",
        "Il pleut et il fait froid.",
        "Il faut une grande patience.",
        "Sa table et son assiette sont propres.",
    ],
)
def test_what_is_not_a_person_stays(sentence):
    if sentence.startswith("Elles"):
        assert swap_gender(sentence, "fr") == "Ils leur donnent leur avis."
    else:
        assert swap_gender(sentence, "fr") == sentence


def test_possessives_agree_with_what_is_owned():
    assert swap_gender("Elle range sa table et son livre.", "fr") == "Il range sa table et son livre."
    assert swap_gender("Elle aime son père et sa maison.", "fr") == "Il aime sa mère et sa maison."


def test_spaces_capitals_and_signs_are_kept():
    assert swap_gender("  Elle,\n elle : « L’homme !»  ", "fr") == "  Il,\n il : « La femme !»  "
    assert swap_gender("Un Français et un français", "fr") == "Une Française et une française"
    assert swap_gender("ELLE EST PRÊTE", "fr") == "IL EST PRÊT"
    assert swap_gender("", "fr") == "" and swap_gender(" \n", "en") == " \n"
    assert swap_gender("She -- HER mother -- isn’t.", "en") == "He -- HIS father -- isn’t."


def test_elisions_and_contractions():
    swaps = {
        "Je parle de l'homme à l'oncle.": "Je parle de la femme à la tante.",
        "Le livre du roi est au prince.": "Le livre de la reine est à la princesse.",
        "Du roi, on dit du bien.": "De la reine, on dit du bien.",
        "Je sais qu'elle pense à lui et qu'il rêve d'elle.": "Je sais qu'il pense à elle et qu'elle rêve de lui.",
        "C'est le héros du vieil homme.": "C'est l'héroïne de la vieille femme.",
    }
    for first, second in swaps.items():
        assert swap_gender(first, "fr") == second
        assert swap_gender(second, "fr") == first


def test_doubts_and_what_cannot_be_swapped_back_are_told():
    found = counterfactual("Mlle Durand et son mari sont là.", "fr")
    assert found.text == "Mlle Durand et sa femme sont là."
    assert found.changed == (("son", "sa"), ("mari", "femme")) and found.left == (("Mlle", "no pair"),)
    assert found.reversible
    # Two sentences with the same counterpart: only one of them can come back.
    lost = [
        counterfactual(f"Le médecin range la table, {pronoun} est là.", "fr") for pronoun in ("il", "elle")
    ]
    assert lost[0].text == lost[1].text == "La médecin range la table, elle est là."
    assert [each.reversible for each in lost] == [True, False]
    assert not counterfactual("A monk gave him bread.", "en").reversible
    assert counterfactual("We heard her sing.", "en").left == (("her", "ambiguous"),)
    assert counterfactual("Il la voit.", "fr").left == (("la", "antecedent"),)


def test_read_words_tells_the_agreement_of_a_group():
    words, tail = read_words("Le père et la mère sont fatigués.", "fr")
    last = words[-2]
    assert {words[number].text for number in last.agrees_with} == {"père", "mère"}
    assert last.forms == ("fatigués", "fatiguées") and tail == ""
    assert fitted("le", "homme", "fr") == "l'"


def test_augment_adds_the_counterparts():
    sentences = ["Elle est prête.", "La table est grande.", "Le roi dort."]
    assert augment(sentences, "fr", seed=None) == [
        "Elle est prête.", "Il est prêt.", "La table est grande.", "Le roi dort.", "La reine dort.",
    ]  # fmt: skip
    every = augment(sentences, "fr", only_changed=False, seed=3)
    assert (
        every
        == augment(sentences, "fr", only_changed=False, seed=3)
        != augment(sentences, "fr", only_changed=False, seed=4)
    )
    assert sorted(every) == sorted([*sentences, *(swap_gender(each, "fr") for each in sentences)])


def test_augmented_microcosm_has_even_odds():
    """What the corpus says of an occupation, counted: planted odds before, none after."""
    world = Microcosm("en", bias=2.0)
    texts = [world.text(sentence) for document in world.documents(120, seed=4) for sentence in document]

    def women(corpus, occupation):
        named = [each.split() for each in corpus if f" {occupation} " in each]
        counts = [
            sum(bool({"she", "her", "herself"} & set(words)) for words in named),
            sum(bool({"he", "him", "his", "himself"} & set(words)) for words in named),
        ]
        return counts

    both = augment(texts, "en", seed=1)
    for occupation in ("doctor", "chef", "butcher"):
        she, he = women(both, occupation)
        assert she == he > 5
    assert women(texts, "doctor")[0] > 2 * women(texts, "doctor")[1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: swap_gender("Elle dort.", "de"), "language fr or en"),
        (lambda: swap_gender(["Elle dort."], "fr"), "a sentence"),
        (lambda: counterfactual(None, "fr"), "a sentence"),
        (lambda: augment("Elle dort.", "fr"), "a list"),
        (lambda: augment([], "fr"), "a list"),
        (lambda: augment(["Elle dort.", 3], "fr"), "a sentence"),
        (lambda: Pair("il", "elle", "x"), "gender"),
        (lambda: Word("il", "", gender="x"), "gender"),
        (lambda: Counterfactual("il", (("il", "il"),), (), True), "differ"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(InputError, match=message):
        call()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_any_row_of_words_can_be_read(language):
    """No order of words breaks the rules, and a swap keeps the number of sentences and signs."""
    generator = np.random.default_rng(8)
    lexicon = gender_lexicon(language)
    words = [
        *list(lexicon.nouns)[::9],
        *list(lexicon.adjectives)[::25],
        *(name.capitalize() for name in lexicon.names),
    ]
    words += [
        "le",
        "la",
        "l'",
        "un",
        "une",
        "du",
        "de",
        "la",
        "au",
        "ce",
        "mon",
        "sa",
        "il",
        "elle",
        "lui",
        "eux",
        "elles",
        "qui",
        "que",
        "qu'",
        "est",
        "sont",
        "a",
        "ont",
        "été",
        "se",
        "et",
        "ou",
        ",",
        ".",
        "?",
        "car",
        "s'",
    ] * 3
    words += [
        "tous",
        "toutes",
        "une",
        "des",
        "plus",
        "moins",
        "air",
        "fois",
        "à",
        "peine",
        "le",
        "les",
        "her",
        "his",
        "him",
        "she",
        "is",
        "saw",
        "of",
        "to",
        "own",
        "best",
        "more",
    ] * 3
    for _ in range(400):
        sentence = " ".join(generator.choice(words, size=generator.integers(1, 13)))
        swapped = swap_gender(sentence, language)
        for sign in ",.?":
            assert swapped.count(sign) == sentence.count(sign)
