"""The students' tree: notebooks, wheel, instructions; ready to be a public repository of its own."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import nbformat

from attentif.errors import AttentifError, InputError
from attentif_grading.build import differences, make
from attentif_grading.contracts import has_checks, load_contracts, load_course
from attentif_grading.leaks import Leak, StaffSide, find_leaks
from attentif_grading.notebooks import written_exercises
from attentif_grading.unfinished import unwritten

STUDENT_FILES = "grading/student"  # what is copied to the tree as it is


class ReleaseRefused(AttentifError):
    """A tree for students that holds something of the staff side."""

    def __init__(self, leaks: list[Leak]):
        shown = "; ".join(map(str, leaks[:5])) + (f"; and {len(leaks) - 5} more" if len(leaks) > 5 else "")
        super().__init__(
            f"expected nothing of the staff side in the students' tree, got {len(leaks)}: {shown}; "
            "remove it from its source and build again"
        )
        self.leaks = leaks


def release(home: Path, out: Path, say: Callable[[str], None] = print) -> Path:
    """Build afresh, assemble the students' tree, examine it, and only then write it.

    Args:
        home: the course's repository.
        out: the tree's folder: absent, empty, or an empty working copy.
        say: called with one line a step.

    Returns:
        `out`.

    Raises:
        InputError: `out` holds files; a committed built file is stale; a selected exercise has no checks; one is
            unfinished, selected or not, for the wheel has the checks of all.
        ReleaseRefused: one of the rules of `attentif_grading.leaks` is broken; nothing is written.
    """
    _refuse_used(out)
    unready = set(load_course(home).exercises) - set(written_exercises(home))
    if unready:
        raise InputError(
            expected="hidden checks for every exercise of course.toml",
            got=f"none for {', '.join(sorted(unready))}",
            remedy="deselect them in course.toml, or write their checks",
        )
    _refuse_unfinished(home)
    with tempfile.TemporaryDirectory() as folder:
        fresh, tree = Path(folder) / "built", Path(folder) / "tree"
        built = make(home, fresh, say)
        stale = differences(home, fresh)
        if stale:
            raise InputError(
                expected="built files that agree with their sources",
                got=f"{len(stale)} that do not, first {stale[0]}",
                remedy="run `attentif-grading build`, then commit what it changes",
            )
        assemble(home, fresh, built.wheel, tree)
        refuse_leaks(tree, home)
        n_files = sum(path.is_file() for path in tree.rglob("*"))
        shutil.copytree(tree, out, dirs_exist_ok=True)
    say(f"  nothing of the staff side in it; {n_files} files written to {out}")
    say(f"next: publish {out} as a repository of its own, or hand it out as an archive")
    return out


def _refuse_unfinished(home: Path) -> None:
    places = {n: len(unwritten(home, c)) for n, c in load_contracts(home).items() if has_checks(home, n)}
    unfinished = {name: count for name, count in places.items() if count}
    if unfinished:
        raise InputError(
            expected="finished exercises only",
            got=", ".join(f"{name}, unfinished in {count} places" for name, count in unfinished.items()),
            remedy=f"attentif-grading verify-checks {' '.join(unfinished)} tells what is left to write; "
            "to take an exercise out, see docs/authoring.md",
        )


def _refuse_used(out: Path) -> None:
    """Raise if `out` is anything but absent or empty; what is there might be someone's work.

    Raises:
        InputError: a file, a folder with files, or a place where no folder can be.
    """
    nearest = next(folder for folder in (out, *out.absolute().parents) if folder.exists())
    if not nearest.is_dir():
        raise InputError(
            expected=f"a folder to be written in {out}",
            got=f"the file {nearest}",
            remedy="choose another name",
        )
    held = sorted(entry.name for entry in out.iterdir() if entry.name != ".git") if out.exists() else []
    if held:
        more = ", ..." if len(held) > 3 else ""
        raise InputError(
            expected=f"{out} absent, or empty but for .git",
            got=f"a folder with {', '.join(held[:3])}{more}",
            remedy="choose another, or empty it first",
        )


def assemble(home: Path, built: Path, wheel: Path, tree: Path) -> None:
    """Put what students get into a folder."""
    for language in ("fr", "en"):
        shutil.copytree(built / "notebooks" / language, tree / "notebooks" / language)
    (tree / "dist").mkdir()
    shutil.copyfile(wheel, tree / "dist" / wheel.name)
    shutil.copytree(home / STUDENT_FILES, tree, dirs_exist_ok=True)
    if (home / "LICENSE").is_file():
        shutil.copyfile(home / "LICENSE", tree / "LICENSE")
    stamps = {
        path.relative_to(tree).as_posix(): dict(nbformat.read(path, as_version=4).metadata["attentif"])
        for path in sorted(tree.glob("notebooks/*/*.ipynb"))
    }
    about = {
        "notebooks": stamps,
        "wheel": {"file": f"dist/{wheel.name}", "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest()},
    }
    (tree / "release.json").write_text(
        json.dumps(about, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def refuse_leaks(tree: Path, home: Path) -> None:
    """Raise if the tree holds anything of the staff side.

    Raises:
        ReleaseRefused: with every leak.
    """
    leaks = find_leaks(tree, StaffSide.of(home))
    if leaks:
        raise ReleaseRefused(leaks)
