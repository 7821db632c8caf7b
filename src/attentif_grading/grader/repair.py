"""From the cells of a damaged notebook to those that the worker runs, and to the copy that a person marks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from nbformat import NotebookNode

from attentif.checks.text import Text, text
from attentif_grading.grader.assignment import Assignment, ReleasedCell
from attentif_grading.grader.graded_copy import graded_copy
from attentif_grading.grader.matching import Placed, match_cells
from attentif_grading.grader.reading import RawNotebook

EXTRA = "extra"
# What makes a cell of checks, or one that holds only calls, worth running: it defines or imports something.
_BINDS = re.compile(
    r"^(?:async[ \t]|def[ \t]|class[ \t]|import[ \t]|from[ \t]|@|\w+[ \t]*(?::[^=\n]+)?=(?!=))", re.MULTILINE
)
_ONLY_CHECKS = re.compile(r"\A(?:[ \t]*(?:check\([ \t]*\w*[ \t]*\)[ \t]*;?|#[^\n]*)?(?:\n|\Z))*\Z")


@dataclass(frozen=True)
class CodeCell:
    """A cell that the worker runs.

    Args:
        name: of the released cell that it is, or `cell_N`, N being its place in the student's file, from 1.
        source: the code.
        role: setup, definition, training, figure, or extra for a cell of the student's own.
        exercise: the exercise that it is the answer to, if any.
        defines: all the exercises that it defines: several in a cell that was merged.
        untouched: whether it is the released cell as it was.
    """

    name: str
    source: str
    role: str
    exercise: str | None = None
    defines: tuple[str, ...] = ()
    untouched: bool = False


@dataclass(frozen=True)
class Repaired:
    """A notebook as it can be graded.

    Args:
        number, language: which notebook it is.
        cells: what the worker runs, in this order.
        answered: exercises of which a definition was found, in the order of the release.
        written: those of them that are no longer the released cell.
        graded_copy: the notebook for nbgrader's formgrader and for feedback, safe to show.
        remarks: what was repaired, for the student and the marker.
    """

    number: int
    language: str
    cells: tuple[CodeCell, ...]
    answered: tuple[str, ...]
    written: tuple[str, ...]
    graded_copy: NotebookNode
    remarks: tuple[Text, ...]


def repair(notebook: RawNotebook, assignment: Assignment) -> Repaired:
    """Find every answer in a notebook, whatever happened to its cells.

    Of two definitions the last one counts, as in Python itself; a released cell that was left as it was does not
    count beside a written one. If answers stand in another order than in the release, they are put back in
    that order, together with the student's own cells above them, since a definition may use an earlier one.

    Args:
        notebook: what was read.
        assignment: the notebook that it is, in its language.
    """
    remarks = list(notebook.remarks)
    placed = match_cells(notebook.cells, assignment)
    written = {name for each in placed if not each.untouched for name in each.exercises}
    runnable = [each for each in placed if _runs(each, written)]
    runnable = _in_order(runnable, assignment, remarks)
    answered = {name for each in runnable for name in each.exercises}
    _remark_duplicates(runnable, remarks)
    cells = [*_missing_setup(runnable, assignment, remarks), *(_code_cell(each) for each in runnable)]
    return Repaired(
        number=assignment.number,
        language=assignment.language,
        cells=tuple(cells),
        answered=tuple(name for name in assignment.exercises if name in answered),
        written=tuple(name for name in assignment.exercises if name in written),
        graded_copy=graded_copy(placed, assignment, remarks),
        remarks=tuple(remarks),
    )


def _runs(each: Placed, written: set[str]) -> bool:
    if not each.code or not each.source.strip():
        return False
    if each.exercises:
        return not (each.untouched and written.issuperset(each.exercises))
    if each.released is not None and each.released.role in ("check", "report"):
        return not each.untouched and _BINDS.search(each.source) is not None
    if each.released is not None and each.released.solution and each.untouched:
        return True
    return _ONLY_CHECKS.match(each.source) is None


def _code_cell(each: Placed) -> CodeCell:
    released = each.released
    if each.exercises:
        return CodeCell(
            released.name, each.source, "definition", released.exercise, each.exercises, each.untouched
        )
    if released is None or released.role in ("check", "report", None):
        return CodeCell(f"cell_{each.raw.place + 1}", each.source, EXTRA)
    return CodeCell(released.name, each.source, released.role, released.exercise, untouched=each.untouched)


def _in_order(runnable: list[Placed], assignment: Assignment, remarks: list[Text]) -> list[Placed]:
    """The cells in the student's order; in the release's if an answer stands above one that comes before it there."""

    def rank(each: Placed) -> int | None:
        if each.released is None or each.released.role not in ("setup", "definition"):
            return None
        return assignment.order[each.released.name]

    firsts: dict[int, None] = dict.fromkeys(rank(each) for each in runnable if rank(each) is not None)
    if list(firsts) == sorted(firsts):
        return runnable
    remarks.append(
        text(
            "cells stand in another order than in the notebook that was handed out; they were put back in its order",
            "des cellules ne sont plus dans l'ordre du carnet distribué ; elles ont été remises dans son ordre",
        )
    )
    groups: list[tuple[int, list[Placed]]] = []
    above: list[Placed] = []  # the student's own cells stay above the answer that they prepare
    for each in runnable:
        above.append(each)
        if (place := rank(each)) is not None:
            groups.append((place, above))
            above = []
    ordered = [each for _, group in sorted(groups, key=lambda pair: pair[0]) for each in group]
    return ordered + above


def _remark_duplicates(runnable: Iterable[Placed], remarks: list[Text]) -> None:
    counts = Counter(name for each in runnable for name in each.exercises)
    for name in (name for name, count in counts.items() if count > 1):
        remarks.append(
            text(
                f"`{name}` is defined {counts[name]} times; the last definition counts",
                f"`{name}` est défini {counts[name]} fois ; la dernière définition compte",
            )
        )


def _missing_setup(runnable: Iterable[Placed], assignment: Assignment, remarks: list[Text]) -> list[CodeCell]:
    """The released preparatory cells that the student's notebook lacks, or has only changed."""
    intact = {each.released.name for each in runnable if each.untouched}
    kept = {each.released.name for each in runnable if each.released is not None}
    added = [cell for cell in assignment.cells if cell.role == "setup" and cell.name not in intact]
    deleted = [cell for cell in added if cell.name not in kept]
    if deleted:
        names = ", ".join(f"`{cell.name}`" for cell in deleted)
        remarks.append(
            text(
                f"preparatory cells were missing and were put back: {names}",
                f"des cellules préparatoires manquaient et ont été remises : {names}",
            )
        )
    return [_given(cell) for cell in added]


def _given(cell: ReleasedCell) -> CodeCell:
    return CodeCell(cell.name, cell.source, "setup", cell.exercise, untouched=True)
