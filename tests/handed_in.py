"""Notebooks as students hand them in, and what happens to them on the way."""

from __future__ import annotations

import copy
import json
import textwrap
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any

import nbformat

from attentif_grading.grader.assignment import Assignment, Assignments, load_assignments
from attentif_grading.places import course_home
from attentif_grading.sample_class import solved

Notebook = dict[str, Any]
KEYS = ((1, "fr"), (1, "en"), (2, "fr"), (2, "en"))


@cache
def assignments() -> Assignments:
    """What was handed out."""
    return load_assignments(course_home())


@cache
def _solved(language: str) -> dict[str, str]:
    notebooks = solved(course_home(), course_home(), language)
    return {name: nbformat.writes(notebook) for name, notebook in notebooks.items()}


def answered(number: int, language: str) -> Notebook:
    """A notebook with every exercise written, as plain JSON with each source one text."""
    notebook = json.loads(_solved(language)[assignments()[number, language].file])
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def file_of(notebook: Notebook) -> bytes:
    """The file of a notebook."""
    return json.dumps(notebook).encode()


def solutions(notebook: Notebook) -> list[Notebook]:
    """The cells in which exercises are written."""
    return [
        cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("solution") and _is_code(cell)
    ]


def code(source: str, **more: Any) -> Notebook:
    """A cell of the student's own."""
    return {
        "cell_type": "code",
        "metadata": {},
        "source": source,
        "outputs": [],
        "execution_count": None,
        **more,
    }


def _is_code(cell: Notebook) -> bool:
    return cell["cell_type"] == "code"


def _metadata_lost(notebook: Notebook) -> None:
    notebook["metadata"] = {}
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id")


def _grade_ids_renamed(notebook: Notebook) -> None:
    for place, cell in enumerate(solutions(notebook)):
        cell["metadata"]["nbgrader"]["grade_id"] = f"cell-{place}"


def _identifiers_swapped(notebook: Notebook) -> None:
    cells = solutions(notebook)
    about = [(cell["metadata"], cell["id"]) for cell in cells]
    for cell, (metadata, cell_id) in zip(cells, about[1:] + about[:1], strict=True):
        cell["metadata"], cell["id"] = metadata, cell_id


def _flags_flipped(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        nbgrader = cell["metadata"].get("nbgrader")
        if nbgrader:
            nbgrader |= {"points": 400, "schema_version": 1, "cell_type": "raw"}
            for flag in ("grade", "solution", "locked", "task"):
                nbgrader[flag] = not nbgrader[flag]


def _roles_swapped(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        about = cell["metadata"].get("attentif", {})
        about["role"] = {"definition": "training", "setup": "check"}.get(about.get("role"), "definition")


def _cells_copied(notebook: Notebook) -> None:
    notebook["cells"] = [copy.deepcopy(cell) for cell in notebook["cells"] for _ in range(2)]


def _checks_deleted(notebook: Notebook) -> None:
    notebook["cells"] = [
        c for c in notebook["cells"] if c["metadata"].get("attentif", {}).get("role") != "check"
    ]


def _made(kind: str, fence: str = "") -> Callable[[Notebook], None]:
    def damage(notebook: Notebook) -> None:
        for cell in solutions(notebook):
            cell["cell_type"] = kind
            del cell["outputs"], cell["execution_count"]
            if fence:
                cell["source"] = f"{fence}python\n{cell['source']}\n{fence}"

    return damage


def _merged(notebook: Notebook) -> None:
    cells = solutions(notebook)
    for first, second in zip(cells[::2], cells[1::2], strict=False):
        first["source"] += "\n\n\n" + second["source"]
        notebook["cells"].remove(second)


def _merged_into_one(notebook: Notebook) -> None:
    cells = solutions(notebook)
    cells[0]["source"] = "\n\n".join(cell["source"] for cell in cells)
    notebook["cells"] = [cell for cell in notebook["cells"] if cell not in cells[1:]]


def _split(notebook: Notebook) -> None:
    cells = []
    for cell in notebook["cells"]:
        if any(cell is each for each in solutions(notebook)):
            cells.append(code("import torch  # above the answer", metadata=copy.deepcopy(cell["metadata"])))
        cells.append(cell)
    notebook["cells"] = cells


def _reversed(notebook: Notebook) -> None:
    notebook["cells"].reverse()


def _answers_at_the_end(notebook: Notebook) -> None:
    cells = solutions(notebook)
    number, language = (notebook["metadata"]["attentif"][key] for key in ("notebook", "language"))
    stubs = assignments()[number, language].solutions
    moved = [code(cell["source"]) for cell in cells]
    for cell in cells:
        cell["source"] = stubs[cell["metadata"]["attentif"]["exercise"]].source
    notebook["cells"] += moved


def _stub_below(notebook: Notebook) -> None:
    stubs = copy.deepcopy(notebook)
    _answers_at_the_end(stubs)
    notebook["cells"] += solutions(stubs)


def _in_every_source(change: Callable[[str], str]) -> Callable[[Notebook], None]:
    def damage(notebook: Notebook) -> None:
        for cell in notebook["cells"]:
            if _is_code(cell):
                cell["source"] = change(cell["source"])

    return damage


def _mixed_tabs(source: str) -> str:
    """Every second line indented by tabs."""
    lines = source.split("\n")
    return "\n".join(
        line.replace("    ", "\t")
        if place % 2 and line.startswith("    ") and not line.strip().startswith('"')
        else line
        for place, line in enumerate(lines)
    )


def _wide_spaces(source: str) -> str:
    """Non-breaking spaces where a line begins and around its operators."""
    if '"""' in source:
        head, doc, rest = source.split('"""', 2)
        return f'{_wide_spaces(head)}"""{doc}"""{_wide_spaces(rest)}'
    return source.replace("    ", "\u00a0\u00a0\u202f ").replace(" = ", "\u00a0=\u200b ")


def _syntax_error_elsewhere(notebook: Notebook) -> None:
    for place in (0, 20, len(notebook["cells"])):
        notebook["cells"].insert(place, code("def broken(:\n  '''"))


def _scratch_everywhere(notebook: Notebook) -> None:
    cells = []
    for cell in notebook["cells"]:
        cells += [
            cell,
            code("print(undefined_name)"),
            {"cell_type": "markdown", "metadata": {}, "source": "note"},
        ]
    notebook["cells"] = cells


def _sources_as_lists(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)


def _format_of_2014(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        if _is_code(cell):
            cell["input"] = cell.pop("source")
    notebook["worksheets"] = [{"cells": notebook.pop("cells")}]
    notebook |= {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": "x"}}


def _colab(notebook: Notebook) -> None:
    notebook["metadata"]["widgets"] = {
        "application/vnd.jupyter.widget-state+json": {"a": {"model_name": "x"}}
    }
    notebook["metadata"]["colab"] = {"name": "Zoe Secret.ipynb", "authorship_tag": "ZoeSecret"}
    notebook["nbformat_minor"] = 0
    for cell in notebook["cells"]:
        user = {"displayName": "Zoe Secret", "photoUrl": "https://zoe.example/secret.png", "userId": "1"}
        cell["metadata"]["executionInfo"] = {"user": user, "elapsed": 3}
        cell["metadata"]["id"] = cell.pop("id")


DAMAGES: dict[str, Callable[[Notebook], None]] = {
    "metadata lost": _metadata_lost,
    "grade ids renamed": _grade_ids_renamed,
    "identifiers swapped": _identifiers_swapped,
    "flags flipped, points 400": _flags_flipped,
    "roles swapped": _roles_swapped,
    "every cell copied": _cells_copied,
    "checks deleted": _checks_deleted,
    "code made markdown": _made("markdown"),
    "code made fenced markdown": _made("markdown", "```"),
    "code made raw": _made("raw"),
    "cells merged": _merged,
    "all answers in one cell": _merged_into_one,
    "cells split, metadata copied": _split,
    "cells reversed": _reversed,
    "answers in new cells at the end": _answers_at_the_end,
    "the released cells again below": _stub_below,
    "CRLF": _in_every_source(lambda source: source.replace("\n", "\r\n")),
    "CR": _in_every_source(lambda source: source.replace("\n", "\r")),
    "tabs and spaces mixed": _in_every_source(_mixed_tabs),
    "non-breaking spaces": _in_every_source(_wide_spaces),
    "byte order marks": _in_every_source(lambda source: "\ufeff" + source),
    "NUL characters": _in_every_source(lambda source: source.replace("def ", "def\0 ")),
    "decomposed accents": _in_every_source(lambda source: unicodedata.normalize("NFD", source)),
    "cells indented as a whole": _in_every_source(lambda source: textwrap.indent(source, "    ")),
    "syntax errors elsewhere": _syntax_error_elsewhere,
    "scratch cells everywhere": _scratch_everywhere,
    "sources as lists": _sources_as_lists,
    "the format of 2014": _format_of_2014,
    "Colab's metadata": _colab,
}


def assignment_of(number: int, language: str) -> Assignment:
    """One notebook as it was handed out."""
    return assignments()[number, language]
