"""Talking with a child that answers for one exercise of a student's notebook.

Nothing that comes back is trusted. A message that is late, damaged or too large costs the request that it should
have answered.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from attentif.checks.values import Outcome, Request
from attentif.rescue import known_good
from attentif_grading.contracts import Contract
from attentif_grading.grader.cages import CageLost
from attentif_grading.grader.remembered_parts import RememberedParts
from attentif_worker.cells import DEFINITIONS, WHOLE
from attentif_worker.packing import TAG, BadFrame, Raw, digest, pack, unpack
from attentif_worker.wire import Closed, Connection, TooLate

if TYPE_CHECKING:
    from attentif_grading.grader.notebook_run import NotebookRun

# After these modes a cell that ends or hangs the worker is left out.
_LADDER = {WHOLE: DEFINITIONS, DEFINITIONS: None}
BEGINNINGS = 3  # children that are tried until one begins to answer
# How the headers of an outcome and of a fault begin; anything else is a question about a part.
_OUTCOME = f'{{"{TAG}":"Outcome"'.encode()
_FAULT = f'{{"{TAG}":"dict","items":[["fault"'.encode()


class RemoteAnswer:
    """An answer in a child process, see `attentif.checks.examining.Answer`.

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
        trail: a digest of all that it has answered so far, in order.
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
        self.trail = b""
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
            reply = self._asked(frame, own, deadline)
        except _Lost as lost:
            reply = Reply(outcome=Outcome(error=lost.said))
        finally:
            self.seconds += time.monotonic() - began
        self.trail = blake2b(self.trail + (reply.digest or b"lost"), digest_size=16).digest()
        return reply

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
        parts: RememberedParts | None = None
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
                if raw[0].startswith(_FAULT):
                    said = unpack(*raw)
                    raise RequestFault(str(said["fault"])[:400])
                parts = parts or RememberedParts(self.lent, self.known_good)
                self._child.send_frame(parts.answer(raw), deadline)

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
                reply.raw, reply.digest, reply.outcome = None, None, Outcome(error=lost.said)
        self.inputs_changed = self.inputs_changed or bool(reply.outcome.inputs_changed)
        error = reply.outcome.error
        return reply.outcome if error is None else replace(reply.outcome, error=error[:400], line=None)

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

    def __init__(self, raw: Raw | None = None, outcome: Outcome | None = None):
        self.raw, self.outcome = raw, outcome

    @cached_property
    def digest(self) -> bytes | None:
        """Sixteen bytes that tell this reply from any other; None if nothing came."""
        return None if self.raw is None else digest(self.raw)


@dataclass(frozen=True)
class Working:
    """An answer with some parts of the student's own, as checks see it."""

    answer: RemoteAnswer
    own: tuple[str, ...]

    def run(self, request: Request) -> Outcome:
        """The outcome of one request."""
        return self.answer.read(self.answer.ask(pack(request), self.own))
