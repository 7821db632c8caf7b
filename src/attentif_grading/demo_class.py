"""The demonstration's class: the reference, an untouched notebook and known mistakes, graded as a real class is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from attentif_grading import exercises as staff
from attentif_grading.packed_class import mark_of
from attentif_grading.places import course_home
from attentif_grading.plain import Graded
from attentif_grading.same_marks import grade_confined
from attentif_grading.sample_class import Submission, sample_class

JOBS = 2  # the demonstration is made for two cores


def grade_sample_class(
    language: str, exercises: Iterable[str], folder: Path, say: Callable[[str], None]
) -> dict[str, Any]:
    """Grade the class, and compare each mark with what the catalogue says.

    The reference earns everything, the untouched notebook nothing, and a mistake exactly what the checks give it in
    its own exercise, and everything in all others.
    """
    if folder.exists():
        shutil.rmtree(folder)
    home = course_home()
    exercises = list(exercises)
    submissions = sample_class(home, home, language, exercises, variants=False)
    say(f"{len(submissions)} submissions of two notebooks, in {JOBS} processes")
    graded = grade_confined(home, {language: submissions}, folder, home, JOBS, say)
    maximum = {name: worth for name, (_, worth) in graded.by_exercise("reference").items()}
    rows = [_row(submission, graded, maximum, exercises) for submission in submissions]
    return {
        "graded": exercises,
        "submissions": len(rows),
        "as_expected": sum(row["as_expected"] for row in rows),
        "exercises": list(maximum),
        "maximum": maximum,
        "rows": rows,
        "sandbox": json.loads((folder / "graded" / "report.json").read_text(encoding="utf-8"))["sandbox"],
        "feedback_pages": len(list((folder / "graded" / "pages").glob("*.html"))),
    }


def _row(
    submission: Submission, graded: Graded, maximum: dict[str, float], shown: list[str]
) -> dict[str, Any]:
    marks = {name: earned for name, (earned, _) in graded.by_exercise(submission.student).items()}
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
        "as_expected": marks == expected and lost,
    }


def catalogue_mark(name: str, mistake: str) -> float:
    """What the public and hidden checks give to a catalogued mistake, run directly."""
    exercise = staff.load_exercise(name)
    return mark_of(name, next(m.function for m in exercise.misconceptions if m.name == mistake))
