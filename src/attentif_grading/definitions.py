"""What the library's own definition says of an exercise: its module, signatures and parts."""

from __future__ import annotations

import ast
import importlib
import inspect
import keyword
from collections.abc import Mapping
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any

from attentif.errors import InputError
from attentif_grading.contracts import Contract
from attentif_grading.nearest import remedy_for

# Where a name is looked for when no module is given.
PACKAGES = ("attentif", "attentif.bias")


@dataclass(frozen=True)
class Definition:
    """A function of the library, or a class with one method that students write.

    Args:
        name: of the function or class.
        method: of a class, the method; None for a function.
        subject: the function or class itself.
    """

    name: str
    method: str | None
    subject: Any

    @property
    def module(self) -> str:
        """The module that defines it."""
        return self.subject.__module__

    @property
    def body(self) -> str:
        """What students write, as contracts.toml names it."""
        return f"{self.name}.{self.method}" if self.method else self.name

    @property
    def written(self) -> FunctionType:
        """The function or method that students write."""
        return getattr(self.subject, self.method) if self.method else self.subject

    @property
    def signature(self) -> str:
        """Its signature in the form of contracts.toml."""
        return plain_signature(self.written)

    @property
    def init(self) -> str | None:
        """The constructor's signature, for a class."""
        return plain_signature(self.subject.__init__) if self.method else None

    def parts(self, contracts: Mapping[str, Contract]) -> dict[str, str]:
        """Argument → exercise, where the default of an argument is what the library has for that exercise."""
        found = {}
        for argument, parameter in inspect.signature(self.subject).parameters.items():
            name = getattr(parameter.default, "__name__", None)
            if name in contracts and contracts[name].module == parameter.default.__module__:
                found[argument] = name
        return found


def find_definition(asked: str, module: str | None = None) -> Definition:
    """The function, or the class with its method, that `asked` names.

    Args:
        asked: FUNCTION, CLASS (its forward), or CLASS.METHOD.
        module: the module that defines it; found by itself for a name that `attentif` or `attentif.bias` offers.

    Raises:
        InputError: no name, not in the library, or not of a form that students can write.
    """
    name, _, method = asked.partition(".")
    for each in (name, method or "forward"):
        if not each.isidentifier() or keyword.iskeyword(each) or each.startswith("_"):
            raise InputError(
                expected="the name of a public function or class",
                got=repr(asked),
                remedy="write it as in the library, such as causal_mask, LayerNorm or LayerNorm.forward",
            )
    subject = _subject(name, module)
    if inspect.isfunction(subject) and not method:
        found = Definition(name, None, subject)
    elif (
        inspect.isclass(subject) and _defines(subject, "__init__") and _defines(subject, method or "forward")
    ):
        found = Definition(name, method or "forward", subject)
    else:
        raise InputError(
            expected="a function, or a class that defines __init__ (given to students) and the method that they write",
            got=f"{asked!r}, {_kind(subject)}",
            remedy="write CLASS.METHOD if the method is not forward",
        )
    for documented in (found.subject, found.written):
        if not inspect.getdoc(documented):
            raise InputError(
                expected=f"a docstring of {documented.__qualname__}, which students are given",
                got="none",
                remedy="write it first: CONTRIBUTING.md says what it holds",
            )
    return found


def _subject(name: str, module: str | None) -> Any:
    """The library's object of this name, from the module that defines it."""
    places = [_imported(place) for place in ((module,) if module else PACKAGES)]
    for place in places:
        subject = vars(place).get(name)
        home = getattr(subject, "__module__", None)
        if subject is not None and (home == module if module else str(home).startswith("attentif.")):
            return subject
    if module is None:
        remedy = "give --module if it stands in another one; if it is new, write it in the library first"
    else:
        own = [n for n, value in vars(places[0]).items() if getattr(value, "__module__", None) == module]
        remedy = remedy_for(name, own, "defined there")
    raise InputError(
        expected=f"a function or class that {module or ' or '.join(PACKAGES)} "
        f"{'defines' if module else 'offers'}",
        got=repr(name),
        remedy=remedy,
    )


def _imported(module: str) -> ModuleType:
    if module != "attentif" and not module.startswith("attentif."):
        raise InputError(
            expected="a module of the library", got=repr(module), remedy="write it as attentif.layers"
        )
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise InputError(
            expected="a module of the library", got=repr(module), remedy="check its spelling"
        ) from error


def _defines(subject: type, method: str) -> bool:
    return inspect.isfunction(vars(subject).get(method))


def _kind(subject: Any) -> str:
    return "a class without them" if inspect.isclass(subject) else f"of type {type(subject).__name__}"


class _Shown:
    """A default value with this repr."""

    def __init__(self, said: str):
        self.said = said

    def __repr__(self) -> str:
        return self.said


def plain_signature(function: FunctionType, only_literals: bool = False) -> str:
    """The signature without annotations; a default that is a function or class is shown by its name.

    Args:
        function: whose signature.
        only_literals: show None for a default that is not a literal, so that the text is Python anywhere.

    >>> plain_signature(lambda x, mask=None, *, norm=dict: x)
    '(x, mask=None, *, norm=dict)'
    >>> plain_signature(lambda x, mask=None, *, norm=dict: x, only_literals=True)
    '(x, mask=None, *, norm=None)'
    """

    def plain(parameter: inspect.Parameter) -> inspect.Parameter:
        default = parameter.default
        if default is not inspect.Parameter.empty:
            said = default.__name__ if callable(default) else repr(default)
            default = _Shown(said if not only_literals or _is_literal(said) else "None")
        return parameter.replace(annotation=inspect.Parameter.empty, default=default)

    signature = inspect.signature(function)
    parameters = [plain(parameter) for parameter in signature.parameters.values()]
    return str(signature.replace(parameters=parameters, return_annotation=inspect.Signature.empty))


def _is_literal(said: str) -> bool:
    try:
        ast.literal_eval(said)
    except (ValueError, SyntaxError):
        return False
    return True
