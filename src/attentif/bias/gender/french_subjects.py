"""Which noun or pronoun is the subject of a French verb, by rule: the nearest clause beginning that fits."""

from __future__ import annotations

from attentif.bias.gender.french_phrases import FrenchPhrases, Head
from attentif.bias.gender.french_words import (
    ADVERBS,
    BETWEEN,
    CLAUSE,
    CONJUNCTIONS,
    COPULAS,
    HAVE,
    PARTICIPLE,
    PERSONS,
    PLURAL_VERBS,
    PREPOSITIONS,
    PUNCTUATION,
    SUBJECTS,
    TIMES,
)


class FrenchSubjects(FrenchPhrases):
    """The noun phrases of a sentence, with the subjects of its verbs."""

    def subject_of(self, verb: int) -> tuple[int, ...]:
        """The heads of the subject of a verb: one, several joined by "et", or none that is known."""
        if self.at(verb) == "être" or self.at(verb) in ("rester", "devenir"):
            return self._subject_of_infinitive(verb)
        inverted = verb + 1
        if inverted in self.heads and self.heads[inverted].pronoun and self._hyphened(inverted):
            return (inverted,)
        direct = self._direct_subject(verb)
        if direct:
            return direct
        before = self._left_of_clitics(verb)
        if before < 0 or self.at(before) in ("c'", "ce", "cela", "ça", "ceci"):
            return ()
        if self.at(before) in PUNCTUATION | CONJUNCTIONS:
            before = self._before_aside(before)
        inside: list[Head] = []
        while not inside and before >= 0:
            start = before
            while start >= 0 and not self._ends_clause(start):
                start -= 1
            inside = [
                h for h in self.heads.values() if start < h.start and h.end <= before and not h.governed
            ]
            inside = [head for head in inside if not self._is_time(head)]
            if self.at(start) != ",":
                break
            before = start - 1  # "elle est entrée, s'est assise et s'est endormie"
        if not inside:
            return ()
        first = min(inside, key=lambda head: head.start)
        groups = [self._joined(head) for head in inside] if self.at(verb) in PLURAL_VERBS else []
        group = max((group for group in groups if first in group), key=len, default=[first])
        return tuple(head.index for head in group)

    def _ends_clause(self, position: int) -> bool:
        if self.at(position) == "s'" and self.at(position + 1) not in ("il", "ils"):
            return False  # "s'est", not "s'il"
        return self.at(position) in PUNCTUATION | CLAUSE or self._is_complement(position)

    def _subject_of_infinitive(self, verb: int) -> tuple[int, ...]:
        before = verb - 1
        while self.at(before) in ADVERBS | PREPOSITIONS | {"ne"}:
            before -= 1
        return self.subject_of(before) if before >= 0 else ()

    def _left_of_clitics(self, verb: int) -> int:
        before = verb - 1
        skipped = BETWEEN | ADVERBS
        if self.at(verb) in COPULAS or PARTICIPLE.match(self.at(verb)):
            skipped |= HAVE
        while (
            self.at(before) in skipped
            and before not in self.in_phrase
            and not self._is_subject_pronoun(before)
        ):
            before -= 1
        return before

    def _is_subject_pronoun(self, position: int) -> bool:
        """nous and vous are subjects where nothing that may be one stands before them."""
        return (
            position in self.heads
            and self.heads[position].pronoun
            and self.at(position - 1) not in SUBJECTS | PERSONS | {"qui"}
        )

    def _direct_subject(self, verb: int) -> tuple[int, ...]:
        """The pronoun or noun right before a verb, or what its "qui" stands for."""
        before = self._left_of_clitics(verb)
        relative = self.at(before) == "qui"
        head = self.ending_at(before - 1 - (self.at(before - 1) == ",") if relative else before)
        if head is None:
            return ()
        if not relative and (head.governed or not (head.pronoun or self._begins_clause(head.start))):
            return ()
        if self.at(verb) in PLURAL_VERBS and len(group := self._joined(head)) > 1:
            return tuple(each.index for each in group)
        return (head.index,)

    def _before_aside(self, end: int) -> int:
        """The position before ", qui ... ," or before the "et" that joins two verbs."""
        start = end - 1
        while start >= 0 and self.at(start) not in PUNCTUATION:
            start -= 1
        relative = self.at(start + 1) in ("qui", "dont", "que", "qu'", "où")
        return start - 1 if relative and self.at(end) == "," == self.at(start) else end - 1

    def _is_complement(self, position: int) -> bool:
        """ "que" after a verb begins another clause, after a noun it describes that noun."""
        return self.at(position) in ("que", "qu'") and self.ending_at(position - 1) is None

    def _begins(self, head: Head) -> bool:
        """Whether a phrase is the subject of a clause: no preposition before it, something like a verb after it."""
        after = self.at(head.end + 1)
        verb = (
            bool(after)
            and after not in PUNCTUATION | PREPOSITIONS | CONJUNCTIONS
            and head.end + 1 not in self.in_phrase
        )
        verb = verb or (after == "," and self.at(head.end + 2) in ("qui", "dont", "que"))
        return not head.governed and self._begins_clause(head.start) and verb

    def _joined(self, last: Head) -> list[Head]:
        """A head and those joined to it on its left: "le père, la tante et la mère"."""
        group = [last]
        while self.at(group[-1].start - 1) in ("et", "ou", "ni") or (
            len(group) > 1 and self.at(group[-1].start - 1) == ","
        ):
            earlier = self.ending_at(group[-1].start - 2)
            if earlier is None:
                break
            group.append(earlier)
        return group

    def _is_time(self, head: Head) -> bool:
        return self.at(head.index) in TIMES

    def _next_head(self, position: int) -> Head | None:
        later = [head for head in self.heads.values() if head.start > position]
        return min(later, key=lambda head: head.start, default=None)

    def _fits(self, head: Head, gender: str | None, plural: bool | None) -> bool:
        return (gender is None or head.gender in (gender, None)) and (plural is None or head.plural == plural)

    def _hyphened(self, position: int) -> bool:
        return self.at(position - 1) in COPULAS | HAVE | {"t"}
