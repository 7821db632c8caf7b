"""The public side of each exercise: its check module, and the data file that the build made for it."""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from attentif.checks.engine import Case, CheckSet, Diagnosis, Report, better
from attentif.checks.fingerprints import Fingerprints, Probe, case_probes, name_mistakes
from attentif.checks.student import LocalStudent
from attentif.checks.values import Outcome, from_json
from attentif.errors import InputError
from attentif.rescue import judging, known_good


@dataclass(frozen=True)
class PublicExercise:
    """What students have of an exercise.

    Args:
        name: as in contracts.toml.
        method: the method to write, for a class.
        parts: constructor argument → exercise that it comes from.
        checks: the public checks.
        probes: probe name → function of the student's code.
        cases: the stored requests and expected results.
        fingerprints: what known mistakes answer.
        n_hidden: how many checks run at grading only.
    """

    name: str
    method: str | None
    parts: Mapping[str, str]
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
        raise InputError(
            expected=f"an exercise among {', '.join(known_exercises())}",
            got=repr(name),
            remedy="give check() the function or class itself, under its own name",
        )
    return read_exercise(name, json.loads((_data() / f"{name}.json").read_text(encoding="utf-8")))


def public_module(name: str) -> Any:
    """The module of an exercise's public checks: CHECKS and, for some, probes(cases) and TOLERANCES."""
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


def examine(exercise: PublicExercise, target: Any, checks: CheckSet | None = None) -> Report:
    """Run checks (the public ones unless others are given) on a function or class of this process.

    Where the exercise takes parts, it is judged twice: with the parts that the code itself has, and with
    known-good ones; the better counts.
    """
    checks = checks or exercise.checks
    cases = dict(exercise.cases)
    with judging(exercise.name):
        with_parts = LocalStudent(target, exercise.method, known_good)
        report = checks.run(with_parts, cases)
        if exercise.parts:
            own = checks.run(LocalStudent(target, exercise.method, None), cases)
            report = better(own, report, tuple(exercise.parts.values()))
        diagnoses = ()
        if report.earned < report.maximum and not report.unfinished:
            diagnoses = _named(with_parts, exercise)
    return Report(
        exercise.name,
        report.results,
        diagnoses,
        report.carried_forward,
        exercise.n_hidden if checks is exercise.checks else 0,
    )


def _named(student: LocalStudent, exercise: PublicExercise) -> tuple[Diagnosis, ...]:
    try:
        return tuple(name_mistakes(student, exercise.probes, exercise.fingerprints))
    except Exception:
        # A diagnosis is a help: a probe at fault must not take the marks along. That it names nobody shows
        # when the checks are verified.
        return ()


def stale_parts(
    exercise: PublicExercise, target: Any, namespace: Mapping[str, Any] | None = None
) -> list[str]:
    """Parts that a class took when it was defined and that have been redefined since.

    A default argument is bound once: a class defined before scaled_dot_product_attention was mended
    keeps the old one.
    """
    if not inspect.isclass(target) or not namespace:
        return []
    try:
        parameters = inspect.signature(target.__init__).parameters
    except (TypeError, ValueError):  # a constructor that is no function: the checks say what is wrong with it
        return []
    stale = []
    for argument, name in exercise.parts.items():
        bound = parameters[argument].default if argument in parameters else inspect.Parameter.empty
        if bound is not inspect.Parameter.empty and name in namespace and namespace[name] is not bound:
            stale.append(name)
    return stale
