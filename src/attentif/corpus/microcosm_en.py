"""The English Microcosm: one grammar for both sizes, agreement included, and the planted gender bias.

A sentence is drawn given its topic, the gender and number of its subject, and whether the subject is new (an
occupation, a person, a name) or continued (a pronoun). The topic fixes the vocabulary; the subject's gender and
number come back late, in a pronoun, a possessive, a reflexive or a verb. Nothing but these and a few words of
person shows the gender; the plural never does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Literal

from attentif.corpus.grammar import Expr, alt, opt, seq, word
from attentif.corpus.lexicon_en import Frame, Lexicon, Topic, Weights, add, load_lexicon
from attentif.corpus.world import Latent, World, make_latent_chain, occupation_weights, p_feminine, plant
from attentif.errors import InputError

P_PLURAL = 0.3
P_CONTINUED = 0.55
# nominative, objective, possessive, reflexive
PRONOUNS = {
    "m": ("he", "him", "his", "himself"),
    "f": ("she", "her", "her", "herself"),
    "pl": ("they", "them", "their", "themselves"),
}
BE = {("sg", "present"): "is", ("pl", "present"): "are", ("sg", "past"): "was", ("pl", "past"): "were"}


def build_world(size: Literal["small", "full"] = "small", bias: float | Mapping[str, float] = 1.0) -> World:
    """The English world of a size; `bias` scales the planted log-odds, or gives them occupation by occupation.

    Raises InputError for an unknown size or an unknown occupation.

    >>> world = build_world("small")
    >>> world.language, len(world.expressions), world.planted["nurse"]
    ('en', 32, -1.0)
    """
    if size not in ("small", "full"):
        raise InputError(expected="size 'small' or 'full'", got=repr(size), remedy="choose one of the two")
    lexicon = load_lexicon(size)
    planted = plant(lexicon.planted, bias)
    topics = {topic.name: topic for topic in lexicon.topics}
    feminine = {name: p_feminine(topic.occupations, planted) for name, topic in topics.items()}
    chain = make_latent_chain(list(topics), feminine, p_plural=P_PLURAL, p_continued=P_CONTINUED)
    shared = {name: phrases(weights) for name, weights in lexicon.words.items()}
    return World(
        language="en",
        size=size,
        latents=chain.latents,
        first_prior=chain.first_prior,
        transition=chain.transition,
        expressions=tuple(
            SentenceGrammar(lexicon, shared, topics[latent.topic], latent, planted).sentence()
            for latent in chain.latents
        ),
        planted=planted,
        pronouns=("he", "she"),
        templates=lexicon.templates,
    )


def phrases(weights: Weights) -> Expr:
    """One of the entries, of one token or of several."""
    tokens = {entry: weight for entry, weight in weights.items() if " " not in entry}
    longer = [(weight, entry) for entry, weight in weights.items() if " " in entry]
    return alt((sum(tokens.values()), word(tokens)), *longer) if tokens else alt(*longer)


class SentenceGrammar:
    """The sentences of one latent. Every pronoun in them stands for their subject.

    `shared` holds the closed lists of the lexicon as expressions. What is used in many places is made once.
    """

    def __init__(
        self,
        lexicon: Lexicon,
        shared: Mapping[str, Expr],
        topic: Topic,
        latent: Latent,
        planted: Mapping[str, float],
    ):
        self.lexicon, self.english, self.shared = lexicon, lexicon.morphology, shared
        self.topic, self.latent, self.planted = topic, latent, planted
        self.gerunds = "gerund_prepositions" in shared
        person = latent.gender if latent.number == "sg" else "pl"
        self.subject, self.object, self.possessive, self.reflexive = PRONOUNS[person]
        self.predicate, self.errand, self.second_clause = map(cache, (self.predicate, self.errand, self.second_clause))

    def sentence(self) -> Expr:
        """Each tense has its own branch, so that the verbs of a sentence agree in it."""
        make = self.new_sentence if self.latent.subject == "new" else self.continued_sentence
        return seq(alt(*((weight, make(tense)) for tense, weight in self.lexicon.tenses.items())), ".")

    def new_sentence(self, tense: str) -> Expr:
        """The subject is a noun, with or without a relative clause, or a name."""
        place, other = self.openings(tense)
        located, placeless = self.noun_subject(tense, True), self.noun_subject(tense, False)
        return alt((75, located), (10, seq(place, ",", placeless)), (15, seq(other, ",", located)))

    def continued_sentence(self, tense: str) -> Expr:
        """The subject is a pronoun for the person of the sentence before."""
        place, other = self.openings(tense)
        return seq(opt(0.35, seq(alt((2, place), (3, other)), ",")), self.subject, self.predicate(tense))

    def openings(self, tense: str) -> tuple[Expr, Expr]:
        """What may stand before the subject: a place; an adverb or a time that suits the tense."""
        adverbs = add(self.lexicon.words["openers"], self.lexicon.words.get("times_" + tense, {}))
        return seq("in the", word(self.topic.places)), phrases(adverbs)

    # the subject

    def noun_subject(self, tense: str, with_place: bool) -> Expr:
        """A new subject and its predicate; `with_place` where no place was named before."""
        plain, be = self.predicate(tense), BE[self.latent.number, tense]
        relatives = alt(*(
            (1, seq("who", self.verb(tense, frame), "the", word(frame.nouns.any_number), self.predicate(tense, frame)))
            for frame in self.topic.frames
        ))
        place = alt((2, "from the"), (1, seq("who", be, "new in the")))
        located = seq(place, word(self.topic.places), plain)
        noun = seq(self.person(), alt((9, plain), (3, relatives), (3 if with_place else 0, located)))
        name = self.lexicon.words.get("names_" + self.latent.gender)
        return noun if self.latent.number == "pl" else alt((88, noun), (12, seq(word(name), plain)))

    def person(self) -> Expr:
        """An occupation with a determiner; in the singular sometimes a word of person, which shows the gender."""
        age = self.shared["ages"]
        if self.latent.number == "pl":
            nouns = self.inflected(self.topic.occupations, self.english.plural)
            return seq(self.shared["subject_plural"], opt(0.25, age), word(nouns))
        share = occupation_weights(self.topic.occupations, self.planted, self.latent.gender)
        definite = seq(self.shared["subject_singular"], opt(0.25, age), word(share))
        known = seq(word(["the", "this"]), opt(0.4, age), self.shared["people_" + self.latent.gender])
        return alt((78, definite), (12, self.indefinite(share)), (10, known))

    # before the subject, after the verb

    def ending(self, probability: float, *extra: tuple[float, Expr]) -> Expr:
        """What may close a clause: an hour, an event, and whatever else suits its verb."""
        preposition = self.shared["event_prepositions"]
        events = alt(
            (2, seq("the", word(self.topic.events))), (1, seq(self.possessive, self.shared["own_events"]))
        )
        return opt(probability, alt((2, self.hour()), (3, seq(preposition, events)), *extra))

    def hour(self) -> Expr:
        return alt((3, seq("in the", self.shared["parts_of_day"])), (2, seq("at", self.shared["hours"])))

    def action_ending(self, probability: float) -> Expr:
        """An ending that also suits what one does on purpose: "by herself", "carefully"."""
        alone = seq(self.shared["alone_prepositions"], self.reflexive)
        return self.ending(probability, (1, alone), (1, self.shared["manners"]))

    def spot(self) -> Expr:
        return seq(self.shared["spot_prepositions"], "the", word(self.topic.spots))

    # verbs and objects

    def inflected(self, words: Weights, inflect: Callable[[str], str]) -> Weights:
        return {inflect(form): weight for form, weight in words.items()}

    def finite(self, verbs: Weights, tense: str) -> Expr:
        """The verbs, agreeing with the subject."""
        if tense == "past":
            return word(self.inflected(verbs, self.english.past))
        return word(self.inflected(verbs, self.english.third_person) if self.latent.number == "sg" else verbs)

    def gerund(self, frame: Frame) -> Expr:
        return word(self.inflected(frame.verbs, self.english.gerund))

    def progressive(self, tense: str, frame: Frame) -> Expr:
        return seq(BE[self.latent.number, tense], self.gerund(frame))

    def modal(self, kind: str, frame: Frame) -> Expr:
        return seq(self.shared[kind], word(frame.verbs))

    def often(self) -> Expr:
        return opt(0.3, self.shared["adverbs"])

    def indefinite(self, words: Weights) -> Expr:
        """"a" or "an" and one of the words, each with its weight."""
        groups = {
            article: {form: weight for form, weight in words.items() if self.english.article(form) == article}
            for article in ("a", "an")
        }
        return alt(*((sum(kept.values()), seq(article, word(kept))) for article, kept in groups.items() if kept))

    def short_object(self, frame: Frame) -> Expr:
        """A noun phrase without adjective: "the box", "her boxes", "a box", "two boxes"."""
        nouns = frame.nouns
        return alt(
            (5, seq(word({"the": 3.0, self.possessive: 2.0}), word(nouns.any_number))),
            (1, self.indefinite(nouns.singular)),
            (1, seq(self.shared["object_singular"], word(nouns.singular))),
            (2, seq(self.shared["object_plural"], word(nouns.plural))),
        )

    def long_object(self, frame: Frame) -> Expr:
        """A noun phrase that may hold an adjective, and sometimes a complement: "two small boxes on the shelf"."""
        nouns, adjective = frame.nouns, word(frame.adjectives)
        described = alt(
            (4, seq("the", adjective, word(nouns.any_number))),
            (2, seq(self.possessive, alt((1, "own"), (1, adjective)), word(nouns.any_number))),
            (2, seq(self.indefinite(frame.adjectives), word(nouns.singular))),
            (1, seq(self.shared["object_plural"], adjective, word(nouns.plural))),
        )
        whose = {"the": 2.0, self.possessive: 1.0} if frame.personal_targets else "the"
        complement = seq(word(frame.prepositions), word(whose), word(frame.targets))
        return seq(alt((5, self.short_object(frame)), (5, described)), opt(0.3, complement))

    def frames(self, make: Callable[[Frame], Expr], used: Frame | None = None) -> Expr:
        """An expression made of any frame but the one in use, so that no sentence says the same thing twice."""
        return alt(*((1, make(frame)) for frame in self.topic.frames if frame is not used))

    # predicates

    def predicate(self, tense: str, used: Frame | None = None) -> Expr:
        """Everything after the subject; `used` is the frame that the subject's relative clause took."""
        return alt(
            (42, self.frames(lambda frame: self.action(tense, frame), used)),
            (20, self.speech(tense, used)),
            (16, self.state(tense, used)),
            (12, self.activity(tense, used)),
            (10, self.wish(tense, used)),
        )

    def verb(self, tense: str, frame: Frame) -> Expr:
        """"checks", "is checking"."""
        simple = self.finite(frame.verbs, tense)
        return alt((3, simple), (1, self.progressive(tense, frame))) if self.gerunds else simple

    def main_verb(self, tense: str, frame: Frame) -> Expr:
        """"often checks", "is checking", "must check"."""
        return alt(
            (6, seq(self.often(), self.finite(frame.verbs, tense))),
            (2 if self.gerunds else 0, self.progressive(tense, frame)),
            (2, self.modal("modals_" + tense, frame)),
        )

    def action(self, tense: str, frame: Frame) -> Expr:
        """A verb of the topic and its object, then an ending, or a gerund, or another clause."""
        gerund = self.frames(lambda other: seq(self.gerund(other), self.errand(other)), frame)
        after = alt(
            (42, self.action_ending(0.8)),
            (48, self.second_clause(tense, frame)),
            (10 if self.gerunds else 0, seq(word(self.lexicon.words.get("gerund_prepositions", ["after"])), gerund)),
        )
        return seq(self.main_verb(tense, frame), self.long_object(frame), after)

    def errand(self, frame: Frame) -> Expr:
        """An object that ends the clause, after any form of the verb: "the chart before lunch"."""
        return seq(self.short_object(frame), self.action_ending(0.4))

    def second_clause(self, tense: str, used: Frame | None) -> Expr:
        """"before she cleans the needle", "and then cleans the needle", "because she is ready"."""
        conjunction = self.shared["time_conjunctions"]
        at_a_time = self.frames(lambda frame: seq(self.verb(tense, frame), self.errand(frame)), used)
        next_step = self.frames(lambda frame: seq(self.finite(frame.verbs, tense), self.errand(frame)), used)
        be = BE[self.latent.number, tense]
        reason = alt(
            (3, seq("because", self.subject, be, self.shared["strengths"])),
            (3, seq("although", self.subject, be, self.shared["hardships"])),
            (2, seq("although", self.trouble(tense))),
        )
        return alt(
            (4, seq(conjunction, self.subject, at_a_time)), (2, seq("and", opt(0.6, "then"), next_step)), (4, reason)
        )

    def trouble(self, tense: str) -> Expr:
        """"the noise worries her"."""
        affects = self.english.past if tense == "past" else self.english.third_person
        verbs = word(self.inflected(self.lexicon.words["trouble_verbs"], affects))
        return seq("the", self.shared["troubles"], verbs, self.object)

    def speech(self, tense: str, used: Frame | None) -> Expr:
        """"says that she checks the chart", "thinks that she is ready", "knows that she works at night"."""
        states = word(add(self.lexicon.words["strengths"], self.lexicon.words["hardships"]))
        action = self.frames(lambda frame: seq(self.main_verb(tense, frame), self.errand(frame)), used)
        content = alt(
            (5, action),
            (2, seq(BE[self.latent.number, tense], states, self.ending(0.4))),
            (3, self.located_activity(tense)),
        )
        return seq(self.finite(self.lexicon.words["sayings"], tense), opt(0.7, "that"), self.subject, content)

    def located_activity(self, tense: str) -> Expr:
        """"works at night", "waits near the door"."""
        where = alt((1, self.ending(1.0)), (1, seq(self.spot(), self.ending(0.4))))
        return seq(self.finite(self.lexicon.words["activities"], tense), where)

    def state(self, tense: str, used: Frame | None) -> Expr:
        """"is very tired because …", "is ready to check the chart"."""
        strengths, hardships = self.shared["strengths"], self.shared["hardships"]
        toil = seq(self.subject, self.finite(self.lexicon.words["toil"], tense), self.hour())
        duty = self.duty("duties_" + tense, used)
        because = seq("because", alt((3, duty), (2, self.trouble(tense)), (2, toil)))
        fortune = seq("because", self.duty("chances_" + tense, used))
        despite = seq("although", alt((1, self.trouble(tense)), (1, duty)))
        purpose = self.frames(lambda frame: seq(word(frame.verbs), self.errand(frame)), used)
        degree = opt(0.4, self.shared["degrees"])
        return seq(
            BE[self.latent.number, tense],
            alt(
                (4, seq(degree, hardships, alt((2, self.ending(0.8)), (5, because)))),
                (4, seq(degree, strengths, alt((2, self.ending(0.8)), (3, fortune), (2, despite)))),
                (2, seq(self.shared["willing"], "to", purpose)),
            ),
        )

    def duty(self, modals: str, used: Frame | None) -> Expr:
        """"she must check the chart"."""
        return seq(self.subject, self.frames(lambda frame: seq(self.modal(modals, frame), self.errand(frame)), used))

    def activity(self, tense: str, used: Frame | None) -> Expr:
        """"waits near the door while she reads the chart"."""
        verb = seq(self.often(), self.finite(self.lexicon.words["activities"], tense))
        ended = seq(self.spot(), self.ending(0.4))
        linked = seq(opt(0.6, self.spot()), self.second_clause(tense, used))
        return seq(verb, alt((2, self.ending(1.0)), (4, ended), (5, linked)))

    def wish(self, tense: str, used: Frame | None) -> Expr:
        """"wants to check the chart in the morning"."""
        purpose = self.frames(lambda frame: seq(word(frame.verbs), self.errand(frame)), used)
        return seq(self.finite(self.lexicon.words["wishes"], tense), "to", purpose)
