"""The same submissions through plain nbgrader and through the confined grader, both read from nbgrader's gradebook."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from attentif_grading.contracts import load_course
from attentif_grading.grader.grade import Grading
from attentif_grading.grader.on_the_way import Told
from attentif_grading.grader.workplace import Settings
from attentif_grading.notebooks import write_notebook
from attentif_grading.packed_class import Packed, packed_class
from attentif_grading.plain import Graded, Mark, marks_in, refuse_used
from attentif_grading.plain_parallel import grade_side_by_side
from attentif_grading.salt import salt
from attentif_grading.sample_class import Submission

PLAIN, CONFINED = "nbgrader", "attentif"
OTHER_LANGUAGE = 4  # of so many students, one hands in the notebooks of the other language


def packed_class_in_both(home: Path, built: Path, language: str, again: bool = True) -> list[Packed]:
    """`packed_class`, one in four of whom hands in the notebooks of the other language."""
    other = {"fr": "en", "en": "fr"}[language]
    pairs = zip(
        packed_class(home, built, language, again), packed_class(home, built, other, again), strict=True
    )
    return [second if number % OTHER_LANGUAGE == 2 else first for number, (first, second) in enumerate(pairs)]


def grade_packed(
    grader: str,
    home: Path,
    everyone: Iterable[Packed],
    folder: Path,
    built: Path,
    jobs: int,
    say: Callable[[str], None],
) -> Graded:
    """The marks that a grader gives to these students.

    Args:
        grader: PLAIN, in several processes, each language by itself; or CONFINED.
        home: the course's repository.
        everyone: who handed in.
        folder: an empty folder for what the grader writes.
        built: where the build wrote.
        jobs: how many processes.
        say: called with one line a student or a trouble.
    """
    by_language: dict[str, list[Submission]] = {}
    for each in everyone:
        by_language.setdefault(each.language, []).append(each.submission)
    if grader == CONFINED:
        return grade_confined(home, by_language, folder, built, jobs, say)
    parts = [
        grade_side_by_side(home, language, theirs, folder / language, built, False, say, jobs)
        for language, theirs in by_language.items()
    ]
    return Graded(
        marks=[mark for part in parts for mark in part.marks],
        failed={student: said for part in parts for student, said in part.failed.items()},
        seconds=round(sum(part.seconds for part in parts), 1),
    )


def grade_confined(
    home: Path,
    by_language: dict[str, list[Submission]],
    folder: Path,
    built: Path,
    jobs: int = 2,
    say: Callable[[str], None] = lambda line: None,
) -> Graded:
    """What `attentif-grading grade` gives; the graded class is folder/graded.

    Args:
        home, folder, built, jobs, say: see `grade_packed`.
        by_language: submissions, one a student.

    Raises:
        InputError: the folder is not empty, or the sandbox is too weak.
    """
    refuse_used(folder)
    began, assignments = time.perf_counter(), load_course(home).assignments
    for language, submissions in by_language.items():
        for each in submissions:
            for name, notebook in each.notebooks.items():
                place = folder / "handed_in" / each.student / assignments[language] / f"{name}.ipynb"
                write_notebook(notebook, place)
    out = folder / "graded"
    Grading(Settings(home=home, built=built, salt=salt()), out, Told(line=say)).run(
        [folder / "handed_in"], jobs
    )
    marks = gradebook_marks(home, out / "gradebook.db", by_language)
    return Graded(marks=marks, seconds=round(time.perf_counter() - began, 1))


def gradebook_marks(home: Path, gradebook: Path, languages: Iterable[str]) -> list[Mark]:
    """Every mark of a gradebook, for the assignments of these languages."""
    from nbgrader.api import Gradebook

    course = load_course(home)
    with Gradebook(f"sqlite:///{gradebook.resolve()}", course.id) as opened:
        return [mark for language in languages for mark in marks_in(opened, course.assignments[language])]
