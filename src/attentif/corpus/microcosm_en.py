"""The English Microcosm: one grammar for both sizes, agreement included, and the planted gender bias.

A sentence is drawn given its topic, the gender and number of its subject, and whether the subject is new (an
occupation, a person, a name) or continued (a pronoun). The topic fixes the vocabulary; the subject's gender
and number come back late, in a pronoun, a possessive, a reflexive or a verb. Nothing but these, the names and
the words for a man or a woman shows the gender; the plural never does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Literal

from attentif.corpus.clauses_en import BE, Clauses, closed_lists, indefinite
from attentif.corpus.grammar import Expr, alt, opt, seq, word
from attentif.corpus.lexicon_en import load_lexicon
from attentif.corpus.world import Latent, World, make_latent_chain, occupation_weights, p_feminine, plant
from attentif.errors import InputError
from attentif.language import text

P_PLURAL = 0.3
P_CONTINUED = 0.55


def build_world(size: Literal["small", "full"] = "small", bias: float | Mapping[str, float] = 1.0) -> World:
    """The English world of a size; `bias` scales the planted log-odds, or gives them by occupation.

    Raises InputError for an unknown size or an unknown occupation.

    >>> world = build_world("small")
    >>> world.language, len(world.expressions), world.planted["nurse"]
    ('en', 32, -1.0)
    """
    if size not in ("small", "full"):
        raise InputError(
            expected=text("size 'small' or 'full'", "une taille (size) 'small' ou 'full'"),
            got=repr(size),
            remedy=text("choose one of the two", "choisissez l'une des deux"),
        )
    lexicon = load_lexicon(size)
    planted = plant(lexicon.planted, bias)
    topics = {topic.name: topic for topic in lexicon.topics}
    feminine = {name: p_feminine(topic.occupations, planted) for name, topic in topics.items()}
    chain = make_latent_chain(list(topics), feminine, p_plural=P_PLURAL, p_continued=P_CONTINUED)
    closed = closed_lists(lexicon)
    expressions: dict[Latent, Expr] = {}
    for name, topic in topics.items():
        plural = Sentences(Clauses(lexicon, closed, topic, None, "pl"), topic.occupations)
        for gender in ("m", "f"):
            weights = occupation_weights(topic.occupations, planted, gender)
            singular = Sentences(Clauses(lexicon, closed, topic, gender, "sg"), weights)
            for number, sentences in (("sg", singular), ("pl", plural)):
                expressions[Latent(name, gender, number, "new")] = sentences.new
                expressions[Latent(name, gender, number, "continued")] = sentences.continued
    return World(
        language="en",
        size=size,
        latents=chain.latents,
        first_prior=chain.first_prior,
        transition=chain.transition,
        expressions=tuple(expressions[latent] for latent in chain.latents),
        planted=planted,
        pronouns=("he", "she"),
        templates=lexicon.templates,
    )


class Sentences:
    """The sentences about one subject; each tense has its own branch, so that all verbs agree in it.

    `occupations` are weighted for the subject's gender in the singular; the plural does not depend on it.
    """

    def __init__(self, clauses: Clauses, occupations: Mapping[str, float]):
        self.clauses, self.occupations = clauses, occupations
        self.closed, self.topic = clauses.closed, clauses.topic
        self.gender, self.number = clauses.gender, clauses.number
        self.place = seq("in the", word(self.topic.places))

    @cached_property
    def new(self) -> Expr:
        """The subject is a noun or a name, perhaps after an adverb, a time or a place."""
        return self.in_each_tense(self.new_in)

    @cached_property
    def continued(self) -> Expr:
        """The subject is a pronoun for the person of the sentence before."""
        return self.in_each_tense(self.continued_in)

    def in_each_tense(self, make: Callable[[str], Expr]) -> Expr:
        return seq(alt(*((weight, make(tense)) for tense, weight in self.clauses.tenses.items())), ".")

    def continued_in(self, tense: str) -> Expr:
        opening = seq(alt((2, self.place), (3, self.closed["openers_" + tense])), ",")
        return seq(opt(0.35, opening), self.clauses.subject, self.clauses.predicate(tense))

    def new_in(self, tense: str) -> Expr:
        """A place is named once: before the subject or in it."""
        predicate = self.clauses.predicate(tense)
        located = self.subject(tense, predicate, with_place=True)
        placeless = self.subject(tense, predicate, with_place=False)
        return alt(
            (75, located),
            (15, seq(self.closed["openers_" + tense], ",", located)),
            (10, seq(self.place, ",", placeless)),
        )

    def subject(self, tense: str, predicate: Expr, with_place: bool) -> Expr:
        """A noun, with or without a relative clause or a place, or a name; then the predicate."""
        clauses = self.clauses
        relative = clauses.any_frame(
            lambda frame: seq(
                clauses.verb(tense, frame),
                "the",
                word(frame.nouns.any_number),
                clauses.predicate(tense, frame),
            )
        )
        located = alt((2, "from the"), (1, seq("who", BE[self.number, tense], "new in the")))
        rest = [(9, predicate), (3, seq("who", relative))]
        if with_place:
            rest.append((3, seq(located, word(self.topic.places), predicate)))
        noun = seq(self.person(), alt(*rest))
        if self.number == "pl":
            return noun
        return alt((88, noun), (12, seq(self.closed["names_" + self.gender], predicate)))

    def person(self) -> Expr:
        """An occupation with a determiner; in the singular sometimes a word that shows the gender."""
        age, english = self.closed["ages"], self.clauses.english
        if self.number == "pl":
            nouns = self.clauses.inflected(self.occupations, english.plural)
            return seq(self.closed["subject_plural"], opt(0.25, age), word(nouns))
        definite = seq(self.closed["subject_singular"], opt(0.25, age), word(self.occupations))
        shown = seq(word(["the", "this"]), opt(0.4, age), self.closed["people_" + self.gender])
        return alt((78, definite), (12, indefinite(self.occupations, english)), (10, shown))
