"""Expected numbers that a check can compare without showing them: digests of each number to three decimals.

They keep an answer from being read in a file, in a message or by a glance at the check, and no more: whoever
tries thousands of numbers against a digest finds it, with more work than computing it by hand.
"""

from __future__ import annotations

import hashlib
import math
from typing import Any

DECIMALS = 3
# One unit of the last decimal either way: roundings on the way do not cost the answer.
SLACK = 1


def seal(value: Any, place: str = "") -> Any:
    """The same structure, with the digests of all numbers that are accepted in place of each number.

    Args:
        value: numbers in lists, tuples and dicts.
        place: what the value is called; two equal numbers at two places have different digests.
    """
    if isinstance(value, dict):
        return {name: seal(item, f"{place}/{name}") for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [seal(item, f"{place}/{index}") for index, item in enumerate(value)]
    units = _units(value)
    # Sorted, so that their order does not tell which one is in the middle.
    return {
        "digests": sorted(_digest(n, place) for n in range(units - SLACK, units + SLACK + 1)),
        "at": place,
    }


def opens(sealed: dict, number: Any) -> bool:
    """Whether a number, rounded to three decimals, is one of those that were sealed."""
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        return False
    if not abs(number) < 1e9:  # infinite, NaN, or far beyond any answer
        return False
    return _digest(_units(number), sealed["at"]) in sealed["digests"]


def _units(number: float) -> int:
    return math.floor(number * 10**DECIMALS + 0.5)


def _digest(units: int, place: str) -> str:
    return hashlib.blake2b(f"{place}:{units}".encode(), digest_size=6, key=b"attentif").hexdigest()
