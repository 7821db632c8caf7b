"""Probes of a cage's walls and limits. Each returns what got through, or None."""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import stat
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from attentif_worker import kernel
from attentif_worker.limits import Limits

if TYPE_CHECKING:
    from attentif_worker.probes import Targets

# What the process that runs the probes is limited to, and the disk of its cage: small, so that the probes are short.
PROBE_LIMITS = Limits(
    cpu_seconds=20, memory_bytes=256 << 20, file_bytes=8 << 20, processes=24, open_files=128
)
PROBE_DISK_BYTES = 16 << 20

_RAISING_PROGRAMS = ("su", "sudo", "passwd", "mount", "chsh", "newgrp", "pkexec")
_BLOCK = bytes(1 << 20)


def leave_cage(targets: Targets) -> str | None:
    """Make namespaces, mount, change the root: each is a way to other rights over files."""
    attempts: dict[str, Callable[[], object]] = {
        "a user namespace was made": lambda: kernel.unshare(kernel.CLONE_NEWUSER),
        "a mount namespace was made": lambda: kernel.unshare(kernel.CLONE_NEWNS),
        "another namespace was entered": _enter_namespace,
        "the root was changed": lambda: os.chroot("."),
        "a file system was mounted": _mount_here,
    }
    for what, attempt in attempts.items():
        with contextlib.suppress(OSError):
            attempt()
            return what
    return None


def _enter_namespace() -> None:
    opened = os.open("/proc/1/ns/mnt", os.O_RDONLY)
    if kernel.libc.setns(ctypes.c_int(opened), ctypes.c_int(0)) < 0:
        raise OSError(ctypes.get_errno(), "setns")


def _mount_here() -> None:
    kernel.mount("tmpfs", os.getcwd(), "tmpfs")
    kernel.libc.umount2(os.fsencode(os.getcwd()), ctypes.c_int(kernel.MNT_DETACH))


def gain_rights(targets: Targets) -> str | None:
    """Have or get the rights of root."""
    if kernel.effective_capabilities():
        return "the process has capabilities"
    with contextlib.suppress(OSError):
        if os.getuid():
            os.setuid(0)
            return "the process became root"
    if not kernel.prctl(kernel.PR_GET_NO_NEW_PRIVS):
        return "a program may give the process new rights"
    return None


def run_program(targets: Targets) -> str | None:
    """Start another program, one that has more rights if there is one."""
    places = [os.path.join(folder, name) for folder in ("/usr/bin", "/bin") for name in _RAISING_PROGRAMS]
    raising = [path for path in places if os.path.isfile(path) and os.stat(path).st_mode & stat.S_ISUID]
    for path in (*raising, os.path.realpath(sys.executable), "/usr/bin/true"):
        if _starts(path):
            return f"{path} was started"
    return None


def _starts(path: str) -> bool:
    reading, writing = os.pipe()  # closed by a program that starts
    child = os.fork()
    if child == 0:
        with contextlib.suppress(OSError):
            nowhere = os.open("/dev/null", os.O_RDWR)
            for standard in (0, 1, 2):
                os.dup2(nowhere, standard)
            os.execv(path, [path, "--version"])
        os.write(writing, b"refused")
        os._exit(1)
    os.close(writing)
    refused = os.read(reading, 16)
    os.close(reading)
    os.waitpid(child, 0)
    return not refused


def use_memory(targets: Targets) -> str | None:
    """Take more memory than is allowed, in a few large pieces."""
    held = []
    try:
        for _ in range(4):
            held.append(mmap.mmap(-1, PROBE_LIMITS.memory_bytes // 2))
    except (OSError, MemoryError):
        return None
    return f"{2 * PROBE_LIMITS.memory_bytes >> 20} MiB were taken"


def many_processes(targets: Targets) -> str | None:
    """Start more processes than are allowed."""
    reading, writing = os.pipe()
    wanted = 4 * PROBE_LIMITS.processes
    children = []
    with contextlib.suppress(OSError):
        for _ in range(wanted):
            child = os.fork()
            if child == 0:
                os.close(writing)
                os.read(reading, 1)
                os._exit(0)
            children.append(child)
    os.close(writing)
    for child in children:
        os.waitpid(child, 0)
    return f"{wanted} processes were started" if len(children) == wanted else None


def fill_disk(targets: Targets) -> str | None:
    """Write more to the working folder than it may hold, in files that are small enough."""
    each = PROBE_LIMITS.file_bytes // 2 >> 20
    wanted = 2 * PROBE_DISK_BYTES >> 20
    names = []
    written = 0
    try:
        with contextlib.suppress(OSError):
            for number in range(wanted // each):
                names.append(f"attentif-probe-{os.getpid()}-{number}")
                with open(names[-1], "wb", buffering=0) as file:
                    for _ in range(each):
                        written += file.write(_BLOCK) >> 20
    finally:
        for name in names:
            with contextlib.suppress(OSError):
                os.unlink(name)
    return f"{written} MiB were written" if written >= wanted else None
