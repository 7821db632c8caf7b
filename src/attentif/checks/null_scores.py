"""Reading and comparing a RandomNull, the result of random_null, whatever holds its scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from attentif.checks.compare import Mismatch, describe, require, value_of
from attentif.checks.fields import near, plain
from attentif.checks.fingerprints import ERROR
from attentif.checks.null_material import RECORDING, TRAINING
from attentif.checks.text import text
from attentif.checks.values import Outcome, Record, Request
from attentif.checks.wording import numeral

# The first number of an answer: all scores are equal, one plain number, something else.
ALIKE, NUMBER, OTHER = -5.0, -6.0, -7.0
# What a watching metric tells by a score that is so many times too large.
_TOLD = {
    TRAINING: text("the model is in training mode", "le modèle est en mode entraînement"),
    RECORDING: text("gradients are recorded", "les gradients sont enregistrés"),
    TRAINING * RECORDING: text(
        "the model is in training mode and gradients are recorded",
        "le modèle est en mode entraînement et les gradients sont enregistrés",
    ),
}


def returned(value: object) -> object:
    """What the code returned; where the metric was asked for its state too, the two came back together."""
    return value["returned"] if isinstance(value, Mapping) and "returned" in value else value


def scores_of(value: object) -> list[float] | None:
    """The scores in what a call gave, None if it is not made of them."""
    value = returned(value)
    fields = value.fields if isinstance(value, Record) else value
    if not isinstance(fields, Mapping):
        return None
    values = fields.get("values")
    if isinstance(values, np.ndarray) and values.ndim == 1:
        values = list(values)
    if not isinstance(values, (tuple, list)):
        return None
    numbers = [plain(each.item() if isinstance(each, np.generic) else each) for each in values]
    return None if None in numbers else numbers


def seeds_of(request: Request) -> Sequence[int]:
    """The seeds that a call gives."""
    return request.kwargs["seeds"] if "seeds" in request.kwargs else request.args[2]


def check_scores(outcome: Outcome, expected: Sequence[float], request: Request) -> None:
    """There must be one score a seed, in their order, and each the expected one."""
    value, seeds = value_of(outcome, request), seeds_of(request)
    found = scores_of(value)
    given = f"seeds={list(seeds)}"
    wanted = text(
        f"a RandomNull(values) of {len(expected)} scores, one a seed, for {given}",
        f"un RandomNull(values) de {len(expected)} scores, un par graine, pour {given}",
    )
    require(found is not None, wanted, describe(returned(value)))
    n = len(found)
    require(n == len(expected), wanted, text(f"{n} score{'s' * (n != 1)}", f"{n} score{'s' * (n > 1)}"))
    for index, (mine, theirs) in enumerate(zip(found, expected, strict=True)):
        if not near(mine, theirs):
            score = {language: f"values[{index}] = {said}" for language, said in numeral(theirs).items()}
            raise Mismatch(
                text(f"{score['en']}, the score of seed {seeds[index]}, for {given}", f"{score['fr']}, le score de la graine {seeds[index]}, pour {given}"),
                _told(mine, theirs),
            )  # fmt: skip


def _told(mine: float, theirs: float) -> dict[str, str]:
    """A wrong score, with its cause where the metric tells it."""
    cause = next((said for times, said in _TOLD.items() if near(mine, times * theirs)), None)
    return {
        language: said if cause is None else f"{said} ({cause[language]})"
        for language, said in numeral(mine).items()
    }


def null_features(outcome: Outcome) -> np.ndarray:
    """The scores of a call; models that all score the same are told alike, whichever weights they have."""
    if outcome.error is not None:
        return np.array([ERROR, 0.0])
    value = returned(outcome.value)
    found = scores_of(value)
    if found is not None and len(found) > 1 and len(set(found)) == 1:
        return np.array([ALIKE, float(len(found))])
    if found is not None:
        return np.nan_to_num(np.array([float(len(found)), *found]), nan=1e6, posinf=1e7, neginf=-1e7)
    number = plain(value)
    return np.array([OTHER, 0.0, 0.0] if number is None else [NUMBER, number, 0.0])
