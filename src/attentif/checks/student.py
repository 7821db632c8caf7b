"""The student's code as a check sees it: it receives inputs and returns values, nothing else."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn

from attentif.checks.arguments import Arguments
from attentif.checks.values import Outcome, Recipe, Request, freeze
from attentif.errors import ExerciseNotDone

SEED = 20_260


class Student(Protocol):
    """Runs requests on a student's code, wherever it lives."""

    def run(self, request: Request) -> Outcome:
        """The outcome of one request."""


class LocalStudent:
    """A student's function or class in this process.

    Args:
        target: the function or class.
        method: for a class, the method that the exercise is about.
        known_good: gives the implementation of a dependency by exercise name; with None,
            parts are left out of the call and the student's own defaults are used.
    """

    def __init__(
        self, target: Any, method: str | None = None, known_good: Callable[[str], Any] | None = None
    ):
        self.target, self.method, self.known_good = target, method, known_good

    def run(self, request: Request) -> Outcome:
        """Build the arguments, call, freeze what comes back; whatever the code does, an Outcome returns.

        Raises:
            KeyboardInterrupt: whoever runs the checks wants to stop.
            Exception: the request itself cannot be built, a fault of the check and not of the code.
        """
        with _quiet_and_unchanged():
            arguments = Arguments(request.wrt, self.known_good)
            args = [arguments.build(value, str(position)) for position, value in enumerate(request.args)]
            kwargs = {name: arguments.build(value, name) for name, value in self._offered(request.kwargs)}
            init = None
            if request.init is not None:
                offered = self._offered(request.init)
                init = {name: arguments.build(value, f"init.{name}") for name, value in offered}
            try:
                return self._call(request, arguments, args, kwargs, init)
            except KeyboardInterrupt:
                raise
            except (NotImplementedError, ExerciseNotDone) as error:
                return Outcome(error=error_line(error), unfinished=True)
            except BaseException as error:  # the student's code may raise anything, an exit included
                return Outcome(error=error_line(error))

    def _call(
        self, request: Request, arguments: Arguments, args: list, kwargs: dict, init: dict | None
    ) -> Outcome:
        module: nn.Module | None = None
        call = self.target
        if init is not None:
            module = self._module(request, init)
            # A method other than forward is called by its name; forward through the module, as models do.
            call = module if self.method in (None, "forward") else getattr(module, self.method)

        with torch.set_grad_enabled(request.cotangent is not None):
            result = call(*args, **kwargs)
        gradients = {}
        if request.cotangent is not None:
            gradients = self._gradients(request, result, arguments.tensors, module)
        return Outcome(value=freeze(result), gradients=gradients, inputs_changed=arguments.changed())

    def _module(self, request: Request, init: dict[str, Any]) -> nn.Module:
        module = self.target(**init)
        if request.state is not None:
            state = {name: torch.from_numpy(value.copy()) for name, value in request.state.items()}
            # The dtype of the values decides, so that checks in float64 run in float64.
            dtypes = {tensor.dtype for tensor in state.values() if tensor.is_floating_point()}
            if len(dtypes) == 1:
                module.to(dtypes.pop())
            module.load_state_dict(state)
        return module.train(request.training)

    def _offered(self, arguments: dict[str, Any]) -> list[tuple[str, Any]]:
        """The arguments without the parts, where the student's own defaults are to serve."""
        return [
            (name, value)
            for name, value in arguments.items()
            if self.known_good or not (isinstance(value, Recipe) and value.name == "part")
        ]

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


@contextmanager
def _quiet_and_unchanged():
    """Keep the caller's random state, default dtype and error stream out of the student's reach.

    Every request starts from the same random state, so that the same code gets the same verdict each time.
    """
    generators = random.getstate(), np.random.get_state(), torch.get_rng_state()
    dtype = torch.get_default_dtype()
    stderr = sys.stderr
    # nbgrader takes any text on the error stream for a failure: a warning must not cost a right answer.
    sys.stderr = sys.stdout
    random.seed(SEED)
    np.random.seed(SEED)
    torch.default_generator.manual_seed(SEED)
    try:
        yield
    finally:
        sys.stderr = stderr
        torch.set_default_dtype(dtype)
        random.setstate(generators[0])
        np.random.set_state(generators[1])
        torch.set_rng_state(generators[2])
