"""Hidden checks of log_probability_bias, against probabilities computed token by token from the models' arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from attentif.checks.association_scores import FIELDS, check_score
from attentif.checks.engine import CheckSet
from attentif.checks.masked_scoring import KINDS, titled
from attentif.checks.public.log_probability_bias import CUT, SLOT
from attentif.checks.refusals import check_refused
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.masked_oracle import CUT as CUT_WORDS
from attentif_grading.masked_oracle import SIGNS, UNKNOWN, WORDS, Setting
from attentif_grading.salt import rng_for

CHECKS = CheckSet("log_probability_bias")
NAME = "log_probability_bias"


@dataclass(frozen=True)
class Frame:
    """How many words stand before, between and after the slots, and which of the two comes first."""

    before: int
    between: int
    after: int
    target_first: bool


AROUND = (Frame(1, 2, 1, True), Frame(2, 0, 3, False), Frame(0, 1, 0, True), Frame(0, 3, 2, False))


@dataclass(frozen=True)
class Question:
    """A template with its words, as a request and as the oracle reads it."""

    setting: Setting
    words: tuple[str, ...]  # the template's, slots included
    first: str
    second: str
    attribute: str

    @classmethod
    def drawn(cls, rng, kind, frame, cut=False, training=False):
        """A random one; `cut` asks for an attribute of several tokens."""
        setting = Setting.drawn(rng, kind, training)
        slots = ("[TARGET]", "[ATTRIBUTE]") if frame.target_first else ("[ATTRIBUTE]", "[TARGET]")
        known = [*WORDS, *SIGNS, *CUT_WORDS]
        drawn = [
            [str(word) for word in rng.choice(known, n)] for n in (frame.before, frame.between, frame.after)
        ]
        words = (*drawn[0], slots[0], *drawn[1], slots[1], *drawn[2])
        first, second, whole = (str(word) for word in rng.choice(WORDS, 3, replace=False))
        return cls(setting, words, first, second, str(rng.choice(list(CUT_WORDS))) if cut else whole)

    def request(self, **instead):
        """The call, with some of its words replaced."""
        said = {"template": " ".join(self.words), "first": self.first, "second": self.second}
        said |= {"attribute": self.attribute} | instead
        return Request(args=(*self.setting.recipes, *said.values()))

    @cached_property
    def expected(self):
        """raw, prior and corrected."""
        written = {"[TARGET]": self.first, "[ATTRIBUTE]": self.attribute}
        tokens, numbers = self.setting.read(written.get(word, word) for word in self.words)
        here = numbers.index(self.words.index("[TARGET]"))
        hidden = self.words.index("[ATTRIBUTE]")
        tokens[here] = self.setting.mask
        seen = self.setting.log_probabilities(tokens, here)
        masked = [
            self.setting.mask if number == hidden else token
            for token, number in zip(tokens, numbers, strict=True)
        ]
        unseen = self.setting.log_probabilities(masked, here)
        one, two = (self.setting.entry(word) for word in (self.first, self.second))
        raw, prior = seen[one] - seen[two], unseen[one] - unseen[two]
        return {"raw": raw, "prior": prior, "corrected": raw - prior}


def _agrees(student, question, fields=FIELDS):
    request = question.request()
    outcome = student.run(request)
    check_score(outcome, question.expected, request, *fields)
    return outcome


def _declare(kind):
    @CHECKS.check(
        name=f"raw_{kind}",
        points=0.25,
        title=titled(kind, text("raw on unseen templates", "raw sur de nouveaux gabarits")),
        hint=text(
            "The special token before the text counts among the positions.",
            "Le jeton spécial placé avant le texte compte dans les positions.",
        ),
    )
    def raw(student, cases):
        rng = rng_for(NAME, f"raw_{kind}")
        for frame in AROUND:
            _agrees(student, Question.drawn(rng, kind, frame), ("raw",))

    @CHECKS.check(
        name=f"prior_{kind}",
        points=0.25,
        needs=(f"raw_{kind}",),
        title=titled(kind, text("prior on unseen templates", "prior sur de nouveaux gabarits")),
        hint=text(
            "The prior is read at the target's own mask, be it the first or the second of the sentence.",
            "prior se lit au masque de la cible, qu'il soit le premier ou le second de la phrase.",
        ),
    )
    def prior(student, cases):
        rng = rng_for(NAME, f"prior_{kind}")
        for frame in AROUND[:2]:
            _agrees(student, Question.drawn(rng, kind, frame), ("prior",))


for _kind in KINDS:
    _declare(_kind)

_VALUES = tuple(f"{field}_{kind}" for field in ("raw", "prior") for kind in KINDS)


@CHECKS.check(
    points=0.5,
    needs=_VALUES,
    title=text(
        "corrected, which changes its sign when the two words are exchanged",
        "corrected, qui change de signe quand on échange les deux mots",
    ),
    hint=text(
        "First minus second for raw and for the prior; then raw minus prior.",
        "Premier moins second pour raw et pour prior ; puis raw moins prior.",
    ),
)
def corrected(student, cases):
    rng = rng_for(NAME, "corrected")
    for kind in KINDS:
        for frame in AROUND[:2]:
            question = Question.drawn(rng, kind, frame)
            _agrees(student, question)
            exchanged = question.request(first=question.second, second=question.first)
            opposite = {name: -number for name, number in question.expected.items()}
            check_score(student.run(exchanged), opposite, exchanged, *FIELDS)


@CHECKS.check(
    points=0.25,
    needs=("corrected",),
    title=text(
        "unseen attributes of several tokens, before and after the target",
        "de nouveaux attributs de plusieurs jetons, avant et après la cible",
    ),
    hint=text("As many masks as tokens.", "Autant de masques que de jetons."),
)
def several_tokens(student, cases):
    rng = rng_for(NAME, "several_tokens")
    for kind in KINDS:
        for frame in AROUND[:2]:
            _agrees(student, Question.drawn(rng, kind, frame, cut=True))


@CHECKS.check(
    points=0.25,
    needs=("corrected",),
    title=text(
        "a template of nothing but its two slots", "un gabarit qui ne contient que ses deux emplacements"
    ),
    hint=text(
        "Nothing need stand around the slots; the specials are read all the same.",
        "Rien n'oblige à entourer les emplacements ; les jetons spéciaux sont lus quand même.",
    ),
)
def bare_slots(student, cases):
    rng = rng_for(NAME, "bare_slots")
    for kind in KINDS:
        for target_first in (True, False):
            _agrees(student, Question.drawn(rng, kind, Frame(0, 0, 0, target_first)))


@CHECKS.check(
    points=0.25,
    needs=("corrected",),
    title=text(
        "unseen templates with the signs of CamemBERT", "de nouveaux gabarits avec les signes de CamemBERT"
    ),
    hint=text(
        "The tokenizer tells the id of its mask, and how it writes a word in its place.",
        "Le tokenizer donne l'identifiant de son masque, et la façon dont il écrit un mot à sa place.",
    ),
)
def other_signs(student, cases):
    rng = rng_for(NAME, "other_signs")
    for frame, cut in ((AROUND[0], False), (AROUND[1], True)):
        _agrees(student, Question.drawn(rng, "camembert", frame, cut))


@CHECKS.check(
    points=0.25,
    needs=("corrected",),
    title=text(
        "evaluation mode, on unseen templates and both kinds of model",
        "mode évaluation, sur de nouveaux gabarits et les deux sortes de modèles",
    ),
    hint=text(
        "Call model.eval(), or let MaskedScorer do it.",
        "Appelez model.eval(), ou laissez MaskedScorer le faire.",
    ),
)
def evaluation(student, cases):
    rng = rng_for(NAME, "evaluation")
    for kind in KINDS:
        _agrees(student, Question.drawn(rng, kind, AROUND[0], training=True))


@CHECKS.check(
    points=0.25,
    needs=("corrected",),
    title=text(
        "words of several tokens, unknown words and missing slots refused",
        "mots de plusieurs jetons, mots inconnus et emplacements manquants refusés",
    ),
    hint=text(
        "Each is an InputError that says what is wrong.",
        "Chacun donne une InputError qui dit ce qui ne va pas.",
    ),
)
def refusals(student, cases):
    rng = rng_for(NAME, "refusals")
    for kind in KINDS:
        question = Question.drawn(rng, kind, AROUND[1])
        long = str(rng.choice(list(CUT_WORDS)))
        slot = str(rng.choice(["[TARGET]", "[ATTRIBUTE]"]))
        template = " ".join(word for word in question.words if word != slot)
        for pattern, changed in (
            (f"{CUT}|{long}", {"first": long}),
            (f"{CUT}|{long}", {"second": long}),
            (
                f"{UNKNOWN}|unknown|inconnu|vocab",
                {str(rng.choice(["first", "second", "attribute"])): UNKNOWN},
            ),
            (SLOT, {"template": template}),
        ):
            said = ", ".join(map(repr, changed.values()))
            wanted = text(f"an InputError for {said}", f"une InputError pour {said}")
            check_refused(student.run(question.request(**changed)), pattern, wanted)
