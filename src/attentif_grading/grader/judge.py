"""The judge: the checks of an exercise put to a student's answer, and what they say as a verdict."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from attentif.checks.engine import SKIPPED, TODO, Case, CheckResult, CheckSet, Report
from attentif.checks.store import Answer, PublicExercise, examine_answer
from attentif.checks.store import load_exercise as load_public
from attentif_grading.contracts import Contract, load_contracts
from attentif_grading.exercises import load_exercise
from attentif_grading.grader.conversation import NotebookRun, RemoteAnswer
from attentif_grading.grader.verdict import HIDDEN, PUBLIC, Verdict, check_verdicts


@dataclass(frozen=True)
class Judged:
    """An exercise as the judge has it.

    Args:
        contract: its contract.
        public: its public side, whose fingerprints name mistakes.
        cases: what the public checks are put with at grading.
        hidden: its hidden checks.
    """

    contract: Contract
    public: PublicExercise
    cases: Mapping[str, Case]
    hidden: CheckSet

    @classmethod
    def load(cls, name: str) -> Judged:
        """The exercise of this name."""
        exercise, public = load_exercise(name), load_public(name)
        return cls(exercise.contract, public, public.cases, exercise.hidden)


def judge_notebook(
    run: NotebookRun, exercises: Iterable[Judged], shadowed: bool = False
) -> Iterable[Verdict]:
    """Judge the exercises of a notebook that has run, in the order of the contracts: what others depend on comes first.

    Args:
        run: the notebook.
        exercises: which to judge.
        shadowed: whether cells give another meaning to names of the set-up or of Python itself.

    Yields:
        a verdict an exercise.
    """
    order = list(load_contracts())
    for judged in sorted(exercises, key=lambda each: order.index(each.contract.name)):
        verdict = judge_exercise(run, judged)
        if shadowed and not verdict.complete:
            again = judge_exercise(run, judged, restore=True)
            verdict = again if again.earned() > verdict.earned() else verdict
        yield verdict


def judge_exercise(run: NotebookRun, judged: Judged, restore: bool = False) -> Verdict:
    """The verdict on one exercise of a notebook that has run."""
    contracts, contract = load_contracts(), judged.contract
    lent = {name: contracts[name] for name in contract.depends}
    began = time.perf_counter()
    answer = run.answer(contract, lent, restore)
    try:
        reports = reports_on(judged, answer) if answer.there and answer.run.alive else _unasked(judged)
    finally:
        answer.close()
    seconds = {"student": answer.seconds, "judging": time.perf_counter() - began - answer.seconds}
    return verdict_of(judged, reports, answer, seconds)


def reports_on(judged: Judged, answer: Answer) -> tuple[Report, Report]:
    """The reports of the public and of the hidden checks; a mistake is named in the first that takes marks."""
    first = examine_answer(judged.public, answer, cases=judged.cases)
    unnamed = first.unfinished or first.earned == first.maximum
    if first.unfinished:
        return first, _nothing(judged.contract.name, judged.hidden, TODO)
    return first, examine_answer(judged.public, answer, judged.hidden, diagnose=unnamed)


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
    public, hidden = _unasked(judged)
    checks = (*check_verdicts(public, PUBLIC), *check_verdicts(hidden, HIDDEN))
    return Verdict(judged.contract.name, checks, trouble=trouble)


def _unasked(judged: Judged) -> tuple[Report, Report]:
    name = judged.contract.name
    return _nothing(name, judged.public.checks, SKIPPED), _nothing(name, judged.hidden, SKIPPED)


def _nothing(name: str, checks: CheckSet, status: str) -> Report:
    return Report(name, tuple(CheckResult(check, status) for check in checks.checks))


def with_cases(judged: Judged, cases: Mapping[str, Case]) -> Judged:
    """The same exercise, its public checks put with other stored requests."""
    return replace(judged, cases=cases)
