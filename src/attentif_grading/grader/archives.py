"""The files in an archive, and in archives in it: read in memory, never unpacked to the disk.

A damaged archive makes the standard library raise errors of many kinds, all of which mean the same here.
"""

from __future__ import annotations

import calendar
import io
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from attentif_grading.grader.handed_file import (
    DAMAGED,
    ENCRYPTED,
    LINK,
    MAX_MEMBERS,
    MAX_NESTED,
    TARS,
    TOO_DEEP,
    TOO_MANY,
    ZIPS,
    Found,
    HandedFile,
    bounded,
    printable,
    unwanted,
    without_ending,
)


def zip_members(
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
                reason = unwanted(parts, info.file_size)
                if stat.S_ISLNK(info.external_attr >> 16):
                    reason = LINK
                elif info.flag_bits & 1:
                    reason = ENCRYPTED
                modified = float(calendar.timegm(info.date_time)) if 1 <= info.date_time[1] <= 12 else 0.0
                lower = parts[-1].lower()
                if reason is None and lower.endswith((*ZIPS, *TARS)):
                    yield from _nested(path, content, archive, info, parts)
                elif reason is None and content is None:
                    yield Found(parts, HandedFile("/".join(parts), path, info.file_size, modified, place))
                elif reason is None and info.file_size <= left:
                    left -= info.file_size
                    yield _kept(path, archive, info, parts, modified)
                else:
                    yield Found(parts, reason=reason or TOO_MANY)
            if len(members) > MAX_MEMBERS:
                yield Found(shown, reason=TOO_MANY)
    except Exception:
        yield Found(shown, reason=DAMAGED)


def _nested(
    path: Path,
    content: bytes | None,
    archive: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    parts: tuple[str, ...],
) -> Iterator[Found]:
    if content is not None:
        yield Found(parts, reason=TOO_DEEP)
        return
    if info.file_size > MAX_NESTED:
        yield Found(parts, reason=TOO_MANY)
        return
    try:
        with archive.open(info) as stream:
            inner = bounded(stream, MAX_NESTED)
    except Exception:
        yield Found(parts, reason=DAMAGED)
        return
    label = (*parts[:-1], without_ending(parts[-1]))
    if parts[-1].lower().endswith(ZIPS):
        yield from zip_members(path, inner, label, parts)
    else:
        yield from tar_members(path, inner, label, parts, MAX_NESTED)


def _kept(
    path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, parts: tuple[str, ...], modified: float
) -> Found:
    try:
        with archive.open(info) as stream:
            kept = zlib.compress(bounded(stream), 1)
    except Exception:
        kept = b""  # it says that it cannot be read when it is read, like any damaged file
    return Found(parts, HandedFile("/".join(parts), path, info.file_size, modified, kept=kept))


def tar_members(
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
                    yield Found(shown, reason=TOO_MANY)
                    return
                if info.isdir():
                    continue
                parts = (*label, *_safe_parts(printable(info.name)))
                reason = unwanted(parts, info.size)
                if not info.isreg() or info.issparse():
                    reason = LINK
                elif parts[-1].lower().endswith((*ZIPS, *TARS)):
                    reason = TOO_DEEP
                if reason is not None:
                    yield Found(parts, reason=reason)
                    continue
                kept = zlib.compress(bounded(archive.extractfile(info)), 1)
                yield Found(parts, HandedFile("/".join(parts), path, info.size, float(info.mtime), kept=kept))
    except Exception:
        yield Found(shown, reason=DAMAGED)


def _zip_name(info: zipfile.ZipInfo) -> str:
    """The name of a member; many programs write UTF-8 without saying so."""
    if info.flag_bits & 0x800:
        return printable(info.filename)
    try:
        return printable(info.orig_filename.encode("cp437").decode("utf-8"))
    except UnicodeError:
        return printable(info.filename)


def _safe_parts(name: str) -> tuple[str, ...]:
    """The parts of a member's name; what would lead out of the archive is left out."""
    parts = [part.strip() for part in name.replace("\\", "/").split("/")]
    return tuple(part for part in parts if part not in ("", ".", "..") and not part.endswith(":")) or ("?",)
