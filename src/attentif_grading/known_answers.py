"""Answers of oracles, computed once a process: the hidden inputs are the same for the whole class."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from hashlib import blake2b
from typing import Any, TypeVar

from attentif_worker.packing import pack

Answer = TypeVar("Answer")
MOST = 512  # answers that are kept, the latest ones


def computed_once(oracle: Callable[..., Answer]) -> Callable[..., Answer]:
    """The same function, which computes each answer once; whoever gets one leaves it as it is.

    Args:
        oracle: a function of what can be packed: arrays, numbers, texts, recipes.
    """
    known: dict[bytes, Answer] = {}

    @wraps(oracle)
    def answer(*args: Any, **kwargs: Any) -> Answer:
        asked = blake2b(pack([list(args), kwargs]), digest_size=16).digest()
        if asked not in known:
            known[asked] = oracle(*args, **kwargs)
            while len(known) > MOST:
                known.pop(next(iter(known)))
        return known[asked]

    return answer
