"""Values that can travel: what checks send to a student's code, and what comes back.

Requests and results are made of None, booleans, numbers, strings, lists, tuples, dicts,
numpy arrays, and recipes (the name of something to build there, with a seed). They are plain data,
so a judge in one process can examine code that runs in another.
"""

from __future__ import annotations

import base64
import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import torch


@dataclass(frozen=True)
class Recipe:
    """Something that the student's side builds by itself: a generator, a model, a known-good part.

    Args:
        name: "generator", "part", or a factory of `attentif.checks.recipes`.
        arguments: plain values.
    """

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


def generator(seed: int) -> Recipe:
    """A torch.Generator on the CPU with this seed."""
    return Recipe("generator", {"seed": seed})


def part(exercise: str, **init: Any) -> Recipe:
    """A known-good implementation of an exercise on which the one under judgement depends.

    With arguments it is what the exercise's class makes of them: a block is given its parts already made.
    """
    return Recipe("part", {"exercise": exercise, "init": init} if init else {"exercise": exercise})


def argument(name: str) -> Recipe:
    """What was built for an earlier keyword argument of the same call, as an argument of another recipe."""
    return Recipe("argument", {"name": name})


@dataclass(frozen=True)
class Opaque:
    """A value of a type that does not travel; it equals nothing."""

    type_name: str


@dataclass(frozen=True)
class Record:
    """A dataclass or named tuple that a student's code returned: its fields by name.

    A parameter of a model among the arguments is a Record too: "parameter", with the field `name`.
    """

    type_name: str
    fields: dict[str, Any]


@dataclass(frozen=True)
class Request:
    """One call of a student's function, or of a method of a student's class.

    Args:
        args, kwargs: the call's arguments.
        init: for a class, the arguments of its constructor.
        state: for a class, parameter values by name, loaded before the call.
        training: for a class, whether the module is in training mode.
        cotangent: with it, gradients are asked for: of ⟨result, cotangent⟩, where the result
            is the first item if it is a tuple.
        wrt: names of keyword arguments whose gradient is asked for.
        parameter_gradients: whether those of all parameters are too.
        after: names of keyword arguments whose state is asked for after the call. The value is then
            {"returned": the result, NAME: its state_dict …}, and the code may compute gradients itself.
    """

    args: tuple = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    init: dict[str, Any] | None = None
    state: dict[str, np.ndarray] | None = None
    training: bool = False
    cotangent: np.ndarray | None = None
    wrt: tuple[str, ...] = ()
    parameter_gradients: bool = False
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What came back: a value, or the error that the code raised instead.

    Args:
        value: the result, frozen.
        gradients: by argument or parameter name; None where there is no gradient.
        error: "TypeName: message", or None.
        unfinished: the code says itself that it is not written yet.
        line: number and text of the line of the code's own cell where the error was met, where that is known. It is for
            students who look at their own code: a worker tells none.
        inputs_changed: names of the arrays, lists and dicts among the arguments that the code wrote to;
            `batch['ids']` is an item of `batch`.
    """

    value: Any = None
    gradients: dict[str, np.ndarray | None] = field(default_factory=dict)
    error: str | None = None
    unfinished: bool = False
    inputs_changed: tuple[str, ...] = ()
    line: tuple[int, str] | None = None


_PLAIN = (bool, int, float, str, type(None))


def freeze(value: Any, depth: int = 0, parameters: Mapping[int, str] | None = None) -> Any:
    """Copy a result into plain data that the student's code holds no handle on.

    Args:
        value: what came back.
        depth: how deep inside a result it stands.
        parameters: id of a tensor → name, for those that are known to be parameters of a model.
    """
    if depth > 8:
        return Opaque(type(value).__name__)
    # First, and without a call for each item of a list below: lists of tokens are long.
    if type(value) in _PLAIN:
        return value
    if parameters and id(value) in parameters:
        return Record("parameter", {"name": parameters[id(value)]})
    inside = partial(freeze, depth=depth + 1, parameters=parameters)
    if isinstance(value, torch.Tensor):
        plain = value.detach().cpu()
        # numpy has no bfloat16; the values are exact in float32, and the dtype is noted beside.
        if plain.dtype == torch.bfloat16:
            return Record("bfloat16", {"values": _base_array(plain.float().numpy())})
        return _base_array(plain.numpy())
    if isinstance(value, np.ndarray):
        return _base_array(value)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        names = value._fields
        return Record(type(value).__name__, {n: inside(getattr(value, n)) for n in names})
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [f.name for f in dataclasses.fields(value)]
        return Record(type(value).__name__, {n: inside(getattr(value, n)) for n in names})
    if isinstance(value, (list, tuple)):
        items = [item if type(item) in _PLAIN else inside(item) for item in value]
        return tuple(items) if isinstance(value, tuple) else items
    if isinstance(value, Mapping):
        return {str(key): inside(item) for key, item in value.items()}
    return Opaque(type(value).__name__)


def _base_array(value: Any) -> Any:
    """A copy that is an ndarray and no subclass, whose operators a student could have written."""
    array = np.array(value, subok=False)
    return Opaque("ndarray of objects") if array.dtype.hasobject else array


# JSON form of the same values, for the stored inputs and expected results of public checks.

_DATACLASSES = {"Recipe": Recipe, "Request": Request, "Record": Record, "Opaque": Opaque}


def to_json(value: Any, digits: int | None = None) -> Any:
    """Plain data as JSON; floats rounded to `digits` significant ones so that files are the same everywhere."""
    if isinstance(value, np.ndarray):
        if digits is not None and value.dtype.kind == "f":
            rounded = [float(f"%.{digits}g" % number) for number in value.ravel().tolist()]
            return {"array": rounded, "dtype": value.dtype.name, "shape": list(value.shape)}
        raw = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
        return {"raw": raw, "dtype": value.dtype.name, "shape": list(value.shape)}
    if isinstance(value, tuple(_DATACLASSES.values())):
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        return {"type": type(value).__name__, "fields": to_json(fields, digits)}
    if isinstance(value, tuple):
        return {"tuple": [to_json(item, digits) for item in value]}
    if isinstance(value, list):
        return [to_json(item, digits) for item in value]
    if isinstance(value, dict):
        return {"dict": {key: to_json(item, digits) for key, item in value.items()}}
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": repr(value)}  # JSON has no infinity
    if isinstance(value, float) and digits is not None:
        return float(f"%.{digits}g" % value)
    return value


def from_json(value: Any) -> Any:
    """The inverse of `to_json`."""
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "raw" in value:
        flat = np.frombuffer(base64.b64decode(value["raw"]), dtype=value["dtype"])
        return flat.reshape(value["shape"]).copy()
    if "array" in value:
        return np.array(value["array"], dtype=value["dtype"]).reshape(value["shape"])
    if "number" in value:
        return float(value["number"])
    if "type" in value:
        return _DATACLASSES[value["type"]](**from_json(value["fields"]))
    if "tuple" in value:
        return tuple(from_json(item) for item in value["tuple"])
    return {key: from_json(item) for key, item in value["dict"].items()}
