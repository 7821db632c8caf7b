"""A class that is graded in seconds: the course with a few exercises selected, and a few students."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

import nbformat

from attentif_grading.contracts import load_contracts
from attentif_grading.exercises import load_exercise
from attentif_grading.grader.course_folder import GRADEBOOK
from attentif_grading.notebooks import written_exercises
from attentif_grading.sample_class import released, shortened, solved, write_implementation
from attentif_grading.wheel import stage_library

HOME = Path(__file__).parents[1]
SELECTED = {1: ("causal_mask", "LayerNorm"), 2: ("calibration",)}
SALT = "the small class's secret"

_TABLES = {
    "grades": "s.student_id, a.name, n.name, b.name, g.auto_score, g.manual_score, g.extra_credit, "
    "g.needs_manual_grade from grade g join base_cell b on b.id = g.cell_id "
    "join submitted_notebook m on m.id = g.notebook_id",
    "comments": "s.student_id, a.name, n.name, b.name, c.auto_comment, c.manual_comment from comment c "
    "join base_cell b on b.id = c.cell_id join submitted_notebook m on m.id = c.notebook_id",
    "submitted": "s.student_id, a.name, n.name, s.extension, m.flagged, m.late_submission_penalty "
    "from submitted_notebook m",
}
_JOINED = (
    " join notebook n on n.id = m.notebook_id join submitted_assignment s on s.id = m.assignment_id "
    "join assignment a on a.id = s.assignment_id"
)
_CELLS = (
    "select n.name, c.name, c.cell_type, c.locked, c.source, c.checksum from source_cell c "
    "join notebook n on n.id = c.notebook_id",
    "select n.name, b.name, g.max_score, g.cell_type from grade_cells g join base_cell b on b.id = g.id "
    "join notebook n on n.id = b.notebook_id",
    "select n.name, b.name from solution_cells x join base_cell b on b.id = x.id "
    "join notebook n on n.id = b.notebook_id",
    "select id, first_name, last_name from student",
)


@cache
def small_course() -> Path:
    """The course in a folder of its own, built, in which SELECTED is all that students write."""
    folder = Path(tempfile.mkdtemp(prefix="attentif-test-course-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    return course_copy(folder)


def course_copy(folder: Path) -> Path:
    """The small course below `folder`, an empty one; its grading/ may be changed."""
    for name in ("src", "notebooks", "data", "LICENSE"):
        (folder / name).symlink_to(HOME / name)
    shutil.copytree(HOME / "grading", folder / "grading")
    course = folder / "grading" / "course.toml"
    head, *notebooks = course.read_text(encoding="utf-8").split("[[notebook]]")
    written = [head]
    for number, text in enumerate(notebooks, 1):
        kept, _, rest = text.partition("exercises = [")
        written.append(f"{kept}exercises = {json.dumps(SELECTED[number])}{rest.partition(']')[2]}")
    course.write_text("[[notebook]]".join(written), encoding="utf-8")
    contracts = load_contracts(HOME)
    stage_library(HOME, folder, [contracts[name] for name in written_exercises(HOME)])
    return folder


@cache
def _solutions(language: str) -> dict:
    return {name: shortened(each) for name, each in solved(HOME, HOME, language).items()}


def notebooks(language: str, mistakes: dict[str, int], numbers: tuple[int, ...] = (1, 2)) -> dict:
    """Solved notebooks, by name, with some exercises answered by one of their known mistakes."""
    made = {name: nbformat.from_dict(json.loads(json.dumps(each))) for name, each in _solutions(language).items()}
    for name, which in mistakes.items():
        exercise = load_exercise(name)
        write_implementation(made, exercise, exercise.misconceptions[which].function)
    return {name: each for name, each in made.items() if int(name[len("notebook")]) in numbers}


def hand_in(folder: Path, student: str, made: dict) -> None:
    """Put notebooks where the class's submissions are."""
    for name, notebook in made.items():
        path = folder / student / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(nbformat.writes(notebook), encoding="utf-8")


def small_class(folder: Path) -> Path:
    """Five students: right, wrong in French and in English, with one notebook, with nothing done and a broken file."""
    hand_in(folder, "ada", notebooks("fr", {}))
    hand_in(folder, "bo", notebooks("en", {"causal_mask": 0, "calibration": 0}))
    hand_in(folder, "Zoé Martin", notebooks("fr", {"causal_mask": 1, "LayerNorm": 0}, (1,)))
    hand_in(folder, "dan", {name: shortened(each) for name, each in released(HOME, "fr").items()})
    hand_in(folder, "eve", notebooks("fr", {"calibration": 1}, (2,)))
    (folder / "eve" / "notebook1_transformer.ipynb").write_text('{"cells": [', encoding="utf-8")
    return folder


def environment(course: Path | None = None) -> dict[str, str]:
    """Of a grader that is started for a test."""
    paths = [str(HOME / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
    given = {"ATTENTIF_COURSE": str(course or small_course()), "ATTENTIF_SALT": SALT, "OMP_NUM_THREADS": "1"}
    return {**os.environ, **given, "PYTHONPATH": os.pathsep.join(paths)}


def command(*arguments: object, before: tuple[str, ...] = ()) -> list[str]:
    """A command line of attentif-grading."""
    return [*before, sys.executable, "-m", "attentif_grading.cli", *map(str, arguments)]


def grade_command(submissions: Path, out: Path, *more: object) -> list[str]:
    """The command that grades this class."""
    return command("grade", submissions, "--out", out, "--jobs", 1, *more)


def ran(line: list[str], course: Path | None = None, given: str = "") -> subprocess.CompletedProcess:
    """A command that ends by itself."""
    return subprocess.run(
        line, env=environment(course), input=given, capture_output=True, text=True, timeout=600
    )


def started(line: list[str]) -> subprocess.Popen:
    """A command that is going to be interrupted; it is the leader of its process group."""
    return subprocess.Popen(
        line,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def family(pid: int) -> dict[int, str]:
    """All processes that descend from this one, and it: number → when it was started."""
    parents, begun = {}, {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                about = Path("/proc", entry, "stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
                if about[0] not in "ZX":
                    parents[int(entry)], begun[int(entry)] = int(about[1]), about[19]
    found = {pid} & begun.keys()
    while more := {each for each, parent in parents.items() if parent in found} - found:
        found |= more
    return {each: begun[each] for each in found}


def still_there(processes: dict[int, str]) -> dict[int, str]:
    """Those of them that have not ended."""
    return {pid: begun for pid, begun in processes.items() if family(pid).get(pid) == begun}


def all_gone(processes: dict[int, str], seconds: float) -> bool:
    """Whether all of them have ended before long."""
    until = time.monotonic() + seconds
    while still_there(processes) and time.monotonic() < until:
        time.sleep(0.05)
    return not still_there(processes)


def kill_tree(process: subprocess.Popen) -> None:
    """kill -9 of a command and of all that descends from it, before any of it can react."""
    seen: dict[int, str] = {}
    while new := family(process.pid).keys() - seen.keys():
        seen |= family(process.pid)
        for pid in new:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
    for pid in seen:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.communicate()
    assert all_gone(seen, 10.0)


def journal_lines(out: Path) -> list[dict]:
    """The journal without what was measured."""
    lines = [json.loads(line) for line in (out / "journal.jsonl").read_bytes().splitlines()]
    for line in lines:
        del line["verdict"]["seconds"]
    return lines


def gradebook_rows(out: Path) -> dict[str, list]:
    """All that carries marks, comments and cells; keys and times apart, in no order."""
    with contextlib.closing(sqlite3.connect(out / GRADEBOOK)) as database:
        asked = [f"select {what}{_JOINED}" for what in _TABLES.values()] + list(_CELLS)
        return {query: sorted(database.execute(query).fetchall(), key=repr) for query in asked}


def files(out: Path) -> dict[str, bytes]:
    """Every file of a graded class but the journal, the gradebook and what is only known of this run."""
    apart = ("journal.jsonl", GRADEBOOK, "derived.jsonl")
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name not in apart
    }


def state(out: Path) -> dict[str, object]:
    """A graded class as it is to be however often it was interrupted."""
    lines = {json.dumps(line, sort_keys=True) for line in journal_lines(out)}
    return {"journal": lines, "gradebook": gradebook_rows(out), **files(out)}


def differing(left: dict[str, object], right: dict[str, object]) -> list[str]:
    """What is not the same in two states."""
    return [name for name in sorted(left.keys() | right.keys()) if left.get(name) != right.get(name)]


