"""What a French word may be, looked at with its neighbours: a determiner, an adjective, a name, a noun."""

from __future__ import annotations

from collections.abc import Sequence

from attentif.bias.gender.french_forms import PLAIN, determiner, masculine_before_vowel
from attentif.bias.gender.french_words import (
    BEFORE_CLITICS,
    CLITICS,
    CONJUNCTIONS,
    NO_PARTICIPLES,
    PARTICIPLE,
    PREPOSITIONS,
    PUNCTUATION,
)
from attentif.bias.gender.lexicon import GenderLexicon, Pair


class FrenchTokens:
    """The words of a sentence, asked one position at a time.

    Args:
        words: the words as `cut` gives them.
        lexicon: the French one.

    Attributes:
        low: the words in lower case, with straight apostrophes.
    """

    def __init__(self, words: Sequence[str], lexicon: GenderLexicon):
        self.words, self.lexicon = words, lexicon
        self.low = [word.lower().replace("’", "'") for word in words]

    def at(self, position: int) -> str:
        """The word at a position in lower case, "" outside the sentence."""
        return self.low[position] if 0 <= position < len(self.low) else ""

    def adjective(self, position: int, plural: bool | None = None) -> Pair | None:
        """A word read as an adjective or a participle, in the number that is asked for where it has both."""
        form = self.at(position)
        if (two := masculine_before_vowel(form)) is not None:
            return Pair(*two, gender="m", plural=False)
        readings = self.lexicon.adjectives.get(form, ())
        return next((pair for pair in readings if pair.plural == plural), readings[0] if readings else None)

    def regular_participle(self, position: int) -> Pair | None:
        found = PARTICIPLE.match(self.at(position))
        if not found or self.at(position) in NO_PARTICIPLES:
            return None
        stem, feminine, plural = found.groups()
        return Pair(stem + plural, stem + "e" + plural, "f" if feminine else "m", bool(plural))

    def _is_plural(self, position: int) -> bool:
        singular = ("notre", "votre", "leur", "chaque", "quelque")
        form = self.at(position)
        return form in ("quels", "divers", "quelles", "diverses") or (form in PLAIN and form not in singular)

    def _is_determiner(self, position: int) -> bool:
        if self.at(position) in ("tous", "toutes"):  # "tous les voisins"; alone it is a pronoun
            return self.at(position + 1) in PLAIN
        return self.at(position) in PLAIN or determiner(self.at(position)) is not None

    def _begins_clause(self, start: int) -> bool:
        return start == 0 or self.at(start - 1) in PUNCTUATION or self.at(start - 1) in (
            "et", "mais", "car", "que", "qu'", "quand", "si", "lorsque", "lorsqu'", "puisque", "donc", "ou", "comme",
        )  # fmt: skip

    def _goes_on(self, position: int) -> bool:
        return bool(self.at(position)) and self.at(position) not in PUNCTUATION

    def _may_be_noun(self, position: int) -> bool:
        form = self.at(position)
        closed = (
            PREPOSITIONS
            | CONJUNCTIONS
            | BEFORE_CLITICS
            | CLITICS
            | {"est", "sont", "était", "qui", "que", "qu'", "a", "ont"}
        )
        return bool(form) and form[0].isalpha() and form not in closed

    def _is_name(self, position: int) -> bool:
        return self.at(position) in self.lexicon.names and self.words[position][0].isupper()

    def _is_surname(self, position: int) -> bool:
        word = self.words[position] if position < len(self.words) else "-"
        shouted = len(word) > 1 and word.isupper()
        return word[0].isupper() and not shouted and word.isalpha() and not determiner(self.at(position))

    def _of_a_person(self, head: int) -> bool:
        """Whether "de" and a person, or a name, follow: "la femme de Paul", "le fils du directeur"."""
        link, after = self.at(head + 1), head + 2
        if link not in ("de", "d'", "du", "de la", "de l'"):
            return False
        if link in ("de", "d'") and (self.at(after) in PLAIN or determiner(self.at(after))):
            after += 1
        elif link in ("de", "d'"):
            return self._is_name(after)
        while self.at(after) in self.lexicon.prenominal:
            after += 1
        return self.at(after) in self.lexicon.nouns or self._is_name(after)

    @staticmethod
    def _in_number(readings: Sequence[Pair], plural: bool) -> Pair:
        return next((pair for pair in readings if pair.plural == plural), readings[0])

    def _stressed_before(self, position: int) -> bool:
        """nous, vous, elle after a preposition: "avec elle la directrice"."""
        return self.at(position - 2) in PREPOSITIONS and self.at(position - 1) in (
            "nous",
            "vous",
            "elle",
            "elles",
        )
