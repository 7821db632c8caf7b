"""Twins of the public checks: at grading they are put with inputs that no student has seen.

What students hold of the public checks tells inputs and expected results, so an answer may be right for these alone: a
table of them, or a body that fits their sizes. At grading the same checks, under the same titles and for the same points,
are put with twins: inputs of the same kind, drawn from the assignment's secret, with what the reference answers to them.

What checks draw by themselves, and the constants that go with it, change too, see `attentif.checks.drawing`. Fixed by
nature are attention_by_hand, whose numbers stand in its statement, and calls whose arguments leave no choice, such as a
mask of length 1.

Diagnoses compare with what known mistakes answer to the stored inputs: they are asked for outside `twinned`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from attentif.checks.drawing import drawn_from
from attentif.checks.engine import Case
from attentif_grading.checkdata import answered
from attentif_grading.exercises import Exercise, load_exercise
from attentif_grading.salt import rng_for, salt


@dataclass(frozen=True)
class _Twins:
    """The twins of an exercise's stored cases, and the facts that go with them."""

    cases: dict[str, Case]
    facts: dict[str, Any]


def twin_cases(exercise: Exercise) -> dict[str, Case]:
    """For every stored case of an exercise, by its name, a twin; the same for everyone under one secret."""
    return dict(_twins(exercise.name, salt()).cases)


@contextmanager
def twinned(exercise: Exercise) -> Iterator[dict[str, Case]]:
    """The twins of an exercise; while it lasts, its public checks draw all else that they need from the secret too.

    A check may say what it expects of a twin, so nothing that it says goes to students.
    """
    twins = _twins(exercise.name, salt())
    with drawn_from(rng_for(exercise.name, "twin draws"), twins.facts):
        yield dict(twins.cases)


@lru_cache(maxsize=64)
def _twins(name: str, secret: str) -> _Twins:
    """The secret is an argument so that another one gives other twins."""
    exercise = load_exercise(name)
    requests = exercise.twin_requests(rng_for(name, "twin cases"))
    facts = exercise.twin_facts(rng_for(name, "twin facts"), requests)
    return _Twins(answered(exercise, requests), facts)
