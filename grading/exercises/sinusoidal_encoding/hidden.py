"""Hidden checks of sinusoidal_encoding: a naive loop, and rotations of pairs of columns."""

from __future__ import annotations

import math

import numpy as np

from attentif.checks.compare import match, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.public.sinusoidal_encoding import ENCODING, check_odd, encoding_of
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.salt import rng_for

CHECKS = CheckSet("sinusoidal_encoding")
NAME = "sinusoidal_encoding"
# Angles of hundreds of radians, if they are computed in float32, are right to the fourth decimal.
FAR = 50.0


def _request(length, d_model):
    return Request(kwargs={"length": int(length), "d_model": int(d_model)})


def _loop(length, d_model):
    """One sine or cosine at a time, the wavelength by a power."""
    rows = []
    for position in range(length):
        row = []
        for pair in range(d_model // 2):
            wavelength = 2 * math.pi * 10_000 ** (2 * pair / d_model)
            row += [f(2 * math.pi * position / wavelength) for f in (math.sin, math.cos)]
        rows.append(row)
    return np.array(rows, dtype=np.float32).reshape(length, d_model)


def _agrees(student, length, d_model, scale=1.0):
    got = encoding_of(student.run(_request(length, d_model)))
    match(got, _loop(length, d_model), scale=scale, where=ENCODING)


@CHECKS.check(
    points=0.75,
    title=text("values for unseen sizes", "valeurs pour de nouvelles tailles"),
    hint=text(
        "Compute a few entries by hand from the formula, in the second and in the last pair of columns too.",
        "Calculez quelques valeurs à la main d'après la formule, y compris dans la deuxième et la dernière paire de "
        "colonnes.",
    ),
)
def values(student, cases):
    rng = rng_for(NAME, "values")
    lengths, widths = (
        rng.choice(np.arange(8, 20), 3, replace=False),
        rng.choice(np.arange(2, 9), 3, replace=False),
    )
    for length, half in zip(lengths, widths, strict=True):
        _agrees(student, length, 2 * half, scale=3.0)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "one position, one pair of columns, hundreds of positions",
        "une position, une paire de colonnes, des centaines de positions",
    ),
    hint=text(
        "Nothing depends on the length but the number of rows.",
        "Rien ne dépend de la longueur, sauf le nombre de lignes.",
    ),
)
def sizes(student, cases):
    rng = rng_for(NAME, "sizes")
    _agrees(student, 1, 2 * rng.integers(5, 12))
    _agrees(student, rng.integers(3, 12), 2, scale=3.0)
    _agrees(student, rng.integers(300, 500), 2 * rng.integers(2, 5), scale=FAR)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "to move by k positions turns each pair of columns by its own angle",
        "avancer de k positions fait tourner chaque paire de colonnes de son angle",
    ),
    hint=text(
        "Both columns of a pair share one frequency: sin(a + b) and cos(a + b) follow from those of a and of b.",
        "Les deux colonnes d'une paire ont la même fréquence : sin(a + b) et cos(a + b) se déduisent de ceux de a et b.",
    ),
)
def rotation(student, cases):
    rng = rng_for(NAME, "rotation")
    length, d_model = int(rng.integers(40, 60)), 2 * int(rng.integers(4, 8))
    got = encoding_of(student.run(_request(length, d_model)))
    match(got, _loop(length, d_model), scale=FAR, where=ENCODING)
    pairs = got.astype(np.float64).reshape(length, d_model // 2, 2)
    turning = pairs[..., 1] + 1j * pairs[..., 0]  # exp(i · angle)
    for k in (int(k) for k in rng.choice(np.arange(1, 30), 3, replace=False)):
        turned = turning[:-k] * np.exp(1j * k * np.geomspace(1.0, 10_000 ** (2 / d_model - 1), d_model // 2))
        expected = np.stack([turned.imag, turned.real], -1).reshape(length - k, d_model)
        match(got[k:], expected.astype(np.float32), scale=FAR, where=ENCODING)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("other odd widths are refused", "d'autres largeurs impaires sont refusées"),
    hint=text(
        "An error that names d_model, before anything is computed.",
        "Une erreur qui nomme d_model, avant tout calcul.",
    ),
)
def odd(student, cases):
    rng = rng_for(NAME, "odd")
    for d_model in (1, 2 * int(rng.integers(2, 20)) + 1):
        request = _request(rng.integers(1, 9), d_model)
        check_odd(student, request)
    # Its even neighbours are not.
    value_of(student.run(_request(3, d_model + 1)))
