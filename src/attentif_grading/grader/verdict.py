"""What the judge says of one exercise of one submission: plain data, for the journal, the gradebook and the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from attentif.checks.engine import PASSED, Report
from attentif.checks.text import Text

PUBLIC, HIDDEN = "public", "hidden"
_LONGEST = 1000  # of a text that may quote what came from a student's code


@dataclass(frozen=True)
class CheckVerdict:
    """One check. Its title and its hint are looked up by name where they are shown.

    Args:
        scope: public or hidden.
        name: of the check, unique in its scope.
        status: passed, failed, skipped or todo.
        earned, points: what it paid, and what it is worth.
        expected, got: of a failed public check; a hidden one never tells. `got` may quote what a student wrote.
        fault: whether the check itself failed.
    """

    scope: str
    name: str
    status: str
    earned: float
    points: float
    expected: Text | None = None
    got: Text | None = None
    fault: bool = False


@dataclass(frozen=True)
class Verdict:
    """One exercise of one submission.

    Args:
        exercise: its name.
        checks: the public ones, then the hidden ones.
        diagnoses: identifiers of the named mistakes.
        carried_forward: exercises in whose place known-good parts earned these marks.
        flags: remarks for the marker that cost nothing, by identifier.
        trouble: why the code could not be judged to its end, by identifier (see `attentif_grading.grader.troubles`).
        seconds: by what they were spent on: student, judging.
    """

    exercise: str
    checks: tuple[CheckVerdict, ...]
    diagnoses: tuple[str, ...] = ()
    carried_forward: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    trouble: str | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)

    def of(self, scope: str) -> tuple[CheckVerdict, ...]:
        """The public or the hidden checks."""
        return tuple(check for check in self.checks if check.scope == scope)

    def earned(self, scope: str | None = None) -> float:
        """Points earned, in all or in one scope; never less than 0 nor more than the maximum."""
        return sum(min(max(c.earned, 0.0), c.points) for c in self.checks if scope in (None, c.scope))

    def maximum(self, scope: str | None = None) -> float:
        """Points that the checks are worth."""
        return sum(check.points for check in self.checks if scope in (None, check.scope))

    @property
    def complete(self) -> bool:
        """Whether every check passed."""
        return all(check.status == PASSED for check in self.checks)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        # Texts are shared, not copied: nothing changes them.
        checks = tuple(vars(check).copy() for check in self.checks)
        return {**vars(self), "checks": checks, "seconds": dict(self.seconds)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Verdict:
        """The inverse of `to_json`."""
        names = ("diagnoses", "carried_forward", "flags")
        return cls(
            exercise=stored["exercise"],
            checks=tuple(CheckVerdict(**check) for check in stored["checks"]),
            **{name: tuple(stored[name]) for name in names},
            trouble=stored["trouble"],
            seconds=dict(stored["seconds"]),
        )


def check_verdicts(report: Report, scope: str) -> tuple[CheckVerdict, ...]:
    """The checks of a report; of a hidden check, what was expected and what came are left out."""
    shown = scope == PUBLIC
    return tuple(
        CheckVerdict(
            scope=scope,
            name=result.check.name,
            status=result.status,
            earned=result.earned,
            points=result.check.points,
            expected=_shortened(result.expected) if shown else None,
            got=_shortened(result.got) if shown else None,
            fault=result.fault is not None,
        )
        for result in report.results
    )


def _shortened(said: Text | None) -> Text | None:
    if said is None or all(len(each) <= _LONGEST for each in said.values()):
        return said
    return {language: each[:_LONGEST] + " …" for language, each in said.items()}
