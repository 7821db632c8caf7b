"""The journal: one line of JSON for each verdict, only ever appended to. Everything else is derived from it.

It knows students by pseudonyms. A line that a kill has cut off is dropped when the journal is opened again; the
work that it stood for is then done again.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attentif.checks.text import text
from attentif.errors import InputError
from attentif_grading.grader.gradebook_storage import write_whole
from attentif_grading.grader.verdict import Verdict
from attentif_grading.salt import VARIABLE, salt

VERSION = 1
FILE = "journal.jsonl"
# Tells whether the course's secret is still the one of these verdicts, and not what it is.
SECRET = "secret.json"
_BEGINS = b'{"key": "'  # what `append` begins a line with


def pseudonym(student: str) -> str:
    """Twelve digits that stand for a student; without the course's secret nobody is found from them."""
    return hmac.new(salt().encode(), student.encode(), hashlib.sha256).hexdigest()[:12]


class Journal:
    """The verdicts of a class.

    Args:
        folder: in which the journal lies, or will.

    Raises:
        InputError: it cannot be opened, or is not a journal of this kind; nothing of it is changed then.
    """

    def __init__(self, folder: Path):
        self.path = folder / FILE
        self.entries: dict[tuple[str, str], dict[str, Any]] = {}
        self._by_key: dict[tuple[str, str], dict[str, Any]] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # Held open, and without a buffer: what a full disk did not take must not be written when it is closed.
            self._file = self.path.open("ab", buffering=0)
            self._lock()
            *whole, torn = self.path.read_bytes().split(b"\n")
            for number, line in enumerate(whole, 1):
                self._remember(self._parsed(line, number))
            self._cut(torn, len(whole) + 1)
            self._same_secret(folder / SECRET)
        except OSError as error:
            raise unwritable(self.path, error) from error

    def _same_secret(self, path: Path) -> None:
        """With another secret students had other pseudonyms, and those judged now other inputs than the rest of their class."""
        mine = {"made_with": pseudonym("\0 no student")}
        if self.entries:
            try:
                known = json.loads(path.read_text(encoding="utf-8"))
            except (OSError, ValueError):  # of an earlier version, or lost
                known = mine
            if known != mine:
                self._file.close()
                raise InputError(
                    expected=text(
                        f"the secret with which {path.parent} was graded, in {VARIABLE}",
                        f"le secret avec lequel {path.parent} a été corrigé, dans {VARIABLE}",
                    ),
                    got=text("another one, or none", "un autre, ou aucun"),
                    remedy=text(
                        f"export {VARIABLE} with that secret, or grade into a new folder",
                        f"exportez {VARIABLE} avec ce secret, ou corrigez dans un nouveau dossier",
                    ),
                )
        write_whole(path, json.dumps(mine).encode())

    def _lock(self) -> None:
        """Two graders at a time would write the same files."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise InputError(
                expected=text(f"to be alone in {self.path.parent}", f"être seul dans {self.path.parent}"),
                got=text("another grader at work there", "une autre correction qui y travaille"),
                remedy=text("wait until it has ended", "attendez qu'elle soit finie"),
            ) from error

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def find(self, exercise: str, key: str) -> tuple[Verdict, dict[str, Any]] | None:
        """A verdict on this very code by these very checks, whoever handed it in, and what else its line says."""
        found = self._by_key.get((exercise, key))
        if found is None:
            return None
        about = {name: found[name] for name in found if name not in ("v", "student", "key", "verdict")}
        return Verdict.from_json(found["verdict"]), about

    def has(self, student: str, exercise: str, key: str) -> bool:
        """Whether the last line about this student's exercise is on this very code by these very checks."""
        mine = self.entries.get((pseudonym(student), exercise))
        return mine is not None and mine["key"] == key

    def last(self, student: str, exercise: str) -> Verdict | None:
        """The verdict that counts."""
        found = self.entries.get((pseudonym(student), exercise))
        return Verdict.from_json(found["verdict"]) if found else None

    def append(self, student: str, verdicts: Iterable[tuple[Verdict, str]], about: Mapping[str, Any]) -> None:
        """Write verdicts, with their keys, and have them on the disk.

        Args:
            student: the identifier.
            verdicts: each with the key of what was judged.
            about: what else each line says, the notebook's number and the sandbox's level for instance.

        Raises:
            InputError: they cannot be written, the disk is full perhaps. What was written before is kept.
        """
        entries = [
            {"v": VERSION, "student": pseudonym(student), **about, "key": key, "verdict": verdict.to_json()}
            for verdict, key in verdicts
        ]
        lines = "".join(json.dumps(entry, ensure_ascii=False, sort_keys=True) + "\n" for entry in entries)
        end = os.fstat(self._file.fileno()).st_size
        try:
            left = memoryview(lines.encode())
            while left:
                left = left[self._file.write(left) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            self._drop_after(end)
            raise unwritable(self.path, error) from error
        for entry in entries:
            self._remember(entry)

    def _drop_after(self, end: int) -> None:
        """Take back what a failed write has left."""
        try:
            os.ftruncate(self._file.fileno(), end)
        except OSError:
            return  # the next opening drops the torn line

    def _remember(self, entry: dict[str, Any]) -> None:
        exercise = entry["verdict"]["exercise"]
        self.entries[entry["student"], exercise] = entry
        self._by_key[exercise, entry["key"]] = entry

    def _parsed(self, line: bytes, number: int) -> dict[str, Any]:
        try:
            entry = json.loads(line)
            if entry["v"] == VERSION and entry["verdict"]["exercise"] and entry["student"] and entry["key"]:
                return entry
        except (ValueError, KeyError, TypeError):
            pass
        raise self._foreign(number)

    def _cut(self, torn: bytes, number: int) -> None:
        """Drop what a kill has left of a line; anything else is somebody's."""
        if not torn.startswith(_BEGINS[: len(torn)]):
            raise self._foreign(number)
        if torn:
            os.ftruncate(self._file.fileno(), os.fstat(self._file.fileno()).st_size - len(torn))

    def _foreign(self, number: int) -> InputError:
        self._file.close()
        return InputError(
            expected=text(f"a journal in {self.path}", f"un journal dans {self.path}"),
            got=text(f"something else in line {number}", f"autre chose à la ligne {number}"),
            remedy=text(
                "choose another folder, or put that file away",
                "choisissez un autre dossier, ou écartez ce fichier",
            ),
        )


def unwritable(path: Path, error: OSError) -> InputError:
    """Why a file of the graded class cannot be written, and what to do."""
    reason = error.strerror or str(error)
    return InputError(
        expected=text(f"to write {path}", f"pouvoir écrire {path}"),
        got=text(f"a refusal of the system: {reason}", f"un refus du système : {reason}"),
        remedy=text(
            "make room, or allow it, then give the same command again: it goes on where it stopped",
            "libérez de la place ou donnez-en le droit, puis relancez la même commande : elle reprend où elle s'est arrêtée",
        ),
    )
