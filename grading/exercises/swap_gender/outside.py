"""Wrong answers to swap_gender outside its catalogue, each with the catalogued mistakes that are true of it."""

from __future__ import annotations

import re
from dataclasses import replace

from attentif.bias.counterfactual import OTHER, fitted, read_words, swap_gender
from attentif.bias.gender.words import with_capitals_of, written


def _swapped(words, tail, language, keep=lambda word: False, fit=fitted):
    """The exercise on words that have been read, some of them kept."""
    forms = [word.text for word in words]
    for index in reversed(range(len(words))):
        word, form = words[index], words[index].text
        genders = []
        for head in (words[number] for number in word.agrees_with):
            gender = head.gender or word.gender
            genders.append(OTHER[gender] if head.person else gender)
        if word.forms and genders and None not in genders and not keep(word):
            form = word.forms[set(genders) == {"f"}]
        old, new = (words[index + 1].text, forms[index + 1]) if index + 1 < len(words) else ("", "")
        if form.lower() != word.text.lower() or old != new:
            forms[index] = with_capitals_of(word.text, fit(form, new, language))
    return written(words, forms, tail)


def first_of_the_group(sentence, language):
    words, tail = read_words(sentence, language)
    words = [replace(word, agrees_with=tuple(sorted(word.agrees_with)[:1])) for word in words]
    return _swapped(words, tail, language)


def most_of_the_group(sentence, language):
    words, tail = read_words(sentence, language)
    kept = []
    for word in words:
        genders = [
            OTHER[words[head].gender] if words[head].person else words[head].gender
            for head in word.agrees_with
        ]
        women = [head for head, gender in zip(word.agrees_with, genders, strict=True) if gender == "f"]
        most = women if 2 * len(women) > len(genders) else word.agrees_with
        kept.append(replace(word, agrees_with=tuple(most)))
    return _swapped(kept, tail, language)


def group_left(sentence, language):
    words, tail = read_words(sentence, language)
    return _swapped(words, tail, language, lambda word: len(word.agrees_with) > 1)


def pronouns_left(sentence, language):
    words, tail = read_words(sentence, language)
    pronouns = {"il", "elle", "lui", "he", "she", "him", "his", "her", "hers", "himself", "herself"}
    return _swapped(words, tail, language, lambda word: word.text.lower() in pronouns)


def pronouns_only(sentence, language):
    pronouns = {
        "il": "elle",
        "elle": "il",
        "he": "she",
        "she": "he",
        "his": "her",
        "her": "his",
        "him": "her",
    }
    return re.sub(
        r"\w+",
        lambda found: with_capitals_of(found[0], pronouns.get(found[0].lower(), found[0])),
        sentence,
    )


def articles_left(sentence, language):
    words, tail = read_words(sentence, language)
    articles = {
        "le",
        "la",
        "l'",
        "un",
        "une",
        "du",
        "de la",
        "de l'",
        "au",
        "à la",
        "à l'",
        "mon",
        "ma",
        "ce",
        "cet",
    }
    return _swapped(words, tail, language, lambda word: word.text.lower() in articles)


def adjectives_left(sentence, language):
    words, tail = read_words(sentence, language)
    return _swapped(
        words,
        tail,
        language,
        lambda word: (
            word.forms is not None and word.agrees_with != () and word.forms[1] == word.forms[0] + "e"
        ),
    )


def french_only(sentence, language):
    return swap_gender(sentence, language) if language == "fr" else sentence


def english_only(sentence, language):
    return swap_gender(sentence, language) if language == "en" else sentence


def first_sentence_only(sentence, language):
    first = re.match(r"[^.?!;:]*[.?!;:]?", sentence)[0]
    return swap_gender(first, language) + sentence[len(first) :]


def in_small_letters(sentence, language):
    return swap_gender(sentence.lower(), language)


def spaces_tidied(sentence, language):
    return " ".join(swap_gender(sentence, language).split())


def straight_apostrophes(sentence, language):
    return swap_gender(sentence, language).replace("’", "'")


def every_h_is_mute(sentence, language):
    words, tail = read_words(sentence, language)

    def fit(form, following, language):
        return fitted(form, following.lower().replace("h", ""), language)

    return _swapped(words, tail, language, fit=fit)


def no_h_is_mute(sentence, language):
    words, tail = read_words(sentence, language)

    def fit(form, following, language):
        return fitted(form, "-" if following[:1].lower() == "h" else following, language)

    return _swapped(words, tail, language, fit=fit)


def articles_elided_alone(sentence, language):
    words, tail = read_words(sentence, language)

    def fit(form, following, language):
        return fitted(form, following, language) if form.lower() in ("le", "la") else form

    return _swapped(words, tail, language, fit=fit)


def with_a_capital_left(sentence, language):
    words, tail = read_words(sentence, language)
    return _swapped(words, tail, language, lambda word: word.text[:1].isupper())


OUTSIDE = {
    first_of_the_group: ("one_of_the_group",),
    most_of_the_group: (),
    group_left: (),
    pronouns_left: (),
    pronouns_only: ("agreement_left",),
    articles_left: (),
    adjectives_left: (),
    french_only: (),
    english_only: (),
    first_sentence_only: (),
    in_small_letters: ("capitals_lost",),
    spaces_tidied: (),
    straight_apostrophes: (),
    every_h_is_mute: (),
    no_h_is_mute: (),
    articles_elided_alone: ("next_word_forgotten",),
    with_a_capital_left: (),
}
