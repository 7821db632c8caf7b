"""Grading a class: from what was handed in to the journal, and from the journal to the gradebook and the pages.

The journal is written as verdicts are reached; all the rest is derived from it, a student at a time, and can be
derived again. So the same command goes on where it was stopped, whatever stopped it.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attentif.checks.text import LANGUAGES, text
from attentif.errors import InputError
from attentif_grading.contracts import load_course
from attentif_grading.grader.assignment import load_assignments
from attentif_grading.grader.box import require_box
from attentif_grading.grader.class_files import keep_sandbox
from attentif_grading.grader.collect import Collected, Handed, collect
from attentif_grading.grader.derived import Derived
from attentif_grading.grader.journal import Journal, pseudonym
from attentif_grading.grader.judge import not_judged
from attentif_grading.grader.judging_pool import Judgement, JudgingPool, Task
from attentif_grading.grader.levels import Sandbox
from attentif_grading.grader.on_the_way import (
    ABSENT,
    OneNotebook,
    OneStudent,
    Told,
    read_student,
    unreadable_key,
)
from attentif_grading.grader.troubles import TROUBLES
from attentif_grading.grader.verdict import Verdict
from attentif_grading.grader.workplace import Settings, load_judged
from attentif_grading.nearest import remedy_for
from attentif_grading.notebooks import written_exercises


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

    def notebook_of(self, exercise: str) -> int:
        """The number of the notebook that an exercise is in.

        Raises:
            InputError: no exercise of the assignment.
        """
        numbers = {name: number for number, names in self.exercises.items() for name in names}
        if exercise not in numbers:
            raise InputError(
                expected=text("an exercise of the assignment", "un exercice du devoir"),
                got=repr(exercise),
                remedy=remedy_for(exercise, list(numbers), "selected"),
            )
        return numbers[exercise]

    def judged_again(
        self, collected: Collected, exercise: str, jobs: int, cluster: str | None, allow_weak: bool
    ) -> Iterator[tuple[str, int, str, Verdict, Sandbox]]:
        """Judge one exercise of everyone who handed in its notebook, whatever the journal says; nothing is written.

        Yields:
            student, notebook number, key, verdict and sandbox.
        """
        number = self.notebook_of(exercise)
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
        try:
            return read_student(handed, self.assignments, self.exercises)
        finally:
            self.seconds["reading"] += time.perf_counter() - began

    def _to_judge(self, student: OneStudent, journal: Journal) -> Iterator[tuple[int, tuple[str, ...]]]:
        """The notebooks and exercises without a verdict; the others are noted in the journal from what it knows."""
        name = student.handed.student
        for number, one in student.notebooks.items():
            exercises = self.exercises[number]
            if one.repaired is None:
                trouble = "not_handed_in" if one.content is None and not one.remarks else "notebook"
                key = ABSENT if trouble == "not_handed_in" else unreadable_key(one.content)
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
                for remark in one.damage:
                    self.told.line(f"{pseudonym(name)} notebook {number}: {remark['en']}")
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
            if verdict.trouble and verdict.trouble not in ("missing", "syntax"):
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


def _after(first: Any, others: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from others
