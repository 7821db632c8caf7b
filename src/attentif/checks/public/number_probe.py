"""Public checks of number_probe: questions of two kinds, and integers that the vocabulary writes in pieces or not at all."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import describe, require
from attentif.checks.engine import CheckSet
from attentif.checks.fields import fields_of, near, plain
from attentif.checks.fingerprints import ERROR, identifier
from attentif.checks.limit_probes import check_count, check_names, inside, result_of, told_probe
from attentif.checks.refusals import check_refused
from attentif.checks.text import text
from attentif.checks.wording import numeral

CHECKS = CheckSet("number_probe")

SHARE = ("estimate", "low", "high", "chance", "p_value")
KINDS = ("comparison", "sequence")
CASES = {
    "plain": text("questions of two kinds", "des questions de deux types"),
    "hub": text("a model of transformers' kind", "un modèle de type transformers"),
    "tied": text("equally probable words", "des mots aussi probables"),
    "unknown": text("words out of the vocabulary", "des mots hors du vocabulaire"),
}
KNOWN = ("plain", "hub", "tied")
REFUSED = {
    "refuses_chances": text(
        "items of one kind with 2 and 3 candidates", "des items d'un type à 2 et à 3 candidats"
    ),
    "refuses_negative": text("integers, one of them negative", "des entiers, dont un négatif"),
}


def share_of(value, kind):
    """The numbers of one kind's share; None where there are none."""
    return fields_of(inside(inside(value, "accuracy"), kind), SHARE)


def counts_of(value):
    """Integer, as a text → number of pieces; None where this is something else."""
    fields = inside(value, "pieces")
    if not isinstance(fields, dict) or any(plain(count) is None for count in fields.values()):
        return None
    return {str(integer): plain(count) for integer, count in fields.items()}


def list_of(value):
    """The integers that cannot be written, in order; None where this is something else."""
    found = inside(value, "unknown_integers")
    fits = isinstance(found, (list, tuple)) and all(plain(each) is not None for each in found)
    return sorted(plain(each) for each in found) if fits else None


def check_shares(value, expected, asked, names):
    """These numbers of the share of each kind."""
    for kind in KINDS:
        mine, theirs = share_of(value, kind), share_of(expected, kind)
        wanted = f"accuracy[{kind!r}] = Proportion(…)"
        require(mine is not None, text(wanted, wanted), describe(inside(value, "accuracy")))
        for name in names:
            said, where = numeral(theirs[name]), f"accuracy[{kind!r}].{name}"
            require(
                near(mine[name], theirs[name]),
                text(
                    f"{where} = {said['en']} for {asked['en']}", f"{where} = {said['fr']} pour {asked['fr']}"
                ),
                numeral(mine[name]),
            )


def check_pieces(value, expected, asked):
    """How many tokens write each integer, and which cannot be written."""
    mine, theirs = counts_of(value), counts_of(expected)
    wanted = text("pieces: integer → number of tokens", "pieces : entier → nombre de jetons")
    require(mine is not None, wanted, describe(inside(value, "pieces")))
    for integer in dict.fromkeys([*theirs, *mine]):
        said, got = (each.get(integer) for each in (theirs, mine))
        shows = "–" if got is None else f"{got:.6g}"
        wanted = "–" if said is None else f"{said:.6g}"
        require(
            said == got,
            text(f"pieces[{integer}] = {wanted}", f"pieces[{integer}] = {wanted}"),
            text(shows, shows),
        )
    missing, right = list_of(value), list_of(expected)
    wanted = f"unknown_integers = {[int(each) for each in right]}"
    require(
        missing == right,
        text(f"{wanted} for {asked['en']}", f"{wanted} pour {asked['fr']}"),
        describe(inside(value, "unknown_integers")),
    )


def probes(cases):
    """The share of each kind in each stored case, the pieces, and what is said of what was left out."""

    def share(name, kind):
        def answer(student):
            outcome = student.run(cases[name].request)
            if outcome.error is not None:
                return np.array([ERROR, 0.0])
            found = share_of(outcome.value, kind)
            return np.array([7.0]) if found is None else np.nan_to_num([found[each] for each in SHARE])

        return answer

    def pieces(name):
        def answer(student):
            outcome = student.run(cases[name].request)
            if outcome.error is not None:
                return np.array([ERROR, 0.0])
            found, missing = counts_of(outcome.value), list_of(outcome.value)
            if found is None:
                return np.array([7.0])
            listed = "|".join(f"{integer}:{count:g}" for integer, count in sorted(found.items()))
            return np.array([identifier(listed), identifier(str(missing))])

        return answer

    def refused(student):
        outcomes = [student.run(cases[name].request) for name in REFUSED]
        return np.array([float(outcome.error is not None) for outcome in outcomes])

    return (
        {f"{name}_{kind}": share(name, kind) for name in CASES for kind in KINDS}
        | {f"pieces_{name}": pieces(name) for name in ("plain", "hub")}
        | {"told": told_probe(cases["unknown"].request, ["n_used"], ["unknown"]), "refused": refused}
    )


def stored(student, cases, name):
    """(value, expected value) of a stored case."""
    request = cases[name].request
    return (
        result_of(student.run(request), request, "NumberResult", ["accuracy"]),
        cases[name].expected.value,
    )


@CHECKS.check(
    points=0.5,
    title=text(
        "accuracy: the answer is ahead of every wrong word",
        "accuracy : la réponse est devant tous les mots faux",
    ),
    hint=text(
        "Of the item's own words, not of the whole vocabulary; ahead of all of them, strictly.",
        "Parmi les mots de l'item, non dans tout le vocabulaire ; devant chacun d'eux, strictement.",
    ),
)
def accuracy(student, cases):
    for name in KNOWN:
        check_shares(*stored(student, cases, name), CASES[name], ["estimate"])


@CHECKS.check(
    points=0.25,
    needs=("accuracy",),
    title=text(
        "the exact interval, and the test against the chance of each kind",
        "l'intervalle exact, et le test contre le hasard de chaque type",
    ),
    hint=text(
        "Who chooses blindly among m words is right once in m. exact_proportion does the rest.",
        "Qui choisit au hasard parmi m mots a raison une fois sur m. exact_proportion fait le reste.",
    ),
)
def bounds(student, cases):
    for name in KNOWN:
        check_shares(*stored(student, cases, name), CASES[name], SHARE)


@CHECKS.check(
    points=0.25,
    title=text(
        "pieces: how many tokens write each integer, or none that can",
        "pieces : combien de jetons écrivent chaque entier, ou s'il ne peut être écrit",
    ),
    hint=text(
        "The tokens of its digits, without the specials. Where the unknown token is among them, the integer cannot be written: name it "
        "in unknown_integers.",
        "Les jetons de ses chiffres, sans les jetons spéciaux. Si le jeton inconnu est parmi eux, l'entier ne peut être écrit : "
        "nommez-le dans unknown_integers.",
    ),
)
def pieces(student, cases):
    for name in ("plain", "hub"):
        request = cases[name].request
        value = result_of(student.run(request), request, "NumberResult", ["pieces"])
        check_pieces(value, cases[name].expected.value, CASES[name])


@CHECKS.check(
    points=0.25,
    needs=("accuracy",),
    title=text(
        "items with words out of the vocabulary: left out and named",
        "items aux mots hors du vocabulaire : laissés de côté et nommés",
    ),
    hint=text(
        "ask_items parts the items that can be asked from the others.",
        "ask_items sépare les items que l'on peut poser des autres.",
    ),
)
def unknown(student, cases):
    value, expected = stored(student, cases, "unknown")
    check_shares(value, expected, CASES["unknown"], ["estimate", "low", "high"])
    check_count(value, expected, "n_used", CASES["unknown"])
    check_names(value, expected, "unknown", CASES["unknown"])


@CHECKS.check(
    points=0.25,
    needs=("accuracy",),
    title=text(
        "refused: items of one kind with different chances, integers below 0",
        "refusés : des items d'un type aux hasards différents, des entiers négatifs",
    ),
    hint=text(
        "check_numbers refuses both, by an InputError; a ValueError is accepted too.",
        "check_numbers refuse les deux, par une InputError ; une ValueError est acceptée aussi.",
    ),
)
def refusals(student, cases):
    for name, said in REFUSED.items():
        wanted = text(f"an InputError for {said['en']}", f"une InputError pour {said['fr']}")
        check_refused(student.run(cases[name].request), "", wanted)
