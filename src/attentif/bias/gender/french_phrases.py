"""French noun phrases: where they are, which of them name persons, and of which gender and number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attentif.bias.gender.french_forms import PLAIN, PLURAL, determiner
from attentif.bias.gender.french_tokens import FrenchTokens
from attentif.bias.gender.french_words import (
    ADVERBS,
    BEFORE_CLITICS,
    CLITICS,
    COPULAS,
    GOVERNING,
    HAVE,
    POSSESSIVES,
    PREPOSITIONS,
    PRESENTS,
    PUNCTUATION,
    VERBS_TOO,
    is_infinitive,
)
from attentif.bias.gender.lexicon import GenderLexicon, Pair


@dataclass(frozen=True)
class Head:
    """The noun, name or pronoun of a noun phrase.

    Args:
        index: its position.
        start, end: the first and the last position of its phrase.
        person: whether it is about a person.
        gender: "m", "f" or None where nothing in the phrase tells.
        plural: its number.
        governed: whether a preposition stands before the phrase, so that it is no subject.
        pronoun: whether it is a personal pronoun in the subject's place.
    """

    index: int
    start: int
    end: int
    person: bool
    gender: str | None
    plural: bool
    governed: bool
    pronoun: bool = False


class FrenchPhrases(FrenchTokens):
    """The noun phrases of a sentence, found from its determiners, names and nouns of person.

    Args:
        words: the words as `cut` gives them.
        lexicon: the French one.

    Attributes:
        heads: position → Head.
        pairs: position → Pair of each word that is read with two forms.
        in_phrase: position → the position of the head that a determiner or an adjective belongs to.
        clitics: the positions where le, la, l', les are pronouns.
        ranked: position of an adjective that has an article and no noun → that article: "la première", "le plus connu".
    """

    def __init__(self, words: Sequence[str], lexicon: GenderLexicon):
        super().__init__(words, lexicon)
        self.heads: dict[int, Head] = {}
        self.pairs: dict[int, Pair] = {}
        self.in_phrase: dict[int, int] = {}
        self.clitics: set[int] = set()
        self.ranked: dict[int, int] = {}
        position = 0
        while position < len(words):
            position = max(position + 1, self._phrase_at(position))

    def ending_at(self, position: int) -> Head | None:
        """The head whose phrase ends there."""
        return next((head for head in self.heads.values() if head.end == position), None)

    def _phrase_at(self, start: int) -> int:
        """Read the phrase that begins here, if one does; the position after it."""
        if self.at(start) in CLITICS and self._is_clitic(start):
            self.clitics.add(start)
            return start + 1
        if self.at(start) in CLITICS and (adjective := self._ranked_after(start)) is not None:
            self.ranked[adjective] = start
            return adjective + 1
        position, plural, determiners = start, None, []
        while position < len(self.low) and self._is_determiner(position):
            # "certains sont", "aucun n'est": no noun follows a determiner that stands for one.
            determiners.append(position)
            plural = plural or self.at(position) in PLURAL or self._is_plural(position)
            position += 1
        partitive = self.at(position) in ("de", "d'", "des", "du")
        if determiners and partitive and self.at(position - 1) not in PLAIN:
            return start + 1  # "une des infirmières"
        head = self._head_after(position, bool(determiners))
        if head is None:
            return start + 1
        return self._complete(start, determiners, head, bool(plural))

    def _ranked_after(self, article: int) -> int | None:
        """The adjective of "est la première", "sont les plus connus": after a verb of state, no noun behind."""
        arrived = self.adjective(article - 1) is not None and self.at(article - 2) in COPULAS
        if self.at(article - 1) not in COPULAS and not arrived:
            return None
        position = article + 1 + (self.at(article + 1) in ("plus", "moins"))
        plain = self.adjective(position) is not None and self.at(position) not in self.lexicon.nouns
        return position if plain and not self._may_be_noun(position + 1) else None

    def _is_clitic(self, position: int) -> bool:
        before, after = self.at(position - 1), self.at(position + 1)
        if after in HAVE or after in ("y", "en", "lui", "leur"):
            return True
        if before in BEFORE_CLITICS and not self._stressed_before(position):
            return True
        known = after in self.lexicon.nouns or self.adjective(position + 1) is not None
        asks_infinitive = before in PREPOSITIONS or before in ("peut", "doit", "veut", "va", "vient", "faut")
        if asks_infinitive and is_infinitive(after) and not known:
            return True
        # Right after a subject there is a verb: "Marie la regarde".
        subject = self.ending_at(position - 1)
        return (
            subject is not None
            and not subject.governed
            and not known
            and self._begins_clause(subject.start)
            and self._goes_on(position + 1)
        )

    def _head_after(self, position: int, determined: bool) -> int | None:
        """The noun of a phrase, behind the adjectives that may precede it."""
        here = position
        while determined and self.at(here) in self.lexicon.prenominal | ADVERBS | {"bel", "nouvel", "vieil"}:
            if not self._may_be_noun(here + 1):
                break
            here += 1
        if determined:
            return here if self._may_be_noun(here) else None
        return here if self._is_name(here) or self._bare_person(here) else None

    def _bare_person(self, position: int) -> bool:
        """A noun of person without article: "comme infirmière", "Monsieur", "elle est avocate"."""
        form, before = self.at(position), self.at(position - 1)
        if not any(pair.gender for pair in self.lexicon.nouns.get(form, ())):
            return False
        if form in self.lexicon.adjectives or position in self.in_phrase:
            return False
        noun = self.ending_at(position - 1)
        return noun is None or noun.person or before in PUNCTUATION

    def _complete(self, start: int, determiners: list[int], head: int, plural: bool) -> int:
        """Settle the reading of a phrase; the position after it."""
        pair = self._noun(head, start, plural)
        person = pair is not None
        if pair is not None and not determiners and pair.plural is not None:
            plural = pair.plural
        shown = [found[1] for found in (determiner(self.at(d)) for d in determiners) if found and found[1]]
        gender = pair.gender if pair is not None and pair.gender else shown[0] if shown else None
        for d in determiners:
            if (found := determiner(self.at(d))) is not None:
                self.pairs[d] = Pair(*found[0], gender=found[1], plural=plural)
                self.in_phrase[d] = head
        for position in range(determiners[-1] + 1 if determiners else head, head):
            self._qualify(position, head, plural)
        if pair is not None:
            self.pairs[head] = pair
        end = self._end(head, gender, plural, person)
        before = self.at(start - 1)
        governed = before in PREPOSITIONS or (bool(determiners) and self.at(start) in GOVERNING)
        if gender is None:
            shown = [self.pairs[p].gender for p, h in self.in_phrase.items() if h == head and p in self.pairs]
            gender = next((each for each in shown if each), None)
        self.heads[head] = Head(head, start, end, person, gender, plural, governed)
        return end + 1

    def _noun(self, head: int, start: int, plural: bool) -> Pair | None:
        form = self.at(head)
        if form in self.lexicon.with_owner:
            trade = self.at(head + 1) == "de" and self._may_be_noun(head + 2) and not self._is_name(head + 2)
            owned = self.at(start) in POSSESSIVES and not (trade and not self._is_determiner(head + 2))
            if owned or self._of_a_person(head):
                return self._in_number(self.lexicon.with_owner[form], plural)
        if form in self.lexicon.with_article and head > start:
            return self._in_number(self.lexicon.with_article[form], plural)
        readings = self.lexicon.nouns.get(form, ())
        if not readings and self._is_name(head):
            readings = self.lexicon.names[form]
        return self._in_number(readings, plural) if readings else None

    def _qualify(self, position: int, head: int, plural: bool) -> None:
        if (pair := self.adjective(position, plural)) is not None:
            self.pairs[position], self.in_phrase[position] = pair, head

    def _end(self, head: int, gender: str | None, plural: bool, person: bool) -> int:
        """The last word of the phrase: adjectives after the noun, a surname after a title or a first name."""
        end = head
        if self.at(head) in ("fois", "air"):  # "une fois arrivée", "a l'air fatiguée": not about these
            return end
        while person and self._is_surname(end + 1):
            end += 1
            title = self.at(head) in ("m.", "mme", "monsieur", "madame", "docteur", "maître")
            # "M. Laurent" and "Marie Laurent" have a surname, "Mme Marie Durand" a first name too.
            if self._is_name(end) and not self._is_name(head) and (not title or self._is_surname(end + 1)):
                self.pairs[end], self.in_phrase[end] = self.lexicon.names[self.at(end)][0], head
        if person and self.at(end + 1) in CLITICS and self.at(end + 2) in ("plus", "moins"):
            return self._superlative(head, end)
        while True:
            position = end + 1
            if end > head and self.at(position) in ("et", "ou", "mais"):
                position += 1
            while self.at(position) in ADVERBS or (person and self.at(position).endswith("ement")):
                position += 1
            pair = self.adjective(position, plural) or (self.regular_participle(position) if person else None)
            noun = self.at(position) in self.lexicon.nouns and not self.adjective(position)
            if self._is_name(head) or self._is_verb(position):
                return end
            fits = pair is not None and (pair.gender is None or gender is None or pair.gender == gender)
            if not fits or noun or (pair.plural is not None and pair.plural != plural):
                return end
            self.pairs[position], self.in_phrase[position] = pair, head
            gender, end = gender or pair.gender, position

    def _is_verb(self, position: int) -> bool:
        """Whether what might be an adjective behind a noun is its verb: "dit", "complète le dossier"."""
        if self.at(position) in PRESENTS:
            return self.at(position + 1) != "par"
        after = position + 1
        while self.at(after) in ADVERBS or self.at(after).endswith("ment"):
            after += 1
        return self.at(position) in VERBS_TOO and self._is_determiner(after)

    def _superlative(self, head: int, end: int) -> int:
        """ "l'actrice la plus connue" """
        pair = self.adjective(end + 3)
        if pair is None:
            return end
        article = Pair("le", "la", {"le": "m", "la": "f"}.get(self.at(end + 1)))
        for position, its in ((end + 1, article), (end + 3, pair)):
            if self.at(position) != "les":
                self.pairs[position], self.in_phrase[position] = its, head
        return end + 3
