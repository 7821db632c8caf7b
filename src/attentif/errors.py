"""Errors that a user can act on, in the user's language: what was expected, what was got, what to do."""

from __future__ import annotations

from functools import partial
from typing import Any

from attentif.language import colon, current_language, say, text

_SENTENCE = text(
    "expected {expected}, got {got}; {remedy}", "attendu : {expected} ; obtenu : {got} ; {remedy}"
)


class AttentifError(Exception):
    """Base of the library's own errors; the command line prints them in one line and exits with 2."""


class ExplainedError(AttentifError):
    """An error in three parts, said in one sentence.

    Args:
        expected, got, remedy: each in both languages (see `attentif.language.text`), or one string for both;
            of anything else, what str makes of it. The sentence is made when it is shown, in the language of
            that moment.
        sentence: the whole, in place of the three parts.
    """

    def __init__(self, sentence: str = "", *, expected: Any = "", got: Any = "", remedy: Any = ""):
        parts = {"expected": expected, "got": got, "remedy": remedy}
        self._said = {name: part if isinstance(part, dict) else str(part) for name, part in parts.items()}
        self._whole = str(sentence)
        super().__init__(self._sentence("en"))

    @property
    def expected(self) -> str:
        """What was expected, in the current language."""
        return say(self._said["expected"])

    @property
    def got(self) -> str:
        """What was got, in the current language."""
        return say(self._said["got"])

    @property
    def remedy(self) -> str:
        """What to do, in the current language."""
        return say(self._said["remedy"])

    def _sentence(self, language: str) -> str:
        if self._whole:
            return self._whole
        said = {name: say(part, language) for name, part in self._said.items()}
        return _SENTENCE[language].format(**said)

    def __str__(self) -> str:
        return self._sentence(current_language())

    def __reduce__(self) -> tuple:
        # An exception is copied and unpickled by its positional arguments, which hold too little here.
        return partial(type(self), self._whole, **self._said), (), self.__dict__


class InputError(ExplainedError, ValueError):
    """A value or file that cannot be used.

    >>> str(InputError(expected="d_model divisible by n_heads", got="10 and 3", remedy="try n_heads=2"))
    'expected d_model divisible by n_heads, got 10 and 3; try n_heads=2'
    """


def too_small(name: str, value: float, least: float) -> InputError:
    """The error about a setting that is below the least that it may be, or NaN."""
    return InputError(
        expected=text(f"{name} of at least {least}", f"{name} d'au moins {least}"),
        got=str(value),
        remedy=text("raise it", "augmentez cette valeur"),
    )


class ExerciseNotDone(AttentifError, NotImplementedError):
    """A part that the student has still to write (the body of an exercise in the student's library).

    >>> str(ExerciseNotDone("causal_mask: à écrire dans le carnet / to be written in the notebook"))
    'causal_mask: to be written in the notebook'
    """

    def __str__(self) -> str:
        said = super().__str__()
        name, _, both = said.partition(": ")
        french, slash, english = both.partition(" / ")
        return f"{name}{colon()}{say(text(english, french))}" if slash else said
