"""Catalogued implementations judged as students' answers are: in another process, by values over the wire.

They are ours, so a copy of this process serves, without a cage; all the rest is the judge's usual way.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from attentif.rescue import known_good
from attentif_grading.contracts import Contract
from attentif_grading.exercises import Exercise
from attentif_grading.grader.conversation import RemoteAnswer
from attentif_grading.grader.lent_parts import lent_to
from attentif_grading.grader.patience import Patience
from attentif_grading.other_ways import OtherWays
from attentif_worker.answering import answer as serve
from attentif_worker.wire import Closed, Connection

# Many implementations are wrong, and none is hostile: a slow machine must not change what is said of them.
PATIENCE = Patience(begin=60.0, request=60.0, exercise=600.0, exercises=86400.0)


class CatalogueRun:
    """What stands for a notebook: implementations by name, each child a copy of this process.

    Args:
        namespace: exercise → function or class.
        ways: what the implementation does otherwise, found out while it runs; the children tell it.
    """

    alive = True
    doubtful = frozenset()
    patience = PATIENCE

    def __init__(self, namespace: Mapping[str, Any], ways: OtherWays | None = None):
        self.namespace, self.ways = dict(namespace), ways
        self.until = time.monotonic() + self.patience.exercises
        self._children: list[tuple[int, int]] = []

    def child(self, contract: Contract, restore: bool, deadline: float) -> Connection:
        """A connection to a fresh child, see `NotebookRun.child`."""
        mine, theirs = socket.socketpair()
        told, telling = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                mine.close()
                serve(Connection(theirs, with_files=False), self.namespace)
            except Closed:
                pass
            finally:
                if self.ways is not None:
                    os.write(telling, " ".join(self.ways.taken).encode())
                os._exit(0)
        theirs.close()
        os.close(telling)
        self._children.append((child, told))
        return Connection(mine, with_files=False)

    def end(self) -> None:
        """Wait for the children, whose connections are closed."""
        for child, told in self._children:
            os.waitpid(child, 0)
            with os.fdopen(told, "rb") as file:
                taken = file.read().decode().split()
            if self.ways is not None:
                self.ways.taken.update(taken)


@contextmanager
def remote_answer(
    exercise: Exercise,
    target: Any,
    parts: Callable[[str], Any] = known_good,
    ways: OtherWays | None = None,
) -> Iterator[RemoteAnswer]:
    """An answer to an exercise in a process of its own.

    Args:
        exercise: the exercise.
        target: its function or class.
        parts: gives what is lent by exercise name.
        ways: where it is noted what the target really does otherwise, see `compositions`.
    """
    run = CatalogueRun({exercise.name: target}, ways)
    answer = RemoteAnswer(run, exercise.contract, lent_to(exercise.contract), parts=parts)
    try:
        yield answer
    finally:
        answer.close()
        run.end()
