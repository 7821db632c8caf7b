"""Probes of how a student's code can reach other processes. Each returns what got through, or None."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import resource
import signal
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from attentif_worker import kernel

if TYPE_CHECKING:
    from attentif_worker.probes import Targets

_SECONDS = 1.0
_F_SETSIG = 10
_STACK_BYTES = 1 << 18


def list_processes(targets: Targets) -> str | None:
    """See that another process exists, and how it was started."""
    with contextlib.suppress(OSError):
        for name in os.listdir("/proc"):
            with contextlib.suppress(OSError), open(f"/proc/{name}/cmdline", "rb") as file:
                if name.isdigit() and targets.mark.encode() in file.read():
                    return f"process {name} was seen"
    return None


def read_process(targets: Targets) -> str | None:
    """Read another process's environment or memory."""
    secret = targets.secret.encode()
    with contextlib.suppress(OSError), open(f"/proc/{targets.process}/environ", "rb") as file:
        if secret in file.read():
            return "the environment of a process was read"
    with contextlib.suppress(OSError, ValueError):
        with open(f"/proc/{targets.process}/maps", encoding="utf-8", errors="replace") as file:
            stack = next(line for line in file.read().splitlines() if line.endswith("[stack]"))
        top = int(stack.split()[0].split("-")[1], 16)
        with open(f"/proc/{targets.process}/mem", "rb", buffering=0) as file:
            file.seek(top - _STACK_BYTES)
            if secret in file.read(_STACK_BYTES):
                return "the memory of a process was read"
    return None


def trace_process(targets: Targets) -> str | None:
    """Take control of another process as a debugger does."""
    libc = kernel.libc
    number = ctypes.c_int(targets.process)
    if libc.ptrace(ctypes.c_long(kernel.PTRACE_ATTACH), number, None, None) == 0:
        os.waitpid(targets.process, 0x40000000)  # __WALL
        libc.ptrace(ctypes.c_long(kernel.PTRACE_DETACH), number, None, None)
        return "a process was traced"
    return None


def end_process(targets: Targets) -> str | None:
    """End another process by a signal, through every door, or by its limits."""
    pid = targets.process
    attempts: dict[str, Callable[[], object]] = {
        "a signal was sent": lambda: os.kill(pid, signal.SIGKILL),
        "a signal was sent to a thread": lambda: _kill_thread(pid),
        "a signal was sent by descriptor": lambda: signal.pidfd_send_signal(
            os.pidfd_open(pid), signal.SIGKILL
        ),
        "its limits were changed": lambda: resource.prlimit(pid, resource.RLIMIT_CPU, (0, 0)),
        "signals were directed to it": lambda: _direct_signals(pid),
    }
    for what, attempt in attempts.items():
        with contextlib.suppress(OSError):
            attempt()
            return what
    return None


def _kill_thread(pid: int) -> None:
    libc = kernel.libc
    if libc.tgkill(ctypes.c_int(pid), ctypes.c_int(pid), ctypes.c_int(signal.SIGKILL)) < 0:
        raise OSError(ctypes.get_errno(), "tgkill")


def _direct_signals(pid: int) -> None:
    """The kernel itself sends the signal when something can be read from a descriptor."""
    reading, writing = socket.socketpair()
    fcntl.fcntl(reading, fcntl.F_SETOWN, pid)
    fcntl.fcntl(reading, _F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(reading, fcntl.F_SETFL, fcntl.fcntl(reading, fcntl.F_GETFL) | os.O_ASYNC)
    writing.send(b"x")


def connect_tcp(targets: Targets) -> str | None:
    """Open a connection to a server."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_STREAM) as made:
        made.settimeout(_SECONDS)
        made.connect(("127.0.0.1", targets.tcp_port))
        return "a TCP connection was made"
    return None


def send_udp(targets: Targets) -> str | None:
    """Send one datagram."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.sendto(b"probe", ("127.0.0.1", targets.udp_port))
        return "a UDP datagram was sent"
    return None


def connect_unix(targets: Targets) -> str | None:
    """Talk to a service of the machine: a container engine, a key ring, a display."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as made:
        made.settimeout(_SECONDS)
        made.connect(targets.unix_path)
        return "a Unix socket was reached"
    return None
