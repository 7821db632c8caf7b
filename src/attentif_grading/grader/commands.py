"""The commands of the grader: what they tell on a terminal."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from attentif_grading.grader.cluster import warning as cluster_warning
from attentif_grading.grader.explain import explain
from attentif_grading.grader.grade import Grading, Outcome
from attentif_grading.grader.judging_pool import JudgingPool
from attentif_grading.grader.levels import LEVELS
from attentif_grading.grader.on_the_way import Told
from attentif_grading.grader.regrade import judge_again, summary, write_changes
from attentif_grading.grader.workplace import Settings
from attentif_grading.places import course_home
from attentif_grading.salt import salt


def settings_here() -> Settings:
    """The settings for the course of this folder."""
    home = course_home()
    return Settings(home=home, built=home, salt=salt())


@contextmanager
def on_terminal(quiet: bool = False) -> Iterator[Told]:
    """A bar with the count, the rate and the time that is left, and one line for each trouble, on the error stream."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    columns = (
        *(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
        ),
        *(TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(elapsed_when_finished=False)),
    )
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task("students", total=None, rate="")

        def progress(done: int, total: int) -> None:
            elapsed = bar.tasks[0].elapsed or 0.0
            rate = f"{60 * done / elapsed:.0f} a minute" if done and elapsed else ""
            bar.update(task, completed=done, total=total, rate=rate)
            if bar.disable and not quiet and (done == total or done % 20 == 0):
                console.print(f"{done} of {total} students")

        def line(said: str) -> None:
            # Whatever a file is called, it is a text here: no markup, no control characters.
            console.print(
                " ".join("".join(c if c.isprintable() else "?" for c in said).split()), markup=False
            )

        yield Told(line, progress)


def grade(
    paths: list[Path],
    out: Path,
    jobs: int,
    cluster: str | None = None,
    allow_weak: bool = False,
    as_json: bool = False,
) -> Outcome:
    """Grade what was handed in, and say what came of it."""
    _warn_of_network(cluster)
    with on_terminal() as told:
        outcome = Grading(settings_here(), out, told).run(paths, jobs, cluster, allow_weak)
    if as_json:
        print(json.dumps(_figures(outcome), indent=1))
        return outcome
    print(f"{outcome.students} students; {outcome.judged} exercises judged, {outcome.kept} known already")
    if outcome.sandbox:
        print(f"sandbox {LEVELS[outcome.sandbox.level]['en']} ({outcome.sandbox.kind})")
        for hole in outcome.sandbox.holes():
            print(f"  not blocked: {hole['en']}")
    if outcome.collected.set_aside:
        count = len(outcome.collected.set_aside)
        print(f"{count} {'file' if count == 1 else 'files'} set aside, see {out / 'set_aside.csv'}")
    print(f"marks {out / 'marks.csv'}\nreport {out / 'report.html'}\npages for students {out / 'pages'}")
    print(f"for the written questions: cd {out} && nbgrader formgrader, in JupyterLab")
    return outcome


def _figures(outcome: Outcome) -> dict[str, Any]:
    sandbox = outcome.sandbox
    return {
        "students": outcome.students,
        "judged": outcome.judged,
        "known_already": outcome.kept,
        "set_aside": len(outcome.collected.set_aside),
        "sandbox": {"level": sandbox.level, "kind": sandbox.kind} if sandbox else None,
        "seconds": outcome.seconds,
    }


def regrade(
    exercise: str, out: Path, jobs: int, cluster: str | None, allow_weak: bool, yes: bool, dry_run: bool
) -> None:
    """Judge an exercise again for everyone, show which marks change, and write them if that is wanted."""
    _warn_of_network(cluster)
    with on_terminal() as told:
        grading = Grading(settings_here(), out, told)
        changes = judge_again(grading, exercise, jobs, cluster, allow_weak)
    for line in summary(changes):
        print(line)
    if dry_run:
        print("nothing is written")
        return
    if not yes and not typer.confirm("write these marks?"):
        print("nothing is written")
        return
    write_changes(grading, changes)
    print(f"written to {out}")


def explained(student: str, exercise: str, out: Path, allow_weak: bool) -> None:
    """Replay one verdict and tell all of it."""
    grading = Grading(settings_here(), out)
    with JudgingPool(grading.settings, 1) as pool:
        sandbox = pool.sandbox(allow_weak)
    for line in explain(grading, student, exercise, sandbox.kind):
        print(line)


def attack_suite(
    out: Path | None,
    jobs: int,
    families: Iterable[str],
    students: Iterable[str],
    allow_weak: bool,
    quiet: bool,
) -> dict[str, Any]:
    """Grade the adversarial class of this folder's course; see `attack_suite.run_suite`."""
    from attentif_grading.grader.attack_suite import PATIENCE, run_suite

    settings = replace(settings_here(), patience=PATIENCE)
    with contextlib.ExitStack() as opened:
        if out is None:
            out = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="attentif-attacks-")))
        told = opened.enter_context(on_terminal(quiet))
        if quiet:
            told = Told()
        return run_suite(settings, out, jobs, families, students, told, allow_weak)


def attack_summary(found: dict[str, Any]) -> str:
    """What came of the attacks, for a terminal."""
    from attentif_grading.grader.attack_suite import summary

    return summary(found)


def _warn_of_network(cluster: str | None) -> None:
    if cluster is not None and (said := cluster_warning(cluster)):
        print(said, file=sys.stderr)


def default_jobs() -> int:
    """A process for each processor core that this one may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
