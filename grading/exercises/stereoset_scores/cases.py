"""Stored inputs of the public checks: cases of targets of unequal sizes, in a mixed order.

Scores are eighths, so that ties are exact; they are drawn until no two ways of counting give the same figures.
"""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request
from attentif_grading.pair_tables import telling

TARGETS = ("judge", "cook", "nurse", "pilot", "guide", "poet", "baker", "clerk", "tailor", "singer", "farmer")
FOUR = {"judge": 5, "cook": 2, "nurse": 1, "pilot": 4}
SETTINGS = {
    "plain": {"sizes": FOUR, "lean": 0.65},
    "reversed": {"sizes": {"Ethiopia": 4, "Peru": 3, "Norway": 1}, "lean": 0.35},
    "poor": {"sizes": FOUR, "knows": 0.1},
    "ties": {"sizes": {"juge": 6, "cuisinier": 4, "pilote": 3}, "tied": 0.5},
    "official_plain": {"sizes": FOUR},
    "official_ties": {"sizes": {"grand": 6, "petit": 3, "vieux": 4}, "tied": 0.5},
}
# Of the stereotype score, on which side of 50 % it is.
SIDES = {"plain": (52, 90), "reversed": (10, 48), "poor": (30, 70)}


def _drawn(rng, name):
    low, high = SIDES.get(name, (5, 95))
    while True:
        table = telling(rng, **SETTINGS[name])
        scores, targets = np.array(table.scores), np.array(table.targets)
        share = 100 * np.mean(
            [(scores[targets == t, 0] > scores[targets == t, 1]).mean() for t in set(targets)]
        )
        if low <= share <= high:
            return table


def _all_won(rng: np.random.Generator, n_targets: int) -> Request:
    """Every comparison won, in numbers of targets of which as many times 100 / n_targets is a rounding above 100."""
    scores = [[high, high - 1.5, high - 4.0] for high in (-rng.integers(8, 60, n_targets) / 8).tolist()]
    return Request(args=(scores, list(TARGETS[:n_targets])))


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    requests = {}
    for number, name in enumerate(SETTINGS):
        table = _drawn(rng or np.random.default_rng(number), name)
        options = {"official": True} if name.startswith("official") else {}
        requests[name] = Request(args=(table.scores, table.targets), kwargs=options)
    # One target; targets that are no words.
    drawn_by = rng or np.random.default_rng(50)
    one = [[-5.0, -6.5, -9.0], [-7.25, -4.0, -8.5], [-6.0, -7.0, -6.25]]
    shift = 0.0 if rng is None else float(drawn_by.integers(1, 9)) / 8
    one = [[score - shift for score in row] for row in one]
    requests["one_target"] = Request(args=(one, ["judge"] * 3))
    # The first that is put: few enough cases to be shown whole, of which no two ways of counting agree.
    few = [[-5.0, -6.5, -9.0], [-7.25, -4.0, -6.0], [-6.0, -7.0, -6.5], [-4.5, -3.0, -5.0]]
    few = [[score - shift for score in row] for row in few]
    requests["small"] = Request(args=(few, ["judge", "nurse", "judge", "judge"]))
    requests["all_won"] = _all_won(rng or np.random.default_rng(51), 6 if rng is None else 11)
    table = telling(drawn_by, sizes=FOUR)
    labels = dict(zip(FOUR, [("a", 1), ("a", 2), 7, "a"], strict=True))
    requests["labels"] = Request(args=(table.scores, [labels[target] for target in table.targets]))
    return requests | {
        "refuses_nothing": Request(
            args=([], []), kwargs={} if rng is None else {"official": bool(rng.integers(2))}
        ),
        "refuses_lengths": Request(args=(one, ["judge", "cook"])),
        "refuses_two_options": Request(args=([row[:2] for row in one], ["judge"] * 3)),
        "refuses_nan": Request(args=([*one[:2], [float("nan"), *one[2][1:]]], ["judge"] * 3)),
    }
