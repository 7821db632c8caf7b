"""The arguments of one call: fresh copies of a request's values, and which of them the code wrote to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch

from attentif.checks import recipes
from attentif.checks.values import Recipe

_PLAIN = (bool, int, float, str, type(None))


class Arguments:
    """Builds the arguments of a call; nothing that is handed out is shared with the request.

    Args:
        wrt: names of the arrays whose gradient is asked for.
        known_good: gives the implementation of a dependency by exercise name, for recipes of parts.
    """

    def __init__(self, wrt: Iterable[str] = (), known_good: Callable[[str], Any] | None = None):
        self.wrt, self.known_good = frozenset(wrt), known_good
        self.tensors: dict[str, torch.Tensor] = {}
        self.objects: dict[str, Any] = {}
        self._before: dict[str, np.ndarray] = {}
        self._containers: dict[str, tuple[list | dict, list | dict]] = {}

    def build(self, value: Any, name: str) -> Any:
        """The argument that a value of a request stands for: arrays as tensors, containers all the way down.

        Raises:
            TypeError: a value of a type that does not travel.
        """
        if isinstance(value, torch.Tensor):
            value = value.detach().cpu().numpy()
        if isinstance(value, np.ndarray):
            tensor = torch.from_numpy(value.copy())
            if name in self.wrt:
                tensor.requires_grad_()
            self.tensors[name], self._before[name] = tensor, value
            return tensor
        if isinstance(value, Recipe):
            self.objects[name] = recipes.build(value, self.known_good, self.objects)
            return self.objects[name]
        if isinstance(value, tuple):
            return tuple(self.build(item, f"{name}[{place}]") for place, item in enumerate(value))
        if isinstance(value, list):
            # Without a call for each item that is plain: lists of tokens are long.
            made = [
                item if type(item) in _PLAIN else self.build(item, f"{name}[{place}]")
                for place, item in enumerate(value)
            ]
            self._containers[name] = made, list(made)
            return made
        if isinstance(value, dict):
            made = {key: self.build(item, f"{name}[{key!r}]") for key, item in value.items()}
            self._containers[name] = made, dict(made)
            return made
        if isinstance(value, (*_PLAIN, np.generic)):
            return value
        raise TypeError(f"a {type(value).__name__} cannot be sent to a student's code")

    def parameters(self) -> dict[int, str]:
        """The names of the parameters of the models among the arguments, by the id of each."""
        models = [made for made in self.objects.values() if isinstance(made, torch.nn.Module)]
        return {id(parameter): name for model in models for name, parameter in model.named_parameters()}

    def changed(self) -> tuple[str, ...]:
        """Names of the arrays and containers that are no longer as they were built."""
        arrays = [name for name, tensor in self.tensors.items() if not _equal(tensor, self._before[name])]
        containers = [name for name, (now, was) in self._containers.items() if not _same_items(now, was)]
        return (*arrays, *containers)


def _equal(tensor: torch.Tensor, array: np.ndarray) -> bool:
    now = tensor.detach().numpy()
    return now.dtype == array.dtype and np.array_equal(now, array, equal_nan=array.dtype.kind in "fc")


def _same_items(now: list | dict, was: list | dict) -> bool:
    """Whether a container still holds the same things; what they hold themselves is looked at by its own name."""
    if len(now) != len(was):
        return False
    if isinstance(was, list):
        return all(map(_same, now, was))
    return all(key in now and _same(now[key], item) for key, item in was.items())


def _same(now: Any, was: Any) -> bool:
    # Equality is asked of plain values only: an object of the student's could claim anything.
    return now is was or (type(now) is type(was) and type(was) in _PLAIN and now == was)
