"""An examination as tables: one JSON, its readings and its questions as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from attentif.bias.nulls import RandomNull
from attentif.checkpoint import write_atomically
from attentif.language import say
from attentif.probing.reading import Measure, Outcome, Reading
from attentif.probing.suite import strict_json

FEWEST_FOR_P = 39  # models with random weights: with fewer, no p-value can be as low as 0.05
_ITEM = (
    "measure",
    "item",
    "category",
    "group",
    "first",
    "second",
    "score_first",
    "score_second",
    "score_third",
)


def write_tables(
    folder: Path,
    name: str,
    measures: Sequence[Measure],
    outcomes: Mapping[str, Outcome],
    about: Mapping[str, Any],
) -> None:
    """Write report.json, readings.csv (a number a line) and items.csv (a question a line).

    Units are in English whatever the language of the page, so that two examinations can be put side by side.
    """
    kept = {
        "model": name,
        **about,
        "measures": {
            measure.key: {
                "title": say(measure.title),
                "suite": measure.suite,
                "unit": say(measure.unit, "en"),
                "neutral": measure.neutral,
                **_without_items(outcomes[measure.key]),
            }
            for measure in measures
        },
    }
    write_text(folder / "report.json", strict_json(kept) + "\n")
    readings = [
        {
            "suite": measure.suite,
            "measure": measure.key,
            "unit": say(measure.unit, "en"),
            "neutral": measure.neutral if reading.chance is None else reading.chance,
            **_row(reading),
        }
        for measure in measures
        for reading in outcomes[measure.key].readings
    ]
    write_text(folder / "readings.csv", _csv(readings, list(readings[0]) if readings else []))
    items = [{"measure": measure.key, **item} for measure in measures for item in outcomes[measure.key].items]
    write_text(folder / "items.csv", _csv(items, _ITEM))


def null_of(reading: Reading) -> tuple[float, float]:
    """Mean and standard deviation (N − 1) of the models with random weights; NaN for fewer than two."""
    if len(reading.null) < 2:
        return float("nan"), float("nan")
    drawn = RandomNull(reading.null)
    return drawn.mean, drawn.sd


def null_p(reading: Reading) -> float:
    """How often random weights score as far out, on either side; NaN where there are too few of them to say."""
    if len(reading.null) < FEWEST_FOR_P:
        return float("nan")
    return RandomNull(reading.null).p_value(reading.estimate)


def write_text(path: Path, said: str) -> Path:
    """Write a file whole or not at all."""
    write_atomically(path, lambda target: target.write_text(said, encoding="utf-8"))
    return path


def _without_items(outcome: Outcome) -> dict[str, Any]:
    return {name: value for name, value in asdict(outcome).items() if name != "items"}


def _row(reading: Reading) -> dict[str, Any]:
    mean, sd = null_of(reading)
    found = asdict(reading)
    for name in ("null", "chance"):
        del found[name]
    return {
        **found,
        "null_mean": mean,
        "null_sd": sd,
        "null_low": min(reading.null, default=None),
        "null_high": max(reading.null, default=None),
        "null_models": len(reading.null),
        "null_p": null_p(reading),
    }


def _csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    target = io.StringIO()
    if columns:
        writer = csv.DictWriter(target, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: "" if value != value else value for key, value in row.items()} for row in rows)
    return target.getvalue()
