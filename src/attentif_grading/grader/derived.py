"""What is derived from the journal: a student's rows, copies and page, and the files of the class."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attentif.checks.text import Text
from attentif.errors import InputError
from attentif_grading.contracts import load_course
from attentif_grading.grader import kept_record
from attentif_grading.grader.class_files import write_class_files
from attentif_grading.grader.collect import Collected
from attentif_grading.grader.course_folder import GRADEBOOK
from attentif_grading.grader.feedback import write_feedback
from attentif_grading.grader.gradebook import CourseGradebook, GradedSubmission, open_gradebook
from attentif_grading.grader.journal import Journal, pseudonym, unwritable
from attentif_grading.grader.on_the_way import OneStudent
from attentif_grading.grader.person_marks import person_marks

if TYPE_CHECKING:
    from attentif_grading.grader.grade import Grading

PAGES = "pages"


class Derived:
    """What is derived from the journal: a student's rows, copies and page, and what is said of the class.

    A gradebook that cannot be written now does not stop the judging: it is tried once more at the end.
    """

    def __init__(self, grading: Grading, journal: Journal):
        self.grading, self.journal = grading, journal
        self._stamps = _Stamps(grading.out / "derived.jsonl", grading.out / GRADEBOOK)
        self._gradebook: CourseGradebook | None = None
        self._opened = contextlib.ExitStack()
        self._late: list[OneStudent] = []
        self._failed: InputError | None = None
        self._unwritten: list[str] = []

    def write(self, student: OneStudent) -> None:
        """Write all that is derived for one student, unless it is there already."""
        if self._failed is not None:
            self._late.append(student)
            return
        try:
            self._write(student)
        except InputError as error:
            self._failed = error
            self._late.append(student)
            self.grading.told.line(f"{error}: judging goes on, the gradebook is tried again at the end")
        except Exception as error:  # one student's rows and page; the others' are written
            self._unwritten.append(
                f"{pseudonym(student.handed.student)} ({type(error).__name__}: {error})"[:300]
            )

    def finish(self, collected: Collected) -> None:
        """Write what could not be written before, then the files of the class.

        Raises:
            InputError: it still cannot be written.
        """
        try:
            self._failed = None
            for student in self._late:
                self._write(student)
            everyone = kept_record.with_earlier(collected, self.grading.out)
            if earlier := len(everyone.students) - len(collected.students):
                self.grading.told.line(
                    f"marks.csv and the report have {earlier} more, of earlier runs into this folder"
                )
            write_class_files(self.grading.out, self.grading.settings.home, everyone, self.journal)
        finally:
            self._opened.close()
            self._stamps.close()
        if self._unwritten:
            raise InputError(
                expected="to write every student's rows and page",
                got=f"a fault of the grader for {'; '.join(self._unwritten)}",
                remedy="report it; the marks are in the journal and in marks.csv",
            )

    def _write(self, student: OneStudent) -> None:
        grading, began = self.grading, time.perf_counter()
        try:
            submission, remarks = self._submission(student)
            name, home = student.handed.student, grading.settings.home
            assignment = load_course(home).assignments[student.language]
            marks = person_marks(grading.out, assignment, name)
            stamp = _stamp(submission, remarks, marks)
            page = grading.out / PAGES / f"{name}.html"
            if self._stamps.has(name, stamp) and page.is_file():
                return
            self._book().write(submission)
            page.parent.mkdir(parents=True, exist_ok=True)
            write_feedback(page, home, submission, remarks, marks)
            self._stamps.add(name, stamp)
        finally:
            grading.seconds["writing"] += time.perf_counter() - began

    def _submission(self, student: OneStudent) -> tuple[GradedSubmission, tuple[Text, ...]]:
        grading, name = self.grading, student.handed.student
        verdicts = {
            exercise: verdict
            for exercises in grading.exercises.values()
            for exercise in exercises
            if (verdict := self.journal.last(name, exercise))
        }
        files = {n: grading.assignments[n, student.language].file for n in student.notebooks}
        there = {n: one for n, one in student.notebooks.items() if one.content is not None}
        submission = GradedSubmission(
            student=name,
            language=student.language,
            notebooks={files[n]: one.repaired.graded_copy for n, one in there.items() if one.repaired},
            verdicts=verdicts,
            handed_in={files[n]: one.content for n, one in there.items()},
            shown=student.handed.shown,
        )
        remarks = (*student.handed.remarks, *(r for one in student.notebooks.values() for r in one.remarks))
        return submission, remarks

    def _book(self) -> CourseGradebook:
        if self._gradebook is None:
            settings = self.grading.settings
            self._gradebook = self._opened.enter_context(
                open_gradebook(self.grading.out, settings.home, settings.built)
            )
        return self._gradebook


class _Stamps:
    """Of which state of each student all is derived already; lost, it is only derived again.

    Args:
        path: where they are kept.
        gradebook: in which the marks stand; without it nothing is derived.
    """

    def __init__(self, path: Path, gradebook: Path):
        self._known: dict[str, str] = {}
        try:
            # Without a buffer: what a full disk did not take must not be written when it is closed.
            self._file = path.open("ab" if gradebook.is_file() else "wb", buffering=0)
            lines = path.read_bytes().splitlines()
        except OSError as error:
            raise unwritable(path, error) from error
        for line in lines:
            with contextlib.suppress(ValueError, KeyError, TypeError):
                entry = json.loads(line)
                self._known[entry["student"]] = entry["stamp"]

    def has(self, student: str, stamp: str) -> bool:
        return self._known.get(pseudonym(student)) == stamp

    def add(self, student: str, stamp: str) -> None:
        self._known[pseudonym(student)] = stamp
        line = json.dumps({"student": pseudonym(student), "stamp": stamp})
        with contextlib.suppress(OSError):
            # It begins with its own newline, so that one that a kill or a full disk has cut off spoils no other.
            self._file.write(f"\n{line}".encode())

    def close(self) -> None:
        self._file.close()


def _stamp(submission: GradedSubmission, remarks: Iterable[Text], marks: Mapping[str, Any]) -> str:
    """Digits that change with anything that is derived for a student, but for the times that were measured."""
    verdicts = {
        n: {k: v for k, v in each.to_json().items() if k != "seconds"}
        for n, each in submission.verdicts.items()
    }
    said = [submission.shown, submission.language, verdicts, list(remarks), repr(sorted(marks.items()))]
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode("utf-8", "surrogatepass"))
    for name in sorted(submission.notebooks):
        digest.update(f"{name} {json.dumps(submission.notebooks[name])}".encode())
    for name in sorted(submission.handed_in):
        digest.update(submission.handed_in[name])
    return digest.hexdigest()[:20]
