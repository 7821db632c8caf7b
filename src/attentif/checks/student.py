"""The student's code as a check sees it: it receives inputs and returns values, nothing else."""

from __future__ import annotations

import inspect
import linecache
import random
import sys
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn

from attentif.checks import recipes
from attentif.checks.arguments import Arguments
from attentif.checks.text import Remark
from attentif.checks.values import Outcome, Recipe, Request, freeze
from attentif.errors import ExerciseNotDone

SEED = 20_260
LINE_SHOWN = 120  # characters of a line of code


class Student(Protocol):
    """Runs requests on a student's code, wherever it lives."""

    def run(self, request: Request) -> Outcome:
        """The outcome of one request."""


class LocalStudent:
    """A student's function or class in this process.

    Args:
        target: the function or class.
        method: for a class, the method that the exercise is about.
        known_good: gives the implementation of a dependency by exercise name; with None, all parts are
            the student's own.
        own: the student's own implementations of dependencies, by exercise name, in place of known-good ones.
            A part that is handed over as it is, is left out of the call, so that the default of the
            student's code serves; a part that a class makes, is made by the student's class.
        called: exercises that the code calls by their names; where `own` does not have one, the known-good
            one stands under its name while the code runs.
        alone: whether this process is there for nothing else, so that its random state need not be put back.
    """

    def __init__(
        self,
        target: Any,
        method: str | None = None,
        known_good: Callable[[str], Any] | None = None,
        own: Mapping[str, Any] | None = None,
        called: Sequence[str] = (),
        alone: bool = False,
    ):
        self.target, self.method, self.known_good, self.own = target, method, known_good, own or {}
        self.called, self.alone = tuple(called), alone

    def run(self, request: Request) -> Outcome:
        """Build the arguments, call, freeze what comes back; whatever the code does, an Outcome returns.

        Raises:
            KeyboardInterrupt: whoever runs the checks wants to stop.
            Exception: the request itself cannot be built, a fault of the check and not of the code.
        """
        with _quiet_and_unchanged(self.alone), replaced_names(self.target, self._names_to_replace()):
            arguments = Arguments(request.wrt, self.known_good)
            args = [arguments.build(value, str(position)) for position, value in enumerate(request.args)]
            kwargs = {name: arguments.build(value, name) for name, value in self._offered(request.kwargs)}
            init = None
            if request.init is not None:
                offered = self._offered(request.init)
                init = {name: arguments.build(value, f"init.{name}") for name, value in offered}
            try:
                if init is not None:
                    init |= self._own_parts(request)
                return self._call(request, arguments, args, kwargs, init)
            except KeyboardInterrupt:
                raise
            except (NotImplementedError, ExerciseNotDone) as error:
                return Outcome(error=error_line(error), unfinished=True)
            except BaseException as error:  # the student's code may raise anything, an exit included
                line = None if self.alone else line_of(error, self.target, self.method)
                return Outcome(error=error_line(error), line=line)

    def _call(
        self, request: Request, arguments: Arguments, args: list, kwargs: dict, init: dict | None
    ) -> Outcome:
        module: nn.Module | None = None
        call = self.target
        if init is not None:
            module = self._module(request, init)
            # A method other than forward is called by its name; forward through the module, as models do.
            call = module if self.method in (None, "forward") else getattr(module, self.method)

        with torch.set_grad_enabled(request.cotangent is not None or bool(request.after)):
            result = call(*args, **kwargs)
        gradients = {}
        if request.cotangent is not None:
            gradients = self._gradients(request, result, arguments.tensors, module)
        value = freeze(result, parameters=arguments.parameters())
        if request.after:
            states = {name: freeze(arguments.objects[name].state_dict()) for name in request.after}
            value = {"returned": value, **states}
        return Outcome(value=value, gradients=gradients, inputs_changed=arguments.changed())

    def _module(self, request: Request, init: dict[str, Any]) -> nn.Module:
        module = self.target(**init)
        if request.state is not None:
            state = {name: torch.from_numpy(value.copy()) for name, value in request.state.items()}
            # The dtype of the values decides, so that checks in float64 run in float64.
            dtypes = {tensor.dtype for tensor in state.values() if tensor.is_floating_point()}
            if len(dtypes) == 1:
                _to_dtype(module, dtypes.pop())
            module.load_state_dict(state)
        return module.train(request.training)

    def _names_to_replace(self) -> dict[str, Any]:
        """Known-good implementations of what the code calls by name, where its own are not to serve."""
        if self.known_good is None:
            return {}
        return {name: self.known_good(name) for name in self.called if name not in self.own}

    def _is_own(self, value: Any) -> bool:
        """Whether an argument is a part that the student's own implementation stands for."""
        if not (isinstance(value, Recipe) and value.name == "part"):
            return False
        return self.known_good is None or value.arguments["exercise"] in self.own

    def _offered(self, arguments: dict[str, Any]) -> list[tuple[str, Any]]:
        """The arguments without the parts that are the student's own."""
        return [(name, value) for name, value in arguments.items() if not self._is_own(value)]

    def _own_parts(self, request: Request) -> dict[str, Any]:
        """What the student's own classes make of the constructor's parts; whatever they raise is the student's."""
        return {
            name: recipes.made(self.own[value.arguments["exercise"]], value)
            for name, value in request.init.items()
            if self._is_own(value) and "init" in value.arguments and value.arguments["exercise"] in self.own
        }

    @staticmethod
    def _gradients(request, result, tensors, module) -> dict[str, np.ndarray | None]:
        output = result[0] if isinstance(result, (tuple, list)) else result
        wanted = {name: tensors[name] for name in request.wrt}
        if request.parameter_gradients and module is not None:
            wanted |= dict(module.named_parameters())
        names = list(wanted)
        if not (isinstance(output, torch.Tensor) and output.requires_grad):
            return dict.fromkeys(names)
        cotangent = torch.from_numpy(request.cotangent.copy()).to(output.dtype)
        values = torch.autograd.grad(output, list(wanted.values()), cotangent, allow_unused=True)
        return {name: None if g is None else freeze(g) for name, g in zip(names, values, strict=True)}


def _to_dtype(module: nn.Module, dtype: torch.dtype) -> None:
    tensors = (*module.parameters(), *module.buffers())
    if any(tensor.is_floating_point() and tensor.dtype != dtype for tensor in tensors):
        module.to(dtype)


def names_of(target: Any) -> dict[str, Any] | None:
    """The global names that a function sees, those of a notebook for instance; None if it is no function."""
    # A decorator, such as torch.no_grad, comes from a module with names of its own.
    return inspect.unwrap(target).__globals__ if inspect.isfunction(target) else None


@contextmanager
def replaced_names(target: Any, names: Mapping[str, Any]):
    """While it lasts, a function finds these things under these global names."""
    seen = names_of(target) if names else None
    if seen is None:
        yield
        return
    before = {name: seen[name] for name in names if name in seen}
    seen.update(names)
    try:
        yield
    finally:
        for name in names:
            del seen[name]
        seen.update(before)


def error_line(error: BaseException) -> str:
    """TypeName: message, in one short line, even if the error cannot tell its message."""
    name = type(error).__name__
    try:
        message = " ".join(str(error).split())[:300]
    except KeyboardInterrupt:
        raise
    except BaseException:
        return name
    return f"{name}: {message}" if message else name


def line_of(error: BaseException, target: Any, method: str | None = None) -> tuple[int, str] | None:
    """The last line of the student's that an error passed, by number and text; None where there is none.

    Nothing of the library is the student's, and of a notebook first the cell of this function or class.
    """
    function = getattr(target, method or "forward", None) if inspect.isclass(target) else target
    names, code = (
        names_of(function),
        getattr(inspect.unwrap(function), "__code__", None) if function else None,
    )
    if names is None or code is None:
        return None
    own = [step for step in traceback.walk_tb(error.__traceback__) if step[0].f_globals is names]
    own = [step for step in own if step[0].f_code.co_filename == code.co_filename] or own
    if not own:
        return None
    frame, number = own[-1]
    source = linecache.getline(frame.f_code.co_filename, number, frame.f_globals)
    return number, source.strip()[:LINE_SHOWN]


@contextmanager
def _quiet_and_unchanged(alone: bool):
    """Keep the caller's random state, default dtype and error stream out of the student's reach.

    Every request starts from the same random state, so that the same code gets the same verdict each time.
    """
    generators = None if alone else (random.getstate(), np.random.get_state(), torch.get_rng_state())
    dtype = torch.get_default_dtype()
    stderr = sys.stderr
    # nbgrader takes any text on the error stream for a failure: a warning must not cost a right answer.
    sys.stderr = sys.stdout
    random.seed(SEED)
    np.random.seed(SEED)
    torch.default_generator.manual_seed(SEED)
    try:
        with warnings.catch_warnings():
            # The library's remarks are about texts that the check chose, not the student.
            warnings.simplefilter("ignore", Remark)
            yield
    finally:
        sys.stderr = stderr
        torch.set_default_dtype(dtype)
        if generators is not None:
            random.setstate(generators[0])
            np.random.set_state(generators[1])
            torch.set_rng_state(generators[2])
