"""The suite that grades the graders: every misconception must be caught and named, however it is composed, every
right answer must keep its marks, and no check may pay for a trivial answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from attentif.checks.engine import FAILED, PASSED, SKIPPED, TODO, CheckResult, CheckSet, Report
from attentif.checks.examining import Answer, LocalAnswer, diagnosed, examine_answer
from attentif.checks.store import PublicExercise, read_exercise
from attentif.checks.store import load_exercise as load_public
from attentif.judged import judging
from attentif.rescue import known_good
from attentif_grading.checkdata import build_check_data
from attentif_grading.compositions import Composition, compositions
from attentif_grading.exercises import Exercise, exercises_in_chain, load_exercise
from attentif_grading.grader.catalogue_run import remote_answer
from attentif_grading.jobs import in_processes
from attentif_grading.matrix import Matrix, Row, vacuous_checks
from attentif_grading.other_ways import OtherWays
from attentif_grading.places import course_home
from attentif_grading.trivial import trivial_answers
from attentif_grading.unfinished import unwritten

# One of so many of the implementations that are written or composed otherwise is in the fast part.
EVERY = 12

# From an exercise, a function or class and known-good parts to an answer that can be examined.
Way = Callable[..., AbstractContextManager[Answer]]


@dataclass
class Verified:
    """What is found out about one exercise."""

    name: str
    rows: list[Row] = field(default_factory=list)
    vacuous: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    seconds: float = 0.0


@contextmanager
def in_process(
    exercise: Exercise, target: Any, parts: Callable[[str], Any] = known_good, ways: OtherWays | None = None
) -> Iterator[Answer]:
    """An answer in this process; `remote_answer` gives the same one in another, as students' answers are judged."""
    with judging(exercise.name):
        yield LocalAnswer(exercise.contract, target, parts=parts)


def verify(
    names: Iterable[str] | None = None,
    progress: Callable[[str], None] = lambda line: None,
    *,
    jobs: int = 1,
    fast: bool = False,
    judge: bool = False,
) -> Matrix:
    """Put every implementation of the catalogues to every check.

    Args:
        names: exercises; all that have hidden checks when None.
        progress: called with one line an exercise, when it is done.
        jobs: processes; with 1, all runs in this one. The result is the same.
        fast: of the second versions, the compositions and the mistakes outside the catalogue, a few only, and all
            with the data files as they are (that these are not stale is what `attentif-grading build --check` asks).
        judge: whether each implementation runs in a process of its own and answers by values over the wire, as
            students' code does when it is graded.

    Raises:
        InputError: an unknown exercise, or one whose checks could not be run to the end.
    """
    started = time.perf_counter()
    # A wrong name is told at once, not after the first exercises have taken their minute.
    names = list(dict.fromkeys(names or exercises_in_chain()))
    for name in names:
        load_exercise(name).frequent()
    if jobs > 1 and len(names) > 1:
        found = in_processes(partial(verify_one, fast=fast, judge=judge), names, min(jobs, len(names)))
    else:
        found = (verify_one(name, fast, judge) for name in names)
    by_name = {}
    for one in found:
        by_name[one.name] = one
        progress(f"{one.name}: {len(one.rows)} implementations, {one.seconds:.1f} s")
    done = [by_name[name] for name in names]
    return Matrix(
        rows=[row for one in done for row in one.rows],
        vacuous=[line for one in done for line in one.vacuous],
        unfinished=[line for one in done for line in one.unfinished],
        seconds=time.perf_counter() - started,
    )


def verify_one(name: str, fast: bool = False, judge: bool = False) -> Verified:
    """All implementations of one exercise, put to all its checks; see `verify`."""
    started = time.perf_counter()
    exercise = load_exercise(name)
    # Built afresh, so that a stale data file cannot hide a hole.
    public = load_public(name) if fast else read_exercise(name, build_check_data(exercise))
    rows = list(_rows(exercise, public, EVERY if fast else 1, remote_answer if judge else in_process))
    return Verified(
        name,
        rows,
        vacuous_checks(name, rows),
        unwritten(course_home(), exercise.contract),
        time.perf_counter() - started,
    )


def _rows(exercise: Exercise, public: PublicExercise, every: int, way: Way) -> Iterator[Row]:
    def row(kind: str, name: str, target: Any, **more: Any) -> Row:
        with way(exercise, target) as answer:
            reports = all_checks(exercise, public, answer)
            judged = _alone(exercise, public, answer, reports) if kind == "misconception" else reports
        return _row(exercise, kind, name, reports, judged, **more)

    yield row("reference", exercise.name, exercise.reference)
    for m in exercise.misconceptions:
        yield row("misconception", m.name, exercise.target(m.function))
    first = {id(m) for m in exercise.misconceptions}
    second = [m for m in exercise.all_misconceptions if id(m) not in first]
    for m in second[::every]:
        yield row("again", m.name, exercise.target(m.function))
    for v in exercise.variants:
        yield row("variant", v.name, exercise.target(v.function))
    for trivial, function in trivial_answers(exercise).items():
        yield row("trivial", trivial, exercise.target(function))
    for function, true_names in list(exercise.outside.items())[::every]:
        yield row("outside", function.__name__, exercise.target(function), true_names=tuple(true_names))
    for composition in list(compositions(exercise))[::every]:
        reports = _of_composition(exercise, public, composition, way)
        if composition.said:
            yield _row(
                exercise, composition.kind, composition.name, reports, reports, composed=composition.said
            )


def _row(
    exercise: Exercise, kind: str, name: str, reports: list[Report], judged: list[Report], **more: Any
) -> Row:
    """The row of an implementation; `judged` are the reports that tell which checks it fails."""

    def scoped(of: list[Report]) -> Iterator[tuple[str, CheckResult]]:
        for scope, report in zip(("public", "hidden"), of, strict=True):
            yield from ((f"{scope}:{result.check.name}", result) for result in report.results)

    return Row(
        exercise=exercise.name,
        kind=kind,
        name=name,
        earned=sum(report.earned for report in reports),
        maximum=sum(report.maximum for report in reports),
        named=tuple(dict.fromkeys(d.name for report in reports for d in report.diagnoses)),
        passed=tuple(check for check, result in scoped(reports) if result.status == PASSED),
        failed=tuple(check for check, r in scoped(judged) if r.status == FAILED and not r.fault),
        faults=tuple(f"{check} raised {result.fault}" for check, result in scoped(judged) if result.fault),
        **more,
    )


def all_checks(exercise: Exercise, public: PublicExercise, answer: Answer) -> list[Report]:
    """The reports of the public and of the hidden checks on an answer; a mistake is named in the first that takes
    marks.
    """
    first = examine_answer(public, answer)
    # Both would name the same: the probes are the public ones.
    unnamed = first.unfinished or first.earned == first.maximum
    return [first, examine_answer(public, answer, exercise.hidden, diagnose=unnamed)]


def _alone(exercise: Exercise, public: PublicExercise, answer: Answer, reports: list[Report]) -> list[Report]:
    """The reports when every check runs, whatever the others say.

    A check that only ever waits for another one fails nothing: mistakes meet each check by itself. Those that have
    run already have said what they say.
    """
    if any(result.status == TODO for report in reports for result in report.results):
        return reports
    student, alone = answer.student(), []
    for checks, report in zip((public.checks, exercise.hidden), reports, strict=True):
        waiting = [result.check for result in report.results if result.status == SKIPPED]
        free = CheckSet(checks.exercise, [replace(check, needs=()) for check in waiting])
        ran = {result.check.name: result for result in free.run(student, dict(public.cases)).results}
        results = tuple(ran.get(result.check.name, result) for result in report.results)
        alone.append(replace(report, results=results))
    return alone


def _of_composition(
    exercise: Exercise, public: PublicExercise, composition: Composition, way: Way
) -> list[Report]:
    """The reports on a composition, whose parts are the only ones that serve."""
    with way(exercise, composition.target, composition.parts, composition.ways) as answer:
        student = answer.student()
        reports = [checks.run(student, dict(public.cases)) for checks in (public.checks, exercise.hidden)]
        if any(report.earned < report.maximum for report in reports):
            reports[0] = replace(reports[0], diagnoses=diagnosed(student, public))
    return reports
