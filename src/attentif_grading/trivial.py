"""Answers that know nothing, for which no check may pay."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import torch

from attentif_grading.exercises import Exercise


def trivial_answers(exercise: Exercise) -> dict[str, Callable]:
    """By name: unwritten, None, the first input, and right-shaped zeros, ones and noise."""
    reference, method = exercise.reference, exercise.contract.method
    true_function = getattr(reference, method) if method else reference

    def shaped(fill: Callable[[torch.Tensor], torch.Tensor], number: float) -> Callable:
        def answer(*args: Any, **kwargs: Any) -> Any:
            # On copies: an answer that knows nothing has no effect on a model either.
            args, kwargs = copy.deepcopy((args, kwargs))
            value = true_function(*args, **kwargs)
            # A text that is all of the answer has no numbers: nothing of it may stay.
            return "" if isinstance(value, str) else _replace(value, fill, number)

        return answer

    def first_input(*args: Any, **kwargs: Any) -> Any:
        values = [*args[1 if method else 0 :], *kwargs.values()]
        return values[0] if values else None

    def unwritten(*args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError

    def noise(x: torch.Tensor) -> torch.Tensor:
        return torch.rand_like(x) if x.is_floating_point() else torch.zeros_like(x)

    return {
        "unwritten": unwritten,
        "none": lambda *args, **kwargs: None,
        "first_input": first_input,
        "zeros": shaped(torch.zeros_like, 0.0),
        "ones": shaped(torch.ones_like, 1.0),
        "noise": shaped(noise, 0.5),
    }


def _replace(value: Any, fill: Callable, number: float) -> Any:
    if isinstance(value, torch.Tensor):
        return fill(value)
    if isinstance(value, np.ndarray):
        return fill(torch.from_numpy(value)).numpy()
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(_replace(item, fill, number) for item in value))
    if isinstance(value, (tuple, list)):
        return type(value)(_replace(item, fill, number) for item in value)
    if isinstance(value, dict):
        return {key: _replace(item, fill, number) for key, item in value.items()}
    if is_dataclass(value):
        names = [each.name for each in fields(value) if each.init]
        return replace(value, **{n: _replace(getattr(value, n), fill, number) for n in names})
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return type(value)(number)
    return value
