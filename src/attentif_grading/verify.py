"""The suite that grades the graders: every misconception must be caught and named, every variant must keep
its marks, and no check may pay for a trivial answer.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

import numpy as np
import torch

from attentif.checks.engine import FAILED, PASSED, CheckResult, CheckSet, Report
from attentif.checks.store import PublicExercise, examine, read_exercise
from attentif_grading.checkdata import build_check_data
from attentif_grading.exercises import Exercise, exercises_in_chain, load_exercise
from attentif_grading.places import course_home
from attentif_grading.unfinished import MARK, unwritten


@dataclass
class Row:
    """One implementation put to all checks of its exercise.

    Args:
        exercise, kind, name: whose code it is; see `Matrix.of` for the kinds.
        earned, maximum: points, of public and hidden checks together.
        named: mistakes that the checks named.
        passed, failed: checks, as public:NAME or hidden:NAME.
        faults: checks that raised an error of their own instead of judging.
    """

    exercise: str
    kind: str
    name: str
    earned: float
    maximum: float
    named: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass
class Matrix:
    """All rows, and what they say together."""

    rows: list[Row] = field(default_factory=list)
    vacuous: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def of(self, kind: str) -> list[Row]:
        """The rows of one kind: reference, misconception, again, variant or trivial."""
        return [row for row in self.rows if row.kind == kind]

    def summary(self) -> dict[str, Any]:
        """The figures by their stable keys."""
        wrong = self.of("misconception") + self.of("again")
        caught = [row for row in wrong if row.earned < row.maximum]
        named = [row for row in wrong if row.named == (row.name,)]
        variants = self.of("variant")
        full = [row for row in variants if row.earned == row.maximum]
        first = self.of("misconception")
        return {
            "exercises": len(self.of("reference")),
            "misconceptions": len(first),
            "caught": sum(row.earned < row.maximum for row in first),
            "named": sum(row.named == (row.name,) for row in first),
            "second_versions": len(wrong) - len(first),
            "second_versions_caught": len(caught) - sum(row.earned < row.maximum for row in first),
            "second_versions_named": len(named) - sum(row.named == (row.name,) for row in first),
            "variants": len(variants),
            "variants_full_marks": len(full),
            "references_full_marks": sum(row.earned == row.maximum for row in self.of("reference")),
            "vacuous_checks": len(self.vacuous),
            "unfinished": self.unfinished,
            "not_caught": [f"{row.exercise}: {row.name}" for row in wrong if row.earned == row.maximum],
            "not_named": [
                f"{row.exercise}: {row.name} ({row.kind}) named {', '.join(row.named) or 'nothing'}"
                for row in wrong
                if row.named != (row.name,)
            ],
            "variants_that_lose": [f"{row.exercise}: {row.name}" for row in variants if row not in full],
            "vacuous": self.vacuous,
            "faulty": [
                f"{row.exercise}: on {row.name} ({row.kind}), {said}"
                for row in self.rows
                for said in row.faults
                if MARK not in said  # a check that is not written is told once, as unfinished
            ],
            "seconds": round(self.seconds, 1),
        }

    @property
    def sound(self) -> bool:
        """Whether the graders can be trusted."""
        said = self.summary()
        return not (
            said["unfinished"]
            or said["not_caught"]
            or said["not_named"]
            or said["variants_that_lose"]
            or said["vacuous"]
            or said["faulty"]
            or said["references_full_marks"] != said["exercises"]
        )


def all_checks(exercise: Exercise, public: PublicExercise, target: Any) -> list[Report]:
    """The reports of the public and of the hidden checks on a function or class."""
    return [examine(public, target), examine(public, target, exercise.hidden)]


def _alone(exercise: Exercise, public: PublicExercise, target: Any) -> list[Report]:
    """The reports when every check runs, whatever the others say."""
    sets = (public.checks, exercise.hidden)
    free = [
        CheckSet(checks.exercise, [replace(check, needs=()) for check in checks.checks]) for checks in sets
    ]
    return [examine(public, target, checks) for checks in free]


def _row(exercise: Exercise, public: PublicExercise, kind: str, name: str, target: Any) -> Row:
    reports = all_checks(exercise, public, target)
    # A check that only ever waits for another one fails nothing: mistakes meet each check by itself.
    judged = _alone(exercise, public, target) if kind == "misconception" else reports

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
    )


def trivial_answers(exercise: Exercise) -> dict[str, Callable]:
    """Answers that know nothing: unwritten, None, the first input, and right-shaped zeros, ones and noise."""
    reference, method = exercise.reference, exercise.contract.method
    true_function = getattr(reference, method) if method else reference

    def shaped(fill: Callable[[torch.Tensor], torch.Tensor], number: float) -> Callable:
        def answer(*args: Any, **kwargs: Any) -> Any:
            # On copies: an answer that knows nothing has no effect on a model either.
            args, kwargs = copy.deepcopy((args, kwargs))
            return _replace(true_function(*args, **kwargs), fill, number)

        return answer

    def first_input(*args: Any, **kwargs: Any) -> Any:
        values = [*args[1 if method else 0 :], *kwargs.values()]
        return values[0] if values else None

    def unwritten(*args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError

    def noise(x: torch.Tensor) -> torch.Tensor:
        return torch.rand_like(x) if x.is_floating_point() else torch.zeros_like(x)

    return {
        "unwritten": unwritten,
        "none": lambda *args, **kwargs: None,
        "first_input": first_input,
        "zeros": shaped(torch.zeros_like, 0.0),
        "ones": shaped(torch.ones_like, 1.0),
        "noise": shaped(noise, 0.5),
    }


def _replace(value: Any, fill: Callable, number: float) -> Any:
    if isinstance(value, torch.Tensor):
        return fill(value)
    if isinstance(value, np.ndarray):
        return fill(torch.from_numpy(value)).numpy()
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(_replace(item, fill, number) for item in value))
    if isinstance(value, (tuple, list)):
        return type(value)(_replace(item, fill, number) for item in value)
    if isinstance(value, dict):
        return {key: _replace(item, fill, number) for key, item in value.items()}
    if is_dataclass(value):
        names = [each.name for each in fields(value) if each.init]
        return replace(value, **{n: _replace(getattr(value, n), fill, number) for n in names})
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return type(value)(number)
    return value


def verify(names: Iterable[str] | None = None, progress: Callable[[str], None] = lambda line: None) -> Matrix:
    """Put every reference, misconception, variant and trivial answer to every check.

    Args:
        names: exercises; all that have hidden checks when None.
        progress: called with one line an exercise.
    """
    matrix = Matrix()
    started = time.perf_counter()
    # A wrong name is told at once, not after the first exercises have taken their minute.
    for exercise in [load_exercise(name) for name in names or exercises_in_chain()]:
        name = exercise.name
        # Built afresh, so that a stale data file cannot hide a hole.
        public = read_exercise(name, build_check_data(exercise))
        rows = [_row(exercise, public, "reference", name, exercise.reference)]
        first = {id(m) for m in exercise.misconceptions}
        for m in exercise.all_misconceptions:
            kind = "misconception" if id(m) in first else "again"
            rows.append(_row(exercise, public, kind, m.name, exercise.target(m.function)))
        for v in exercise.variants:
            rows.append(_row(exercise, public, "variant", v.name, exercise.target(v.function)))
        for trivial, function in trivial_answers(exercise).items():
            rows.append(_row(exercise, public, "trivial", trivial, exercise.target(function)))
        matrix.rows += rows
        matrix.vacuous += vacuous_checks(exercise.name, rows)
        matrix.unfinished += unwritten(course_home(), exercise.contract)
        progress(f"{name}: {len(rows)} implementations")
    matrix.seconds = time.perf_counter() - started
    return matrix


def vacuous_checks(exercise: str, rows: list[Row]) -> list[str]:
    """Checks that pay for a trivial answer, or that nothing wrong ever fails."""
    wrong = [row for row in rows if row.kind == "misconception"]
    trivial = [row for row in rows if row.kind == "trivial"]
    found = []
    for check in (*rows[0].passed, *rows[0].failed):
        paid = [row.name for row in trivial if check in row.passed]
        if paid:
            found.append(f"{exercise} {check}: passed by {', '.join(paid)}")
        elif not any(check in row.failed for row in wrong):
            found.append(f"{exercise} {check}: no misconception fails it")
    return found
