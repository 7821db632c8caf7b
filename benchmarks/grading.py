"""Plain nbgrader and the confined grader on the same class, and the confined grader on classes of growing size.

    python benchmarks/grading.py compare --machine "2 cores of a server CPU, nothing else running"
    python benchmarks/grading.py scale --machine "2 cores of a server CPU, nothing else running"

Both graders are started as commands, and all of a command's time counts. A submission is one student's two notebooks.
`compare` runs `nbgrader autograde` (without feedback) and `attentif-grading grade` (with its pages and report) in turn on
a small class; the second grades a large class in each turn too, since nbgrader's speed does not depend on the size and
ours does. Every mark of every run is compared with the catalogue's, and a mark that differs ends the benchmark.
`scale` tells where the time goes. Needs a build: `attentif-grading build`.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from attentif_grading.contracts import load_course
from attentif_grading.made_up_class import MadeUp, hand_in, made_up_class
from attentif_grading.nbgrader_course import generate, open_course, write_settings
from attentif_grading.places import course_home
from attentif_grading.plain import Graded
from attentif_grading.same_marks import gradebook_marks

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Measure and keep the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    compared = commands.add_parser("compare", help="both graders in turn on the same class")
    compared.add_argument("--students", type=int, default=10, help="of the class that both grade")
    compared.add_argument("--large", type=int, default=200, help="of the class that ours grades too; 0: none")
    compared.add_argument("--turns", type=int, default=3)
    scaled = commands.add_parser("scale", help="ours on classes of growing size")
    scaled.add_argument("--sizes", type=int, nargs="+", default=[25, 50, 100, 200])
    for each in (compared, scaled):
        each.add_argument("--machine", required=True, help="in words")
        each.add_argument("--jobs", type=int, default=2, help="processes of ours; nbgrader has one")
        each.add_argument("--results", type=Path, default=HERE / "results")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory(prefix="attentif-benchmark-") as folder:
        measured = {"compare": compare, "scale": scale}[asked.command](asked, Path(folder))
    kept = {
        "benchmark": f"grading_{asked.command}",
        "machine": asked.machine,
        "date": datetime.date.today().isoformat(),
        **measured,
    }
    asked.results.mkdir(exist_ok=True)
    path = asked.results / f"{kept['benchmark']}.json"
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(kept, indent=1))
    print(f"kept in {path}", file=sys.stderr)


def compare(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Both graders on the same class, in turn."""
    small = list(made_up_class(course_home(), course_home(), asked.students, english=0.0))
    large = list(made_up_class(course_home(), course_home(), asked.large, english=0.0)) if asked.large else []
    rates: dict[str, list[float]] = {}
    for turn in range(1, asked.turns + 1):
        for name, students, grader in (
            ("nbgrader", small, with_nbgrader),
            ("attentif", small, with_attentif),
            ("attentif_large", large, with_attentif),
        ):
            if students:
                place = folder / f"{name}{turn}"
                seconds = grader(students, place, asked.jobs)["seconds"]["command"]
                rates.setdefault(name, []).append(60 * len(students) / seconds)
                _say(
                    f"turn {turn}: {name}, {len(students)} submissions in {seconds:.1f} s, marks as they should be"
                )
                shutil.rmtree(place)
    ratios = {f"{asked.students}_students_both": _ratio(rates["attentif"], rates["nbgrader"])}
    if large:
        ratios[f"{asked.large}_students_ours_{asked.students}_students_nbgrader"] = _ratio(
            rates["attentif_large"], rates["nbgrader"]
        )
    settings = {"students": asked.students, "large": asked.large, "turns": asked.turns, **_settings(asked)}
    measurements = {"submissions_a_minute": {name: _rounded(found, 3) for name, found in rates.items()}}
    return {"settings": settings, "measurements": measurements, "ratios": ratios}


def scale(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Ours on the first students of the same class, and how the time grows."""
    everyone = list(made_up_class(course_home(), course_home(), max(asked.sizes)))
    measurements: dict[str, Any] = {}
    for size in asked.sizes:
        found = with_attentif(everyone[:size], folder / str(size), asked.jobs)
        seconds = found["seconds"]
        measurements[f"{size}_students"] = found | {
            "submissions_a_minute": round(60 * size / seconds["command"], 2),
            "seconds_a_student": round((seconds["command"] - seconds["start_up"]) / size, 4),
        }
        _say(f"{size} students in {seconds['command']:.1f} s, marks as they should be")
        shutil.rmtree(folder / str(size))
    if len(asked.sizes) > 1:
        whole = [measurements[f"{size}_students"]["seconds"]["command"] for size in asked.sizes]
        slope, fixed = np.polyfit(asked.sizes, whole, 1)
        measurements["growth"] = {
            "seconds_a_student": round(float(slope), 4),
            "fixed_seconds": round(float(fixed), 2),
            "largest_residual": round(
                float(np.abs(np.polyval((slope, fixed), asked.sizes) - whole).max()), 2
            ),
        }
    settings = {"sizes": asked.sizes, "notebooks": 2, **_settings(asked)}
    return {"settings": settings, "measurements": measurements, "ratios": {}}


def with_attentif(students: list[MadeUp], folder: Path, jobs: int) -> dict[str, Any]:
    """Run `attentif-grading grade`: what it tells of itself, and the seconds by what they were spent on.

    start_up: from the command's start until the first notebook can be judged, without reading. definitions, student,
    judging: summed over the processes that judge. reading and writing: of the one process that reads and writes.
    """
    home = course_home()
    hand_in(students, home, folder / "submitted")
    out = folder / "graded"
    command = ["grade", str(folder / "submitted"), "--out", str(out), "--jobs", str(jobs), "--json"]
    said, elapsed = _timed([sys.executable, "-m", "attentif_grading.cli", *command], home)
    told = json.loads(said)
    _assert_marks(students, out / "gradebook.db")
    seconds = told["seconds"]
    told["seconds"] = {
        "command": round(elapsed, 2),
        "start_up": round(elapsed - seconds["whole"] + seconds.pop("starting"), 2),
        **{name: round(value, 2) for name, value in seconds.items() if name != "whole"},
    }
    return told


def with_nbgrader(students: list[MadeUp], folder: Path, jobs: int) -> dict[str, Any]:
    """Run `nbgrader autograde` on the students' assignments; it takes one submission after the other."""
    home = course_home()
    hand_in(students, home, folder / "submitted")
    assignments = [load_course(home).assignments[each] for each in sorted({s.language for s in students})]
    with open_course(home, folder) as api:
        generate(api, home / "grading" / "source", assignments)
    write_settings(home, folder)
    elapsed = 0.0
    for assignment in assignments:
        command = [sys.executable, "-m", "nbgrader", "autograde", assignment]
        elapsed += _timed(command, folder)[1]
    _assert_marks(students, folder / "gradebook.db")
    return {"seconds": {"command": round(elapsed, 2)}}


def _timed(command: list[str], where: Path) -> tuple[str, float]:
    environment = {**os.environ, "ATTENTIF_COURSE": str(course_home()), "OMP_NUM_THREADS": "1"}
    began = time.perf_counter()
    done = subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True)
    elapsed = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout, elapsed


def _assert_marks(students: list[MadeUp], gradebook: Path) -> None:
    languages = sorted({each.language for each in students})
    graded = Graded(marks=gradebook_marks(course_home(), gradebook, languages))
    by_student: dict[str, Graded] = {}
    for mark in graded.marks:
        by_student.setdefault(mark.student, Graded()).marks.append(mark)
    wrong = []
    for each in students:
        name = each.submission.student
        marks = {exercise: earned for exercise, (earned, _) in by_student[name].by_exercise(name).items()}
        wrong += [
            f"{name} {exercise}: {marks.get(exercise)}, catalogue {mark}"
            for exercise, mark in each.marks.items()
            if marks.get(exercise) != mark
        ]
    if wrong:
        raise AssertionError("\n".join(["marks that are not the catalogue's:", *wrong]))


def _ratio(ours: list[float], theirs: list[float]) -> dict[str, float]:
    found = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    return {
        "median": round(statistics.median(found), 2),
        "low": round(min(found), 2),
        "high": round(max(found), 2),
    }


def _settings(asked: argparse.Namespace) -> dict[str, Any]:
    return {"jobs": asked.jobs, "torch": torch.__version__, "python": platform.python_version()}


def _rounded(values: list[float], digits: int) -> list[float]:
    return [round(value, digits) for value in values]


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
