"""Every file below a folder or in an archive; links are not followed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from attentif_grading.grader.archives import tar_members, zip_members
from attentif_grading.grader.handed_file import (
    LINK,
    MAX_TAR,
    NOT_READ,
    TARS,
    ZIPS,
    Found,
    HandedFile,
    printable,
    unwanted,
    without_ending,
)


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
        inner = tuple(printable(part) for part in here.relative_to(path).parts)
        for name in [*(each for each in folders if (here / each).is_symlink()), *sorted(files)]:
            yield from _on_disk(here / name, (*label, *inner, printable(name)), follow=False)


def _on_disk(path: Path, parts: tuple[str, ...], follow: bool) -> Iterator[Found]:
    try:
        about = path.stat() if follow else path.lstat()
    except OSError:
        yield Found(parts, reason=NOT_READ)
        return
    if not stat.S_ISREG(about.st_mode):
        yield Found(parts, reason=LINK)
        return
    name = parts[-1].lower()
    inner = (*parts[:-1], without_ending(parts[-1]))
    if reason := unwanted(parts, about.st_size):
        yield Found(parts, reason=reason)
    elif name.endswith(ZIPS):
        yield from zip_members(path, None, inner, parts)
    elif name.endswith(TARS):
        yield from tar_members(path, None, inner, parts, MAX_TAR)
    else:
        yield Found(parts, HandedFile("/".join(parts), path, about.st_size, about.st_mtime))
