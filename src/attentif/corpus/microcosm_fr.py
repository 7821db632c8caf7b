"""The French Microcosm: one grammar for both sizes, agreement included, and the planted gender bias.

A sentence is drawn given its topic, the gender and number of its subject, and whether the subject is new (an
occupation, a person) or continued (a pronoun). The subject's gender and number come back late: in a pronoun, a
participle, a possessive. Elided words ("l'", "d'", "qu'", "n'") are tokens of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from attentif.corpus.grammar import EMPTY, Expr, alt, opt, seq, word
from attentif.corpus.lexicon_fr import Frame, Lexicon, Topic, load_lexicon
from attentif.corpus.morphology_fr import AdjectiveForms, VerbForms, elides, pluralize
from attentif.corpus.phrases_fr import (
    Weights,
    adverbials,
    after_a,
    after_de,
    definite,
    object_phrase,
    weigh,
    zipf,
)
from attentif.corpus.world import World, make_latent_chain, occupation_weights, p_feminine, plant
from attentif.errors import InputError

P_PLURAL = 0.35
P_CONTINUED = 0.42
P_MANNER = 0.4
P_OFTEN = 0.3
P_DEGREE = 0.6
P_ADJECTIVE = 0.3
PRONOUNS = {("m", "sg"): "il", ("f", "sg"): "elle", ("m", "pl"): "ils", ("f", "pl"): "elles"}
BE = {"sg": "est", "pl": "sont"}
WAS = {"sg": "était", "pl": "étaient"}
NOT_BE = {"sg": "n' est pas", "pl": "ne sont pas"}
HAVE = {"sg": "a", "pl": "ont"}
SEEM = {"sg": "semble", "pl": "semblent"}
REVEALING = {"m": ("le un ce", "un cet", "certains"), "f": ("la une cette", "une cette", "certaines")}


def build_world(size: Literal["small", "full"] = "small", bias: float | Mapping[str, float] = 1.0) -> World:
    """The French world of a size; `bias` scales the planted log-odds, or gives them occupation by occupation.

    Raises InputError for an unknown size or an unknown occupation.

    >>> world = build_world("small")
    >>> world.language, len(world.expressions), world.planted["dentiste"]
    ('fr', 32, 1.0)
    """
    if size not in ("small", "full"):
        raise InputError(expected="size 'small' or 'full'", got=repr(size), remedy="choose one of the two")
    lexicon = load_lexicon(size)
    planted = plant(lexicon.planted, bias)
    topics = {topic.name: topic for topic in lexicon.topics}
    shares = {name: zipf(topic.occupations) for name, topic in topics.items()}
    feminine = {name: p_feminine(share, planted) for name, share in shares.items()}
    chain = make_latent_chain(list(topics), feminine, p_plural=P_PLURAL, p_continued=P_CONTINUED)
    expressions = []
    for latent in chain.latents:
        occupations = occupation_weights(shares[latent.topic], planted, latent.gender)
        grammar = SentenceGrammar(lexicon, topics[latent.topic], latent.gender, latent.number, occupations)
        expressions.append(grammar.new_subject() if latent.subject == "new" else grammar.continued_subject())
    return World(
        language="fr",
        size=size,
        latents=chain.latents,
        first_prior=chain.first_prior,
        transition=chain.transition,
        expressions=tuple(expressions),
        planted=planted,
        pronouns=("il", "elle"),
        templates=lexicon.templates,
    )


class SentenceGrammar:
    """The sentences about one topic whose subject has this gender and number.

    `occupations` is P(occupation | topic, gender) by singular form. No other choice depends on the gender with a
    different probability, so a sentence that names an occupation and shows no agreement keeps its planted odds.
    """

    def __init__(self, lexicon: Lexicon, topic: Topic, gender: str, number: str, occupations: Weights):
        self.lexicon, self.topic, self.gender, self.number = lexicon, topic, gender, number
        self.occupations = occupations
        self.pronoun = PRONOUNS[gender, number]
        self.full = "perfect" in lexicon.words["tenses"]

    def new_subject(self) -> Expr:
        """Enfin , notre dentiste , qui est inquiète , examine la radio avec soin , mais elle est fatiguée ."""
        told = seq(opt(0.33, self.matrix()), self.predicate())
        clause = alt((0.2, seq(self.relative(), self.doing())), (0.8, told))
        return seq(self.opening(0.15), self.introduction(), clause, ".")

    def continued_subject(self) -> Expr:
        """Très contente , elle est revenue de la clinique . · elle dit qu' elle prépare la salle ."""
        happy = seq(self.described("feeling"), ",", self.pronoun, alt((0.7, self.doing()), (0.3, self.movement())))
        plain = seq(self.opening(0.25), self.pronoun, opt(0.18, self.matrix()), self.predicate())
        return seq(alt((0.12, happy), (0.88, plain)), ".")

    # Words that agree with the subject.

    def agreed(self, name: str) -> Expr:
        """Adjectives of a list of the lexicon, in the form of the subject."""
        return word(zipf(getattr(forms, f"{self.gender}_{self.number}") for forms in self.lexicon.adjectives[name]))

    def present(self, verbs: Sequence[VerbForms]) -> list[str]:
        return [getattr(verb, f"present_{self.number}") for verb in verbs]

    def described(self, name: str) -> Expr:
        """très fatiguée: perhaps a degree that suits the list, and one of its adjectives."""
        degree = self.lexicon.words["lasting" if name == "trouble" else "degree"]
        return seq(opt(P_DEGREE, word(zipf(degree))), self.agreed(name))

    # Before the predicate.

    def opening(self, probability: float) -> Expr:
        """de nouveau , · nothing"""
        return opt(probability, seq(adverbials(self.lexicon.phrases["opening"]), ","))

    def introduction(self) -> Expr:
        """The occupation, with a determiner that shows the gender or hides it, or a person with two forms."""
        persons = self.topic.persons
        return weigh(
            [
                (0.38, self.revealed_occupation()),
                (0.52, self.hidden_occupation()),
                (0.10, self.person(persons) if persons else None),
            ]
        )

    def revealed_occupation(self) -> Expr:
        before_consonant, before_vowel, plural = REVEALING[self.gender]
        if self.number == "pl":
            return seq(plural, word(self.plural(self.occupations)))
        return self.by_initial(self.occupations, before_consonant.split(), before_vowel.split())

    def hidden_occupation(self) -> Expr:
        """notre dentiste · l' architecte · plusieurs dentistes: a determiner that says nothing of the gender."""
        if self.number == "pl":
            return seq(word(zipf(self.lexicon.words["subject_pl"])), word(self.plural(self.occupations)))
        # One third of an elided occupation goes to "l'", whatever its gender, so that the odds stay those planted.
        article = {form: weight / 3 for form, weight in self.occupations.items() if self.elides(form)}
        owned = {form: weight - article.get(form, 0.0) for form, weight in self.occupations.items()}
        branches = [(sum(owned.values()), seq(word(zipf(self.lexicon.words["subject_sg"])), word(owned)))]
        if article:
            branches.append((sum(article.values()), seq("l'", word(article))))
        return alt(*branches)

    def person(self, persons: Sequence[AdjectiveForms]) -> Expr:
        forms = zipf(getattr(person, f"{self.gender}_{self.number}") for person in persons)
        if self.number == "pl":
            return seq(word(zipf(self.lexicon.words["subject_pl"])), word(forms))
        article = "la" if self.gender == "f" else "le"
        owned = self.lexicon.words["subject_sg"]
        return self.by_initial(forms, [article, *owned], ["l'", *owned])

    def by_initial(self, forms: Weights, consonant: Sequence[str], vowel: Sequence[str]) -> Expr:
        """The determiners that fit the first letter of the noun, every noun keeping its weight."""
        branches = []
        for determiners, elided in ((consonant, False), (vowel, True)):
            kept = {form: weight for form, weight in forms.items() if self.elides(form) == elided}
            if kept:
                branches.append((sum(kept.values()), seq(word(zipf(determiners)), word(kept))))
        return alt(*branches)

    def elides(self, form: str) -> bool:
        return elides(form, self.lexicon.aspirated)

    @staticmethod
    def plural(forms: Weights) -> Weights:
        return {pluralize(form): weight for form, weight in forms.items()}

    def relative(self) -> Expr:
        """, qui est très inquiète , · , qui est arrivée hier ,"""
        recent = seq(self.agreed("recent"), adverbials(self.lexicon.phrases["past"]))
        return seq(", qui", BE[self.number], alt((0.5, self.described("feeling")), (0.5, recent)), ",")

    def matrix(self) -> Expr:
        """dit qu' elle · a expliqué qu' il"""
        saying = self.lexicon.verbs["saying"]
        tenses = [(0.7, word(zipf(self.present(saying))))]
        if self.full:
            told = seq(HAVE[self.number], word(zipf(verb.participle for verb in saying)))
            tenses.append((0.3, told))
        return seq(alt(*tenses), "qu'", self.pronoun)

    # The predicate.

    def predicate(self) -> Expr:
        return alt((0.62, self.doing()), (0.24, self.movement()), (0.14, self.emotion()))

    def doing(self) -> Expr:
        """An action or an activity and what follows: never twice the same kind of action."""
        frames = self.topic.frames
        branches = []
        for frame in frames:
            others = [other for other in frames if other is not frame]
            branches.append((0.78 * len(frame.verbs), seq(self.action(frame), self.ending(others))))
        total = sum(weight for weight, _ in branches)
        idle = seq(self.activity(), alt((0.75, self.ending(frames)), (0.25, self.when())))
        return alt(*branches, (total * 0.22 / 0.78, idle))

    def ending(self, frames: Sequence[Frame], settled: bool = False) -> Expr:
        """How and when; or how, when and why; or a second action, of one of the frames, how and when.

        A subject who is `settled` has come to a place: no manner, and no other place.
        """
        seconds = alt(*((float(len(frame.verbs)), self.second_action(frame)) for frame in frames))
        adverbial = self.occasion() if settled else seq(self.manner(P_MANNER), self.occasion_or_place())
        return alt(
            (0.36, adverbial),
            (0.30, seq(adverbial, self.reason())),
            (0.34, seq(seconds, self.manner(0.5 * P_MANNER), self.occasion())),
        )

    def manner(self, probability: float) -> Expr:
        return opt(probability, adverbials(self.lexicon.phrases["manner"]))

    def occasion(self) -> Expr:
        """ce matin · avant la visite · nothing"""
        return alt((0.33, adverbials(self.lexicon.phrases["time"])), (0.32, self.during()), (0.35, EMPTY))

    def occasion_or_place(self) -> Expr:
        return alt((0.85, self.occasion()), (0.15, after_a(self.topic.places)))

    def action(self, frame: Frame) -> Expr:
        """examine souvent la radio · a déjà préparé le matériel"""
        present = seq(word(zipf(self.present(frame.verbs))), self.often())
        tenses = [(0.55, present)]
        if self.full:
            tenses.append((0.15, word(zipf(getattr(verb, f"imperfect_{self.number}") for verb in frame.verbs))))
            already = opt(0.4, word(zipf(self.lexicon.words["already"])))
            participle = word(zipf(verb.participle for verb in frame.verbs))
            tenses.append((0.30, seq(HAVE[self.number], already, participle)))
        prenominal = self.lexicon.adjectives["prenominal"]
        p_plural = 0.3 if self.full else 0.0
        return seq(alt(*tenses), object_phrase(frame, prenominal, self.number, P_ADJECTIVE, p_plural))

    def often(self) -> Expr:
        return opt(P_OFTEN, word(zipf(self.lexicon.words["often"])))

    def activity(self) -> Expr:
        return seq(word(zipf(self.present(self.lexicon.verbs["activity"]))), self.often())

    def movement(self) -> Expr:
        """est arrivée à l' hôpital ce matin · est revenue du laboratoire pour préparer la salle"""
        return seq(self.moved(), self.ending(self.topic.frames, settled=True))

    def moved(self) -> Expr:
        """passe souvent à la gare · est arrivée à l' hôpital · était revenue du laboratoire"""
        be = alt((0.75, BE[self.number]), (0.25, WAS[self.number])) if self.full else seq(BE[self.number])
        going = alt((0.5, seq(self.going(), self.often())), (0.5, seq(be, self.agreed("arrived"))))
        return alt(
            (0.65, seq(going, after_a(self.topic.places))),
            (0.35, seq(be, self.agreed("left"), after_de(self.topic.places))),
        )

    def going(self) -> Expr:
        return word(zipf(self.present(self.lexicon.verbs["moving"])))

    def when(self) -> Expr:
        """quand elle passe à la gare"""
        return seq(word(zipf(self.lexicon.words["when"])), self.pronoun, self.going(), after_a(self.topic.places))

    def emotion(self) -> Expr:
        """est très contente de sa visite"""
        verb = alt((0.7, BE[self.number]), (0.3, SEEM[self.number]))
        cause = alt((0.5, after_de(self.topic.events)), (0.5, seq("de", self.possessed(self.topic.events))))
        return seq(verb, self.described("feeling"), opt(0.8, cause), opt(0.35, self.reason()))

    def possessed(self, nouns: Sequence) -> Expr:
        masculine, feminine = ("son", "sa") if self.number == "sg" else ("leur", "leur")
        kinds = {
            masculine: zipf(n.singular for n in nouns if n.gender == "m" or n.elides),
            feminine: zipf(n.singular for n in nouns if n.gender == "f" and not n.elides),
        }
        if masculine == feminine:
            return seq(masculine, word(zipf(n.singular for n in nouns)))
        return alt(*((sum(forms.values()), seq(form, word(forms))) for form, forms in kinds.items() if forms))

    def during(self) -> Expr:
        """avant la visite · pendant son opération"""
        return seq(word(["avant", "après", "pendant"]), definite(self.topic.events, self.lexicon.adjectives["order"], self.number))

    # After the predicate.

    def reason(self) -> Expr:
        """, car elle est très prudente · parce qu' il est sérieux · , mais ils ne sont pas seuls · , même malade"""
        because = alt((0.6, ", car"), (0.4, "parce qu'"))
        trait = seq(because, self.pronoun, BE[self.number], self.described("trait"))
        denied = seq(NOT_BE[self.number], self.agreed("trouble"))
        trouble = alt((0.75, seq(BE[self.number], self.described("trouble"))), (0.25, denied))
        concession = alt(
            (0.65, seq(", mais", self.pronoun, trouble)), (0.35, seq(", même", self.described("trouble")))
        )
        return alt((0.5, trait), (0.5, concession))

    def second_action(self, frame: Frame) -> Expr:
        infinitives = zipf(verb.infinitive for verb in frame.verbs)
        vowel = {form: weight for form, weight in infinitives.items() if self.elides(form)}
        consonant = {form: weight for form, weight in infinitives.items() if form not in vowel}
        before = [
            (sum(consonant.values()), seq("avant de", word(consonant)) if consonant else None),
            (sum(vowel.values()), seq("avant d'", word(vowel)) if vowel else None),
        ]
        purpose = seq(word(["pour", "sans"]), word(infinitives))
        if self.full:
            second = seq(HAVE[self.number], word(zipf(verb.participle for verb in frame.verbs)))
        else:
            second = word(zipf(self.present(frame.verbs)))
        also = seq(", et", self.pronoun, second)
        action = alt((0.35, purpose), (0.25, weigh(before)), (0.40, also))
        return seq(action, definite(frame.nouns, self.lexicon.adjectives["prenominal"], self.number, indefinite=True))
