"""Reading and comparing an AssociationScore, the result of log_probability_bias, whatever holds its numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from attentif.checks.compare import describe, require, value_of
from attentif.checks.masked_scoring import near
from attentif.checks.text import text
from attentif.checks.values import Outcome, Record, Request
from attentif.checks.wording import numeral

FIELDS = ("raw", "prior", "corrected")


def fields_of(value: object) -> dict[str, float] | None:
    """The three numbers of a score, None if it is not made of them."""
    fields = value.fields if isinstance(value, Record) else value
    if not isinstance(fields, Mapping) or not set(FIELDS) <= set(fields):
        return None
    numbers = {}
    for name in FIELDS:
        number = fields[name]
        if isinstance(number, np.ndarray) and number.shape == () and number.dtype.kind == "f":
            number = number.item()
        if not isinstance(number, float):
            return None
        numbers[name] = number
    return numbers


def check_score(outcome: Outcome, expected: Mapping[str, float], request: Request, *names: str) -> None:
    """These fields of a score must be the expected ones; the text of a failure shows the call."""
    value = value_of(outcome, request)
    numbers = fields_of(value)
    template, first, second, attribute = request.args[2:]
    asked = f"{template!r}, {first} / {second}, {attribute}"
    require(
        numbers is not None,
        text(
            "an AssociationScore(raw=..., prior=..., corrected=...) of three floats",
            "un AssociationScore(raw=..., prior=..., corrected=...) de trois nombres (float)",
        ),
        describe(value),
    )
    for name in names:
        wanted = numeral(expected[name], ".5f")
        require(
            near(numbers[name], expected[name]),
            text(f"{name} = {wanted['en']} for {asked}", f"{name} = {wanted['fr']} pour {asked}"),
            numeral(numbers[name], ".5f"),
        )


def what_is_seen(numbers: Mapping[str, float]) -> dict[str, float]:
    """A score as three numbers that single mistakes change by themselves: the last is −1 for raw − prior."""
    with np.errstate(all="ignore"):
        share = np.float64(numbers["corrected"] - numbers["raw"]) / np.float64(numbers["prior"])
    return {"raw": numbers["raw"], "prior": numbers["prior"], "share": share}
