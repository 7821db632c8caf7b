"""contracts.toml and course.toml, read and checked."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from attentif.errors import InputError
from attentif_grading.places import course_home


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
    depends: tuple[str, ...] = ()
    parts: dict[str, str] = field(default_factory=dict)
    init: str | None = None

    @property
    def method(self) -> str | None:
        """The method to write, for a class; None for a function."""
        return self.body[0].partition(".")[2] or None

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
    """The year's choice: titles, assignment names, notebooks."""

    id: str
    title: dict[str, str]
    assignments: dict[str, str]
    notebooks: tuple[Notebook, ...]

    @property
    def exercises(self) -> tuple[str, ...]:
        """Names of all selected exercises, in order."""
        return tuple(name for notebook in self.notebooks for name in notebook.exercises)


def _read(path: Path) -> dict:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            expected=f"a readable TOML file {path}", got=str(error), remedy="mend or restore it"
        ) from error


@cache
def load_contracts(home: Path | None = None) -> dict[str, Contract]:
    """Every exercise by name, in the order of the file."""
    table = _read((home or course_home()) / "grading" / "contracts.toml")
    contracts = {}
    for entry in table["exercise"]:
        entry = {**entry, "body": tuple(entry["body"]), "depends": tuple(entry["depends"])}
        contracts[entry["name"]] = Contract(**entry)
    return contracts


@cache
def load_course(home: Path | None = None) -> Course:
    """The selection of course.toml.

    Raises:
        InputError: an exercise that contracts.toml does not know, or one placed in the wrong notebook.
    """
    home = home or course_home()
    table = _read(home / "grading" / "course.toml")
    contracts = load_contracts(home)
    notebooks = tuple(
        Notebook(entry["number"], entry["file"], tuple(entry["exercises"])) for entry in table["notebook"]
    )
    for notebook in notebooks:
        for name in notebook.exercises:
            if name not in contracts or contracts[name].notebook != notebook.number:
                raise InputError(
                    expected=f"exercises of notebook {notebook.number} in course.toml",
                    got=repr(name),
                    remedy="choose among those of contracts.toml",
                )
    return Course(table["course"]["id"], table["course"]["title"], table["assignments"], notebooks)
