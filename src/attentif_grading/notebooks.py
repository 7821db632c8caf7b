"""The notebooks: from notebooks/source/notebookN.py to nbgrader's source and to what students get.

A source is a Python file with cells in jupytext's percent format, for both languages at once:

    # %% [markdown] name="intro" lang="fr"
    # # Devoir 2                      a cell of the French notebook

    # %% [markdown] name="intro" lang="en"
    # # Assignment 2                  the same cell of the English one

    # %% name="imports" role="setup"
    import torch                      code is shared by both, unless it has a lang

    # %% name="causal_mask" exercise="causal_mask"

    # %% name="train" role="training"
    model = ...

    # %% [markdown] name="why_answer" manual="why_mask" points=3 lang="fr"
    # La réponse attendue…            what the marker expects; students get an empty cell

Every cell has a `name`, unique in its notebook and language: cell ids and grade ids come from it, so that
they stay the same from build to build. A name that one language has, the other must have.

`role` says what a code cell is for: setup (imports, data, configuration), definition (of what later cells
use), training, figure, report. The build writes it into the cell's metadata as `attentif.role`; a grader runs
setup and definition cells, and may leave out the others.

`exercise="NAME"`, without content, stands for four cells, made from grading/exercises/NAME, contracts.toml
and the library: the card; the solution cell (grade id NAME, role definition); the public checks (NAME_public,
role check); the hidden checks (NAME_hidden, role check). An exercise that course.toml does not select becomes
an import from the library. All names that a solution uses must be defined by cells above it.

`manual="GRADE_ID"` with `points=…` is a markdown cell that students write and a person marks. The question
stands in a cell above it; the text here is the model answer. To keep a part of the cell for students, put the
answer between lines ### BEGIN SOLUTION and ### END SOLUTION. Grade id and points are the same in both
languages.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from attentif import __version__
from attentif.checks.text import LANGUAGES
from attentif.errors import InputError
from attentif_grading.contracts import Notebook, load_contracts, load_course
from attentif_grading.exercises import exercises_in_chain
from attentif_grading.names import needed_names, parse_cell, top_level_names
from attentif_grading.nbgrader_course import generate, open_course
from attentif_grading.notebook_cells import expand
from attentif_grading.notebook_source import NotebookSource, read_notebook_source
from attentif_grading.wheel import wheel_name

# What the source's first code cell has in place of the wheel's address.
WHEEL_ADDRESS = "WHEEL_ADDRESS"


def written_exercises(home: Path) -> list[str]:
    """The exercises that students write: selected by course.toml, and with their checks in place."""
    ready = exercises_in_chain()
    return [name for name in load_course(home).exercises if name in ready]


def source_notebook(source: NotebookSource, notebook: Notebook, language: str, home: Path) -> NotebookNode:
    """One notebook with its solutions and hidden checks, as nbgrader's instructors have it.

    Raises:
        InputError: a solution uses a name that no cell above it defines.
    """
    written = written_exercises(home)
    cells: list[NotebookNode] = []
    published = load_course(home).published
    for cell in source.of(language):
        cells += expand(cell, notebook.number, language, home, cell.exercise in written)
    for cell in cells:
        cell.source = cell.source.replace(WHEEL_ADDRESS, wheel_address(published))
    if published:
        cells[0].source = f"{_badge(published, notebook.file[language], language)}\n\n{cells[0].source}"
    _check_names(cells, source.path.name)
    about = {
        "language": language,
        "notebook": notebook.number,
        "release": _fingerprint(cells),
        "version": __version__,
    }
    return nbformat.v4.new_notebook(cells=cells, metadata=_metadata(about))


def wheel_address(published: str) -> str:
    """Where pip finds the wheel of a published students' tree; empty if it is not published."""
    return f"{published}/raw/main/dist/{wheel_name()}" if published else ""


def _badge(published: str, file: str, language: str) -> str:
    """A picture that opens the published notebook on Colab."""
    page = published.replace("https://github.com/", "https://colab.research.google.com/github/")
    said = {"fr": "Ouvrir dans Colab", "en": "Open in Colab"}[language]
    picture = "https://colab.research.google.com/assets/colab-badge.svg"
    return f"[![{said}]({picture})]({page}/blob/main/notebooks/{language}/{file}.ipynb)"


def write_source_notebooks(home: Path, out: Path) -> list[Path]:
    """Write grading/source/ASSIGNMENT/NOTEBOOK.ipynb below `out`, for both languages."""
    course, paths = load_course(home), []
    for notebook in course.notebooks:
        path = home / "notebooks" / "source" / f"notebook{notebook.number}.py"
        source = read_notebook_source(path, notebook.exercises)
        unknown = [name for name in source.exercises if name not in load_contracts(home)]
        if unknown:
            raise InputError(
                expected=f"exercises of contracts.toml in {path.name}",
                got=", ".join(unknown),
                remedy="check the spelling",
            )
        for language in LANGUAGES:
            folder = out / "grading" / "source" / course.assignments[language]
            target = folder / f"{notebook.file[language]}.ipynb"
            paths.append(write_notebook(source_notebook(source, notebook, language, home), target))
    return paths


def write_release_notebooks(home: Path, out: Path) -> list[Path]:
    """Write notebooks/LANGUAGE/NOTEBOOK.ipynb below `out`, by nbgrader's generate_assignment."""
    course, paths = load_course(home), []
    with tempfile.TemporaryDirectory() as folder, open_course(home, Path(folder)) as api:
        released = generate(api, out / "grading" / "source", list(course.assignments.values()))
        for language, assignment in course.assignments.items():
            for path in sorted((released / assignment).glob("*.ipynb")):
                notebook = nbformat.read(path, as_version=4)
                about = notebook.metadata["attentif"]
                # nbgrader and nbconvert add their own keys, which differ from version to version.
                notebook.metadata = nbformat.from_dict(_metadata(dict(about)))
                paths.append(write_notebook(notebook, out / "notebooks" / language / path.name))
    return paths


def write_notebook(notebook: NotebookNode, path: Path) -> Path:
    """Write a notebook so that the same content always gives the same bytes."""
    nbformat.validate(notebook)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook).rstrip("\n") + "\n", encoding="utf-8", newline="\n")
    return path


def _metadata(about: dict[str, Any]) -> dict[str, Any]:
    return {
        "accelerator": "GPU",
        "attentif": about,
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }


def _fingerprint(cells: list[NotebookNode]) -> str:
    """What a notebook was made from, in twelve digits."""
    content = json.dumps(cells, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def _check_names(cells: list[NotebookNode], file: str) -> None:
    code = [cell for cell in cells if cell.cell_type == "code"]
    for position, cell in enumerate(code):
        above = top_level_names(c.source for c in code[:position])
        missing = needed_names(parse_cell(cell.source)) - above
        if missing:
            name = cell.metadata.attentif.name
            solution = cell.metadata.get("nbgrader", {}).get("solution")
            raise InputError(
                expected=f"cells of {file} to define what {'the solution of ' if solution else 'the cell '}{name} uses",
                got=f"above it, no {', '.join(sorted(missing))}",
                remedy="import it in a setup cell above it, or take it out there",
            )
