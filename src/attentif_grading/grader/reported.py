"""A verdict back in the form that the checks' own reports have: with titles, hints and diagnoses, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from attentif.checks.engine import Check, CheckResult, Diagnosis, Report
from attentif.checks.store import public_module
from attentif.checks.text import Text, current_language, set_language, text
from attentif_grading.exercises import load_exercise
from attentif_grading.grader.shown_text import visible
from attentif_grading.grader.verdict import PUBLIC, CheckVerdict, Verdict

_NO_HINT = text("", "")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """This language for a while."""
    before = current_language()
    set_language(language)
    try:
        yield
    finally:
        set_language(before)


def report_of(verdict: Verdict, scope: str | None = None) -> Report:
    """The report that a verdict was made from, of all its checks or of one scope.

    What a failed public check met is made safe to show. Checks and mistakes that the course has dropped since keep
    their name for a title, and are left out of the diagnoses.
    """
    checks = verdict.checks if scope is None else verdict.of(scope)
    results = tuple(_result(verdict.exercise, check) for check in checks)
    said = _diagnoses(verdict.exercise)
    lost = sum(result.earned for result in results) < sum(result.check.points for result in results)
    return Report(
        exercise=verdict.exercise,
        results=results,
        diagnoses=tuple(Diagnosis(name, said[name]) for name in verdict.diagnoses if lost and name in said),
        carried_forward=verdict.carried_forward,
    )


def _result(exercise: str, verdict: CheckVerdict) -> CheckResult:
    known = _checks(exercise).get((verdict.scope, verdict.name))
    title, hint = (known.title, known.hint) if known else (text(verdict.name, verdict.name), _NO_HINT)
    check = Check(verdict.name, _never_run, verdict.points, title, hint)
    shown = verdict.scope == PUBLIC  # of a hidden check never, whatever the verdict holds
    return CheckResult(
        check=check,
        status=verdict.status,
        earned=min(max(verdict.earned, 0.0), verdict.points),
        expected=_safe(verdict.expected) if shown else None,
        got=_safe(verdict.got) if shown else None,
        fault="fault" if verdict.fault else None,
    )


def _safe(said: Text | None) -> Text | None:
    return said and {language: visible(each) for language, each in said.items()}


def _never_run(student: object, cases: object) -> None:
    raise RuntimeError("this check is here for its words")


@cache
def _checks(exercise: str) -> dict[tuple[str, str], Check]:
    public = {("public", check.name): check for check in public_module(exercise).CHECKS.checks}
    return public | {("hidden", check.name): check for check in load_exercise(exercise).hidden.checks}


@cache
def _diagnoses(exercise: str) -> dict[str, Text]:
    return {mistake.name: mistake.said for mistake in load_exercise(exercise).misconceptions}
