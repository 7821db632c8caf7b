"""Examining an answer: the checks put to it, with the student's own parts and with known-good ones, and its mistakes named."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

from attentif.checks.engine import Case, CheckResult, CheckSet, Diagnosis, Report, better
from attentif.checks.fingerprints import name_mistakes
from attentif.checks.store import PublicExercise
from attentif.checks.student import LocalStudent, Student, names_of
from attentif.judged import judging
from attentif.rescue import known_good


class Wiring(Protocol):
    """What is needed of an exercise to run answers to it; its public side has it, and its contract."""

    method: str | None
    parts: Mapping[str, str]
    called: tuple[str, ...]


class Answer(Protocol):
    """A student's answer to an exercise, wherever it runs."""

    @property
    def own(self) -> Sequence[str]:
        """The earlier exercises of which the student has implementations that this answer may use."""

    def student(self, own: Sequence[str] = ()) -> Student:
        """The answer at work: with these parts of the student's own, and known-good ones for the rest."""


@dataclass(frozen=True)
class LocalAnswer:
    """A function or class of this process.

    Args:
        exercise: what it is made of.
        target: the function or class.
        namespace: the notebook's globals, where the student's other classes are found.
        parts: gives known-good implementations by exercise name.
    """

    exercise: Wiring
    target: Any
    namespace: Mapping[str, Any] = field(default_factory=dict)
    parts: Callable[[str], Any] = known_good

    @cached_property
    def _own(self) -> dict[str, Any]:
        return own_parts(self.exercise, self.target, self.namespace)

    @property
    def own(self) -> Sequence[str]:
        """See `Answer`."""
        return tuple(self._own)

    def student(self, own: Sequence[str] = ()) -> Student:
        """See `Answer`."""
        exercise, mine = self.exercise, {name: self._own[name] for name in own}
        return LocalStudent(self.target, exercise.method, self.parts, mine, exercise.called)


def examine(
    exercise: PublicExercise,
    target: Any,
    checks: CheckSet | None = None,
    namespace: Mapping[str, Any] | None = None,
    diagnose: bool = True,
) -> Report:
    """Run checks (the public ones unless others are given) on a function or class of this process.

    Args:
        exercise: its public side.
        target: the student's function or class.
        checks: which to run.
        namespace: the notebook's globals, where the student's other classes are found.
        diagnose: whether to name the mistakes of an answer that loses marks.
    """
    with judging(exercise.name):
        return examine_answer(
            exercise, LocalAnswer(exercise, target, namespace or {}), checks, diagnose=diagnose
        )


def examine_answer(
    exercise: PublicExercise,
    answer: Answer,
    checks: CheckSet | None = None,
    cases: Mapping[str, Case] | None = None,
    diagnose: bool = True,
    doubtful: Collection[str] = (),
) -> Report:
    """Run checks on an answer, wherever it runs.

    Where the exercise takes parts, it is judged twice: with the parts that are the student's own, and with
    known-good ones. The expected values are the same, those of known-good parts; the better report counts.

    Args:
        exercise: its public side.
        answer: what is judged.
        checks: which to run, the public ones by default.
        cases: stored requests and their expected results, if not those of the exercise.
        diagnose: whether to name the mistakes of an answer that loses marks.
        doubtful: the student's own parts that are known to be wrong, perhaps.
    """
    checks = checks or exercise.checks
    both = _Both(checks, answer, dict(exercise.cases if cases is None else cases), doubtful)
    report = both.better()
    wrong = report.earned < report.maximum and not report.unfinished
    return replace(
        report,
        diagnoses=diagnosed(answer.student(), exercise) if diagnose and wrong else (),
        n_hidden=exercise.n_hidden if checks is exercise.checks else 0,
    )


@dataclass(frozen=True)
class _Both:
    """An answer with the student's own parts and with known-good ones; no check is put that cannot change the report."""

    checks: CheckSet
    answer: Answer
    cases: dict[str, Case]
    doubtful: Collection[str]

    def better(self) -> Report:
        """The report that pays more; if it is that of known-good parts, with the parts at fault."""
        own = tuple(self.answer.own)
        doubtful = [part for part in own if part in self.doubtful]
        # First the one that is likely to pass everything.
        first = self._run(() if doubtful else own)
        if not own or (first.earned == first.maximum and not doubtful):
            return first
        second = self._run(own if doubtful else (), first.passed)
        if second.earned == first.earned:
            # Of two that pay the same, that of known-good parts tells what is wrong here.
            if not doubtful:
                return second
            lost = self._lost(own, first.passed)
            return replace(first, carried_forward=self._at_fault(own, doubtful, first.passed) if lost else ())
        asked = {r.check.name: r for r in second.results if r.check.name not in first.passed}
        second = self._run(own if doubtful else (), asked)
        mine, known_good = (second, first) if doubtful else (first, second)
        at_fault: tuple[str, ...] = ()
        if known_good.earned > mine.earned:
            at_fault = self._at_fault(own, doubtful, set(known_good.passed) - set(mine.passed))
        return better(mine, known_good, at_fault)

    def _run(self, own: Sequence[str], known: Mapping[str, CheckResult] | None = None) -> Report:
        return self.checks.run(self.answer.student(own), self.cases, known)

    def _lost(self, own: Sequence[str], passed: Collection[str]) -> bool:
        return self.checks.lost(self.answer.student(own), self.cases, passed)

    def _at_fault(
        self, own: tuple[str, ...], doubtful: Sequence[str], gained: Collection[str]
    ) -> tuple[str, ...]:
        """The parts of the student's own that cost what known-good ones earn."""
        if len(own) == 1 or len(doubtful) == 1:
            return tuple(doubtful or own)
        # Most often it is one, in whose place another earns everything; of any other, the first check shows that it is not.
        enough = [part for part in own if not self._lost([p for p in own if p != part], gained)]
        if len(enough) == 1:
            return tuple(enough)
        return (
            tuple(part for part in own if self._lost((part,), gained)) or own
        )  # wrong only together, perhaps


def diagnosed(student: Student, exercise: PublicExercise) -> tuple[Diagnosis, ...]:
    """The named mistakes that explain what a student's code computes."""
    try:
        return tuple(name_mistakes(student, exercise.probes, exercise.fingerprints))
    except Exception:
        # A diagnosis is a help: a probe at fault must not take the marks along. That it names nobody shows
        # when the checks are verified.
        return ()


def own_parts(exercise: Wiring, target: Any, namespace: Mapping[str, Any]) -> dict[str, Any]:
    """The student's own implementations of the exercises that this one is made of, by name.

    A part that the code takes by default is that default; another is looked up in the notebook; what the
    code calls by its name is what it finds under that name. One that the student does not have is left out.
    """
    bound = _defaults(target)
    seen = names_of(target) or {}
    own: dict[str, Any] = {name: seen[name] for name in exercise.called if name in seen}
    for argument, name in exercise.parts.items():
        default = bound.get(argument)
        if default is not None:
            own[name] = default
        elif name in namespace:
            own[name] = namespace[name]
    return own


def _defaults(target: Any) -> dict[str, Any]:
    """The defaults of a function, or of a class's constructor, by argument."""
    if not (inspect.isclass(target) or inspect.isfunction(target)):
        return {}
    try:
        parameters = inspect.signature(target.__init__ if inspect.isclass(target) else target).parameters
    except (TypeError, ValueError):  # a constructor that is no function: the checks say what is wrong with it
        return {}
    return {name: p.default for name, p in parameters.items() if p.default is not inspect.Parameter.empty}


def stale_parts(
    exercise: PublicExercise, target: Any, namespace: Mapping[str, Any] | None = None
) -> list[str]:
    """Parts that a class or function took when it was defined and that have been redefined since.

    A default argument is bound once: a class defined before scaled_dot_product_attention was mended
    keeps the old one.
    """
    if not namespace:
        return []
    bound = _defaults(target)
    return [
        name
        for argument, name in exercise.parts.items()
        if bound.get(argument) is not None and name in namespace and namespace[name] is not bound[argument]
    ]
