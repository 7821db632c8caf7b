"""What the checks draw by themselves: the same in every run, unless whoever runs them has it drawn anew.

Below an exercise, a student meets the same inputs each time. At grading the same checks are put with inputs that nobody
has seen: everything that a check takes from here then changes, and the check itself does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")


@dataclass(frozen=True)
class _Source:
    """Where draws come from: numbers that go into every seed, and facts that stand for the stored ones."""

    entropy: tuple[int, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


_AS_STORED = _Source()
_SOURCE: ContextVar[_Source] = ContextVar("source")


@contextmanager
def drawn_from(rng: np.random.Generator, facts: Mapping[str, Any] | None = None) -> Iterator[None]:
    """While it lasts, what the checks draw depends on this generator, whatever their order.

    Args:
        rng: gives four numbers; nothing more is drawn from it.
        facts: what stands for constants of the checks that go with their inputs, by name.
    """
    entropy = tuple(int(number) for number in rng.integers(2**32, size=4))
    token = _SOURCE.set(_Source(entropy, facts or {}))
    try:
        yield
    finally:
        _SOURCE.reset(token)


def rng_from(*seed: int) -> np.random.Generator:
    """The generator of a check's inputs.

    >>> float(rng_from(3).random()) == float(np.random.default_rng([3]).random())
    True
    """
    return np.random.default_rng([*_SOURCE.get(_AS_STORED).entropy, *seed])


def seed_from(seed: int | None) -> int | None:
    """The seed that a check hands over; None stays None, and different ones stay different.

    >>> seed_from(7)
    7
    """
    if seed is None or not _SOURCE.get(_AS_STORED).entropy:
        return seed
    # The last digits keep the seed itself, so that no two of a check fall together.
    return int(rng_from(seed).integers(2**20)) * 2**10 + seed % 2**10


def fact(name: str, stored: T) -> T:
    """A constant that goes with the inputs of a check: the stored one, unless another one stands for it."""
    return _SOURCE.get(_AS_STORED).facts.get(name, stored)
