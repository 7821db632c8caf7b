"""The public side of each exercise: its check module, and the data file that the build made for it."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from attentif.checks.engine import Case, CheckSet
from attentif.checks.fingerprints import Fingerprints, Probe, case_probes
from attentif.checks.values import Outcome, from_json
from attentif.errors import InputError
from attentif.language import text


@dataclass(frozen=True)
class PublicExercise:
    """What students have of an exercise.

    Args:
        name: as in contracts.toml.
        method: the method to write, for a class.
        parts: constructor argument → exercise that it comes from.
        called: other exercises on which it depends: the code calls them by their names.
        checks: the public checks.
        probes: probe name → function of the student's code.
        cases: the stored requests and expected results.
        fingerprints: what known mistakes answer.
        n_hidden: how many checks run at grading only.
    """

    name: str
    method: str | None
    parts: Mapping[str, str]
    called: tuple[str, ...]
    checks: CheckSet
    probes: Mapping[str, Probe]
    cases: Mapping[str, Case]
    fingerprints: Fingerprints
    n_hidden: int


def _data() -> Any:
    return resources.files("attentif.checks") / "data"


def known_exercises() -> list[str]:
    """Names of the exercises that have public checks."""
    return sorted(entry.name[: -len(".json")] for entry in _data().iterdir() if entry.name.endswith(".json"))


@cache
def load_exercise(name: str) -> PublicExercise:
    """The public side of an exercise.

    Raises:
        InputError: no exercise of this name.
    """
    if name not in known_exercises():
        by_lower_case = {each.lower(): each for each in known_exercises()}
        near = [by_lower_case[each] for each in get_close_matches(str(name).lower(), by_lower_case, n=3)]
        meant = ", ".join(near)
        raise InputError(
            expected=text("the name of an exercise", "le nom d'un exercice"),
            got=repr(name),
            remedy=text(
                "give check() the function or class itself, under its own name"
                + (f"; perhaps {meant}" if near else ""),
                "donnez à check() la fonction ou la classe elle-même, sous son propre nom"
                + (f" ; peut-être {meant}" if near else ""),
            ),
        )
    return read_exercise(name, json.loads((_data() / f"{name}.json").read_text(encoding="utf-8")))


def public_module(name: str) -> Any:
    """The module of an exercise's public checks: CHECKS and, for some, probes(cases), TOLERANCES and seal(value).

    What seal makes of the expected values is stored in their place.
    """
    return importlib.import_module(f"attentif.checks.public.{name}")


def read_exercise(name: str, stored: Mapping[str, Any]) -> PublicExercise:
    """The public side of an exercise, with this content of its data file."""
    module = public_module(name)
    cases = {
        case: Case(
            from_json(entry["request"]), Outcome(from_json(entry["value"]), from_json(entry["gradients"]))
        )
        for case, entry in stored["cases"].items()
    }
    prints = stored["fingerprints"]

    def vectors(by_probe: Mapping[str, list[float]]) -> dict[str, np.ndarray]:
        return {probe: np.array(numbers, dtype=np.float64) for probe, numbers in by_probe.items()}

    return PublicExercise(
        name=name,
        method=stored["method"],
        parts=stored["parts"],
        called=tuple(stored.get("called", ())),
        checks=module.CHECKS,
        probes=probes_of(module, cases),
        cases=cases,
        fingerprints=Fingerprints(
            reference=vectors(prints["reference"]),
            mistakes={mistake: vectors(answers) for mistake, answers in prints["mistakes"].items()},
            diagnoses=prints["diagnoses"],
            tolerances=getattr(module, "TOLERANCES", {}),
        ),
        n_hidden=stored["n_hidden"],
    )


def probes_of(module: Any, cases: Mapping[str, Case]) -> dict[str, Probe]:
    """The probes of an exercise: its stored cases, unless its module makes its own."""
    return module.probes(cases) if hasattr(module, "probes") else case_probes(cases)
