"""Which exercise is being judged: its own rescue part, and those that would do its work, are not offered meanwhile."""

from __future__ import annotations

from contextlib import contextmanager

from attentif.errors import InputError
from attentif.language import text

# Of each pair, one with other arguments does what the other is asked for.
ALIKE = ({"EncoderBlock", "DecoderBlock"}, {"masked_lm_loss", "causal_lm_loss"})

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
        InputError: the exercise that it replaces, or one that it could do the work of, is being judged.
    """
    # Wherever it stands: judging something else meanwhile does not free it.
    refused = {exercise}.union(*(pair for pair in ALIKE if exercise in pair))
    if refused & set(_judged):
        raise InputError(
            expected=text(f"an answer of your own to {exercise}", f"votre propre réponse à {exercise}"),
            got=text("the rescue part", "la partie de secours"),
            remedy=text(
                "the rescue lets the rest of the notebook run, it is not an answer",
                "elle permet au reste du carnet de s'exécuter, ce n'est pas une réponse",
            ),
        )
