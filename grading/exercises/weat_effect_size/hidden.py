"""Hidden checks of weat_effect_size: unseen vectors, against loops over pairs of vectors in plain Python."""

from __future__ import annotations

import math
import statistics

import numpy as np

from attentif.checks.engine import CheckSet
from attentif.checks.public.weat_effect_size import SUMMARY
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.salt import rng_for

CHECKS = CheckSet("weat_effect_size")
NAME = "weat_effect_size"


def _vectors(rng, rows, width, shift):
    return rng.normal(shift, 1.0, (rows, width)) * rng.uniform(0.2, 4.0, (rows, 1))


def _sets(rng):
    """Sets of different numbers that share a direction, so that means, and not only spreads, tell."""
    rows = rng.permutation([2, 3, 5, 6])
    width, axis = int(rng.integers(5, 9)), rng.normal()
    return [_vectors(rng, n, width, side * axis) for n, side in zip(rows, (0.7, 0.1, 0.6, -0.5), strict=True)]


def _cosine(v, w):
    return math.fsum(a * b for a, b in zip(v, w, strict=True)) / (math.hypot(*v) * math.hypot(*w))


def _association(word, first, second):
    means = (statistics.fmean(_cosine(word, attribute) for attribute in each) for each in (first, second))
    return next(means) - next(means)


def _effect(x, y, first, second):
    of_x, of_y = ([_association(word, first, second) for word in each] for each in (x, y))
    return (statistics.fmean(of_x) - statistics.fmean(of_y)) / statistics.stdev(of_x + of_y)


def _agrees(student, *sets):
    SUMMARY.check(student, Request(args=tuple(sets)), {"d": _effect(*(each.tolist() for each in sets))})


@CHECKS.check(
    points=0.75,
    title=text("the effect size of unseen vectors", "la taille de l'effet de nouveaux vecteurs"),
    hint=text(
        "Sets of different numbers; the standard deviation over the targets of both.",
        "Des ensembles de nombres différents ; l'écart type sur les cibles des deux.",
    ),
)
def values(student, cases):
    rng = rng_for(NAME, "values")
    for _ in range(4):
        _agrees(student, *_sets(rng))


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "exchanging the targets, or the attributes, reverses the sign alone",
        "échanger les cibles, ou les attributs, ne change que le signe",
    ),
    hint=text("Positive where X goes with A.", "Positif quand X va avec A."),
)
def exchanged(student, cases):
    x, y, first, second = _sets(rng_for(NAME, "exchanged"))
    _agrees(student, y, x, first, second)
    _agrees(student, x, y, second, first)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("unseen targets that are all alike: d = 0", "de nouvelles cibles, toutes semblables : d = 0"),
    hint=text(
        "No spread, no effect; no NaN either.", "Pas de dispersion, pas d'effet ; pas de NaN non plus."
    ),
)
def alike(student, cases):
    rng = rng_for(NAME, "alike")
    for n_first in (1, 4):
        # Along an axis, with lengths that are powers of two: equal to the last bit.
        axis = np.eye(5)[rng.integers(5)]
        targets = np.outer(2.0 ** rng.integers(-2, 5, n_first + 3), axis)
        attributes = (
            np.outer(2.0 ** rng.integers(-2, 5, 4), -axis),
            np.outer(2.0 ** rng.integers(0, 4, 2), axis),
        )
        SUMMARY.check(student, Request(args=(targets[:n_first], targets[n_first:], *attributes)), {"d": 0.0})  # fmt: skip
        # In any direction: equal but for rounding. Several, for the roundings of one may cancel.
        for _ in range(4):
            targets = np.outer(rng.uniform(0.3, 9.0, n_first + 4), rng.normal(size=12))
            attributes = rng.normal(0.5, 1.0, (28, 12)), rng.normal(size=(23, 12))
            SUMMARY.check(student, Request(args=(targets[:n_first], targets[n_first:], *attributes)), {"d": 0.0})  # fmt: skip


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "what has no cosine is refused, on unseen vectors",
        "ce qui n'a pas de cosinus est refusé, sur de nouveaux vecteurs",
    ),
    hint=text("Call checked_vectors first.", "Appelez d'abord checked_vectors."),
)
def refusals(student, cases):
    rng = rng_for(NAME, "refusals")
    said = text("it cannot be used", "on ne peut s'en servir")
    for place, value in ((0, 0.0), (1, math.nan), (2, 0.0), (3, math.inf)):
        sets = _sets(rng)
        sets[place][rng.integers(len(sets[place]))] = value
        SUMMARY.check_refused(student, Request(args=tuple(sets)), said)
    x, y, first, second = _sets(rng)
    SUMMARY.check_refused(student, Request(args=(x, y[:, :-1], first, second)), said)
