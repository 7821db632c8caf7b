"""One file as it was handed in: its place, its content when it is asked for, or why it is set aside."""

from __future__ import annotations

import re
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from attentif.checks.text import Text, text
from attentif_grading.grader.reading import Unreadable

MAX_FILE = 100_000_000
MAX_MEMBERS = 20_000
# Of an archive in an archive, and of a tar: what is held in memory (compressed) or unpacked on the way.
MAX_NESTED = 300_000_000
MAX_TAR = 8_000_000_000
NOTEBOOKS = (".ipynb", ".ipynb.txt", ".ipynb.json", ".json", ".py")
ZIPS = (".zip",)
TARS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_OTHER_ARCHIVES = (".7z", ".rar", ".gz", ".bz2", ".xz")
_LEFTOVERS = re.compile(r"(?:__MACOSX|\.ipynb_checkpoints|\.git|__pycache__)")

DAMAGED = text("the archive is damaged", "l'archive est abîmée")
TOO_LARGE = text(f"larger than {MAX_FILE // 1_000_000} MB", f"plus grand que {MAX_FILE // 1_000_000} Mo")
ENCRYPTED = text("it is protected by a password", "il est protégé par un mot de passe")
LINK = text("it is a link or a device, not a file", "c'est un lien ou un périphérique, pas un fichier")
NOT_NOTEBOOK = text("it is not a notebook (.ipynb)", "ce n'est pas un carnet (.ipynb)")
LEFTOVER = text(
    "it is a copy or a note that a program made for itself",
    "c'est une copie ou une note faite par un programme",
)
TOO_DEEP = text(
    "it is an archive in an archive in an archive", "c'est une archive dans une archive dans une archive"
)
OTHER_KIND = text(
    "an archive of this kind is not read; a zip is", "une archive de ce type n'est pas lue ; un zip l'est"
)
TOO_MANY = text("the archive holds too much", "l'archive contient trop de choses")
NOT_READ = text("it could not be read", "il n'a pas pu être lu")


@dataclass(frozen=True)
class HandedFile:
    """One file, read when it is asked for.

    Args:
        shown: where it is, for people: printable.
        path: the file on the disk, or the archive that holds it.
        size: in bytes, as announced.
        modified: when it was changed last, comparable within one archive or folder.
        member: its place in a zip archive.
        kept: its content, compressed, if it cannot be read again by itself.
    """

    shown: str
    path: Path
    size: int
    modified: float
    member: int | None = None
    kept: bytes | None = field(default=None, repr=False)

    def read(self) -> bytes:
        """Its content.

        Raises:
            Unreadable: it is damaged, gone, or larger than announced and allowed.
        """
        try:
            if self.kept is not None:
                return zlib.decompress(self.kept)
            if self.member is None:
                with self.path.open("rb") as stream:
                    return bounded(stream)
            with (
                zipfile.ZipFile(self.path) as archive,
                archive.open(archive.infolist()[self.member]) as stream,
            ):
                return bounded(stream)
        except Exception as error:  # a damaged archive makes its readers raise anything
            raise Unreadable(NOT_READ) from error


@dataclass(frozen=True)
class Found:
    """A file and its place.

    Args:
        parts: the folder or archive that was given, the folders in it, the file's name.
        file: the file; None if it is set aside.
        reason: why it is set aside.
    """

    parts: tuple[str, ...]
    file: HandedFile | None = None
    reason: Text | None = None

    @property
    def shown(self) -> str:
        """Its place in one line."""
        return "/".join(self.parts)

    @property
    def hand_in(self) -> bool:
        """Whether its name is one under which notebooks are handed in, in an archive of any kind too."""
        return not self.leftover and self.parts[-1].lower().endswith(
            (*NOTEBOOKS, *ZIPS, *TARS, *_OTHER_ARCHIVES)
        )

    @property
    def leftover(self) -> bool:
        """Whether it was set aside as something that a program made for itself."""
        return self.reason == LEFTOVER


def is_archive(name: str) -> bool:
    """Whether a file of this name is opened."""
    return name.lower().endswith((*ZIPS, *TARS))


def unwanted(parts: tuple[str, ...], size: int) -> Text | None:
    """Why a file is set aside by its name or its size."""
    name = parts[-1].lower()
    if name.startswith(("._", ".ds_store")) or any(_LEFTOVERS.fullmatch(part) for part in parts):
        return LEFTOVER
    if name.endswith((*ZIPS, *TARS)):
        return None
    if name.endswith(_OTHER_ARCHIVES):
        return OTHER_KIND
    if not name.endswith(NOTEBOOKS):
        return NOT_NOTEBOOK
    return TOO_LARGE if size > MAX_FILE else None


def bounded(stream: IO[bytes], cap: int | None = None) -> bytes:
    """The whole content; never more than is allowed, whatever the archive announced."""
    cap = MAX_FILE if cap is None else cap
    content = stream.read(cap + 1)
    if len(content) > cap:
        raise ValueError("larger than allowed")
    return content


def printable(name: str) -> str:
    """A name in composed characters, without any that cannot be shown."""
    name = unicodedata.normalize("NFC", name)
    return "".join(c if c.isprintable() and not "\ud800" <= c <= "\udfff" else "\ufffd" for c in name)


def without_ending(name: str) -> str:
    ending = next((e for e in (*ZIPS, *TARS) if name.lower().endswith(e)), "")
    return name[: len(name) - len(ending)] or name
