"""Whom French pronouns, adjectives and participles are about: the nearest fitting subject, by stated rules.

Rules, not understanding. In short:

- il, elle, ils, elles: the nearest subject before them of their gender and number; else a person named before them, else
  a thing; with nothing named before, a person. Impersonal il (il pleut, il faut, il est tard) is nobody.
- le, la, l', les before a verb: the nearest phrase of their gender and number that is not the verb's own subject; a person
  where nothing was named. "il le sait" is nobody.
- an adjective or participle: the noun it touches; after être, sembler, devenir ... the subject of that verb; after
  avoir, the object before it; between commas, the subject.
"""

from __future__ import annotations

from collections.abc import Sequence

from attentif.bias.gender.french_pronouns import FrenchPronouns
from attentif.bias.gender.french_words import (
    ADVERBS,
    BETWEEN,
    CONJUNCTIONS,
    COPULAS,
    HAVE,
    PERSONS,
    PREPOSITIONS,
    PUNCTUATION,
    SUBJECTS,
)
from attentif.bias.gender.lexicon import GenderLexicon, Pair


class FrenchReading(FrenchPronouns):
    """The words of a sentence with what they agree with, on top of its noun phrases and pronouns."""

    def __init__(self, words: Sequence[str], lexicon: GenderLexicon):
        super().__init__(words, lexicon)
        for position in range(len(words)):
            if position not in self.in_phrase and position not in self.heads:
                self._read_adjective(position)
        for position, article in self.ranked.items():
            self._read_rank(position, article)
        for position, head in self.heads.items():
            if position not in self.pairs:
                self._note_no_pair(position)
            if head.person and position in self.pairs:
                self.agreements.setdefault(position, (position,))

    def _read_adjective(self, position: int) -> None:
        pair = self.adjective(position)
        before = position - 1
        while (
            self.at(before) in ADVERBS
            or self.at(before) in ("tous", "toutes")
            or (self.at(before) in ("de", "en") and self.at(before + 1) in ("plus", "moins"))
        ):
            before -= 1
        if self.at(before) in ("fois", "peine") and before < 2:
            before = -1  # "une fois arrivée, elle ...", "à peine rentrée, ..."
        if self.at(before) == "air" and self.at(before - 1) == "l'" and self.at(before - 2) in HAVE:
            if pair is not None:
                self._link(position, pair, self.subject_of(before - 2))
            return
        predicate = self.at(before) in COPULAS
        if not predicate and self.at(before) not in HAVE and self._is_verb(position):
            pair = None
        if position in self.ranked:
            before = self.ranked[position] - 1
            predicate = self.at(before) in COPULAS
        asked = before in self.heads and self.heads[before].pronoun and self.at(before - 1) in COPULAS | {"t"}
        if pair is None and (predicate or asked):
            pair = self.regular_participle(position) or self._bare_noun(position)
        if pair is None:
            self._note_no_pair(position)
            if (participle := self._object_participle(position, before)) is not None:
                self._link(position, *participle)
            return
        if (participle := self._object_participle(position, before)) is not None:
            self._link(position, *participle)
        elif self.at(before) in HAVE or self.at(before) in PREPOSITIONS:
            return
        elif asked:  # "est-elle prête ?"
            self._link(position, pair, (before,))
        elif predicate:
            self._link(position, pair, self.subject_of(before))
        elif (chained := self._chained(before)) is not None:
            self._link(position, pair, chained)
        elif before < 0 or self.at(before) in PUNCTUATION:
            self._link(position, pair, self._detached(position, before))
        elif before in self.clitics or self.at(before) in CONJUNCTIONS:
            return
        elif before - 1 in self.clitics and before - 1 in self.heads:  # "il la trouve belle"
            self._link(position, pair, (before - 1,))
        else:
            self._link(position, pair, self._direct_subject(before))

    def _read_rank(self, position: int, article: int) -> None:
        """The article of "la première" agrees as its adjective does."""
        if position in self.agreements and self.at(article) in ("le", "la"):
            self.pairs[article] = Pair("le", "la", "m" if self.at(article) == "le" else "f")
            self.agreements[article] = self.agreements[position]

    def _bare_noun(self, position: int) -> Pair | None:
        return next((pair for pair in self.lexicon.nouns.get(self.at(position), ()) if pair.gender), None)

    def _object_participle(self, position: int, before: int) -> tuple[Pair, tuple[int, ...]] | None:
        """A participle behind avoir, with the object before the verb: "il l'a vue", "la femme que j'ai vue"."""
        if self.at(before) not in HAVE:
            return None
        pair = self.adjective(position) or self.regular_participle(position)
        if pair is None:
            return None
        clitic = before - 1
        if clitic in self.clitics and clitic in self.heads:
            return pair, (clitic,)
        while clitic >= 0 and (
            self.at(clitic) in BETWEEN | SUBJECTS | PERSONS
            or clitic in self.heads
            or clitic in self.in_phrase
        ):
            clitic -= 1
        noun = self.ending_at(clitic - 1)
        if self.at(clitic) in ("que", "qu'") and noun is not None:
            return pair, (noun.index,)
        return None

    def _chained(self, before: int) -> tuple[int, ...] | None:
        """What the adjective before it agrees with: "prudente et calme", "restée seule"."""
        earlier = before - 1 if self.at(before) in ("et", "ou", "mais", "ni", ",") else before
        if self.at(before) == "," and self._before_aside(before) < before - 1:
            return None  # the comma ends ", qui est prudente,"
        if self.adjective(earlier) is None and self.regular_participle(earlier) is None:
            return None
        return (
            self.agreements.get(earlier)
            if earlier not in self.heads and earlier not in self.in_phrase
            else None
        )

    def _detached(self, position: int, before: int) -> tuple[int, ...]:
        """The subject that an adjective between commas is about: before it, or after it at the beginning."""
        if before < 0 or self.at(before) not in (",", "(", "—"):
            later = [
                h
                for h in self.heads.values()
                if h.start > position and not h.governed and self.at(h.start - 1) in (",", "")
            ]
            later = [head for head in later if not self._is_time(head)]
            return (min(later, key=lambda head: head.start).index,) if later and before < 0 else ()
        touched = self.ending_at(before - 1)
        if touched is not None and touched.person and self._begins_clause(touched.start):
            return (touched.index,)
        subjects = [
            h for h in self.heads.values() if h.end < before and (h.pronoun or (self._begins(h) and h.person))
        ]
        return (max(subjects, key=lambda head: head.end).index,) if subjects else ()

    def _link(self, position: int, pair: Pair, heads: tuple[int, ...]) -> None:
        heads = self._agreeing(heads, pair.gender)
        if not heads:
            return
        plural = len(heads) > 1 or self.heads[heads[0]].plural
        self.pairs[position] = next(
            (each for each in self.lexicon.adjectives.get(self.at(position), ()) if each.plural == plural),
            pair,
        )
        self.agreements[position] = heads
