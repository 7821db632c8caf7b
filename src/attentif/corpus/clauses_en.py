"""English clauses of Microcosm: what may follow a subject of known topic, gender and number.

Every pronoun, possessive and reflexive in a clause stands for its subject, and every verb agrees with it, so
that gender and number come back late in a sentence that showed them early, or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from attentif.corpus.grammar import EMPTY, Expr, alt, opt, seq, word
from attentif.corpus.lexicon_en import Frame, Lexicon, Topic, Weights, add
from attentif.corpus.morphology_en import Morphology

# nominative, objective, possessive, reflexive
PRONOUNS = {
    "m": ("he", "him", "his", "himself"),
    "f": ("she", "her", "her", "herself"),
    "pl": ("they", "them", "their", "themselves"),
}
BE = {("sg", "present"): "is", ("pl", "present"): "are", ("sg", "past"): "was", ("pl", "past"): "were"}


def phrases(weights: Weights) -> Expr:
    """One of the entries, of one token or of several; "last week|year" is "last week" or "last year"."""
    tokens = {entry: weight for entry, weight in weights.items() if " " not in entry}
    longer = [
        (weight, seq(*(word(slot.split("|")) for slot in entry.split())))
        for entry, weight in weights.items()
        if entry not in tokens
    ]
    return alt((sum(tokens.values()), word(tokens)), *longer) if tokens else alt(*longer)


def closed_lists(lexicon: Lexicon) -> dict[str, Expr]:
    """The lists shared by all topics as expressions, with the unions that clauses need."""
    words = dict(lexicon.words)
    words["states"] = add(words["strengths"], words["hardships"])
    for tense in lexicon.tenses:
        words["openers_" + tense] = add(words["openers"], words.get("times_" + tense, {}))
    return {name: phrases(weights) for name, weights in words.items()}


def indefinite(words: Weights, english: Morphology) -> Expr:
    """The article "a" or "an" and one of the words, each with its weight."""
    groups = {
        article: {form: weight for form, weight in words.items() if english.article(form) == article}
        for article in ("a", "an")
    }
    return alt(*((sum(kept.values()), seq(article, word(kept))) for article, kept in groups.items() if kept))


class Clauses:
    """The predicates of one subject, a person or several (`number` "pl", where the gender is None).

    `closed` holds the expressions of `closed_lists`.
    """

    def __init__(
        self, lexicon: Lexicon, closed: Mapping[str, Expr], topic: Topic, gender: str | None, number: str
    ):
        self.words, self.english, self.tenses = lexicon.words, lexicon.morphology, lexicon.tenses
        self.closed, self.topic, self.gender, self.number = closed, topic, gender, number
        self.gerunds = "gerund_prepositions" in closed
        self.subject, self.object, self.possessive, self.reflexive = PRONOUNS[gender or "pl"]
        self.whose = word({"the": 3.0, self.possessive: 2.0})

    def predicate(self, tense: str, used: Frame | None = None) -> Expr:
        """Everything after the subject; `used` is a frame that the subject's relative clause took."""
        return alt(
            (40, self.any_frame(lambda frame: self.action(tense, frame), used)),
            (22, self.speech(tense)),
            (16, seq(BE[self.number, tense], self.state(tense))),
            (12, self.activity(tense)),
            (10, seq(self.finite(self.words["wishes"], tense), "to", self.purposes())),
        )

    def any_frame(self, make: Callable[[Frame], Expr], used: Frame | None = None) -> Expr:
        """An expression made of any frame but the one in use: no sentence says the same thing twice."""
        return alt(*((1, make(frame)) for frame in self.topic.frames if frame is not used))

    # verbs

    def inflected(self, words: Weights, inflect: Callable[[str], str]) -> Weights:
        return {inflect(form): weight for form, weight in words.items()}

    def finite(self, verbs: Weights, tense: str) -> Expr:
        """The verbs, agreeing with the subject."""
        if tense == "past":
            return word(self.inflected(verbs, self.english.past))
        return word(self.inflected(verbs, self.english.third_person) if self.number == "sg" else verbs)

    def gerund(self, frame: Frame) -> Expr:
        return word(self.inflected(frame.verbs, self.english.gerund))

    def verb(self, tense: str, frame: Frame) -> Expr:
        """A verb with no auxiliary but to be: "checks", "is checking"."""
        simple = self.finite(frame.verbs, tense)
        if not self.gerunds:
            return simple
        return alt((3, simple), (1, seq(BE[self.number, tense], self.gerund(frame))))

    def main_verb(self, tense: str, frame: Frame) -> Expr:
        """The verb of a main clause: "checks", "is checking", "often checks", "must check"."""
        often = seq(self.closed["adverbs"], self.finite(frame.verbs, tense))
        modal = seq(self.closed["modals_" + tense], word(frame.verbs))
        return alt((6, self.verb(tense, frame)), (2, often), (2, modal))

    # objects

    def short_object(self, frame: Frame) -> Expr:
        """A noun phrase without adjective: "the box", "her boxes", "a box", "one of the boxes"."""
        nouns = frame.nouns
        return alt(
            (6, seq(self.whose, word(nouns.any_number))),
            (1, indefinite(nouns.singular, self.english)),
            (1, seq(self.closed["object_singular"], word(nouns.singular))),
            (2, seq(self.closed["object_plural"], word(nouns.plural))),
            (2, seq(self.closed["quantities"], "of", self.whose, word(nouns.plural))),
            (1, seq("the", self.closed["selectors"], word(nouns.any_number))),
        )

    def long_object(self, frame: Frame) -> Expr:
        """A noun phrase that may hold an adjective and a complement: "two small boxes on the shelf"."""
        nouns, adjective = frame.nouns, word(frame.adjectives)
        described = alt(
            (4, seq("the", adjective, word(nouns.any_number))),
            (3, seq(self.possessive, alt((1, "own"), (2, adjective)), word(nouns.any_number))),
            (2, seq(indefinite(frame.adjectives, self.english), word(nouns.singular))),
            (1, seq(self.closed["object_plural"], adjective, word(nouns.plural))),
        )
        determiners = {"the": word("the"), "nothing": EMPTY, "the or possessive": self.whose}
        complement = seq(word(frame.prepositions), determiners[frame.before_targets], word(frame.targets))
        return seq(alt((1, self.short_object(frame)), (1, described)), opt(0.3, complement))

    @cached_property
    def errands(self) -> dict[Frame, Expr]:
        """An object that ends the sentence, after any form of the verb: "the chart before the visit"."""
        ending = opt(0.4, alt((2, self.hour), (2, self.event), (1, self.closed["manners"])))
        return {frame: seq(self.short_object(frame), ending) for frame in self.topic.frames}

    def purposes(self, used: Frame | None = None) -> Expr:
        """What comes after "to" or "must": "check the chart in the morning"."""
        return self.any_frame(lambda frame: seq(word(frame.verbs), self.errands[frame]), used)

    # what closes a clause

    @cached_property
    def hour(self) -> Expr:
        return alt((3, seq("in the", self.closed["parts_of_day"])), (2, seq("at", self.closed["hours"])))

    @cached_property
    def event(self) -> Expr:
        return seq(self.closed["event_prepositions"], "the", word(self.topic.events))

    def ending(self, probability: float, *extra: tuple[float, Expr]) -> Expr:
        """Perhaps an hour, an event, or what else suits the verb."""
        own_event = seq(self.closed["event_prepositions"], self.possessive, self.closed["own_events"])
        return opt(probability, alt((2, self.hour), (2, self.event), (1, own_event), *extra))

    def action_ending(self, probability: float) -> Expr:
        """An ending that may also say how a thing is done: "by herself", "carefully"."""
        alone = seq(self.closed["alone_prepositions"], self.reflexive)
        return self.ending(probability, (1, alone), (1, self.closed["manners"]))

    # predicates

    def action(self, tense: str, frame: Frame) -> Expr:
        """A verb of the topic and its object, then an ending, or a gerund, or another clause."""
        next_step = seq("and", opt(0.6, "then"), self.subject, self.other_action(tense, frame))
        after = [(32, self.action_ending(0.8)), (46, self.second_clause(tense, frame)), (12, next_step)]
        if self.gerunds:
            things = self.any_frame(
                lambda other: seq(self.gerund(other), self.whose, word(other.nouns.any_number)), frame
            )
            after.append((10, seq(self.closed["gerund_prepositions"], things)))
        return seq(self.main_verb(tense, frame), self.long_object(frame), alt(*after))

    def other_action(self, tense: str, used: Frame | None = None) -> Expr:
        """Another thing that is done: "cleans the needle"."""
        return self.any_frame(lambda frame: seq(self.finite(frame.verbs, tense), self.errands[frame]), used)

    def second_clause(self, tense: str, used: Frame | None = None) -> Expr:
        """A subordinate clause: "before she cleans the needle", "although the noise worries her"."""
        be = BE[self.number, tense]
        chance = alt((1, self.duty("chances_" + tense, used)), (1, seq(be, self.closed["strengths"])))
        obstacle = alt((1, self.duty("duties_" + tense, used)), (2, seq(be, self.closed["hardships"])))
        return alt(
            (9, seq(self.closed["time_conjunctions"], self.subject, self.other_action(tense, used))),
            (4, seq("because", self.subject, chance)),
            (5, seq("although", alt((3, seq(self.subject, obstacle)), (2, self.trouble(tense))))),
        )

    def trouble(self, tense: str) -> Expr:
        """What happens to the subject: "the noise worries her"."""
        affects = self.english.past if tense == "past" else self.english.third_person
        verbs = word(self.inflected(self.words["trouble_verbs"], affects))
        return seq("the", self.closed["troubles"], verbs, self.object)

    def speech(self, tense: str) -> Expr:
        """What the subject says of itself: "says that she checks the chart", "thinks that she is calm"."""
        action = alt((3, self.other_action(tense)), (1, self.duty("modals_" + tense)))
        state = seq(BE[self.number, tense], self.closed["states"], self.ending(0.4))
        where = alt((1, self.ending(1.0)), (1, seq(self.spot, self.ending(0.4))))
        content = alt((5, action), (2, state), (3, seq(self.finite(self.words["activities"], tense), where)))
        return seq(self.finite(self.words["sayings"], tense), opt(0.7, "that"), self.subject, content)

    def state(self, tense: str) -> Expr:
        """After to be: "very tired because she must check the chart", "ready to check the chart"."""
        duty, chance = self.duty("duties_" + tense), self.duty("chances_" + tense)
        toil = seq(self.finite(self.words["toil"], tense), self.ending(1.0))
        own_reason = seq(self.subject, alt((3, duty), (2, toil)))
        hard = seq("because", alt((5, own_reason), (2, self.trouble(tense))))
        despite = seq("although", alt((1, self.trouble(tense)), (1, seq(self.subject, duty))))
        good = alt((3, seq("because", self.subject, chance)), (2, despite))
        ending = self.ending(0.8)
        trait = alt(
            (1, seq(self.closed["hardships"], alt((1, ending), (3, hard)))),
            (1, seq(self.closed["strengths"], alt((1, ending), (3, good)))),
        )
        readiness = seq(self.closed["willing"], "to", self.purposes())
        return alt((7, seq(opt(0.4, self.closed["degrees"]), trait)), (2, readiness))

    def duty(self, modals: str, used: Frame | None = None) -> Expr:
        """A modal and its verb: "must check the chart"."""
        return seq(self.closed[modals], self.purposes(used))

    @cached_property
    def spot(self) -> Expr:
        return seq(self.closed["spot_prepositions"], "the", word(self.topic.spots))

    def activity(self, tense: str) -> Expr:
        """A verb without object: "waits near the door while she reads the chart"."""
        verb = seq(opt(0.3, self.closed["adverbs"]), self.finite(self.words["activities"], tense))
        ended = seq(self.spot, self.ending(0.4))
        joined = alt((4, self.second_clause(tense)), (1, seq("and", self.other_action(tense))))
        return seq(verb, alt((2, self.ending(1.0)), (3, ended), (6, seq(opt(0.6, self.spot), joined))))
