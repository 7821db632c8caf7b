"""Grading a class: from what was handed in to the journal, and from the journal to the gradebook and the pages.

The journal is written as verdicts are reached; all the rest is derived from it, a student at a time, and can be
derived again. So the same command goes on where it was stopped, whatever stopped it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attentif.checks.text import LANGUAGES, Text, text
from attentif.errors import InputError
from attentif_grading.contracts import load_course
from attentif_grading.grader.assignment import load_assignments
from attentif_grading.grader.box import require_box
from attentif_grading.grader.class_files import keep_sandbox, write_class_files
from attentif_grading.grader.collect import Collected, Handed, HandedNotebook, collect
from attentif_grading.grader.course_folder import GRADEBOOK
from attentif_grading.grader.feedback import write_feedback
from attentif_grading.grader.gradebook import CourseGradebook, GradedSubmission, open_gradebook
from attentif_grading.grader.journal import Journal, pseudonym, unwritable
from attentif_grading.grader.judge import not_judged
from attentif_grading.grader.judging_pool import Judgement, JudgingPool, Task
from attentif_grading.grader.levels import Sandbox
from attentif_grading.grader.person_marks import person_marks
from attentif_grading.grader.reading import Unreadable, read_notebook
from attentif_grading.grader.repair import Repaired, repair
from attentif_grading.grader.troubles import TROUBLES
from attentif_grading.grader.verdict import Verdict
from attentif_grading.grader.versions import key_of
from attentif_grading.grader.workplace import Settings, load_judged
from attentif_grading.notebooks import written_exercises

PAGES = "pages"
_CANNOT_BE_READ = text("this notebook could not be read", "ce carnet n'a pas pu être lu")
ABSENT = "absent"  # the key of an exercise whose notebook was not handed in


@dataclass
class OneNotebook:
    """A notebook on its way through.

    Args:
        number: of the notebook.
        content: the bytes handed in; None if it was not.
        repaired: None if it could not be read.
        keys: by exercise.
        remarks: on its file and its repair.
    """

    number: int
    content: bytes | None = None
    repaired: Repaired | None = None
    keys: dict[str, str] = field(default_factory=dict)
    remarks: tuple[Text, ...] = ()


@dataclass
class OneStudent:
    """A student's notebooks on their way through."""

    handed: Handed
    language: str
    notebooks: dict[int, OneNotebook]
    waiting: int = 0


@dataclass
class Told:
    """What grading tells while it runs: for a terminal, or for nobody.

    Args:
        line: called with one line for each trouble.
        progress: called with students done and students in all.
    """

    line: Callable[[str], None] = lambda line: None
    progress: Callable[[int, int], None] = lambda done, total: None


@dataclass
class Outcome:
    """What came of grading a class.

    Args:
        sandbox: in which it was judged; None if nothing had to be.
        students: how many.
        judged, kept: exercises judged now, and taken from the journal.
        seconds: by what they were spent on. Of this process: starting (until the first notebook can be judged),
            reading, writing. Summed over the judging processes: definitions (their cages included), student, judging.
            whole: by the clock.
        collected: what was handed in.
    """

    sandbox: Sandbox | None
    students: int
    judged: int
    kept: int
    seconds: dict[str, float]
    collected: Collected


class Grading:
    """A class being graded into a folder.

    Args:
        settings: of the judging.
        out: the folder of the graded class.
        told: whom to tell.
    """

    def __init__(self, settings: Settings, out: Path, told: Told | None = None):
        self.settings, self.out, self.told = settings, out, told or Told()
        self.assignments = load_assignments(settings.home, settings.built)
        written = set(written_exercises(settings.home))
        self.exercises = {
            notebook.number: tuple(name for name in notebook.exercises if name in written)
            for notebook in load_course(settings.home).notebooks
        }
        self.seconds = dict.fromkeys(
            ("starting", "reading", "definitions", "student", "judging", "writing"), 0.0
        )
        self.judged = self.kept = 0

    def run(
        self, paths: Iterable[Path], jobs: int, cluster: str | None = None, allow_weak: bool = False
    ) -> Outcome:
        """Grade what was handed in.

        Raises:
            InputError: a path does not exist, nobody handed in anything there, nothing is built, the sandbox is too
                weak, or something cannot be written; what was judged until then is kept.
        """
        began = time.perf_counter()
        paths = list(paths)
        collected = collect(paths, self.assignments)
        if not collected.students:
            raise _nothing(paths, collected)
        self.seconds["reading"] += time.perf_counter() - began
        journal = Journal(self.out)
        try:
            with contextlib.ExitStack() as opened:
                sandbox = self._graded(collected, journal, jobs, cluster, allow_weak, opened)
        finally:
            journal.close()
        self.seconds["whole"] = time.perf_counter() - began
        seconds = {name: round(value, 3) for name, value in self.seconds.items()}
        return Outcome(sandbox, len(collected.students), self.judged, self.kept, seconds, collected)

    def judged_again(
        self, collected: Collected, exercise: str, jobs: int, cluster: str | None, allow_weak: bool
    ) -> Iterator[tuple[str, int, str, Verdict, Sandbox]]:
        """Judge one exercise of everyone who handed in its notebook, whatever the journal says; nothing is written.

        Yields:
            student, notebook number, key, verdict and sandbox.
        """
        number = next(n for n, exercises in self.exercises.items() if exercise in exercises)
        keys: dict[str, str] = {}

        def tasks() -> Iterator[tuple[str, Task]]:
            for handed in collected.students:
                one = self._read(handed).notebooks[number]
                if one.repaired is not None:
                    keys[handed.student] = one.keys[exercise]
                    yield handed.student, Task(one.repaired.cells, (exercise,))

        require_box(self.settings.built)
        with JudgingPool(self.settings, jobs, cluster) as pool:
            sandbox = pool.sandbox(allow_weak)
            for done, (student, judgement) in enumerate(pool.judge(tasks(), sandbox.kind), 1):
                verdicts = (
                    judgement.verdicts if judgement else (not_judged(load_judged(exercise), "notebook"),)
                )
                yield student, number, keys[student], verdicts[0], sandbox
                self.told.progress(done, len(collected.students))

    def derive(self, collected: Collected, journal: Journal) -> None:
        """Write all that is derived from the journal, where it is not as it should be.

        Raises:
            InputError: it cannot be written.
        """
        derived = Derived(self, journal)
        for handed in collected.students:
            derived.write(self._read(handed))
        derived.finish(collected)

    def _graded(
        self,
        collected: Collected,
        journal: Journal,
        jobs: int,
        cluster: str | None,
        allow_weak: bool,
        opened: contextlib.ExitStack,
    ) -> Sandbox | None:
        total, done = len(collected.students), 0
        derived = Derived(self, journal)
        students: dict[str, OneStudent] = {}
        sandbox: Sandbox | None = None
        self.told.progress(0, total)

        def finished(student: OneStudent) -> None:
            nonlocal done
            derived.write(student)
            students.pop(student.handed.student, None)
            done += 1
            self.told.progress(done, total)

        def tasks() -> Iterator[tuple[tuple[str, int], Task]]:
            for handed in collected.students:
                student = self._read(handed)
                open_ones = list(self._to_judge(student, journal))
                student.waiting = len(open_ones)
                if not open_ones:
                    finished(student)
                    continue
                students[handed.student] = student
                for number, exercises in open_ones:
                    yield (handed.student, number), Task(student.notebooks[number].repaired.cells, exercises)

        coming = tasks()
        first = next(coming, None)
        if first is not None:
            require_box(self.settings.built)
            began = time.perf_counter()
            pool = opened.enter_context(JudgingPool(self.settings, jobs, cluster))
            sandbox = pool.sandbox(allow_weak)
            self.seconds["starting"] = time.perf_counter() - began
            keep_sandbox(self.out, sandbox)
            for (name, number), judgement in pool.judge(_after(first, coming), sandbox.kind):
                student = students[name]
                self._note(student, number, judgement, journal, sandbox)
                student.waiting -= 1
                if not student.waiting:
                    finished(student)
        derived.finish(collected)
        return sandbox

    def _read(self, handed: Handed) -> OneStudent:
        began = time.perf_counter()
        language = handed.notebooks[0].language if handed.notebooks else "fr"
        student = OneStudent(handed, language, {number: OneNotebook(number) for number in self.exercises})
        for each in handed.notebooks:
            student.notebooks[each.number] = self._read_notebook(each)
        self.seconds["reading"] += time.perf_counter() - began
        return student

    def _read_notebook(self, handed: HandedNotebook) -> OneNotebook:
        one = OneNotebook(handed.number)
        try:
            one.content = handed.file.read()
            one.repaired = repair(
                read_notebook(one.content), self.assignments[handed.number, handed.language]
            )
        except Unreadable as error:
            one.remarks = (error.reason,)
            return one
        except Exception:  # whatever a file makes of its reading, the class goes on
            one.remarks, one.repaired = (_CANNOT_BE_READ,), None
            return one
        one.remarks = one.repaired.remarks
        code = [[cell.name, cell.source, cell.role, *cell.defines] for cell in one.repaired.cells]
        one.keys = {name: key_of(code, name) for name in self.exercises[handed.number]}
        return one

    def _to_judge(self, student: OneStudent, journal: Journal) -> Iterator[tuple[int, tuple[str, ...]]]:
        """The notebooks and exercises without a verdict; the others are noted in the journal from what it knows."""
        name = student.handed.student
        for number, one in student.notebooks.items():
            exercises = self.exercises[number]
            if one.repaired is None:
                trouble = "not_handed_in" if one.content is None and not one.remarks else "notebook"
                key = ABSENT if trouble == "not_handed_in" else _unreadable(one.content)
                one.keys = dict.fromkeys(exercises, key)
                missing = [each for each in exercises if not journal.has(name, each, key)]
                self._append(
                    journal, name, number, one, [not_judged(load_judged(e), trouble) for e in missing], None
                )
                self.kept += len(exercises) - len(missing)
                if missing and trouble == "notebook":
                    self.told.line(f"{pseudonym(name)} notebook {number}: {one.remarks[0]['en']}")
                continue
            missing = [each for each in exercises if not journal.has(name, each, one.keys[each])]
            known = {each: found for each in missing if (found := journal.find(each, one.keys[each]))}
            for about, verdicts in _by_about(known.values()):
                journal.append(name, [(each, one.keys[each.exercise]) for each in verdicts], about)
            left = tuple(each for each in missing if each not in known)
            self.kept += len(exercises) - len(left)
            if left:
                yield number, left

    def _note(
        self,
        student: OneStudent,
        number: int,
        judgement: Judgement | None,
        journal: Journal,
        sandbox: Sandbox,
    ) -> None:
        name, one = student.handed.student, student.notebooks[number]
        if judgement is None:
            asked = [e for e in self.exercises[number] if not journal.has(name, e, one.keys[e])]
            judgement = Judgement(tuple(not_judged(load_judged(each), "notebook") for each in asked), {})
        for verdict in judgement.verdicts:
            for stage, seconds in verdict.seconds.items():
                self.seconds[stage] += seconds
            if verdict.trouble and verdict.trouble != "missing":
                said = TROUBLES[verdict.trouble]["en"]
                self.told.line(f"{pseudonym(name)} {verdict.exercise}: {said}")
            if any(check.fault for check in verdict.checks):
                self.told.line(
                    f"{pseudonym(name)} {verdict.exercise}: a check failed by itself and paid nothing; see explain"
                )
        for stage, seconds in judgement.seconds.items():
            self.seconds[stage] += seconds
        self.judged += len(judgement.verdicts)
        self._append(journal, name, number, one, judgement.verdicts, sandbox)

    def _append(
        self,
        journal: Journal,
        name: str,
        number: int,
        one: OneNotebook,
        verdicts: Iterable[Verdict],
        sandbox: Sandbox | None,
    ) -> None:
        lines = [(verdict, one.keys[verdict.exercise]) for verdict in verdicts]
        if lines:
            about: dict[str, Any] = {"notebook": number}
            if sandbox:
                about["sandbox"] = f"{sandbox.level} {sandbox.kind}"
            journal.append(name, lines, about)


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
            write_class_files(self.grading.out, self.grading.settings.home, collected, self.journal)
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
    copies = {name: json.dumps(copy, sort_keys=True) for name, copy in submission.notebooks.items()}
    said = [
        submission.shown,
        submission.language,
        verdicts,
        copies,
        list(remarks),
        repr(sorted(marks.items())),
    ]
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode("utf-8", "surrogatepass"))
    for name in sorted(submission.handed_in):
        digest.update(submission.handed_in[name])
    return digest.hexdigest()[:20]


def _nothing(paths: Iterable[Path], collected: Collected) -> InputError:
    places, count = ", ".join(map(str, paths)), len(collected.set_aside)
    aside = collected.set_aside[:1]
    reason = {each: f" ({aside[0].shown}: {aside[0].reason[each]})" if aside else "" for each in LANGUAGES}
    return InputError(
        expected=text(f"notebooks of students in {places}", f"des carnets d'étudiants dans {places}"),
        got=text(
            f"{count or 'no'} files and nobody's notebook{reason['en']}",
            f"{count or 'aucun'} fichier(s) et le carnet de personne{reason['fr']}",
        ),
        remedy=text(
            "give the folder or the archive in which the submissions are",
            "donnez le dossier ou l'archive où se trouvent les rendus",
        ),
    )


def _by_about(
    found: Iterable[tuple[Verdict, dict[str, Any]]],
) -> Iterator[tuple[dict[str, Any], list[Verdict]]]:
    """Verdicts by what else their lines say, so that as few writes as possible are waited for."""
    groups: dict[str, tuple[dict[str, Any], list[Verdict]]] = {}
    for verdict, about in found:
        groups.setdefault(json.dumps(about, sort_keys=True), (about, []))[1].append(verdict)
    yield from groups.values()


def _unreadable(content: bytes | None) -> str:
    return "unreadable-" + hashlib.sha256(content or b"").hexdigest()[:12]


def _after(first: Any, others: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from others
