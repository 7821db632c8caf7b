"""Clean up after an exercise: end every process of the cage, empty the folders that it may write to."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple


class Process(NamedTuple):
    """One line of /proc: number, parent, whether it has ended and only waits to be reaped."""

    pid: int
    parent: int
    ended: bool


def processes() -> Iterator[Process]:
    """Every process that /proc shows."""
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                with open(f"/proc/{name}/stat", "rb") as file:
                    # The name in parentheses may hold anything, parentheses included.
                    fields = file.read().rpartition(b")")[2].split()
                # A leader whose threads live on is a zombie too, with more than one thread.
                ended = fields[0] in (b"Z", b"X") and int(fields[17]) <= 1
                yield Process(int(name), int(fields[1]), ended)


def everything() -> list[Process]:
    """Every process that /proc shows: in a process namespace of one's own, those of the cage."""
    return list(processes())


def of_this_user() -> list[Process]:
    """The processes of the user that this process is of."""
    return [process for process in processes() if _user(process.pid) == os.getuid()]


def stop_everything() -> None:
    """Stop all processes that this one may send signals to, at one moment: of its namespace, of its user."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(-1, signal.SIGSTOP)


def descendants() -> list[Process]:
    """Processes that descend from this one; those whose parents died are its children if it is a subreaper."""
    listed = everything()
    found = {os.getpid()}
    while True:
        more = {process.pid for process in listed if process.parent in found} - found
        if not more:
            return [process for process in listed if process.pid in found]
        found |= more


def end_processes(
    of_the_cage: Callable[[], list[Process]],
    stop_all: Callable[[], None],
    keep: frozenset[int],
    seconds: float,
) -> bool:
    """Kill every process of the cage but this one and those of `keep`, which are stopped meanwhile.

    A stopped process makes no others, so that a bomb of processes comes to an end.

    Args:
        of_the_cage: lists them.
        stop_all: stops every process of the cage at once, if there is a way.
        keep: processes that live on; they go on when `resume` is called.
        seconds: how long to try.
    Returns:
        whether none is left.
    """
    deadline = time.monotonic() + seconds
    spared = keep | {os.getpid()}
    stop_all()
    for pid in keep:
        _signal(pid, signal.SIGSTOP)
    while True:
        others = [process for process in of_the_cage() if process.pid not in spared]
        living = [process.pid for process in others if not process.ended]
        # All are stopped before the first is killed: nobody is left to start another.
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in living:
                _signal(pid, number)
        reap()
        if not living:
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.001)


def resume(keep: frozenset[int]) -> None:
    """Let the kept processes go on."""
    for pid in keep:
        _signal(pid, signal.SIGCONT)


def reap() -> None:
    """Take note of every child that has ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def empty_folder(path: str) -> None:
    """Remove everything in a folder, however many, deep, linked or locked its entries are.

    Folders are taken apart level by level in the folder itself: no path grows long and no link is followed. Nobody
    else may write there meanwhile.
    """
    top = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    count = 0
    try:
        while names := os.listdir(top):
            for name in names:
                if not _is_folder(name, top):
                    os.unlink(name, dir_fd=top)
                    continue
                os.chmod(name, 0o700, dir_fd=top)
                inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=top)
                try:
                    for below in os.listdir(inner):
                        if _is_folder(below, inner):
                            os.chmod(below, 0o700, dir_fd=inner)
                            count += 1
                            os.rename(below, _free_name(top, count), src_dir_fd=inner, dst_dir_fd=top)
                        else:
                            os.unlink(below, dir_fd=inner)
                finally:
                    os.close(inner)
                os.rmdir(name, dir_fd=top)
    finally:
        os.close(top)


def _free_name(folder: int, count: int) -> str:
    name = f"{os.getpid()}-{count}"
    while True:
        try:
            os.stat(name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            return name
        name += "-"


def _is_folder(name: str, folder: int) -> bool:
    return stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)


def _user(pid: int) -> int | None:
    """The real user of a process; its folder in /proc may belong to root."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/status", "rb") as file:
        for line in file:
            if line.startswith(b"Uid:"):
                return int(line.split()[1])
    return None
