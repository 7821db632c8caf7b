"""Hidden checks of cluster_bootstrap: unseen values and groups, against the law of the resampled mean."""

from __future__ import annotations

import numpy as np

from attentif.checks.engine import CheckSet
from attentif.checks.intervals import (
    check_call_refused,
    check_ends,
    check_exact,
    check_seed,
    interval_request,
)
from attentif.checks.text import text
from attentif_grading.bootstrap_oracle import band, exact_numbers
from attentif_grading.salt import rng_for

CHECKS = CheckSet("cluster_bootstrap")
NAME = "cluster_bootstrap"


def _lopsided(rng, last=True, n_groups=21):
    """Scores that most of a group share; the largest group is high, and larger groups lean to it.

    Labels are words. That group is the last one, or the first, by place and by name: it is missed where it is never
    drawn.
    """
    sizes = rng.permutation(np.arange(n_groups - 1) % 5 + 1)
    centres = np.append(0.7 + 0.3 * sizes + 0.3 * rng.normal(size=n_groups - 1), rng.uniform(7.0, 8.0))
    ones = rng.permutation(n_groups - 1)
    codes = np.append(ones, rng.permutation(np.repeat(np.arange(n_groups), [*(sizes - 1), 9])))
    names = [f"word {number:03d}" for number in np.sort(rng.choice(1000, n_groups, replace=False))]
    if not last:
        codes, names = codes[::-1], names[::-1]
        codes = np.append(n_groups - 1, np.delete(codes, np.flatnonzero(codes == n_groups - 1)[0]))
    values = centres[codes] + 0.4 * rng.normal(size=len(codes))
    return np.round(values, 4).tolist(), [names[code] for code in codes]


def _scattered(rng, n_groups=23):
    """Scores that differ more inside groups than between them. Labels are numbers with gaps, below 0 too."""
    sizes = rng.permutation(np.arange(n_groups) % 4 + 2)
    labels = rng.choice(np.arange(-20, 90), n_groups, replace=False)
    codes = np.repeat(np.arange(n_groups), sizes)
    noise = rng.exponential(1.2, size=len(codes))
    of_groups = np.array([noise[codes == code].mean() for code in range(n_groups)])
    values = 1.8 - noise + 0.5 * of_groups[codes]
    order = rng.permutation(len(values))
    return np.round(values, 4)[order].tolist(), labels[codes][order].tolist()


def _alone(rng, n_values=26):
    """Each value is a group of its own: the bootstrap that does not know of groups. Labels are pairs."""
    values = rng.exponential(1.0, size=n_values) - 0.5
    labels = [("pair", int(number)) for number in rng.choice(500, n_values, replace=False)]
    return np.round(values, 4).tolist(), labels


def _seeds(rng, n):
    return [int(seed) for seed in rng.choice(2**31, n, replace=False)]


def _check_ends(student, rng, data, n_resamples, level):
    found = band(*data, n_resamples, level)
    request = interval_request(*data, n_resamples=n_resamples, level=level, seed=_seeds(rng, 1)[0])
    check_ends(student, request, (found.low, found.high))


def _check_exact(student, rng, *names):
    for make in (_lopsided, _scattered, _alone):
        data = make(rng)
        request = interval_request(*data, n_resamples=100, seed=_seeds(rng, 1)[0])
        check_exact(student, request, exact_numbers(*data), *names)


@CHECKS.check(
    points=0.5,
    title=text(
        "estimate and number of groups on unseen values",
        "estimation et nombre de groupes sur de nouvelles valeurs",
    ),
    hint=text(
        "Values of one group need not follow each other; a group may have one value only.",
        "Les valeurs d'un groupe ne se suivent pas toujours ; un groupe peut n'en avoir qu'une.",
    ),
)
def estimate_and_groups(student, cases):
    _check_exact(student, rng_for(NAME, "estimate_and_groups"), "estimate", "n_groups")


@CHECKS.check(
    points=0.25,
    title=text("effective size on unseen values", "taille effective sur de nouvelles valeurs"),
    hint=text(
        "Only the sizes of the groups count; groups of one value each give their number.",
        "Seules comptent les tailles des groupes ; des groupes d'une seule valeur donnent leur nombre.",
    ),
)
def effective_size(student, cases):
    _check_exact(student, rng_for(NAME, "effective_size"), "effective_size")


@CHECKS.check(
    points=1.0,
    title=text("the interval on unseen values", "l'intervalle sur de nouvelles valeurs"),
    hint=text(
        "Quantiles of the means of whole groups drawn again, each with all of its values.",
        "Des quantiles des moyennes de groupes entiers tirés à nouveau, chacun avec toutes ses valeurs.",
    ),
)
def interval(student, cases):
    rng = rng_for(NAME, "interval")
    _check_ends(student, rng, _lopsided(rng), 1400, 0.95)
    _check_ends(student, rng, _lopsided(rng, last=False), 700, 0.95)
    _check_ends(student, rng, _scattered(rng), 1400, 0.95)
    _check_ends(student, rng, _alone(rng), 600, 0.95)


@CHECKS.check(
    points=0.5,
    title=text("other levels on unseen values", "d'autres niveaux sur de nouvelles valeurs"),
    hint=text(
        "Half of 1 − level is below the interval, half above.",
        "La moitié de 1 − level est au-dessous de l'intervalle, l'autre au-dessus.",
    ),
)
def levels(student, cases):
    rng = rng_for(NAME, "levels")
    data = _lopsided(rng)
    for level in (float(round(rng.uniform(0.7, 0.8), 2)), float(round(rng.uniform(0.3, 0.4), 2))):
        _check_ends(student, rng, data, 800, level)


@CHECKS.check(
    points=0.25,
    needs=("interval",),
    title=text(
        "copies of every value make the interval no narrower",
        "des copies de chaque valeur ne resserrent pas l'intervalle",
    ),
    hint=text(
        "Three times the same value in a group says no more than once: only another group says more.",
        "Trois fois la même valeur dans un groupe n'en disent pas plus qu'une : seul un autre groupe en dit plus.",
    ),
)
def copies(student, cases):
    rng = rng_for(NAME, "copies")
    values, groups = _lopsided(rng)
    found = band(values, groups, 700, 0.9)
    request = interval_request(3 * values, 3 * groups, n_resamples=700, level=0.9, seed=_seeds(rng, 1)[0])
    check_ends(student, request, (found.low, found.high))


@CHECKS.check(
    points=0.25,
    needs=("interval",),
    title=text("the seed decides all draws, on unseen values", "la graine décide de tous les tirages, sur de nouvelles valeurs"),
    hint=text("Every draw comes from seed.", "Chaque tirage vient de seed."),
)  # fmt: skip
def seed(student, cases):
    rng = rng_for(NAME, "seed")
    check_seed(student, *_lopsided(rng), tuple(_seeds(rng, 2)))


@CHECKS.check(
    points=0.25,
    needs=("interval",),
    title=text(
        "arguments without meaning are refused, on unseen values",
        "les arguments dépourvus de sens sont refusés, sur de nouvelles valeurs",
    ),
    hint=text("Call coded_groups first.", "Appelez d'abord coded_groups."),
)
def refusals(student, cases):
    rng = rng_for(NAME, "refusals")
    values, groups = _scattered(rng)
    few = sorted(set(groups))[:4]
    said = text("it cannot be used", "on ne peut s'en servir")
    for request in (
        interval_request(values, [few[number % 4] for number in range(len(values))]),
        interval_request(values[:-1], groups),
        interval_request([*values[:-1], float("inf")], groups),
        interval_request(values, groups, level=float(round(rng.uniform(1.5, 99.0), 1))),
        interval_request(values, groups, level=0.0),
        interval_request(values, groups, n_resamples=int(rng.integers(1, 100))),
    ):
        check_call_refused(student, request, said)
