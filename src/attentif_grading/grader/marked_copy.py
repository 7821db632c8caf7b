"""The graded copy with its marks in it: what a check's cell shows in the formgrader and in nbgrader's feedback."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import nbformat
from nbformat import NotebookNode

from attentif.checks.report import Score
from attentif.checks.text import Text
from attentif_grading.grader.reported import report_of, speaking
from attentif_grading.grader.troubles import TROUBLES
from attentif_grading.grader.verdict import HIDDEN, PUBLIC, Verdict
from attentif_grading.hidden import HiddenScore


def with_verdicts(notebook: NotebookNode, verdicts: Mapping[str, Verdict], language: str) -> NotebookNode:
    """A copy of a graded copy in which the cells of checks show their tables, as plain nbgrader's do.

    Args:
        notebook: the graded copy; outputs of its other cells stay.
        verdicts: by exercise.
        language: of the notebook.
    """
    marked = copy.copy(notebook)
    marked.cells = [_marked(cell, verdicts, language) for cell in notebook.cells]
    return marked


def _marked(cell: NotebookNode, verdicts: Mapping[str, Verdict], language: str) -> NotebookNode:
    exercise, _, scope = str(cell.metadata.get("nbgrader", {}).get("grade_id", "")).rpartition("_")
    if cell.cell_type != "code" or scope not in (PUBLIC, HIDDEN):
        return cell
    marked = copy.copy(cell)
    marked.execution_count = None
    marked.outputs = []
    verdict = verdicts.get(exercise)
    if verdict is not None:
        with speaking(language):
            shown = _score(verdict, scope)
            data = {"text/plain": repr(float(shown)), "text/html": shown._repr_html_()}
        result = {"output_type": "execute_result", "execution_count": None, "metadata": {}, "data": data}
        marked.outputs = [nbformat.from_dict(result)]  # new_output would validate each by itself
    return marked


def _score(verdict: Verdict, scope: str) -> Score:
    """The score with its table, by the same code as in a notebook."""
    report = report_of(verdict, scope)
    if scope == PUBLIC:
        return Score(report)
    trouble: Text | None = TROUBLES.get(verdict.trouble) if verdict.trouble else None
    return HiddenScore(report, trouble)
