"""What is said of a whole class: marks by student and exercise, who is who, what was set aside, the report."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader

from attentif.checks.text import LANGUAGES
from attentif_grading.contracts import load_contracts, load_course
from attentif_grading.exercises import load_exercise
from attentif_grading.grader import kept_record
from attentif_grading.grader.collect import Collected
from attentif_grading.grader.gradebook_storage import write_whole
from attentif_grading.grader.journal import Journal, pseudonym, unwritable
from attentif_grading.grader.levels import LEVELS, PROBES, Sandbox
from attentif_grading.grader.troubles import FLAGS, OF_NOTEBOOK, TROUBLES
from attentif_grading.notebooks import written_exercises

SANDBOX = "sandbox.json"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_class_files(out: Path, home: Path, collected: Collected, journal: Journal) -> None:
    """Write marks.csv, students.csv, flags.csv, set_aside.csv, handed_in.json, report.json and report.html.

    Raises:
        InputError: one cannot be written.
    """
    exercises = [name for name in load_course(home).exercises if name in set(written_exercises(home))]
    report = class_report(collected, journal, exercises) | {"sandbox": _sandbox(out)}
    page = Environment(loader=PackageLoader("attentif_grading"), autoescape=True)
    files = {
        "marks.csv": _marks(collected, journal, exercises),
        "students.csv": _table(
            ["student", "handed in as", "pseudonym"],
            ([each.student, each.shown, pseudonym(each.student)] for each in collected.students),
        ),
        "flags.csv": _table(
            ["student", "exercise", "flag", *LANGUAGES],
            (
                [each.student, where, flag, *(FLAGS[flag][language] for language in LANGUAGES)]
                for each in collected.students
                for where, flag in _flags(journal, each.student, home, exercises)
            ),
        ),
        "set_aside.csv": _table(
            ["file", "student", *LANGUAGES],
            (
                [a.shown, a.student or "", *(a.reason[each] for each in LANGUAGES)]
                for a in collected.set_aside
            ),
        ),
        kept_record.FILE: kept_record.record(collected),
        "report.json": json.dumps(report, indent=1, ensure_ascii=False) + "\n",
        "report.html": page.get_template("class_report.html.j2").render(report=report),
    }
    try:
        for name, content in files.items():
            write_whole(out / name, content.encode("utf-8", "replace"))
    except OSError as error:
        raise unwritable(out, error) from error


def class_report(collected: Collected, journal: Journal, exercises: list[str]) -> dict[str, Any]:
    """Figures of the class by exercise; nobody is named."""
    contracts = load_contracts()
    rows = []
    for exercise in exercises:
        found = [v for each in collected.students if (v := journal.last(each.student, exercise))]
        said = {m.name: m.said["en"] for m in load_exercise(exercise).misconceptions}
        points = contracts[exercise].points
        named = Counter(name for verdict in found for name in verdict.diagnoses)
        rows.append(
            {
                "exercise": exercise,
                "points": points,
                "mean": round(sum(v.earned() for v in found) / max(1, len(found)), 3),
                "full_marks": sum(v.complete for v in found),
                "nothing": sum(v.earned() == 0 for v in found),
                "carried_forward": sum(bool(v.carried_forward) for v in found),
                "troubles": dict(Counter(TROUBLES[v.trouble]["en"] for v in found if v.trouble)),
                "misconceptions": [
                    {"name": name, "said": said.get(name, name), "students": count}
                    for name, count in named.most_common()
                ],
            }
        )
    totals = sorted(_total(journal, each.student, exercises) for each in collected.students)
    return {
        "students": len(totals),
        "set_aside": len(collected.set_aside),
        "maximum": sum(contracts[name].points for name in exercises),
        "totals": totals,
        "exercises": rows,
    }


def _flags(journal: Journal, student: str, home: Path, exercises: list[str]) -> Iterator[tuple[str, str]]:
    """Remarks by exercise; one on a whole notebook stands once, under its number."""
    number = {name: each.number for each in load_course(home).notebooks for name in each.exercises}
    found = [
        (f"notebook {number[name]}" if flag in OF_NOTEBOOK else name, flag)
        for name in exercises
        if (verdict := journal.last(student, name))
        for flag in verdict.flags
    ]
    yield from dict.fromkeys(found)


def _total(journal: Journal, student: str, exercises: Iterable[str]) -> float:
    return sum(v.earned() for name in exercises if (v := journal.last(student, name)))


def _marks(collected: Collected, journal: Journal, exercises: list[str]) -> str:
    contracts = load_contracts()
    rows: list[list[Any]] = [["maximum", *(f"{contracts[n].points:g}" for n in exercises)]]
    rows[0].append(f"{sum(contracts[n].points for n in exercises):g}")
    for each in collected.students:
        found = [journal.last(each.student, name) for name in exercises]
        marks = [verdict.earned() if verdict else 0.0 for verdict in found]
        rows.append([each.student, *(f"{mark:g}" for mark in marks), f"{sum(marks):g}"])
    return _table(["student", *exercises, "automatic total"], rows)


def _table(head: list[str], rows: Iterable[list[Any]]) -> str:
    """A CSV that a spreadsheet takes for text and numbers only."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(head)
    writer.writerows([_inert(str(value)) for value in row] for row in rows)
    return written.getvalue()


def _inert(value: str) -> str:
    return "'" + value if value.startswith(_FORMULA) else value


def keep_sandbox(out: Path, sandbox: Sandbox) -> None:
    """Write down in which sandbox a class is judged, before anything is.

    Raises:
        InputError: it cannot be written.
    """
    said = {
        "kind": sandbox.kind,
        "level": sandbox.level,
        "said": LEVELS[sandbox.level]["en"],
        "probes": {PROBES[name].said["en"]: sandbox.table.get(name, "not tried") for name in PROBES},
        "refused": dict(sandbox.refused),
    }
    try:
        write_whole(out / SANDBOX, (json.dumps(said, indent=1, ensure_ascii=False) + "\n").encode())
    except OSError as error:
        raise unwritable(out / SANDBOX, error) from error


def _sandbox(out: Path) -> dict[str, Any] | None:
    """The sandbox of the last run in which something was judged."""
    try:
        return json.loads((out / SANDBOX).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
