"""The Linux system calls of confinement that Python 3.11 has no function for; each raises OSError when refused."""

from __future__ import annotations

import ctypes
import os
import sys

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS = 0x00020000, 0x02000000, 0x04000000
CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x08000000, 0x10000000, 0x20000000, 0x40000000
CLONE_NEWTIME = 0x00000080

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
MNT_DETACH = 2
# The attributes of mount_setattr have the same bits as these four flags of mount.
LOCKED_DOWN = MS_RDONLY | MS_NOSUID | MS_NODEV

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP = 1, 4, 22, 24
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 36, 38, 39, 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
CAP_SYS_ADMIN = 21
PTRACE_ATTACH, PTRACE_DETACH = 16, 17

_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
# Calls numbered from 424 on have the same number on every architecture that Python runs on.
_MOUNT_SETATTR = 442
_CAPABILITY_VERSION_3 = 0x20080522

# None where there is no Linux: the modules can then still be imported, to say so.
libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _checked(result: int, about: str = "") -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), about or None)
    return result


def unshare(flags: int) -> None:
    """Leave the namespaces that the flags name."""
    _checked(libc.unshare(ctypes.c_int(flags)))


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Mount a file system, or bind a path."""
    made = libc.mount(
        source.encode(),
        os.fsencode(target),
        kind.encode() or None,
        ctypes.c_ulong(flags),
        options.encode() or None,
    )
    _checked(made, target)


def bind(source: str, target: str, attributes: int) -> None:
    """Show `source`, with all that is mounted below it, at `target`, under these attributes (MS_RDONLY …)."""
    made = libc.mount(os.fsencode(source), os.fsencode(target), None, ctypes.c_ulong(MS_BIND | MS_REC), None)
    _checked(made, target)
    restrict(target, attributes)


def restrict(target: str, attributes: int) -> None:
    """Add attributes to the mount at `target` and to those below it.

    A kernel without mount_setattr (before 5.12) changes the topmost mount alone.
    """
    wanted = (ctypes.c_uint64 * 4)(attributes, 0, 0, 0)
    made = libc.syscall(
        ctypes.c_long(_MOUNT_SETATTR),
        ctypes.c_int(_AT_FDCWD),
        ctypes.c_char_p(os.fsencode(target)),
        ctypes.c_uint(_AT_RECURSIVE),
        wanted,
        ctypes.c_size_t(ctypes.sizeof(wanted)),
    )
    if made < 0:
        # What the mount has already may not be taken away in a user namespace: it is asked for again.
        kept = os.statvfs(target).f_flag & (MS_NOSUID | MS_NODEV | MS_NOEXEC)
        mount("none", target, flags=MS_REMOUNT | MS_BIND | kept | attributes)


def pivot_root(new: str) -> None:
    """Make the mount at `new` the root of this mount namespace and forget the old one."""
    os.chdir(new)
    _checked(libc.pivot_root(b".", b"."))
    _checked(libc.umount2(b".", ctypes.c_int(MNT_DETACH)))
    os.chdir("/")


def prctl(option: int, value: int = 0) -> int:
    """Change or ask a property of this process."""
    numbers = [ctypes.c_ulong(number) for number in (value, 0, 0, 0)]
    return _checked(libc.prctl(ctypes.c_int(option), *numbers))


def drop_capability_bounds() -> None:
    """No capability can come back from here on; without the right to do so (no CAP_SETPCAP) nothing changes."""
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:
            # EINVAL past the last capability that this kernel knows, EPERM without the right.
            return


def drop_capabilities() -> None:
    """Give up every capability of this process."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    _checked(libc.capset(header, (ctypes.c_uint32 * 6)()))


def effective_capabilities() -> int:
    """The capabilities of this process, one bit each."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted and inheritable, low words first
    _checked(libc.capget(header, sets))
    return sets[0] | sets[3] << 32
