"""Verdicts into nbgrader's gradebook and its folders, so that the formgrader, the feedback and the exports work.

The gradebook is derived from verdicts: writing one submission again changes its automatic scores only. Marks,
extra credit and comments that a person entered through the formgrader stay as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from nbformat import NotebookNode

from attentif.checks.text import text
from attentif.errors import InputError
from attentif_grading.contracts import load_course
from attentif_grading.grader.course_folder import GRADEBOOK, prepare_folder
from attentif_grading.grader.gradebook_rows import (
    Assigned,
    AssignedCell,
    AssignedNotebook,
    CellResult,
    read_assigned,
    write_submission,
)
from attentif_grading.grader.gradebook_storage import database_url, explained, write_whole
from attentif_grading.grader.marked_copy import with_verdicts
from attentif_grading.grader.verdict import HIDDEN, PUBLIC, Verdict

_NO_RESPONSE = "No response."  # nbgrader's own words, in every language
# What would end a path or a column of nbgrader's CSV, or be a pattern for its file search.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\,\"*?\[\]+]|^[.\s]|^$|\s$")


@dataclass(frozen=True)
class GradedSubmission:
    """What one student handed in, with its verdicts.

    Args:
        student: the identifier, safe in paths.
        language: of the notebooks: fr or en.
        notebooks: the graded copies by notebook name (the file's, without .ipynb); one that was not handed in is
            absent.
        verdicts: by exercise.
        handed_in: the bytes handed in, by notebook name.
        shown: the student's name for the formgrader; one that is in the gradebook stays.
        timestamp: when it was handed in.
    """

    student: str
    language: str
    notebooks: Mapping[str, NotebookNode]
    verdicts: Mapping[str, Verdict]
    handed_in: Mapping[str, bytes] = field(default_factory=dict)
    shown: str | None = None
    timestamp: datetime | None = None

    def __post_init__(self) -> None:
        if _UNSAFE.search(self.student) or len(self.student) > 128:
            raise InputError(
                expected=text(
                    "an identifier of a student that can name a folder",
                    "un identifiant d'étudiant qui peut nommer un dossier",
                ),
                got=repr(self.student),
                remedy=text("rename it", "renommez-le"),
            )


class CourseGradebook:
    """nbgrader's course in a folder, open for writing; see `open_gradebook`."""

    def __init__(self, out: Path, home: Path, built: Path, wait: float):
        from sqlalchemy import create_engine

        self.out, self.home, self.built, self.wait = out, home, built, wait
        self.path = out / GRADEBOOK
        self._engine = create_engine(database_url(self.path, wait))
        self._assigned: dict[str, Assigned] = {}

    def write(self, submission: GradedSubmission) -> None:
        """Write or update one submission, in one transaction.

        A kill at any moment leaves a gradebook that can be used; writing the submission again completes it.

        Raises:
            InputError: the gradebook is held by another program, or cannot be written to.
        """
        with explained(self.path, self.wait):
            assigned = self._assignment(submission.language)
            student, name = submission.student, assigned.assignment
            handed_in = self.out / "submitted" / student / name
            for notebook in assigned.notebooks:
                _write_or_remove(handed_in / f"{notebook}.ipynb", submission.handed_in.get(notebook))
            stamp = submission.timestamp
            _write_or_remove(
                handed_in / "timestamp.txt", f"{stamp.isoformat()}\n".encode() if stamp else None
            )
            copies = self.out / "autograded" / student / name
            results, contents = {}, {}
            for notebook in assigned.notebooks:
                path, copy = copies / f"{notebook}.ipynb", submission.notebooks.get(notebook)
                results[notebook] = cell_results(
                    assigned.notebooks[notebook], copy, submission.verdicts, _answers(path)
                )
                contents[path] = None
                if copy is not None:
                    shown = with_verdicts(copy, submission.verdicts, submission.language)
                    contents[path] = _as_bytes(shown)
            # Rows before files: if a kill comes between, the next run still sees that an answer has changed.
            write_submission(self._engine, assigned, student, _plain(submission.shown), stamp, results)
            for path, content in contents.items():
                _write_or_remove(path, content)

    def close(self) -> None:
        """Let go of the gradebook."""
        self._engine.dispose()

    def _assignment(self, language: str) -> Assigned:
        if language not in self._assigned:
            prepare_folder(self.out, self.home, self.built, language, self.wait)
            name = load_course(self.home).assignments[language]
            self._assigned[language] = read_assigned(self._engine, name)
        return self._assigned[language]


@contextmanager
def open_gradebook(
    out: Path, home: Path, built: Path | None = None, wait: float = 30.0
) -> Iterator[CourseGradebook]:
    """nbgrader's course in `out`, made if it is not there, for writing submissions one by one.

    Args:
        out: the folder: gradebook.db, source, release, submitted, autograded, nbgrader_config.py.
        home: the course's repository.
        built: where `attentif-grading build` wrote, `home` itself when absent.
        wait: seconds to wait for another program that is writing to the gradebook.
    """
    out = Path(out).resolve()
    with explained(out / GRADEBOOK, wait):
        out.mkdir(parents=True, exist_ok=True)
    book = CourseGradebook(out, Path(home), Path(built or home), wait)
    try:
        yield book
    finally:
        book.close()


def write_gradebook(
    out: Path, home: Path, built: Path | None, graded: Iterable[GradedSubmission], wait: float = 30.0
) -> int:
    """Write submissions into nbgrader's course in `out`, one after the other; how many they were.

    Args:
        out, home, built, wait: see `open_gradebook`.
        graded: the submissions; taken one at a time, so they may be made on the way. Those of other students that
            the gradebook holds stay.

    Raises:
        InputError: nothing is built, the gradebook is held, full, not writable, damaged or of another release.
    """
    with open_gradebook(out, home, built, wait) as book:
        count = 0
        for submission in graded:
            book.write(submission)
            count += 1
    return count


def cell_results(
    notebook: AssignedNotebook,
    copy: NotebookNode | None,
    verdicts: Mapping[str, Verdict],
    before: Mapping[str, str] | None = None,
) -> list[CellResult]:
    """What autograding says of one notebook's cells, by the rules of nbgrader.

    A notebook that was not handed in scores 0. An answer in words scores 0 if it is as it was released, and waits
    for a person otherwise; so does an exercise that has no verdict.

    Args:
        notebook: what the gradebook knows of it.
        copy: the graded copy; None if it was not handed in.
        verdicts: by exercise.
        before: the answers of the copy that was marked before, by grade id; None if there was none.
    """
    if copy is None:
        return [CellResult(cell, 0.0) for cell in notebook.cells]
    copies = {c.metadata.nbgrader.grade_id: c for c in copy.cells if "nbgrader" in c.metadata}
    results = []
    for cell in notebook.cells:
        answer = copies.get(cell.name)
        if cell.solution is None:
            results.append(CellResult(cell, _score(cell, verdicts)))
            continue
        unanswered = answer is not None and cell.is_released(answer)
        changed = before is not None and before.get(cell.name) != (
            answer.source if answer is not None else None
        )
        comment = _NO_RESPONSE if unanswered else None
        results.append(CellResult(cell, 0.0 if unanswered else None, comment, changed))
    return results


def _score(cell: AssignedCell, verdicts: Mapping[str, Verdict]) -> float | None:
    exercise, _, scope = cell.name.rpartition("_")
    if scope not in (PUBLIC, HIDDEN) or exercise not in verdicts:
        return None
    # nbgrader's pages are made for scores of at most the cell's points.
    return min(max(verdicts[exercise].earned(scope), 0.0), cell.maximum)


def _plain(shown: str | None) -> str | None:
    """A name without what would shift the columns of nbgrader's CSV, or be a formula there."""
    if shown is None:
        return None
    return " ".join(re.sub(r"[\x00-\x1f\x7f,\";]", " ", shown).split()).lstrip("=+-@ ")[:128] or None


def _as_bytes(notebook: NotebookNode) -> bytes:
    # nbformat's own writer takes most of the time of a class: it copies the notebook and breaks its lines. A lone
    # half of a character, which UTF-8 cannot hold, becomes a question mark.
    return json.dumps(notebook, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")


def _answers(path: Path) -> dict[str, str] | None:
    """The text of each solution cell of the copy that stands there; None if there is none that can be read."""
    try:
        cells = json.loads(path.read_bytes())["cells"]
        return {
            cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"])
            for cell in cells
            if cell["metadata"].get("nbgrader", {}).get("solution")
        }
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):  # a copy of another hand: every answer counts as changed
        return {}


def _write_or_remove(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
    else:
        write_whole(path, content)
