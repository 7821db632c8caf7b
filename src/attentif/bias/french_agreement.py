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

import re
from collections.abc import Sequence

from attentif.bias.french_forms import PLURAL, PRONOUNS, STRESSED
from attentif.bias.french_phrases import ADVERBS, CONJUNCTIONS, COPULAS, PARTICIPLE, PREPOSITIONS, PRESENTS, PUNCTUATION, TIMES, FrenchPhrases, Head
from attentif.bias.gender_lexicon import GenderLexicon, Pair

HAVE = frozenset("ai as a avons avez ont avais avait avions avaient aura auront aurait auraient eu ayant avoir eut".split())
_PLURAL_VERBS = frozenset("sont étaient seront seraient furent soient ont avaient auront semblent semblaient paraissent "
                          "deviennent restent restaient".split())  # fmt: skip
_PERSONS = frozenset("je j' tu nous vous on".split())
_SUBJECTS = frozenset("il elle ils elles".split())
_BETWEEN = frozenset("ne n' me m' te t' se s' y en lui leur le la les l' nous vous".split())
_CLAUSE = frozenset("car mais quand lorsque lorsqu' si s' parce puisque puisqu' comme donc où dont".split())
_IMPERSONAL = re.compile(
    r"(?:ne |n' )?(?:y (?:a|avait|aura|aurait|eut)|faut|fallait|faudra|faudrait|pleut|pleuvait|pleuvra|neige|neigeait|"
    r"s' agi\w+|suffi\w+|vaut mieux|existe|existait|manque|se (?:peut|passe|trouve que)|paraît que|semble que|reste que|"
    r"fait (?:trop |très |plus )?(?:froid|chaud|beau|nuit|jour|noir|bon|mauvais|sombre)|"
    r"(?:est|était|sera|serait) (?:pas |plus |encore |déjà |trop |très )?(?:tard|tôt|temps|midi|minuit|\w+ heures?)\b|"
    r"(?:est|était|sera|serait|semble|paraît|devient) (?:pas |très |vraiment |souvent |toujours |parfois )?(?:possible|impossible|"
    r"important|nécessaire|évident|vrai|clair|probable|improbable|difficile|facile|bon|mauvais|rare|utile|inutile|interdit|"
    r"permis|essentiel|normal|étrange|logique|préférable|urgent|indispensable|dangereux|prévu|question) (?:de|d'|que|qu') )"
)
_NEUTER_OBJECT = re.compile(r"(?:sai\w+|sav\w+|dis|dit|disent|disait|pens\w+|croi\w+|veu\w+|voul\w+|peu\w+|pouv\w+|"
                            r"promet\w*|esp[èé]r\w+|suppos\w+|ignor\w+|souhait\w+|fai\w+|répèt\w+|affirm\w+)$")  # fmt: skip


class FrenchReading(FrenchPhrases):
    """The words of a sentence with what they agree with, on top of its noun phrases.

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

    # pronouns

    def _read_pronoun(self, position: int) -> None:
        form, after = self.at(position), self.at(position + 1)
        pair = next(((m, f) for m, f in PRONOUNS.items() if form in (m, f)), None)
        if position in self.clitics:
            self._read_clitic(position)
        elif form == "autres" and self.at(position - 1) == "d'":
            self.heads[position] = Head(position, position - 1, position, True, None, True, False)
        elif form in _PERSONS:
            self._add(position, None, True, None, form in ("nous", "vous", "on") and form != "on", pronoun=True)
        elif self._is_stressed(position):
            stressed = next((m, f) for m, f in STRESSED.items() if form in (m, f))
            self._add(position, Pair(*stressed, "m" if form == stressed[0] else "f", form in PLURAL), True)
        elif form in _SUBJECTS:
            if form == "il" and _IMPERSONAL.match(" ".join(self.low[position + 1 : position + 8]) + " "):
                self._add(position, None, False, "m", False, pronoun=True)
                return
            gender = "f" if form.startswith("elle") else "m"
            person = self._subject_is_person(position, gender, form in PLURAL)
            self._add(position, Pair(*pair, gender, form in PLURAL), person, pronoun=True)
        elif form in ("un", "une", "aucun", "aucune") and after in ("des", "de", "d'") and (of := self._next_head(position)):
            pair = Pair(*pair, "m" if form == pair[0] else "f", False)
            self._add(position, pair, of.person)
        elif pair and form not in ("un", "une") and (form[0] in "ca" or form in PLURAL or form.startswith("le") or form.startswith("la")):
            self._read_indefinite(position, Pair(*pair, "m" if form == pair[0] else "f", form in PLURAL))

    def _read_indefinite(self, position: int, pair: Pair) -> None:
        """celle, chacun, certaines, toutes: a thing named before, or a person."""
        form = self.at(position)
        if form in ("tous", "toutes") and position and self.at(position - 1) not in PUNCTUATION:
            verb = position - 1  # "elles sont toutes fatiguées"
            if (found := self._agreeing(self.subject_of(verb), "f" if form == "toutes" else "m")) :
                self.pairs[position], self.agreements[position] = pair, found
            return
        earlier = [head for head in self.heads.values() if head.end < position and self._fits(head, pair.gender, None)]
        thing = bool(earlier) and not any(head.person for head in earlier)
        self._add(position, pair, not thing)

    def _read_clitic(self, position: int) -> None:
        form = self.at(position)
        gender = {"le": "m", "la": "f"}.get(form)
        plural = form == "les"
        verb = position + 1
        if form in ("le", "l'") and _NEUTER_OBJECT.match(self.at(verb)):
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
            head = self.ending_at(head.start - 1 - (self.at(head.start - 1) in ("de", "d'"))) if head.governed else None
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
        closed = not after or after in PUNCTUATION or after in CONJUNCTIONS or after in ("même", "mêmes", "seul", "seule", "aussi")
        if before in PREPOSITIONS:
            return before != "en"
        if before == "ni":
            return True
        if form == "eux":
            return True
        if form == "lui":
            return before in ("que", "qu'", "ni", "et", "ou") or before in PUNCTUATION and closed or after in ("même",)
        inverted = position and before in COPULAS | HAVE and closed and after in ("?",)
        return closed and not inverted and (before in ("que", "qu'", "et", "ou", "ni") or after in ("même", "mêmes"))

    def _subject_is_person(self, position: int, gender: str, plural: bool) -> bool:
        fitting = [head for head in self.heads.values() if head.end < position and self._fits(head, gender, plural)]
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

    def _begins(self, head: Head) -> bool:
        """Whether a phrase is the subject of a clause: no preposition before it, something like a verb after it."""
        after = self.at(head.end + 1)
        verb = bool(after) and after not in PUNCTUATION | PREPOSITIONS | CONJUNCTIONS and head.end + 1 not in self.in_phrase
        verb = verb or after == "," and self.at(head.end + 2) in ("qui", "dont", "que")
        return not head.governed and self._begins_clause(head.start) and verb

    def _group_before(self, position: int) -> list[Head]:
        """The last heads joined by "et" before a position."""
        for head in sorted(self.heads.values(), key=lambda each: -each.end):
            if head.end < position and self.at(head.start - 1) == "et":
                return self._joined(head)
        return []

    def _joined(self, last: Head) -> list[Head]:
        """A head and those joined to it on its left: "le père, la tante et la mère"."""
        group = [last]
        while self.at(group[-1].start - 1) in ("et", "ou", "ni") or len(group) > 1 and self.at(group[-1].start - 1) == ",":
            earlier = self.ending_at(group[-1].start - 2)
            if earlier is None:
                break
            group.append(earlier)
        return group

    # adjectives and participles

    def _read_adjective(self, position: int) -> None:
        pair = self.adjective(position)
        before = position - 1
        while self.at(before) in ADVERBS or self.at(before) in ("tous", "toutes") or (
            self.at(before) in ("de", "en") and self.at(before + 1) in ("plus", "moins")
        ):
            before -= 1
        if self.at(before) in ("fois", "peine") and before < 2:
            before = -1  # "une fois arrivée, elle ...", "à peine rentrée, ..."
        if self.at(before) == "air" and self.at(before - 1) == "l'" and self.at(before - 2) in HAVE:
            if pair is not None:
                self._link(position, pair, self.subject_of(before - 2))
            return
        predicate = self.at(before) in COPULAS
        if self.at(position) in PRESENTS and not predicate and self.at(position + 1) != "par":
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

    def _note_no_pair(self, position: int) -> None:
        form = self.at(position)
        if form in self.lexicon.no_pair or form in self.lexicon.with_owner:
            self.doubts[position] = "no pair"

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
        while clitic >= 0 and (self.at(clitic) in _BETWEEN | _SUBJECTS | _PERSONS or clitic in self.heads or clitic in self.in_phrase):
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
        return self.agreements.get(earlier) if earlier not in self.heads and earlier not in self.in_phrase else None

    def _detached(self, position: int, before: int) -> tuple[int, ...]:
        """The subject that an adjective between commas is about: before it, or after it at the beginning."""
        if before < 0 or self.at(before) not in (",", "(", "—"):
            later = [h for h in self.heads.values() if h.start > position and not h.governed and self.at(h.start - 1) in (",", "")]
            later = [head for head in later if not self._is_time(head)]
            return (min(later, key=lambda head: head.start).index,) if later and before < 0 else ()
        touched = self.ending_at(before - 1)
        if touched is not None and touched.person and self._begins_clause(touched.start):
            return (touched.index,)
        subjects = [h for h in self.heads.values() if h.end < before and (h.pronoun or self._begins(h) and h.person)]
        return (max(subjects, key=lambda head: head.end).index,) if subjects else ()

    def _link(self, position: int, pair: Pair, heads: tuple[int, ...]) -> None:
        heads = self._agreeing(heads, pair.gender)
        if not heads:
            return
        plural = len(heads) > 1 or self.heads[heads[0]].plural
        self.pairs[position] = next(
            (each for each in self.lexicon.adjectives.get(self.at(position), ()) if each.plural == plural), pair
        )
        self.agreements[position] = heads

    def _agreeing(self, heads: tuple[int, ...], gender: str | None) -> tuple[int, ...]:
        """The heads, or none of them where a single one is of the other gender: it was the wrong one."""
        if len(heads) == 1 and gender and self.heads[heads[0]].gender not in (gender, None):
            return ()
        return heads

    # subjects

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
            inside = [h for h in self.heads.values() if start < h.start and h.end <= before and not h.governed]
            inside = [head for head in inside if not self._is_time(head)]
            if self.at(start) != ",":
                break
            before = start - 1  # "elle est entrée, s'est assise et s'est endormie"
        if not inside:
            return ()
        first = min(inside, key=lambda head: head.start)
        groups = [self._joined(head) for head in inside] if self.at(verb) in _PLURAL_VERBS else []
        group = max((group for group in groups if first in group), key=len, default=[first])
        return tuple(head.index for head in group)

    def _ends_clause(self, position: int) -> bool:
        if self.at(position) == "s'" and self.at(position + 1) not in ("il", "ils"):
            return False  # "s'est", not "s'il"
        return self.at(position) in PUNCTUATION | _CLAUSE or self._is_complement(position)

    def _hyphened(self, position: int) -> bool:
        return self.at(position - 1) in COPULAS | HAVE | {"t"}

    def _subject_of_infinitive(self, verb: int) -> tuple[int, ...]:
        before = verb - 1
        while self.at(before) in ADVERBS | PREPOSITIONS | {"ne"}:
            before -= 1
        return self.subject_of(before) if before >= 0 else ()

    def _left_of_clitics(self, verb: int) -> int:
        before = verb - 1
        skipped = _BETWEEN | ADVERBS | (HAVE if self.at(verb) in COPULAS or PARTICIPLE.match(self.at(verb)) else frozenset())
        while before >= 0 and self.at(before) in skipped and before not in self.in_phrase and not self._is_subject_pronoun(before):
            before -= 1
        return before

    def _is_subject_pronoun(self, position: int) -> bool:
        """nous and vous are subjects where nothing that may be one stands before them."""
        return position in self.heads and self.heads[position].pronoun and self.at(position - 1) not in _SUBJECTS | _PERSONS | {"qui"}

    def _direct_subject(self, verb: int) -> tuple[int, ...]:
        """The pronoun or noun right before a verb, or what its "qui" stands for."""
        before = self._left_of_clitics(verb)
        if before in self.heads and (self.heads[before].pronoun or before in self.agreements or self.heads[before].end == before):
            head = self.heads[before]
        elif self.at(before) == "qui":
            head = self.ending_at(before - 1) or self.ending_at(before - 2 if self.at(before - 1) == "," else -1)
        else:
            head = self.ending_at(before)
        if head is None or head.governed and self.at(before) != "qui":
            return ()
        if self.at(before) != "qui" and not head.pronoun and not self._begins_clause(head.start):
            return ()
        if self.at(verb) in _PLURAL_VERBS and len(group := self._joined(head)) > 1:
            return tuple(each.index for each in group)
        return (head.index,)

    def _before_aside(self, end: int) -> int:
        """The position before ", qui ... ," or before the "et" that joins two verbs."""
        start = end - 1
        while start >= 0 and self.at(start) not in PUNCTUATION:
            start -= 1
        aside = self.at(end) == "," == self.at(start) and self.at(start + 1) in ("qui", "dont", "que", "qu'", "où")
        return start - 1 if aside else end - 1

    def _is_complement(self, position: int) -> bool:
        """"que" after a verb begins another clause, after a noun it describes that noun."""
        return self.at(position) in ("que", "qu'") and self.ending_at(position - 1) is None

    def _is_time(self, head: Head) -> bool:
        return self.at(head.index) in TIMES

    def _next_head(self, position: int) -> Head | None:
        later = [head for head in self.heads.values() if head.start > position]
        return min(later, key=lambda head: head.start, default=None)

    def _fits(self, head: Head, gender: str | None, plural: bool | None) -> bool:
        return (gender is None or head.gender in (gender, None)) and (plural is None or head.plural == plural)

    def _add(self, position: int, pair: Pair | None, person: bool, gender: str | None = None, plural: bool = False, pronoun: bool = False) -> None:
        """Keep a pronoun as a head of its own."""
        if pair is not None:
            self.pairs[position], gender, plural = pair, pair.gender, bool(pair.plural)
            self.agreements[position] = (position,)
        self.heads[position] = Head(position, position, position, person, gender, plural, self.at(position - 1) in PREPOSITIONS, pronoun)
