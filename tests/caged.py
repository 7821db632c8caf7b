"""Run a function where a student's code runs: in a child of a hardened worker in a cage."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from attentif_worker import cage as cages
from attentif_worker.cage import Cage, CageFailed, Limits
from attentif_worker.probes import PROBE_DISK_BYTES, PROBE_LIMITS

ROOT = os.geteuid() == 0
NOBODY = 65534
OWN_USER = 61_234
# As root, the way to an ordinary user is short; as an ordinary user there is no way back.
USERS = ("root", "ordinary") if ROOT else ("ordinary",)
SHORT = Limits(cpu_seconds=20, memory_bytes=256 << 20, file_bytes=8 << 20, processes=24, open_files=128)


# The number of S as it sees itself, last.
supervisor: list[int] = []


class Refused(AssertionError):
    """The cage was not to be had."""


def make_cage(kind: str, user: str, folder: Path, **changes: Any) -> Cage:
    """A cage for tests.

    Args:
        kind: see `Cage`.
        user: whom the caller is: root, who drops to a user of the cage's own, or ordinary.
        folder: a private one, handed over.
        changes: other fields.
    """
    own = OWN_USER if user == "root" else None
    folder.mkdir(exist_ok=True)
    if user == "ordinary" and ROOT:
        os.chown(folder, NOBODY, NOBODY)
    fields = {
        "readable": cages.default_readable(), "hidden": cages.default_hidden(), "folder": str(folder),
        "uid": own, "gid": own, "disk_bytes": PROBE_DISK_BYTES,
    }  # fmt: skip
    cage = Cage(kind, **{**fields, **changes})
    cages.prepare(cage)
    if kind != "namespaces" and "readable" not in changes:
        # Python may lie in a home that the user of the cage may not enter. All is imported already.
        own_user = OWN_USER if user == "root" else NOBODY if ROOT else os.geteuid()
        readable = tuple(path for path in cage.readable if _readable_to(own_user, path))
        return make_cage(kind, user, folder, **{**changes, "readable": readable})
    return cage


def _readable_to(uid: int, path: str) -> bool:
    return in_fork(lambda: (os.geteuid() == 0 and os.setresuid(uid, uid, uid), os.access(path, os.R_OK))[1])


def in_cage(
    cage: Cage,
    user: str,
    act: Callable[[int], Any],
    *,
    after_sweep: Callable[[], Any] = lambda: None,
    limits: Limits = PROBE_LIMITS,
    keep_worker: bool = False,
) -> tuple[Any, Any]:
    """What `act` returns in C, which is given the one descriptor that is open there, and `after_sweep` in S.

    Raises:
        Refused: the cage was refused.
        AssertionError: something failed on the way.
    """

    def supervise(line: int) -> Any:
        cages.close_descriptors({line})
        if user == "ordinary" and os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
        try:
            cages.enclose(cage)
        except CageFailed as failure:
            return {"refused": str(failure)}
        supervisor.append(os.getpid())
        said, worker = _worker(cage, act, limits, keep_worker, line)
        cages.sweep(frozenset({worker}) if keep_worker else frozenset())
        return {"said": said, "after": after_sweep()}

    answer = in_fork(supervise)
    if "refused" in answer:
        raise Refused(answer["refused"])
    return answer["said"], answer["after"]


def _worker(
    cage: Cage, act: Callable[[int], Any], limits: Limits, lives_on: bool, not_theirs: int
) -> tuple[Any, int]:
    """Fork W, which forks C; W lives on if asked to."""
    reading, writing = os.pipe()
    worker = os.fork()
    if worker == 0:
        try:
            os.close(reading)
            os.close(not_theirs)
            cages.harden(cage)
            child = os.fork()
            if child == 0:
                cages.limit(limits)
                _send(writing, lambda: act(writing))
            os.close(writing)
            os.waitpid(child, 0)
            if lives_on:
                time.sleep(60)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writing)
    said = _receive(reading)
    return said, worker


def in_fork(act: Callable[..., Any], seconds: float = 60.0) -> Any:
    """What the function returns in a forked process; it may take the descriptor that leads back."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _send(writing, lambda: act(writing) if act.__code__.co_argcount else act())
    os.close(writing)
    try:
        return _receive(reading)
    finally:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(child, 0)


def _send(line: int, act: Callable[[], Any]) -> None:
    try:
        said = {"value": act()}
    except BaseException:
        said = {"error": traceback.format_exc()}
    content = json.dumps(said).encode() + b"\n"
    while content:
        content = content[os.write(line, content) :]
    os._exit(0)


def _receive(line: int) -> Any:
    # One line, not all until the end: what a student's code leaves running holds the other end open.
    with open(line, "rb") as file:
        content = file.readline()
    assert content, "the process ended without a word"
    said = json.loads(content)
    assert "error" not in said, said["error"]
    return said["value"]


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder that every user can reach (pytest's own is closed to others), removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="attentif-cage-") as name:
        os.chmod(name, 0o755)
        yield Path(name)
