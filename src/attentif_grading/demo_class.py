"""The demonstration's class: plain nbgrader on the reference, an untouched notebook and known mistakes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from attentif_grading import exercises as staff
from attentif_grading.contracts import load_contracts
from attentif_grading.packed_class import mark_of
from attentif_grading.places import course_home
from attentif_grading.plain import Graded
from attentif_grading.plain_parallel import grade_side_by_side
from attentif_grading.sample_class import Submission, sample_class

JOBS = 2  # the demonstration is made for two cores


def grade_sample_class(
    language: str, exercises: Iterable[str], folder: Path, say: Callable[[str], None]
) -> dict[str, Any]:
    """Grade the class, and compare each mark with what the catalogue says.

    The reference earns everything, the untouched notebook nothing, and a mistake exactly what the checks give it in
    its own exercise, and everything in all others. A mistake is handed in as its own notebook alone, without
    the cells that train and draw, so that the class is graded in a few minutes.
    """
    if folder.exists():
        shutil.rmtree(folder)
    home = course_home()
    exercises = list(exercises)
    submissions = sample_class(home, home, language, exercises, variants=False, brief=True)
    say(f"{len(submissions)} submissions, in {JOBS} processes (nbgrader itself grades one after the other)")
    graded = grade_side_by_side(home, language, submissions, folder, say=say, jobs=JOBS)
    maximum = {name: worth for name, (_, worth) in graded.by_exercise("reference").items()}
    rows = [_row(submission, graded, maximum, exercises) for submission in submissions]
    return {
        "graded": exercises,
        "submissions": len(rows),
        "as_expected": sum(row["as_expected"] for row in rows),
        "exercises": list(maximum),
        "maximum": maximum,
        "rows": rows,
        "failed": graded.failed,
        "feedback_pages": sum(len(pages) for pages in graded.feedback.values()),
        "csv": graded.csv is not None,
    }


def _row(
    submission: Submission, graded: Graded, maximum: dict[str, float], shown: list[str]
) -> dict[str, Any]:
    marks = {name: earned for name, (earned, _) in graded.by_exercise(submission.student).items()}
    if submission.exercise is not None:
        contracts = load_contracts()
        handed_in = contracts[submission.exercise].notebook
        maximum = {name: worth for name, worth in maximum.items() if contracts[name].notebook == handed_in}
        marks = {name: mark for name, mark in marks.items() if name in maximum}
    expected = dict(maximum)
    if submission.kind == "untouched":
        expected = dict.fromkeys(maximum, 0.0)
    elif submission.kind == "misconception":
        expected[submission.exercise] = catalogue_mark(submission.exercise, submission.implementation)
    lost = submission.kind != "misconception" or expected[submission.exercise] < maximum[submission.exercise]
    return {
        "student": submission.student,
        "kind": submission.kind,
        "marks": marks,
        "others": sum(mark for name, mark in marks.items() if name not in shown),
        "others_maximum": sum(worth for name, worth in maximum.items() if name not in shown),
        "as_expected": marks == expected and lost and submission.student not in graded.failed,
    }


def catalogue_mark(name: str, mistake: str) -> float:
    """What the public and hidden checks give to a catalogued mistake, run directly."""
    exercise = staff.load_exercise(name)
    return mark_of(name, next(m.function for m in exercise.misconceptions if m.name == mistake))
