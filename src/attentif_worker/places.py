"""Which files Python needs in a cage, and how some of them are left out."""

from __future__ import annotations

import os
import re
import site
import sys
import sysconfig
from collections.abc import Iterable

# Libraries, what the loader and the clock read, fonts for figures, the number of processors.
_OF_THE_SYSTEM = (
    "/usr", "/lib", "/lib32", "/lib64", "/nix/store", "/etc/ld.so.cache", "/etc/localtime", "/etc/fonts",
    "/sys/devices/system/cpu",
)  # fmt: skip
_OF_A_PREFIX = ("lib", "lib64", "share", "pyvenv.cfg")
_STAFF_PACKAGE = re.compile(r"(__editable__.*|_+editable_impl_)?_*attentif.*")


def default_readable() -> tuple[str, ...]:
    """The files and folders that this Python and its libraries need.

    Only the library folders of a prefix are named, never the prefix: a virtual environment may lie in the course's
    repository, or be its root. Libraries that the process has mapped from elsewhere are named one by one.
    """
    prefixes = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}
    wanted = list(_OF_THE_SYSTEM)
    wanted += [os.path.join(prefix, name) for prefix in sorted(prefixes) for name in _OF_A_PREFIX]
    paths = sysconfig.get_paths()
    wanted += [paths["stdlib"], paths["platstdlib"], *_library_folders()]
    found = [path for path in dict.fromkeys(wanted) if os.path.exists(path)]
    covered = [os.path.realpath(path) for path in found]
    found += [path for path in _mapped_libraries() if not any(inside(path, folder) for folder in covered)]
    return tuple(found)


def default_hidden() -> tuple[str, ...]:
    """What of this project lies in the library folders: references, the grader, links to the repository."""
    return tuple(
        os.path.join(folder, name)
        for folder in _library_folders()
        for name in sorted(os.listdir(folder))
        if _STAFF_PACKAGE.fullmatch(name)
    )


def _library_folders() -> list[str]:
    """Where packages are installed: those of this Python, the user's own, and others that it was told of."""
    paths = sysconfig.get_paths()
    folders = [paths["purelib"], paths["platlib"], *site.getsitepackages()]
    if site.ENABLE_USER_SITE:
        folders.append(site.getusersitepackages())
    folders += [path for path in sys.path if os.path.basename(path) in ("site-packages", "dist-packages")]
    return [folder for folder in dict.fromkeys(map(os.path.abspath, folders)) if os.path.isdir(folder)]


def layout(readable: Iterable[str], hidden: Iterable[str]) -> list[tuple[bool, str]]:
    """What is shown and what is left out, in an order in which each only changes what those before made of it.

    Returns:
        pairs: whether the path (without symbolic links) is shown, the path. Paths that do not exist are left out.
    """
    wanted = {os.path.realpath(path): True for path in readable if os.path.exists(path)}
    wanted |= {os.path.realpath(path): False for path in hidden if os.path.lexists(path)}
    steps: list[tuple[bool, str]] = []
    for path in sorted(wanted, key=lambda path: path.count("/")):
        above = [shown for shown, other in steps if inside(path, other)]
        if wanted[path] != (above[-1] if above else False):
            steps.append((wanted[path], path))
    return steps


def inside(path: str, folder: str) -> bool:
    """Whether the path is the folder or lies in it (both absolute and without symbolic links)."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def grants(steps: Iterable[tuple[bool, str]]) -> tuple[list[str], list[str]]:
    """The same layout as rights that can only be given: what is left out is gone around, neighbour by neighbour.

    Returns:
        the paths that may be read with all that is below them, and the folders that may only be listed.
    """
    steps = list(steps)
    left_out = [path for shown, path in steps if not shown]
    whole: list[str] = []
    listed: list[str] = []
    pending = [path for shown, path in steps if shown]
    while pending:
        path = pending.pop()
        if path in left_out:
            continue
        if not any(inside(other, path) for other in left_out):
            whole.append(path)
            continue
        listed.append(path)
        # A link may lead to what is left out; what it leads to is granted at its own place or not at all.
        pending += [entry.path for entry in os.scandir(path) if not entry.is_symlink()]
    return whole, listed


def _mapped_libraries() -> list[str]:
    """The shared libraries that this process has loaded."""
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
            lines = maps.read().splitlines()
    except OSError:
        return []
    files = {line.split(maxsplit=5)[5] for line in lines if line.count(" ") >= 5 and "/" in line}
    return sorted(path for path in files if ".so" in os.path.basename(path) and os.path.isfile(path))
