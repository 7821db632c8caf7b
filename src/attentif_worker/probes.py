"""The attacks that decide how well a cage holds: each is really tried, from where a student's code would run.

The judge's side puts out what is attacked (`Targets`) and looks afterwards at what became of it.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from attentif_worker import attacks_on_files, attacks_on_limits, attacks_on_others
from attentif_worker.attacks_on_limits import PROBE_DISK_BYTES, PROBE_LIMITS

BLOCKED = "blocked"
__all__ = [
    "BLOCKED", "NAMES", "PROBE_DISK_BYTES", "PROBE_LIMITS", "Targets", "daemon_runs", "outlived_sweep", "run_probes",
    "start_daemon",
]  # fmt: skip

_SECONDS = 5.0
_MARKER = "daemon-was-here"


@dataclass(frozen=True)
class Targets:
    """What the probes attack; all of it is put out for them and worth nothing. Plain JSON once a dict.

    Args:
        secret: stands in the file and in the environment of the process.
        secret_file: a file that may not be read or changed.
        process: a process that may not be seen, read, traced or ended; its number is above 100.
        mark: stands in the command line of that process.
        tcp_port, udp_port: on 127.0.0.1, listening.
        unix_path: of a listening socket.
        outside_folder: a folder in which anybody may write on the host.
        library_folder: where the student library lies; it may be read only.
        descriptors: open ones that are meant to be, besides the standard three.
    """

    secret: str
    secret_file: str
    process: int
    mark: str
    tcp_port: int
    udp_port: int
    unix_path: str
    outside_folder: str
    library_folder: str
    descriptors: tuple[int, ...] = ()


_Probe = Callable[[Targets], str | None]

_PROBES: Mapping[str, _Probe] = {
    "read_secret": attacks_on_files.read_secret,
    "write_outside": attacks_on_files.write_outside,
    "write_library": attacks_on_files.write_library,
    "list_processes": attacks_on_others.list_processes,
    "read_process": attacks_on_others.read_process,
    "trace_process": attacks_on_others.trace_process,
    "connect_tcp": attacks_on_others.connect_tcp,
    "send_udp": attacks_on_others.send_udp,
    "connect_unix": attacks_on_others.connect_unix,
    "end_process": attacks_on_others.end_process,
    "leave_cage": attacks_on_limits.leave_cage,
    "gain_rights": attacks_on_limits.gain_rights,
    "run_program": attacks_on_limits.run_program,
    "use_memory": attacks_on_limits.use_memory,
    "many_processes": attacks_on_limits.many_processes,
    "fill_disk": attacks_on_limits.fill_disk,
}
# These two are not run like the others: one looks at this very process, the other needs a sweep in between.
NAMES = (*_PROBES, "inherited_descriptor", "outlive_sweep")


def run_probes(targets: Targets, names: tuple[str, ...] = tuple(_PROBES)) -> dict[str, str]:
    """Try the attacks, each in a process of its own. Call it in C, under PROBE_LIMITS.

    Returns:
        for each probe "blocked", or "got through: …". What ends in an unforeseen way counts as got through.
        "outlive_sweep" is not among them: see `start_daemon`.
    """
    strange = attacks_on_files.inherited_descriptors(targets)
    table = {name: _answer(_alone(_PROBES[name], targets)) for name in names}
    return table | {"inherited_descriptor": _answer(strange)}


def start_daemon() -> None:
    """Leave a process behind that writes to the working folder for ever. Call it in C, after `run_probes`."""
    first = os.fork()
    if first:
        os.waitpid(first, 0)
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    while True:
        with contextlib.suppress(OSError), open(_MARKER, "w", encoding="utf-8"):
            pass
        time.sleep(0.02)


def daemon_runs() -> bool:
    """Whether the daemon has written since the call."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(_MARKER)
    deadline = time.monotonic() + 0.3
    while time.monotonic() < deadline:
        if os.path.exists(_MARKER):
            return True
        time.sleep(0.01)
    return False


def outlived_sweep() -> dict[str, str]:
    """The outcome of "outlive_sweep". Call it in S, in the working folder, after the sweep."""
    return {"outlive_sweep": _answer("a process outlived the sweep" if daemon_runs() else None)}


def _answer(through: str | None) -> str:
    return BLOCKED if through is None else f"got through: {through}"


def _alone(probe: _Probe, targets: Targets) -> str | None:
    """Run one probe in a process of its own."""
    reading, writing = os.pipe()
    try:
        child = os.fork()
    except OSError as error:
        os.close(reading)
        os.close(writing)
        return f"the probe could not be run: {error}"
    if child == 0:
        try:
            said = probe(targets) or BLOCKED
        except BaseException as error:
            said = f"the probe failed: {error!r}"
        os.write(writing, said.encode()[:1000])
        os._exit(0)
    os.close(writing)
    ready = select.select([reading], [], [], _SECONDS)[0]
    said = os.read(reading, 1000).decode() if ready else "no end"
    os.close(reading)
    if not ready:
        with contextlib.suppress(PermissionError):
            os.kill(child, signal.SIGKILL)
        return said
    os.waitpid(child, 0)
    # A probe that the kernel ended says nothing: it was stopped.
    return None if said in (BLOCKED, "") else said
