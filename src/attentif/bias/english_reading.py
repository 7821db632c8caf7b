"""Whom the gendered words of an English sentence are about: all of them are about persons, but "her" and "his" are two words."""

from __future__ import annotations

from collections.abc import Sequence

from attentif.bias.gender_lexicon import GenderLexicon, Pair

_PRONOUNS = {"he": "she", "himself": "herself"}
_STOPS = frozenset(
    "the a an this that these those my your our their his its another every each some any no all both half "
    "of in on at to for from with by about after before during while when until since because if as than like into "
    "onto upon over under near behind beside between through without within against among around across along off up down "
    "out away back home here there today tomorrow yesterday tonight now then again soon once twice too also either "
    "better more less best instead already alone later first last everywhere anyway whenever where whether why how what who whom whose which "
    "and or but nor so yet though although unless "
    "he she it they we you i him them us me himself herself itself themselves "
    "is was are were be been being has had have did does do will would can could may might must shall should not".split()
)
_LETS = frozenset("see saw seen sees hear heard hears watch watched watches make made makes making let lets help helped helps "
                  "have had feel felt".split())  # fmt: skip
_BARE_VERBS = frozenset("go come leave work cook sing speak cry laugh sleep dance run walk eat move fall win lose smile study "
                        "enter decide finish write read feel look wait pay stop start try understand talk play".split())  # fmt: skip
_NOUNS_IN_LY = frozenset("family belly bully ally reply jelly fly lily supply assembly butterfly anomaly holly".split())
_STATES = frozenset("happy sad angry nervous tired proud ill sick mad crazy famous rich poor safe calm late alone afraid ready "
                    "busy free better worse well uncomfortable anxious jealous furious responsible".split())  # fmt: skip


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
        """A capital, or a place where a subject begins: Microcosm writes its names small."""
        begins = position == 0 or self.at(position - 1) in (",", ".", ";", ":", "!", "?")
        return self.words[position][0].isupper() or begins or form not in self.lexicon.also_words

    def _begins_noun_phrase(self, position: int) -> bool:
        form = self.at(position)
        if not form or not form[0].isalnum() or form in _STOPS:
            return form in ("own", "first", "last") and self._begins_noun_phrase(position + 1)
        if form.endswith("ly") and form not in _NOUNS_IN_LY:
            return self._begins_noun_phrase(position + 1)
        return True

    def _is_possessive(self, position: int) -> bool:
        after = self.at(position + 1)
        if not self._begins_noun_phrase(position + 1):
            return False
        ends = not self._begins_noun_phrase(position + 2)
        if self.at(position - 1) in _LETS and (after in _BARE_VERBS or after in _STATES and ends):
            self.doubts[position] = "ambiguous"
            return False
        return True
