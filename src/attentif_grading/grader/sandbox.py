"""Choosing the sandbox: cages of each kind are made as for grading, and the attacks are tried in them."""

from __future__ import annotations

from dataclasses import replace

from attentif_grading.grader.cages import CageLost, CageSession
from attentif_grading.grader.canaries import Canaries
from attentif_grading.grader.levels import Sandbox, choose_level
from attentif_grading.grader.workplace import Workplace
from attentif_worker.failing import CageFailed
from attentif_worker.probes import PROBE_DISK_BYTES


def choose_sandbox(workplace: Workplace, allow_weak: bool = False) -> Sandbox:
    """The strongest sandbox that this machine gives, see `choose_level`.

    Args:
        workplace: of the process that asks.
        allow_weak: whether level C will do.
    """

    def tried(kind: str) -> dict[str, str]:
        cage = replace(workplace.cage(kind), disk_bytes=PROBE_DISK_BYTES)
        try:
            session = CageSession(workplace.zygote, cage)
        except CageLost as error:
            raise CageFailed(str(error)) from error
        try:
            with Canaries() as canaries:
                return canaries.verified(session.probe(canaries.targets(workplace.library)))
        except CageLost:
            return {}
        finally:
            session.end()

    return choose_level(tried, allow_weak)
