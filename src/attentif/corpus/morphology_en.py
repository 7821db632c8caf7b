"""English inflection by rule: plurals, verb forms, the indefinite article; exceptions come from a lexicon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

VOWELS = frozenset("aeiou")


@dataclass(frozen=True)
class Morphology:
    """Regular English spelling, overridden by the exceptions given.

    Arguments: `plurals` and `pasts` map a lemma to its irregular form; `doubling` holds the verbs of several
    syllables that double their last consonant (those of one syllable follow the rule); `articles` maps a word
    to "a" or "an" where its first letter misleads.

    >>> english = Morphology(plurals={"knife": "knives"}, pasts={"cut": "cut"}, articles={"hour": "an"})
    >>> english.plural("knife"), english.plural("box"), english.past("cut"), english.gerund("cut")
    ('knives', 'boxes', 'cut', 'cutting')
    >>> english.third_person("carry"), english.past("stop"), english.article("hour"), english.article("ward")
    ('carries', 'stopped', 'an', 'a')
    """

    plurals: Mapping[str, str] = field(default_factory=dict)
    pasts: Mapping[str, str] = field(default_factory=dict)
    doubling: frozenset[str] = frozenset()
    articles: Mapping[str, str] = field(default_factory=dict)

    def plural(self, noun: str) -> str:
        """nurse → nurses, box → boxes, city → cities."""
        return self.plurals.get(noun) or _add_s(noun, sibilants=("s", "x", "z", "ch", "sh"))

    def third_person(self, verb: str) -> str:
        """check → checks, wash → washes, carry → carries."""
        return _add_s(verb, sibilants=("s", "x", "z", "ch", "sh", "o"))

    def past(self, verb: str) -> str:
        """check → checked, serve → served, carry → carried, stop → stopped."""
        if verb in self.pasts:
            return self.pasts[verb]
        if verb.endswith("e"):
            return verb + "d"
        if _ends_in_consonant_y(verb):
            return verb[:-1] + "ied"
        return self._stem(verb) + "ed"

    def gerund(self, verb: str) -> str:
        """check → checking, serve → serving, tie → tying, stop → stopping."""
        if verb.endswith("ie"):
            return verb[:-2] + "ying"
        if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
            return verb[:-1] + "ing"
        return self._stem(verb) + "ing"

    def article(self, word: str) -> str:
        """The indefinite article before this word: "a" or "an"."""
        return self.articles.get(word) or ("an" if word[0] in VOWELS else "a")

    def _stem(self, verb: str) -> str:
        """The verb as it stands before -ed and -ing: with its last consonant doubled, or not."""
        return verb + verb[-1] if verb in self.doubling or _doubles(verb) else verb


def _add_s(word: str, sibilants: tuple[str, ...]) -> str:
    if word.endswith(sibilants):
        return word + "es"
    if _ends_in_consonant_y(word):
        return word[:-1] + "ies"
    return word + "s"


def _ends_in_consonant_y(word: str) -> bool:
    return word.endswith("y") and word[-2] not in VOWELS


def _doubles(verb: str) -> bool:
    """One syllable that ends in consonant, single vowel, consonant: cut, stop, quit; not fix, sew, heat."""
    onset = verb.rstrip("bcdfghjklmnpqrstvwxyz")
    if len(verb) - len(onset) != 1 or verb[-1] in "wxy" or not onset:
        return False
    before = onset[:-1]
    if before.endswith("qu"):
        before = before[:-1]
    return not VOWELS & set(before) and not before.endswith("y")
