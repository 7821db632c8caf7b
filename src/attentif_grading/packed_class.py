"""The whole catalogue handed in: each made-up student gives a catalogued answer to every exercise at once.

One exercise's mark must not depend on the answers to others, so that a class as large as the longest catalogue
shows every answer of every exercise to nbgrader.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attentif.checks.store import examine, load_exercise
from attentif_grading import exercises as staff
from attentif_grading.contracts import load_contracts, load_course
from attentif_grading.plain import Graded
from attentif_grading.sample_class import (
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
    """A submission with the answer that it gives to each exercise; the reference's where there is none."""

    submission: Submission
    answers: dict[str, Answer]


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
    """The reference, the untouched release, and as many students as the longest catalogue has answers.

    Args:
        home: the course, of whose selected exercises each student answers as many as have answers left.
        built: where its build wrote.
        language: of the notebooks.
        again: whether second versions of mistakes are handed in too.
    """
    reference = solved(home, built, language)
    yield Packed(Submission("reference", "reference", reference), {})
    yield Packed(Submission("untouched", "untouched", released(built, language)), {})
    brief = {stem: shortened(notebook) for stem, notebook in copy.deepcopy(reference).items()}
    answers = {name: catalogue(name, again) for name in load_course(home).exercises}
    for number in range(max(map(len, answers.values()))):
        mine = {name: each[number] for name, each in answers.items() if number < len(each)}
        notebooks = copy.deepcopy(brief)
        for name, answer in mine.items():
            write_implementation(notebooks, staff.load_exercise(name), answer.function)
        yield Packed(Submission(f"packed{number:03}", "packed", notebooks), mine)


def catalogue_marks(packed: Packed, maximum: dict[str, float]) -> dict[str, float]:
    """What each exercise of this student is worth by the catalogue: the checks run directly, known-good parts."""
    if packed.submission.kind == "untouched":
        return dict.fromkeys(maximum, 0.0)
    return maximum | {
        name: mark_of(name, answer.function) for name, answer in packed.answers.items() if not answer.right
    }


def mark_of(name: str, function: Callable) -> float:
    """What the public and hidden checks of an exercise give to this function or method, run directly."""
    exercise, public = staff.load_exercise(name), load_exercise(name)
    target = exercise.target(function)
    return examine(public, target).earned + examine(public, target, exercise.hidden).earned


def compare(everyone: list[Packed], graded: Graded) -> dict[str, Any]:
    """Every mark of nbgrader's against the catalogue's.

    Returns:
        submissions, marks (how many were compared), mistakes and variants among them, `unequal` (a line each),
        `paid` (mistakes at full marks) and `failed` (students whom nbgrader could not grade).
    """
    maximum = {name: worth for name, (_, worth) in graded.by_exercise("reference").items()}
    unequal, paid, n_marks = [], [], 0
    for packed in everyone:
        student = packed.submission.student
        marks = {name: earned for name, (earned, _) in graded.by_exercise(student).items()}
        expected = catalogue_marks(packed, maximum)
        n_marks += len(expected)
        for name, mark in expected.items():
            answer = packed.answers.get(name)
            what = f"{student} {name} {answer.name if answer else packed.submission.kind}"
            if marks.get(name) != mark:
                unequal.append(f"{what}: nbgrader {marks.get(name)}, catalogue {mark}")
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
        "paid": paid,
        "failed": graded.failed,
        "seconds": graded.seconds,
    }
