"""contracts.toml and course.toml, read and checked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path

from attentif.checks.text import LANGUAGES
from attentif.errors import InputError
from attentif_grading.nearest import remedy_for
from attentif_grading.places import course_home
from attentif_grading.toml_table import Table


@dataclass(frozen=True)
class Contract:
    """One exercise: what students write, and what it is worth. See the head of contracts.toml."""

    name: str
    notebook: int
    module: str
    body: tuple[str, ...]
    signature: str
    returns: str
    core: bool
    points: float
    minutes: int
    difficulty: int
    importance: int
    notions: dict[str, str]
    depends: tuple[str, ...] = ()
    parts: dict[str, str] = field(default_factory=dict)
    init: str | None = None

    @property
    def method(self) -> str | None:
        """The method to write, for a class; None for a function."""
        return self.body[0].partition(".")[2] or None

    @property
    def called(self) -> tuple[str, ...]:
        """The dependencies that no argument hands over: the code calls them by their names."""
        handed_over = self.parts.values()
        return tuple(name for name in self.depends if name not in handed_over)

    @property
    def file(self) -> Path:
        """The module's source below src/."""
        return Path(*self.module.split(".")).with_suffix(".py")


@dataclass(frozen=True)
class Notebook:
    """One notebook of the assignment and the exercises selected for it."""

    number: int
    file: dict[str, str]
    exercises: tuple[str, ...]


@dataclass(frozen=True)
class Course:
    """The year's choice: titles, assignment names, notebooks; the public repository of the students' tree, if any."""

    id: str
    title: dict[str, str]
    assignments: dict[str, str]
    notebooks: tuple[Notebook, ...]
    published: str = ""

    @property
    def exercises(self) -> tuple[str, ...]:
        """Names of all selected exercises, in order."""
        return tuple(name for notebook in self.notebooks for name in notebook.exercises)


# A name of a folder or a file that nbgrader and every system take.
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_NOTEBOOKS = (1, 2)
_PUBLISHED = re.compile(r"(https://github\.com/[\w.-]+/[\w.-]*\w)?")


@cache
def load_contracts(home: Path | None = None) -> dict[str, Contract]:
    """Every exercise by name, in the order of the file.

    Raises:
        InputError: the file is missing, or an entry is malformed.
    """
    path = (home or course_home()) / "grading" / "contracts.toml"
    file = Table.read(path).only("schema", "conventions", "exercise")
    contracts: dict[str, Contract] = {}
    for table in file.tables("exercise"):
        contract = _contract(table)
        if contract.name in contracts:
            raise InputError(
                expected="each exercise once in contracts.toml",
                got=f"{contract.name!r} twice",
                remedy="remove or rename one",
            )
        for other in (*contract.depends, *contract.parts.values()):
            if other not in contracts:
                raise InputError(
                    expected=f"{contract.name} of contracts.toml to depend on exercises above it",
                    got=repr(other),
                    remedy=remedy_for(other, contracts, "above it"),
                )
        contracts[contract.name] = contract
    return contracts


def _contract(table: Table) -> Contract:
    name = table.take("name", str, str.isidentifier, "a Python name")
    entry = Table(table.values, f"{name} of contracts.toml").only(*(f.name for f in fields(Contract)))
    return Contract(
        name=name,
        notebook=entry.take("notebook", int, _NOTEBOOKS.__contains__, "1 or 2"),
        module=entry.take("module", str),
        body=entry.names("body"),
        signature=entry.take("signature", str),
        returns=entry.take("returns", str),
        core=entry.take("core", bool),
        points=entry.take("points", float, _in_quarters, "positive points, in quarters,"),
        minutes=entry.take("minutes", int, lambda n: n > 0, "a positive whole number"),
        difficulty=entry.take("difficulty", int, _in_four, "1, 2, 3 or 4"),
        importance=entry.take("importance", int, _in_four, "1, 2, 3 or 4"),
        notions=entry.in_languages("notions"),
        depends=entry.names("depends", default=[]),
        parts=entry.take("parts", dict, _of_texts, "a table of names", default={}),
        init=entry.take("init", str, default=None),
    )


def _of_texts(table: dict) -> bool:
    return all(isinstance(value, str) for value in table.values())


def _in_four(level: int) -> bool:
    return 1 <= level <= 4


def _in_quarters(points: float) -> bool:
    return 0 < points < 1000 and points * 4 == int(points * 4)


@cache
def load_course(home: Path | None = None) -> Course:
    """The selection of course.toml.

    Raises:
        InputError: the file is missing; a value is missing, of another kind, or unknown; an exercise that
            contracts.toml does not know, or one placed in the wrong notebook.
    """
    home = home or course_home()
    file = Table.read(home / "grading" / "course.toml").only("course", "assignments", "notebook")
    about = file.table("course").only("id", "title", "published")
    assignments = file.table("assignments").in_languages()
    _check_names(assignments.values(), "[assignments] of course.toml")
    notebooks = tuple(_notebook(table, home) for table in file.tables("notebook"))
    numbers = [notebook.number for notebook in notebooks]
    if len(set(numbers)) < len(numbers):
        raise InputError(
            expected="each notebook once in course.toml",
            got=f"the numbers {', '.join(map(str, numbers))}",
            remedy="give each its own [[notebook]] with its own number",
        )
    for language in LANGUAGES:
        _check_names([notebook.file[language] for notebook in notebooks], f"file.{language} of course.toml")
    published = about.take(
        "published", str, _PUBLISHED.fullmatch, "https://github.com/OWNER/NAME, or nothing,", default=""
    )
    return Course(about.take("id", str), about.in_languages("title"), assignments, notebooks, published)


def has_checks(home: Path, name: str) -> bool:
    """Whether an exercise has gone through the chain: its hidden checks are written."""
    return (home / "grading" / "exercises" / name / "hidden.py").is_file()


def _notebook(table: Table, home: Path) -> Notebook:
    contracts = load_contracts(home)
    table.only("number", "file", "exercises")
    number = table.take("number", int, _NOTEBOOKS.__contains__, "1 or 2")
    exercises = table.names("exercises")
    for name in exercises:
        if name in contracts and contracts[name].notebook == number:
            continue
        elsewhere = contracts[name].notebook if name in contracts else None
        ready = [
            each.name
            for each in contracts.values()
            if each.notebook == number and has_checks(home, each.name)
        ]
        raise InputError(
            expected=f"exercises of notebook {number} in course.toml",
            got=f"{name!r}, of notebook {elsewhere}" if elsewhere else repr(name),
            remedy=f"select it in notebook {elsewhere}"
            if elsewhere
            else remedy_for(name, ready, f"those of notebook {number} with checks"),
        )
    return Notebook(number, table.in_languages("file"), exercises)


def _check_names(names: Iterable[str], place: str) -> None:
    names = list(names)
    bad = [name for name in names if not _FILE_NAME.fullmatch(name)]
    if bad or len(set(names)) < len(names):
        raise InputError(
            expected=f"different names of letters, digits, _ and - in {place}",
            got=repr(bad[0]) if bad else f"{names[0]!r} twice",
            remedy="rename it" if bad else "rename one",
        )
