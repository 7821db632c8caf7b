"""Whom French pronouns stand for: see the rules in `french_agreement`."""

from __future__ import annotations

from collections.abc import Sequence

from attentif.bias.gender.french_forms import PLURAL, PRONOUNS, STRESSED
from attentif.bias.gender.french_phrases import Head
from attentif.bias.gender.french_subjects import FrenchSubjects
from attentif.bias.gender.french_words import (
    ADVERBS,
    CONJUNCTIONS,
    HAVE,
    IMPERSONAL,
    NEUTER_OBJECT,
    PERSONS,
    PREPOSITIONS,
    PUNCTUATION,
    SUBJECTS,
)
from attentif.bias.gender.lexicon import GenderLexicon, Pair


class FrenchPronouns(FrenchSubjects):
    """The phrases of a sentence with its pronouns, which are heads of their own.

    Attributes:
        agreements: position → positions of the heads that the word agrees with.
        doubts: position → why a decision may be wrong (see `Word.doubt`).
    """

    def __init__(self, words: Sequence[str], lexicon: GenderLexicon):
        super().__init__(words, lexicon)
        self.agreements: dict[int, tuple[int, ...]] = {word: (head,) for word, head in self.in_phrase.items()}
        self.doubts: dict[int, str] = {}
        for position in range(len(words)):
            if position not in self.in_phrase and position not in self.heads:
                self._read_pronoun(position)

    def _read_pronoun(self, position: int) -> None:
        form, after = self.at(position), self.at(position + 1)
        pair = next(((m, f) for m, f in PRONOUNS.items() if form in (m, f)), None)
        if position in self.clitics:
            self._read_clitic(position)
        elif form == "autres" and self.at(position - 1) == "d'":
            self.heads[position] = Head(position, position - 1, position, True, None, True, False)
        elif form in PERSONS:
            self._add(position, None, True, plural=form in ("nous", "vous"), pronoun=True)
        elif self._is_stressed(position):
            stressed = next((m, f) for m, f in STRESSED.items() if form in (m, f))
            self._add(position, Pair(*stressed, "m" if form == stressed[0] else "f", form in PLURAL), True)
        elif form in SUBJECTS:
            if form == "il" and IMPERSONAL.match(" ".join(self.low[position + 1 : position + 8]) + " "):
                self._add(position, None, False, "m", False, pronoun=True)
                return
            gender = "f" if form.startswith("elle") else "m"
            person = self._subject_is_person(position, gender, form in PLURAL)
            self._add(position, Pair(*pair, gender, form in PLURAL), person, pronoun=True)
        elif pair is not None:
            indefinite = Pair(*pair, "m" if form == pair[0] else "f", form in PLURAL)
            of = self._next_head(position) if after in ("des", "de", "d'") else None
            if form in ("un", "une", "aucun", "aucune") and of is not None:  # "une des infirmières"
                self._add(position, indefinite, of.person)
            elif form not in ("un", "une"):
                self._read_indefinite(position, indefinite)

    def _read_indefinite(self, position: int, pair: Pair) -> None:
        """celle, chacun, certaines, toutes: a thing named before, or a person."""
        form = self.at(position)
        if form in ("tous", "toutes") and position and self.at(position - 1) not in PUNCTUATION:
            verb = position - 1  # "elles sont toutes fatiguées"
            if found := self._agreeing(self.subject_of(verb), "f" if form == "toutes" else "m"):
                self.pairs[position], self.agreements[position] = pair, found
            return
        earlier = [
            head
            for head in self.heads.values()
            if head.end < position and self._fits(head, pair.gender, None)
        ]
        thing = bool(earlier) and not any(head.person for head in earlier)
        self._add(position, pair, not thing)

    def _read_clitic(self, position: int) -> None:
        form = self.at(position)
        gender = {"le": "m", "la": "f"}.get(form)
        plural = form == "les"
        verb = position + 1
        if form in ("le", "l'") and NEUTER_OBJECT.match(self.at(verb)):
            return
        if form in ("l'", "les") and (participle := self._after_have(verb)) is not None:
            gender = participle.gender
        own = self._own_subject(position)
        candidates = [
            head
            for head in self.heads.values()
            if head.end < position and head.index not in own and not self._is_time(head)
            and self._fits(head, gender, plural)
        ]  # fmt: skip
        nearest = max(candidates, key=lambda head: head.end, default=None)
        if nearest is None:
            self.doubts[position] = "antecedent"
        pair = Pair("le", "la", gender, plural) if form in ("le", "la") else None
        self._add(position, pair, nearest is None or nearest.person, gender, plural)

    def _own_subject(self, verb: int) -> set[int]:
        """The subject right before a verb, with its complements: "le patron de l'usine"."""
        own, head = set(self._direct_subject(verb)), self.ending_at(self._left_of_clitics(verb))
        while head is not None:
            own.add(head.index)
            if not head.governed:
                break
            head = self.ending_at(head.start - 1 - (self.at(head.start - 1) in ("de", "d'")))
        return own

    def _after_have(self, verb: int) -> Pair | None:
        """The participle behind avoir, adverbs between."""
        if self.at(verb) not in HAVE:
            return None
        position = verb + 1
        while self.at(position) in ADVERBS:
            position += 1
        return self.adjective(position) or self.regular_participle(position)

    def _is_stressed(self, position: int) -> bool:
        form, before, after = self.at(position), self.at(position - 1), self.at(position + 1)
        if form not in ("lui", "eux", "elle", "elles"):
            return False
        if before in ("est", "était", "sera", "sont") and self.at(position - 2) in ("c'", "ce"):
            return True
        closed = (
            not after
            or after in PUNCTUATION
            or after in CONJUNCTIONS
            or after in ("même", "mêmes", "seul", "seule", "aussi")
        )
        if before in PREPOSITIONS:
            return before != "en"
        if form == "eux" or before == "ni" or after in ("même", "mêmes"):
            return True
        if form == "lui":  # else it is a dative, the same for both genders: "elle lui parle"
            return before in ("que", "qu'", "et", "ou") or (before in PUNCTUATION and closed)
        return closed and before in ("que", "qu'", "et", "ou")

    def _subject_is_person(self, position: int, gender: str, plural: bool) -> bool:
        fitting = [
            head for head in self.heads.values() if head.end < position and self._fits(head, gender, plural)
        ]
        fitting = [head for head in fitting if not self._is_time(head)]
        subjects = [head for head in fitting if head.pronoun or self._begins(head)]
        if subjects:
            return max(subjects, key=lambda head: head.end).person
        if plural and (group := self._group_before(position)):
            return any(head.person for head in group)
        if fitting:
            return any(head.person for head in fitting)
        persons = [head for head in self.heads.values() if head.end < position and head.person]
        if not persons and not any(head.pronoun for head in self.heads.values() if head.end < position):
            return True
        self.doubts[position] = "antecedent"
        return True

    def _group_before(self, position: int) -> list[Head]:
        """The last heads joined by "et" before a position."""
        for head in sorted(self.heads.values(), key=lambda each: -each.end):
            if head.end < position and self.at(head.start - 1) == "et":
                return self._joined(head)
        return []

    def _agreeing(self, heads: tuple[int, ...], gender: str | None) -> tuple[int, ...]:
        """The heads, or none of them where a single one is of the other gender: it was the wrong one."""
        if len(heads) == 1 and gender and self.heads[heads[0]].gender not in (gender, None):
            return ()
        return heads

    def _note_no_pair(self, position: int) -> None:
        form = self.at(position)
        if form in self.lexicon.no_pair or form in self.lexicon.with_owner:
            self.doubts[position] = "no pair"

    def _add(
        self,
        position: int,
        pair: Pair | None,
        person: bool,
        gender: str | None = None,
        plural: bool = False,
        pronoun: bool = False,
    ) -> None:
        """Keep a pronoun as a head of its own."""
        if pair is not None:
            self.pairs[position], gender, plural = pair, pair.gender, bool(pair.plural)
            self.agreements[position] = (position,)
        governed = self.at(position - 1) in PREPOSITIONS
        self.heads[position] = Head(position, position, position, person, gender, plural, governed, pronoun)
