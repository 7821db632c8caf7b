"""A new exercise: every file that it needs, with what the library's definition tells already, and marks where its
author writes. See docs/authoring.md.
"""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from attentif.errors import InputError
from attentif_grading.contract_entry import CONTRACTS, read_contracts, with_entry
from attentif_grading.contracts import Contract, Course, load_contracts, load_course
from attentif_grading.definitions import Definition, find_definition, plain_signature
from attentif_grading.french_outline import french_outline
from attentif_grading.nearest import remedy_for
from attentif_grading.unfinished import MARK

# Template → file below the repository.
FILES = {
    "cases.py.j2": "grading/exercises/{name}/cases.py",
    "hidden.py.j2": "grading/exercises/{name}/hidden.py",
    "misconceptions.py.j2": "grading/exercises/{name}/misconceptions.py",
    "variants.py.j2": "grading/exercises/{name}/variants.py",
    "outside.py.j2": "grading/exercises/{name}/outside.py",
    "card.fr.md.j2": "grading/exercises/{name}/card.fr.md",
    "card.en.md.j2": "grading/exercises/{name}/card.en.md",
    "public.py.j2": "src/attentif/checks/public/{name}.py",
}
DOCSTRING = "grading/exercises/{name}/docstring.fr.txt"


@dataclass(frozen=True)
class NewExercise:
    """What was written, and what its author does next."""

    contract: Contract
    files: tuple[str, ...]
    next_steps: tuple[str, ...]


def new_exercise(
    home: Path,
    asked: str,
    *,
    module: str | None = None,
    notebook: int = 1,
    points: float = 2.0,
    minutes: int = 15,
    difficulty: int = 2,
    importance: int = 2,
    core: bool = True,
    depends: Sequence[str] = (),
    after: str | None = None,
) -> NewExercise:
    """Write all files of an exercise that does not exist yet, or none.

    Args:
        home: the course's repository.
        asked: FUNCTION, CLASS (its forward), or CLASS.METHOD of the library.
        module: the module that defines it; needed where neither `attentif` nor `attentif.bias` offers it.
        notebook, points, minutes, difficulty, importance, core, depends: of its contract; the exercises that
            stand in arguments by default are added to `depends`.
        after: the exercise behind which its contract is put; the last of the notebook when absent.

    Raises:
        InputError: not in the library, or an exercise already; a value that contracts.toml does not take.
    """
    course, contracts, found = load_course(home), load_contracts(home), find_definition(asked, module)
    _refuse_existing(home, found.name, contracts)
    parts = found.parts(contracts)
    needed = _known([*depends, *parts.values()], contracts, notebook)
    public, hidden = _shares(points)
    of_call = [name for name in inspect.signature(found.written).parameters if name != "self"]
    of_constructor = list(inspect.signature(found.subject).parameters) if found.init else []
    entry = {
        "name": found.name,
        "notebook": notebook,
        "module": found.module,
        "body": [found.body],
        **({"init": found.init} if found.init else {}),
        "signature": found.signature,
        "returns": _returns(found),
        "core": core,
        "points": points,
        "minutes": minutes,
        "difficulty": difficulty,
        "importance": importance,
        "notions.en": f"{MARK} what to know before, in a few words",
        "notions.fr": f"{MARK} ce qu'il faut savoir avant, en quelques mots",
        "depends": needed,
        **({"parts": parts} if parts else {}),
    }
    text = with_entry((home / CONTRACTS).read_text(encoding="utf-8"), entry, contracts, after)
    extended = read_contracts(text)
    contract = extended[found.name]
    files = {DOCSTRING: _docstring(found)}
    values = {
        "name": found.name,
        "method": found.method,
        "signature": plain_signature(found.written, only_literals=True),
        "parameters": of_call,
        "call": ", ".join(f'"{name}": …' for name in of_call),
        "constructor": ", ".join(f'"{name}": …' for name in of_constructor),
        "public_points": public,
        "hidden_points": hidden,
    }
    environment = Environment(
        loader=PackageLoader("attentif_grading", "templates/exercise"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    files |= {path: environment.get_template(template).render(values) for template, path in FILES.items()}
    named = {path.format(name=found.name): content for path, content in files.items()}
    _write_all(home, named, text)
    load_contracts.cache_clear()
    return NewExercise(contract, (*named, CONTRACTS), tuple(_next_steps(contract, course, list(extended))))


def _refuse_existing(home: Path, name: str, contracts: Mapping[str, Contract]) -> None:
    places = (f"grading/exercises/{name}", FILES["public.py.j2"].format(name=name))
    there = [place for place in places if (home / place).exists()]
    if name in contracts:
        there.insert(0, f"an entry of {CONTRACTS}")
    if there:
        raise InputError(
            expected="a function or class that is no exercise yet",
            got=f"{name!r}, of which there is {' and '.join(there)}",
            remedy="change it where it stands, or take it out first, as docs/authoring.md tells",
        )


def _known(depends: Sequence[str], contracts: Mapping[str, Contract], notebook: int) -> list[str]:
    """The dependencies in the order of contracts.toml, each once."""
    ready = [name for name, contract in contracts.items() if contract.notebook == notebook]
    for name in depends:
        if name not in ready:
            raise InputError(
                expected=f"dependencies among the exercises of notebook {notebook}",
                got=repr(name),
                remedy=remedy_for(name, ready, f"of notebook {notebook}"),
            )
    return [name for name in ready if name in depends]


def _shares(points: float) -> tuple[float, float]:
    """Points of the first public and of the first hidden check: two fifths and the rest, in quarters."""
    quarters = 4 * points
    if not (2 <= quarters < 4000 and quarters == int(quarters)):
        raise InputError(
            expected="points in quarters, half a point at least",
            got=f"{points:g}",
            remedy="public and hidden checks share them",
        )
    public = max(1, round(0.4 * quarters))
    return public / 4, (quarters - public) / 4


def _returns(found: Definition) -> str:
    """What the docstring says of the result, on one line."""
    _, _, rest = inspect.getdoc(found.written).partition("Returns:\n")
    said = " ".join(line.strip() for line in rest.partition("\n\n")[0].splitlines())
    return said.removesuffix(".") or f"{MARK} kind, shape, unit"


def _docstring(found: Definition) -> str:
    said = french_outline(inspect.getdoc(found.subject))
    if found.method:
        said += f"\n--- {found.method} ---\n{french_outline(inspect.getdoc(found.written))}"
    return said + "\n"


def _write_all(home: Path, files: Mapping[str, str], contracts: str) -> None:
    """Write the new files, then contracts.toml; if one of them cannot be, none stays."""
    folder = home / Path(next(iter(files))).parent  # the exercise's own, which did not exist
    beside = home / f"{CONTRACTS}.new"
    try:
        for name, content in files.items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text(content, encoding="utf-8", newline="\n")
        beside.write_text(contracts, encoding="utf-8", newline="\n")
        beside.replace(home / CONTRACTS)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        for path in (beside, *(home / name for name in files)):
            with suppress(OSError):  # what could not be written is told, not that it is not there
                path.unlink()
        raise


def _next_steps(contract: Contract, course: Course, order: Sequence[str]) -> list[str]:
    """What remains for a person to do; `order` is that of contracts.toml."""
    name = contract.name
    selected = next((each.exercises for each in course.notebooks if each.number == contract.notebook), ())
    earlier = [each for each in selected if order.index(each) < order.index(name)]
    steps = [
        f"write what is marked {MARK} there; attentif-grading verify-checks {name} tells what is left",
        f"a rescue part in src/attentif/rescue, if another cell or exercise uses {name}",
        f'a cell in notebooks/source/notebook{contract.notebook}.py: # %% name="exercise_{name}" exercise="{name}"',
        f'"{name}" among the exercises of notebook {contract.notebook} in grading/course.toml, '
        + (f"after {earlier[-1]}" if earlier else "first"),
        "marks and minutes in the tables of grading/student/README.md and README.fr.md, and in the notebook's first cell",
        "attentif-grading build, then make test",
    ]
    unplaced = [each for each in contract.depends if each not in contract.parts.values()]
    if contract.init and unplaced:
        which = ", ".join(f'ARGUMENT = "{each}"' for each in unplaced)
        steps.insert(0, f"in {CONTRACTS}, say which argument takes each dependency: parts = {{ {which} }}")
    return steps
