"""Stored inputs of the public checks: associations of words, and of the sentences made from them, in 64ths.

In 64ths sums are exact, so that divisions that are equally far out are so to the last bit. Most have few enough divisions
to try all; those of `drawn` and `unequal` are too many for their n_resamples; of those of `rare`, none but the observed one is ever as
far out. Sentences of one word stand apart in the lists, and larger words lean to one side.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from attentif.checks.values import Request
from attentif_grading.division_oracle import UNIT, drawn_bounds, share_of_divisions

WORDS = (
    *("guide", "notaire", "pilote", "juge", "libraire", "dentiste"),
    *("chimiste", "poète", "peintre", "arbitre", "géologue", "graphiste"),
)


def in_units(values: Sequence[float]) -> list[float]:
    """Values rounded to 64ths."""
    return (np.round(UNIT * np.asarray(values)) / UNIT).tolist()


def sentences(
    rng: np.random.Generator, n_first: int, n_second: int, shift: float
) -> tuple[list[float], list[float], tuple[list[str], list[str]]]:
    """Values of sentences, one to five a word, and their words; those of one word share much of their value."""
    sides = []
    names = iter(WORDS)
    for count, middle in ((n_first, shift), (n_second, 0.0)):
        sizes = rng.permutation(np.arange(count) % 5 + 1)
        # Larger words are further out: a mean of words' means is another number than the mean of sentences.
        centres = middle + 0.25 * sizes + rng.normal(0.0, 0.6, count)
        labels = [next(names) for _ in range(count)]
        codes = rng.permutation(np.repeat(np.arange(count), sizes))
        values = centres[codes] + 0.4 * rng.normal(size=len(codes))
        sides.append((in_units(values), [labels[code] for code in codes]))
    return sides[0][0], sides[1][0], (sides[0][1], sides[1][1])


def call(first: Sequence[float], second: Sequence[float], **options: Any) -> Request:
    """A call of permutation_p_value."""
    return Request(args=(list(first), list(second)), kwargs=options)


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    drawn = np.random.default_rng(1_935)
    x, y, words = sentences(drawn, 3, 6, 1.3)
    more_x, more_y, more_words = sentences(drawn, 5, 7, 0.75)
    # Only the divisions with the outlier in the first part are as far out: 7 of 18, unless it can be there twice, or not.
    outlier = [9.0, -0.75, -0.5, -0.625, -0.375, -0.25, -0.875], [0.5, 0.25, -0.125, 0.75, 0.0, 0.375, 1.0, 0.625, 0.125, -0.0625, 0.875]  # fmt: skip
    # Only those with the outlier in the second part, and no word more in it, are as far out: 8 of 26.
    unequal = -np.arange(18) / 32, [-20.0, *(np.arange(1, 8) / 32)]
    separated = np.arange(20) / 4 + 9.0, -np.arange(20) / 4
    requests = {
        "few": call([1.25, 1.5, 0.75], [0.5, 0.875]),
        "words": call([1.5, 0.25, 1.75], [0.5, 1.25, -0.75, 0.0, -0.5, 1.0]),
        "far": call([-0.75, 0.5, -1.25, 0.25], [0.75, 1.0, -0.5, 0.375, 0.125]),
        "ties": call([1.0, 1.0, 0.25, 0.25], [1.0, 0.25, 0.25, 0.25, 0.25]),
        "limit": call([0.875, -0.5, 1.125, 0.0], [0.25, -0.75, 0.625, -1.0, 0.75], n_resamples=126),
        "sentences_few": call([0.5, 1.25, 0.25, 1.0], [-0.5, 0.75, -1.0], groups=(["juge", "guide", "juge", "poète"], ["pilote", "notaire", "pilote"])),
        "sentences": call(x, y, groups=words),
        "sentences_more": call(more_x, more_y, groups=more_words),
        "drawn": call(*outlier, n_resamples=4000, seed=3),
        "unequal": call(*unequal, n_resamples=2500, seed=4),
        "rare": call(*separated, n_resamples=200, seed=5),
        "rare_again": call(*separated, n_resamples=777, seed=6),
        "refuses_both": call([1.0, 0.5, 0.25], [0.0, 0.75, -0.5], groups=(["juge", "guide", "juge"], ["poète", "guide", "poète"])),
        "refuses_labels": call([1.0, 0.5, 0.25], [0.0, 0.75, -0.5], groups=(["juge", "guide"], ["poète", "peintre", "poète"])),
        "refuses_nan": call([1.0, float("nan"), 0.25], [0.0, 0.75, -0.5]),
        "refuses_few_resamples": call([1.0, 0.5, 0.25], [0.0, 0.75, -0.5], n_resamples=20),
    }  # fmt: skip
    return requests if rng is None else _twins(rng, requests)


def _twins(rng: np.random.Generator, requests: dict[str, Request]) -> dict[str, Request]:
    """The same values in another unit and moved, and moved a little each, except where some are equal; other words."""
    unit, moved = int(rng.choice([3, 5, 6, 7])) / 4, int(rng.integers(-90, 90)) / UNIT
    ending = str(rng.choice(["s", "_1", "_2"]))
    made = {}
    for name, request in requests.items():
        little = 0 if name in ("ties", "few") or name.startswith("refuses") else 2
        values = [
            (unit * np.array(each) + moved + rng.integers(-little, little + 1, len(each)) / UNIT) for each in request.args
        ]  # fmt: skip
        options = dict(request.kwargs)
        if "groups" in options:
            options["groups"] = tuple([f"{word}{ending}" for word in each] for each in options["groups"])
        if "seed" in options:
            options["seed"] = int(rng.integers(2**31))
        made[name] = call(*(in_units(each) if np.isfinite(each).all() else each.tolist() for each in values), **options)  # fmt: skip
    return made


def facts(rng: np.random.Generator, requests: dict[str, Request]) -> dict[str, Any]:
    """Between what bounds p lies where divisions are drawn, b of n of them being as far out."""
    return {name: _bounds(requests[case]) for name, case in (("BOUNDS", "drawn"), ("UNEQUAL", "unequal"))}


def _bounds(drawn: Request) -> tuple[float, float]:
    return drawn_bounds(share_of_divisions(*drawn.args), drawn.kwargs["n_resamples"])
