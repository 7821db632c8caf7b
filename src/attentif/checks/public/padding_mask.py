"""Public checks of padding_mask."""

from __future__ import annotations

import numpy as np

from attentif.checks.engine import CheckSet, check_case
from attentif.checks.fingerprints import ERROR, outcome_features
from attentif.checks.text import text
from attentif.checks.wording import named

CHECKS = CheckSet("padding_mask")
MASK = named("mask", "BHTS")


def probes(cases):
    """The batches with padding, and apart from them the kind of number: 0 and 1 are not False and True."""

    def values(case):
        return lambda student: _numbers(student.run(case.request), outcome_features)

    def boolean(student):
        return _numbers(student.run(cases["at_the_end"].request), lambda outcome: [_kind(outcome.value)])

    asked = {name: values(cases[name]) for name in ("at_the_end", "anywhere", "other_id")}
    return {**asked, "boolean": boolean}


def _numbers(outcome, of):
    return np.array([ERROR, 0.0] if outcome.error is not None else of(outcome), dtype=np.float64)


def _kind(value):
    return float(value.dtype == bool) if isinstance(value, np.ndarray) else -1.0


@CHECKS.check(
    points=0.5,
    title=text(
        "padding at the end of the rows is hidden, the rest visible",
        "le remplissage à la fin des lignes est caché, le reste visible",
    ),
    hint=text(
        "True where the token is not pad_id; the shape is (B, 1, 1, S) and the dtype torch.bool.",
        "True là où le jeton n'est pas pad_id ; la forme est (B, 1, 1, S) et le dtype torch.bool.",
    ),
)
def values(student, cases):
    check_case(student, cases["at_the_end"], where=MASK)
    check_case(student, cases["one_token"], where=MASK)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("padding anywhere in a row", "du remplissage n'importe où dans une ligne"),
    hint=text(
        "Each token tells by itself whether it is padding; a row may also be nothing else.",
        "Chaque jeton dit à lui seul s'il est du remplissage ; une ligne peut aussi n'être que cela.",
    ),
)
def anywhere(student, cases):
    check_case(student, cases["anywhere"], where=MASK)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("a pad_id other than 0", "un pad_id autre que 0"),
    hint=text(
        "Padding is what equals pad_id, and 0 is a token like any other.",
        "Le remplissage est ce qui est égal à pad_id, et 0 est un jeton comme un autre.",
    ),
)
def other_id(student, cases):
    check_case(student, cases["other_id"], where=MASK)
    check_case(student, cases["no_padding"], where=MASK)
