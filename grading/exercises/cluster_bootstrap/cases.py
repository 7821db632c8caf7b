"""Stored inputs of the public checks: bias scores in unequal groups whose values stand in any order.

`words`: one word has many scores, and high ones; larger groups lean to higher scores. So a group's size, how often
it is drawn, and a lopsided interval all show. `numbers`: values of a group have little in common; labels are
numbers with gaps. `pairs`: labels are pairs of words that share their first word with others.
"""

from __future__ import annotations

import numpy as np

from attentif.checks.intervals import interval_request
from attentif.checks.values import Request

WORDS = [
    *("juge", "guide", "notaire", "pilote", "libraire", "dentiste", "fleuriste", "interprète", "journaliste"),
    *("pianiste", "poète", "garagiste", "chimiste", "linguiste", "graphiste", "machiniste", "peintre"),
    *("ébéniste", "cinéaste", "géologue", "arbitre", "maire"),
]
PAIRS = [
    (first, second)
    for first in ("un", "le", "ce", "mon")
    for second in ("fils", "roi", "ami", "chat", "pain")
]


def words() -> tuple[list[float], list[str]]:
    """65 values in 22 groups of 1 to 9."""
    rng = np.random.default_rng(1_979)
    sizes = rng.permutation(np.repeat([1, 2, 3, 4, 6], [5, 6, 5, 3, 2]))
    centres = np.append(0.9 + 0.25 * sizes + 0.35 * rng.normal(size=len(sizes)), 7.5)
    codes = rng.permutation(np.repeat(range(len(WORDS)), [*sizes, 9]))
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
    codes = rng.permutation(np.repeat(range(20), np.repeat([1, 2, 3, 4, 5], [3, 6, 6, 3, 2])))
    values = 0.4 + rng.normal(size=20)[codes] + 0.3 * rng.normal(size=len(codes))
    return np.round(values, 3).tolist(), [PAIRS[code] for code in codes]


def cases() -> dict[str, Request]:
    """Requests by name."""
    six, four = [0.5, -1.0, 0.25, 2.0, 1.5, 0.75], ["a", "b", "c", "d", "a", "b"]
    return {
        "words": interval_request(*words()),
        "words_80": interval_request(*words(), level=0.8, seed=1),
        "words_50": interval_request(*words(), n_resamples=1000, level=0.5, seed=2),
        "words_few": interval_request(*words(), n_resamples=100, seed=3),
        "numbers": interval_request(*numbers(), n_resamples=4000, seed=4),
        "numbers_few": interval_request(*numbers(), n_resamples=100, seed=5),
        "pairs": interval_request(*pairs(), n_resamples=1000, level=0.8, seed=6),
        "refuses_four_groups": interval_request(six, four),
        "refuses_lengths": interval_request(six, [*"abcdefg"]),
        "refuses_nan": interval_request([*six[:5], float("nan")], [*"abcdef"]),
        "refuses_level": interval_request(six, [*"abcdef"], level=95),
        "refuses_few_resamples": interval_request(six, [*"abcdef"], n_resamples=10),
    }
