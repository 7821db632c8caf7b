"""Grading with nbgrader alone: a course of its own, submissions in, marks, feedback and CSV out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from attentif.errors import InputError
from attentif_grading.contracts import load_course
from attentif_grading.nbgrader_course import NbGraderFailed, generate, open_course, succeed
from attentif_grading.notebooks import write_notebook
from attentif_grading.sample_class import Submission

if TYPE_CHECKING:
    from nbgrader.api import Gradebook
    from nbgrader.apps import NbGraderAPI


@dataclass(frozen=True)
class Mark:
    """What nbgrader's gradebook says of one graded cell of one student.

    Args:
        score: the automatic score; None if there is none (a cell that a person marks).
        manual: whether it waits for a person.
    """

    student: str
    notebook: str
    grade_id: str
    score: float | None
    maximum: float
    manual: bool


@dataclass
class Graded:
    """The result of grading a class, as nbgrader's gradebook has it.

    Args:
        marks: one for each student and graded cell.
        failed: students whose submission could not be graded, with the grader's last words.
        csv: nbgrader's export.
        feedback: student → HTML files.
        seconds: how long it took.
    """

    marks: list[Mark] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    csv: Path | None = None
    feedback: dict[str, list[Path]] = field(default_factory=dict)
    seconds: float = 0.0

    def of(self, student: str) -> dict[str, Mark]:
        """A student's marks by grade id."""
        return {mark.grade_id: mark for mark in self.marks if mark.student == student}

    def automatic(self, student: str) -> tuple[float, float]:
        """(earned, maximum) over the cells of checks; questions that a person marks are left out."""
        totals = self.by_exercise(student).values()
        return sum(earned for earned, _ in totals), sum(maximum for _, maximum in totals)

    def by_exercise(self, student: str) -> dict[str, tuple[float, float]]:
        """(earned, maximum) of each exercise: its public and hidden cells together."""
        totals: dict[str, tuple[float, float]] = {}
        for mark in self.of(student).values():
            exercise, _, cell = mark.grade_id.rpartition("_")
            if cell in ("public", "hidden"):
                earned, maximum = totals.get(exercise, (0.0, 0.0))
                totals[exercise] = (earned + (mark.score or 0.0), maximum + mark.maximum)
        return totals


def grade_plainly(
    home: Path,
    language: str,
    submissions: Iterable[Submission],
    folder: Path,
    built: Path | None = None,
    feedback: bool = True,
    say: Callable[[str], None] = lambda line: None,
) -> Graded:
    """Autograde submissions with nbgrader, one after the other, in a course made for it.

    Args:
        home: the course's repository.
        language: of the submissions.
        submissions: one a student.
        folder: an empty folder for the course.
        built: where `attentif-grading build` wrote, `home` itself when absent.
        feedback: whether nbgrader's feedback pages are made too.
        say: called with one line a student.

    Raises:
        InputError: the folder is not empty, or there is no build.
        NbGraderFailed: the assignment itself cannot be generated.
    """
    refuse_used(folder)
    source = (built or home) / "grading" / "source"
    assignment = load_course(home).assignments[language]
    if not (source / assignment).is_dir():
        raise InputError(
            expected=f"source notebooks in {source / assignment}",
            got="none",
            remedy="run `attentif-grading build`",
        )
    started, graded = time.perf_counter(), Graded()
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    with open_course(home, folder, built) as api:
        # The gradebook learns the cells and their points from this.
        generate(api, source, [assignment])
        for submission in submissions:
            began = time.perf_counter()
            for name, notebook in submission.notebooks.items():
                write_notebook(
                    notebook, folder / "submitted" / submission.student / assignment / f"{name}.ipynb"
                )
            try:
                succeed(api.autograde(assignment, submission.student), f"autograde {submission.student}")
                if feedback:
                    succeed(
                        api.generate_feedback(assignment, submission.student),
                        f"feedback {submission.student}",
                    )
            except NbGraderFailed as error:
                graded.failed[submission.student] = str(error)
            say(f"  {submission.student:<56} {time.perf_counter() - began:6.1f} s")
        _read_gradebook(api, assignment, graded, folder)
    for page in sorted((folder / "feedback").glob(f"*/{assignment}/*.html")):
        graded.feedback.setdefault(page.parent.parent.name, []).append(page)
    graded.seconds = round(time.perf_counter() - started, 1)
    return graded


def refuse_used(folder: Path) -> None:
    """Raise if a course's folder holds something: it might be someone's marks.

    Raises:
        InputError: it does.
    """
    if folder.exists() and any(folder.iterdir()):
        raise InputError(expected=f"an empty folder {folder}", got="one with files", remedy="choose another")


def _read_gradebook(api: NbGraderAPI, assignment: str, graded: Graded, folder: Path) -> None:
    from nbgrader.plugins.export import CsvExportPlugin

    graded.csv = folder / "grades.csv"
    with api.gradebook as gradebook:
        graded.marks += marks_in(gradebook, assignment)
        exporter = CsvExportPlugin(parent=api)
        exporter.to = str(graded.csv)
        exporter.export(gradebook)


def marks_in(gradebook: Gradebook, assignment: str) -> list[Mark]:
    """Every mark that a gradebook of nbgrader's holds for an assignment."""
    return [
        Mark(
            submission.student.id,
            notebook.name,
            grade.name,
            grade.auto_score,
            grade.max_score,
            bool(grade.needs_manual_grade),
        )
        for submission in gradebook.assignment_submissions(assignment)
        for notebook in submission.notebooks
        for grade in notebook.grades
    ]
