"""Public checks of cluster_bootstrap: exact fields, and ends that lie where chance may put them."""

from __future__ import annotations

from attentif.checks.drawing import fact, seed_from
from attentif.checks.engine import CheckSet
from attentif.checks.interval_probes import (
    ends_probe,
    field_probe,
    half_width,
    refusal_probe,
    seed_probe,
)
from attentif.checks.intervals import check_call_refused, check_ends, check_exact, check_seed
from attentif.checks.text import text

CHECKS = CheckSet("cluster_bootstrap")

# Bounds of low, then of high, of a right interval of each stored case, to three decimals; a test computes them again.
BOUNDS = {
    "few": ((0.525, 0.84), (2.142, 2.469)),
    "words": ((1.657, 1.81), (3.867, 4.382)),
    "words_90": ((1.752, 1.851), (3.627, 4.021)),
    "words_80": ((1.827, 1.932), (3.419, 3.801)),
    "words_50": ((1.98, 2.119), (2.864, 3.342)),
    "numbers": ((-1.599, -1.542), (-1.098, -1.009)),
    "pairs": ((0.073, 0.214), (1.005, 1.253)),
}
SEEDS = (11, 12)
EXACT = ("few", "words_few", "numbers_few", "pairs")
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

# Whose ends tell mistakes apart, and the case in whose half widths they are measured.
PROBED = {"words_90": "words", "words_80": "words", "words_50": "words", "numbers": "numbers"}
# Three standard errors of the difference of two ends; an average of random draws is off by less.
TOLERANCES = {"ends": 0.13, "estimate_words_few": 0.2, "estimate_numbers_few": 0.2}


def probes(cases):
    """Each exact field, the ends, the seed, and what is refused."""
    right = (cases["words_50"], BOUNDS["words_50"])
    units = {name: half_width(BOUNDS[of]) for name, of in PROBED.items()}
    asked = {
        "estimate_words_few": field_probe(cases["words_few"], "estimate", units["words_90"]),
        "estimate_numbers_few": field_probe(cases["numbers_few"], "estimate", units["numbers"]),
        "ends": ends_probe(cases, BOUNDS, units),
        "seeds": seed_probe(*right, SEEDS),
    }
    for field in ("n_groups", "effective_size"):
        asked |= {f"{field}_{case}": field_probe(cases[case], field) for case in EXACT}
    first, *others = (cases[name] for name in REFUSALS)
    asked["refused_groups"] = refusal_probe(*right, [first])
    asked["refused_arguments"] = refusal_probe(*right, others)
    return asked


def check_stored(student, cases, names, *fields):
    """Exact fields of stored cases."""
    for name in names:
        check_exact(student, cases[name].request, cases[name].expected.value.fields, *fields)


def check_bounds(student, cases, *names):
    """Ends of the intervals of stored cases."""
    for name in names:
        check_ends(student, cases[name].request, fact("BOUNDS", BOUNDS)[name])


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
    check_stored(student, cases, ("few", "words_few"), "estimate", "n_groups")


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
    check_stored(student, cases, ("few", "words_few"), "effective_size")


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
    check_bounds(student, cases, "few", "words", "numbers")


@CHECKS.check(
    points=0.25,
    title=text("another level than 0.95", "un autre niveau que 0,95"),
    hint=text(
        "What is outside the interval, 1 − level, is shared by both sides.",
        "Ce qui est hors de l'intervalle, 1 − level, se partage entre les deux côtés.",
    ),
)
def levels(student, cases):
    check_bounds(student, cases, "words_80", "words_50")


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
    check_bounds(student, cases, "pairs")


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
    check_seed(student, *cases["words_few"].request.args, tuple(map(seed_from, SEEDS)))


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
