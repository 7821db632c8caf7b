"""Stored inputs of the public checks: bias scores in unequal groups whose values stand in any order.

`words`: one word has many scores, and high ones; larger groups lean to higher scores. So a group's size, how often
it is drawn, and a lopsided interval all show. That group is the last one, by name and by place, so that it shows
too when the last one is never drawn. `numbers`: values of a group have little in common; labels are numbers with
gaps. `pairs`: labels are pairs of words that share their first word with others; the first group is the high one. Its level
and its number of resamples are such that no mistake's interval is inside its bounds, or outside, by chance alone.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np

from attentif.checks.intervals import interval_request
from attentif.checks.public.cluster_bootstrap import BOUNDS
from attentif.checks.values import Request
from attentif_grading.bootstrap_oracle import band

WORDS = [
    *("juge", "guide", "notaire", "pilote", "libraire", "dentiste", "fleuriste", "interprète", "journaliste"),
    *("pianiste", "poète", "garagiste", "chimiste", "linguiste", "graphiste", "machiniste", "peintre"),
    *("ébéniste", "cinéaste", "géologue", "arbitre", "vétérinaire"),
]
PAIRS = [
    (first, second) for first in ("ce", "le", "mon", "son", "un") for second in ("ami", "chat", "fils", "roi")
]


def words() -> tuple[list[float], list[str]]:
    """65 values in 22 groups of 1 to 9."""
    rng = np.random.default_rng(1_979)
    sizes = rng.permutation(np.repeat([1, 2, 3, 4, 6], [5, 6, 5, 3, 2]))
    centres = np.append(0.9 + 0.25 * sizes + 0.35 * rng.normal(size=len(sizes)), 7.5)
    # One value of each group but the last, then all the others.
    codes = np.append(rng.permutation(21), rng.permutation(np.repeat(range(22), [*(sizes - 1), 9])))
    values = centres[codes] + 0.5 * rng.normal(size=len(codes))
    return np.round(values, 3).tolist(), [WORDS[code] for code in codes]


def numbers() -> tuple[list[float], list[int]]:
    """80 values in 24 groups of 2, 3 or 5."""
    rng = np.random.default_rng(1_997)
    sizes = rng.permutation(np.repeat([2, 3, 5], 8))
    labels = rng.choice(np.arange(3, 70), 24, replace=False)
    values = rng.exponential(1.5, size=sizes.sum()) - 2.7
    order = rng.permutation(len(values))
    return np.round(values, 3).tolist(), np.repeat(labels, sizes)[order].tolist()


def pairs() -> tuple[list[float], list[tuple[str, str]]]:
    """55 values in 20 groups of 1 to 5."""
    rng = np.random.default_rng(2_019)
    sizes = [4, *rng.permutation(np.repeat([1, 2, 3, 4, 5], [3, 6, 6, 2, 2]))]
    codes = np.append(0, rng.permutation(np.repeat(range(20), [3, *sizes[1:]])))
    centres = np.append(6.0, rng.normal(size=19))
    values = 0.4 + centres[codes] + 0.3 * rng.normal(size=len(codes))
    return np.round(values, 3).tolist(), [PAIRS[code] for code in codes]


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    if rng is not None:
        return _twins(rng)
    six, four = [0.5, -1.0, 0.25, 2.0, 1.5, 0.75], ["a", "b", "c", "d", "a", "b"]
    return {
        # So few that they can be shown whole.
        "few": interval_request(
            [0.5, -1.0, 2.0, 1.5, 0.25, 3.0, -0.5, 2.5, 3.5, 0.75, 4.0], [*"abcadbefdad"]
        ),
        "words": interval_request(*words()),
        "words_90": interval_request(*words(), n_resamples=3000, level=0.9, seed=7),
        "words_80": interval_request(*words(), level=0.8, seed=1),
        "words_50": interval_request(*words(), level=0.5, seed=2),
        "words_few": interval_request(*words(), n_resamples=100, seed=3),
        "numbers": interval_request(*numbers(), n_resamples=4000, seed=4),
        "numbers_few": interval_request(*numbers(), n_resamples=100, seed=5),
        "pairs": interval_request(*pairs(), n_resamples=2000, level=0.7, seed=6),
        "refuses_four_groups": interval_request(six, four),
        "refuses_lengths": interval_request(six, [*"abcdefg"]),
        "refuses_nan": interval_request([*six[:5], float("nan")], [*"abcdef"]),
        "refuses_level": interval_request(six, [*"abcdef"], level=95),
        "refuses_few_resamples": interval_request(six, [*"abcdef"], n_resamples=10),
    }


def _twins(rng: np.random.Generator) -> dict[str, Request]:
    """The stored requests in another unit, with other seeds and labels, and values that are moved a little.

    How groups differ, and how much they count, stays what it is: so does what a mistake changes.
    """
    requests, words = cases(), _other_words(rng)
    data: dict[tuple, tuple[list, list]] = {}
    made = {}
    for name, request in requests.items():
        values, groups = request.args
        key = tuple(map(repr, values)), tuple(groups)
        if key not in data:
            unit = rng.uniform(0.7, 1.5)
            moved = unit * (np.array(values) + 0.02 * np.ptp(values) * rng.uniform(-1.0, 1.0, len(values)))
            data[key] = np.round(moved, 3).tolist(), [words.get(each, each) for each in groups]
        options = request.kwargs | ({"seed": int(rng.integers(2**31))} if name in BOUNDS else {})
        # So many that the ends of every mistake are clearly inside their bounds, or outside, in one case of a check.
        if name in ("words", "words_80", "words_50"):
            options["n_resamples"] = 1000
        made[name] = interval_request(*data[key], **options)
    return made


def _other_words(rng: np.random.Generator) -> dict[Hashable, Hashable]:
    """Another label for each; the order of all words, and which pairs share a word, stay."""
    ending = str(rng.choice(["s", "_1", "_2", "_3"]))
    words: dict[Hashable, Hashable] = {word: f"{word}{ending}" for word in WORDS}
    step = int(rng.integers(2, 9))
    words |= {number: step * number + 1 for number in range(3, 70)}
    return words | {(first, second): (first, f"{second}{ending}") for first, second in PAIRS}


def facts(rng: np.random.Generator, requests: dict[str, Request]) -> dict[str, Any]:
    """Between what bounds the ends lie."""
    bounds = {}
    for name in BOUNDS:
        options = {"n_resamples": 2000, "level": 0.95} | requests[name].kwargs
        found = band(*requests[name].args, options["n_resamples"], options["level"])
        bounds[name] = found.low, found.high
    return {"BOUNDS": bounds}
