"""Hidden checks of permutation_p_value: unseen words and sentences, against exact counts of the divisions."""

from __future__ import annotations

import math

import numpy as np

from attentif.checks.engine import CheckSet
from attentif.checks.public.permutation_p_value import SUMMARY
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.division_oracle import UNIT, drawn_bounds, share_of_divisions
from attentif_grading.salt import rng_for

CHECKS = CheckSet("permutation_p_value")
NAME = "permutation_p_value"


def _in_units(values):
    return (np.round(UNIT * np.asarray(values)) / UNIT).tolist()


def _values(rng, n_first, n_second, shift, step=UNIT):
    """Values of words; with a step of 4 they are quarters, so that many are equal."""
    sets = (rng.normal(shift, 1.0, n_first), rng.normal(0.0, 1.0, n_second))
    return [(np.round(step * each) / step).tolist() for each in sets]


def _sentences(rng, n_first, n_second):
    """Values of sentences and their words, of one to six sentences each; larger words are further out."""
    names = [f"word {number:03d}" for number in rng.choice(1000, n_first + n_second, replace=False)]
    sides = []
    for own, shift in ((names[:n_first], 1.1), (names[n_first:], 0.0)):
        sizes = rng.permutation(np.arange(len(own)) % 6 + 1)
        codes = rng.permutation(np.repeat(np.arange(len(own)), sizes))
        centres = shift + 0.3 * sizes + rng.normal(0.0, 0.8, len(own))
        sides.append((_in_units(centres[codes] + 0.1 * rng.normal(size=len(codes))), [own[code] for code in codes]))  # fmt: skip
    (x, of_x), (y, of_y) = sides
    return x, y, (of_x, of_y)


def _request(first, second, **options):
    return Request(args=(first, second), kwargs=options)


def _exactly(student, first, second, **options):
    expected = share_of_divisions(first, second, options.get("groups"))
    SUMMARY.check(student, _request(first, second, **options), {"p": expected})


def _drawn(student, rng, first, second, n_resamples, **options):
    share = share_of_divisions(first, second, options.get("groups"))
    request = _request(first, second, n_resamples=n_resamples, seed=int(rng.integers(2**31)), **options)
    SUMMARY.check_between(student, request, "p", drawn_bounds(share, n_resamples))


@CHECKS.check(
    points=0.5,
    title=text("the exact p of unseen words", "le p exact de nouveaux mots"),
    hint=text(
        "Sets of different numbers, differences of either sign, equal values.",
        "Des ensembles de nombres différents, des différences des deux signes, des valeurs égales.",
    ),
)
def exact(student, cases):
    rng = rng_for(NAME, "exact")
    for n_first, n_second, shift, step in ((2, 3, 1.0, UNIT), (3, 7, 0.9, UNIT), (6, 3, -0.7, UNIT), (1, 8, 1.2, UNIT), (4, 5, 0.5, 4), (5, 3, 0.8, 2)):  # fmt: skip
        _exactly(student, *_values(rng, n_first, n_second, shift, step))


@CHECKS.check(
    points=0.5,
    title=text(
        "unseen sentences: a word moves with all of its own",
        "de nouvelles phrases : un mot change de côté avec toutes les siennes",
    ),
    hint=text(
        "The mean of a part is over its sentences, and words have different numbers of them.",
        "La moyenne d'une part porte sur ses phrases, et les mots en ont des nombres différents.",
    ),
)
def sentences(student, cases):
    rng = rng_for(NAME, "sentences")
    for n_first, n_second in ((3, 5), (4, 6), (6, 3)):
        x, y, words = _sentences(rng, n_first, n_second)
        _exactly(student, x, y, groups=words)


@CHECKS.check(
    points=0.5,
    title=text("drawn divisions of unseen words", "des répartitions tirées de nouveaux mots"),
    hint=text(
        "Each word in one of the two parts, which keep their sizes; one more above and below.",
        "Chaque mot dans une seule des deux parts, qui gardent leur taille ; un de plus en haut et en bas.",
    ),
)
def draws(student, cases):
    rng = rng_for(NAME, "draws")
    for n_first in (8, 6):
        # One value far out decides alone: it is in the first part by n_first of 19.
        first, second = _values(rng, n_first, 19 - n_first, -1.0)
        first = [9.0, *(min(each, -0.25) for each in first[1:])]
        _drawn(student, rng, first, [max(each, -0.125) for each in second], 2000)
    # In the smaller part, and only if it is as small as it was: parts whose sizes vary show here.
    others = -rng.integers(0, 20, 18) / UNIT, rng.integers(1, 20, 7) / UNIT
    _drawn(student, rng, others[0].tolist(), [-20.0, *others[1].tolist()], 2000)
    x, y, words = _sentences(rng, 5, 8)
    _drawn(student, rng, x, y, 900, groups=words)
    n_resamples = int(rng.integers(150, 400))
    apart = _values(rng, 21, 19, 0.0)
    request = _request([each + 20.0 for each in apart[0]], apart[1], n_resamples=n_resamples)
    SUMMARY.check(student, request, {"p": 1 / (n_resamples + 1)})


@CHECKS.check(
    points=0.25,
    needs=("draws",),
    title=text("the seed decides all draws, on unseen words", "la graine décide de tous les tirages, sur de nouveaux mots"),
    hint=text("Every draw comes from seed.", "Chaque tirage vient de seed."),
)  # fmt: skip
def seed(student, cases):
    rng = rng_for(NAME, "seed")
    first, second = _values(rng, 9, 10, 0.3)
    seeds = tuple(int(each) for each in rng.choice(2**31, 6, replace=False))
    SUMMARY.check_seeds(student, _request(first, second), seeds)


@CHECKS.check(
    points=0.25,
    needs=("exact",),
    title=text(
        "arguments without meaning are refused, on unseen words",
        "les arguments dépourvus de sens sont refusés, sur de nouveaux mots",
    ),
    hint=text("Call coded_words first.", "Appelez d'abord coded_words."),
)
def refusals(student, cases):
    x, y, (of_x, of_y) = _sentences(rng_for(NAME, "refusals"), 3, 4)
    said = text("it cannot be used", "on ne peut s'en servir")
    for request in (
        _request(x, y, groups=(of_x, [of_x[0], *of_y[1:]])),
        _request(x, y, groups=(of_x[:-1], of_y)),
        _request([*x[:-1], math.inf], y, groups=(of_x, of_y)),
        _request(x, [math.nan, *y[1:]]),
        _request(x, y, n_resamples=99),
    ):
        SUMMARY.check_refused(student, request, said)
