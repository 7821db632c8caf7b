"""The staff side of an exercise: hidden checks, stored cases, misconceptions and accepted variants.

Each exercise has a folder grading/exercises/NAME:

    cases.py            cases(rng=None) -> {name: Request}: the stored inputs of the public checks; with a generator,
                        twins of them. facts(rng, requests) -> {name: value}, where there are any: what stands for
                        constants of the public checks that go with these twins
    hidden.py           CHECKS: the checks that run at grading, against independent oracles
    misconceptions.py   wrong implementations, each with its diagnosis. FREQUENT: the names of those that the card
                        warns of
    variants.py         right implementations, written differently
    outside.py          OUTSIDE: wrong implementations that no misconception describes
    docstring.fr.txt    the docstring in French
    card.fr.md card.en.md   the exercise's statement
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from attentif.checks.engine import CheckSet
from attentif.checks.student import LocalStudent
from attentif.checks.text import Text
from attentif.checks.values import Request
from attentif.errors import InputError
from attentif.rescue import known_good
from attentif_grading.contracts import Contract, has_checks, load_contracts
from attentif_grading.nearest import remedy_for
from attentif_grading.places import course_home


@dataclass(frozen=True)
class Misconception:
    """A real wrong implementation.

    Args:
        name: its identifier; two implementations of one mistake share it.
        function: the exercise's function, or its method with `self` first.
        said: the diagnosis shown to students, in both languages.
        warning: what the card says of it to those who have written nothing yet, where `pitfall` takes it from here.
    """

    name: str
    function: Callable
    said: Text
    warning: Text | None = None

    @property
    def pitfall(self) -> Text:
        """The mistake without its remedy: the warning, or what the diagnosis says before its first colon."""
        if self.warning is not None:
            return self.warning
        return {language: re.split(r"\s?: ", said, maxsplit=1)[0] for language, said in self.said.items()}


@dataclass(frozen=True)
class Variant:
    """A right implementation, written differently."""

    name: str
    function: Callable


def misconception(name: str, *, en: str, fr: str, warning: Text | None = None) -> Callable:
    """Declare the decorated function as the first version of a misconception."""

    def declare(function: Callable) -> Misconception:
        return Misconception(name, function, {"en": en, "fr": fr}, warning)

    return declare


def again(first: Misconception) -> Callable:
    """Declare the decorated function as another, independently written version of a misconception."""

    def declare(function: Callable) -> Misconception:
        return Misconception(first.name, function, first.said, first.warning)

    return declare


def variant(function: Callable) -> Variant:
    """Declare the decorated function as an accepted variant, under its own name."""
    return Variant(function.__name__, function)


class Exercise:
    """An exercise with both its sides."""

    def __init__(self, contract: Contract, folder: Path):
        self.contract, self.folder, self.name = contract, folder, contract.name

    def _module(self, stem: str) -> ModuleType:
        path = self.folder / f"{stem}.py"
        qualified = f"attentif_exercises.{self.name}.{stem}"
        if qualified not in sys.modules:
            spec = importlib.util.spec_from_file_location(qualified, path)
            module = importlib.util.module_from_spec(spec)
            sys.modules[qualified] = module
            try:
                spec.loader.exec_module(module)
            except BaseException:
                del sys.modules[qualified]
                raise
        return sys.modules[qualified]

    @cached_property
    def reference(self) -> Any:
        """The library's function or class."""
        return getattr(importlib.import_module(self.contract.module), self.contract.body[0].split(".")[0])

    @property
    def requests(self) -> dict[str, Request]:
        """The stored requests of the public checks."""
        return self._module("cases").cases() if (self.folder / "cases.py").exists() else {}

    def twin_requests(self, rng: np.random.Generator) -> dict[str, Request]:
        """For every stored request, another one of the same kind."""
        return self._module("cases").cases(rng) if (self.folder / "cases.py").exists() else {}

    def twin_facts(self, rng: np.random.Generator, requests: Mapping[str, Request]) -> dict[str, Any]:
        """What stands for constants of the public checks where they are put with these twins."""
        module = self._module("cases") if (self.folder / "cases.py").exists() else None
        return module.facts(rng, requests) if hasattr(module, "facts") else {}

    @property
    def hidden(self) -> CheckSet:
        """The hidden checks."""
        return self._module("hidden").CHECKS

    @property
    def misconceptions(self) -> list[Misconception]:
        """The catalogue of wrong implementations: the first version of each, in order."""
        return list({m.name: m for m in reversed(self.all_misconceptions)}.values())[::-1]

    @property
    def all_misconceptions(self) -> list[Misconception]:
        """All versions of all misconceptions, in order of definition."""
        return [v for v in vars(self._module("misconceptions")).values() if isinstance(v, Misconception)]

    def frequent(self) -> list[Misconception]:
        """The misconceptions that the card warns of, in the order of FREQUENT.

        Raises:
            InputError: a name that is not in the catalogue, or twice.
        """
        catalogue = {m.name: m for m in self.misconceptions}
        names = tuple(getattr(self._module("misconceptions"), "FREQUENT", ()))
        for name in names:
            if name not in catalogue or names.count(name) > 1:
                raise InputError(
                    expected=f"misconceptions of {self.name}, each once, in FREQUENT of its misconceptions.py",
                    got=repr(name) if name not in catalogue else f"{name!r} {names.count(name)} times",
                    remedy=remedy_for(name, sorted(catalogue), "in the catalogue")
                    if name not in catalogue
                    else "remove one",
                )
        return [catalogue[name] for name in names]

    @property
    def variants(self) -> list[Variant]:
        """The accepted variants, in order of definition."""
        return [v for v in vars(self._module("variants")).values() if isinstance(v, Variant)]

    @property
    def outside(self) -> dict[Callable, tuple[str, ...]]:
        """Wrong implementations outside the catalogue, with the catalogued names that would be true of each.

        Raises:
            InputError: one of these names is not in the catalogue.
        """
        if not (self.folder / "outside.py").exists():
            return {}
        found, known = self._module("outside").OUTSIDE, {m.name for m in self.all_misconceptions}
        for function, true_names in found.items():
            for name in true_names:
                if name not in known:
                    raise InputError(
                        expected=f"misconceptions of {self.name} beside {function.__name__} in its outside.py",
                        got=repr(name),
                        remedy=remedy_for(name, sorted(known), "in the catalogue"),
                    )
        return found

    def target(self, function: Callable) -> Any:
        """The exercise's object with `function` as its body: the function, or the given class with this method."""
        if self.contract.method is None:
            return function
        return type(self.name, (self.reference,), {self.contract.method: function})

    def student(self, target: Any, parts: Callable[[str], Any] = known_good) -> LocalStudent:
        """A student whose code is `target`, with known-good parts, or those that `parts` gives by exercise name."""
        return LocalStudent(target, self.contract.method, parts, called=self.contract.called)

    def source_of(self, function: Callable) -> str:
        """The source of a catalogued implementation under the exercise's own name, without its decorator."""
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        definition = tree.body[0]
        definition.decorator_list = []
        definition.name = self.contract.method or self.name
        return ast.unparse(definition)


def exercise_folder(name: str) -> Path:
    """grading/exercises/NAME."""
    return course_home() / "grading" / "exercises" / name


@cache
def load_exercise(name: str) -> Exercise:
    """The exercise of this name, with its staff side.

    Raises:
        InputError: unknown, or not yet taken through the chain.
    """
    contracts = load_contracts()
    if name not in contracts or not has_checks(course_home(), name):
        ready = exercises_in_chain()
        raise InputError(
            expected="an exercise that has checks",
            got=f"{name!r}, whose hidden checks are not written" if name in contracts else repr(name),
            remedy=remedy_for(name, ready, "those with checks"),
        )
    return Exercise(contracts[name], exercise_folder(name))


def exercises_in_chain() -> list[str]:
    """Names of the exercises that have hidden checks, in the order of contracts.toml."""
    return [name for name in load_contracts() if has_checks(course_home(), name)]
