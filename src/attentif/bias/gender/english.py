"""Whom the gendered words of an English sentence are about: all of them are about persons, but "her" and "his" are two words."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from importlib import resources

from attentif.bias.gender.lexicon import GenderLexicon, Pair

_LISTS = {
    name: frozenset(words.split())
    for name, words in tomllib.loads(
        (resources.files("attentif.bias.gender") / "en_closed.toml").read_text(encoding="utf-8")
    ).items()
}
_TITLES = frozenset(["mr", "mrs", "ms", "miss", "dr", "sir", "madam", "judge", "professor"])
_PRONOUNS = {"he": "she", "himself": "herself"}


class EnglishReading:
    """The gendered words of a sentence, with their pairs.

    "her" before a noun phrase is "his", elsewhere "him"; "his" before a noun phrase is "her", elsewhere "hers".

    Args:
        words: the words as `cut` gives them.
        lexicon: the English one.

    Attributes:
        pairs: position → Pair of each word with two forms.
        doubts: position → why a decision may be wrong (see `Word.doubt`).
    """

    def __init__(self, words: Sequence[str], lexicon: GenderLexicon):
        self.words, self.lexicon = words, lexicon
        self.low = [word.lower().replace("’", "'") for word in words]
        self.pairs: dict[int, Pair] = {}
        self.doubts: dict[int, str] = {}
        for position in range(len(words)):
            if (pair := self._pair(position)) is not None:
                self.pairs[position] = pair
            elif self._stem(position) in lexicon.no_pair:
                self.doubts[position] = "no pair"

    def at(self, position: int) -> str:
        """The word at a position in lower case, "" outside the sentence."""
        return self.low[position] if 0 <= position < len(self.low) else ""

    def _stem(self, position: int) -> str:
        return self.at(position).rstrip(".")

    def _pair(self, position: int) -> Pair | None:
        form = self.at(position)
        for masculine, feminine in _PRONOUNS.items():
            if form in (masculine, feminine):
                return Pair(masculine, feminine, "m" if form == masculine else "f")
        if form == "him":
            return Pair("him", "her", "m")
        if form == "hers":
            return Pair("his", "hers", "f")
        if form == "his":
            return Pair("his", "her" if self._begins_noun_phrase(position + 1) else "hers", "m")
        if form == "her":
            return Pair("his" if self._is_possessive(position) else "him", "her", "f")
        return self._noun(position)

    def _noun(self, position: int) -> Pair | None:
        form, stem = self.at(position), self._stem(position)
        if stem in self.lexicon.names and self._is_name(position, stem):
            pair = self.lexicon.names[stem][0]
        elif stem in self.lexicon.nouns and not (form.endswith(".") and stem not in ("mr", "mrs")):
            pair = self.lexicon.nouns[stem][0]
        else:
            return None
        dot = form[len(stem) :]
        return Pair(pair.masculine + dot, pair.feminine + dot, pair.gender, pair.plural)

    def _is_name(self, position: int, form: str) -> bool:
        """No surname; with a capital, or a place where a subject begins: Microcosm writes its names small."""
        if (
            position
            and self._stem(position - 1) in _TITLES | set(self.lexicon.names)
            and self.words[position][0].isupper()
        ):
            return False  # "Miss Martin", "Anna Martin"
        begins = position == 0 or self.at(position - 1) in (",", ".", ";", ":", "!", "?")
        return self.words[position][0].isupper() or begins or form not in self.lexicon.also_words

    def _begins_noun_phrase(self, position: int) -> bool:
        form = self.at(position)
        if not form or not form[0].isalnum() or form in _LISTS["not_in_noun_phrases"]:
            return form in ("own", "first", "last") and self._begins_noun_phrase(position + 1)
        if form.endswith("ly") and form not in _LISTS["nouns_in_ly"]:
            return self._begins_noun_phrase(position + 1)
        return True

    def _is_possessive(self, position: int) -> bool:
        after = self.at(position + 1)
        if not self._begins_noun_phrase(position + 1):
            return False
        ends = not self._begins_noun_phrase(position + 2)
        if self.at(position - 1) in _LISTS["lets"] and (
            after in _LISTS["bare_verbs"] or (after in _LISTS["states"] and ends)
        ):
            self.doubts[position] = "ambiguous"
            return False
        return True
