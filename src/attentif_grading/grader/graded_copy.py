"""The copy of a submission that people see: every released cell once, with the student's answers, safe to show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import nbformat
from nbformat import NotebookNode

from attentif.checks.text import Text, text
from attentif_grading.grader.assignment import Assignment, ReleasedCell
from attentif_grading.grader.kept_outputs import OutputBudget, kept_outputs
from attentif_grading.grader.matching import Placed
from attentif_grading.grader.neutral_text import neutral_markdown, pictures, shortened, visible
from attentif_grading.grader.source_text import bare

_ELSEWHERE = text(
    "# `{name}` is defined in the cell of `{other}`.", "# `{name}` est défini dans la cellule de `{other}`."
)
MAX_EXTRA = 300
_OWN_ROLES = ("figure", "training", "setup", "definition")


def graded_copy(placed: Iterable[Placed], assignment: Assignment, remarks: list[Text]) -> NotebookNode:
    """The notebook for nbgrader's formgrader and for feedback.

    All released cells stand in their order, with nbgrader's metadata as released; in them the student's code, report
    and pictures. The student's own cells stand behind the released cell that they followed. Check cells are shown as
    released, without outputs: marks are written by the grader.

    Args:
        placed: the student's cells, matched.
        assignment: what was released.
        remarks: what is said of the repair; a text found elsewhere than in its cell is added to it.
    """
    placed = list(placed)
    own: dict[str, list[Placed]] = {}
    following: dict[str | None, list[Placed]] = {}
    above: str | None = None
    standing, n_extra = _standing(placed), 0
    for each in placed:
        if each.released is not None and (standing.get(each.released.name) is each or _is_report(each)):
            above = each.released.name
            own.setdefault(above, []).append(each)
        elif not _nothing_new(each):
            n_extra += 1
            if n_extra <= MAX_EXTRA:
                following.setdefault(above, []).append(each)
    if n_extra > MAX_EXTRA:
        remarks.append(
            text(
                f"the first {MAX_EXTRA} of {n_extra} cells of the student's own are shown",
                f"sur {n_extra} cellules ajoutées, les {MAX_EXTRA} premières sont montrées",
            )
        )
    _move_stray_answers(own, following, assignment, remarks)
    budget = OutputBudget()
    cells = [_extra(each, budget) for each in following.get(None, ())]
    for released in assignment.cells:
        if released.role in ("figure", "training") and released.name not in own:
            continue
        cells.append(_cell(released, own, placed, assignment.language, budget))
        cells += [_extra(each, budget) for each in following.get(released.name, ())]
    about = {
        "language": assignment.language,
        "notebook": assignment.number,
        "release": assignment.release,
    }
    metadata = {
        "attentif": about,
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return NotebookNode(nbformat=4, nbformat_minor=5, metadata=nbformat.from_dict(metadata), cells=cells)


def _standing(placed: Iterable[Placed]) -> dict[str, Placed]:
    """Released cell → the student's cell that stands for it: the last one, but a changed one before an untouched one."""
    standing: dict[str, Placed] = {}
    for each in placed:
        if each.released is None:
            continue
        name = each.released.name
        if name not in standing or not each.untouched or standing[name].untouched:
            standing[name] = each
    return standing


def _is_report(each: Placed) -> bool:
    return each.released is not None and each.released.manual


def _nothing_new(each: Placed) -> bool:
    """A copy of what was released, or a cell with nothing in it."""
    return each.untouched or not (each.source.strip() or each.raw.outputs)


def _move_stray_answers(
    own: Mapping[str, list[Placed]],
    following: dict[str | None, list[Placed]],
    assignment: Assignment,
    remarks: list[Text],
) -> None:
    """Where a report's cell is blank or lost, the student's own texts between its question and the next one are it."""
    for place, released in enumerate(assignment.cells):
        if not released.manual or any(not each.untouched for each in own.get(released.name, ())):
            continue
        question = assignment.cells[place - 1].name if place else None
        stray = [
            each
            for name in (question, released.name)
            for each in following.get(name, ())
            if not each.code and each.source.strip()
        ]
        if not stray:
            continue
        for name in (question, released.name):
            following[name] = [each for each in following.get(name, ()) if each not in stray]
        own[released.name] = stray
        remarks.append(
            text(
                f"the answer to `{released.grade_id}` was found beside its cell",
                f"la réponse à `{released.grade_id}` a été trouvée à côté de sa cellule",
            )
        )


def _cell(
    released: ReleasedCell,
    own: Mapping[str, list[Placed]],
    placed: Iterable[Placed],
    language: str,
    budget: OutputBudget,
) -> NotebookNode:
    mine = own.get(released.name, [])
    about = {"name": released.name} | ({"role": released.role} if released.role else {})
    metadata: dict[str, Any] = {"attentif": about}
    if released.exercise:
        about["exercise"] = released.exercise
    if released.nbgrader:
        metadata["nbgrader"] = dict(released.gradebook_metadata)
    if released.manual:
        return _report_cell(released, mine, metadata)
    if released.kind == "markdown":
        changed = [each for each in mine if not each.untouched]
        if not changed:
            return _new("markdown", released.cell_id, released.source, metadata)
        return _text_cell(released.cell_id, changed[-1:], metadata)
    if released.graded or not mine:
        return _new("code", released.cell_id, _without_answer(released, placed, language), metadata)
    shown = _new("code", released.cell_id, visible(shortened(mine[-1].source)), metadata)
    if released.role in _OWN_ROLES:
        shown.outputs = kept_outputs(mine[-1].raw.outputs, budget)
    return shown


def _report_cell(released: ReleasedCell, mine: list[Placed], metadata: dict[str, Any]) -> NotebookNode:
    """A cell of the report: what the student wrote in it, in all its copies, each once."""
    written = [each for each in mine if bare(each.source) != released.bare and each.source.strip()]
    if not written:
        return _new("markdown", released.cell_id, released.source, metadata)
    return _text_cell(released.cell_id, written, metadata)


def _text_cell(cell_id: str, written: Iterable[Placed], metadata: dict[str, Any]) -> NotebookNode:
    """What a student wrote, with the pictures attached to it."""
    attachments: dict[str, dict[str, str]] = {}
    texts: dict[str, None] = {}
    for each in written:
        attachments |= pictures(each.raw.attachments)
        texts[neutral_markdown(each.source, attachments)] = None
    cell = _new("markdown", cell_id, "\n\n".join(texts), metadata)
    if attachments:
        cell.attachments = nbformat.from_dict(attachments)
    return cell


def _without_answer(released: ReleasedCell, placed: Iterable[Placed], language: str) -> str:
    """The released text of a cell; of an exercise that another cell defines too, where that is."""
    if released.solution and released.exercise:
        for each in placed:
            if released.exercise in each.exercises:
                return _ELSEWHERE[language].format(name=released.exercise, other=each.released.name)
    return released.source


def _extra(each: Placed, budget: OutputBudget) -> NotebookNode:
    """A cell of the student's own."""
    metadata, cell_id = (
        {"attentif": {"name": f"cell_{each.raw.place + 1}", "role": "extra"}},
        f"extra-{each.raw.place + 1}",
    )
    if each.code or each.raw.kind == "code":
        cell = _new("code", cell_id, visible(shortened(each.source)), metadata)
        cell.outputs = kept_outputs(each.raw.outputs, budget)
        return cell
    return _text_cell(cell_id, [each], metadata)


def _new(kind: str, cell_id: str, source: str, metadata: dict[str, Any]) -> NotebookNode:
    cell = NotebookNode(id=cell_id, cell_type=kind, source=source, metadata=nbformat.from_dict(metadata))
    if kind == "code":
        cell.execution_count, cell.outputs = None, []
    return cell
