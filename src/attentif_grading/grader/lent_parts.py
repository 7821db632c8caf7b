"""Known-good parts at work in the judge, for a student's code in a worker; see `attentif_worker.remote_parts`.

Lent are the exercises on which the one under judgement depends, and no other: the parts of an exercise are lent only
once it has been judged itself. What a worker asks is untrusted: sizes, counts and kinds are capped.
"""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from attentif.checks.student import SEED
from attentif.checks.values import Record
from attentif.rescue import known_good
from attentif_grading.contracts import Contract, load_contracts
from attentif_worker.limits import address_space
from attentif_worker.packing import BadFrame
from attentif_worker.remote_parts import as_array, as_tensor

ENTRIES = 2**20  # of one tensor
SCORES = 2**22  # of the rows of one tensor with those of another, as an attention takes them
WIDTH = 1024  # a number given to a constructor
PARTS, CALLS, KEPT = 100, 2000, 64  # for one request
# Of address space, for the parts of one request and all that is kept for their backward passes. What a part makes of
# tensors that are small by themselves can be large: the scores of 60,000 rows with each other.
MEMORY = 2**30
# Parts that are kept for other requests, and how large each may be.
READY, READY_ENTRIES = 64, 2**17
_PLAIN = (bool, int, float, str, type(None))
_ready: dict[tuple, nn.Module] = {}


def lent_to(contract: Contract) -> dict[str, Contract]:
    """The exercises whose parts are lent to one under judgement, by name: those on which it depends."""
    contracts = load_contracts()
    return {name: contracts[name] for name in contract.depends}


class LentParts:
    """Answers the questions that a worker puts about the parts of one exercise while it answers one request.

    Args:
        lent: the exercises that may be asked for, by name.
        parts: gives their known-good implementations by name.

    Attributes:
        drew: whether the last question had a part draw random numbers.
    """

    drew = False

    def __init__(self, lent: Mapping[str, Contract], parts: Callable[[str], Any] = known_good):
        self.lent, self.known_good = lent, parts
        self._constructed: set[tuple] = set()
        self._calls: dict[int, tuple[list[Tensor], list[Tensor]]] = {}
        self._random = torch.Generator().manual_seed(SEED).get_state()
        self._ceiling = address_space() + MEMORY

    @contextmanager
    def _within_memory(self) -> Iterator[None]:
        """What would take more memory than a request may is refused it, as an error of the part."""
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (self._ceiling, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))

    @contextmanager
    def _draws(self) -> Iterator[None]:
        """What a part draws without a generator goes on from call to call, and touches nothing here."""
        with torch.random.fork_rng(devices=[]):
            torch.set_rng_state(self._random)
            try:
                yield
            finally:
                self._random = torch.get_rng_state()

    def answer(self, question: Mapping[str, Any], number: int) -> dict[str, Any]:
        """What goes back: a result, or the error of the part, by its kind and its message.

        Args:
            question: as a worker put it.
            number: of the question in its request; backward passes name that of their forward pass.

        Raises:
            BadFrame: a question that no honest worker puts.
        """
        kinds = {"call": self._call, "backward": self._backward}
        try:
            kind = kinds[question["part"]]
        except (KeyError, TypeError) as error:
            raise BadFrame("a question about no part") from error
        if number > CALLS:
            raise BadFrame("too many calls of parts")
        before = self._random
        try:
            with self._draws(), self._within_memory():
                return kind(question, number)
        except BadFrame:
            raise
        except Exception as error:  # what a part makes of the arguments that a student gives it
            return {"error": (type(error).__name__, " ".join(str(error).split())[:300])}
        finally:
            self.drew = not torch.equal(before, self._random)

    def _made(self, contract: Contract, args: Any, init: Any) -> nn.Module:
        """The part that this constructor makes; what its parameters are is for the worker to say."""
        if contract.method is None or not _small(args, init):
            raise BadFrame("a part that is not lent")
        key = self.known_good, contract.name, repr((args, init))
        self._constructed.add(key)
        if len(self._constructed) > PARTS:
            raise BadFrame("too many parts")
        module = _ready.get(key)
        if module is None:
            with torch.random.fork_rng(devices=[]):  # its making does not show in what it draws
                module = self.known_good(contract.name)(*args, **init)
            for parameter in module.parameters():
                _capped(parameter)
            if sum(parameter.numel() for parameter in module.parameters()) <= READY_ENTRIES:
                _ready[key] = module
                while len(_ready) > READY:
                    _ready.pop(next(iter(_ready)))
        return module

    def _call(self, question: Mapping[str, Any], number: int) -> dict[str, Any]:
        tensors = [_capped(as_tensor(value)) for value in question["tensors"]]
        _pairs_capped(tensors)
        for tensor, needed in zip(tensors, question["needs"], strict=True):
            if question["grad"] and needed:
                tensor.requires_grad_()
        generators: list[torch.Generator] = []
        args = _received(question["args"], tensors, generators)
        kwargs = _received(question["kwargs"], tensors, generators)
        with torch.set_grad_enabled(bool(question["grad"])):
            contract = self._contract(question)
            if "made" in question:
                module = self._made(contract, *question["made"]).train(bool(question["training"]))
                names = question["names"]
                with _given(module, names, tensors[len(tensors) - len(names) :]):
                    result = module(*args, **kwargs)
            else:
                result = self.known_good(contract.name)(*args, **kwargs)
        outputs: list[Tensor] = []
        value = _sent(result, outputs)
        differentiable = [output.requires_grad for output in outputs]
        if any(differentiable):
            self._calls[number] = (tensors, [o for o in outputs if o.requires_grad])
            while len(self._calls) > KEPT:
                self._calls.pop(next(iter(self._calls)))
        return {
            "number": number,
            "tensors": [as_array(output) for output in outputs],
            "differentiable": differentiable,
            "value": value,
            "generators": [generator.get_state().numpy() for generator in generators],
        }

    def _backward(self, question: Mapping[str, Any], number: int) -> dict[str, Any]:
        inputs, outputs = self._calls[question["number"]]
        gradients = [_capped(as_tensor(value)) for value in question["gradients"]]
        wanted = [tensor for tensor in inputs if tensor.requires_grad]
        found = iter(torch.autograd.grad(outputs, wanted, gradients, allow_unused=True, retain_graph=True))
        every = [next(found) if tensor.requires_grad else None for tensor in inputs]
        return {"gradients": [None if gradient is None else as_array(gradient) for gradient in every]}

    def _contract(self, question: Mapping[str, Any]) -> Contract:
        try:
            return self.lent[question["exercise"]]
        except (KeyError, TypeError) as error:
            raise BadFrame("a part that is not lent") from error


@contextmanager
def _given(module: nn.Module, names: Sequence[str], tensors: Sequence[Tensor]) -> Iterator[None]:
    """While it lasts, these tensors stand for the parameters of these names; quicker than torch.func.functional_call.

    Raises:
        KeyError: a name of no parameter.
    """
    places = {}
    for name, parameter in module.named_parameters():
        owner, _, last = name.rpartition(".")
        places[name] = module.get_submodule(owner)._parameters, last, parameter
    wanted = [(*places[name], tensor) for name, tensor in zip(names, tensors, strict=True)]
    try:
        for parameters, last, _, tensor in wanted:
            parameters[last] = tensor
        yield
    finally:
        for parameters, last, parameter, _ in wanted:
            parameters[last] = parameter


def _capped(tensor: Tensor) -> Tensor:
    if tensor.numel() > ENTRIES:
        raise BadFrame("a tensor too large for a part")
    return tensor


def _pairs_capped(tensors: list[Tensor]) -> None:
    rows = [(tensor.numel() // tensor.size(-1), tensor.size(-2)) for tensor in tensors if _is_table(tensor)]
    if any(here * there > SCORES for here, _ in rows for _, there in rows):
        raise BadFrame("tensors too large for a part")


def _is_table(tensor: Tensor) -> bool:
    return tensor.ndim >= 3 and tensor.numel() > 0


def _small(args: Any, init: Any) -> bool:
    return (
        isinstance(args, tuple)
        and isinstance(init, dict)
        and all(
            type(value) in _PLAIN and not (isinstance(value, int) and abs(value) > WIDTH)
            for value in (*args, *init.values())
        )
    )


def _received(value: Any, tensors: list[Tensor], generators: list[torch.Generator]) -> Any:
    if isinstance(value, Record):
        if value.type_name == "tensor":
            return tensors[value.fields["number"]]
        if value.type_name != "generator":
            raise BadFrame("an argument of an unknown kind")
        generator = torch.Generator()
        generator.set_state(as_tensor(value.fields["state"]))
        generators.append(generator)
        return generator
    if isinstance(value, (list, tuple)):
        return type(value)([_received(item, tensors, generators) for item in value])
    if isinstance(value, dict):
        return {key: _received(item, tensors, generators) for key, item in value.items()}
    if isinstance(value, int) and abs(value) > ENTRIES:
        raise BadFrame("a number too large for a part")
    return value


def _sent(value: Any, outputs: list[Tensor]) -> Any:
    if isinstance(value, Tensor):
        outputs.append(_capped(value))
        return Record("tensor", {"number": len(outputs) - 1})
    if isinstance(value, (list, tuple)):
        return type(value)([_sent(item, outputs) for item in value])
    return value
