"""Which released cell each cell of a student is: by what it defines, by identifiers, by likeness."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from attentif_grading.grader.assignment import Assignment, ReleasedCell
from attentif_grading.grader.reading import RawCell
from attentif_grading.grader.source_text import assigned, bare, clean_code, defined

# Cells less alike than this, in percent, are different cells.
LIKENESS = 75
# So many characters of a cell, and so many cells, are compared: a hostile notebook must not cost minutes.
_COMPARED, _MOST = 3000, 300


@dataclass(frozen=True)
class Placed:
    """A student's cell and what it is.

    Args:
        raw: the cell as it was read.
        source: its text; of code, cleaned.
        released: the cell of the release that it is, None for a cell of the student's own.
        exercises: the exercises that it defines at its left margin, by def or class.
        code: whether it is to be run as code.
    """

    raw: RawCell
    source: str
    released: ReleasedCell | None
    exercises: tuple[str, ...]
    code: bool

    @property
    def untouched(self) -> bool:
        """Whether it is the released cell as it was."""
        return self.released is not None and bare(self.source) == self.released.bare


def match_cells(cells: Iterable[RawCell], assignment: Assignment) -> list[Placed]:
    """Each cell with the released cell that it is.

    What a cell defines comes first, since identifiers get copied, swapped and lost; then nbgrader's grade id, our
    name, Jupyter's id; then the same text, and at last a text alike.

    Args:
        cells: of a student, in order.
        assignment: what was released.
    """
    placed = [_placed(cell, assignment) for cell in cells]
    placed = _quoted_code_is_text(placed)
    placed = _by_assignment(placed, assignment)
    return _by_text(placed, assignment)


def _placed(cell: RawCell, assignment: Assignment) -> Placed:
    code = cell.kind == "code"
    source = clean_code(cell.source if code else _unfenced(cell.source))
    exercises = tuple(dict.fromkeys(name for name in defined(source) if name in assignment.solutions))
    claimed = (
        assignment.by_grade_id.get(cell.grade_id)
        or assignment.by_name.get(cell.name)
        or assignment.by_cell_id.get(cell.cell_id)
    )
    if exercises:
        if claimed is None or claimed.exercise not in exercises or not claimed.solution:
            claimed = assignment.solutions[exercises[0]]
        return Placed(cell, source, claimed, exercises, True)
    if claimed is not None and claimed.manual:  # a report typed in a cell of code is a report
        return Placed(cell, cell.source, claimed, (), False)
    if claimed is not None and code and claimed.kind != "code":
        claimed = None
    return Placed(cell, source if code else cell.source, claimed, (), code)


def _quoted_code_is_text(placed: list[Placed]) -> list[Placed]:
    """A text that quotes an exercise's code stays a text, unless the exercise is written nowhere else."""
    written = {
        name
        for each in placed
        if each.raw.kind == "code" and not each.untouched
        for name in (*each.exercises, *assigned(each.source))
    }

    def decided(each: Placed) -> Placed:
        if each.raw.kind == "code" or not each.code or not written.issuperset(each.exercises):
            return each
        return replace(each, source=each.raw.source, released=None, exercises=(), code=False)

    return [decided(each) for each in placed]


def _by_assignment(placed: list[Placed], assignment: Assignment) -> list[Placed]:
    """An exercise that is nowhere defined, but assigned to, is written there: `causal_mask = lambda n: ...`."""
    missing = set(assignment.solutions) - {
        name for each in placed if not each.untouched for name in each.exercises
    }
    if not missing:
        return placed
    done = []
    for each in placed:
        names = tuple(dict.fromkeys(name for name in assigned(each.source) if name in missing))
        if each.raw.kind == "code" and names and not each.exercises:
            each = replace(each, released=assignment.solutions[names[0]], exercises=names)
        done.append(each)
    return done


def _by_text(placed: list[Placed], assignment: Assignment) -> list[Placed]:
    """Cells without a usable identifier: the same text as a released cell that nothing else is, or one alike."""
    taken = {each.released.name for each in placed if each.released is not None}
    free = {cell.name: cell for cell in assignment.cells if cell.name not in taken}
    same = {(cell.kind == "code", cell.bare): cell for cell in reversed(free.values())}
    done = []
    for each in placed:
        if each.released is None and (found := same.get((each.code, bare(each.source)))):
            each = replace(each, released=found)
            free.pop(found.name, None)
        done.append(each)
    for code in (True, False):
        # A report's blank cells are all alike: a text is never one of them by its likeness.
        choices = {
            name: cell.source[:_COMPARED]
            for name, cell in free.items()
            if (cell.kind == "code") == code and not cell.manual and not cell.graded
        }
        unmatched = [
            (place, each)
            for place, each in enumerate(done)
            if each.released is None and each.code == code and each.source.strip()
        ]
        for place, each in unmatched[:_MOST]:
            if not choices:
                break
            best = process.extractOne(
                each.source[:_COMPARED], choices, scorer=fuzz.ratio, score_cutoff=LIKENESS
            )
            if best is not None:
                done[place] = replace(each, released=free[best[2]])
                del choices[best[2]]
    return done


def _unfenced(source: str) -> str:
    """The code of a text that is one fenced block; any other text as it is."""
    lines = source.strip().split("\n")
    if not lines[0].startswith(("```", "~~~")):
        return source
    return "\n".join(lines[1:-1] if lines[-1].startswith(lines[0][:3]) else lines[1:])
