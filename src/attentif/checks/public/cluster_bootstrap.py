"""Public checks of cluster_bootstrap: exact fields, and ends that lie where chance may put them."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import Mismatch
from attentif.checks.engine import CheckSet
from attentif.checks.fields import fields_of, near
from attentif.checks.fingerprints import ERROR
from attentif.checks.intervals import FIELDS, check_call_refused, check_ends, check_exact, check_seed
from attentif.checks.refusals import refused
from attentif.checks.text import text
from attentif.checks.values import Request

CHECKS = CheckSet("cluster_bootstrap")

# Bounds of low, then of high, of a right interval of each stored case, to three decimals; a test computes them again.
BOUNDS = {
    "words": ((1.614, 1.753), (3.964, 4.514)),
    "words_80": ((1.768, 1.865), (3.458, 3.909)),
    "words_50": ((1.889, 2.098), (2.806, 3.425)),
    "numbers": ((-1.599, -1.542), (-1.098, -1.009)),
    "pairs": ((-0.139, 0.078), (0.492, 0.707)),
}
SEEDS = (11, 12)
REFUSALS = {
    "refuses_four_groups": text(
        "so few groups say nothing of others", "si peu de groupes ne disent rien des autres"
    ),
    "refuses_lengths": text("there must be one group a value", "il faut un groupe par valeur"),
    "refuses_nan": text("a value is NaN", "une valeur est NaN"),
    "refuses_level": text("level is a share, not a percentage", "level est une part, pas un pourcentage"),
    "refuses_few_resamples": text(
        "so few resamples give no quantile", "si peu de tirages ne donnent aucun quantile"
    ),
}

# Ends are measured in half widths of a right interval; these are a few standard errors of the difference of two.
TOLERANCES = dict.fromkeys((*BOUNDS, "estimate"), 0.2)
FURTHEST = 1.6  # beyond, an end is one of the extremes of all draws
COLLAPSED = -9.0


def probes(cases):
    """What each field says: the exact ones by themselves, the ends only where they are out of bounds."""

    def numbers(student, name):
        outcome = student.run(cases[name].request)
        return None if outcome.error is not None else fields_of(outcome.value, FIELDS)

    def exact(names, field):
        def answer(student):
            found = [numbers(student, name) for name in names]
            if None in found:
                return np.array([ERROR, 0.0])
            expected = [cases[name].expected.value.fields[field] for name in names]
            got = [mine[field] for mine in found]
            right = [float(near(mine, theirs)) for mine, theirs in zip(got, expected, strict=True)]
            return _finite([*right, *got])

        return answer

    def estimate(student):
        names = ("words_few", "numbers_few")
        answer = exact(names, "estimate")(student)
        if answer[0] == ERROR:
            return answer
        expected = [cases[name].expected.value.fields["estimate"] for name in names]
        widths = [half_width("words"), half_width("numbers")]
        # An average of random draws is off by a little, in another way each time.
        return np.concatenate([answer[:2], _finite((answer[2:] - expected) / widths)])

    def ends(name):
        def answer(student):
            found = numbers(student, name)
            if found is None:
                return np.array([ERROR, 0.0])
            bounds = BOUNDS[name]
            mine = (found["low"], found["high"])
            if all(least <= end <= greatest for end, (least, greatest) in zip(mine, bounds, strict=True)):
                return np.zeros(2)
            centre = cases[name].expected.value.fields["estimate"]
            if abs(mine[1] - mine[0]) < 1e-6 * half_width(name):
                # All draws gave the same mean: which one may be chance, unless it is that of all values.
                return np.array([COLLAPSED, float(abs(mine[0] - centre) < 1e-6)])
            return _finite(np.clip([(end - centre) / half_width(name) for end in mine], -FURTHEST, FURTHEST))

        return answer

    def seeds(student):
        asked = (SEEDS[0], *SEEDS)
        requests = [Request(cases["words_few"].request.args, {"n_resamples": 200, "seed": s}) for s in asked]
        found = [student.run(request) for request in requests]
        if any(outcome.error is not None for outcome in found):
            return np.array([ERROR, 0.0])
        found = [fields_of(outcome.value, FIELDS) for outcome in found]
        if None in found:
            return np.array([-1.0])
        first, again, other = (np.array([mine["low"], mine["high"]]) for mine in found)
        return np.array([float(np.allclose(first, again)), float(np.allclose(first, other))])

    def refusals(names):
        def answer(student):
            # While the interval is wrong, what is refused is not its cause: such code is not asked.
            try:
                interval(student, cases)
            except Mismatch:
                return np.ones(len(names))
            return np.array([float(refused(student.run(cases[name].request))) for name in names])

        return answer

    asked = {"estimate": estimate, **{name: ends(name) for name in BOUNDS}, "seeds": seeds}
    for field in ("n_groups", "effective_size"):
        asked[field] = exact(("words_few", "numbers_few"), field)
        asked[f"{field}_of_pairs"] = exact(("pairs",), field)
    first, *others = REFUSALS
    return asked | {"too_few_groups": refusals((first,)), "refusals": refusals(others)}


def half_width(name):
    """Half the width of a right interval of a stored case."""
    lows, highs = BOUNDS[name]
    return (sum(highs) - sum(lows)) / 4


def _finite(numbers):
    return np.nan_to_num(np.array(numbers, dtype=np.float64), nan=1e6, posinf=1e7, neginf=-1e7)


def check_stored(student, cases, names, *fields):
    """Exact fields of stored cases."""
    for name in names:
        check_exact(student, cases[name].request, cases[name].expected.value.fields, *fields)


@CHECKS.check(
    points=0.5,
    title=text(
        "estimate: the mean of all values; n_groups: how many groups there are",
        "estimate : la moyenne de toutes les valeurs ; n_groups : combien il y a de groupes",
    ),
    hint=text(
        "The estimate takes no chance: all values of the data, each counted once. A group is a label, wherever its "
        "values stand in the list.",
        "L'estimation ne doit rien au hasard : toutes les valeurs des données, chacune comptée une fois. Un groupe est une "
        "étiquette, où que soient ses valeurs dans la liste.",
    ),
)
def estimate_and_groups(student, cases):
    check_stored(student, cases, ("words_few",), "estimate", "n_groups")


@CHECKS.check(
    points=0.5,
    title=text(
        "effective_size: how many groups of equal size say as much",
        "effective_size : combien de groupes de même taille en disent autant",
    ),
    hint=text(
        "Count the values of each group. Seven groups of the same size give 7; one large group and six small ones, less.",
        "Comptez les valeurs de chaque groupe. Sept groupes de même taille donnent 7 ; un grand et six petits, moins.",
    ),
)
def effective_size(student, cases):
    check_stored(student, cases, ("words_few",), "effective_size")


@CHECKS.check(
    points=1.0,
    title=text(
        "low and high: the 95 % interval when whole groups are drawn",
        "low et high : l'intervalle à 95 % quand on tire des groupes entiers",
    ),
    hint=text(
        "One resample: draw as many groups as there are, with replacement; a group drawn twice brings its values twice; "
        "divide the sum of all these values by how many they are. Then two quantiles of the means, without any formula "
        "for a normal law.",
        "Un tirage : prenez autant de groupes qu'il y en a, avec remise ; un groupe tiré deux fois apporte deux fois ses "
        "valeurs ; divisez la somme de toutes ces valeurs par leur nombre. Puis deux quantiles de ces moyennes, sans aucune "
        "formule de loi normale.",
    ),
)
def interval(student, cases):
    for name in ("words", "numbers"):
        check_ends(student, cases[name].request, BOUNDS[name])


@CHECKS.check(
    points=0.25,
    title=text("another level than 0.95", "un autre niveau que 0,95"),
    hint=text(
        "What is outside the interval, 1 − level, is shared by both sides.",
        "Ce qui est hors de l'intervalle, 1 − level, se partage entre les deux côtés.",
    ),
)
def levels(student, cases):
    for name in ("words_80", "words_50"):
        check_ends(student, cases[name].request, BOUNDS[name])


@CHECKS.check(
    points=0.25,
    title=text(
        "labels of any kind: numbers with gaps, pairs of words",
        "des étiquettes de toute sorte : nombres avec des trous, paires de mots",
    ),
    hint=text(
        "A label only says which values go together: number the groups first, as coded_groups does.",
        "Une étiquette dit seulement quelles valeurs vont ensemble : numérotez d'abord les groupes, comme le fait "
        "coded_groups.",
    ),
)
def labels(student, cases):
    check_stored(student, cases, ("numbers_few", "pairs"), "estimate", "n_groups", "effective_size")
    check_ends(student, cases["pairs"].request, BOUNDS["pairs"])


@CHECKS.check(
    points=0.25,
    needs=("interval",),
    title=text("the seed decides all draws", "la graine (seed) décide de tous les tirages"),
    hint=text(
        "Make one generator from seed, once, before the loop, and take every draw from it.",
        "Créez un seul générateur à partir de seed, une fois, avant la boucle, et tirez tout de lui.",
    ),
)
def seed(student, cases):
    check_seed(student, *cases["words_few"].request.args, SEEDS)


@CHECKS.check(
    points=0.25,
    needs=("interval",),
    title=text(
        "arguments without meaning are refused: too few groups, a label missing, NaN, a level of 95",
        "les arguments dépourvus de sens sont refusés : trop peu de groupes, étiquette absente, NaN, niveau de 95",
    ),
    hint=text(
        "coded_groups refuses them all with an InputError (which is a ValueError): call it first.",
        "coded_groups les refuse tous par une InputError (qui est une ValueError) : appelez-la d'abord.",
    ),
)
def refusals(student, cases):
    for name, why in REFUSALS.items():
        check_call_refused(student, cases[name].request, why)
