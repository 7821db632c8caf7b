"""The whole catalogue handed in: each made-up student gives a catalogued answer to every exercise at once.

One exercise's mark must not depend on the answers to others, so that a class as large as the longest catalogue
shows every answer of every exercise to nbgrader.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attentif.checks.examining import examine
from attentif.checks.store import load_exercise
from attentif_grading import exercises as staff
from attentif_grading.contracts import load_contracts, load_course
from attentif_grading.grade_ids import HIDDEN, PUBLIC
from attentif_grading.plain import Graded
from attentif_grading.sample_class import (
    Notebooks,
    Submission,
    released,
    shortened,
    solved,
    write_implementation,
)


@dataclass(frozen=True)
class Answer:
    """A catalogued answer, and whether it is an accepted variant."""

    name: str
    function: Callable
    right: bool


@dataclass(frozen=True)
class Packed:
    """A submission with the answer that it gives to each exercise; the reference's where there is none.

    Args:
        submission: what is handed in.
        answers: by exercise.
        unwritten: exercises whose cells are as they were handed out.
        language: of the notebooks.
    """

    submission: Submission
    answers: dict[str, Answer]
    unwritten: frozenset[str] = frozenset()
    language: str = "fr"


def everything_selected(home: Path, folder: Path) -> Path:
    """A course home in `folder` like `home`, in which students write every exercise of contracts.toml."""
    folder.mkdir(parents=True)
    for name in ("src", "notebooks", "data"):
        (folder / name).symlink_to((home / name).resolve(), target_is_directory=True)
    shutil.copytree(home / "grading", folder / "grading", ignore=shutil.ignore_patterns("source", "release"))
    course = folder / "grading" / "course.toml"
    head, *notebooks = course.read_text(encoding="utf-8").split("[[notebook]]")
    contracts = load_contracts(home)
    written = [head]
    for text in notebooks:
        number = int(text.partition("number = ")[2].partition("\n")[0])
        names = [name for name in contracts if contracts[name].notebook == number]
        kept = text.partition("exercises = [")[0]
        written.append(f"{kept}exercises = {names!r}\n\n".replace("'", '"'))
    course.write_text("[[notebook]]".join(written), encoding="utf-8")
    return folder


def catalogue(name: str, again: bool = True) -> list[Answer]:
    """An exercise's mistakes, the second versions too if `again`, and its accepted variants."""
    exercise = staff.load_exercise(name)
    mistakes = exercise.all_misconceptions if again else exercise.misconceptions
    answers = [Answer(each.function.__name__, each.function, right=False) for each in mistakes]
    return answers + [Answer(each.name, each.function, right=True) for each in exercise.variants]


def packed_class(home: Path, built: Path, language: str, again: bool = True) -> Iterator[Packed]:
    """The reference, the untouched release, as many students as the longest catalogue has answers, two half done.

    Args:
        home: the course, of whose selected exercises each student answers as many as have answers left.
        built: where its build wrote.
        language: of the notebooks.
        again: whether second versions of mistakes are handed in too.
    """
    reference, blank, exercises = (
        solved(home, built, language),
        released(built, language),
        load_course(home).exercises,
    )
    yield Packed(Submission("reference", "reference", reference), {}, language=language)
    everything = frozenset(exercises)
    yield Packed(Submission("untouched", "untouched", blank), {}, everything, language)
    brief = {stem: shortened(notebook) for stem, notebook in copy.deepcopy(reference).items()}
    answers = {name: catalogue(name, again) for name in exercises}
    for number in range(max(map(len, answers.values()))):
        mine = {name: each[number] for name, each in answers.items() if number < len(each)}
        notebooks = copy.deepcopy(brief)
        for name, answer in mine.items():
            write_implementation(notebooks, staff.load_exercise(name), answer.function)
        yield Packed(Submission(f"packed{number:03}", "packed", notebooks), mine, language=language)
    for first in range(2):
        unwritten = frozenset(exercises[first::2])
        notebooks = copy.deepcopy(brief)
        _take_back(notebooks, blank, unwritten)
        yield Packed(Submission(f"half{first}", "half done", notebooks), {}, unwritten, language)


def _take_back(notebooks: Notebooks, blank: Notebooks, exercises: frozenset[str]) -> None:
    """Put the cells of these exercises as they were handed out."""
    for stem, notebook in notebooks.items():
        sources = {cell.id: cell.source for cell in blank[stem].cells}
        for cell in notebook.cells:
            if cell.metadata.attentif.get("exercise") in exercises:
                cell.source = sources[cell.id]


def catalogue_marks(packed: Packed, maximum: dict[str, float]) -> dict[str, float]:
    """What each exercise of this student is worth by the catalogue: the checks run directly, known-good parts."""
    wrong = {
        name: mark_of(name, answer.function) for name, answer in packed.answers.items() if not answer.right
    }
    return maximum | wrong | dict.fromkeys(packed.unwritten, 0.0)


def mark_of(name: str, function: Callable) -> float:
    """What the public and hidden checks of an exercise give to this function or method, run directly."""
    exercise, public = staff.load_exercise(name), load_exercise(name)
    target = exercise.target(function)
    return examine(public, target).earned + examine(public, target, exercise.hidden).earned


def compare(everyone: list[Packed], graded: Mapping[str, Graded]) -> dict[str, Any]:
    """Every mark of each grader's against the catalogue's, and against the other graders'.

    Args:
        everyone: who handed in; the student "reference" among those graded.
        graded: by the name of the grader.

    Returns:
        submissions, exercises, marks (how many were compared), mistakes and variants among them, `unequal` (a line
        each), `different` (marks of public or hidden checks on which graders differ), `paid` (mistakes at full marks),
        `failed` (by grader and student whom it could not grade) and `seconds` by grader.
    """
    first = next(iter(graded.values()))
    maximum = {name: worth for name, (_, worth) in first.by_exercise("reference").items()}
    unequal, paid, n_marks = [], [], 0
    for packed in everyone:
        student, expected = packed.submission.student, catalogue_marks(packed, maximum)
        for grader, result in graded.items():
            marks = {name: earned for name, (earned, _) in result.by_exercise(student).items()}
            n_marks += len(expected)
            for name, mark in expected.items():
                answer = packed.answers.get(name)
                what = f"{student} {name} {answer.name if answer else packed.submission.kind}"
                if marks.get(name) != mark:
                    unequal.append(f"{what}: {grader} {marks.get(name)}, catalogue {mark}")
                elif answer and not answer.right and mark == maximum[name]:
                    paid.append(what)
    given = [answer for packed in everyone for answer in packed.answers.values()]
    return {
        "submissions": len(everyone),
        "exercises": len(maximum),
        "marks": n_marks,
        "mistakes": sum(not answer.right for answer in given),
        "variants": sum(answer.right for answer in given),
        "unequal": unequal,
        "different": differences(graded),
        "paid": sorted(set(paid)),
        "failed": {f"{g} {who}": said for g, result in graded.items() for who, said in result.failed.items()},
        "seconds": {grader: result.seconds for grader, result in graded.items()},
    }


def differences(graded: Mapping[str, Graded]) -> list[str]:
    """Each cell of checks that not all graders mark alike; those that a person marks are left out."""
    cells: dict[tuple[str, str], dict[str, float | None]] = {}
    for grader, result in graded.items():
        for mark in result.marks:
            if mark.grade_id.endswith((PUBLIC, HIDDEN)):
                cells.setdefault((mark.student, mark.grade_id), {})[grader] = mark.score
    return [
        f"{student} {cell}: " + ", ".join(f"{grader} {scores.get(grader)}" for grader in graded)
        for (student, cell), scores in cells.items()
        if len({scores.get(grader) for grader in graded}) > 1
    ]
