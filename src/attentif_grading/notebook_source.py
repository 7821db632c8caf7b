"""A notebook's source, notebooks/source/notebookN.py: its cells, read and checked. The syntax is explained in
`attentif_grading.notebooks`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from attentif.checks.text import LANGUAGES
from attentif.errors import InputError

# What a cell is for; a grader runs setup and definition, and may leave out the rest.
ROLES = ("setup", "definition", "training", "figure", "report")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")


@dataclass(frozen=True)
class SourceCell:
    """One cell of a source.

    Args:
        kind: markdown or code.
        text: its content.
        name: unique in the notebook and language; cell ids and grade ids come from it.
        lang: the language of the notebook that has it, both when None.
        role: what a code cell is for, among `ROLES`.
        exercise: stands for all the cells of an exercise.
        manual: grade id of a question that a person marks; the text is the model answer.
        points: of a manual question.
    """

    kind: str
    text: str
    name: str
    lang: str | None = None
    role: str | None = None
    exercise: str | None = None
    manual: str | None = None
    points: float | None = None

    def __post_init__(self) -> None:
        def refuse(expected: str, got: object, remedy: str) -> None:
            raise InputError(expected=f"{expected} for the cell {self.name!r}", got=repr(got), remedy=remedy)

        if not _NAME.fullmatch(self.name):
            refuse("a name of letters, digits, _ and -", self.name, 'write name="…" on its %% line')
        if self.lang is not None and self.lang not in LANGUAGES:
            refuse("lang to be fr or en", self.lang, "leave it out if both notebooks have the cell")
        if self.kind == "code" and self.exercise is None and self.role not in ROLES:
            refuse(f"a role among {', '.join(ROLES)}", self.role, 'write role="…" on its %% line')
        if self.exercise is not None and self.text.strip():
            refuse("no content", self.text[:40], "the exercise's own files fill this cell")
        if self.manual is not None and (self.kind != "markdown" or not self.points):
            refuse("a markdown cell with points", f"{self.kind}, points={self.points}", "add points=…")


@dataclass(frozen=True)
class NotebookSource:
    """All cells of one notebook, of both languages."""

    path: Path
    cells: tuple[SourceCell, ...]

    def of(self, language: str) -> list[SourceCell]:
        """The cells of the notebook in this language."""
        return [cell for cell in self.cells if cell.lang in (None, language)]

    @property
    def exercises(self) -> list[str]:
        """The exercises that it places, in order."""
        return [cell.exercise for cell in self.cells if cell.exercise is not None]


def read_notebook_source(path: Path, exercises: Sequence[str]) -> NotebookSource:
    """Read a source and check it against the exercises that the course puts in this notebook.

    Raises:
        InputError: unreadable, a cell that is malformed, named twice, or in one language only; an exercise
            that is selected and has no cell.
    """
    import jupytext

    if not path.is_file():
        raise InputError(expected=f"a notebook source {path}", got="no such file", remedy="write it")
    try:
        read = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    except (UnicodeDecodeError, ValueError) as error:
        raise InputError(
            expected=f"a py:percent notebook in {path}", got=str(error), remedy="mend it"
        ) from error
    known = {f.name for f in fields(SourceCell)} - {"kind", "text"}
    cells = []
    for number, cell in enumerate(read.cells, 1):
        said = {key: value for key, value in cell.metadata.items() if key != "cell_marker"}
        unknown = sorted(set(said) - known)
        if unknown or "name" not in said:
            raise InputError(
                expected=f"cell {number} of {path.name} to have a name and only {', '.join(sorted(known))}",
                got=", ".join(unknown) or "no name",
                remedy="mend its %% line",
            )
        cells.append(SourceCell(cell.cell_type, cell.source, **said))
    source = NotebookSource(path, tuple(cells))
    _check_names(source)
    placed = Counter(source.exercises)
    wrong = [name for name in exercises if placed[name] != 1]
    if wrong:
        raise InputError(
            expected=f"one cell for each selected exercise in {path.name}",
            got=", ".join(f"{placed[name]} for {name}" for name in wrong),
            remedy='write # %% name="…" exercise="…" there once, or deselect the exercise in course.toml',
        )
    return source


def _check_names(source: NotebookSource) -> None:
    names = {language: [cell.name for cell in source.of(language)] for language in LANGUAGES}
    twice = [name for each in names.values() for name, count in Counter(each).items() if count > 1]
    if twice:
        raise InputError(
            expected=f"each name once in {source.path.name}", got=f"{twice[0]!r} twice", remedy="rename one"
        )
    alone = sorted(set(names["fr"]) ^ set(names["en"]))
    if alone:
        raise InputError(
            expected=f"each cell of {source.path.name} in both languages",
            got=f"{alone[0]!r} in one",
            remedy="write the other, under the same name",
        )
    manual = {lang: [(c.manual, c.points) for c in source.of(lang) if c.manual] for lang in LANGUAGES}
    if manual["fr"] != manual["en"]:
        raise InputError(
            expected=f"the same manual questions and points in both languages of {source.path.name}",
            got=str(sorted(set(manual["fr"]) ^ set(manual["en"]))),
            remedy="give both the same manual=… and points=…",
        )
