"""From the cells of a source to those of an nbgrader notebook: identifiers, metadata, an exercise's cells."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from attentif.checks.store import public_module
from attentif.checks.text import Text, text
from attentif.errors import InputError
from attentif_grading.card import card
from attentif_grading.contracts import Contract, load_contracts
from attentif_grading.exercises import load_exercise
from attentif_grading.grade_ids import grade_ids
from attentif_grading.notebook_source import SourceCell
from attentif_grading.solutions import french_docstrings, solution_source
from attentif_grading.strip import definition

_FURTHER: Text = text(
    "# Further checks run here at grading: leave this cell as it is.",
    "# D'autres contrôles s'exécutent ici à la correction : laissez cette cellule telle quelle.",
)
_GIVEN: Text = text(
    "**Given: `{name}`.** {summary} Its code: `{name}??`.",
    "**Donné : `{name}`.** {summary} Son code : `{name}??`.",
)


def check_points(contract: Contract) -> tuple[float, float]:
    """Points of the public and of the hidden checks.

    Raises:
        InputError: they do not add up to the contract's.
    """
    public = sum(check.points for check in public_module(contract.name).CHECKS.checks)
    hidden = sum(check.points for check in load_exercise(contract.name).hidden.checks)
    if public + hidden != contract.points:
        raise InputError(
            expected=f"checks of {contract.name} worth the {contract.points:g} points of contracts.toml",
            got=f"{public:g} public and {hidden:g} hidden",
            remedy="write their sum in contracts.toml, or change the checks",
        )
    return public, hidden


def cell_id(notebook: int, name: str) -> str:
    """A cell's identifier: the same in every build and in both languages."""
    return hashlib.sha256(f"{notebook}/{name}".encode()).hexdigest()[:12]


def make_cell(notebook: int, kind: str, name: str, content: str, metadata: dict[str, Any]) -> NotebookNode:
    """A notebook cell of this name."""
    new = nbformat.v4.new_markdown_cell if kind == "markdown" else nbformat.v4.new_code_cell
    return new(content, id=cell_id(notebook, name), metadata=metadata)


def nbgrader_metadata(grade_id: str, kind: str, *, solution: bool, points: float | None) -> dict[str, Any]:
    """nbgrader's own metadata, schema 3; a cell without points is not graded."""
    metadata = {
        "grade_id": grade_id,
        "grade": points is not None,
        "solution": solution,
        "locked": points is not None and not solution,
        "task": False,
        "schema_version": 3,
        "cell_type": kind,
    }
    return metadata if points is None else {**metadata, "points": points}


def expand(cell: SourceCell, notebook: int, language: str, home: Path, written: bool) -> list[NotebookNode]:
    """The notebook cells that a source cell stands for.

    Args:
        cell: the source's cell.
        notebook: the notebook's number.
        language: fr or en.
        home: the course's repository.
        written: for an exercise, whether students write it; otherwise it is given.
    """
    if cell.exercise is not None:
        contract = load_contracts(home)[cell.exercise]
        cells = _exercise_cells if written else _given_cells
        return cells(contract, notebook, language, home)
    about = {"name": cell.name} if cell.role is None else {"name": cell.name, "role": cell.role}
    metadata: dict[str, Any] = {"attentif": about}
    if cell.manual is not None:
        about["role"] = cell.role or "report"
        metadata["nbgrader"] = nbgrader_metadata(
            cell.manual, "markdown", solution=True, points=float(cell.points)
        )
    return [make_cell(notebook, cell.kind, cell.name, cell.text, metadata)]


def _exercise_cells(contract: Contract, notebook: int, language: str, home: Path) -> list[NotebookNode]:
    name = contract.name
    public, hidden = check_points(contract)
    solution_id, public_id, hidden_id = grade_ids(name)
    hidden_call = (
        f"{_FURTHER[language]}\n### BEGIN HIDDEN TESTS\nfrom attentif_grading.hidden import grade_hidden\n"
        f'grade_hidden("{name}", globals())\n### END HIDDEN TESTS'
    )

    def graded(grade_id: str, content: str, role: str, points: float | None) -> NotebookNode:
        metadata = {
            "attentif": {"name": grade_id, "role": role, "exercise": name},
            "nbgrader": nbgrader_metadata(grade_id, "code", solution=points is None, points=points),
        }
        return make_cell(notebook, "code", grade_id, content, metadata)

    about_card = {"attentif": {"name": f"{name}_card", "exercise": name}}
    return [
        make_cell(
            notebook, "markdown", f"{name}_card", card(contract, language, home, public, hidden), about_card
        ),
        graded(solution_id, solution_source(contract, language, home), "definition", None),
        graded(public_id, f"check({name})", "check", public),
        graded(hidden_id, hidden_call, "check", hidden),
    ]


def _given_cells(contract: Contract, notebook: int, language: str, home: Path) -> list[NotebookNode]:
    name = contract.name
    about = {"name": f"{name}_given", "role": "setup", "exercise": name}
    note = {"attentif": {"name": f"{name}_card", "exercise": name}}
    return [
        make_cell(
            notebook,
            "markdown",
            f"{name}_card",
            _GIVEN[language].format(name=name, summary=_summary(contract, language, home)),
            note,
        ),
        make_cell(
            notebook, "code", about["name"], f"from {contract.module} import {name}", {"attentif": about}
        ),
    ]


def _summary(contract: Contract, language: str, home: Path) -> str:
    """The first line of the docstring."""
    if language == "fr":
        return french_docstrings(contract, home)[None].strip().partition("\n")[0]
    source = (home / "src" / contract.file).read_text(encoding="utf-8")
    return ast.get_docstring(definition(ast.parse(source), contract.name)).partition("\n")[0]
