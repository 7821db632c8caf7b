"""Hidden checks of paired_test: unseen scores, against exact counts of the choices of signs."""

from __future__ import annotations

import math

import numpy as np

from attentif.checks.engine import CheckSet
from attentif.checks.public.paired_test import SUMMARY
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.division_oracle import UNIT, drawn_bounds, share_of_signs
from attentif_grading.salt import rng_for

CHECKS = CheckSet("paired_test")
NAME = "paired_test"


def _in_units(values):
    return np.round(UNIT * np.asarray(values)) / UNIT


def _scores(rng, differences):
    """Two models on pairs that differ far more than the models do."""
    second = _in_units(rng.normal(rng.uniform(-9.0, 9.0), 4.0, len(differences)))
    return (second + _in_units(differences)).tolist(), second.tolist()


def _words(rng, n_groups):
    """Groups of one to five pairs each, in any order; larger ones are further out."""
    sizes = rng.permutation(np.arange(n_groups) % 5 + 1)
    codes = rng.permutation(np.repeat(np.arange(n_groups), sizes))
    centres = rng.normal(0.1, 0.7, n_groups) * (1 + 0.2 * sizes)
    labels = [f"word {number:03d}" for number in rng.choice(1000, n_groups, replace=False)]
    return _scores(rng, centres[codes] + rng.normal(0.0, 0.3, len(codes))), [labels[code] for code in codes]


def _expected(first, second, groups, n_groups):
    return {
        "difference": math.fsum(a - b for a, b in zip(first, second, strict=True)) / len(first),
        "p_value": share_of_signs(first, second, groups),
        "n_pairs": float(len(first)),
        "n_groups": float(n_groups),
        "exact": float(n_groups <= 16),
    }


def _exactly(student, first, second, groups=None):
    options = {} if groups is None else {"groups": groups}
    n_groups = len(first) if groups is None else len(set(groups))
    SUMMARY.check(student, Request(args=(first, second), kwargs=options), _expected(first, second, groups, n_groups))  # fmt: skip


@CHECKS.check(
    points=0.25,
    title=text("exact tests of unseen pairs", "des tests exacts sur de nouvelles paires"),
    hint=text(
        "Differences of either sign, some of them equal.", "Des différences des deux signes, dont d'égales."
    ),
)
def pairs(student, cases):
    rng = rng_for(NAME, "pairs")
    for n, shift in ((7, 0.5), (9, -0.4), (12, 0.2)):
        _exactly(student, *_scores(rng, rng.normal(shift, 0.8, n)))
    # Equal sizes: many sums are equal.
    _exactly(student, *_scores(rng, 0.75 * rng.permutation([1.0] * 7 + [-1.0] * 3)))


@CHECKS.check(
    points=0.25,
    title=text("unseen pairs in groups", "de nouvelles paires en groupes"),
    hint=text("One sign a group.", "Un signe par groupe."),
)
def groups(student, cases):
    rng = rng_for(NAME, "groups")
    for n_groups in (6, 8, 11):
        (first, second), labels = _words(rng, n_groups)
        _exactly(student, first, second, labels)


@CHECKS.check(
    points=0.25,
    needs=("pairs",),
    title=text("drawn signs on unseen pairs", "des signes tirés sur de nouvelles paires"),
    hint=text(
        "Over 16 groups; one more above and below.", "Au-delà de 16 groupes ; un de plus en haut et en bas."
    ),
)
def draws(student, cases):
    rng = rng_for(NAME, "draws")
    (first, second), labels = _words(rng, 18)
    for scores, options in (
        (_scores(rng, rng.normal(0.15, 0.7, 21)), {}),
        ((first, second), {"groups": labels}),
    ):
        options = options | {"n_resamples": 2000, "seed": int(rng.integers(2**31))}
        share = share_of_signs(*scores, options.get("groups"))
        request = Request(args=scores, kwargs=options)
        SUMMARY.check_between(student, request, "p_value", drawn_bounds(share, 2000))
        n_groups = len(set(options.get("groups", range(21))))
        SUMMARY.check(student, request, _expected(*scores, options.get("groups"), n_groups), "difference", "n_pairs", "n_groups", "exact")  # fmt: skip
    n_resamples = int(rng.integers(120, 300))
    apart = _scores(rng, -rng.uniform(1.0, 5.0, 44))
    request = Request(args=apart, kwargs={"n_resamples": n_resamples})
    SUMMARY.check(student, request, {"p_value": 1 / (n_resamples + 1)}, "p_value")


@CHECKS.check(
    points=0.25,
    needs=("pairs",),
    title=text(
        "seed and bad arguments, on unseen pairs", "graine et mauvais arguments, sur de nouvelles paires"
    ),
    hint=text(
        "Every draw comes from seed; coded_pairs refuses.",
        "Chaque tirage vient de seed ; coded_pairs refuse.",
    ),
)
def seed_and_refusals(student, cases):
    rng = rng_for(NAME, "seed_and_refusals")
    first, second = _scores(rng, rng.normal(0.1, 0.7, 20))
    seeds = tuple(int(each) for each in rng.choice(2**31, 6, replace=False))
    SUMMARY.check_seeds(student, Request(args=(first, second)), seeds, "p_value")
    said = text("it cannot be used", "on ne peut s'en servir")
    labels = [f"w{code}" for code in rng.permutation(np.arange(20) % 9)]
    for args, options in (
        ((first[1:], second), {}),
        ((first, [*second[1:], math.inf]), {}),
        ((first, second), {"groups": labels[1:]}),
        ((first, second), {"n_resamples": 99}),
    ):
        SUMMARY.check_refused(student, Request(args=args, kwargs=options), said)
