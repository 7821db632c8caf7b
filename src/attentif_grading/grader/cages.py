"""The judge's end of the zygote and of its cages: processes are started, cleared and ended from here."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

from attentif.errors import AttentifError
from attentif_worker.cage import Cage
from attentif_worker.packing import BadFrame
from attentif_worker.probes import Targets
from attentif_worker.wire import Closed, Connection, TooLate, connected

START_SECONDS = 300.0  # to import everything once, from a cold disk
ORDER_SECONDS = 150.0  # to start, clear or end a process
# All that a worker sees of this process's environment.
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "ATTENTIF_GRADING": "1",
    "CUDA_VISIBLE_DEVICES": "",
    "HF_HUB_OFFLINE": "1",
    "MPLBACKEND": "Agg",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_OFFLINE": "1",
}


class CageLost(AttentifError):
    """A cage that could not be made, or that no longer answers."""


class NoCage(CageLost):
    """A cage that was lost before any code of the student's ran in it: this machine is at fault."""


class Zygote:
    """A process that has imported everything once and is copied for each notebook.

    Args:
        start: the program of a box, see `box.make_box`.
        warm_up: sources of the release's set-up cells, run once so that all that they import is there.
    """

    def __init__(self, start: Path, warm_up: tuple[str, ...] = ()):
        self.start, self.warm_up = start, warm_up
        self._process: subprocess.Popen | None = None
        self._connection: Connection | None = None

    def __enter__(self) -> Zygote:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """End it, and all cages with it."""
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(ORDER_SECONDS)
            self._process.kill()
            self._process.wait()
        self._process = self._connection = None

    def ready(self) -> None:
        """Start it, where it does not run.

        Raises:
            CageLost: it ends at once.
        """
        if self._process is None or self._process.poll() is not None:
            self._begin()

    def ask(self, message: Mapping[str, Any], *files: int) -> dict[str, Any]:
        """Its answer to a message; it is started, or started again, where it is needed.

        Raises:
            CageLost: it does not answer.
        """
        self.ready()
        try:
            self._connection.send(dict(message), _soon(), files)
            return self._connection.receive(_soon())
        except (Closed, TooLate, BadFrame) as error:
            self.end()
            raise CageLost("the process that starts the workers has died") from error

    def _begin(self) -> None:
        self.end()
        mine, theirs = connected()
        command = [sys.executable, "-I", "-B", str(self.start), str(theirs.fileno())]
        self._process = subprocess.Popen(
            command,
            env=ENVIRONMENT,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=(theirs.fileno(),),
        )
        theirs.close()
        self._connection = mine
        try:
            mine.send({"sources": list(self.warm_up)})
            mine.receive(time.monotonic() + START_SECONDS)
        except (Closed, TooLate, BadFrame) as error:
            self._process.kill()
            said = self._process.stderr.read().decode(errors="replace").strip().splitlines()
            self.end()
            raise CageLost(
                f"expected a process that starts workers, got one that ends at once ({' | '.join(said[-2:])[-300:]}); "
                "is this Python able to import torch?"
            ) from error


class CageSession:
    """One cage: a supervisor that answers to the judge, and a worker at a time.

    Args:
        zygote: what it is copied from.
        cage: how it is confined.

    Raises:
        CageLost: it cannot be made.
    """

    def __init__(self, zygote: Zygote, cage: Cage):
        self.zygote = zygote
        self.supervisor, theirs = connected()
        try:
            self.pid = zygote.ask({"do": "cage", "cage": asdict(cage)}, theirs.fileno())["pid"]
        finally:
            theirs.close()
        failed = self._ordered(None)["failed"]
        if failed:
            self.end()
            raise CageLost(str(failed))

    def start_worker(self) -> Connection:
        """A fresh worker; the one before it is ended first."""
        mine, theirs = connected()
        try:
            self._ordered({"do": "sweep", "keep": False})
            self._ordered({"do": "worker"}, theirs.fileno())
        finally:
            theirs.close()
        return mine

    def sweep(self) -> None:
        """End all that the worker has started, and empty the cage's folders."""
        self._ordered({"do": "sweep", "keep": True})

    def probe(self, targets: Targets) -> dict[str, str]:
        """What comes of the attacks of `attentif_worker.probes` in this cage."""
        found = self._ordered({"do": "probe", "targets": asdict(targets)})["found"]
        return {str(name): str(said) for name, said in found.items()}

    def end(self) -> None:
        """End the supervisor, and with it all that it has started."""
        self.supervisor.close()
        with contextlib.suppress(CageLost):
            self.zygote.ask({"do": "end", "pid": self.pid})

    def _ordered(self, message: dict[str, Any] | None, *files: int) -> dict[str, Any]:
        try:
            if message is not None:
                self.supervisor.send(message, _soon(), files)
            return self.supervisor.receive(_soon())
        except (Closed, TooLate, BadFrame) as error:
            self.end()
            raise CageLost("a worker's supervisor does not answer") from error


def _soon() -> float:
    return time.monotonic() + ORDER_SECONDS


def child_socket(worker: Connection, message: Mapping[str, Any], deadline: float) -> Connection:
    """The connection to a child that a worker starts for this message.

    Raises:
        Closed, TooLate: the worker does not take it.
    """
    mine, theirs = socket.socketpair()
    try:
        worker.send(dict(message), deadline, (theirs.fileno(),))
    except BaseException:
        mine.close()
        raise
    finally:
        theirs.close()
    return Connection(mine, with_files=False)
