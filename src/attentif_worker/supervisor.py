"""The supervisor of one cage: it starts workers in it and clears up behind them. It never runs a student's code."""

from __future__ import annotations

import os
import socket
import time
from typing import Any

from attentif_worker.cage import Cage, close_descriptors, harden, limit, sweep
from attentif_worker.packing import BadFrame
from attentif_worker.probes import PROBE_LIMITS, Targets, outlived_sweep, run_probes, start_daemon
from attentif_worker.wire import Closed, Connection, TooLate
from attentif_worker.worker import work

PROBE_SECONDS = 120.0


def supervise(connection: Connection, cage: Cage) -> None:
    """Serve the judge until it closes.

    Messages: {"do": "worker"} comes with a socket and starts a worker on it; {"do": "sweep", "keep": bool} ends
    all other processes of the cage, but for the worker if `keep`, and empties its folders; {"do": "probe", "targets"}
    tries the attacks of `probes` and answers with what came of each.
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
            connection.send({"found": _probed(cage, message["targets"])})


def _started(connection: Connection, file: int, cage: Cage) -> int:
    child = os.fork()
    if child:
        os.close(file)
        return child
    try:
        close_descriptors(frozenset({file}))
        harden(cage)
        work(Connection(socket.socket(fileno=file)))
    except (Closed, BadFrame):
        pass
    finally:
        os._exit(0)


def _probed(cage: Cage, targets: dict[str, Any]) -> dict[str, str]:
    """What the attacks came to, tried where a student's code would try them."""
    mine, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        try:
            harden(cage)
            if os.fork() == 0:
                close_descriptors(frozenset({theirs.fileno()}))
                limit(PROBE_LIMITS)
                found = run_probes(Targets(**targets | {"descriptors": (theirs.fileno(),)}))
                start_daemon()
                Connection(theirs).send(found)
        finally:
            os._exit(0)
    theirs.close()
    try:
        found = Connection(mine).receive(time.monotonic() + PROBE_SECONDS)
    except (Closed, BadFrame, TooLate):
        return {}
    sweep()
    return found | outlived_sweep()
