"""The attack suite: the adversarial class is graded among honest students, and nothing may be as they wish."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from attentif.errors import InputError
from attentif_grading.grader import attack_traces
from attentif_grading.grader.attack_class import Bystander, bystanders, hand_in, load_attacks
from attentif_grading.grader.conversation import Patience
from attentif_grading.grader.grade import PAGES, Grading, Outcome, Told
from attentif_grading.grader.journal import Journal
from attentif_grading.grader.workplace import Settings

# Short, since many of them only wait; still several times what an honest answer takes on a slow machine.
PATIENCE = Patience(cell=5.0, cells=15.0, begin=10.0, request=5.0, exercise=40.0, exercises=90.0, deaths=1)
_NEAR = 1e-9


@dataclass(frozen=True)
class Row:
    """What came of one adversary.

    Args:
        student, family, attack: see `Adversary`; attack is what it does, in a few words.
        exercises: that it attacks.
        honest, given: marks in all, the fair ones and those given.
        forged, unfair: points above and below the fair mark, exercise by exercise.
        lost: exercises without a verdict.
        differs: exercise → (fair, given), where they differ.
        troubles: exercise → why it could not be judged to its end.
        markup: what of it stands as markup in its page.
        ok: whether all is as it must be.
    """

    student: str
    family: str
    attack: str
    exercises: tuple[str, ...]
    honest: float
    given: float
    forged: float
    unfair: float
    lost: tuple[str, ...] = ()
    differs: dict[str, tuple[float, float]] = field(default_factory=dict)
    troubles: dict[str, str] = field(default_factory=dict)
    markup: tuple[str, ...] = ()
    ok: bool = True


def run_suite(
    settings: Settings,
    out: Path,
    jobs: int,
    families: Iterable[str] = (),
    students: Iterable[str] = (),
    told: Told | None = None,
    allow_weak: bool = False,
) -> dict[str, Any]:
    """Grade the adversarial class and compare.

    Args:
        settings: of the grading; its patience is that of the suite, see PATIENCE.
        out: a folder, absent or empty: what is handed in and what is graded is written below it.
        jobs: processes.
        families: which to take; all by default.
        students: whom to take; all of the families by default.
        told: whom to tell of troubles and progress.
        allow_weak: whether it is also run where students' code cannot be confined well.

    Returns:
        plain JSON: submissions, honest_marks (how many have the fair mark), forged_points, lost, unfair (points), level,
        changed (files), processes (left over), disturbed (honest students whose marks or rows changed), leaked, rows,
        seconds, ok.

    Raises:
        InputError: the adversarial class is not there, or the folder is used.
    """
    if out.exists() and any(out.iterdir()):
        raise InputError(expected="an absent or empty folder", got=f"files in {out}", remedy="name another")
    attacks = load_attacks(settings.home)
    handed, graded = out / "handed-in", out / "graded"
    everyone = [
        each
        for each in attacks.adversarial_class(settings.home, settings.built, graded)
        if (not families or each.family in set(families)) and (not students or each.student in set(students))
    ]
    honest = bystanders(settings.home, settings.built)
    began = time.perf_counter()
    attack_traces.become_reaper()
    running, course = attack_traces.our_processes(), attack_traces.digests(settings.home)

    before = handed / "before"
    for each in honest:
        hand_in(before, each.files["before"].items())
    Grading(settings, graded, told).run([before], jobs, allow_weak=allow_weak)
    journal_before = attack_traces.journal_bytes(graded)
    rows_before = attack_traces.rows_of(graded, [each.before for each in honest])

    beside = handed / "beside"
    for each in honest:
        hand_in(beside, each.files["beside"].items())
    for adversary in everyone:
        hand_in(beside, adversary.files.items())
    outcome = Grading(settings, graded, told).run([before, beside], jobs, allow_weak=allow_weak)

    journal = Journal(graded)
    try:
        rows = [_row(adversary, graded, journal, outcome) for adversary in everyone]
        disturbed = _disturbed(honest, journal, rows_before, graded)
        leaked = attack_traces.told_of_hidden(journal.entries.values())
    finally:
        journal.close()
    found = {
        "submissions": len(rows),
        "honest_marks": sum(row.forged == row.unfair == 0 and not row.lost for row in rows),
        "forged_points": round(sum(row.forged for row in rows), 4),
        "lost": sum(bool(row.lost) for row in rows),
        "unfair": round(sum(row.unfair for row in rows), 4),
        "level": outcome.sandbox.level if outcome.sandbox else None,
        "sandbox": outcome.sandbox.kind if outcome.sandbox else None,
        "changed": attack_traces.changed_files(course, attack_traces.digests(settings.home))
        + ([] if attack_traces.journal_bytes(graded).startswith(journal_before) else ["journal.jsonl"]),
        "processes": attack_traces.left_processes(running),
        "disturbed": disturbed,
        "leaked": leaked,
        "markup": _class_markup(graded),
        "seconds": round(time.perf_counter() - began, 1),
        "rows": [asdict(row) for row in rows],
    }
    bad = ("changed", "processes", "disturbed", "leaked", "markup")
    found["ok"] = bool(rows) and all(row.ok for row in rows) and not any(found[name] for name in bad)
    return found


def _row(adversary: Any, graded: Path, journal: Journal, outcome: Outcome) -> Row:
    by_shown = {handed.shown: handed.student for handed in outcome.collected.students}
    student = by_shown.get(adversary.student, adversary.student)
    verdicts = {name: journal.last(student, name) for name in _exercises(journal)}
    fair = {name: float(adversary.honest.get(name, 0.0)) for name in verdicts}
    given = {name: verdict.earned() if verdict else 0.0 for name, verdict in verdicts.items()}
    page = graded / PAGES / f"{student}.html"
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    forged = sum(max(given[name] - fair[name], 0.0) for name in verdicts)
    unfair = sum(max(fair[name] - given[name], 0.0) for name in verdicts)
    lost = tuple(name for name, verdict in verdicts.items() if verdict is None) or (
        () if page.is_file() else ("page",)
    )
    markup = tuple(attack_traces.markup_in(text, adversary.silent))
    return Row(
        student=student,
        family=adversary.family,
        attack=adversary.what,
        exercises=tuple(adversary.attacked),
        honest=sum(fair.values()),
        given=sum(given.values()),
        forged=round(forged, 4),
        unfair=round(unfair, 4),
        lost=lost,
        differs={n: (fair[n], given[n]) for n in verdicts if abs(fair[n] - given[n]) > _NEAR},
        troubles={name: verdict.trouble for name, verdict in verdicts.items() if verdict and verdict.trouble},
        markup=markup,
        ok=forged < _NEAR and unfair < _NEAR and not lost and not markup,
    )


def _exercises(journal: Journal) -> list[str]:
    return sorted({exercise for _, exercise in journal.entries})


def _disturbed(honest: list[Bystander], journal: Journal, rows_before: dict, graded: Path) -> list[str]:
    """Honest students of whom something is not as it was before the adversaries came."""
    try:
        rows_now = attack_traces.rows_of(graded, [each.before for each in honest])
    except sqlite3.DatabaseError as error:
        return [f"the gradebook: {error}"]
    found = [student for student, rows in rows_before.items() if rows_now[student] != rows]
    for each in honest:
        marks = [
            {
                name: verdict.earned() if (verdict := journal.last(student, name)) else None
                for name in _exercises(journal)
            }
            for student in (each.before, each.beside)
        ]
        if marks[0] != marks[1] or None in marks[0].values():
            found.append(each.beside)
    return found


def _class_markup(graded: Path) -> list[str]:
    """Foreign markup in the pages about the whole class."""
    return [
        f"{path.name}: {said}"
        for path in sorted(graded.glob("*.html"))
        for said in attack_traces.markup_in(path.read_text(encoding="utf-8"))
    ]


def summary(found: dict[str, Any]) -> str:
    """The figures, and the rows that are not as they must be, for a terminal."""
    lines = [f"{name}: {found[name]}" for name in found if name != "rows"]
    for row in found["rows"]:
        if not row["ok"]:
            lines.append(
                f"  {row['student']} ({row['family']}): {json.dumps(row['differs'])} {row['troubles']}"
            )
            lines += [f"    {name}: {row[name]}" for name in ("lost", "markup") if row[name]]
    return "\n".join(lines)
