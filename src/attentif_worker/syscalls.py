"""The system calls that a student's code is refused: a seccomp filter, built once and installed in each worker.

A list of what is refused, not of what is allowed: torch, numpy and the C library must go on working, whatever
their version. What is refused is what reaches other processes, the network or the kernel's rarer doors. No program
is started either (execve): what the notebooks import is imported by then, and nothing of it needs a program.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import tempfile

from attentif_worker import kernel

_REFUSED = """
    ptrace process_vm_readv process_vm_writev process_madvise process_mrelease pidfd_getfd kcmp
    pidfd_send_signal migrate_pages move_pages
    mount umount umount2 pivot_root chroot move_mount open_tree open_tree_attr fsopen fsconfig fsmount fspick
    mount_setattr statmount listmount unshare setns
    execve execveat
    bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register
    keyctl add_key request_key memfd_create memfd_secret
    shmget shmat shmctl semget semop semtimedop semctl msgget msgsnd msgrcv msgctl mq_open mq_unlink
    kexec_load kexec_file_load init_module finit_module delete_module create_module query_module
    name_to_handle_at open_by_handle_at fanotify_init fanotify_mark lookup_dcookie
    reboot swapon swapoff quotactl quotactl_fd acct nfsservctl sysfs uselib ustat vhangup syslog
    settimeofday stime clock_settime clock_settime64 clock_adjtime clock_adjtime64 adjtimex sethostname setdomainname
    iopl ioperm modify_ldt vm86 vm86old pciconfig_read pciconfig_write
    lsm_get_self_attr lsm_set_self_attr lsm_list_modules
"""

# Without namespaces of its own, a worker shares its files, its sockets and often its user with the person who
# grades. Landlock leaves these open: they would change others' files or reach others' processes and sockets.
_REFUSED_IN_THE_OPEN = """
    socket connect bind listen accept accept4
    kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo
    truncate truncate64 openat2
    chmod fchmod fchmodat fchmodat2 chown chown32 fchown fchown32 lchown lchown32 fchownat
    setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat
    utime utimes futimesat utimensat utimensat_time64 file_setattr
"""

# Numbers that are the same everywhere, for libseccomps older than the call.
_NUMBERS = {
    "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
    "clone3": 435, "openat2": 437, "pidfd_getfd": 438, "process_madvise": 440, "mount_setattr": 442,
    "quotactl_fd": 443, "memfd_secret": 447, "process_mrelease": 448,
    "fchmodat2": 452, "statmount": 457, "listmount": 458, "lsm_get_self_attr": 459, "lsm_set_self_attr": 460,
    "lsm_list_modules": 461, "setxattrat": 463, "removexattrat": 466, "open_tree_attr": 467, "file_setattr": 469,
}  # fmt: skip

_NAMESPACES = (
    kernel.CLONE_NEWNS, kernel.CLONE_NEWCGROUP, kernel.CLONE_NEWUTS, kernel.CLONE_NEWIPC,
    kernel.CLONE_NEWUSER, kernel.CLONE_NEWPID, kernel.CLONE_NEWNET,
)  # fmt: skip
_LOW_WORD = 0xFFFFFFFF
_AF_UNIX, _SOCK_TYPE_MASK, _SOCK_DGRAM = 1, 0xF, 2
# Typing into a terminal and having signals sent to another process.
_IOCTLS = (0x5412, 0x541C, 0x540E, 0x8901, 0x8902)  # TIOCSTI TIOCLINUX TIOCSCTTY FIOSETOWN SIOCSPGRP
_FCNTLS = (8, 10, 15)  # F_SETOWN F_SETSIG F_SETOWN_EX


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


@functools.cache
def program(own_namespaces: bool) -> bytes | None:
    """The filter as the kernel takes it; None where libseccomp is not installed.

    Build it in the zygote, once: finding libseccomp starts programs, and a worker may start none.

    Args:
        own_namespaces: whether processes, network and files are the worker's own. If not, more is refused.
    """
    try:
        import pyseccomp
    except (ImportError, RuntimeError, OSError):
        return None
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    rules.set_attr(pyseccomp.Attr.ACT_BADARCH, pyseccomp.ERRNO(errno.ENOSYS))
    refuse = functools.partial(_add, pyseccomp, rules, errno.EPERM)
    for name in _REFUSED.split():
        refuse(name)
    equal = functools.partial(_masked, pyseccomp, _LOW_WORD)
    differs = functools.partial(pyseccomp.Arg, op=pyseccomp.NE)
    for flag in _NAMESPACES:
        refuse("clone", _masked(pyseccomp, flag, 0, flag))
    # The flags of clone3 lie in memory, where a filter cannot look: the C library then uses clone.
    _add(pyseccomp, rules, errno.ENOSYS, "clone3")
    if own_namespaces:
        refuse("socket", differs(0, data_a=_AF_UNIX))
    refuse("socketpair", differs(0, data_a=_AF_UNIX))
    refuse("personality", differs(0, data_a=_LOW_WORD))
    for request in _IOCTLS:
        refuse("ioctl", equal(1, request))
    # The limits, priority and processors of this process only: 0 names the caller.
    for name in ("prlimit64", "sched_setaffinity", "sched_setattr", "sched_setscheduler", "sched_setparam"):
        refuse(name, differs(0, data_a=0))
    refuse("setpriority", differs(1, data_a=0))
    refuse("ioprio_set", differs(1, data_a=0))
    if not own_namespaces:
        for name in _REFUSED_IN_THE_OPEN.split():
            refuse(name)
        # A pair of datagram sockets can still send to any named one.
        refuse("socketpair", _masked(pyseccomp, _SOCK_TYPE_MASK, 1, _SOCK_DGRAM))
        for command in _FCNTLS:
            refuse("fcntl", equal(1, command))
        # Landlock before version 3 lets a file that may only be read be emptied in this way.
        emptied = functools.partial(_masked, pyseccomp, os.O_TRUNC | os.O_ACCMODE)
        refuse("open", emptied(1, os.O_TRUNC | os.O_RDONLY))
        refuse("openat", emptied(2, os.O_TRUNC | os.O_RDONLY))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def install(filter_program: bytes) -> None:
    """Put this process and its children under the filter, for good.

    Raises:
        OSError: the kernel refuses (it has no seccomp).
    """
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    instructions = ctypes.create_string_buffer(filter_program, len(filter_program))
    filter_mode = 2
    wanted = _Program(len(filter_program) // 8, ctypes.cast(instructions, ctypes.c_void_p))
    made = kernel.libc.prctl(
        ctypes.c_int(kernel.PR_SET_SECCOMP), ctypes.c_ulong(filter_mode), ctypes.byref(wanted)
    )
    if made < 0:
        raise OSError(ctypes.get_errno(), "seccomp")


def _masked(pyseccomp, mask: int, argument: int, value: int):
    """The condition that an argument has this value under the mask."""
    return pyseccomp.Arg(argument, pyseccomp.MASKED_EQ, mask, value)


def _add(pyseccomp, rules, error: int, name: str, *conditions) -> None:
    number = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)
    if number == -1:
        number = _NUMBERS.get(name, -1)
    if number >= 0:
        rules.add_rule(pyseccomp.ERRNO(error), number, *conditions)
