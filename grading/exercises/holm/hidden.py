"""Hidden checks of holm: unseen p-values, against the definition by sets of hypotheses (closed testing by Bonferroni)."""

from __future__ import annotations

import itertools
import math

import numpy as np

from attentif.checks.engine import CheckSet
from attentif.checks.public.holm import check_adjusted
from attentif.checks.refusals import check_refused
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.salt import rng_for

CHECKS = CheckSet("holm")
NAME = "holm"


def _closed(p_values):
    """The largest Bonferroni p of all sets of tests that hold a test: that is Holm's, by another way."""
    tests = range(len(p_values))
    found = []
    for test in tests:
        others = [other for other in tests if other != test]
        sets = itertools.chain.from_iterable(itertools.combinations(others, n) for n in range(len(p_values)))
        of_sets = (
            (1 + len(each)) * min([p_values[test], *(p_values[other] for other in each)]) for each in sets
        )
        found.append(min(1.0, max(of_sets)))
    return np.array(found)


def _agrees(student, p_values):
    check_adjusted(student, Request(args=(p_values,)), _closed(p_values))


@CHECKS.check(
    points=0.75,
    title=text("unseen p-values", "de nouvelles valeurs p"),
    hint=text("Two to eight tests, in any order, some equal.", "De deux à huit tests, dans un ordre quelconque, dont d'égaux."),
)  # fmt: skip
def values(student, cases):
    rng = rng_for(NAME, "values")
    for n in (2, 3, 5, 8):
        _agrees(student, np.round(rng.uniform(0.0, 1.0 / n, n), 4).tolist())
    # Near each other: products fall, and are raised.
    _agrees(student, np.round(rng.uniform(0.02, 0.03, 6), 4).tolist())
    _agrees(student, rng.permutation([0.01, 0.01, 0.02, 0.02, 0.25]).tolist())


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("large values and refusals, on unseen p-values", "grandes valeurs et refus, sur de nouvelles valeurs p"),
    hint=text("At most 1; check_p_values refuses.", "Au plus 1 ; check_p_values refuse."),
)  # fmt: skip
def edges(student, cases):
    rng = rng_for(NAME, "edges")
    _agrees(student, np.round(rng.uniform(0.2, 1.0, 6), 3).tolist())
    _agrees(student, [1.0, 0.0, float(np.round(rng.uniform(0.3, 0.9), 3))])
    wanted = text("an InputError", "une InputError")
    for wrong in (1.0 + rng.uniform(0.01, 9.0), -rng.uniform(0.01, 1.0), math.nan, math.inf):
        check_refused(student.run(Request(args=([0.03, float(wrong), 0.4],))), "", wanted)
