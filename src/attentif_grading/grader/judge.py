"""The judge: the checks of an exercise put to a student's answer, and what they say as a verdict."""

from __future__ import annotations

import time
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from attentif.checks.engine import FAILED, SKIPPED, TODO, CheckResult, CheckSet, Report
from attentif.checks.examining import Answer, diagnosed, examine_answer
from attentif.checks.store import PublicExercise
from attentif.checks.store import load_exercise as load_public
from attentif_grading.contracts import Contract, load_contracts
from attentif_grading.exercises import Exercise, load_exercise
from attentif_grading.grader.conversation import RemoteAnswer
from attentif_grading.grader.lent_parts import lent_to
from attentif_grading.grader.notebook_run import NotebookRun
from attentif_grading.grader.remembering import RememberedChecks
from attentif_grading.grader.verdict import HIDDEN, PUBLIC, Verdict, check_verdicts
from attentif_grading.twins import twinned


@dataclass(frozen=True)
class Judged:
    """An exercise as the judge has it.

    Args:
        exercise: with both its sides.
        public: its public side, whose fingerprints name mistakes.
        twins: the public checks, for twins of their cases.
        stored: the public checks, for their stored cases.
        hidden: the hidden checks.
        explained: what was said of earlier answers, by their trails.
    """

    exercise: Exercise
    public: PublicExercise
    twins: CheckSet
    stored: CheckSet
    hidden: CheckSet
    explained: dict[bytes, Report] = field(default_factory=dict)

    @property
    def contract(self) -> Contract:
        """Its contract."""
        return self.exercise.contract

    @classmethod
    def load(cls, name: str) -> Judged:
        """The exercise of this name, whose checks remember what they have said of which answers."""
        exercise, public = load_exercise(name), load_public(name)
        # The twins' have their own memory: the same check puts other requests there.
        sets = (RememberedChecks(checks) for checks in (public.checks, public.checks, exercise.hidden))
        return cls(exercise, public, *sets)


def judge_notebook(
    run: NotebookRun, exercises: Iterable[Judged], shadowed: bool = False, left: Container[str] = ()
) -> Iterable[Verdict]:
    """Judge the exercises of a notebook that has run, in the order of the contracts: what others depend on comes first.

    Args:
        run: the notebook.
        exercises: which to judge.
        shadowed: whether cells give another meaning to names of the set-up or of Python itself.
        left: exercises that are still to be written, as is known without asking.

    Yields:
        a verdict an exercise.
    """
    order = list(load_contracts())
    for judged in sorted(exercises, key=lambda each: order.index(each.contract.name)):
        if run.alive and judged.contract.name in left:
            run.doubtful.add(judged.contract.name)
            yield still_to_be_written(judged)
            continue
        verdict = judge_exercise(run, judged)
        if shadowed and not verdict.complete:
            again = judge_exercise(run, judged, restore=True)
            verdict = again if again.earned() > verdict.earned() else verdict
        if not verdict.complete or verdict.carried_forward:
            run.doubtful.add(verdict.exercise)
        yield verdict


def judge_exercise(run: NotebookRun, judged: Judged, restore: bool = False) -> Verdict:
    """The verdict on one exercise of a notebook that has run."""
    contract = judged.contract
    began = time.perf_counter()
    answer = run.answer(contract, lent_to(contract), restore)
    try:
        reports = reports_on(judged, answer) if answer.there and answer.run.alive else _unasked(judged)
    finally:
        answer.close()
    seconds = {"student": answer.seconds, "judging": time.perf_counter() - began - answer.seconds}
    return verdict_of(judged, reports, answer, seconds)


def reports_on(judged: Judged, answer: RemoteAnswer) -> tuple[Report, Report]:
    """The reports of the public and of the hidden checks; named mistakes are in the first.

    Public checks are put with twins of their stored cases, which no student has seen. What they say of a twin stays
    here: of those that fail, the first report tells what came of the stored case, as in the notebook.
    """
    public, hidden = judged.public, judged.hidden
    with twinned(judged.exercise) as twins:
        first = examine_answer(
            public, answer, judged.twins, cases=twins, diagnose=False, doubtful=answer.run.doubtful
        )
    if first.unfinished:
        return _without_values(first), _nothing(public.name, hidden, TODO)
    second = examine_answer(public, answer, hidden, diagnose=False, doubtful=first.carried_forward)
    if first.earned + second.earned < first.maximum + second.maximum:
        first = _explained(judged, answer, first)
    return first, second


def _explained(judged: Judged, answer: RemoteAnswer, first: Report) -> Report:
    """The first report with what there is to say of an answer that loses marks.

    What has answered everything as an earlier answer did is told what that one was told.
    """
    trail = answer.trail
    if trail in judged.explained and not answer.trouble:
        return judged.explained[trail]
    if first.earned < first.maximum:
        first = _said_of_stored_cases(judged, answer, first)
    first = replace(first, diagnoses=diagnosed(answer.student(), judged.public))
    if not answer.trouble:
        judged.explained[trail] = first
    return first


def _said_of_stored_cases(judged: Judged, answer: Answer, report: Report) -> Report:
    own = () if report.carried_forward else tuple(answer.own)
    stored = _failed_on_stored_cases(judged, answer, own, report)
    if own and any(r.status == FAILED and r.check.name not in stored for r in report.results):
        # Where both pay the same, the report is that of known-good parts: the student's own may not be written.
        stored = _failed_on_stored_cases(judged, answer, (), report) | stored
    results = []
    for result in report.results:
        here = stored.get(result.check.name) if result.status == FAILED else None
        said = (here.expected, here.got) if here else (None, None)
        results.append(replace(result, expected=said[0], got=said[1]))
    return replace(report, results=tuple(results))


def _failed_on_stored_cases(
    judged: Judged, answer: Answer, own: tuple[str, ...], report: Report
) -> dict[str, CheckResult]:
    found = judged.stored.run(answer.student(own), dict(judged.public.cases), report.passed)
    return {result.check.name: result for result in found.results if result.status == FAILED}


def _without_values(report: Report) -> Report:
    return replace(report, results=tuple(replace(r, expected=None, got=None) for r in report.results))


def verdict_of(
    judged: Judged, reports: Sequence[Report], answer: RemoteAnswer, seconds: Mapping[str, float]
) -> Verdict:
    """Both reports as plain data."""
    public, hidden = reports
    return Verdict(
        exercise=judged.contract.name,
        checks=(*check_verdicts(public, PUBLIC), *check_verdicts(hidden, HIDDEN)),
        diagnoses=tuple(dict.fromkeys(d.name for report in reports for d in report.diagnoses)),
        carried_forward=tuple(dict.fromkeys(name for report in reports for name in report.carried_forward)),
        flags=("inputs_changed",) if answer.inputs_changed else (),
        trouble=answer.trouble,
        seconds={name: round(value, 4) for name, value in seconds.items()},
    )


def not_judged(judged: Judged, trouble: str) -> Verdict:
    """The verdict on an exercise of a notebook that could not be run at all."""
    return _unheard(judged, SKIPPED, trouble)


def still_to_be_written(judged: Judged) -> Verdict:
    """The verdict on an exercise whose code says that it is not written yet."""
    return _unheard(judged, TODO)


def _unheard(judged: Judged, status: str, trouble: str | None = None) -> Verdict:
    public, hidden = _unasked(judged, status)
    checks = (*check_verdicts(public, PUBLIC), *check_verdicts(hidden, HIDDEN))
    return Verdict(judged.contract.name, checks, trouble=trouble)


def _unasked(judged: Judged, status: str = SKIPPED) -> tuple[Report, Report]:
    name = judged.contract.name
    return _nothing(name, judged.public.checks, status), _nothing(name, judged.exercise.hidden, status)


def _nothing(name: str, checks: CheckSet, status: str) -> Report:
    return Report(name, tuple(CheckResult(check, status) for check in checks.checks))
