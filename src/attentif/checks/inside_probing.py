"""What the checks of a model's inside share: tables of numbers compared and probed, whatever holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from attentif.checks.calls import arguments_of
from attentif.checks.compare import Mismatch, match, value_of
from attentif.checks.engine import Case
from attentif.checks.fingerprints import ERROR, Probe, outcome_features
from attentif.checks.student import Student
from attentif.checks.text import text
from attentif.checks.values import Outcome


def of_kind(kind: str, names: Sequence[str]) -> list[str]:
    """The names of stored cases of a kind of model."""
    return [f"{name}_{kind}" for name in names]


def check_stored(student: Student, cases: Mapping[str, Case], names: Sequence[str], where: str) -> None:
    """Stored cases, of which the value alone counts; it may have been computed in another precision."""
    for name in names:
        case = cases[name]
        value = value_of(student.run(case.request), case.request)
        try:
            match(value, case.expected.value, exact_dtype=False, of_parts=True, where=where)
        except Mismatch as found:
            asked, wanted = arguments_of(case.request), found.expected
            raise Mismatch(
                text(f"{wanted['en']} for {asked}", f"{wanted['fr']} pour {asked}"), found.got
            ) from None


def features_of(outcome: Outcome) -> np.ndarray:
    """The numbers of an outcome; the kind of an error depends on how the same mistake is written, and is left out."""
    return np.array([ERROR, 0.0]) if outcome.error is not None else outcome_features(outcome)


def value_probes(cases: Mapping[str, Case], names: Sequence[str]) -> dict[str, Probe]:
    """One probe for each of these stored cases."""

    def probe(case: Case) -> Probe:
        return lambda student: features_of(student.run(case.request))

    return {name: probe(cases[name]) for name in names}
