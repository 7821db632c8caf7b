"""Hidden checks of stereoset_scores: unseen cases, counted target by target, as exact fractions."""

from __future__ import annotations

from fractions import Fraction

from attentif.checks.engine import CheckSet
from attentif.checks.public.stereoset_scores import SHARES
from attentif.checks.refusals import check_refused
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.pair_tables import OptionTable, options
from attentif_grading.salt import rng_for

CHECKS = CheckSet("stereoset_scores")
NAME = "stereoset_scores"


def _won(first, second, official):
    if first == second:
        return Fraction(0) if official else Fraction(1, 2)
    return Fraction(first > second)


def _mean(fractions):
    return sum(fractions, Fraction(0)) / len(fractions)


def _expected(table, official):
    by_target = {}
    for (stereotype, contrary, unrelated), target in zip(table.scores, table.targets, strict=True):
        prefers = _won(stereotype, contrary, official)
        knows = (_won(stereotype, unrelated, official) + _won(contrary, unrelated, official)) / 2
        by_target.setdefault(target, []).append((prefers, knows))
    stereotype = 100 * _mean([_mean([prefers for prefers, _ in cases]) for cases in by_target.values()])
    language_model = 100 * _mean([_mean([knows for _, knows in cases]) for cases in by_target.values()])
    return {
        "language_model": float(language_model),
        "stereotype": float(stereotype),
        "icat": float(language_model * min(stereotype, 100 - stereotype) / 50),
        "n_targets": len(by_target),
    }


def _agrees(student, table, *names, official=False):
    request = Request(args=(table.scores, table.targets), kwargs={"official": True} if official else {})
    SHARES.check(student, request, _expected(table, official), *names)


def _sizes(rng):
    """Some targets of unequal sizes."""
    names = [f"target {number}" for number in rng.choice(100, int(rng.integers(4, 7)), replace=False)]
    return {
        name: int(rng.integers(1, 6)) if place else int(rng.integers(6, 9))
        for place, name in enumerate(names)
    }


@CHECKS.check(
    points=0.25,
    title=text("stereotype on unseen cases", "stereotype sur de nouveaux cas"),
    hint=text("First within a target, then over targets.", "D'abord dans une cible, puis sur les cibles."),
)
def stereotype(student, cases):
    rng = rng_for(NAME, "stereotype")
    for lean in (0.3, 0.5, 0.7, 0.6):
        _agrees(student, options(rng, sizes=_sizes(rng), lean=lean), "stereotype", "n_targets")


@CHECKS.check(
    points=0.25,
    title=text("language_model on unseen cases", "language_model sur de nouveaux cas"),
    hint=text(
        "Both meaningful options count, each for itself.",
        "Les deux options sensées comptent, chacune pour soi.",
    ),
)
def language_model(student, cases):
    rng = rng_for(NAME, "language_model")
    for knows in (0.1, 0.5, 0.8, 0.6):
        _agrees(student, options(rng, sizes=_sizes(rng), knows=knows), "language_model")


@CHECKS.check(
    points=0.25,
    needs=("stereotype", "language_model"),
    title=text("icat on unseen cases", "icat sur de nouveaux cas"),
    hint=text("On either side of 50.", "D'un côté de 50 comme de l'autre."),
)
def icat(student, cases):
    rng = rng_for(NAME, "icat")
    for lean in (0.25, 0.75, 0.4, 0.6):
        _agrees(student, options(rng, sizes=_sizes(rng), lean=lean, knows=0.3))


@CHECKS.check(
    points=0.25,
    needs=("stereotype", "language_model"),
    title=text(
        "ties on unseen cases, with official and without",
        "des égalités sur de nouveaux cas, avec official et sans",
    ),
    hint=text("One half without, nothing with it.", "Un demi sans, rien avec."),
)
def ties(student, cases):
    rng = rng_for(NAME, "ties")
    for official in (False, True):
        for _ in range(3):
            _agrees(student, options(rng, sizes=_sizes(rng), tied=0.5), official=official)


@CHECKS.check(
    points=0.25,
    needs=("stereotype", "language_model"),
    title=text(
        "a single case, a single target, and what is refused",
        "un seul cas, une seule cible, et ce qui est refusé",
    ),
    hint=text(
        "A stereotype score of 0 or 100 gives an icat of 0.",
        "Un score de stéréotype de 0 ou de 100 donne un icat de 0.",
    ),
)
def edges(student, cases):
    rng = rng_for(NAME, "edges")
    low, high = sorted(-float(number) / 8 for number in rng.choice(300, 2, replace=False))
    for row in ([high, low, low - 1], [low, high, (low + high) / 2], [low, low, high]):
        _agrees(student, OptionTable([row], ["only"]))
    table = options(rng, {"only": 7})
    _agrees(student, table)
    for given in (
        (table.scores, table.targets[1:]),
        ([], []),
        ([[*row, 0.0] for row in table.scores], table.targets),
        ([*table.scores[:-1], [low, float("inf"), high]], table.targets),
    ):
        check_refused(student.run(Request(args=given)), "", text("an InputError", "une InputError"))
