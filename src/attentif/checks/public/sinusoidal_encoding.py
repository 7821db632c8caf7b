"""Public checks of sinusoidal_encoding."""

from __future__ import annotations

import re

import numpy as np

from attentif.checks.compare import describe, match, require, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.fingerprints import ERROR, outcome_features
from attentif.checks.text import text
from attentif.checks.wording import named, stopped

CHECKS = CheckSet("sinusoidal_encoding")
ENCODING = named("encoding")

# Angles of tens of radians may be computed in float32.
SCALE = 10.0
REFUSALS = ("InputError", "ValueError", "AssertionError")
VALUES = ("plain", "wide", "one_pair", "long")
# What multiplies where it should divide answers with sines of thousands of radians.
TOLERANCES = dict.fromkeys(VALUES, 2e-3)


def probes(cases):
    """The values, and apart from them the kind of number and what an odd width meets."""

    def values(case):
        return lambda student: _numbers(student.run(case.request), outcome_features)

    def kind(student):
        return _numbers(student.run(cases["plain"].request), lambda outcome: _kind(outcome.value))

    def odd(student):
        return np.array([float(_is_refusal(student.run(cases["refuses_odd"].request)))])

    return {**{name: values(cases[name]) for name in VALUES}, "kind": kind, "odd": odd}


def _numbers(outcome, of):
    return np.array([ERROR, 0.0] if outcome.error is not None else of(outcome), dtype=np.float64)


def _kind(value):
    return [float(value.dtype.itemsize), ord(value.dtype.kind)] if isinstance(value, np.ndarray) else [-1.0]


def _is_refusal(outcome):
    """Whether an error says what is wrong with the width; shapes that do not fit say something else."""
    kind, _, said = (outcome.error or "").partition(":")
    return (
        kind in REFUSALS and re.search(r"d_model|\b(even|odd|pair|impair)\b", said, re.IGNORECASE) is not None
    )


def encoding_of(outcome, request=None):
    """The encoding, in float32 if it came in another floating-point format: that is judged once, apart."""
    value = value_of(outcome, request)
    return value.astype(np.float32) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value


def check_odd(student, request):
    """An odd width must be refused by an error that names it."""
    outcome, d_model = student.run(request), request.kwargs["d_model"]
    wanted = text(
        f"an error that names d_model, for d_model={d_model}",
        f"une erreur qui nomme d_model, pour d_model={d_model}",
    )
    got = describe(outcome.value) if outcome.error is None else stopped(outcome)
    require(_is_refusal(outcome), wanted, got)


def _check_values(student, case, scale=1.0):
    got = encoding_of(student.run(case.request), case.request)
    match(got, case.expected.value, scale=scale, where=ENCODING)


@CHECKS.check(
    points=0.75,
    title=text(
        "sines in the even columns, cosines in the odd ones",
        "des sinus dans les colonnes paires, des cosinus dans les colonnes impaires",
    ),
    hint=text(
        "Columns 2i and 2i+1 are the sine and the cosine of one angle, pos / 10000^(2i/d_model): i counts the pairs "
        "of columns and pos the rows, both from 0.",
        "Les colonnes 2i et 2i+1 sont le sinus et le cosinus d'un même angle, pos / 10000^(2i/d_model) : i compte les "
        "paires de colonnes et pos les lignes, à partir de 0.",
    ),
)
def values(student, cases):
    _check_values(student, cases["plain"])
    _check_values(student, cases["wide"])


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "other sizes: one position, one pair, many positions",
        "d'autres tailles : une position, une paire, beaucoup de positions",
    ),
    hint=text(
        "The shape is (length, d_model), whatever the two are.",
        "La forme est (length, d_model), quels que soient ces deux nombres.",
    ),
)
def sizes(student, cases):
    _check_values(student, cases["one_position"])
    _check_values(student, cases["one_pair"])
    _check_values(student, cases["long"], scale=SCALE)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("the result is float32", "le résultat est en float32"),
    hint=text(
        "You may compute in float64, but return float32, as the vectors to which this is added.",
        "Vous pouvez calculer en float64, mais renvoyez du float32, comme les vecteurs auxquels cela s'ajoute.",
    ),
)
def number_format(student, cases):
    request, expected = cases["plain"].request, cases["plain"].expected.value
    match(value_of(student.run(request), request), expected, where=ENCODING)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("an odd d_model is refused", "un d_model impair est refusé"),
    hint=text(
        "Each sine has its cosine, so d_model is even: otherwise raise an InputError or a ValueError that names d_model.",
        "Chaque sinus a son cosinus, donc d_model est pair : sinon, levez une InputError ou une ValueError qui nomme d_model.",
    ),
)
def odd(student, cases):
    check_odd(student, cases["refuses_odd"].request)
