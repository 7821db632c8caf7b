"""Stored inputs of the public checks: pairs by how many of each direction are won, lost and tied.

Scores are eighths, so that ties are exact in any unit; the numbers of pairs are such that no two ways of counting agree.
"""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request
from attentif_grading.pair_tables import TallyTable, tallied

STORED = {
    "plain": ((5, 3, 0), (1, 4, 0), 0),
    "one_direction": ((2, 5, 0), (0, 0, 0), 0),
    "close": ((4, 2, 0), (2, 1, 0), 0),
    "ties": ((4, 1, 3), (1, 4, 2), 0),
    "all_ties": ((0, 0, 3), (0, 0, 2), 0),
    "unscored": ((4, 2, 1), (1, 3, 1), 3),
    "official_plain": ((5, 2, 0), (2, 4, 0), 0),
    "official_ties": ((5, 2, 2), (1, 3, 3), 1),
    "official_all_ties": ((0, 0, 2), (0, 0, 3), 0),
    # The first that is put: few enough pairs to be shown whole.
    "small": ((2, 1, 0), (0, 2, 0), 0),
}


def _request(table: TallyTable, name: str) -> Request:
    options = {"official": True} if name.startswith("official") else {}
    if name == "one_direction":
        return Request(args=(table.scores,), kwargs=options)
    return Request(args=(table.scores, table.directions), kwargs=options)


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    requests = {}
    for number, (name, counts) in enumerate(STORED.items()):
        drawn_by = rng or np.random.default_rng(number)
        more = 0 if rng is None else int(rng.integers(1, 4))
        requests[name] = _request(tallied(drawn_by, *counts, more=more, close=name == "close"), name)
    # All preferred, in numbers of pairs of which as many times 100 / N is a rounding above 100.
    number = 6 if rng is None else int(rng.choice([7, 11, 22]))
    won = tallied(rng or np.random.default_rng(78), (number, 0, 0), (0, 0, 0), 0)
    requests["all_preferred"] = Request(args=(won.scores, won.directions))
    some = tallied(rng or np.random.default_rng(77), (3, 2, 1), (1, 2, 0), 0)
    infinite = [list(row) for row in some.scores]
    infinite[2][0] = float("-inf")
    return requests | {
        "refuses_nothing": Request(
            args=([],), kwargs={} if rng is None else {"official": bool(rng.integers(2))}
        ),
        "refuses_lengths": Request(args=(some.scores, some.directions[:-2])),
        "refuses_direction": Request(args=(some.scores, [*some.directions[:-1], "neutral"])),
        "refuses_infinity": Request(args=(infinite, some.directions)),
    }
