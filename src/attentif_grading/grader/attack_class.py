"""Who takes part in an attack: the adversaries, and honest students before them and beside them."""

from __future__ import annotations

import copy
import importlib.util
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat

from attentif.errors import InputError
from attentif_grading.contracts import load_course
from attentif_grading.exercises import load_exercise
from attentif_grading.sample_class import Notebooks, shortened, solved, write_implementation

_PACKAGE = "attentif_attacks"
# Mistakes that honest students make, each in a notebook that is right otherwise.
MISTAKES = (
    *("scaled_dot_product_attention", "LayerNorm", "masked_lm_loss", "warmup_cosine", "calibration"),
    *("cluster_bootstrap",),
)


def load_attacks(home: Path) -> ModuleType:
    """The package of the adversarial class.

    Raises:
        InputError: it is not there.
    """
    folder = home / "tests" / "attacks"
    if not (folder / "__init__.py").is_file():
        raise InputError(
            expected=f"the adversarial class in {folder}",
            got="none",
            remedy="run it in a clone of the course's repository, with its tests",
        )
    if _PACKAGE not in sys.modules:
        place = str(folder)
        spec = importlib.util.spec_from_file_location(
            _PACKAGE, folder / "__init__.py", submodule_search_locations=[place]
        )
        sys.modules[_PACKAGE] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[_PACKAGE]


@dataclass(frozen=True)
class Bystander:
    """An honest student: the same work stands in the class twice, under two names.

    Args:
        before: graded before any attack.
        beside: graded among the adversaries.
        files: path below the student's folder → content, for each of the two.
    """

    before: str
    beside: str
    files: dict[str, dict[str, bytes]]


def bystanders(home: Path, built: Path) -> list[Bystander]:
    """The reference in both languages, and one student for each of MISTAKES' first mistakes, all in one notebook pair."""
    made = []
    for language in load_course(home).assignments:
        reference = solved(home, built, language)
        made.append(_bystander(f"right-{language}", reference))
    selected = [name for name in MISTAKES if name in load_course(home).exercises]
    for place in range(2):
        notebooks = copy.deepcopy(reference)
        for name in selected:
            exercise = load_exercise(name)
            write_implementation(notebooks, exercise, exercise.misconceptions[place].function)
        made.append(_bystander(f"mistaken-{place + 1}", notebooks))
    return made


def _bystander(name: str, notebooks: Notebooks) -> Bystander:
    names = {"before": f"honest-{name}-before", "beside": f"honest-{name}-beside"}
    files = {}
    for when, student in names.items():
        files[when] = {}
        for stem, notebook in notebooks.items():
            written = shortened(copy.deepcopy(notebook))
            # Another code, so that it is judged anew and no verdict is taken from the journal.
            written.cells.append(_note(f"# {student}\n{student.replace('-', '_')} = 1"))
            files[when][f"{student}/{stem}.ipynb"] = nbformat.writes(written).encode()
    return Bystander(names["before"], names["beside"], files)


def _note(source: str) -> Any:
    return nbformat.v4.new_code_cell(source)


def hand_in(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Write what is handed in below a folder."""
    for path, content in files:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
