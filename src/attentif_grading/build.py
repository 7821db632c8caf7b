"""The build: from the library, contracts.toml, rubric.toml, grading/exercises and notebooks/source, all the rest.

Written below the course's repository, in this order:

    src/attentif/checks/data/NAME.json   stored inputs, expected results and fingerprints of the public checks
    build/student/                       the stripped library and its wheel (not committed)
    grading/source/ASSIGNMENT/*.ipynb    nbgrader's source notebooks, with solutions and hidden checks
    notebooks/LANGUAGE/*.ipynb           the students' notebooks, made of them by nbgrader's own command
    grading/rubric.LANGUAGE.md           how markers mark the report
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from attentif.checks.store import load_exercise as load_public
from attentif_grading.checkdata import build_check_data, dump, same_within_rounding
from attentif_grading.contracts import load_contracts, load_course
from attentif_grading.exercises import exercises_in_chain, load_exercise
from attentif_grading.notebooks import write_release_notebooks, write_source_notebooks, written_exercises
from attentif_grading.rubric_pages import write_rubric
from attentif_grading.wheel import build_wheel, stage_library

# What is kept under version control, below the repository.
COMMITTED = (
    "src/attentif/checks/data/*.json",
    "grading/source/*/*.ipynb",
    "notebooks/*/*.ipynb",
    "grading/rubric.*.md",
)

Say = Callable[[str], None]
CHECK_DATA = Path("src", "attentif", "checks", "data")


@dataclass(frozen=True)
class Built:
    """What a build made: its files by stage, and the seconds that each stage took."""

    wheel: Path
    seconds: dict[str, float]


def build(home: Path, out: Path | None = None, say: Say = print) -> Built:
    """Make everything, then put it in place; if a stage fails, nothing has changed.

    Args:
        home: the course's repository, from which everything is read.
        out: the folder below which everything is written, `home` itself when absent.
        say: called with one line a stage.
    """
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        built = make(home, fresh, say)
        _put_in_place(fresh, out or home)
        return Built((out or home) / built.wheel.relative_to(fresh), built.seconds)


def make(home: Path, out: Path, say: Say = print, data_at_hand: bool = False) -> Built:
    """Run every stage, from the repository `home` into the empty folder `out`.

    Args:
        home: the course's repository.
        out: where everything is written.
        say: called with one line a stage.
        data_at_hand: take the check data as they are in the repository; making them takes most of the time.
    """
    seconds: dict[str, float] = {}

    @contextmanager
    def stage(name: str, result: Callable[[], str]) -> Iterator[None]:
        started = time.perf_counter()
        yield
        seconds[name] = round(time.perf_counter() - started, 2)
        say(f"  {name:<28} {result():<44} {seconds[name]:6.1f} s")

    made: list[Path] = []
    written, contracts = written_exercises(home), load_contracts(home)
    with stage("check data", lambda: f"{len(made)} exercises"):
        made = (copy_check_data if data_at_hand else write_check_data)(home, out)
    with stage("student library", lambda: f"{wheel.name}, {wheel.stat().st_size / 1024:.0f} kB"):
        wheel = build_wheel(stage_library(home, out, [contracts[name] for name in written]))
    with stage("source notebooks", lambda: f"{len(made)} in grading/source"):
        made = write_source_notebooks(home, out)
    with stage("student notebooks (nbgrader)", lambda: f"{len(made)} in notebooks/fr and notebooks/en"):
        made = write_release_notebooks(home, out)
    with stage("rubric", lambda: f"{len(made)} in grading"):
        made = write_rubric(home, out)
    waiting = [name for name in load_course(home).exercises if name not in written]
    if waiting:
        say(f"  selected but without checks, so given to students solved: {', '.join(waiting)}")
    return Built(wheel, seconds)


def _put_in_place(fresh: Path, out: Path) -> None:
    """Copy what was made; remove what was made once under another name."""
    for pattern in COMMITTED:
        new = _files(fresh, pattern)
        for name in _files(out, pattern) - new:
            (out / name).unlink()
        for name in new:
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(fresh / name, out / name)
    student = Path("build", "student")
    shutil.rmtree(out / student, ignore_errors=True)
    shutil.copytree(fresh / student, out / student)
    # Whoever has read the old data in this process must not go on with it.
    load_public.cache_clear()


def copy_check_data(home: Path, out: Path) -> list[Path]:
    """Take the data of the public checks as an earlier build wrote them."""
    (out / CHECK_DATA).mkdir(parents=True, exist_ok=True)
    names = [f"{name}.json" for name in exercises_in_chain()]
    return [Path(shutil.copyfile(home / CHECK_DATA / name, out / CHECK_DATA / name)) for name in names]


def write_check_data(home: Path, out: Path) -> list[Path]:
    """Write the data of the public checks; a file that differs by rounding alone keeps its old content."""
    (out / CHECK_DATA).mkdir(parents=True, exist_ok=True)
    paths = []
    for name in exercises_in_chain():
        data = build_check_data(load_exercise(name))
        text, kept = dump(data), home / CHECK_DATA / f"{name}.json"
        if kept.is_file():
            old = kept.read_text(encoding="utf-8")
            if same_within_rounding(_parsed(old), json.loads(text)):
                text = old
        path = out / CHECK_DATA / f"{name}.json"
        path.write_text(text, encoding="utf-8", newline="\n")
        paths.append(path)
    return paths


def stale_files(home: Path, say: Say = print) -> list[str]:
    """Build into a temporary folder and compare: what is missing, different, or no longer made."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        make(home, fresh, say)
        return differences(home, fresh)


def differences(committed: Path, fresh: Path) -> list[str]:
    """One line for each built file that differs between two trees."""
    found = []
    for pattern in COMMITTED:
        old, new = _files(committed, pattern), _files(fresh, pattern)
        for name in sorted(old | new):
            if name not in old:
                found.append(f"{name}: missing")
            elif name not in new:
                found.append(f"{name}: no longer made")
            elif (committed / name).read_bytes() != (fresh / name).read_bytes():
                found.append(f"{name}: differs from its sources")
    return found


def _files(root: Path, pattern: str) -> set[str]:
    hidden = (".ipynb_checkpoints", "__pycache__")
    return {
        path.relative_to(root).as_posix()
        for path in root.glob(pattern)
        if path.is_file() and not any(part in hidden for part in path.parts)
    }


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return None
