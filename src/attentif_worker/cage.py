"""The cage of a worker: what it enters before the student's code runs, and how it is cleaned up in between.

    O: enclose(cage)        the outer process waits; what returns is S, the first process inside (trusted)
       └ S: sweep(keep)     between exercises
          └ W: harden(cage) before the notebook's definitions
             └ C: limit(limits), then one exercise

`prepare` is called once in the process that forks all of them. What W needs is imported before `enclose`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass

from attentif_worker import entering, kernel, landlock, private_root, sweeping, syscalls
from attentif_worker.entering import close_descriptors
from attentif_worker.failing import CageFailed, step
from attentif_worker.limits import Limits, count_foreign_tasks, forbid_leftovers, limit
from attentif_worker.places import default_hidden, default_readable, grants, layout

__all__ = [
    "KINDS", "WORKER_LIMITS", "Cage", "CageFailed", "Limits", "close_descriptors", "default_hidden",
    "default_readable", "enclose", "harden", "limit", "prepare", "sweep",
]  # fmt: skip

KINDS = ("namespaces", "landlock", "limits")
# A worker's own limits, which its children cannot raise: the student's code runs in the worker as well.
WORKER_LIMITS = Limits(
    cpu_seconds=600, memory_bytes=4 << 30, file_bytes=64 << 20, processes=64, open_files=256
)

_SWEEP_SECONDS = 10.0
_DEVICES = tuple(f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom"))
# Nothing of other processes. A child of the worker cannot look itself up: the entry is the worker's.
_PROC_FILES = ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat")


@dataclass(frozen=True)
class Cage:
    """What a worker may see and use.

    Args:
        kind: namespaces (a root, processes and network of its own), landlock (files refused by the kernel one by
            one) or limits (neither).
        readable: files and folders that it may read.
        hidden: what of these is left out.
        folder: an existing private folder on the host; where there is no root of its own, the only one to write in.
        uid, gid: the user and group to become, when started as root; each cage that runs at the same time needs a
            uid of its own, or it could end the others' processes. None: stay who one is.
        disk_bytes: what fits in the scratch space (of the kind namespaces only).
    """

    kind: str
    readable: tuple[str, ...]
    hidden: tuple[str, ...]
    folder: str
    uid: int | None
    gid: int | None
    disk_bytes: int

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"a kind among {KINDS}, not {self.kind!r}")
        if not all(os.path.isabs(path) for path in (self.folder, *self.readable, *self.hidden)):
            raise ValueError("absolute paths only")
        if (self.uid is None) != (self.gid is None) or self.uid == 0:
            raise ValueError("a user and a group, neither of them root's, or none")

    @property
    def workdir(self) -> str:
        """Where the student's code may write."""
        return private_root.SCRATCH if self.kind == "namespaces" else self.folder


# The cage that this process is in, for `sweep`.
_entered: Cage | None = None


def prepare(cage: Cage) -> None:
    """Do once, in the process that all workers are forked from, what takes time or starts programs."""
    syscalls.program(cage.kind == "namespaces")


def enclose(cage: Cage) -> None:
    """Enter the cage. Called in a freshly forked process with a single thread.

    It forks: the caller's process waits for the one inside, ends as it ends and never returns; when it is killed,
    so is all that is inside. What returns, in the process inside, is S.

    Raises:
        CageFailed: the kernel refuses a step; raised in the process that met it, which has then to end.
    """
    global _entered
    with contextlib.suppress(PermissionError):
        os.setsid()
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="utf-8") as file:
        # Short of memory, the kernel is to end the cage rather than the process that grades.
        file.write("1000")
    own_namespaces = cage.kind == "namespaces"
    # Asked before becoming another user, who may be kept from seeing that a file exists.
    present = [path for path in cage.readable if os.path.exists(path)]
    count_foreign_tasks(cage.uid is None and not (own_namespaces and entering.counts_by_namespace()))
    if cage.uid is not None:
        with step("hand over the working folder"):
            os.chown(cage.folder, cage.uid, cage.gid)
    if own_namespaces:
        entering.leave_namespaces(cage.uid, cage.gid)
    else:
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    line = entering.fork_inside()
    entering.only_signals({signal.SIGINT: signal.SIG_IGN})
    if own_namespaces:
        _build_root(cage)
    else:
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
        signal.signal(signal.SIGTERM, _end_all)
    entering.give_up_rights(cage.uid, cage.gid)
    if not own_namespaces:
        entering.check_readable(present)
    entering.settle(cage.workdir)
    _entered = cage
    entering.die_with_outer(line, signal.SIGKILL if own_namespaces else signal.SIGTERM)


def _build_root(cage: Cage) -> None:
    with contextlib.suppress(OSError):
        socket.sethostname("attentif")
    owner = (os.getuid(), os.getgid()) if cage.uid is None else (cage.uid, cage.gid)
    with step("build a root of its own"):
        private_root.build(cage.folder, cage.readable, cage.hidden, owner, cage.disk_bytes)


def _end_all(*_: object) -> None:
    """The outer process is gone: nobody asks for anything any more."""
    with contextlib.suppress(OSError):
        sweep()
    os._exit(1)


def harden(cage: Cage, limits: Limits = WORKER_LIMITS) -> tuple[str, ...]:
    """Give up all that the student's code does not need. Called in W, which has a single thread.

    Args:
        cage: the one that this process is in.
        limits: those of W and of each of its children; `limit` can lower them.
    Returns:
        what was applied: "landlock VERSION", "seccomp", "limits".
    Raises:
        CageFailed: the kind is landlock and there is no Landlock, or the kernel refuses.
    """
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    entering.only_signals({signal.SIGINT: signal.default_int_handler})
    forbid_leftovers()
    limit(limits)
    applied = []
    if cage.kind == "landlock" or (cage.kind == "namespaces" and landlock.version()):
        with step("apply Landlock"):
            applied.append(f"landlock {landlock.restrict(_rules(cage))}")
    if program := syscalls.program(cage.kind == "namespaces"):
        with step("apply seccomp"):
            syscalls.install(program)
        applied.append("seccomp")
    return (*applied, "limits")


def _rules(cage: Cage) -> list[tuple[str, int]]:
    """What Landlock grants. In a root of one's own, what is not to be seen is not there."""
    writable = [(path, landlock.WRITE) for path in _DEVICES] + [(cage.workdir, landlock.WRITE)]
    if cage.kind == "namespaces":
        return [("/", landlock.READ), (private_root.SHARED_MEMORY, landlock.WRITE), *writable]
    whole, listed = grants(layout(cage.readable, cage.hidden))
    readable = [(path, landlock.READ) for path in (*whole, *_PROC_FILES)]
    return readable + [(path, landlock.LIST) for path in listed] + writable


def sweep(keep: frozenset[int] = frozenset()) -> None:
    """Between exercises, in S: end every process of the cage but S and those of `keep`, empty its folders.

    The kept ones are stopped meanwhile. S's children that have ended are reaped, those of `keep` included.

    Raises:
        CageFailed: something survived, or a folder could not be emptied: the whole cage has to go.
    """
    cage = _entered
    if cage is None:
        raise CageFailed("sweep outside of a cage")
    try:
        if not sweeping.end_processes(*_population(cage), keep, _SWEEP_SECONDS):
            raise CageFailed("end the processes of an exercise")
        with step("empty the working folder"):
            sweeping.empty_folder(cage.workdir)
            if cage.kind == "namespaces":
                sweeping.empty_folder(private_root.SHARED_MEMORY)
    finally:
        sweeping.resume(keep)


def _population(cage: Cage) -> tuple[Callable[[], list[sweeping.Process]], Callable[[], None]]:
    """How the processes of a cage are listed, and how all are stopped at once."""
    if cage.kind == "namespaces":
        return sweeping.everything, sweeping.stop_everything
    if cage.uid is not None:
        return sweeping.of_this_user, sweeping.stop_everything
    return sweeping.descendants, _nothing


def _nothing() -> None:
    """Without a user or a namespace of one's own there is no way to stop all processes at once."""
