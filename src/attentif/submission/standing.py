"""How a notebook stands: points of the public checks, questions without an answer, code that is not saved."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from attentif.checks.examining import examine
from attentif.checks.store import known_exercises, load_exercise
from attentif.submission.finding import bare, notebook_source

_PLACEHOLDERS = ("", "*Your answer here.*", "*Votre réponse ici.*")
_HANDS_IN = re.compile(r"^\s*(?:submit|soumettre)\(", re.M)
_BOLD = re.compile(r"\*\*(.+?)[.:]?\*\*", re.S)


@dataclass(frozen=True)
class Standing:
    """One exercise of the notebook.

    Args:
        exercise: its name.
        earned, maximum: points of the public checks.
        to_do: whether it is still to be written.
    """

    exercise: str
    earned: float
    maximum: float
    to_do: bool


def exercises_in(content: Mapping[str, Any]) -> list[str]:
    """The exercises that are written in a notebook, in order; a cell that has lost its metadata is known by what it defines."""
    known, names = known_exercises(), []
    for cell in content["cells"]:
        if cell.get("cell_type") == "code":
            about = _about(cell)
            names += [about.get("exercise")] if about.get("role") == "definition" else []
            names += [name for name in known if _defines(notebook_source(cell), name)]
    return [name for name in dict.fromkeys(names) if name in known]


def standing_of(exercises: Iterable[str], namespace: Mapping[str, Any]) -> Iterator[Standing]:
    """What the public checks say of each exercise of the session."""
    for name in exercises:
        exercise = load_exercise(name)
        maximum = sum(check.points for check in exercise.checks.checks)
        if name not in namespace:
            yield Standing(name, 0.0, maximum, to_do=True)
            continue
        report = examine(exercise, namespace[name], namespace=namespace, diagnose=False)
        yield Standing(name, report.earned, report.maximum, to_do=bool(report.unfinished))


def unanswered(content: Mapping[str, Any]) -> list[str]:
    """The report's questions whose cells are as they were handed out, or empty."""
    found, above = [], ""
    for cell in content["cells"]:
        source = notebook_source(cell).strip()
        nbgrader = _metadata(cell).get("nbgrader")
        if isinstance(nbgrader, dict) and nbgrader.get("grade") and nbgrader.get("solution"):
            if source in _PLACEHOLDERS:
                found.append(above or str(nbgrader.get("grade_id", "?")))
        elif cell.get("cell_type") == "markdown":
            title = _BOLD.search(source)
            above = title.group(1).strip() if title else above
    return found


def unsaved(content: Mapping[str, Any], exercises: Iterable[str], history: Sequence[str]) -> list[str]:
    """The exercises whose last definition of this session stands in no cell of the file."""
    there = {bare(notebook_source(cell)) for cell in content["cells"]}
    found = []
    for name in exercises:
        ran = next((source for source in reversed(history) if _defines(source, name)), None)
        if ran is not None and bare(ran) not in there:
            found.append(name)
    return found


def older_results(content: Mapping[str, Any], history: Sequence[str]) -> int:
    """How many cells of the file were run again since it was saved, so that it holds older results of theirs, or none.

    Args:
        content: of the saved notebook.
        history: the cells of this session, each at the place that is its execution count.
    """
    last = {bare(source): count for count, source in enumerate(history)}
    cells = [
        (bare(notebook_source(cell)), cell.get("execution_count"))
        for cell in content["cells"]
        if cell.get("cell_type") == "code" and not _HANDS_IN.search(notebook_source(cell))
    ]
    # Of cells with the same content, as those of the checks at grading, nobody can tell which one was run last.
    times = Counter(source for source, _ in cells)
    counts = [(last.get(source), saved) for source, saved in cells if times[source] == 1]
    return sum(ran is not None and ran > 0 and ran != saved for ran, saved in counts)


def _defines(source: str, name: str) -> bool:
    return re.search(rf"^(?:def|class)[ \t]+{re.escape(name)}\b", source, re.M) is not None


def _metadata(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = cell.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _about(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    about = _metadata(cell).get("attentif")
    return about if isinstance(about, dict) else {}
