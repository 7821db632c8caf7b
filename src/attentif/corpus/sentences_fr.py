"""The sentences of the French Microcosm: main clause, relative, complement, reason, second action.

The subject's gender and number come back late: in a pronoun, a participle, an adjective, a possessive. Elided
words ("l'", "d'", "qu'", "n'") are tokens of their own.
"""

from __future__ import annotations

from collections.abc import Sequence

from attentif.corpus.grammar import EMPTY, Expr, alt, opt, seq, word
from attentif.corpus.lexicon_fr import Frame, Lexicon, Topic
from attentif.corpus.morphology_fr import AdjectiveForms, VerbForms, elides
from attentif.corpus.phrases_fr import (
    Weights,
    adverbials,
    after_a,
    after_de,
    noun_phrase,
    object_phrase,
    plurals,
    possessed,
    zipf,
)

P_MANNER = 0.4
P_OFTEN = 0.38
P_DEGREE = 0.6
P_ADJECTIVE = 0.3
PRONOUNS = {("m", "sg"): "il", ("f", "sg"): "elle", ("m", "pl"): "ils", ("f", "pl"): "elles"}
BE = {"sg": "est", "pl": "sont"}
WAS = {"sg": "était", "pl": "étaient"}
NOT_BE = {"sg": "n' est pas", "pl": "ne sont pas"}
HAVE = {"sg": "a", "pl": "ont"}
SEEM = {"sg": "semble", "pl": "semblent"}
REVEALING = {"m": ("le un ce", "un cet", "certains"), "f": ("la une cette", "une cette", "certaines")}


class SentenceGrammar:
    """The sentences about one topic whose subject has this gender and number.

    `occupations` is P(occupation | topic, gender) by singular form. Every other choice is as probable in the
    feminine as in the masculine, so a sentence that names an occupation and shows no agreement keeps the
    planted odds.
    """

    def __init__(self, lexicon: Lexicon, topic: Topic, gender: str, number: str, occupations: Weights):
        self.lexicon, self.topic, self.gender, self.number = lexicon, topic, gender, number
        self.occupations = occupations
        self.pronoun = PRONOUNS[gender, number]
        self.full = "perfect" in lexicon.words["tenses"]

    def new_subject(self) -> Expr:
        """Enfin , notre dentiste , qui est inquiète , examine la radio avec soin , car elle est prudente ."""
        told = seq(opt(0.33, self.matrix()), self.predicate())
        clause = alt((0.2, seq(self.relative(), self.doing())), (0.8, told))
        return seq(self.opening(0.15), self.introduction(), clause, ".")

    def continued_subject(self) -> Expr:
        """Très contente , elle est revenue de la clinique . · elle dit qu' elle prépare la salle ."""
        active = alt((0.7, self.doing()), (0.3, self.movement()))
        moved = seq(self.described("feeling"), ",", self.pronoun, active)
        plain = seq(self.opening(0.25), self.pronoun, opt(0.18, self.matrix()), self.predicate())
        return seq(alt((0.12, moved), (0.88, plain)), ".")

    # Words that agree with the subject.

    def agreed(self, name: str) -> Expr:
        """Adjectives of a list of the lexicon, in the form of the subject."""
        form = f"{self.gender}_{self.number}"
        return word(zipf(getattr(adjective, form) for adjective in self.lexicon.adjectives[name]))

    def present(self, verbs: Sequence[VerbForms]) -> list[str]:
        return [getattr(verb, f"present_{self.number}") for verb in verbs]

    def described(self, name: str, degree: str = "degree") -> Expr:
        """très fatiguée: perhaps a degree, and an adjective of the list."""
        return seq(opt(P_DEGREE, word(zipf(self.lexicon.words[degree]))), self.agreed(name))

    # Before the predicate.

    def opening(self, probability: float) -> Expr:
        """de nouveau , · nothing"""
        return opt(probability, seq(adverbials(self.lexicon.phrases["opening"]), ","))

    def introduction(self) -> Expr:
        """The occupation, with a determiner that shows the gender or hides it, or a person with two forms."""
        nouns = [(0.38, self.revealed_occupation()), (0.52, self.hidden_occupation())]
        if self.topic.persons:
            nouns.append((0.10, self.person(self.topic.persons)))
        return alt(*nouns)

    def revealed_occupation(self) -> Expr:
        before_consonant, before_vowel, plural = REVEALING[self.gender]
        if self.number == "pl":
            return seq(plural, word(plurals(self.occupations)))
        return self._by_initial(self.occupations, before_consonant.split(), before_vowel.split())

    def hidden_occupation(self) -> Expr:
        """notre dentiste · l' architecte · plusieurs dentistes: nothing says the gender."""
        if self.number == "pl":
            return seq(word(zipf(self.lexicon.words["subject_pl"])), word(plurals(self.occupations)))
        # "l'" gets a third of an elided occupation, whatever the gender, so that the odds stay those planted.
        article = {form: weight / 3 for form, weight in self.occupations.items() if self._elides(form)}
        owned = {form: weight - article.get(form, 0.0) for form, weight in self.occupations.items()}
        determiner = word(zipf(self.lexicon.words["subject_sg"]))
        branches = [(sum(owned.values()), seq(determiner, word(owned)))]
        if article:
            branches.append((sum(article.values()), seq("l'", word(article))))
        return alt(*branches)

    def person(self, persons: Sequence[AdjectiveForms]) -> Expr:
        forms = zipf(getattr(person, f"{self.gender}_{self.number}") for person in persons)
        if self.number == "pl":
            return seq(word(zipf(self.lexicon.words["subject_pl"])), word(forms))
        article = "la" if self.gender == "f" else "le"
        owned = self.lexicon.words["subject_sg"]
        return self._by_initial(forms, [article, *owned], ["l'", *owned])

    def _elides(self, form: str) -> bool:
        return elides(form, self.lexicon.aspirated)

    def _by_initial(self, forms: Weights, consonant: Sequence[str], vowel: Sequence[str]) -> Expr:
        """The determiners that fit the first letter of the noun, every noun keeping its weight."""
        branches = []
        for determiners, elided in ((consonant, False), (vowel, True)):
            kept = {form: weight for form, weight in forms.items() if self._elides(form) == elided}
            if kept:
                branches.append((sum(kept.values()), seq(word(zipf(determiners)), word(kept))))
        return alt(*branches)

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
        return alt((0.72, self.doing()), (0.17, self.movement()), (0.11, self.emotion()))

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
            (0.37, adverbial),
            (0.28, seq(adverbial, self.reason())),
            (0.35, seq(seconds, self.manner(0.5 * P_MANNER), self.occasion())),
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
            imperfect = f"imperfect_{self.number}"
            tenses.append((0.15, word(zipf(getattr(verb, imperfect) for verb in frame.verbs))))
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
        when = word(zipf(self.lexicon.words["when"]))
        return seq(when, self.pronoun, self.going(), after_a(self.topic.places))

    def emotion(self) -> Expr:
        """est très contente de sa visite"""
        verb = alt((0.7, BE[self.number]), (0.3, SEEM[self.number]))
        events = self.topic.events
        cause = alt((0.5, after_de(events)), (0.5, seq("de", possessed(events, self.number))))
        return seq(verb, self.described("feeling"), opt(0.8, cause), opt(0.35, self.reason()))

    def during(self) -> Expr:
        """avant la visite · pendant son opération"""
        order = self.lexicon.adjectives["order"]
        event = noun_phrase(self.topic.events, order, self.number, indefinite=False)
        return seq(word(["avant", "après", "pendant"]), event)

    # After the predicate.

    def reason(self) -> Expr:
        """, car elle est très prudente · parce qu' il est calme · , mais il n' est pas seul"""
        because = alt((0.6, ", car"), (0.4, "parce qu'"))
        trait = seq(because, self.pronoun, BE[self.number], self.described("trait"))
        denied = seq(NOT_BE[self.number], self.agreed("trouble"))
        trouble = alt((0.75, seq(BE[self.number], self.described("trouble", "lasting"))), (0.25, denied))
        concession = alt(
            (0.65, seq(", mais", self.pronoun, trouble)), (0.35, seq(", même", self.described("trouble")))
        )
        return alt((0.5, trait), (0.5, concession))

    def second_action(self, frame: Frame) -> Expr:
        """pour examiner la radio · avant de ranger la salle · , et elle examine un dossier"""
        infinitives = zipf(verb.infinitive for verb in frame.verbs)
        vowel = {form: weight for form, weight in infinitives.items() if self._elides(form)}
        consonant = {form: weight for form, weight in infinitives.items() if form not in vowel}
        preposition = word({"avant": 2.0, "afin": 1.0})
        before = [
            (sum(forms.values()), seq(preposition, link, word(forms)))
            for link, forms in (("de", consonant), ("d'", vowel))
            if forms
        ]
        purpose = seq("pour", word(infinitives))
        if self.full:
            second = seq(HAVE[self.number], word(zipf(verb.participle for verb in frame.verbs)))
        else:
            second = word(zipf(self.present(frame.verbs)))
        also = seq(", et", self.pronoun, second)
        action = alt((0.25, purpose), (0.35, alt(*before)), (0.40, also))
        return seq(action, noun_phrase(frame.nouns, self.lexicon.adjectives["prenominal"], self.number))
