"""Grading one exercise again for everyone, after a check was mended: what changes is shown before it is written."""

from __future__ import annotations

from dataclasses import dataclass

from attentif.checks.text import text
from attentif.errors import InputError
from attentif_grading.grader.class_files import keep_sandbox
from attentif_grading.grader.collect import Collected, collect
from attentif_grading.grader.grade import Grading
from attentif_grading.grader.journal import FILE, Journal, pseudonym
from attentif_grading.grader.kept_record import with_record
from attentif_grading.grader.levels import Sandbox
from attentif_grading.grader.verdict import Verdict

SUBMITTED = "submitted"


@dataclass(frozen=True)
class Change:
    """A student's new verdict on the exercise.

    Args:
        student: the identifier.
        notebook: its number.
        key: of what was judged.
        before: the verdict that counts now, None if there is none.
        after: the new one.
        sandbox: in which it was judged.
    """

    student: str
    notebook: int
    key: str
    before: Verdict | None
    after: Verdict
    sandbox: Sandbox

    @property
    def mark_changes(self) -> bool:
        """Whether points change, in all or between public and hidden checks."""
        return self.before is None or any(
            self.before.earned(scope) != self.after.earned(scope) for scope in ("public", "hidden")
        )

    def __str__(self) -> str:
        before = "none" if self.before is None else f"{self.before.earned():g}"
        return (
            f"{pseudonym(self.student)} {self.after.exercise}: {before} -> {self.after.earned():g} "
            f"of {self.after.maximum():g}"
        )


def handed_in_before(grading: Grading) -> Collected:
    """What was handed in, from the graded class itself.

    Raises:
        InputError: the folder is no graded class.
    """
    folder = grading.out / SUBMITTED
    if not (grading.out / FILE).is_file() or not folder.is_dir():
        raise InputError(
            expected=text(f"a graded class in {grading.out}", f"une classe corrigée dans {grading.out}"),
            got=text("none", "aucune"),
            remedy=text("run `attentif-grading grade` first", "lancez d'abord `attentif-grading grade`"),
        )
    return with_record(collect([folder], grading.assignments), grading.out)


def judge_again(
    grading: Grading, exercise: str, jobs: int, cluster: str | None = None, allow_weak: bool = False
) -> list[Change]:
    """Judge an exercise of the whole class again; nothing is written.

    Raises:
        InputError: an exercise that is not selected, or no graded class.
    """
    grading.notebook_of(exercise)  # a wrong name is told before anything is opened
    collected, journal = handed_in_before(grading), Journal(grading.out)
    try:
        return sorted(
            (
                Change(student, number, key, journal.last(student, exercise), verdict, sandbox)
                for student, number, key, verdict, sandbox in grading.judged_again(
                    collected, exercise, jobs, cluster, allow_weak
                )
            ),
            key=lambda change: change.student,
        )
    finally:
        journal.close()


def write_changes(grading: Grading, changes: list[Change]) -> None:
    """Append the new verdicts to the journal, then derive gradebook and pages again where they change.

    Raises:
        InputError: something cannot be written; what was appended counts.
    """
    journal = Journal(grading.out)
    try:
        for change in changes:
            about = {"notebook": change.notebook, "sandbox": f"{change.sandbox.level} {change.sandbox.kind}"}
            journal.append(change.student, [(change.after, change.key)], about)
        if changes:
            keep_sandbox(grading.out, changes[0].sandbox)
        grading.derive(handed_in_before(grading), journal)
    finally:
        journal.close()


def summary(changes: list[Change]) -> list[str]:
    """One line for each mark that changes, then how many stay."""
    moved = [change for change in changes if change.mark_changes]
    raised = sum(change.before is None or change.after.earned() > change.before.earned() for change in moved)
    lines = [str(change) for change in moved]
    return [
        *lines,
        f"{len(moved)} of {len(changes)} marks change: {raised} up, {len(moved) - raised} down or moved",
    ]
