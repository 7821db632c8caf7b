"""A name that is not known: the one that was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def remedy_for(name: str, known: Iterable[str], what: str) -> str:
    """What to do about an unknown name: the nearest known one if any is near, then all of them.

    >>> remedy_for("Causal_maks", ["causal_mask", "fill_mask"], "with checks")
    'did you mean causal_mask? with checks: causal_mask, fill_mask'
    >>> remedy_for("x", ["causal_mask", "fill_mask"], "with checks")
    'with checks: causal_mask, fill_mask'
    """
    by_lower_case = {each.lower(): each for each in known}
    near = difflib.get_close_matches(str(name).lower(), by_lower_case, n=1)
    everything = f"{what}: {', '.join(by_lower_case.values()) or 'none'}"
    return f"did you mean {by_lower_case[near[0]]}? {everything}" if near else everything
