"""A rescue part is offered for everything but the exercise that it replaces."""

from __future__ import annotations

from contextlib import contextmanager

from attentif.errors import InputError

_judged: list[str] = []


@contextmanager
def judging(exercise: str):
    """While an exercise is being judged, its own rescue part is not available."""
    _judged.append(exercise)
    try:
        yield
    finally:
        _judged.pop()


def offer(exercise: str) -> None:
    """What each rescue part calls first.

    Raises:
        InputError: the exercise that it replaces is being judged.
    """
    if _judged and _judged[-1] == exercise:
        raise InputError(
            expected=f"an answer of your own to {exercise}",
            got="the rescue part",
            remedy="the rescue lets the rest of the notebook run, it is not an answer",
        )
