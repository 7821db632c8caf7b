"""A root of its own for a worker: the folders it may read, devices that hold nothing, scratch space with a limit."""

from __future__ import annotations

import os
from collections.abc import Iterable

from attentif_worker import kernel
from attentif_worker.places import inside, layout

# Not /tmp: what is to be read may lie there. Where nothing does, /tmp leads to the scratch space.
SCRATCH, SHARED_MEMORY = "/scratch", "/dev/shm"
MOST_FILES = 20_000
_DEVICES = ("null", "zero", "full", "random", "urandom")
_LINKS = {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}
_QUIET = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC


def build(
    folder: str, readable: Iterable[str], hidden: Iterable[str], owner: tuple[int, int], disk_bytes: int
) -> None:
    """Build the root in a mount namespace of one's own and enter it; the old one is gone from there.

    Args:
        folder: an existing folder, where the root is mounted; nothing of it is seen.
        readable, hidden: see `attentif_worker.places.layout`.
        owner: user and group that own the scratch space.
        disk_bytes: what fits in it.
    Raises:
        OSError: the kernel refuses a mount, or something to be read lies where the scratch space comes.
    """
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("tmpfs", folder, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=0755,size=4m")
    readable = list(readable)
    _show(folder, layout(readable, hidden))
    _restore_links(folder, readable)
    _devices(folder)
    scratch = f"mode=0700,nr_inodes={MOST_FILES},uid={owner[0]},gid={owner[1]}"
    for path, size in ((SCRATCH, disk_bytes), (SHARED_MEMORY, disk_bytes // 4)):
        os.makedirs(folder + path)
        kernel.mount("tmpfs", folder + path, "tmpfs", _QUIET, f"{scratch},size={max(size, 1 << 16)}")
    if not os.path.lexists(folder + "/tmp"):
        os.symlink(SCRATCH, folder + "/tmp")
    os.makedirs(folder + "/proc")
    kernel.mount("proc", folder + "/proc", "proc", _QUIET)
    _names(folder, owner)
    kernel.mount("none", folder, flags=kernel.MS_REMOUNT | kernel.MS_BIND | kernel.LOCKED_DOWN)
    kernel.pivot_root(folder)


def _show(root: str, steps: list[tuple[bool, str]]) -> None:
    """Bind what is shown, cover what is left out."""
    covers = []
    for shown, path in steps:
        target = root + path
        if shown:
            _make_place(target, os.path.isdir(path))
            kernel.bind(path, target, kernel.LOCKED_DOWN)
        elif os.path.isdir(path):
            # Something below may still be shown: it must then be possible to go through.
            shut = not any(inside(other, path) for also_shown, other in steps if also_shown)
            mode = "0000" if shut else "0755"
            kernel.mount("tmpfs", target, "tmpfs", _QUIET, f"mode={mode},size=64k")
            covers.append(target)
        else:
            kernel.bind("/dev/null", target, kernel.LOCKED_DOWN)
    for target in covers:
        kernel.mount("none", target, flags=kernel.MS_REMOUNT | kernel.MS_BIND | _QUIET | kernel.MS_RDONLY)


def _restore_links(root: str, readable: list[str]) -> None:
    """Paths that lead through symbolic links (/lib where it is /usr/lib) lead there in the new root too."""
    for path in readable:
        real = os.path.realpath(path)
        target = root + os.path.abspath(path)
        if real != os.path.abspath(path) and os.path.exists(real) and not os.path.lexists(target):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.symlink(real, target)


def _devices(root: str) -> None:
    for name in _DEVICES:
        target = f"{root}/dev/{name}"
        _make_place(target, False)
        kernel.bind(f"/dev/{name}", target, kernel.MS_NOSUID | kernel.MS_NOEXEC)
    for name, target in _LINKS.items():
        os.symlink(target, f"{root}/dev/{name}")


def _names(root: str, owner: tuple[int, int]) -> None:
    """Names for the user and the group, which libraries ask for; the machine's own accounts are not shown."""
    os.makedirs(root + "/etc", exist_ok=True)
    contents = {
        "passwd": f"student:x:{owner[0]}:{owner[1]}::{SCRATCH}:/nonexistent\n",
        "group": f"student:x:{owner[1]}:\n",
    }
    for name, content in contents.items():
        with open(f"{root}/etc/{name}", "w", encoding="utf-8") as file:
            file.write(content)


def _make_place(target: str, is_folder: bool) -> None:
    """Something to mount on."""
    if is_folder:
        os.makedirs(target, exist_ok=True)
    elif not os.path.lexists(target):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
