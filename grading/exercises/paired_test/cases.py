"""Stored inputs of the public checks: scores of two models on the same pairs, in 64ths.

In 64ths sums are exact, so that choices of signs that are equally far out are so to the last bit. `pairs` differ far more
than the models do; of `words`, one has many pairs that agree, and stands apart in the list; `drawn` has more pairs than
are tried exactly; of those of `rare`, no other choice is ever as far out. `limit` has 16 pairs, the most that are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from attentif.checks.values import Request
from attentif_grading.division_oracle import UNIT, drawn_bounds, share_of_signs

WORDS = ("juge", "guide", "notaire", "pilote", "libraire", "dentiste", "poète", "chimiste")


def in_units(values: Sequence[float]) -> list[float]:
    """Values rounded to 64ths."""
    return (np.round(UNIT * np.asarray(values)) / UNIT).tolist()


def call(first: Sequence[float], second: Sequence[float], **options: Any) -> Request:
    """A call of paired_test."""
    return Request(args=(list(first), list(second)), kwargs=options)


def scores(rng: np.random.Generator, differences: Sequence[float]) -> tuple[list[float], list[float]]:
    """Scores of two models that differ by these, on pairs that differ far more."""
    second = np.array(in_units(rng.normal(-8.0, 4.0, len(differences))))
    return (second + in_units(differences)).tolist(), second.tolist()


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    drawn = rng or np.random.default_rng(1_936)
    unit = 1.0 if rng is None else float(rng.choice([3, 5, 6, 7])) / 4
    ending = "" if rng is None else str(rng.choice(["s", "_1", "_2"]))

    def little(differences: Sequence[float]) -> np.ndarray:
        """These differences in another unit, each moved a little; a stored one stays as it is."""
        moved = unit * np.array(differences)
        return moved if rng is None else moved + rng.integers(-1, 2, len(moved)) / UNIT

    # Seven words; the first pairs of each, then the others, so that no word's pairs follow each other.
    codes = [0, 1, 2, 3, 4, 5, 6, 0, 3, 0, 5, 0, 3, 6, 0, 5, 0]
    by_word = [1.25, 0.5, -0.375, 0.75, -0.25, 0.875, -0.625]
    noise = [0.0, 0.0, 0.125, -0.25, 0.0, 0.125, -0.125, 0.25, 0.375, -0.125, 0.0, 0.0, -0.125, 0.25, 0.125, -0.25, -0.375]  # fmt: skip
    words = [f"{WORDS[code]}{ending}" for code in codes]
    differences = {
        "pairs": [0.75, 1.5, -0.5, 0.25, 1.125, 0.625, -0.125, 0.875],
        "lower": [-0.625, -1.25, 0.5, -0.25, 0.125, -0.875],
        "equal": [0.5, 0.5, -0.5, 0.5, 0.5, -0.5, 0.5],
        "words": np.array(by_word)[codes] + noise,
        "limit": [1.0, -0.5, 0.75, 0.25, -0.875, 0.5, 1.25, -0.125, 0.625, -0.375, 0.5, -0.75, 1.125, 0.375, -0.25, 0.125],
        "drawn": [0.875, -0.5, 0.75, 0.25, -0.875, 0.5, 1.25, -0.125, 0.625, -0.375, 0.5, -0.75, 1.125, 0.375, -0.25, 0.125, 1.5, -1.0, 0.375],
        "rare": np.arange(40) / 8 + 1.0,
    }  # fmt: skip
    seed = 7 if rng is None else int(rng.integers(2**31))
    options = {
        "words": {"groups": words},
        "drawn": {"n_resamples": 3000, "seed": seed},
        "rare": {"n_resamples": 150, "seed": seed},
    }
    requests = {
        # Equal differences stay equal.
        name: call(*scores(drawn, unit * np.array(each) if name == "equal" else little(each)), **options.get(name, {}))
        for name, each in differences.items()
    }  # fmt: skip
    x, y = scores(drawn, little(differences["pairs"]))
    return requests | {
        "refuses_lengths": call(x, y[:-1]),
        "refuses_labels": call(x, y, groups=words[:7]),
        "refuses_nan": call([*x[:-1], float("nan")], y),
        "refuses_few_resamples": call(x, y, n_resamples=10),
    }


def facts(rng: np.random.Generator, requests: dict[str, Request]) -> dict[str, Any]:
    """Between what bounds p lies where signs are drawn."""
    drawn = requests["drawn"]
    return {"BOUNDS": drawn_bounds(share_of_signs(*drawn.args), drawn.kwargs["n_resamples"])}
