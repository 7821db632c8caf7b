"""Talking with a student's notebook in a cage: its definitions are run, then each exercise answers requests.

Nothing that comes back is trusted. A message that is late, damaged or too large costs the request that it should
have answered; a process that dies is replaced, a few times.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import blake2b
from typing import Any

from attentif.checks.values import Outcome, Request
from attentif.rescue import known_good
from attentif_grading.contracts import Contract
from attentif_grading.grader.cages import CageLost, CageSession, child_socket
from attentif_grading.grader.lent_parts import LentParts
from attentif_worker.cage import Limits
from attentif_worker.cells import DEFINITIONS, WHOLE
from attentif_worker.wire import TAG, BadFrame, Closed, Connection, TooLate, pack, unpack

# After these modes a cell that ends or hangs the worker is left out.
_LADDER = {WHOLE: DEFINITIONS, DEFINITIONS: None}
BEGINNINGS = 3  # children that are tried until one begins to answer
_OUTCOME = f'{{"{TAG}":"Outcome"'.encode()  # how the header of an outcome begins


@dataclass(frozen=True)
class Patience:
    """How long the judge waits, in seconds of the clock, and what a child may use.

    Args:
        cell, cells: one cell, and all of a notebook.
        begin: until a child is there.
        request, exercise, exercises: one answer, all of an exercise, all exercises of a notebook.
        restarts: how often a worker that its cells have ended is started again.
        deaths: how many children an exercise may lose before it has no further one.
        child: limits of the child that answers for an exercise.
    """

    cell: float = 30.0
    cells: float = 120.0
    begin: float = 10.0
    request: float = 10.0
    exercise: float = 60.0
    exercises: float = 300.0
    restarts: int = 8
    deaths: int = 3
    child: Limits = field(
        default_factory=lambda: Limits(
            cpu_seconds=60, memory_bytes=2 * 2**30, file_bytes=16 * 2**20, processes=64, open_files=128
        )
    )


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

    Raises:
        CageLost: there is no cage to be had.
    """

    def __init__(self, make_session: Callable[[], CageSession], cells: Sequence[RunCell], patience: Patience):
        self.patience = patience
        self.errors: dict[str, str] = {}
        self.alive = False
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


class RemoteAnswer:
    """An answer in a child process, see `attentif.checks.store.Answer`.

    Args:
        run: the notebook that holds it.
        contract: of the exercise.
        lent: the exercises whose known-good parts may be lent to it.
        restore: see `NotebookRun.answer`.
        parts: gives these parts by exercise name.

    Attributes:
        trouble: why it could not answer everything, see `troubles`; None if it could.
        inputs_changed: whether an answer wrote to its inputs.
        seconds: how long it took to answer.
        there: whether the notebook defines the exercise.
    """

    def __init__(
        self,
        run: NotebookRun,
        contract: Contract,
        lent: Mapping[str, Contract],
        restore: bool = False,
        parts: Callable[[str], Any] = known_good,
    ):
        self.run, self.contract, self.lent, self.restore, self.known_good = (
            run,
            contract,
            lent,
            restore,
            parts,
        )
        self.trouble: str | None = None
        self.inputs_changed = False
        self.seconds = 0.0
        self.there = True
        self._until = min(time.monotonic() + run.patience.exercise, run.until)
        self._deaths = 0
        self._serving: tuple[str, ...] = ()
        self._child: Connection | None = None
        self.own: tuple[str, ...] = ()
        if not run.alive:
            self.trouble, self._deaths = "notebook", run.patience.deaths
        else:
            with contextlib.suppress(_Lost):
                self._begin(min(self._until, time.monotonic() + run.patience.begin))

    def student(self, own: Collection[str] = ()) -> Working:
        """See `Answer`."""
        return Working(self, tuple(own))

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def ask(self, frame: bytes, own: tuple[str, ...]) -> Reply:
        """What comes back on a packed request.

        Raises:
            RequestFault: the request cannot be built on the other side.
        """
        began = time.monotonic()
        try:
            if self._child is None:
                self._begin(min(self._until, began + self.run.patience.begin))
            deadline = min(self._until, time.monotonic() + self.run.patience.request)
            return self._asked(frame, own, deadline)
        except _Lost as lost:
            return Reply(outcome=Outcome(error=lost.said))
        finally:
            self.seconds += time.monotonic() - began

    def _begin(self, deadline: float) -> None:
        if not self.there:
            raise _Lost("NameError: it is not defined")
        if self._deaths >= self.run.patience.deaths or deadline <= time.monotonic():
            self.trouble = self.trouble or "time"
            raise _Lost("TimeoutError: not asked any more")
        with self._losing():
            said = self._begun(deadline)
            if not isinstance(said, dict):
                raise BadFrame("no beginning")
            there, own = said["there"], said["own"]
            if not (isinstance(own, list) and all(isinstance(name, str) for name in own)):
                raise BadFrame("no list of parts")
        self.there = there is True
        self.own = tuple(name for name in self.lent if name in own)
        if not self.there:
            self.trouble = self.trouble or "missing"

    def _begun(self, deadline: float) -> Any:
        """How a fresh child begins. One that ends before is not the exercise's fault: another is tried, in a fresh worker."""
        about = {
            "exercise": self.contract.name,
            "method": self.contract.method,
            "parts": dict(self.contract.parts),
            "called": list(self.contract.called),
            "offered": {name: lent.method is not None for name, lent in self.lent.items()},
        }
        for attempt in range(BEGINNINGS):
            self._child, self._serving = self.run.child(self.contract, self.restore, deadline), ()
            try:
                self._child.send(about, deadline)
                return self._child.receive(deadline)
            except Closed:
                self.close()
                if attempt == BEGINNINGS - 1:
                    raise
        return None

    def _asked(self, frame: bytes, own: tuple[str, ...], deadline: float) -> Reply:
        # Made anew for each request, which starts from the same random state: none lives on parts of another.
        parts: LentParts | None = None
        with self._losing():
            if own != self._serving:
                self._child.send({"own": list(own)}, deadline)
                self._serving = own
            self._child.send_frame(frame, deadline)
            while True:
                raw = self._child.receive_raw(deadline)
                # Most replies are outcomes, many of them known: only others are read at once.
                if raw[0].startswith(_OUTCOME):
                    return Reply(raw)
                said = unpack(*raw)
                if not isinstance(said, dict):
                    raise BadFrame("no answer")
                if isinstance(said.get("fault"), str):
                    raise RequestFault(said["fault"][:400])
                parts = parts or LentParts(self.lent, self.known_good)
                self._child.send(parts.answer(said), deadline)

    def read(self, reply: Reply) -> Outcome:
        """The outcome that a reply holds; one that cannot be read costs the child."""
        if reply.outcome is None:
            try:
                with self._losing():
                    found = unpack(*reply.raw)
                    if not isinstance(found, Outcome):
                        raise BadFrame("an answer to nothing")
                    reply.outcome = found
            except _Lost as lost:
                reply.raw, reply.outcome = None, Outcome(error=lost.said)
        self.inputs_changed = self.inputs_changed or bool(reply.outcome.inputs_changed)
        error = reply.outcome.error
        return reply.outcome if error is None else replace(reply.outcome, error=error[:400])

    @contextlib.contextmanager
    def _losing(self) -> Any:
        """What goes wrong with a child costs this request, and the child."""
        try:
            yield
        except (Closed, CageLost) as error:
            self._lose("ended", "ended: the code has ended its own process", error)
        except TooLate as error:
            self._lose("time", "TimeoutError: no answer in time", error)
        except (BadFrame, KeyError, TypeError) as error:
            self._lose("answer", "ValueError: an answer that cannot be read", error)

    def _lose(self, trouble: str, said: str, error: Exception) -> None:
        self.close()
        self._deaths += 1
        self.trouble = self.trouble or trouble
        raise _Lost(said) from error


class RequestFault(RuntimeError):
    """A request that could not be built on the other side: the check's fault, if the other side is honest."""


class _Lost(Exception):
    def __init__(self, said: str):
        super().__init__(said)
        self.said = said


class Reply:
    """What came back on a request.

    Attributes:
        raw: header and arrays as they came; None if nothing came.
        outcome: what they hold, once it has been read.
    """

    def __init__(self, raw: tuple[bytes, bytearray] | None = None, outcome: Outcome | None = None):
        self.raw, self.outcome = raw, outcome

    @property
    def digest(self) -> bytes | None:
        """Sixteen bytes that tell this reply from any other; None if nothing came."""
        if self.raw is None:
            return None
        digest = blake2b(self.raw[0], digest_size=16)
        digest.update(b"\0")
        digest.update(self.raw[1])
        return digest.digest()


@dataclass(frozen=True)
class Working:
    """An answer with some parts of the student's own, as checks see it."""

    answer: RemoteAnswer
    own: tuple[str, ...]

    def run(self, request: Request) -> Outcome:
        """The outcome of one request."""
        return self.answer.read(self.answer.ask(pack(request), self.own))
