"""A student's notebook in a cage: its definitions are run there, and each exercise has a child that answers.

Nothing that comes back is trusted; a process that dies is replaced, a few times.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from attentif_grading.contracts import Contract
from attentif_grading.grader.cages import CageLost, CageSession, NoCage, child_socket
from attentif_grading.grader.conversation import RemoteAnswer
from attentif_grading.grader.patience import Patience
from attentif_worker.cells import DEFINITIONS, WHOLE
from attentif_worker.packing import BadFrame
from attentif_worker.wire import Closed, Connection, TooLate

# After these modes a cell that ends or hangs the worker is left out.
_LADDER = {WHOLE: DEFINITIONS, DEFINITIONS: None}


@dataclass(frozen=True)
class RunCell:
    """A cell for the worker.

    Args:
        name: for messages.
        source: as in the notebook.
        mode: whole, or definitions only.
        place: exercises whose cells have all run when this one has.
        given: whether it is a cell of the release's set-up, whose names can be restored.
    """

    name: str
    source: str
    mode: str = WHOLE
    place: tuple[str, ...] = ()
    given: bool = False


class NotebookRun:
    """A student's notebook in a cage, its definitions run.

    Args:
        make_session: makes a cage.
        cells: in their order.
        patience: how long to wait.

    Attributes:
        errors: cell → what it raised, or why it was left out.
        alive: whether there is a worker that can answer.
        until: when the patience with its exercises ends.
        doubtful: exercises that have lost marks here, or would have with the student's own parts.

    Raises:
        CageLost: there is no cage to be had; it is a NoCage if none of the cells has run.
    """

    def __init__(self, make_session: Callable[[], CageSession], cells: Sequence[RunCell], patience: Patience):
        self._ran = False
        try:
            self._start(make_session, cells, patience)
        except CageLost as error:
            if self._ran:
                raise
            raise NoCage(str(error)) from error

    def _start(
        self, make_session: Callable[[], CageSession], cells: Sequence[RunCell], patience: Patience
    ) -> None:
        self.patience = patience
        self.errors: dict[str, str] = {}
        self.alive = False
        self.doubtful: set[str] = set()
        self._make_session, self._cells = make_session, list(cells)
        self._modes: list[str | None] = [cell.mode for cell in cells]
        self._session = make_session()
        self._worker: Connection | None = None
        self._closed: set[str] = set()  # exercises whose parts have been lent
        self._restarts = patience.restarts
        self._replaced = False
        self._define()
        self.until = time.monotonic() + patience.exercises

    def end(self) -> None:
        """End all that runs."""
        self._session.end()

    def _define(self) -> None:
        """Run all cells; one that ends the worker is run again for its definitions, then left out."""
        self.alive, deadline = False, time.monotonic() + self.patience.cells
        while not self.alive and self._restarts >= 0:
            self._restarts -= 1
            self.errors = {}
            if self._worker is not None:
                self._worker.close()
            try:
                self._worker = self._session.start_worker()
            except CageLost:  # what ran in it was too much for it
                self._session = self._make_session()
                self._worker = self._session.start_worker()
            stopped = self._run_all(self._modes, deadline)
            if stopped is None:
                self.alive = True
                return
            self._modes[stopped] = _LADDER[self._modes[stopped]]
            if time.monotonic() > deadline:
                # What took so long may be many cells: from here on, definitions only, and a little more time.
                self._modes = [mode and DEFINITIONS for mode in self._modes]
                deadline = time.monotonic() + self.patience.cell

    def _run_all(self, modes: Sequence[str | None], deadline: float) -> int | None:
        for number, (cell, mode) in enumerate(zip(self._cells, modes, strict=True)):
            if mode is None:
                self.errors[cell.name] = "left out"
                continue
            order = {"do": "cell", "source": cell.source, "mode": mode, "place": list(cell.place)}
            until = min(deadline, time.monotonic() + self.patience.cell)
            self._ran = True
            try:
                self._worker.send(order | {"given": cell.given}, until)
                said = self._worker.receive(until)
                if not isinstance(said, dict):
                    raise BadFrame("no answer")
                error = said["error"]
            except (Closed, TooLate, BadFrame, TypeError, KeyError):
                return number
            if isinstance(error, str):
                self.errors[cell.name] = error[:300]
        return None

    def answer(self, contract: Contract, lent: Mapping[str, Contract], restore: bool = False) -> RemoteAnswer:
        """The student's answer to an exercise.

        Args:
            contract: of the exercise.
            lent: the exercises whose known-good parts may be lent to it. From then on they can no longer be judged
                here: what the code has seen of them could serve as an answer.
            restore: whether names of the set-up and of Python have their own meaning again.

        Raises:
            ValueError: the exercise has been lent before.
        """
        if contract.name in self._closed:
            raise ValueError(
                f"{contract.name} has been lent to another exercise and cannot be judged any more"
            )
        self._closed |= set(lent)
        return RemoteAnswer(self, contract, lent, restore)

    def child(self, contract: Contract, restore: bool, deadline: float) -> Connection:
        """A connection to a fresh child for an exercise; everything else that the worker has started is ended.

        A worker that has died meanwhile is replaced, its cells run again. Where that happens once more, it may be what
        the cells leave behind (threads without an end): of the student's own, only definitions are run then.

        Raises:
            Closed, TooLate, CageLost: there is none.
        """
        try:
            return self._child(contract, restore, deadline)
        except (Closed, CageLost):
            if self._replaced:
                self._modes = [
                    mode and (mode if cell.given else DEFINITIONS)
                    for cell, mode in zip(self._cells, self._modes, strict=True)
                ]
            self._replaced = True
            self._define()
            if not self.alive:
                raise
            return self._child(contract, restore, time.monotonic() + self.patience.begin)

    def _child(self, contract: Contract, restore: bool, deadline: float) -> Connection:
        self._session.sweep()
        order = {"do": "exercise", "exercise": contract.name, "restore": restore, "threads": 1}
        return child_socket(self._worker, order | {"limits": asdict(self.patience.child)}, deadline)
