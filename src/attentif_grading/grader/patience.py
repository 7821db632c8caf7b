"""How long the judge waits for a student's code, and what that may use."""

from __future__ import annotations

from dataclasses import dataclass, field

from attentif_worker.cage import Limits


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
