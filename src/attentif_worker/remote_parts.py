"""Known-good parts that live in the judge: their forward and backward passes cross the wire, their code does not.

A student's block is judged with right parts where its own are wrong. No right implementation enters the worker:
what stands here sends what it is given, and returns what the judge computes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import attentif
from attentif.checks.store import known_exercises
from attentif.checks.values import Record
from attentif.errors import InputError
from attentif_worker.wire import Connection

Ask = Callable[[dict[str, Any]], dict[str, Any]]
# Errors that keep their kind on the way; anything else arrives as a RuntimeError.
ERRORS: dict[str, type[Exception]] = {
    kind.__name__: kind for kind in (AttributeError, IndexError, InputError, KeyError, TypeError, ValueError)
}


class RemoteParts:
    """Gives, by exercise name, an implementation that asks the judge; see `LocalStudent.known_good`.

    Args:
        connection: to the judge.
        offered: the exercises on which the one under judgement depends, and whether each is a class.
    """

    def __init__(self, connection: Connection, offered: Mapping[str, bool]):
        self.connection, self.offered = connection, offered

    def __call__(self, exercise: str) -> Any:
        """A class whose instances ask the judge, or a function.

        Raises:
            LookupError: the judge does not offer this part.
        """
        if not self.offered[exercise]:
            return RemoteFunction(exercise, self.ask)

        def make(*args: Any, **init: Any) -> nn.Module:
            part = remote_classes()[exercise](*args, **init)
            part._lent = _Lent(exercise, args, init, self.ask)
            return part

        return make

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """The judge's answer; an error that the part raised there is raised here."""
        self.connection.send(question)
        answer = self.connection.receive()
        if "error" in answer:
            kind, message = answer["error"]
            raise ERRORS.get(kind, RuntimeError)(message)
        return answer


class _Lent:
    """Which part an instance stands for, and the way to the judge: its copies share it.

    Args:
        exercise: its name.
        args, init: what its constructor was given.
        ask: puts a question to the judge.
    """

    def __init__(self, exercise: str, args: tuple, init: dict[str, Any], ask: Ask):
        self.exercise, self.args, self.init, self.ask = exercise, args, init, ask

    def __deepcopy__(self, memo: dict) -> _Lent:
        return self


@cache
def remote_classes() -> dict[str, type[nn.Module]]:
    """The classes that students are given, whose constructors make the parameters, with a forward pass in the judge.

    Called before any cell has run, so that they are those that were handed out, whatever a cell makes of the library.
    """
    given = {name: getattr(attentif, name, None) for name in known_exercises()}
    return {
        name: type(name, (each,), {"forward": _forward})
        for name, each in given.items()
        if isinstance(each, type)
    }


def _forward(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
    """What the known-good part gives, with gradients."""
    lent: _Lent = self._lent
    named = list(self.named_parameters())
    call = {
        "part": "call",
        "exercise": lent.exercise,
        "made": (lent.args, lent.init),
        "training": self.training,
        "names": [name for name, _ in named],
    }
    return _called(call, lent.ask, args, kwargs, tuple(parameter for _, parameter in named))


class RemoteFunction:
    """A known-good function; the judge computes."""

    def __init__(self, exercise: str, ask: Ask):
        self.__name__, self._ask = exercise, ask

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the known-good function gives, with gradients; a generator is moved on as it would be."""
        call = {"part": "call", "exercise": self.__name__}
        return _called(call, self._ask, args, kwargs, ())


def _called(call: dict[str, Any], ask: Ask, args: tuple, kwargs: dict, parameters: tuple) -> Any:
    tensors: list[Tensor] = []
    generators: list[torch.Generator] = []
    call["args"] = _sent(args, tensors, generators)
    call["kwargs"] = _sent(kwargs, tensors, generators)
    every = (*tensors, *parameters)
    call["grad"] = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in every)
    call["needs"] = [tensor.requires_grad for tensor in every]
    shape: dict[str, Any] = {}
    outputs = _Crossing.apply(call, ask, shape, generators, *every)
    return _received(shape["value"], list(outputs))


def _sent(value: Any, tensors: list[Tensor], generators: list[torch.Generator]) -> Any:
    """A value as it travels: tensors and generators are taken out, and numbered."""
    if isinstance(value, Tensor):
        tensors.append(value)
        return Record("tensor", {"number": len(tensors) - 1})
    if isinstance(value, torch.Generator):
        generators.append(value)
        return Record("generator", {"state": value.get_state().numpy()})
    if isinstance(value, (list, tuple)):
        return type(value)([_sent(item, tensors, generators) for item in value])
    if isinstance(value, dict):
        return {key: _sent(item, tensors, generators) for key, item in value.items()}
    return value


def _received(value: Any, outputs: list[Tensor]) -> Any:
    if isinstance(value, Record) and value.type_name == "tensor":
        return outputs[value.fields["number"]]
    if isinstance(value, (list, tuple)):
        return type(value)([_received(item, outputs) for item in value])
    if isinstance(value, dict):
        return {key: _received(item, outputs) for key, item in value.items()}
    return value


def as_array(tensor: Tensor) -> Any:
    """A tensor's values; numpy has no bfloat16, whose values are exact in float32."""
    plain = tensor.detach().cpu()
    if plain.dtype == torch.bfloat16:
        return Record("bfloat16", {"values": plain.float().numpy()})
    return plain.numpy()


def as_tensor(value: Any) -> Tensor:
    """The inverse of `as_array`.

    Raises:
        TypeError: no array.
    """
    if isinstance(value, Record) and value.type_name == "bfloat16":
        return as_tensor(value.fields["values"]).bfloat16()
    if not isinstance(value, np.ndarray):
        raise TypeError(f"expected an array, got {type(value).__name__}")
    return torch.from_numpy(value.copy())


class _Crossing(torch.autograd.Function):
    """The forward and the backward pass of a part, in the judge."""

    @staticmethod
    def forward(ctx: Any, call: dict, ask: Ask, shape: dict, generators: list, *tensors: Tensor) -> tuple:
        answer = ask({**call, "tensors": [as_array(tensor) for tensor in tensors]})
        for generator, state in zip(generators, answer["generators"], strict=True):
            generator.set_state(torch.from_numpy(state.copy()))
        outputs = tuple(as_tensor(value) for value in answer["tensors"])
        differentiable = answer["differentiable"]
        ctx.mark_non_differentiable(*(o for o, d in zip(outputs, differentiable, strict=True) if not d))
        ctx.ask, ctx.number, ctx.differentiable = ask, answer["number"], differentiable
        shape["value"] = answer["value"]
        return outputs

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple:
        sent = [
            as_array(gradient)
            for gradient, differentiable in zip(gradients, ctx.differentiable, strict=True)
            if differentiable
        ]
        answer = ctx.ask({"part": "backward", "number": ctx.number, "gradients": sent})
        return (None,) * 4 + tuple(None if g is None else as_tensor(g) for g in answer["gradients"])
