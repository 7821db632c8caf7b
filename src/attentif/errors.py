"""Errors that a user can act on: what was expected, what was got, what to do."""

from __future__ import annotations


class AttentifError(Exception):
    """Base of the library's own errors; the command line prints them in one line and exits with 2."""


class InputError(AttentifError, ValueError):
    """A value or file that cannot be used.

    >>> str(InputError(expected="d_model divisible by n_heads", got="10 and 3", remedy="try n_heads=2"))
    'expected d_model divisible by n_heads, got 10 and 3; try n_heads=2'
    """

    def __init__(self, *, expected: str, got: str, remedy: str):
        super().__init__(f"expected {expected}, got {got}; {remedy}")
        self.expected, self.got, self.remedy = expected, got, remedy


class ExerciseNotDone(AttentifError, NotImplementedError):
    """A part that the student has still to write (the body of an exercise in the student's library)."""
