"""Public checks of log_odds, on models of both kinds whose tokenizers cut words in pieces."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import describe, require, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.fields import plain
from attentif.checks.fingerprints import ERROR
from attentif.checks.masked_scoring import KINDS, near, refusal_probe, titled
from attentif.checks.refusals import check_refused
from attentif.checks.text import text
from attentif.checks.wording import numeral

CHECKS = CheckSet("log_odds")

# Stored cases of each kind of model.
VALUES = ("first", "inside", "last", "alone", "repeated")
CAMEMBERT = ("camembert", "camembert_last")
# What an error must speak of, by stored case.
CUT = "token|jeton|piece|morceau"
WORDS = {
    "refuses_cut_first": f"{CUT}|infirmier",
    "refuses_cut_second": f"{CUT}|danseuse",
    "refuses_unknown_first": "zut|unknown|inconnu|vocab",
    "refuses_unknown_second": "zut|unknown|inconnu|vocab",
}
MASKS = {"refuses_no_mask": "mask|masque", "refuses_two_masks": "mask|masque"}


def check_number(outcome, expected, request):
    """One number, as expected; the text of a failure shows the call."""
    value = value_of(outcome, request)
    number, asked = plain(value), ", ".join(map(repr, request.args[2:]))
    require(number is not None, text("a number (float)", "un nombre (float)"), describe(value))
    wanted = numeral(expected, ".5f")
    require(
        near(number, expected),
        text(f"{wanted['en']} nats for {asked}", f"{wanted['fr']} nats pour {asked}"),
        numeral(number, ".5f"),
    )


def check_cases(student, cases, names):
    """Put stored cases to the student's code."""
    for name in names:
        case = cases[name]
        check_number(student.run(case.request), case.expected.value, case.request)


def probes(cases):
    """The numbers of each group of stored cases, and what is refused."""
    groups = {"camembert": CAMEMBERT}
    for kind in KINDS:
        groups |= {
            f"values_{kind}": [f"{name}_{kind}" for name in VALUES],
            f"training_{kind}": [f"training_{kind}"],
        }

    def probe(names):
        def answer(student):
            outcomes = [student.run(cases[name].request) for name in names]
            found = [None if outcome.error is not None else plain(outcome.value) for outcome in outcomes]
            # The kind of an error depends on how the same mistake is written.
            if None in found:
                return np.array([ERROR, 0.0])
            return np.nan_to_num(np.array(found), nan=1e6, posinf=1e7, neginf=-1e7)

        return answer

    def right(student):
        for names in groups.values():
            check_cases(student, cases, names)

    refusals = {
        "cut_words": {name: said for name, said in WORDS.items() if "cut" in name},
        "unknown_words": {name: said for name, said in WORDS.items() if "unknown" in name},
        **{name: {name: said} for name, said in MASKS.items()},
    }
    return {group: probe(names) for group, names in groups.items()} | {
        group: refusal_probe(cases, patterns, right) for group, patterns in refusals.items()
    }


def declare(kind):
    """The checks on one kind of model."""

    @CHECKS.check(
        name=f"values_{kind}",
        points=0.25,
        title=titled(
            kind,
            text(
                "ln P(first) − ln P(second) at the mask, the rest of the text visible",
                "ln P(first) − ln P(second) au masque, le reste du texte visible",
            ),
        ),
        hint=text(
            "The difference of two logarithms, that of the ratio of the two probabilities. Both are read at the mask, whose "
            "position counts the special token before the text.",
            "La différence de deux logarithmes, celui du rapport des deux probabilités. Tous deux se lisent au masque, dont "
            "la position compte le jeton spécial placé devant le texte.",
        ),
    )
    def values(student, cases):
        check_cases(student, cases, [f"{name}_{kind}" for name in VALUES])


for _kind in KINDS:
    declare(_kind)

_VALUES = tuple(f"values_{kind}" for kind in KINDS)


@CHECKS.check(
    points=0.25,
    needs=_VALUES,
    title=text(
        "in training mode, and with a mask named <mask>",
        "en mode entraînement, et avec un masque nommé <mask>",
    ),
    hint=text(
        "Call model.eval() before the model, and mask by id, with the tokenizer's own mask; MaskedScorer sees to both.",
        "Appelez model.eval() avant le modèle, et masquez par identifiant, avec le masque propre au tokenizer ; MaskedScorer "
        "s'occupe des deux.",
    ),
)
def other_models(student, cases):
    check_cases(student, cases, [*CAMEMBERT, *(f"training_{kind}" for kind in KINDS)])


@CHECKS.check(
    points=0.25,
    needs=_VALUES,
    title=text(
        "refused: a word of several tokens or unknown to the tokenizer, a text without mask or with two",
        "refusés : un mot de plusieurs jetons ou inconnu du tokenizer, un texte sans masque ou qui en a deux",
    ),
    hint=text(
        "A word cut down to its first piece is another word, and the unknown token is none; for which of two masks would the "
        "words compete? Raise an InputError (which is a ValueError) that says what is wrong; single_token does.",
        "Un mot réduit à son premier morceau est un autre mot, et le jeton inconnu n'en est pas un ; pour lequel de deux masques "
        "les mots seraient-ils en concurrence ? Levez une InputError (qui est une ValueError) qui dit ce qui ne va pas ; "
        "single_token le fait.",
    ),
)
def refusals(student, cases):
    check_all_refused(student, cases, WORDS)
    check_all_refused(student, cases, MASKS)


def check_all_refused(student, cases, patterns):
    """Stored calls that must be refused, each with an error that speaks of its pattern."""
    for name, pattern in patterns.items():
        asked = ", ".join(map(repr, cases[name].request.args[2:]))
        wanted = text(
            f"for {asked}, an InputError that says what is wrong",
            f"pour {asked}, une InputError qui dit ce qui ne va pas",
        )
        check_refused(student.run(cases[name].request), pattern, wanted)
