"""Notebooks and students on their way from what was handed in to what is written."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from attentif.checks.text import Text, text
from attentif_grading.grader.assignment import Assignment
from attentif_grading.grader.collect import Handed, HandedNotebook
from attentif_grading.grader.reading import Unreadable, read_notebook
from attentif_grading.grader.repair import Repaired, repair
from attentif_grading.grader.versions import key_of

ABSENT = "absent"  # the key of an exercise whose notebook was not handed in
_CANNOT_BE_READ = text("this notebook could not be read", "ce carnet n'a pas pu être lu")


@dataclass
class OneNotebook:
    """A notebook on its way through.

    Args:
        number: of the notebook.
        content: the bytes handed in; None if it was not.
        repaired: None if it could not be read.
        keys: by exercise.
        remarks: on its file and its repair.
        damage: those of them on the file, which the person who grades should know of.
    """

    number: int
    content: bytes | None = None
    repaired: Repaired | None = None
    keys: dict[str, str] = field(default_factory=dict)
    remarks: tuple[Text, ...] = ()
    damage: tuple[Text, ...] = ()


@dataclass
class OneStudent:
    """A student's notebooks on their way through."""

    handed: Handed
    language: str
    notebooks: dict[int, OneNotebook]
    waiting: int = 0


@dataclass
class Told:
    """What grading tells while it runs: for a terminal, or for nobody.

    Args:
        line: called with one line for each trouble.
        progress: called with students done and students in all.
    """

    line: Callable[[str], None] = lambda line: None
    progress: Callable[[int, int], None] = lambda done, total: None


def read_student(
    handed: Handed,
    assignments: Mapping[tuple[int, str], Assignment],
    exercises: Mapping[int, Sequence[str]],
) -> OneStudent:
    """A student's notebooks, read and repaired.

    Args:
        handed: what was handed in.
        assignments: what was handed out, by number and language.
        exercises: those of each notebook, by its number.
    """
    language = handed.notebooks[0].language if handed.notebooks else "fr"
    student = OneStudent(handed, language, {number: OneNotebook(number) for number in exercises})
    for each in handed.notebooks:
        assignment = assignments[each.number, each.language]
        student.notebooks[each.number] = _read(each, assignment, exercises[each.number])
    return student


def _read(handed: HandedNotebook, assignment: Assignment, exercises: Sequence[str]) -> OneNotebook:
    one = OneNotebook(handed.number)
    try:
        one.content = handed.file.read()
        raw = read_notebook(one.content)
        one.repaired, one.damage = repair(raw, assignment), tuple(raw.remarks)
    except Unreadable as error:
        one.remarks = (error.reason,)
        return one
    except Exception:  # whatever a file makes of its reading, the class goes on
        one.remarks, one.repaired = (_CANNOT_BE_READ,), None
        return one
    one.remarks = one.repaired.remarks
    code = [[cell.name, cell.source, cell.role, *cell.defines] for cell in one.repaired.cells]
    one.keys = {name: key_of(code, name) for name in exercises}
    return one


def unreadable_key(content: bytes | None) -> str:
    """The key of an exercise whose notebook could not be read."""
    return "unreadable-" + hashlib.sha256(content or b"").hexdigest()[:12]
