"""Hidden checks of template_sensitivity: unseen tables, against sums over pairs of scores and loops."""

from __future__ import annotations

import math
import statistics

import numpy as np

from attentif.checks.engine import CheckSet
from attentif.checks.public.template_sensitivity import FIELDS, SUMMARY
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.salt import rng_for

CHECKS = CheckSet("template_sensitivity")
NAME = "template_sensitivity"


def _tables(rng):
    """Tables of many shapes, whose templates do much, little, or nothing."""
    for n_templates, n_words, effect in ((2, 9, 0.7), (7, 3, 0.3), (4, 6, 0.0), (5, 2, 1.5)):
        middle = rng.uniform(-0.3, 0.3) + effect * rng.normal(size=(n_templates, 1))
        yield np.round(middle + rng.normal(0.0, 0.8, (n_templates, n_words)), 3).tolist()


def _spread(values):
    """The sum of squares around their mean, from the differences of all pairs."""
    return math.fsum((a - b) ** 2 for a in values for b in values) / (2 * len(values))


def _sign(number):
    return (number > 0) - (number < 0)


def _expected(table):
    n_words = len(table[0])
    scores = [score for row in table for score in row]
    means = [statistics.fmean(row) for row in table]
    total = _spread(scores)
    # Rounding is neither a sign nor a variance.
    of_words = [round(math.fsum(column), 11) for column in zip(*table, strict=True)]
    agreeing = sum(_sign(score) == _sign(of_words[w]) for row in table for w, score in enumerate(row))
    return {
        "template_share": n_words * _spread(means) / total if total > 1e-20 else 0.0,
        "chance_share": (len(table) - 1) / (len(scores) - 1),
        "sign_agreement": agreeing / len(scores),
        "lowest": min(means),
        "highest": max(means),
    }


def _agrees(student, table, *names):
    SUMMARY.check(student, Request(args=(table,)), _expected(table), *names)


@CHECKS.check(
    points=0.5,
    title=text("both shares on unseen tables", "les deux parts sur de nouveaux tableaux"),
    hint=text(
        "Few templates with many words, many templates with few words.",
        "Peu de gabarits et beaucoup de mots, beaucoup de gabarits et peu de mots.",
    ),
)
def shares(student, cases):
    for table in _tables(rng_for(NAME, "shares")):
        _agrees(student, table, "template_share", "chance_share")


@CHECKS.check(
    points=0.25,
    title=text("agreement of signs on unseen tables", "l'accord des signes sur de nouveaux tableaux"),
    hint=text("Each word against its own mean.", "Chaque mot contre sa propre moyenne."),
)
def signs(student, cases):
    rng = rng_for(NAME, "signs")
    for table in _tables(rng):
        _agrees(student, table, "sign_agreement")
    # Whole numbers, some of them 0, one word with a mean of 0.
    table = rng.integers(-2, 3, (4, 7))
    table[:, 3] = rng.permutation([0, 2, -2, 0])
    _agrees(student, table.astype(float).tolist(), "sign_agreement")
    # Tenths: the mean of 0 is one but for rounding.
    _agrees(student, [[0.1, 0.3, -0.6], [0.6, -0.2, 0.3], [-0.7, 0.2, 0.4]], "sign_agreement")


@CHECKS.check(
    points=0.25,
    needs=("shares",),
    title=text(
        "means of templates, equal scores and refusals, on unseen tables",
        "moyennes des gabarits, notes égales et refus, sur de nouveaux tableaux",
    ),
    hint=text("A share of 0 where nothing varies.", "Une part nulle là où rien ne varie."),
)
def edges(student, cases):
    rng = rng_for(NAME, "edges")
    for table in _tables(rng):
        _agrees(student, table, "lowest", "highest")
    # Eighths: their mean is exact, so that their spread is exactly 0.
    _agrees(student, [[float(rng.integers(-7, 8)) / 8] * 8] * 4, *FIELDS)
    # Tenths: it is not.
    _agrees(student, [[float(rng.choice([0.1, 0.2, 0.35, 0.7]))] * 2] * 3, *FIELDS)
    table = next(_tables(rng))
    said = text("it cannot be used", "on ne peut s'en servir")
    for wrong in ([table[0], table[1][1:]], table[:1], [row[:1] for row in table], [table[0], [math.nan, *table[1][1:]]]):  # fmt: skip
        SUMMARY.check_refused(student, Request(args=(wrong,)), said)
