"""A rescue part is offered for everything but the exercise that it replaces."""

from __future__ import annotations

from contextlib import contextmanager

from attentif.errors import InputError
from attentif.language import text

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
            expected=text(f"an answer of your own to {exercise}", f"votre propre réponse à {exercise}"),
            got=text("the rescue part", "la partie de secours"),
            remedy=text(
                "the rescue lets the rest of the notebook run, it is not an answer",
                "elle permet au reste du carnet de s'exécuter, ce n'est pas une réponse",
            ),
        )
