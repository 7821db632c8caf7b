"""Plain nbgrader in several processes: it grades one submission after the other, so each process has a course of its own."""

from __future__ import annotations

import csv
import multiprocessing
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from threading import Thread
from typing import Any

from attentif.errors import InputError
from attentif_grading.plain import Graded, grade_plainly, refuse_used
from attentif_grading.sample_class import Submission


def grade_side_by_side(
    home: Path,
    language: str,
    submissions: Iterable[Submission],
    folder: Path,
    built: Path | None = None,
    feedback: bool = True,
    say: Callable[[str], None] = lambda line: None,
    jobs: int = 2,
) -> Graded:
    """What `grade_plainly` gives, from `jobs` processes; their courses are folder/1, folder/2 and so on.

    Args:
        home, language, submissions, folder, built, feedback, say: see `grade_plainly`.
        jobs: how many processes, at least 1; no more are started than there are submissions.

    Raises:
        InputError: as `grade_plainly`, or jobs below 1.
    """
    if jobs < 1:
        raise InputError(expected="at least 1 process", got=f"jobs={jobs}", remedy="raise it")
    refuse_used(folder)
    submissions, started = list(submissions), time.perf_counter()
    shares = [submissions[first::jobs] for first in range(min(jobs, len(submissions)))]
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager, ProcessPoolExecutor(len(shares), mp_context=context) as pool:
        lines = manager.Queue()
        printer = Thread(target=_print_from, args=(lines, say), daemon=True)
        printer.start()
        running = [
            pool.submit(_grade_share, home, language, share, folder / str(number), built, feedback, lines.put)
            for number, share in enumerate(shares, start=1)
        ]
        try:
            parts = [each.result() for each in running]
        finally:
            lines.put(None)
            printer.join()
    whole = Graded(
        marks=[mark for part in parts for mark in part.marks],
        failed={student: said for part in parts for student, said in part.failed.items()},
        csv=_joined([part.csv for part in parts if part.csv], folder / "grades.csv"),
        feedback={student: pages for part in parts for student, pages in part.feedback.items()},
    )
    whole.seconds = round(time.perf_counter() - started, 1)
    return whole


def _grade_share(*arguments: Any) -> Graded:
    *given, feedback, say = arguments
    return grade_plainly(*given, feedback=feedback, say=say)


def _print_from(lines: Any, say: Callable[[str], None]) -> None:
    while (line := lines.get()) is not None:
        say(line)


def _joined(parts: list[Path], whole: Path) -> Path:
    """One CSV of several with the same columns."""
    rows: list[dict[str, str]] = []
    for part in parts:
        with part.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            rows += reader
            columns = reader.fieldnames
    with whole.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return whole
