"""Reaching a dask cluster, whose machines judge in place of this one."""

from __future__ import annotations

import socket
from concurrent.futures import CancelledError, Executor
from typing import Any
from urllib.parse import urlsplit

from attentif.checks.text import text
from attentif.errors import InputError

SECONDS = 20


def connect(address: str) -> tuple[Any, Executor, int]:
    """A client, its executor and the number of workers.

    Encryption and who may connect are dask's own settings, see docs/cluster.md.

    Raises:
        InputError: distributed is not installed, nothing answers, or there is no worker.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError(
            expected=text(
                "dask's distributed, to reach a cluster", "distributed, de dask, pour joindre une grappe"
            ),
            got=text("none", "rien"),
            remedy="pip install 'attentif[cluster]'",
        ) from error
    try:
        client = Client(address, timeout=f"{SECONDS}s")
    except (OSError, TimeoutError, ValueError) as error:
        raise InputError(
            expected=text(f"a dask scheduler at {address}", f"un ordonnanceur dask à {address}"),
            got=text("no answer", "aucune réponse"),
            remedy=text(
                "start it with `dask scheduler`, or grade with --jobs",
                "lancez-le avec `dask scheduler`, ou corrigez avec --jobs",
            ),
        ) from error
    try:
        client.wait_for_workers(1, timeout=SECONDS)
    except TimeoutError as error:
        client.close()
        raise InputError(
            expected=text(f"a worker of the cluster at {address}", f"un ouvrier de la grappe à {address}"),
            got=text("none", "aucun"),
            remedy=text(
                f"start some with `dask worker {address}`", f"lancez-en avec `dask worker {address}`"
            ),
        ) from error
    return client, client.get_executor(pure=False), len(client.scheduler_info(n_workers=-1)["workers"])


def ended_its_worker(error: Exception) -> bool:
    """Whether a task has ended one worker after the other.

    Raises:
        InputError: it is the cluster itself that is lost.
    """
    from distributed.comm import CommClosedError
    from distributed.scheduler import KilledWorker

    if isinstance(error, (CommClosedError, CancelledError)):
        raise InputError(
            expected=text("a cluster that stays there", "une grappe qui reste là"),
            got=text("one that is gone", "une grappe disparue"),
            remedy=text(
                "start it again, then give the same command again: it goes on where it stopped",
                "relancez-la, puis redonnez la même commande : elle reprend où elle s'est arrêtée",
            ),
        ) from error
    return isinstance(error, KilledWorker)


def warning(address: str) -> str | None:
    """What to say of an address where submissions, names of checks and the salt would travel for anybody to read."""
    there = urlsplit(address if "://" in address else f"tcp://{address}")
    if there.scheme in ("tls", "wss", "inproc") or (there.hostname or "") in _here():
        return None
    return (
        f"warning: {address} is neither tls:// nor on this machine: submissions and the course's secret travel "
        "unencrypted, and whoever reaches the scheduler can run programs on it; see docs/cluster.md"
    )


def _here() -> set[str]:
    return {"localhost", "127.0.0.1", "::1", socket.gethostname().casefold()}
