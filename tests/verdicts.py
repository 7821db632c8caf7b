"""Made-up verdicts and submissions, for tests of what is written after judging."""

from __future__ import annotations

import copy
from collections.abc import Callable

from attentif.checks import store
from attentif.checks.engine import PASSED, TODO
from attentif.checks.examining import examine
from attentif.checks.store import public_module
from attentif_grading.exercises import load_exercise
from attentif_grading.grader.verdict import HIDDEN, PUBLIC, CheckVerdict, Verdict, check_verdicts
from attentif_grading.sample_class import Notebooks


def plain_verdict(name: str, status: str = PASSED, **more: object) -> Verdict:
    """All checks of an exercise with one status."""
    scopes = ((PUBLIC, public_module(name).CHECKS), (HIDDEN, load_exercise(name).hidden))
    return Verdict(
        name,
        tuple(
            CheckVerdict(scope, check.name, status, check.points if status == PASSED else 0.0, check.points)
            for scope, checks in scopes
            for check in checks.checks
        ),
        **more,
    )


def untouched_verdicts(names: list[str]) -> dict[str, Verdict]:
    """Nothing is written."""
    return {name: plain_verdict(name, TODO) for name in names}


def full_verdicts(names: list[str]) -> dict[str, Verdict]:
    """Everything passes."""
    return {name: plain_verdict(name) for name in names}


def judged(name: str, function: Callable) -> Verdict:
    """What the checks say of an implementation, in this process."""
    exercise, public = load_exercise(name), store.load_exercise(name)
    target = exercise.target(function)
    shown, hidden = examine(public, target), examine(public, target, exercise.hidden)
    return Verdict(
        name,
        check_verdicts(shown, PUBLIC) + check_verdicts(hidden, HIDDEN),
        diagnoses=tuple(dict.fromkeys(d.name for d in (*shown.diagnoses, *hidden.diagnoses))),
        carried_forward=tuple(dict.fromkeys((*shown.carried_forward, *hidden.carried_forward))),
    )


def answered(notebooks: Notebooks, answers: dict[str, str]) -> Notebooks:
    """A copy of notebooks with these texts in the cells of questions, by grade id."""
    notebooks = copy.deepcopy(notebooks)
    for notebook in notebooks.values():
        for cell in notebook.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            if grade_id in answers:
                cell.source = answers[grade_id]
    return notebooks
