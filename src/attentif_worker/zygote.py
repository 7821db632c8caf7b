"""The zygote: one process that has imported everything once, holds no secret, and is copied for each notebook."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import gc
import importlib
import os
import pkgutil
import select
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from types import ModuleType

from attentif_worker import kernel
from attentif_worker.cage import Cage, CageFailed, enclose, prepare
from attentif_worker.huge_pages import collapse
from attentif_worker.packing import BadFrame
from attentif_worker.supervisor import supervise
from attentif_worker.wire import Closed, Connection

# What notebooks import besides the library, so that no worker has to.
PRELOADED = (
    *("numpy", "torch", "scipy", "tqdm", "transformers", "matplotlib.pyplot"),
    *("IPython.core.inputtransformer2", "attentif_worker.worker"),
)

_LOOK_SECONDS = 0.5
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h


def main(file: int) -> None:
    """Serve the judge on this socket until it closes.

    The first message holds the set-up cells of what was handed out, {"sources"}; it is answered when all is imported.
    Messages after that: {"do": "cage", "cage"} comes with a socket, on which a supervisor then serves; the answer is its
    process number, and the supervisor says by itself whether the cage could be made. {"do": "end", "pid"} ends a supervisor that does not answer.
    """
    # Whose parent has ended comes to this process, which then sees it off.
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    connection = Connection(socket.socket(fileno=file))
    gc.disable()  # imports leave little garbage, and looking for it again and again takes a fifth of their time
    with _ending_with(connection):
        _warm_up(connection.receive()["sources"])
    gc.enable()
    connection.send({"ready": True})
    children: set[int] = set()
    while True:
        try:
            message, files = connection.receive_with_files()
        except (Closed, BadFrame):
            break
        _reap(children)
        if message["do"] == "cage":
            if not children:
                prepare(Cage(**message["cage"]))
            child = os.fork()
            if child == 0:
                _in_cage(connection, files[0], Cage(**message["cage"]))
            os.close(files[0])
            children.add(child)
            connection.send({"pid": child})
        elif message["do"] == "end" and message["pid"] in children:
            os.kill(message["pid"], signal.SIGKILL)
            connection.send({"done": True})
        else:
            connection.send({"done": False})
    for child in children:
        try:
            os.kill(child, signal.SIGKILL)
        except ProcessLookupError:
            continue
    os._exit(0)


def _in_cage(zygote: Connection, file: int, cage: Cage) -> None:
    zygote.close()
    connection = Connection(socket.socket(fileno=file))
    try:
        try:
            enclose(cage)
        except CageFailed as error:
            connection.send({"failed": str(error)})
            return
        connection.send({"failed": None})
        supervise(connection, cage)
    finally:
        os._exit(0)


@contextlib.contextmanager
def _ending_with(judge: Connection) -> Iterator[None]:
    """Look now and then whether the judge is still there; without it, end at once."""
    gone = select.poll()
    gone.register(judge.stream, 0)

    def look(*_: object) -> None:
        if gone.poll(0):
            os._exit(1)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, _LOOK_SECONDS, _LOOK_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def _reap(children: set[int]) -> None:
    with contextlib.suppress(ChildProcessError):
        while ended := os.waitpid(-1, os.WNOHANG)[0]:
            children.discard(ended)


def _warm_up(sources: list[str]) -> None:
    """Import all that notebooks use, and run their set-up cells as they were handed out."""
    import torch

    import attentif.pretrained
    from attentif.checks.store import known_exercises, load_exercise
    from attentif_worker.rehearsal import rehearse

    _keep_memory()
    # One thread, from the start: a process with several cannot be copied.
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    torch.autograd.set_multithreading_enabled(False)
    # Read once: each copy of this process has a copy of its own.
    attentif.pretrained.small_model = functools.cache(attentif.pretrained.small_model)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)  # set-up cells print
    with _quick_to_copy():
        ours = [found.name for found in pkgutil.walk_packages(attentif.__path__, "attentif.")]
        for name in (*PRELOADED, *(each for each in ours if not each.endswith("__main__"))):
            with contextlib.suppress(ImportError):  # a worker that needs it finds out by itself
                importlib.import_module(name)
        for exercise in known_exercises():
            load_exercise(exercise)
        for source in sources:
            with contextlib.suppress(Exception):
                exec(compile(source, "<set-up>", "exec"), {"__name__": "__main__"})
        rehearse()
    gc.collect()
    gc.freeze()  # pages that are never written again are shared by all copies
    collapse()


@contextlib.contextmanager
def _quick_to_copy() -> Iterator[None]:
    """Import without what makes copies of this process slow, and no copy needs.

    Many packages have something done in each copy, to files and connections that are not there. And a loss of
    transformers', for the detection of objects, brings most of scipy, whose many libraries are mapped in each copy.
    """
    with contextlib.ExitStack() as replaced:
        replaced.enter_context(_replaced(os, "register_at_fork", lambda **calls: None))
        with contextlib.suppress(ImportError):
            import transformers.utils

            replaced.enter_context(_replaced(transformers.utils, "is_scipy_available", lambda: False))
        yield


@contextlib.contextmanager
def _replaced(module: ModuleType, name: str, value: Callable) -> Iterator[None]:
    """While it lasts, a function of a module is another one, if the module has it."""
    there = getattr(module, name, None)
    if there is None:
        yield
        return
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, there)


def _keep_memory() -> None:
    """Have large arrays reuse memory that others have left: new pages take a process long that has many of a parent's."""
    with contextlib.suppress(AttributeError):  # a C library that is not GNU's
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, 32 * 2**20)
        mallopt(_M_TRIM_THRESHOLD, 2**30)


def tidy_path(library: str) -> None:
    """Imports come from the box first, and never from a folder that holds the staff's side."""
    staff = [place for place in sys.path if os.path.isdir(os.path.join(place, "attentif_grading"))]
    # A folder of installed packages stays, whatever else it holds: the cage hides the staff's side in it.
    sys.path[:] = [
        library,
        *(p for p in sys.path if p not in staff or os.path.basename(p) in ("site-packages", "dist-packages")),
    ]
