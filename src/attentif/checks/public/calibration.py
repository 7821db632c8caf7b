"""Public checks of calibration: one number of the comparison each, on measures that are off in one way or another."""

from __future__ import annotations

import numpy as np

from attentif.checks.calibrations import FIELDS, check_fields
from attentif.checks.compare import Mismatch
from attentif.checks.engine import CheckSet
from attentif.checks.fields import fields_of
from attentif.checks.fingerprints import ERROR
from attentif.checks.numbers import check_refusals
from attentif.checks.refusals import refused
from attentif.checks.text import text

CHECKS = CheckSet("calibration")

LINES = ("plain", "reversed", "three")
DETECTED = (
    "all_detected",
    "control_below",
    "hole",
    "one_side",
    "wrong_sign",
    "tie",
    "no_control",
    "none",
    "ladder",
)
REFUSALS = {
    "refuses_lengths": text("a measure is missing", "une mesure manque"),
    "refuses_more_measures": text("a planted bias is missing", "un biais introduit manque"),
    "refuses_two": text("a line goes through any two points", "une droite passe par deux points quelconques"),
    "refuses_equal": text(
        "all planted biases are equal: no line can be told", "tous les biais introduits sont égaux : aucune droite ne se dégage"
    ),
    "refuses_nan": text("a measure is NaN", "une mesure est NaN"),
}  # fmt: skip
# Those that one mistake would let through.
GROUPS = {
    "lengths": ("refuses_lengths", "refuses_more_measures"),
    "few": ("refuses_two",),
    "equal": ("refuses_equal",),
    "nan": ("refuses_nan",),
}


def probes(cases):
    """Each field by itself: the line's over its cases, the smallest size detected in each of its own."""

    def field(names, name):
        def answer(student):
            outcomes = [student.run(cases[case].request) for case in names]
            found = [None if o.error is not None else fields_of(o.value, FIELDS) for o in outcomes]
            if None in found:
                return np.array([ERROR, 0.0])
            numbers = np.array([numbers[name] for numbers in found])
            return np.nan_to_num(numbers, nan=1e6, posinf=1e7, neginf=-1e7)

        return answer

    def refusal(names):
        def answer(student):
            # While the numbers are wrong, what is refused is not their cause: such code is not asked.
            try:
                check_stored(student, cases, (*LINES, *DETECTED, "constant"), *FIELDS)
            except Mismatch:
                return np.ones(len(names))
            return np.array([float(refused(student.run(cases[name].request))) for name in names])

        return answer

    asked = {name: field(LINES, name) for name in FIELDS}
    asked |= {f"detected_{case}": field((case,), "smallest_detected") for case in DETECTED}
    asked |= {f"constant_{name}": field(("constant",), name) for name in FIELDS}
    return asked | {f"refused_{group}": refusal(names) for group, names in GROUPS.items()}


def check_stored(student, cases, names, *fields):
    """Fields of stored cases."""
    for name in names:
        check_fields(student, cases[name].request, cases[name].expected.value.fields, *fields)


@CHECKS.check(
    points=0.5,
    title=text(
        "slope and intercept of the line measured = intercept + slope · planted",
        "slope et intercept de la droite mesuré = intercept + slope · introduit",
    ),
    hint=text(
        "Least squares of the measures on the planted values, in this direction: the planted ones are known, the measures "
        "carry the error. The line need not go through 0.",
        "Les moindres carrés des mesures sur les valeurs introduites, dans ce sens : ces dernières sont connues, ce sont les "
        "mesures qui portent l'erreur. La droite ne passe pas forcément par 0.",
    ),
)
def line(student, cases):
    check_stored(student, cases, LINES, "slope", "intercept")


@CHECKS.check(
    points=0.25,
    title=text("r: Pearson's correlation, with its sign", "r : la corrélation de Pearson, avec son signe"),
    hint=text(
        "From −1 to 1, of the values and not of their ranks; negative when the metric falls as the bias grows.",
        "De −1 à 1, sur les valeurs et non sur leurs rangs ; négative si la mesure baisse quand le biais augmente.",
    ),
)
def correlation(student, cases):
    check_stored(student, cases, LINES, "r")


@CHECKS.check(
    points=0.25,
    title=text(
        "rmse: how far the measures are from the planted values",
        "rmse : à quelle distance les mesures sont des valeurs introduites",
    ),
    hint=text(
        "The differences measured − planted, not those from the line; their squares, the mean over all N, the root.",
        "Les différences mesuré − introduit, et non celles à la droite ; leurs carrés, la moyenne sur les N, la racine.",
    ),
)
def error(student, cases):
    check_stored(student, cases, LINES, "rmse")


@CHECKS.check(
    points=0.5,
    title=text(
        "smallest_detected: from this size on, every planted bias is detected",
        "smallest_detected : à partir de cette taille, tout biais introduit est détecté",
    ),
    hint=text(
        "Detected: the right sign, and a size above that of every control's measure, without equality. Then go down from the "
        "largest size: one planted bias that is missed, on either side, stops you.",
        "Détecté : le bon signe, et une taille au-dessus de celle de toute mesure de contrôle, sans égalité. Descendez ensuite "
        "depuis la plus grande taille : un seul biais manqué, d'un côté ou de l'autre, vous arrête.",
    ),
)
def smallest_detected(student, cases):
    check_stored(student, cases, DETECTED, "smallest_detected")


@CHECKS.check(
    points=0.25,
    needs=("line",),
    title=text(
        "a metric that always says the same: r = 0, nothing detected",
        "une mesure qui dit toujours la même chose : r = 0, rien n'est détecté",
    ),
    hint=text(
        "The correlation divides by the spread of the measures, 0 here: treat this case apart.",
        "La corrélation divise par la dispersion des mesures, nulle ici : traitez ce cas à part.",
    ),
)
def constant(student, cases):
    check_stored(student, cases, ("constant",), *FIELDS)


@CHECKS.check(
    points=0.25,
    needs=("line",),
    title=text(
        "what cannot be compared is refused: lengths that differ, two values, equal planted biases, NaN",
        "ce qui ne se compare pas est refusé : longueurs différentes, deux valeurs, biais introduits égaux, NaN",
    ),
    hint=text(
        "paired_numbers refuses them all with an InputError (which is a ValueError): call it first.",
        "paired_numbers les refuse tous par une InputError (qui est une ValueError) : appelez-la d'abord.",
    ),
)
def refusals(student, cases):
    check_refusals(student, cases, REFUSALS)
