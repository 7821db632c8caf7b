"""Public checks of word_order_probe, with a likelihood and a model that know a sentence from any other order of its words."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import Mismatch, describe, require
from attentif.checks.engine import CheckSet
from attentif.checks.fingerprints import ERROR
from attentif.checks.limit_probes import (
    ENDS,
    check_count,
    check_ends,
    check_names,
    ends_of,
    field_probes,
    result_of,
    told_probe,
)
from attentif.checks.text import text
from attentif.checks.wording import numeral

CHECKS = CheckSet("word_order_probe")

FIELDS = ("cost", "retention")
CASES = {
    "long": text("sentences of nine words and more, n=1", "des phrases de neuf mots et plus, n=1"),
    "short": text("sentences of three words, n=1", "des phrases de trois mots, n=1"),
    "neighbours": text("n=3", "n=3"),
    "still": text("a model that sees where the mask is", "un modèle qui voit où est le masque"),
    "unknown": text("sentences with unknown words", "des phrases aux mots inconnus"),
}
# Of a likelihood of ± 4 nats by the first two of four words: the mean over all other orders, and six standard errors of
# the mean over 400 shuffles of five sentences.
FIRST_PAIR, FAR = 24 / 23, 0.135


def check_first_pair(student, request):
    """Shuffles of a sentence must differ from each other, and be any of its other orders."""
    value = result_of(student.run(request), request, "WordOrderResult", ["cost"])
    ends = ends_of(value, "cost")
    require(ends is not None, text("cost = Interval(…)", "cost = Interval(…)"), describe(value))
    found = ends["estimate"]
    low, high = (numeral(bound, ".3f") for bound in (FIRST_PAIR - FAR, FIRST_PAIR + FAR))
    require(
        abs(found - FIRST_PAIR) <= FAR,
        text(
            f"cost.estimate between {low['en']} and {high['en']} for many different shuffles",
            f"cost.estimate entre {low['fr']} et {high['fr']} pour beaucoup de mélanges différents",
        ),
        numeral(found),
    )


def probes(cases):
    """Each field where it does not depend on the shuffles; elsewhere only whether it is right, or too small, or too large."""

    def gated(field, ask):
        """What is asked of the shuffles, if the field is right where they do not matter: else these are not its cause."""

        def answer(student):
            try:
                check_stored(student, cases, "long", [field])
            except Mismatch:
                return np.zeros(1)
            return ask(student)

        return answer

    def size(name, field):
        def answer(student):
            outcome = student.run(cases[name].request)
            if outcome.error is not None:
                return np.array([ERROR, 0.0])
            ends, right = ends_of(outcome.value, field), ends_of(cases[name].expected.value, field)
            if ends is None:
                return np.array([7.0])
            # By how much is a matter of chance.
            difference = ends["estimate"] - right["estimate"]
            return np.array([0.0 if abs(difference) < 1e-5 else np.sign(difference)])

        return answer

    def spread(student):
        try:
            check_first_pair(student, cases["first_pair"].request)
        except Mismatch:
            return np.ones(1)
        return np.zeros(1)

    exact = {name: cases[name].request for name in ("long", "unknown")}
    return field_probes(exact, FIELDS) | {
        "told": told_probe(cases["unknown"].request, ["n_used"], ["unknown"]),
        "short": gated("cost", size("short", "cost")),
        "neighbours": gated("cost", size("neighbours", "cost")),
        "still": gated("retention", size("still", "retention")),
        "first_pair": gated("cost", spread),
    }


def check_stored(student, cases, name, fields, ends=ENDS):
    """Fields of a stored case."""
    request = cases[name].request
    value = result_of(student.run(request), request, "WordOrderResult", fields)
    check_ends(value, cases[name].expected.value, fields, CASES[name], ends)


@CHECKS.check(
    points=0.5,
    title=text(
        "cost: what shuffling the words costs, in nats a token",
        "cost : ce que coûte le mélange des mots, en nats par jeton",
    ),
    hint=text(
        "likelihood of the sentence, minus the mean over its shuffles, divided by the sentence's number of tokens: a word may have "
        "several, a sign is one too, the specials are none.",
        "likelihood de la phrase, moins la moyenne sur ses mélanges, divisée par le nombre de jetons de la phrase : un mot peut en "
        "avoir plusieurs, un signe en est un, les jetons spéciaux n'en sont pas.",
    ),
)
def cost(student, cases):
    check_stored(student, cases, "long", ["cost"])


@CHECKS.check(
    points=0.25,
    title=text(
        "retention: the same first guess at the mask, whatever the order of the other words",
        "retention : la même première réponse au masque, quel que soit l'ordre des autres mots",
    ),
    hint=text(
        "Compare the most probable word after the shuffle with the one before it, not with the hidden word. Shuffle the text in "
        "which the middle word is hidden already: shuffled leaves a mask where it is.",
        "Comparez le mot le plus probable après le mélange à celui d'avant, non au mot caché. Mélangez le texte où le mot du "
        "milieu est déjà caché : shuffled laisse un masque où il est.",
    ),
)
def retention(student, cases):
    check_stored(student, cases, "long", ["retention"])
    check_stored(student, cases, "still", ["retention"])


@CHECKS.check(
    points=0.25,
    needs=("cost",),
    title=text(
        "shuffles that differ: from the sentence, and from each other",
        "des mélanges différents : de la phrase, et entre eux",
    ),
    hint=text(
        "The order of the sentence itself is no shuffle. One generator draws all of them, one after the other.",
        "L'ordre de la phrase même n'est pas un mélange. Un seul générateur les tire tous, l'un après l'autre.",
    ),
)
def shuffles(student, cases):
    check_stored(student, cases, "short", ["cost"])
    check_first_pair(student, cases["first_pair"].request)


@CHECKS.check(
    points=0.25,
    needs=("cost",),
    title=text("n neighbouring words stay together", "n mots voisins restent ensemble"),
    hint=text("Hand n over to shuffled.", "Transmettez n à shuffled."),
)
def neighbours(student, cases):
    check_stored(student, cases, "neighbours", ["cost"])


@CHECKS.check(
    points=0.25,
    needs=("cost",),
    title=text(
        "sentences with unknown words: left out and named",
        "phrases aux mots inconnus : laissées de côté et nommées",
    ),
    hint=text(
        "known_sentences parts the ones from the others.", "known_sentences sépare les unes des autres."
    ),
)
def unknown(student, cases):
    check_stored(student, cases, "unknown", FIELDS)
    request, expected = cases["unknown"].request, cases["unknown"].expected.value
    value = result_of(student.run(request), request, "WordOrderResult", ["n_used", "unknown"])
    check_count(value, expected, "n_used", CASES["unknown"])
    check_names(value, expected, "unknown", CASES["unknown"])
