"""Sentences as words that know whom they speak of: cut, read, and written again as they were."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from attentif.errors import InputError
from attentif.language import text as both

# "est-elle" is two words; a compound of the lexicon, an abbreviation and an elided French word are one.
_TOKENS = {
    "fr": re.compile(r"MM?\.(?=\s)|[^\W\d_]+(?:-[^\W\d_]+)*['’]?|\d+(?:[.,]\d+)*|\S"),
    "en": re.compile(r"(?:Mr|Mrs|Ms|Dr)\.|[^\W\d_]+(?:-[^\W\d_]+)*|\d+(?:[.,]\d+)*|\S"),
}


@dataclass(frozen=True)
class Word:
    """A word of a sentence, and what of it depends on a person's gender.

    Args:
        text: as written; "de la" and "à la" before a noun are one word, as du and au are.
        gap: what stands before it: spaces, or the hyphen of "est-elle".
        forms: the masculine and the feminine form of this word, in its number; None where it has one only.
        gender: "m" or "f", that of the form in the sentence, None where it does not tell ("l'", "dentiste").
        agrees_with: the positions of the words that give it its gender: itself for a noun and a pronoun,
            several for a group ("le père et la mère sont fatigués"), none where nothing does.
        person: whether it names a person, or stands for one.
        doubt: why a gendered word may be wrong or is left alone, "" where nothing is in doubt:
            "no pair", "antecedent" or "ambiguous".
    """

    text: str
    gap: str
    forms: tuple[str, str] | None = None
    gender: str | None = None
    agrees_with: tuple[int, ...] = ()
    person: bool = False
    doubt: str = ""

    def __post_init__(self) -> None:
        if self.gender not in ("m", "f", None) or self.doubt not in (
            "",
            "no pair",
            "antecedent",
            "ambiguous",
        ):
            raise InputError(
                expected=both(
                    "a gender m, f or None and a known doubt", "un genre m, f ou None et un doute connu"
                ),
                got=f"{self.gender!r}, {self.doubt!r}",
                remedy=both("see the class's docstring", "voir la docstring de la classe"),
            )


def cut(sentence: str, language: str, compounds: frozenset[str] = frozenset()) -> tuple[list[str], list[str]]:
    """The words of a sentence and the gaps before them, with what follows the last one as one gap more.

    Args:
        sentence: any text.
        language: "fr" or "en".
        compounds: hyphenated words, in lower case, that are kept whole.

    >>> cut("La grand-mère est-elle là ?", "fr", frozenset({"grand-mère"}))
    (['La', 'grand-mère', 'est', 'elle', 'là', '?'], ['', ' ', ' ', '-', ' ', ' ', ''])
    """
    words, gaps, end = [], [], 0
    for found in _TOKENS[language].finditer(sentence):
        parts = [(found.start(), found.group())]
        if "-" in found.group()[1:] and found.group().lower() not in compounds:
            parts = [
                (found.start() + part.start(), part.group()) for part in re.finditer(r"[^-]+", found.group())
            ]
        for start, word in parts:
            gap, end = sentence[end:start], start + len(word)
            article = language == "fr" and gap.isspace() and re.fullmatch(r"la|l['’]", word, re.IGNORECASE)
            if article and words and words[-1].lower() in ("de", "à"):
                words[-1] += gap + word
            else:
                words.append(word)
                gaps.append(gap)
    return words, [*gaps, sentence[end:]]


def written(words: Sequence[Word], forms: Sequence[str], tail: str) -> str:
    """The sentence with other forms in its words' places: no gap after an apostrophe, one after a whole word.

    >>> written([Word("l'", ""), Word("homme", "")], ["la", "femme"], ".")
    'la femme.'
    """
    curly, pieces = any("’" in word.text for word in words), []
    for index, (word, form) in enumerate(zip(words, forms, strict=True)):
        gap = word.gap
        if form != word.text and curly and "'" not in word.text:
            form = form.replace("'", "’")
        if index and _elided(words[index - 1].text) and not _elided(forms[index - 1]):
            gap = gap or " "
        elif index and _elided(forms[index - 1]) and not _elided(words[index - 1].text):
            gap = ""
        pieces += [gap, form]
    return "".join(pieces) + tail


def with_capitals_of(model: str, form: str) -> str:
    """The form with the capitals of the word it replaces: at its beginning, or all over.

    >>> with_capitals_of("Elle", "il"), with_capitals_of("ELLE", "il"), with_capitals_of("elle", "il")
    ('Il', 'IL', 'il')
    """
    letters = [letter for letter in model if letter.isalpha()]
    if len(letters) > 1 and all(letter.isupper() for letter in letters):
        return form if model.endswith(".") else form.upper()
    first = form[:1].upper() if letters and letters[0].isupper() else form[:1].lower()
    return first + form[1:]


def _elided(form: str) -> bool:
    return form.endswith(("'", "’"))
