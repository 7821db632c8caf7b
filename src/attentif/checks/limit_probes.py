"""Judging the results of the probes of limits: intervals, counts and names, field by field."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from attentif.checks.compare import describe, require, value_of
from attentif.checks.fields import fields_of, near, plain
from attentif.checks.fingerprints import ERROR, Probe, identifier
from attentif.checks.student import Student
from attentif.checks.text import Text, text
from attentif.checks.values import Outcome, Record, Request
from attentif.checks.wording import numeral

ENDS = ("estimate", "low", "high")


def inside(value: Any, name: str) -> Any:
    """A field of a result, whatever holds it; None where there is none."""
    fields = value.fields if isinstance(value, Record) else value
    return fields.get(name) if isinstance(fields, Mapping) else None


def ends_of(value: Any, name: str) -> dict[str, float] | None:
    """estimate, low and high of a field of a result; None where it has none."""
    return fields_of(inside(value, name), ENDS)


def names_of(value: Any, name: str) -> list[str] | None:
    """A field that holds names, in any order; None where it holds something else."""
    found = inside(value, name)
    fits = isinstance(found, (list, tuple)) and all(isinstance(each, str) for each in found)
    return sorted(found) if fits else None


def result_of(outcome: Outcome, request: Request, type_name: str, names: Sequence[str]) -> Any:
    """The value of an outcome; a Mismatch if it failed, or lacks one of these fields."""
    value = value_of(outcome, request)
    missing = [name for name in names if inside(value, name) is None]
    listed = ", ".join(missing[:3])
    wanted = text(f"a {type_name} with {listed}", f"un {type_name} avec {listed}")
    require(not missing, wanted, describe(value))
    return value


def check_ends(
    value: Any, expected: Any, names: Sequence[str], asked: Text, ends: Sequence[str] = ENDS
) -> None:
    """These fields must have the expected estimate, low and high, or those of the three that are named."""
    for name in names:
        mine, theirs = ends_of(value, name), ends_of(expected, name)
        if theirs is None:
            none = text(f"{name} = None for {asked['en']}", f"{name} = None pour {asked['fr']}")
            require(inside(value, name) is None, none, describe(inside(value, name)))
            continue
        wanted = f"{name} = Interval(estimate=…, low=…, high=…, …)"
        require(mine is not None, text(wanted, wanted), describe(inside(value, name)))
        for end in ends:
            said = numeral(theirs[end])
            require(
                near(mine[end], theirs[end]),
                text(
                    f"{name}.{end} = {said['en']} for {asked['en']}",
                    f"{name}.{end} = {said['fr']} pour {asked['fr']}",
                ),
                numeral(mine[end]),
            )


def check_count(value: Any, expected: Any, name: str, asked: Text) -> None:
    """A whole number must be the expected one."""
    mine, theirs = plain(inside(value, name)), plain(inside(expected, name))
    got = describe(inside(value, name)) if mine is None else numeral(mine)
    said = f"{name} = {theirs:.6g}"
    require(mine == theirs, text(f"{said} for {asked['en']}", f"{said} pour {asked['fr']}"), got)


def check_names(value: Any, expected: Any, name: str, asked: Text) -> None:
    """The names must be the expected ones, in any order."""
    mine, theirs = names_of(value, name), names_of(expected, name)
    got = describe(inside(value, name)) if mine is None else text(f"{mine}", f"{mine}")
    require(
        mine == theirs,
        text(f"{name} = {theirs} for {asked['en']}", f"{name} = {theirs} pour {asked['fr']}"),
        got,
    )


def field_probes(requests: Mapping[str, Request], fields: Sequence[str]) -> dict[str, Probe]:
    """One probe a case and field: its estimate, low and high; 7 and a number of its own for what is no interval."""

    def probe(request: Request, field: str) -> Probe:
        def answer(student: Student) -> np.ndarray:
            outcome = student.run(request)
            # The kind of an error depends on how the same mistake is written.
            if outcome.error is not None:
                return np.array([ERROR, 0.0])
            found = ends_of(outcome.value, field)
            if found is None:
                return np.array([7.0, float(inside(outcome.value, field) is None)])
            return np.nan_to_num([found[end] for end in ENDS], nan=1e6, posinf=1e7, neginf=-1e7)

        return answer

    return {
        f"{case}_{field}": probe(request, field) for case, request in requests.items() for field in fields
    }


def told_probe(request: Request, counts: Sequence[str], names: Sequence[str]) -> Probe:
    """What a result says of what was asked and what was left out."""

    def answer(student: Student) -> np.ndarray:
        outcome = student.run(request)
        if outcome.error is not None:
            return np.array([ERROR, 0.0])
        numbers = [plain(inside(outcome.value, name)) for name in counts]
        lists = [names_of(outcome.value, name) for name in names]
        return np.array(
            [
                *(-1.0 if number is None or not math.isfinite(number) else number for number in numbers),
                *(-1.0 if found is None else identifier("|".join(found)) for found in lists),
            ]
        )

    return answer
