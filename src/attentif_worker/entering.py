"""The steps by which a process enters a cage: namespaces, a fork, another user, no rights, a working folder."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import select
import signal
import tempfile
from collections.abc import Callable, Iterable

from attentif_worker import kernel, sweeping
from attentif_worker.failing import CageFailed, step

_NAMESPACES = kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC
_NAMESPACES |= kernel.CLONE_NEWUTS
_MOST_DESCRIPTORS = 1 << 16


def leave_namespaces(uid: int | None, gid: int | None) -> None:
    """Namespaces of one's own for what is started next: with the rights of root, else in a user namespace.

    Raises:
        CageFailed: the kernel refuses.
    """
    if kernel.effective_capabilities() >> kernel.CAP_SYS_ADMIN & 1:
        with step("leave the namespaces"):
            _unshare(0)
        return
    # Root in a container often lacks this right, but may make a user namespace like anybody.
    become(uid, gid)
    uid, gid = os.geteuid(), os.getegid()
    # The maps belong to root where a process may not be looked into.
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
    with step("leave the namespaces in a user namespace"):
        _unshare(kernel.CLONE_NEWUSER)
    with step("keep one's user in a user namespace"):
        for name, content in (
            ("setgroups", "deny"),
            ("uid_map", f"{uid} {uid} 1"),
            ("gid_map", f"{gid} {gid} 1"),
        ):
            with open(f"/proc/self/{name}", "w", encoding="utf-8") as file:
                file.write(content)


def _unshare(more: int) -> None:
    try:
        kernel.unshare(_NAMESPACES | kernel.CLONE_NEWCGROUP | more)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        kernel.unshare(_NAMESPACES | more)


def counts_by_namespace() -> bool:
    """Whether the kernel counts a user's processes in each user namespace by itself (from 5.14 on)."""
    numbers = re.match(r"(\d+)\.(\d+)", os.uname().release)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= (5, 14)


def fork_inside() -> int:
    """Fork: the process inside goes on; the outer one waits, ends as it ends, and never returns.

    Returns:
        a pipe's end that is hung up when the outer process is gone.
    """
    line, held = os.pipe()
    inner = os.fork()
    if inner:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        close_descriptors({held})
        status = os.waitstatus_to_exitcode(os.waitpid(inner, 0)[1])
        # Nothing is left here if the inner process was the first of a namespace. Else its orphans come to us.
        with contextlib.suppress(OSError):
            sweeping.end_processes(sweeping.descendants, lambda: None, frozenset(), seconds=5.0)
        os._exit(status if status >= 0 else 128 - status)
    os.close(held)
    return line


def die_with_outer(line: int, number: int) -> None:
    """Have this signal sent here when the outer process dies; at once if it is dead already."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, number)
    poll = select.poll()
    poll.register(line, 0)
    if poll.poll(0):
        os._exit(1)
    os.close(line)


def only_signals(handled: dict[int, Callable | int]) -> None:
    """Forget the handlers that Python or the parent installed, and install these."""
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    for number, handler in handled.items():
        signal.signal(number, handler)


def become(uid: int | None, gid: int | None) -> None:
    """Become another user, as root.

    Raises:
        CageFailed: the kernel refuses.
    """
    if uid is None:
        return
    with step(f"become user {uid}"):
        if os.getresuid() == (uid, uid, uid):
            return
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)


def give_up_rights(uid: int | None, gid: int | None) -> None:
    """Become the user and drop every capability, for good."""
    kernel.drop_capability_bounds()
    become(uid, gid)
    with step("give up the capabilities"):
        kernel.prctl(kernel.PR_CAP_AMBIENT, kernel.PR_CAP_AMBIENT_CLEAR_ALL)
        kernel.drop_capabilities()
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)


def check_readable(paths: Iterable[str]) -> None:
    """A user without rights may be unable to read a Python that lies in somebody's home.

    Raises:
        CageFailed: this user may not read one of the paths.
    """
    for path in paths:
        if not os.access(path, os.R_OK):
            raise CageFailed(f"read {path} as user {os.getuid()}", errno.EACCES)


def settle(workdir: str) -> None:
    """Go to the working folder and make it the home of everything that looks for one."""
    os.umask(0o077)
    with step("enter the working folder"):
        os.chdir(workdir)
    for name in ("HOME", "TMPDIR", "MPLCONFIGDIR", "XDG_CACHE_HOME", "TORCHINDUCTOR_CACHE_DIR"):
        os.environ[name] = workdir
    os.environ["USER"] = os.environ["LOGNAME"] = "student"
    tempfile.tempdir = None
    # Nobody else of this user may look into this process or change it.
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)


def close_descriptors(keep: Iterable[int]) -> None:
    """Close every descriptor but the three standard ones and those of `keep`."""
    start = 3
    for kept in sorted(number for number in keep if number >= 3):
        os.closerange(start, kept)
        start = kept + 1
    os.closerange(start, _MOST_DESCRIPTORS)
