"""The notebooks that were handed out, as the grader needs them: cells, roles, grade ids, points, checksums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from attentif.checks.text import LANGUAGES
from attentif.errors import InputError
from attentif_grading.contracts import load_course
from attentif_grading.grade_ids import HIDDEN
from attentif_grading.grader.source_text import bare

Assignments = dict[tuple[int, str], "Assignment"]


@dataclass(frozen=True)
class ReleasedCell:
    """One cell as students got it.

    Args:
        name: of `metadata.attentif`, unique in its notebook.
        kind: code or markdown.
        source: as released, without solution and hidden checks.
        cell_id: Jupyter's identifier of the cell.
        role: setup, definition, check, training, figure, report, or None for text.
        exercise: whose cell it is, if any.
        nbgrader: nbgrader's metadata; None for a cell that it leaves alone.
        source_cell: as the instructor's notebook has it, if nbgrader knows it.
    """

    name: str
    kind: str
    source: str
    cell_id: str
    role: str | None
    exercise: str | None
    nbgrader: Mapping[str, Any] | None
    source_cell: NotebookNode | None = None

    @cached_property
    def gradebook_metadata(self) -> dict[str, Any]:
        """nbgrader's metadata with the checksum that its gradebook holds; empty for a cell that it leaves alone."""
        found = dict(self.nbgrader or {})
        if found.get("locked"):  # it holds a locked cell with its hidden tests
            # Imported here: it takes a second, and those who only judge have no use for it.
            from nbgrader.utils import compute_checksum

            found["checksum"] = compute_checksum(self.source_cell)
        return found

    @property
    def grade_id(self) -> str | None:
        """nbgrader's identifier."""
        return self.nbgrader["grade_id"] if self.nbgrader else None

    @property
    def graded(self) -> bool:
        """Whether nbgrader's gradebook has a mark for it."""
        return bool(self.nbgrader and self.nbgrader["grade"])

    @property
    def solution(self) -> bool:
        """Whether it is the cell in which students write an exercise's code."""
        return bool(self.nbgrader and self.nbgrader["solution"] and not self.nbgrader["grade"])

    @property
    def manual(self) -> bool:
        """Whether students write it and a person marks it."""
        return bool(self.nbgrader and self.nbgrader["solution"] and self.nbgrader["grade"])

    @property
    def hidden(self) -> bool:
        """Whether it stands for the hidden checks of an exercise."""
        return self.graded and not self.manual and self.grade_id.endswith(HIDDEN)

    @property
    def public(self) -> bool:
        """Whether it calls the public checks of an exercise."""
        return self.graded and not self.manual and not self.hidden

    @property
    def points(self) -> float:
        """What nbgrader gives for it at most."""
        return float(self.nbgrader["points"]) if self.graded else 0.0

    @cached_property
    def bare(self) -> str:
        """The source without spaces, to tell whether a student's cell is still the released one."""
        return bare(self.source)


@dataclass(frozen=True)
class Assignment:
    """One notebook in one language.

    Args:
        number: of the notebook.
        language: fr or en.
        assignment: the name of nbgrader's assignment.
        file: the notebook's name without .ipynb.
        release: the release's stamp.
        cells: in the order of the release.
    """

    number: int
    language: str
    assignment: str
    file: str
    release: str
    cells: tuple[ReleasedCell, ...]

    @cached_property
    def solutions(self) -> dict[str, ReleasedCell]:
        """Exercise → the cell in which it is written, in order."""
        return {cell.exercise: cell for cell in self.cells if cell.solution and cell.exercise}

    @property
    def exercises(self) -> tuple[str, ...]:
        """The exercises that students write, in order."""
        return tuple(self.solutions)

    @cached_property
    def manual(self) -> tuple[ReleasedCell, ...]:
        """The cells of the report."""
        return tuple(cell for cell in self.cells if cell.manual)

    @cached_property
    def by_grade_id(self) -> dict[str, ReleasedCell]:
        """Grade id → cell."""
        return {cell.grade_id: cell for cell in self.cells if cell.nbgrader}

    @cached_property
    def by_name(self) -> dict[str, ReleasedCell]:
        """Name → cell."""
        return {cell.name: cell for cell in self.cells}

    @cached_property
    def by_cell_id(self) -> dict[str, ReleasedCell]:
        """Jupyter's identifier → cell."""
        return {cell.cell_id: cell for cell in self.cells}

    @cached_property
    def order(self) -> dict[str, int]:
        """Name → place in the notebook."""
        return {cell.name: place for place, cell in enumerate(self.cells)}


def load_assignment(home: Path, number: int, language: str, built: Path | None = None) -> Assignment:
    """One notebook as it was handed out.

    Args:
        home: the course's repository.
        number: of the notebook.
        language: fr or en.
        built: where `attentif-grading build` wrote, `home` itself when absent.

    Raises:
        InputError: the course has no such notebook, or it is not built.
    """
    course, built = load_course(home), built or home
    notebook = next((each for each in course.notebooks if each.number == number), None)
    if notebook is None:
        raise InputError(
            expected="a notebook of course.toml", got=str(number), remedy="add it there, or leave it out"
        )
    assignment, file = course.assignments[language], notebook.file[language]
    released = _read(built / "notebooks" / language / f"{file}.ipynb")
    source = _read(built / "grading" / "source" / assignment / f"{file}.ipynb")
    known = {cell.id: cell for cell in source.cells if "nbgrader" in cell.metadata}
    return Assignment(
        number=number,
        language=language,
        assignment=assignment,
        file=file,
        release=str(released.metadata.attentif.release),
        cells=tuple(_released(cell, known.get(cell.id)) for cell in released.cells),
    )


def load_assignments(home: Path, built: Path | None = None) -> Assignments:
    """Every notebook of the course in both languages, by number and language.

    Raises:
        InputError: one is not built.
    """
    return {
        (notebook.number, language): load_assignment(home, notebook.number, language, built)
        for notebook in load_course(home).notebooks
        for language in LANGUAGES
    }


def _read(path: Path) -> NotebookNode:
    if not path.is_file():
        raise InputError(
            expected=f"the built notebook {path}", got="no such file", remedy="run `attentif-grading build`"
        )
    return nbformat.read(path, as_version=4)


def _released(cell: NotebookNode, source_cell: NotebookNode | None) -> ReleasedCell:
    about, nbgrader = cell.metadata.attentif, cell.metadata.get("nbgrader")
    return ReleasedCell(
        name=about.name,
        kind=cell.cell_type,
        source=cell.source,
        cell_id=cell.id,
        role=about.get("role"),
        exercise=about.get("exercise"),
        nbgrader=None if nbgrader is None else dict(nbgrader),
        source_cell=source_cell,
    )
