"""Hidden checks of calibration: unseen measures, against the normal equations and a search by sizes."""

from __future__ import annotations

import math

import numpy as np

from attentif.checks.calibrations import FIELDS, check_fields
from attentif.checks.engine import CheckSet
from attentif.checks.refusals import check_refused
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.salt import rng_for

CHECKS = CheckSet("calibration")
NAME = "calibration"
SIZES = (-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0)


def _drawn(rng, n, slope, noise):
    """Planted values that are not balanced around 0, and measures around a line."""
    planted = np.round(rng.normal(size=n) + rng.uniform(0.4, 0.8), 3)
    planted[:2] = (-0.5, 1.5)  # never all equal
    measured = np.round(rng.uniform(0.2, 0.5) + slope * planted + noise * rng.normal(size=n), 3)
    return planted.tolist(), measured.tolist()


def _lines(rng):
    """A good metric, a poor one, one that is reversed, and three values."""
    for n, slope, noise in ((13, 0.8, 0.2), (16, 0.15, 0.6), (11, -0.6, 0.3), (3, 1.3, 0.2)):
        yield _drawn(rng, n, slope, noise)


def _line(planted, measured):
    """Slope and intercept that solve the two normal equations."""
    columns = np.stack([np.ones(len(planted)), planted], axis=1)
    intercept, slope = np.linalg.solve(columns.T @ columns, columns.T @ np.array(measured))
    return float(slope), float(intercept)


def _correlation(planted, measured):
    """Pearson's r, by sums over all pairs of points."""
    pairs = list(zip(planted, measured, strict=True))
    products = [((p - q) * (m - k), (p - q) ** 2, (m - k) ** 2) for p, m in pairs for q, k in pairs]
    together, of_planted, of_measured = (math.fsum(column) for column in zip(*products, strict=True))
    return together / math.sqrt(of_planted * of_measured) if of_measured else 0.0


def _distance(planted, measured):
    return math.dist(planted, measured) / math.sqrt(len(planted))


def _is_seen(planted, measured, noise):
    return measured > noise if planted > 0 else measured < -noise


def _smallest(planted, measured):
    """Down from the largest size, to the first that is missed."""
    pairs = list(zip(planted, measured, strict=True))
    noise = max([abs(m) for p, m in pairs if p == 0], default=0.0)
    smallest = math.inf
    for size in sorted({abs(p) for p in planted} - {0.0}, reverse=True):
        if not all(_is_seen(p, m, noise) for p, m in pairs if abs(p) == size):
            break
        smallest = size
    return smallest


def _expected(planted, measured):
    slope, intercept = _line(planted, measured)
    return {
        "slope": slope,
        "intercept": intercept,
        "r": _correlation(planted, measured),
        "rmse": _distance(planted, measured),
        "smallest_detected": _smallest(planted, measured),
    }


def _agrees(student, data, *names):
    check_fields(student, Request(args=data), _expected(*data), *names)


@CHECKS.check(
    points=0.5,
    title=text("slope and intercept on unseen measures", "slope et intercept sur de nouvelles mesures"),
    hint=text(
        "Good, poor and reversed metrics; as few as three values.",
        "De bonnes mesures, de mauvaises, d'inversées ; et jusqu'à trois valeurs seulement.",
    ),
)
def line(student, cases):
    for data in _lines(rng_for(NAME, "line")):
        _agrees(student, data, "slope", "intercept")


@CHECKS.check(
    points=0.25,
    title=text("r on unseen measures", "r sur de nouvelles mesures"),
    hint=text("Its sign is that of the slope.", "Son signe est celui de la pente."),
)
def correlation(student, cases):
    for data in _lines(rng_for(NAME, "correlation")):
        _agrees(student, data, "r")


@CHECKS.check(
    points=0.25,
    title=text("rmse on unseen measures", "rmse sur de nouvelles mesures"),
    hint=text(
        "An offset that the correlation does not see must show.",
        "Un décalage que la corrélation ne voit pas doit se voir.",
    ),
)
def error(student, cases):
    for data in _lines(rng_for(NAME, "error")):
        _agrees(student, data, "rmse")


@CHECKS.check(
    points=0.5,
    title=text(
        "smallest_detected on many unseen measures", "smallest_detected sur beaucoup de nouvelles mesures"
    ),
    hint=text(
        "Several biases of one size, none of some sizes, several controls or none: every planted bias counts.",
        "Plusieurs biais d'une même taille, aucun de certaines, plusieurs contrôles ou aucun : chaque biais introduit compte.",
    ),
)
def smallest_detected(student, cases):
    rng = rng_for(NAME, "smallest_detected")
    for number in range(40):
        planted = rng.choice(SIZES, 10)
        if number % 8 == 0:
            planted[planted == 0] = 0.75
        planted[:3] = (-1.0, 0.5, 0.25)
        measured = np.round(planted + (0.15 + 0.05 * (number % 5)) * rng.normal(size=len(planted)), 3)
        _agrees(student, (planted.tolist(), measured.tolist()), "smallest_detected")


@CHECKS.check(
    points=0.25,
    needs=("line",),
    title=text(
        "metrics that always say the same, on unseen biases",
        "des mesures qui disent toujours la même chose, sur de nouveaux biais",
    ),
    hint=text("r is 0 there, not NaN.", "r y vaut 0, et non NaN."),
)
def constant(student, cases):
    rng = rng_for(NAME, "constant")
    for n in (4, 8, 16):
        planted = rng.choice(SIZES, n)
        planted[:3] = (-0.75, 0.0, 0.5)
        # Eighths, as many as a power of two: their mean is exact, so that their spread is exactly 0.
        measured = [float(rng.integers(-7, 8)) / 8] * n
        _agrees(student, (planted.tolist(), measured), *FIELDS)


@CHECKS.check(
    points=0.25,
    needs=("line",),
    title=text(
        "what cannot be compared is refused, on unseen measures",
        "ce qui ne se compare pas est refusé, sur de nouvelles mesures",
    ),
    hint=text("Call paired_numbers first.", "Appelez d'abord paired_numbers."),
)
def refusals(student, cases):
    rng = rng_for(NAME, "refusals")
    planted, measured = _drawn(rng, 7, 0.9, 0.2)
    wanted = text("an InputError", "une InputError")
    bad = [*measured[:3], math.inf, *measured[4:]]
    for given in (
        (planted, measured[:-2]),
        (planted[:-1], measured),
        (planted[:2], measured[:2]),
        ([planted[2]] * 7, measured),
        (planted, bad),
    ):
        check_refused(student.run(Request(args=given)), "", wanted)
