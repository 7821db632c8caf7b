"""A worker: it runs a notebook's definitions, then forks a child for each exercise. All of it is the student's side.

From the moment the first cell has run, nothing that this process says is trusted: it can only answer, and each answer
is judged as a value.
"""

from __future__ import annotations

import gc
import os
import random
import signal
import socket
import sys
import warnings
from typing import Any

import numpy as np
import torch

from attentif_worker.answering import answer
from attentif_worker.cells import Cells
from attentif_worker.limits import Limits, limit
from attentif_worker.wire import Connection

SEED = 0


def work(connection: Connection) -> None:
    """Serve the judge until it closes.

    Messages: {"do": "cell", "source", "mode", "place"} runs a cell and answers {"error"}; "place" names the exercises
    whose cells have run by then. {"do": "exercise", "limits", "restore"} comes with a socket, on which a child answers;
    see `answering`. `restore` says whether names of the notebook's set-up and of Python itself, where the student has
    given them another meaning, have their own again.
    """
    _silent()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are not waited for
    cells, places, given, folder = Cells(), {}, {}, os.getcwd()
    own: dict[str, Any] = {}  # what a name meant before an import of the library's took its place
    while True:
        message, files = connection.receive_with_files()
        if message["do"] == "cell":
            before = dict(cells.namespace)
            error = cells.run(message["source"], message["mode"])
            _no_alarms()
            new = _new_names(before, cells.namespace)
            if message["given"]:
                given.update(new)
            for name, value in new.items():
                if not _of_library(value):
                    own.pop(name, None)
                elif name in before and not _of_library(before[name]):
                    own[name] = before[name]
            for exercise in message["place"]:
                places[exercise] = dict(cells.namespace)
            connection.send({"error": error})
        else:
            if os.fork() == 0:
                about = {**message, "folder": folder}
                _in_child(connection, files[0], cells.namespace, places, given, own, about)
            os.close(files[0])


def _in_child(
    connection: Connection,
    file: int,
    namespace: dict,
    places: dict,
    given: dict,
    own: dict,
    message: dict[str, Any],
) -> None:
    """Answer for one exercise, then end, whatever happens."""
    try:
        connection.close()
        ordinary(message["threads"], message["folder"])
        # As the notebook was when this exercise had been written: what is redefined further down is for what
        # stands further down. The exercise's own name has its last meaning, unless that is a result of its use, or an
        # import of what the library has under this name, which is empty here: another exercise's cell may begin so.
        exercise = message["exercise"]
        last = namespace.get(exercise)
        namespace.update(places.get(exercise, {}))
        if callable(last) and not _of_library(last):
            namespace[exercise] = last
        elif exercise in own and _of_library(namespace.get(exercise)):
            namespace[exercise] = own[exercise]
        if message["restore"]:
            namespace.update({name: value for name, value in given.items() if name != exercise})
            for name in [name for name in namespace if name in dir(namespace["__builtins__"])]:
                if not name.startswith("__"):
                    del namespace[name]
        limit(Limits(**message["limits"]))
        answer(Connection(socket.socket(fileno=file), with_files=False), namespace)
    finally:
        os._exit(0)


def _of_library(thing: Any) -> bool:
    try:
        return str(getattr(thing, "__module__", "")).partition(".")[0] == "attentif"
    except Exception:  # an object of a student's may refuse to be asked
        return False


def _new_names(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What a cell has defined itself: a name that a cell above it has spoilt is not its doing."""
    return {
        name: value
        for name, value in after.items()
        if not name.startswith("__") and (name not in before or before[name] is not value)
    }


def ordinary(n_threads: int, folder: str) -> None:
    """Put back what a cell may have set for the whole process, so that it does not reach other exercises.

    Args:
        n_threads: for torch.
        folder: to work in.
    """
    torch.set_default_dtype(torch.float32)
    torch.set_default_device(None)  # any other, "cpu" too, has every function of torch go through Python
    torch.set_num_threads(n_threads)
    torch.set_grad_enabled(True)
    torch.use_deterministic_algorithms(False)
    torch.autograd.set_detect_anomaly(False)
    np.seterr(divide="warn", over="warn", under="ignore", invalid="warn")
    random.seed(SEED)
    np.random.seed(SEED)
    torch.default_generator.manual_seed(SEED)  # torch.manual_seed prepares every kind of device as well
    sys.setrecursionlimit(1000)
    sys.settrace(None)
    sys.setprofile(None)
    _no_alarms()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGXCPU):
        signal.signal(number, signal.SIG_DFL)
    warnings.resetwarnings()
    warnings.simplefilter("ignore")
    os.chdir(folder)
    gc.enable()


def _no_alarms() -> None:
    """A timer that a cell has set would go off in another, or between two."""
    for timer, number in (
        (signal.ITIMER_REAL, signal.SIGALRM),
        (signal.ITIMER_VIRTUAL, signal.SIGVTALRM),
        (signal.ITIMER_PROF, signal.SIGPROF),
    ):
        signal.signal(number, signal.SIG_IGN)
        signal.setitimer(timer, 0)
        signal.signal(number, signal.SIG_DFL)


def _silent() -> None:
    """Nothing is read from or written to the standard streams: what is printed costs no memory and is not shown."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        setattr(sys, name, os.fdopen(os.dup(null), mode))
    os.close(null)
