"""What stands for `attentif.rescue` while grading: every part has its name, and refuses.

The rescue lets a notebook run at home. Here it would only ever be an answer: where an exercise needs known-good parts
of others, the judge lends them (`attentif_worker.remote_parts`).
"""

from __future__ import annotations

from typing import Any

from torch import nn

from attentif.errors import InputError
from attentif.language import text


class _Refusing(nn.Module):
    def __init__(self, *args: Any, **kwargs: Any):
        raise InputError(
            expected=text("an answer of your own", "votre propre réponse"),
            got=text("the rescue part", "la partie de secours"),
            remedy=text(
                "at grading there is none: it lets a notebook run, it is not an answer",
                "il n'y en a pas à la correction : elle permet au carnet de s'exécuter, ce n'est pas une réponse",
            ),
        )


class _Parts(dict):
    """By the name of the exercise, whichever it is: the list of exercises need not be known here."""

    def __missing__(self, exercise: str) -> type:
        self[exercise] = type(exercise, (_Refusing,), {})
        return self[exercise]


REFUSES = True
PARTS = _Parts()


def known_good(exercise: str) -> Any:
    """The part of this name, which refuses."""
    return PARTS[exercise]


def __getattr__(name: str) -> Any:
    from attentif.checks.store import known_exercises  # not above: the checks import this module

    if name not in known_exercises():
        raise AttributeError(name)
    return PARTS[name]
