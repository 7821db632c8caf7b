"""Stored inputs of the public checks: bias scores in unequal groups whose values stand in any order.

`words`: one word has many scores, and high ones; larger groups lean to higher scores. So a group's size, how often
it is drawn, and a lopsided interval all show. That group is the last one, by name and by place, so that it shows
too when the last one is never drawn. `numbers`: values of a group have little in common; labels are numbers with
gaps. `pairs`: labels are pairs of words that share their first word with others; the first group is the high one.
"""

from __future__ import annotations

import numpy as np

from attentif.checks.intervals import interval_request
from attentif.checks.values import Request

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


def cases() -> dict[str, Request]:
    """Requests by name."""
    six, four = [0.5, -1.0, 0.25, 2.0, 1.5, 0.75], ["a", "b", "c", "d", "a", "b"]
    return {
        "words": interval_request(*words()),
        "words_90": interval_request(*words(), n_resamples=3000, level=0.9, seed=7),
        "words_80": interval_request(*words(), level=0.8, seed=1),
        "words_50": interval_request(*words(), level=0.5, seed=2),
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
