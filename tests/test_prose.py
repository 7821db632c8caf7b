"""Spelling, typography and language of everything that a student reads, and of the guides.

`tests/student_prose.py` finds the texts, `tests/prose_faults.py` the mistakes. A right word that no dictionary has goes
to `tests/words/LANGUAGE.txt`.
"""

from __future__ import annotations

import random
from functools import cache

import pytest
from prose_faults import accepted, accepted_as, badly_set, in_dictionary, in_other_language, misspelt
from student_prose import LANGUAGES, WORD, cleaned, pairs, paragraphs, passages

OTHER = {"fr": "en", "en": "fr"}


def faults(language, find):
    """What a check finds in all texts of a language, by place."""
    return [
        f"{passage.place}: {fault}"
        for passage in passages(language)
        for paragraph in passage.paragraphs
        for fault in find(passage, paragraph)
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_spelled_right(language):
    assert faults(language, lambda passage, said: misspelt(said, language, passage.names)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_marks_spaces_and_numbers_are_those_of_the_language(language):
    assert faults(language, lambda passage, said: badly_set(said, language)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_in_the_other_language(language):
    assert faults(language, lambda passage, said: in_other_language(said, language, passage.names)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_accepted_words_are_few_sorted_and_used(language):
    words = list(accepted(language))
    assert words == sorted(set(words), key=lambda word: (word.lower(), word)) and len(words) < 200
    used = {
        each
        for passage in passages(language)
        for paragraph in passage.paragraphs
        for word in WORD.findall(paragraph)
        for each in accepted_as(word, language)
    }
    assert set(words) - used == set(), "no text has these words any more"
    assert [word for word in words if in_dictionary(word, language)] == [], "the dictionary has these"


# Every text is looked at


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_kinds_of_texts_are_found(language):
    by_kind = {
        kind: [passage for passage in passages(language) if kind in passage.place]
        for kind in (
            f"{language}/notebook1_",
            f"{language}/notebook2_",
            ", comment",
            "_card",
            ", card",
            ", docstring",
            "misconceptions.py:",
            "hidden.py:",
            "checks/public/",
            "checks/wording.py:",
            "corpus/tokenizers.py:",
            "feedback_words.py:",
            ", answer_",
            "README",
            "AGENTS.md, ",
            "docs/grading",
        )
    }
    assert all(by_kind.values()), [kind for kind, found in by_kind.items() if not found]
    assert len(by_kind["misconceptions.py:"]) > 400 and len(by_kind["checks/public/"]) > 200


def test_texts_are_found_under_every_name():
    code = (
        "from attentif.language import text as both\n"
        "both(f'{n} tokens', f'{n} jetons')\n"
        "text('a ' + 'b' if x else 'c', 'd')\n"
        "HINT = {'en': 'one', 'fr': 'un'}\n"
        "@misconception('name', en='two', fr='deux')\n"
        "def f(): pass\n"
        "text('alone')\n"
    )
    found = sorted((said["en"], said["fr"]) for _, said in pairs(code))
    assert found == [("a b\n\nc", "d"), ("one", "un"), ("two", "deux"), ("\ufffc tokens", "\ufffc jetons")]


def test_prose_is_told_from_code():
    said = cleaned(
        "Écrivez `forwrd`, $x^2$ ou ``a `b` c`` ; voir [la page](https://a.org/bonjuor) et https://b.org/aurevoir, d_modell=3, "
        "torch.nnn, f(xyz), (B, T), tokenn[0], 'quoi', --optionn.\n\n```python\nfauxx = 1\n```\n\n>>> fauxx(1)\n2\n"
    )
    assert WORD.findall(said) == ["Écrivez", "ou", "voir", "la", "page", "et"]
    assert paragraphs("- un\n- deux\n\n| a | b |\n|---|---|\n| trois\\ |\n\nquatre\ncinq") == [
        *("un", "deux"),
        *("a", "b"),
        "trois\\",
        "quatre cinq",
    ]


# Each check finds the mistakes that are planted


@pytest.mark.parametrize(
    ("language", "said", "fault"),
    [
        ("fr", "le modéle apprend", ["modéle"]),
        ("fr", "Ecrivez la requete de l'utilisatuer", ["Ecrivez", "requete", "l'utilisatuer"]),
        ("fr", "un plongment pré-entrainné", ["plongment", "pré-entrainné"]),
        ("fr", "le softmx et les logtis", ["softmx", "logtis"]),
        ("fr", "la learning rate monte", ["learning"]),
        ("fr", "les log-probabilités du softmax, d'autocast et du *bootstrap* ; la i-ième « key »", []),
        ("en", "the modle learns a wieght", ["modle", "wieght"]),
        ("en", "the colour of the behaviour, nomalised", ["nomalised"]),
        ("en", "the colors", ["colors"]),
        ("en", "the softmax's logits, the i-th pretrained model", []),
    ],
)
def test_a_misspelling_is_found(language, said, fault):
    assert misspelt(*paragraphs(said), language) == fault


@pytest.mark.parametrize(
    ("language", "said", "fault"),
    [
        ("fr", "La perte: 3", "no space before the mark"),
        ("fr", "Pourquoi?", "no space before the mark"),
        ("fr", "Un ; deux; trois", "no space before the mark"),
        ("fr", "Non! (oui)", "no space before the mark"),
        ("fr", "on dit « oui» ici", "no space before the mark"),
        ("fr", "un `code`:", "no space before the mark"),
        ("fr", "le mot « oui » et «non »", "no space after «"),
        ("fr", 'le mot "oui" suffit', "not the quotes of French"),
        ("fr", "le mot “oui”", "not the quotes of French"),
        ("fr", "une température de 0.7", "a decimal point"),
        ("fr", "environ 20000 phrases", "no space between thousands"),
        ("fr", "environ 2,000 étapes", "no space between thousands"),
        ("fr", "environ 2500 phrases", "thousands that are not set apart"),
        ("fr", "A chaque étape", "no accent on a capital"),
        ("fr", "Fin. A la fin", "no accent on a capital"),
        ("fr", "Etape suivante", "no accent on a capital"),
        ("fr", "un mot , puis", "a space before a comma"),
        ("fr", "l’attention", "a curled apostrophe"),
        ("fr", "la  perte", "two spaces"),
        ("fr", "la perte\u00a0: 3", "a no-break space"),
        ("fr", "la perte\u202f; 3", "a no-break space"),
        ("fr", "le le masque", "a word twice"),
        ("fr", "masqués à 15%", "no space before %"),
        ("fr", "et ainsi de suite...", "three dots for …"),
        ("fr", "un score de -3", "a hyphen for a minus"),
        ("fr", "la fin.Ensuite", "no space after the mark"),
        ("fr", "un,deux", "no space after the mark"),
        ("fr", "le mot « oui reste ouvert", "a quote that is not closed"),
        ("en", "the loss : 3", "a space before the mark"),
        ("en", "Why ?", "a space before the mark"),
        ("en", "one ; two", "a space before the mark"),
        ("en", "a `code` : here", "a space before the mark"),
        ("en", "a word , then", "a space before the mark"),
        ("en", "a temperature of 0,7", "a decimal comma"),
        ("en", "about 20000 sentences", "no comma between thousands"),
        ("en", "about 2 000 steps", "no comma between thousands"),
        ("en", "about 2500 sentences", "thousands that are not set apart"),
        ("en", "the word « yes »", "not the quotes of English"),
        ("en", "it’s here", "a curled apostrophe"),
        ("en", "the  loss", "two spaces"),
        ("en", "the the mask", "a word twice"),
        ("en", "15% of them", "no space before %"),
        ("en", "a score of -3", "a hyphen for a minus"),
    ],
)
def test_bad_typography_is_found(language, said, fault):
    found = badly_set(*paragraphs(said), language)
    assert found and all(each.startswith(fault) for each in found)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "fr",
            "Pourquoi ? « Oui » : 0,7 ; 2 000 étapes, 15 % en 2017 (§3.2, Python 3.11) ; −3, nous nous trompons…",
        ),
        (
            "fr",
            "À la fin, le texte « Attention: is it all you need? » (2017) ; A et B ; l'état, (0.9, 0.95), `0.5`.",
        ),
        ("fr", "- Un `masque` : $x = 0.5$ ; l'attention, elle, voit… et vous vous dites : « oui ! »"),
        ("en", 'Why? "Yes": 0.7; 2,000 steps, 15 % in 2017, 10,000 of them; −3 … and (B, T), `x : y`.'),
    ],
)
def test_good_typography_is_left_alone(language, said):
    assert badly_set(*paragraphs(said), language) == []


@pytest.mark.parametrize(
    ("language", "said", "n"),
    [
        ("fr", "The loss goes down to the floor.", 1),
        ("fr", "La perte descend. Then the curve is flat.", 1),
        ("fr", "Le modèle descend towards the floor of la langue.", 1),
        ("fr", "Masked model", 1),
        ("fr", "La perte descend vers le plancher (*early stopping*), « as if by magic ».", 0),
        ("en", "La perte descend vers le plancher.", 1),
        ("en", "The loss goes down. Ensuite, la courbe est plate.", 1),
        ("en", "The model looks vers le plancher of the language.", 1),
        ("en", "Modèle masqué", 1),
        ("en", 'The French word for floor is "plancher", and *le modèle masqué* is a model.', 0),
    ],
)
def test_the_other_language_is_found(language, said, n):
    assert len(in_other_language(*paragraphs(said), language)) == n


@cache
def plain_sentences(language):
    """Notebook paragraphs without code, of ten words and more."""
    said = [
        p
        for each in passages(language)
        if f"{language}/notebook" in each.place and "string" not in each.place
        for p in each.paragraphs
    ]
    return [p for p in said if len(WORD.findall(p)) >= 10 and "\ufffc" not in p]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_paragraph_put_into_the_other_notebook_is_found(language):
    said = plain_sentences(language)
    assert len(said) > 40
    assert [paragraph for paragraph in said if not in_other_language(paragraph, OTHER[language])] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_slips_of_the_finger_are_found(language):
    """One letter lost, doubled, exchanged or without its accent makes another word now and then, no more."""
    draw = random.Random(8)
    words = sorted(
        {w for p in plain_sentences(language) for w in WORD.findall(p) if len(w) > 4 and w.isalpha()}
    )
    slips = [
        lambda w, i: w[:i] + w[i + 1 :],
        lambda w, i: w[:i] + w[i] + w[i:],
        lambda w, i: w[:i] + w[i + 1] + w[i] + w[i + 2 :],
    ]
    slipped = []
    for word in draw.sample(words, 250):
        at = draw.randrange(1, len(word) - 2)
        wrong = draw.choice(slips)(word, at)
        if wrong != word:
            slipped.append(wrong)
    missed = [word for word in slipped if not misspelt(word, language)]
    assert len(missed) <= 0.15 * len(slipped), missed
