"""Marks and comments that a person has entered through the formgrader, read back from nbgrader's gradebook."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from attentif_grading.grader.course_folder import GRADEBOOK
from attentif_grading.grader.gradebook_storage import database_url, explained


@dataclass(frozen=True)
class PersonMark:
    """What a person gave to one cell: points with extra credit, None while it waits; and the comment."""

    score: float | None
    comment: str = ""


def person_marks(out: Path, assignment: str, student: str, wait: float = 30.0) -> dict[str, PersonMark]:
    """What was entered for a student's written questions, by grade id; empty if there is no gradebook yet.

    Args:
        out: nbgrader's course folder.
        assignment: its name there.
        student: the identifier.
        wait: seconds to wait for another program that is writing to the gradebook.
    """
    from nbgrader.api import (
        Assignment,
        BaseCell,
        Comment,
        Grade,
        GradeCell,
        SubmittedAssignment,
        SubmittedNotebook,
    )
    from sqlalchemy import create_engine, select

    database = Path(out) / GRADEBOOK
    if not database.exists():
        return {}
    whole, handed, notebook = Assignment.__table__, SubmittedAssignment.__table__, SubmittedNotebook.__table__
    base, grade, comment, cell = BaseCell.__table__, Grade.__table__, Comment.__table__, GradeCell.__table__
    of_student = (
        select(notebook.c.id)
        .join(handed, notebook.c.assignment_id == handed.c.id)
        .join(whole, handed.c.assignment_id == whole.c.id)
        .where(whole.c.name == assignment, handed.c.student_id == student)
    )
    grades = (
        select(base.c.name, grade.c.manual_score, grade.c.extra_credit, grade.c.needs_manual_grade)
        .join(grade, grade.c.cell_id == base.c.id)
        .join(cell, cell.c.id == base.c.id)
        .where(grade.c.notebook_id.in_(of_student))
    )
    comments = (
        select(base.c.name, comment.c.manual_comment)
        .join(comment, comment.c.cell_id == base.c.id)
        .where(comment.c.notebook_id.in_(of_student), comment.c.manual_comment.is_not(None))
    )
    engine = create_engine(database_url(database, wait))
    try:
        with explained(database, wait), engine.connect() as db:
            said = dict(db.execute(comments).all())
            found = db.execute(grades).all()
    finally:
        engine.dispose()
    marks = {}
    for name, manual, extra, waits in found:
        score = None if manual is None or waits else manual + (extra or 0.0)
        if score is not None or name in said:
            marks[name] = PersonMark(score, said.get(name, ""))
    return marks
