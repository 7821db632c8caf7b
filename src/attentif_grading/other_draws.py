"""Other draws from the same law: a right answer may use the generator in its own way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

# The largest number below 1 that a uniform draw gives.
_BELOW_ONE = {torch.float32: 1 - 2.0**-24, torch.float64: 1 - 2.0**-53}


def drawn_otherwise(name: str, receiver: Any, written: Callable, args: tuple, options: dict) -> Any:
    """The call `written` of torch or of a numpy generator, mirrored; None if it has no mirror image here."""
    if receiver is torch:
        mirrored = _OF_TORCH.get(name)
    else:
        mirrored = _OF_NUMPY.get(name) if isinstance(receiver, np.random.Generator) else None
    return mirrored(written, args, options) if mirrored else None


def _uniform(written: Callable, args: tuple, options: dict) -> Any:
    """1 − u in the place of u."""
    if "dtype" in options and options["dtype"] not in (*_BELOW_ONE, np.float64):
        return None
    drawn = written(*args, **options)
    return _BELOW_ONE.get(getattr(drawn, "dtype", None), _BELOW_ONE[torch.float64]) - drawn


def _integers(written: Callable, args: tuple, options: dict) -> Any:
    """The numbers from low to high − 1, counted from the other end."""
    # torch's size may stand where the upper bound of others does.
    bounds = args[:1] if len(args) > 1 and isinstance(args[1], (tuple, list)) else args[:2]
    whole = all(isinstance(bound, (int, np.integer)) for bound in bounds)
    if not bounds or not whole or {"low", "high", "endpoint"} & set(options):
        return None
    low, high = (0, *map(int, bounds))[-2:]
    return low + high - 1 - written(*args, **options)


def _order(written: Callable, args: tuple, options: dict) -> Any:
    drawn = written(*args, **options)
    return len(drawn) - 1 - drawn


def _categories(written: Callable, args: tuple, options: dict) -> Any:
    """The categories in the opposite order."""
    if not args or not isinstance(args[0], Tensor) or args[0].ndim == 0:
        return None
    return args[0].size(-1) - 1 - written(args[0].flip(-1), *args[1:], **options)


_OF_TORCH = {"rand": _uniform, "randint": _integers, "randperm": _order, "multinomial": _categories}
_OF_NUMPY = {"random": _uniform, "integers": _integers}
DRAWS = frozenset((*_OF_TORCH, *_OF_NUMPY))
