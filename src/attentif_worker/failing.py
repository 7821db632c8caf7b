"""The error of a confinement that is not to be had here."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator


class CageFailed(OSError):
    """A step of confinement was refused; a weaker kind may do.

    Args:
        step: which one, in words.
        number: the errno, 0 if there is none.
    """

    def __init__(self, step: str, number: int = 0):
        super().__init__(number, f"{step}: {os.strerror(number)}" if number else step)
        self.step = step
        self.number = number

    def __str__(self) -> str:
        return self.args[1]


@contextlib.contextmanager
def step(name: str) -> Iterator[None]:
    """What is refused in here is told as this step's failure."""
    try:
        yield
    except CageFailed:
        raise
    except OSError as error:
        about = f"{name} ({error.filename})" if error.filename else name
        raise CageFailed(about, error.errno or 0) from error
