"""grading/contracts.toml against the library: names, signatures, dependencies, points, docstrings."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import tomllib
from dataclasses import is_dataclass
from pathlib import Path

import pytest

import attentif

ROOT = Path(__file__).parents[1]
CONTRACTS = tomllib.loads((ROOT / "grading" / "contracts.toml").read_text(encoding="utf-8"))
EXERCISES = {exercise["name"]: exercise for exercise in CONTRACTS["exercise"]}
FIELDS = {
    "name": str, "notebook": int, "module": str, "body": list, "signature": str, "returns": str, "core": bool,
    "points": (int, float), "minutes": int, "difficulty": int, "importance": int,
    "notions": dict, "depends": list,
}  # fmt: skip
# Their definition is the whole story: no paper introduces them.
WITHOUT_SOURCE = {"padding_mask", "generate", "calibration"}

every_exercise = pytest.mark.parametrize("name", EXERCISES)


def resolve(module: str, dotted: str):
    """The object of this dotted name in a module."""
    found = importlib.import_module(module)
    for part in dotted.split("."):
        found = getattr(found, part)
    return found


class Named:
    """A default value whose repr is a plain name."""

    def __init__(self, name: str):
        self.name = name

    def __repr__(self) -> str:
        return self.name


def plain_signature(function) -> str:
    """The signature without annotations; a default that is a function or a class is shown by its name."""

    def plain(parameter: inspect.Parameter) -> inspect.Parameter:
        default = parameter.default
        if default is not inspect.Parameter.empty and callable(default):
            default = Named(default.__name__)
        return parameter.replace(annotation=inspect.Parameter.empty, default=default)

    signature = inspect.signature(function)
    plain_parameters = [plain(parameter) for parameter in signature.parameters.values()]
    return str(signature.replace(parameters=plain_parameters, return_annotation=inspect.Signature.empty))


def written(exercise: dict):
    """The function or method that students write."""
    return resolve(exercise["module"], exercise["body"][0])


def parameter_names(function) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name != "self"]


def test_plain_signatures_show_every_difference():
    def function(a: int, b=0.1, *, c: str | None = None, d=len) -> int:
        return 0

    assert plain_signature(function) == "(a, b=0.1, *, c=None, d=len)"
    assert plain_signature(lambda a, b=1e-5: 0) == "(a, b=1e-05)" != plain_signature(lambda a, b=1e-6: 0)


def test_the_file_has_one_schema():
    assert CONTRACTS["schema"] == 1 and set(CONTRACTS) == {"schema", "conventions", "exercise"}
    assert all(isinstance(text, str) and text for text in CONTRACTS["conventions"].values())
    assert len(EXERCISES) == len(CONTRACTS["exercise"]) >= 25


@every_exercise
def test_fields_are_complete(name):
    exercise = EXERCISES[name]
    for field, kind in FIELDS.items():
        assert isinstance(exercise[field], kind), field
    assert set(exercise) <= {*FIELDS, "init", "parts"}
    assert exercise["notebook"] in (1, 2) and 1 <= exercise["difficulty"] <= 4 and exercise["minutes"] > 0
    assert 1 <= exercise["importance"] <= 4 and set(exercise["notions"]) == {"fr", "en"}
    assert exercise["points"] > 0 and float(4 * exercise["points"]).is_integer()


@every_exercise
def test_the_library_keeps_the_contract(name):
    exercise = EXERCISES[name]
    subject = resolve(exercise["module"], name)
    assert subject.__module__ == exercise["module"] and subject.__name__ == name
    assert plain_signature(written(exercise)) == exercise["signature"]
    assert inspect.isclass(subject) == ("init" in exercise)
    if inspect.isclass(subject):
        assert plain_signature(subject.__init__) == exercise["init"]
        assert "__init__" in vars(subject), "students are given the constructor of this very class"


@every_exercise
def test_bodies_are_functions_of_the_exercise(name):
    exercise = EXERCISES[name]
    assert exercise["body"] and len(set(exercise["body"])) == len(exercise["body"])
    first, *others = exercise["body"]
    assert first == name or (first.startswith(f"{name}.") and first != f"{name}.__init__")
    # Beside a function, others of its module that would do its work.
    assert not others or (first == name and not any("." in other for other in others))
    for dotted in exercise["body"]:
        function = resolve(exercise["module"], dotted)
        assert inspect.isfunction(function) and function.__qualname__ == dotted
        assert function.__module__ == exercise["module"]


@every_exercise
def test_dependencies_are_earlier_exercises_of_the_same_notebook(name):
    exercise, order = EXERCISES[name], list(EXERCISES)
    for dependency in exercise["depends"]:
        assert order.index(dependency) < order.index(name)
        assert EXERCISES[dependency]["notebook"] == exercise["notebook"]
    assert len(set(exercise["depends"])) == len(exercise["depends"])


@every_exercise
def test_parts_are_parameters_that_carry_a_dependency(name):
    exercise = EXERCISES[name]
    parts = exercise.get("parts", {})
    if "init" in exercise:
        assert set(parts.values()) == set(exercise["depends"])
    subject = resolve(exercise["module"], name)
    accepted = parameter_names(subject.__init__ if inspect.isclass(subject) else subject)
    for parameter, part in parts.items():
        assert parameter in accepted
        # The parts that have a default are, by default, the library's own.
        default = inspect.signature(subject).parameters[parameter].default
        if callable(default) and default is not inspect.Parameter.empty:
            assert default is resolve(EXERCISES[part]["module"], part)


@every_exercise
def test_docstrings_tell_what_a_student_needs(name):
    exercise = EXERCISES[name]
    subject, body = resolve(exercise["module"], name), written(exercise)
    doc, body_doc = inspect.getdoc(subject), inspect.getdoc(body)
    for text in (doc, body_doc):
        summary, _, rest = text.partition("\n")
        assert summary.endswith(".") and (not rest or rest.startswith("\n")), "a summary in one line"
    assert ">>> " in doc, "a doctest"
    assert "Returns:" in body_doc
    assert "Args:" in body_doc or exercise["signature"] == "()"
    assert "Source:" in doc or name in WITHOUT_SOURCE
    for function, text in {
        body: body_doc,
        **({subject.__init__: doc} if subject is not body else {}),
    }.items():
        for parameter in parameter_names(function):
            assert re.search(rf"\b{parameter}\b[\w, ]*:", text), f"{parameter} is not described"


def test_notebook_1_is_importable_from_the_top():
    for name, exercise in EXERCISES.items():
        if exercise["notebook"] == 1:
            assert getattr(attentif, name) is resolve(exercise["module"], name)


def test_the_course_selects_known_exercises_in_their_order():
    course = tomllib.loads((ROOT / "grading" / "course.toml").read_text(encoding="utf-8"))
    for notebook in course["notebook"]:
        selected = notebook["exercises"]
        assert selected == [name for name in EXERCISES if name in selected]
        assert all(EXERCISES[name]["notebook"] == notebook["number"] for name in selected)
        # An exercise that is selected has what it depends on, written or given.
        assert len(set(selected)) == len(selected)


MODULES = [
    module.name
    for module in pkgutil.walk_packages(attentif.__path__, "attentif.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_public_names_have_a_docstring(name):
    module = importlib.import_module(name)
    assert module.__doc__, "the module"
    if name.startswith("attentif.checks.public."):
        return  # a check says what it checks in its title and its hint
    for public, subject in vars(module).items():
        if public.startswith("_") or getattr(subject, "__module__", None) != name or not callable(subject):
            continue
        doc = vars(subject).get("__doc__") if inspect.isclass(subject) else subject.__doc__
        assert doc and doc.strip(), public
        # What a dataclass writes for itself says nothing.
        assert not (is_dataclass(subject) and doc.startswith(f"{public}(")), public
