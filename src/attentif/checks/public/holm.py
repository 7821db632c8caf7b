"""Public checks of holm: adjusted p-values in the order given, and what are no p-values."""

from __future__ import annotations

import numpy as np

from attentif.checks.calls import refusal_wanted
from attentif.checks.compare import Mismatch, describe, match, require, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.fingerprints import ERROR
from attentif.checks.refusals import check_refused, refused
from attentif.checks.text import text

CHECKS = CheckSet("holm")

VALUES = ("several", "rising", "equal", "large")
REFUSALS = {
    "refuses_above": text("a probability is not above 1", "une probabilité ne dépasse pas 1"),
    "refuses_below": text("a probability is not below 0", "une probabilité n'est pas négative"),
    "refuses_nan": text("one is NaN", "l'une est NaN"),
    "refuses_empty": text("no test at all", "aucun test"),
}
GROUPS = {"range": ("refuses_above", "refuses_below"), "nan": ("refuses_nan",)}


def adjusted(outcome):
    """What the code returned as an array (m,), None if it is no list of numbers."""
    value = outcome.value
    if outcome.error is not None:
        return None
    if isinstance(value, (list, tuple)):
        numeric = all(isinstance(item, (int, float)) and not isinstance(item, bool) for item in value)
        value = np.array(value, dtype=np.float64) if numeric else None
    fits = isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "fi"
    return value.astype(np.float64) if fits else None


def probes(cases):
    """The adjusted values of each case; then what is refused, of code whose values are right."""

    def value(name):
        def answer(student):
            found = adjusted(student.run(cases[name].request))
            expected = cases[name].expected.value
            if found is None or found.shape != expected.shape:
                return np.array([ERROR, 0.0])
            return np.nan_to_num(found, nan=1e6)

        return answer

    def refusal(names):
        def answer(student):
            try:
                for name in VALUES:
                    check_adjusted(student, cases[name].request, cases[name].expected.value)
            except Mismatch:
                return np.ones(len(names))
            return np.array([float(refused(student.run(cases[name].request))) for name in names])

        return answer

    return {name: value(name) for name in VALUES} | {
        f"refused_{group}": refusal(names) for group, names in GROUPS.items()
    }


def check_adjusted(student, request, expected):
    """These must be the adjusted values, as an array or a list, in the order given."""
    outcome = student.run(request)
    value, found = value_of(outcome, request), adjusted(outcome)
    n = len(request.args[0])
    wanted = text(f"{n} adjusted values, one a test", f"{n} valeurs ajustées, une par test")
    require(found is not None and len(found) == n, wanted, describe(value))
    match(found, np.asarray(expected), scale=100.0, where=f"holm({request.args[0]})")


@CHECKS.check(
    points=0.75,
    title=text("adjusted values, in the order of the tests", "les valeurs ajustées, dans l'ordre des tests"),
    hint=text(
        "Only the smallest is multiplied by m. Can a larger p end below a smaller one? And in which order are they returned?",
        "Seule la plus petite est multipliée par m. Un p plus grand peut-il finir sous un plus petit ? Et dans quel ordre "
        "sont-ils renvoyés ?",
    ),
)
def values(student, cases):
    for name in ("several", "rising", "equal"):
        check_adjusted(student, cases[name].request, cases[name].expected.value)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "large values, one value alone, and what are no p-values",
        "de grandes valeurs, une seule valeur, et ce qui n'est pas une valeur p",
    ),
    hint=text(
        "No probability is above 1. check_p_values refuses with an InputError what is none.",
        "Aucune probabilité ne dépasse 1. check_p_values refuse par une InputError ce qui n'en est pas une.",
    ),
)
def edges(student, cases):
    for name in ("large", "one"):
        check_adjusted(student, cases[name].request, cases[name].expected.value)
    for name, why in REFUSALS.items():
        request = cases[name].request
        check_refused(student.run(request), "", refusal_wanted("holm", request, why))
