"""The check engine: what a check is, how a set of them is run, and what each earns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from attentif.checks.compare import Mismatch, Stopped, match, match_gradients, value_of
from attentif.checks.student import Student, error_line
from attentif.checks.text import Text, text
from attentif.checks.values import Outcome, Request
from attentif.checks.wording import Place, stopped

PASSED, FAILED, SKIPPED, TODO = "passed", "failed", "skipped", "todo"


@dataclass(frozen=True)
class Case:
    """A stored request with the result that it must give."""

    request: Request
    expected: Outcome


@dataclass(frozen=True)
class Check:
    """A small question about a student's code, with what it is worth.

    Args:
        name: unique in its exercise.
        run: run(student, cases) returns if all is well and raises Mismatch if not. Anything else that it
            raises is a fault of the check itself: the answer gets no point, and the report says why.
        points: a multiple of a quarter, paid only if the checks in `needs` pass too.
        title: what is checked, shown to students (of hidden checks too).
        hint: where to look when it fails.
        needs: names of checks of the same exercise that must pass first.
    """

    name: str
    run: Callable[[Student, dict[str, Case]], None]
    points: float
    title: Text
    hint: Text
    needs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.points < 0 or self.points * 4 != int(self.points * 4):
            raise ValueError(f"expected points of {self.name} in quarters, got {self.points}; round them")


@dataclass(frozen=True)
class CheckResult:
    """What one check said. `expected` and `got` are for public checks only.

    Args:
        check: the check.
        status: passed, failed, skipped or todo.
        earned: its points if it passed.
        expected, got: what a failed check wanted, and what it met.
        fault: the error of the check itself, "TypeName: message"; None if it could judge.
        stopped: whether the code raised an error instead of an answer.
    """

    check: Check
    status: str
    earned: float = 0.0
    expected: Text | None = None
    got: Text | None = None
    fault: str | None = None
    stopped: bool = False


@dataclass(frozen=True)
class Report:
    """What a set of checks said of an exercise.

    Args:
        exercise: its name.
        results: one a check, in order.
        diagnoses: the named mistakes that explain the student's values.
        carried_forward: the earlier exercises in whose place known-good parts earned these marks; none where
            the student's own parts serve.
        n_hidden: how many more checks run at grading.
    """

    exercise: str
    results: tuple[CheckResult, ...]
    diagnoses: tuple[Diagnosis, ...] = ()
    carried_forward: tuple[str, ...] = ()
    n_hidden: int = 0

    @property
    def earned(self) -> float:
        """Points earned."""
        return sum(result.earned for result in self.results)

    @property
    def maximum(self) -> float:
        """Points that these checks are worth."""
        return sum(result.check.points for result in self.results)

    @property
    def passed(self) -> dict[str, CheckResult]:
        """The results of the checks that are passed, by name."""
        return {result.check.name: result for result in self.results if result.status == PASSED}

    @property
    def unfinished(self) -> bool:
        """Whether the exercise is still to be written."""
        return any(result.status == TODO for result in self.results)


@dataclass(frozen=True)
class Diagnosis:
    """A named mistake: its identifier in the catalogue, and what it is."""

    name: str
    said: Text


@dataclass
class CheckSet:
    """The public or the hidden checks of an exercise, in the order in which they run."""

    exercise: str
    checks: list[Check] = field(default_factory=list)

    def check(
        self, points: float, title: Text, hint: Text, needs: Sequence[str] = (), name: str | None = None
    ) -> Callable:
        """Declare the decorated function run(student, cases) as a check."""

        def declare(run: Callable) -> Callable:
            self.checks.append(Check(name or run.__name__, run, points, title, hint, tuple(needs)))
            return run

        return declare

    def run(
        self,
        student: Student,
        cases: dict[str, Case] | None = None,
        known: Mapping[str, CheckResult] | None = None,
    ) -> Report:
        """Put every check to the student's code.

        Args:
            student: the code.
            cases: stored requests and their expected results.
            known: results, by check, that stand without the check being put.
        """
        results: dict[str, CheckResult] = {}
        todo = False
        for check in self.checks:
            if todo:
                results[check.name] = CheckResult(check, TODO)
                continue
            if any(results[name].status != PASSED for name in check.needs):
                results[check.name] = CheckResult(check, SKIPPED)
                continue
            found = (known or {}).get(check.name)
            results[check.name] = found or self.put(check, student, cases or {})
            todo = results[check.name].status == TODO
        return Report(self.exercise, tuple(results.values()))

    def lost(self, student: Student, cases: dict[str, Case], passed: Collection[str]) -> bool:
        """Whether one of these checks, which other code has passed, is not passed by this code."""
        due = (check for check in self.checks if check.name in passed)
        return any(self.put(check, student, cases).status != PASSED for check in due)

    def put(self, check: Check, student: Student, cases: dict[str, Case]) -> CheckResult:
        """The result of one check that is due to run."""
        return result_of(check, student, cases)


def result_of(check: Check, student: Student, cases: dict[str, Case]) -> CheckResult:
    """The result of a check, whatever it raises."""
    watched, fault, stops = _Watched(student), None, False
    try:
        check.run(watched, cases)
    except Mismatch as mismatch:
        expected, got, stops = mismatch.expected, mismatch.got, isinstance(mismatch, Stopped)
    except KeyboardInterrupt:  # whoever runs the checks wants to stop
        raise
    except BaseException as error:
        # A fault of the check must neither end the student's notebook nor pay for an answer.
        fault = error_line(error)
        expected = text("an answer that this check can judge", "une réponse que ce contrôle sait juger")
        got = text(
            f"the check itself failed ({fault}): show this to your instructor",
            f"le contrôle lui-même a échoué ({fault}) : montrez ceci à votre enseignant",
        )
    else:
        return CheckResult(check, PASSED, earned=check.points)
    status = TODO if watched.unfinished else FAILED
    return CheckResult(check, status, expected=expected, got=got, fault=fault, stopped=stops)


class _Watched:
    """A student that remembers whether its code said that it is not written yet."""

    def __init__(self, student: Student):
        self.student, self.unfinished = student, False

    def run(self, request: Request) -> Outcome:
        outcome = self.student.run(request)
        self.unfinished = self.unfinished or outcome.unfinished
        return outcome


def better(own: Report, with_known_good: Report, parts: Sequence[str]) -> Report:
    """The report that pays more; if it is the one with known-good parts, it names the exercises they stand for.

    Where both pay the same and something is wrong, the one with known-good parts tells what is wrong here.
    """
    if with_known_good.earned > own.earned:
        return replace(with_known_good, carried_forward=tuple(dict.fromkeys(parts)))
    return own if own.earned > with_known_good.earned or own.earned == own.maximum else with_known_good


def check_case(
    student: Student,
    case: Case,
    scale: float = 1.0,
    where: str | tuple[Place, ...] = "",
    of_parts: bool = False,
) -> Outcome:
    """Put a stored request to the student's code and compare values, called `where`, then gradients; see `match`."""
    outcome = student.run(case.request)
    value = value_of(outcome, case.request)
    match(value, case.expected.value, scale=scale, of_parts=of_parts, where=where)
    match_gradients(outcome.gradients, case.expected.gradients, scale=scale, of_parts=of_parts)
    return outcome


def expect_error(student: Student, request: Request, *, said: str = "") -> None:
    """The request must be refused with an error (not an unfinished body), naming `said` if given."""
    outcome = student.run(request)
    wanted = text("a clear error", "une erreur claire")
    if outcome.error is None:
        raise Mismatch(wanted, text("a result", "un résultat"))
    if outcome.unfinished or said.lower() not in outcome.error.lower():
        raise Mismatch(wanted, stopped(outcome))
