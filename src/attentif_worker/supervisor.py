"""The supervisor of one cage: it starts workers in it and clears up behind them. It never runs a student's code."""

from __future__ import annotations

import os
import signal
import socket
from typing import Any

from attentif_worker.cage import Cage, Limits, harden, limit, sweep
from attentif_worker.probes import run_probes
from attentif_worker.wire import BadFrame, Closed, Connection
from attentif_worker.worker import work


def supervise(connection: Connection, cage: Cage) -> None:
    """Serve the judge until it closes.

    Messages: {"do": "worker"} comes with a socket and starts a worker on it; {"do": "sweep", "keep": bool} ends
    all other processes of the cage, but for the worker if `keep`, and empties its folders; {"do": "probe", "targets",
    "limits"} tries the attacks of `probes` and answers with what came of each.
    """
    worker: int | None = None
    while True:
        try:
            message, files = connection.receive_with_files()
        except (Closed, BadFrame):
            return
        if message["do"] == "worker":
            worker = _started(connection, files[0], cage)
            connection.send({"done": True})
        elif message["do"] == "sweep":
            keep = frozenset({worker}) if message["keep"] and worker else frozenset()
            sweep(keep)
            connection.send({"done": True})
        else:
            connection.send({"found": _probed(cage, message)})
            sweep()


def _started(connection: Connection, file: int, cage: Cage) -> int:
    child = os.fork()
    if child:
        os.close(file)
        return child
    try:
        connection.close()
        harden(cage)
        work(Connection(socket.socket(fileno=file)))
    except (Closed, BadFrame):
        pass
    finally:
        os._exit(0)


def _probed(cage: Cage, message: dict[str, Any]) -> dict[str, str]:
    """What the attacks came to, tried where a student's code would try them."""
    mine, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        try:
            mine.close()
            harden(cage)
            limit(Limits(**message["limits"]))
            Connection(theirs).send(run_probes(message["targets"]))
        finally:
            os._exit(0)
    theirs.close()
    try:
        return Connection(mine).receive()
    except (Closed, BadFrame):
        return {}
    finally:
        os.kill(child, signal.SIGKILL)
