"""Files as they were handed in: in folders, in archives, in archives in them; read in memory, never unpacked."""

from __future__ import annotations

import io
import os
import re
import stat
import tarfile
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
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
_ZIPS = (".zip",)
_TARS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_OTHER_ARCHIVES = (".7z", ".rar", ".gz", ".bz2", ".xz")
_LEFTOVERS = re.compile(r"(?:__MACOSX|\.ipynb_checkpoints|\.git|__pycache__)")

_DAMAGED = text("the archive is damaged", "l'archive est abîmée")
_TOO_LARGE = text(f"larger than {MAX_FILE // 1_000_000} MB", f"plus grand que {MAX_FILE // 1_000_000} Mo")
_ENCRYPTED = text("it is protected by a password", "il est protégé par un mot de passe")
_LINK = text("it is a link or a device, not a file", "c'est un lien ou un périphérique, pas un fichier")
_NOT_NOTEBOOK = text("it is not a notebook (.ipynb)", "ce n'est pas un carnet (.ipynb)")
_LEFTOVER = text(
    "it is a copy or a note that a program made for itself",
    "c'est une copie ou une note faite par un programme",
)
_TOO_DEEP = text(
    "it is an archive in an archive in an archive", "c'est une archive dans une archive dans une archive"
)
_OTHER_KIND = text(
    "an archive of this kind is not read; a zip is", "une archive de ce type n'est pas lue ; un zip l'est"
)
_TOO_MANY = text("the archive holds too much", "l'archive contient trop de choses")
_NOT_READ = text("it could not be read", "il n'a pas pu être lu")
_FAILURES = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError, ValueError, RuntimeError)
# NotImplementedError, for a compression that is not known, is a RuntimeError; so is a missing password.


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
                    return _bounded(stream)
            with (
                zipfile.ZipFile(self.path) as archive,
                archive.open(archive.infolist()[self.member]) as stream,
            ):
                return _bounded(stream)
        except (*_FAILURES, MemoryError) as error:
            raise Unreadable(_NOT_READ) from error


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
            (*NOTEBOOKS, *_ZIPS, *_TARS, *_OTHER_ARCHIVES)
        )

    @property
    def leftover(self) -> bool:
        """Whether it was set aside as something that a program made for itself."""
        return self.reason == _LEFTOVER


def is_archive(name: str) -> bool:
    """Whether a file of this name is opened."""
    return name.lower().endswith((*_ZIPS, *_TARS))


def files_below(path: Path, label: tuple[str, ...]) -> Iterator[Found]:
    """Every file of a folder, of an archive, or the file itself; links are not followed.

    Args:
        path: what was given.
        label: how its place is called.
    """
    if not path.is_dir():
        yield from _on_disk(path, label, follow=True)
        return
    for folder, folders, files in os.walk(path, followlinks=False):
        folders.sort()
        here = Path(folder)
        inner = tuple(_printable(part) for part in here.relative_to(path).parts)
        for name in [*(each for each in folders if (here / each).is_symlink()), *sorted(files)]:
            yield from _on_disk(here / name, (*label, *inner, _printable(name)), follow=False)


def _on_disk(path: Path, parts: tuple[str, ...], follow: bool) -> Iterator[Found]:
    try:
        about = path.stat() if follow else path.lstat()
    except OSError:
        yield Found(parts, reason=_NOT_READ)
        return
    if not stat.S_ISREG(about.st_mode):
        yield Found(parts, reason=_LINK)
        return
    name = parts[-1].lower()
    inner = (*parts[:-1], _without_ending(parts[-1]))
    if reason := _unwanted(parts, about.st_size):
        yield Found(parts, reason=reason)
    elif name.endswith(_ZIPS):
        yield from _zip_members(path, None, inner, parts)
    elif name.endswith(_TARS):
        yield from _tar_members(path, None, inner, parts, MAX_TAR)
    else:
        yield Found(parts, HandedFile("/".join(parts), path, about.st_size, about.st_mtime))


def _unwanted(parts: tuple[str, ...], size: int) -> Text | None:
    """Why a file is set aside by its name or its size."""
    name = parts[-1].lower()
    if name.startswith(("._", ".ds_store")) or any(_LEFTOVERS.fullmatch(part) for part in parts):
        return _LEFTOVER
    if name.endswith((*_ZIPS, *_TARS)):
        return None
    if name.endswith(_OTHER_ARCHIVES):
        return _OTHER_KIND
    if not name.endswith(NOTEBOOKS):
        return _NOT_NOTEBOOK
    return _TOO_LARGE if size > MAX_FILE else None


def _zip_members(
    path: Path, content: bytes | None, label: tuple[str, ...], shown: tuple[str, ...]
) -> Iterator[Found]:
    """The files of a zip; with `content`, of one that stands in another archive."""
    left = MAX_NESTED
    try:
        with zipfile.ZipFile(path if content is None else io.BytesIO(content)) as archive:
            members = archive.infolist()
            for place, info in enumerate(members[:MAX_MEMBERS]):
                if info.is_dir():
                    continue
                parts = (*label, *_safe_parts(_zip_name(info)))
                reason = _unwanted(parts, info.file_size)
                if stat.S_ISLNK(info.external_attr >> 16):
                    reason = _LINK
                elif info.flag_bits & 1:
                    reason = _ENCRYPTED
                modified = time.mktime((*info.date_time, 0, 0, -1)) if 1 <= info.date_time[1] <= 12 else 0.0
                lower = parts[-1].lower()
                if reason is None and lower.endswith((*_ZIPS, *_TARS)):
                    yield from _nested(path, content, archive, info, parts)
                elif reason is None and content is None:
                    yield Found(parts, HandedFile("/".join(parts), path, info.file_size, modified, place))
                elif reason is None and info.file_size <= left:
                    left -= info.file_size
                    yield _kept(path, archive, info, parts, modified)
                else:
                    yield Found(parts, reason=reason or _TOO_MANY)
            if len(members) > MAX_MEMBERS:
                yield Found(shown, reason=_TOO_MANY)
    except _FAILURES:
        yield Found(shown, reason=_DAMAGED)


def _nested(
    path: Path,
    content: bytes | None,
    archive: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    parts: tuple[str, ...],
) -> Iterator[Found]:
    if content is not None:
        yield Found(parts, reason=_TOO_DEEP)
        return
    if info.file_size > MAX_NESTED:
        yield Found(parts, reason=_TOO_MANY)
        return
    try:
        with archive.open(info) as stream:
            inner = _bounded(stream, MAX_NESTED)
    except _FAILURES:
        yield Found(parts, reason=_DAMAGED)
        return
    label = (*parts[:-1], _without_ending(parts[-1]))
    if parts[-1].lower().endswith(_ZIPS):
        yield from _zip_members(path, inner, label, parts)
    else:
        yield from _tar_members(path, inner, label, parts, MAX_NESTED)


def _kept(
    path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, parts: tuple[str, ...], modified: float
) -> Found:
    try:
        with archive.open(info) as stream:
            kept = zlib.compress(_bounded(stream), 1)
    except _FAILURES:
        kept = b""  # it says that it cannot be read when it is read, like any damaged file
    return Found(parts, HandedFile("/".join(parts), path, info.file_size, modified, kept=kept))


def _tar_members(
    path: Path, content: bytes | None, label: tuple[str, ...], shown: tuple[str, ...], cap: int
) -> Iterator[Found]:
    """The files of a tar, read once from its beginning to its end."""
    total = count = 0
    try:
        source = {"fileobj": io.BytesIO(content)} if content is not None else {"name": path}
        with tarfile.open(mode="r:*", **source) as archive:
            for info in archive:
                count, total = count + 1, total + info.size
                if count > MAX_MEMBERS or total > cap:
                    yield Found(shown, reason=_TOO_MANY)
                    return
                if info.isdir():
                    continue
                parts = (*label, *_safe_parts(_printable(info.name)))
                reason = _unwanted(parts, info.size)
                if not info.isreg() or info.issparse():
                    reason = _LINK
                elif parts[-1].lower().endswith((*_ZIPS, *_TARS)):
                    reason = _TOO_DEEP
                if reason is not None:
                    yield Found(parts, reason=reason)
                    continue
                kept = zlib.compress(_bounded(archive.extractfile(info)), 1)
                yield Found(parts, HandedFile("/".join(parts), path, info.size, float(info.mtime), kept=kept))
    except _FAILURES:
        yield Found(shown, reason=_DAMAGED)


def _bounded(stream: IO[bytes], cap: int | None = None) -> bytes:
    """The whole content; never more than is allowed, whatever the archive announced."""
    cap = MAX_FILE if cap is None else cap
    content = stream.read(cap + 1)
    if len(content) > cap:
        raise ValueError("larger than allowed")
    return content


def _zip_name(info: zipfile.ZipInfo) -> str:
    """The name of a member; many programs write UTF-8 without saying so."""
    if info.flag_bits & 0x800:
        return _printable(info.filename)
    try:
        return _printable(info.orig_filename.encode("cp437").decode("utf-8"))
    except UnicodeError:
        return _printable(info.filename)


def _safe_parts(name: str) -> tuple[str, ...]:
    """The parts of a member's name; what would lead out of the archive is left out."""
    parts = [part.strip() for part in name.replace("\\", "/").split("/")]
    return tuple(part for part in parts if part not in ("", ".", "..") and not part.endswith(":")) or ("?",)


def _printable(name: str) -> str:
    """A name in composed characters, without any that cannot be shown."""
    name = unicodedata.normalize("NFC", name)
    return "".join(c if c.isprintable() and not "\ud800" <= c <= "\udfff" else "\ufffd" for c in name)


def _without_ending(name: str) -> str:
    ending = next((e for e in (*_ZIPS, *_TARS) if name.lower().endswith(e)), "")
    return name[: len(name) - len(ending)] or name
