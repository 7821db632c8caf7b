"""The data file of an exercise's public checks: stored inputs, expected results, fingerprints, diagnoses."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from attentif.checks.engine import Case
from attentif.checks.fingerprints import IDENTIFIERS
from attentif.checks.store import probes_of, public_module
from attentif.checks.values import Outcome, Request, from_json, to_json
from attentif.judged import judging
from attentif_grading.exercises import Exercise

# Digits kept of floating-point results: machines differ in the last few, and a built file must not.
DIGITS = 10
EXACT = (1e-7, 2e-8)
NARROW = {"float32": (1e-5, 1e-6), "float16": (5e-3, 1e-3), "bfloat16": (5e-2, 1e-2)}


@contextmanager
def _same_randomness() -> Iterator[None]:
    """Functions that draw (dropout) give the same numbers in every build: each run starts from this state."""
    generators = random.getstate(), np.random.get_state(), torch.get_rng_state()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # the order of a sum depends on it
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)
    try:
        yield
    finally:
        random.setstate(generators[0])
        np.random.set_state(generators[1])
        torch.set_rng_state(generators[2])
        torch.set_num_threads(threads)


@_same_randomness()
def build_check_data(exercise: Exercise) -> dict[str, Any]:
    """What attentif/checks/data/NAME.json holds, as plain JSON."""
    module, cases = public_module(exercise.name), answered(exercise, exercise.requests)
    with judging(exercise.name):
        probes = probes_of(module, cases)

        def answers(target: Any) -> dict[str, list[int | float]]:
            student = exercise.student(target)
            return {probe: _rounded(ask(student)) for probe, ask in probes.items()}

        fingerprints = {
            "reference": answers(exercise.reference),
            "mistakes": {m.name: answers(exercise.target(m.function)) for m in exercise.misconceptions},
            "diagnoses": {m.name: m.said for m in exercise.misconceptions},
        }
    public, hidden = module.CHECKS, exercise.hidden
    return {
        "exercise": exercise.name,
        "method": exercise.contract.method,
        "parts": exercise.contract.parts,
        "called": list(exercise.contract.called),
        "points": {"public": _points(public), "hidden": _points(hidden)},
        "n_hidden": len(hidden.checks),
        "cases": {name: _case(case) for name, case in cases.items()},
        "fingerprints": fingerprints,
    }


@_same_randomness()
def answered(exercise: Exercise, requests: Mapping[str, Request]) -> dict[str, Case]:
    """These requests with what the reference answers to them.

    Raises:
        RuntimeError: it fails on one that is not named refuses_...
    """
    module, reference = public_module(exercise.name), exercise.student(exercise.reference)
    with judging(exercise.name):
        cases = {name: Case(request, reference.run(request)) for name, request in requests.items()}
    for name, case in cases.items():
        if case.expected.error is not None and not name.startswith("refuses_"):
            raise RuntimeError(
                f"the reference of {exercise.name} fails on case {name}: {case.expected.error}"
            )
    if hasattr(module, "seal"):  # an exercise whose answers are the expected numbers themselves
        cases = {n: replace(c, expected=Outcome(module.seal(c.expected.value))) for n, c in cases.items()}
    return cases


def dump(data: dict[str, Any]) -> str:
    """The file's text."""
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=False) + "\n"


def same_within_rounding(first: Any, second: Any, tolerance: tuple[float, float] = EXACT) -> bool:
    """Whether two contents differ only by the last digits of floats, as between two processors.

    Args:
        first, second: parsed JSON.
        tolerance: largest relative and absolute difference; wider where less is known of the digits: in
            arrays of a narrow dtype, and in fingerprints, which may come from one.
    """
    if isinstance(first, dict) and isinstance(second, dict):
        if list(first) != list(second):
            return False
        tolerance = NARROW.get(str(first.get("dtype")), tolerance)
        described = [{key: content[key] for key in content if key != "raw"} for content in (first, second)]
        if list(first) == ["raw", "dtype", "shape"] and described[0] == described[1]:
            # An input that the exercise solved for (a weight that gives a planted activation) is of a processor too.
            return _close(from_json(first), from_json(second), tolerance)
        return all(
            same_within_rounding(first[k], second[k], NARROW["float32"] if k == "fingerprints" else tolerance)
            for k in first
        )
    if isinstance(first, list) and isinstance(second, list):
        pairs = zip(first, second, strict=False)
        return len(first) == len(second) and all(same_within_rounding(a, b, tolerance) for a, b in pairs)
    if isinstance(first, float) and isinstance(second, float):
        return _close(np.array(first), np.array(second), tolerance)
    return type(first) is type(second) and first == second


def _close(first: np.ndarray, second: np.ndarray, tolerance: tuple[float, float]) -> bool:
    if first.dtype.kind != "f":
        return np.array_equal(first, second)
    relative, absolute = tolerance
    return np.allclose(first, second, rtol=relative, atol=absolute, equal_nan=True)


def _points(checks: Any) -> float:
    return sum(check.points for check in checks.checks)


def _rounded(numbers: np.ndarray) -> list[int | float]:
    # Sums that cancel leave noise around 0; rounding to a fixed decimal removes it. Identifiers are written as
    # integers, which are compared exactly when a file is brought up to date.
    return [
        int(number) if number >= IDENTIFIERS and number.is_integer() else float(np.round(number, 8) + 0.0)
        for number in map(float, numbers)
    ]


def _case(case: Case) -> dict[str, Any]:
    return {
        # Inputs are kept to the bit: the expected results belong to exactly these.
        "request": to_json(case.request),
        "value": to_json(_tidy(case.expected.value), DIGITS),
        "gradients": to_json(_tidy(case.expected.gradients), DIGITS),
    }


def _tidy(value: Any) -> Any:
    """Round float arrays to a fixed decimal, so that noise around 0 is 0."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        # asarray: numpy makes a plain number of an array without axes.
        return np.asarray(np.round(value, DIGITS) + np.zeros((), value.dtype))
    if isinstance(value, (tuple, list)):
        return type(value)(_tidy(item) for item in value)
    if isinstance(value, dict):
        return {name: _tidy(item) for name, item in value.items()}
    if isinstance(value, Outcome):
        return Outcome(_tidy(value.value), _tidy(value.gradients))
    return value
