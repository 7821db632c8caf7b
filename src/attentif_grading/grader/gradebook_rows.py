"""Rows of nbgrader's gradebook, written in bulk: one transaction a student, in the tables that nbgrader declares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from nbformat import NotebookNode

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


@dataclass(frozen=True)
class AssignedCell:
    """A cell that a gradebook knows; a question that a person marks is both graded and a solution.

    Args:
        name: its grade id.
        graded: its key among the graded cells, None if it is none.
        solution: its key among the solution cells, None if it is none.
        maximum: its points.
        checksum: of the cell as it was released.
    """

    name: str
    graded: str | None
    solution: str | None
    maximum: float
    checksum: str | None

    def is_released(self, cell: NotebookNode) -> bool:
        """Whether a cell is as it was released: nothing was answered."""
        from nbgrader.utils import compute_checksum

        return self.checksum is not None and compute_checksum(cell) == self.checksum


@dataclass(frozen=True)
class AssignedNotebook:
    """A notebook of an assignment: its key, and its graded and solution cells."""

    key: str
    cells: tuple[AssignedCell, ...]


@dataclass(frozen=True)
class Assigned:
    """An assignment as a gradebook knows it: its key, and its notebooks by name."""

    assignment: str
    key: str
    notebooks: dict[str, AssignedNotebook]


@dataclass(frozen=True)
class CellResult:
    """What autograding says of one cell of one submission.

    Args:
        cell: which.
        score: the automatic score; None if a person must mark it.
        comment: the automatic comment.
        changed: whether it is not the answer that a person may have marked before.
    """

    cell: AssignedCell
    score: float | None
    comment: str | None = None
    changed: bool = False


def read_assigned(engine: Engine, assignment: str) -> Assigned:
    """The cells of an assignment that is in the gradebook."""
    from nbgrader.api import Assignment, BaseCell, GradeCell, Notebook, SolutionCell, SourceCell
    from sqlalchemy import select

    base, graded, solution = BaseCell.__table__, GradeCell.__table__, SolutionCell.__table__
    source, notebook, whole = SourceCell.__table__, Notebook.__table__, Assignment.__table__
    with engine.connect() as db:
        key = db.scalar(select(whole.c.id).where(whole.c.name == assignment))
        notebooks = {}
        in_order = select(notebook.c.name, notebook.c.id).where(notebook.c.assignment_id == key)
        for name, number in db.execute(in_order.order_by(notebook.c.name)).all():
            of_base = select(base.c.name, base.c.id).where(base.c.notebook_id == number)
            solutions = dict(db.execute(of_base.join(solution, solution.c.id == base.c.id)).all())
            points = select(base.c.name, base.c.id, graded.c.max_score).where(base.c.notebook_id == number)
            grades = {n: row for n, *row in db.execute(points.join(graded, graded.c.id == base.c.id))}
            sums = select(source.c.name, source.c.checksum).where(source.c.notebook_id == number)
            checksums = dict(db.execute(sums).all())
            cells = []
            for cell in sorted(grades.keys() | solutions.keys()):
                graded_key, maximum = grades.get(cell, (None, 0.0))
                cells.append(
                    AssignedCell(cell, graded_key, solutions.get(cell), maximum, checksums.get(cell))
                )
            notebooks[name] = AssignedNotebook(number, tuple(cells))
    return Assigned(assignment, key, notebooks)


def write_submission(
    engine: Engine,
    assigned: Assigned,
    student: str,
    shown: str | None,
    timestamp: datetime | None,
    results: dict[str, Sequence[CellResult]],
) -> None:
    """Create or update a submission, in one transaction.

    What a person entered stays: marks, extra credit, comments, names. A mark given by hand asks to be looked at
    again where the automatic score or the answer has changed under it.

    Args:
        engine: of the gradebook.
        assigned: the assignment.
        student: the identifier.
        shown: the student's name, kept if the gradebook has none.
        timestamp: when it was handed in.
        results: by notebook name.
    """
    with engine.connect() as db:
        # Before the rows are read, so that nobody changes them in between.
        db.exec_driver_sql("BEGIN IMMEDIATE")
        _write_student(db, student, shown)
        submission = _submission(db, assigned, student, timestamp)
        for name, each in results.items():
            notebook = _notebook(db, submission, assigned.notebooks[name].key)
            _write_grades(db, notebook, each)
            _write_comments(db, notebook, each)
        db.commit()


def _write_student(db: Connection, student: str, shown: str | None) -> None:
    from nbgrader.api import Student
    from sqlalchemy import insert, select, update

    table = Student.__table__
    found = db.execute(select(table.c.first_name, table.c.last_name).where(table.c.id == student)).first()
    if found is None:
        db.execute(insert(table).values(id=student, **_name(shown)))
    elif shown and not any(found):
        db.execute(update(table).where(table.c.id == student).values(**_name(shown)))


def _name(shown: str | None) -> dict[str, str]:
    # The formgrader writes "last, first", and None for what is missing: an empty first name shows nothing.
    return {"last_name": shown, "first_name": ""} if shown else {}


def _submission(db: Connection, assigned: Assigned, student: str, timestamp: datetime | None) -> str:
    from nbgrader.api import SubmittedAssignment
    from sqlalchemy import update

    if timestamp is not None and timestamp.tzinfo is not None:  # nbgrader keeps UTC without saying so
        timestamp = timestamp.astimezone(UTC).replace(tzinfo=None)
    table = SubmittedAssignment.__table__
    key = _found_or_made(db, table, assignment_id=assigned.key, student_id=student)
    if timestamp is not None:
        db.execute(update(table).where(table.c.id == key).values(timestamp=timestamp))
    return key


def _notebook(db: Connection, submission: str, notebook: str) -> str:
    from nbgrader.api import SubmittedNotebook

    return _found_or_made(db, SubmittedNotebook.__table__, assignment_id=submission, notebook_id=notebook)


def _found_or_made(db: Connection, table: Any, **values: str) -> str:
    """The key of the row with these values."""
    from nbgrader.api import new_uuid
    from sqlalchemy import insert, select

    wanted = [table.c[name] == value for name, value in values.items()]
    key = db.scalar(select(table.c.id).where(*wanted))
    if key is None:
        key = new_uuid()
        db.execute(insert(table).values(id=key, **values))
    return key


def _write_grades(db: Connection, notebook: str, results: Sequence[CellResult]) -> None:
    from nbgrader.api import Grade, new_uuid
    from sqlalchemy import bindparam, insert, select, update

    table = Grade.__table__
    columns = (
        table.c.cell_id,
        table.c.id,
        table.c.auto_score,
        table.c.manual_score,
        table.c.needs_manual_grade,
    )
    known = {row.cell_id: row for row in db.execute(select(*columns).where(table.c.notebook_id == notebook))}
    new, changed = [], []
    for result in results:
        if result.cell.graded is None:
            continue
        values = {"auto_score": result.score, "needs_manual_grade": result.score is None}
        row = known.get(result.cell.graded)
        if row is None:
            new.append({"id": new_uuid(), "cell_id": result.cell.graded, "notebook_id": notebook, **values})
            continue
        if row.manual_score is not None:
            again = result.changed or row.auto_score != result.score
            values["needs_manual_grade"] = again or row.needs_manual_grade
        if (row.auto_score, row.needs_manual_grade) != (values["auto_score"], values["needs_manual_grade"]):
            changed.append({"key": row.id, **values})
    if new:
        db.execute(insert(table), new)
    if changed:
        db.execute(update(table).where(table.c.id == bindparam("key")), changed)


def _write_comments(db: Connection, notebook: str, results: Sequence[CellResult]) -> None:
    from nbgrader.api import Comment, new_uuid
    from sqlalchemy import bindparam, insert, select, update

    table = Comment.__table__
    columns = (table.c.cell_id, table.c.id, table.c.auto_comment)
    known = {row.cell_id: row for row in db.execute(select(*columns).where(table.c.notebook_id == notebook))}
    new, changed = [], []
    for result in results:
        if result.cell.solution is None:
            continue
        row = known.get(result.cell.solution)
        if row is None:
            values = {
                "cell_id": result.cell.solution,
                "notebook_id": notebook,
                "auto_comment": result.comment,
            }
            new.append({"id": new_uuid(), **values})
        elif row.auto_comment != result.comment:
            changed.append({"key": row.id, "auto_comment": result.comment})
    if new:
        db.execute(insert(table), new)
    if changed:
        db.execute(update(table).where(table.c.id == bindparam("key")), changed)
