"""Limits on what one process may use, set by itself and inherited by its children."""

from __future__ import annotations

import os
import resource
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What a process may use.

    Args:
        cpu_seconds: of processor time.
        memory_bytes: of address space, on top of what the process has already.
        file_bytes: the largest file it may write.
        processes: tasks (threads count) that its user may have at a time, on top of those that are not the cage's.
        open_files: descriptors.
    """

    cpu_seconds: int = 60
    memory_bytes: int = 2 << 30
    file_bytes: int = 64 << 20
    processes: int = 64
    open_files: int = 256


# The address space at the last look, for a process that may no longer read /proc.
_last_size = 0
# Tasks of the same user that do not belong to the cage, where the kernel counts them together.
_foreign_tasks = 0


def address_space() -> int:
    """Bytes of address space of this process; where /proc is closed, of its ancestor that last could ask."""
    global _last_size
    try:
        with open("/proc/self/statm", encoding="utf-8") as file:
            _last_size = int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        pass
    return _last_size


def count_foreign_tasks(shared_user: bool) -> None:
    """Remember how many tasks the user has outside the cage, before it is entered.

    Args:
        shared_user: whether the cage runs as the user who grades, and the kernel counts both together.
    """
    global _foreign_tasks
    _foreign_tasks = (
        sum(_tasks(entry) for entry in os.listdir("/proc") if entry.isdigit()) if shared_user else 0
    )


def _tasks(process: str) -> int:
    """Threads of a process of this user, 0 for another's."""
    try:
        if os.stat(f"/proc/{process}").st_uid != os.getuid():
            return 0
        return len(os.listdir(f"/proc/{process}/task"))
    except OSError:
        return 0


def limit(limits: Limits) -> None:
    """Put this process under the limits, for good; limits that are lower already stay."""
    _lower(resource.RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 1)
    _lower(resource.RLIMIT_AS, address_space() + limits.memory_bytes)
    _lower(resource.RLIMIT_FSIZE, limits.file_bytes)
    _lower(resource.RLIMIT_NPROC, limits.processes + _foreign_tasks)
    _lower(resource.RLIMIT_NOFILE, limits.open_files)


def forbid_leftovers() -> None:
    """No core dumps, no locked memory, no message queues, no priority."""
    for which in (resource.RLIMIT_CORE, resource.RLIMIT_MEMLOCK, resource.RLIMIT_MSGQUEUE):
        _lower(which, 0)
    for which in (resource.RLIMIT_RTPRIO, resource.RLIMIT_NICE):
        _lower(which, 0)


def _lower(which: int, soft: int, hard: int | None = None) -> None:
    present_soft, present_hard = resource.getrlimit(which)
    hard = _least(soft if hard is None else hard, present_hard)
    resource.setrlimit(which, (min(_least(soft, present_soft), hard), hard))


def _least(wanted: int, present: int) -> int:
    return wanted if present == resource.RLIM_INFINITY else min(wanted, present)
