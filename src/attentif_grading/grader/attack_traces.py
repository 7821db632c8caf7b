"""What an attack must not leave behind: changed files, processes, rows of others, markup in pages."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from attentif_grading.grader.journal import FILE as JOURNAL
from attentif_grading.grader.verdict import HIDDEN
from attentif_worker import kernel, sweeping

# What of the course an attacker would change.
_OF_THE_COURSE = ("src", "grading", "notebooks", "data", "build")
_FOREIGN_TAGS = frozenset(
    ("script", "iframe", "object", "embed", "applet", "base", "form", "link", "svg", "math", "audio", "video")
)

_ADDRESSES = ("href", "src", "action", "formaction", "srcset", "background", "poster")


def become_reaper() -> None:
    """Whatever processes of ours are orphaned from here on become our children, so that they can be counted."""
    if kernel.libc is not None:
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)


def left_processes(before: frozenset[int], seconds: float = 10.0) -> list[str]:
    """Processes of ours that go on, by their command lines, when all should have ended."""
    deadline = time.monotonic() + seconds
    while True:
        living = [
            p.pid for p in sweeping.descendants() if not p.ended and p.pid not in before | {os.getpid()}
        ]
        said = [line for pid in living if (line := _command(pid)) and "resource_tracker" not in line]
        if not said or time.monotonic() > deadline:
            return said
        time.sleep(0.1)


def our_processes() -> frozenset[int]:
    """Those that run now."""
    return frozenset(process.pid for process in sweeping.descendants())


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def digests(home: Path) -> dict[str, str]:
    """File of the course → digest of its content."""
    paths = (path for name in _OF_THE_COURSE for path in sorted((home / name).rglob("*")))
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
        if path.is_file() and "__pycache__" not in path.parts
    }


def changed_files(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Files that are new, gone or different."""
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def journal_bytes(out: Path) -> bytes:
    """The journal as it is on the disk."""
    return (out / JOURNAL).read_bytes()


def rows_of(out: Path, students: Iterable[str]) -> dict[str, list[Any]]:
    """What the gradebook holds of these students.

    Raises:
        sqlite3.DatabaseError: it is damaged.
    """
    book = sqlite3.connect(f"file:{out / 'gradebook.db'}?mode=ro", uri=True)
    try:
        said = book.execute("pragma integrity_check").fetchone()[0]
        if said != "ok":
            raise sqlite3.DatabaseError(said)
        asked = (
            "select base_cell.name, notebook.name, assignment.name, grade.auto_score, grade.manual_score, "
            "grade.needs_manual_grade from grade join base_cell on grade.cell_id = base_cell.id "
            "join submitted_notebook on grade.notebook_id = submitted_notebook.id "
            "join notebook on submitted_notebook.notebook_id = notebook.id "
            "join submitted_assignment on submitted_notebook.assignment_id = submitted_assignment.id "
            "join assignment on submitted_assignment.assignment_id = assignment.id "
            "where submitted_assignment.student_id = ? order by 1, 2, 3"
        )
        return {student: book.execute(asked, (student,)).fetchall() for student in students}
    finally:
        book.close()


def told_of_hidden(entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """Hidden checks whose verdicts tell what was expected or what came."""
    return [
        f"{entry['verdict']['exercise']}.{check['name']}"
        for entry in entries
        for check in entry["verdict"]["checks"]
        if check["scope"] == HIDDEN and (check["expected"] is not None or check["got"] is not None)
    ]


def markup_in(page: str, silent: Iterable[str] = ()) -> list[str]:
    """What of a page could only come from a student: tags that no page of ours has, handlers, addresses, texts.

    Args:
        page: HTML.
        silent: texts that may not stand in it as they are.
    """
    found = _Foreign()
    found.feed(page)
    return found.found + [text for text in silent if text in page]


class _Foreign(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _FOREIGN_TAGS:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on"):
                self.found.append(f"{tag} {name}")
            if name in _ADDRESSES and not (value or "").startswith(
                ("#", "data:image/png", "data:image/jpeg")
            ):
                self.found.append(f"{tag} {name}={(value or '')[:60]}")
