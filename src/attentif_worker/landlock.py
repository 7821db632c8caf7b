"""Landlock: the kernel's way for a process to give up rights to files, to TCP and to others' signals.

It needs neither privileges nor namespaces. See the kernel's Documentation/userspace-api/landlock.rst.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct
from collections.abc import Iterable

from attentif_worker import kernel

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_MAKE_SOCK, _MAKE_FIFO, _MAKE_SYM, _REFER, _TRUNCATE = 1 << 9, 1 << 10, 1 << 12, 1 << 13, 1 << 14
_IOCTL_DEV = 1 << 15
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV

READ = _READ_FILE | _READ_DIR
LIST = _READ_DIR
WRITE = READ | _WRITE_FILE | _TRUNCATE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG
# Device nodes are never made, and no program is started: neither right is ever given.
WRITE |= _MAKE_SOCK | _MAKE_FIFO | _MAKE_SYM | _REFER

# The file rights that each version of the interface knows: one that it does not know would be refused.
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_ALL_FILE_RIGHTS = (1 << 16) - 1
_BIND_TCP, _CONNECT_TCP = 1, 2
_SCOPE_ABSTRACT_SOCKETS, _SCOPE_SIGNALS = 1, 2


def version() -> int:
    """The version of the interface that this kernel has, 0 where it has none or where it is switched off."""
    if kernel.libc is None:
        return 0
    asked = kernel.libc.syscall(
        ctypes.c_long(_CREATE_RULESET), None, ctypes.c_size_t(0), ctypes.c_uint(_VERSION_FLAG)
    )
    return max(asked, 0)


def restrict(rules: Iterable[tuple[str, int]]) -> int:
    """From here on this process and its children may reach no file but those of the rules, and no TCP port.

    Args:
        rules: of paths (files, or folders with all that is below them), each with READ, LIST or WRITE. A path
            that does not exist is left out: nothing is granted.
    Returns:
        the version of the interface; from 6 on, signals to processes outside are refused as well.
    Raises:
        OSError: the kernel has no Landlock, or refuses.
    """
    found = version()
    if not found:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
    known = _FILE_RIGHTS.get(found, _ALL_FILE_RIGHTS)
    attributes = struct.pack("=Q", known)
    if found >= 4:
        attributes += struct.pack("=Q", _BIND_TCP | _CONNECT_TCP)
    if found >= 6:
        attributes += struct.pack("=Q", _SCOPE_ABSTRACT_SOCKETS | _SCOPE_SIGNALS)
    ruleset = _call(_CREATE_RULESET, ctypes.c_char_p(attributes), ctypes.c_size_t(len(attributes)), 0)
    try:
        for path, rights in rules:
            _allow(ruleset, path, rights & known)
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        _call(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint(0))
    finally:
        os.close(ruleset)
    return found


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(opened).st_mode):
            rights &= _OF_FILES
        if rights:
            rule = struct.pack("=Qi", rights, opened)
            _call(_ADD_RULE, ctypes.c_int(ruleset), _PATH_BENEATH, ctypes.c_char_p(rule), ctypes.c_uint(0))
    finally:
        os.close(opened)


def _call(number: int, *arguments: object) -> int:
    result = kernel.libc.syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result
