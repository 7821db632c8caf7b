"""Public checks of causal_mask."""

from __future__ import annotations

import numpy as np

from attentif.checks.engine import CheckSet, check_case
from attentif.checks.fingerprints import ERROR, outcome_features
from attentif.checks.text import text

CHECKS = CheckSet("causal_mask")


def probes(cases):
    """The longer masks, with the kind of number: 0 and 1 are not False and True."""

    def probe(case):
        def answer(student):
            outcome = student.run(case.request)
            if outcome.error is not None:
                return np.array([ERROR, 0.0])
            kind = ord(outcome.value.dtype.kind) if isinstance(outcome.value, np.ndarray) else -1.0
            return np.append(outcome_features(outcome), kind)

        return answer

    return {name: probe(cases[name]) for name in ("four", "seven")}


def check_mask(student, case):
    """Compare a stored mask; the text of a failure names the call."""
    check_case(student, case, where=f"causal_mask({case.request.args[0]})")


@CHECKS.check(
    points=0.5,
    title=text("each position sees itself and the past", "chaque position se voit elle-même et le passé"),
    hint=text(
        "Rows are queries, columns are keys: True on and below the diagonal, and the dtype is torch.bool.",
        "Les lignes sont les requêtes, les colonnes les clés : True sur la diagonale et en dessous, en torch.bool.",
    ),
)
def values(student, cases):
    check_mask(student, cases["four"])


@CHECKS.check(
    points=0.5,
    needs=("values",),
    title=text("other lengths, 1 among them", "d'autres longueurs, dont 1"),
    hint=text(
        "The shape is (length, length), whatever the length.",
        "La forme est (length, length), quelle que soit length.",
    ),
)
def lengths(student, cases):
    for name in ("one", "two", "seven"):
        check_mask(student, cases[name])
