"""A child for one exercise: the judge sends requests, it runs them on the student's code and sends what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from attentif.checks.examining import own_parts
from attentif.checks.student import LocalStudent, error_line
from attentif.checks.values import Outcome, Request
from attentif.judged import judging
from attentif_worker.packing import BadFrame
from attentif_worker.remote_parts import RemoteParts
from attentif_worker.wire import Connection


def answer(connection: Connection, namespace: Mapping[str, Any]) -> None:
    """Serve the requests for one exercise until the judge closes.

    The first message names the exercise; see `attentif_grading.grader.conversation` for the others.
    """
    about = connection.receive()
    name, method = about["exercise"], about["method"]
    wiring = SimpleNamespace(parts=about["parts"], called=tuple(about["called"]))
    if name not in namespace:
        connection.send({"there": False, "own": []})
        return
    target = namespace[name]
    own = own_parts(wiring, target, namespace)
    connection.send({"there": True, "own": sorted(own)})
    remote = RemoteParts(connection, about["offered"])
    serving: dict[str, Any] = {}
    with judging(name):
        while True:
            asked = connection.receive()
            if not isinstance(asked, Request):
                # Its own parts where it has them, and known-good ones for the rest.
                serving = {part: own[part] for part in asked["own"] if part in own}
                continue
            try:
                outcome = LocalStudent(target, method, remote, serving, wiring.called, alone=True).run(asked)
            except Exception as error:  # the request could not be built
                connection.send({"fault": error_line(error)})
                continue
            _send(connection, outcome)


def _send(connection: Connection, outcome: Outcome) -> None:
    try:
        connection.send(outcome)
    except BadFrame as error:
        connection.send(Outcome(error=f"ValueError: a result that cannot be sent: {error}"[:300]))
