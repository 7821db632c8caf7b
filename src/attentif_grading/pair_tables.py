"""Scores of pairs and of options, drawn by how often each of them is preferred."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

# Of a score of some tens, less than the tolerance of np.isclose, and exact.
CLOSE = 2.0**-14
NAN = float("nan")


@dataclass(frozen=True)
class TallyTable:
    """Scores of pairs, of the more and of the less stereotyped sentence, and the pairs' directions."""

    scores: list[list[float]]
    directions: list[str]


def tallied(
    rng: np.random.Generator,
    stereo: tuple[int, int, int],
    antistereo: tuple[int, int, int],
    n_unscored: int,
    more: int = 0,
    close: bool = False,
) -> TallyTable:
    """Pairs in a random order.

    Args:
        stereo, antistereo: how many pairs the more stereotyped sentence wins, loses and ties.
        n_unscored: how many have no scores; the first only one.
        more: multiplies the numbers of pairs that are won and lost by 1 + more and adds one to each, ties too where
            there are some of each kind: the shares change, and what differs stays so.
        close: whether the scores of a pair differ by very little.
    """
    rows: list[tuple[list[float], str]] = []
    for direction, counts in (("stereo", stereo), ("antistereo", antistereo)):
        if more:
            counts = tuple((1 + more) * count + (count > 0) for count in counts)
        for sign, count in zip((1, -1, 0), counts, strict=True):
            for _ in range(count):
                low = -float(rng.integers(60, 400)) / 8
                gap = CLOSE if close else float(rng.integers(1, 80)) / 8
                rows.append(([low + gap * max(sign, 0), low + gap * max(-sign, 0)], direction))
    for number in range(n_unscored + more * bool(n_unscored)):
        known = -float(rng.integers(60, 400)) / 8
        scores = [NAN, known] if number % 3 == 0 else [known, NAN] if number % 3 == 1 else [NAN, NAN]
        rows.append((scores, "antistereo" if number % 2 else "stereo"))
    order = rng.permutation(len(rows))
    return TallyTable([rows[place][0] for place in order], [rows[place][1] for place in order])


@dataclass(frozen=True)
class OptionTable:
    """Scores of a stereotype, its contrary and an unrelated option, and what each case is about."""

    scores: list[list[float]]
    targets: list[str]


def options(
    rng: np.random.Generator, sizes: dict[str, int], lean: float = 0.6, knows: float = 0.7, tied: float = 0.0
) -> OptionTable:
    """Cases in a random order, the first and the last of one target.

    Args:
        sizes: target → its number of cases, at least 2 for the first.
        lean: how often the stereotype is preferred to its contrary, more in some targets and less in others.
        knows: how often the unrelated option is below the other two; it is between them or above as often.
        tied: how often two of the three are equal.
    """
    rows = []
    for target, size in sizes.items():
        own = rng.uniform(max(0.0, lean - 0.4), min(1.0, lean + 0.4))
        lowest, gaps = -rng.integers(200, 400, size) / 8, rng.integers(1, 100, size) / 8
        for low, gap, chance, turn, tie, which in zip(
            lowest.tolist(),
            gaps.tolist(),
            *rng.random((3, size)).tolist(),
            rng.integers(3, size=size),
            strict=True,
        ):
            high = low + gap
            share = (chance - knows) / (
                1 - knows
            )  # below 0 where the unrelated option is below the other two
            unrelated = low - 1.5 if share < 0 else low + gap / 2 if share < 0.5 else high + 2.25
            if tie < tied:
                low, high, unrelated = ((low, low, unrelated), (low, high, high), (low, high, low))[which]
            rows.append(([high, low, unrelated] if turn < own else [low, high, unrelated], target))
    order = list(rng.permutation(len(rows)))
    first = next(iter(sizes))
    own = [place for place in order if rows[place][1] == first]
    order = [own[0], *(place for place in order if place not in (own[0], own[-1])), own[-1]]
    return OptionTable([rows[place][0] for place in order], [rows[place][1] for place in order])


def tells(table: OptionTable) -> bool:
    """Whether the ways in which people count these cases give different shares."""
    scores, numbers = np.array(table.scores), np.unique(table.targets, return_inverse=True)[1]
    s, a, u = scores.T
    won, lost, equal = s > a, s < a, s == a
    meant = [(s > u) + 0.5 * (s == u), (a > u) + 0.5 * (a == u)]
    strict, loose = [s > u, a > u], [s >= u, a >= u]

    def macro(values: np.ndarray) -> float:
        return float(np.mean([values[numbers == n].mean() for n in range(numbers.max() + 1)]))

    def near(values: list[float]) -> bool:
        gaps = np.abs(np.subtract.outer(values, values))[~np.eye(len(values), dtype=bool)]
        return bool((gaps < 0.004).any())

    half = won + 0.5 * equal
    stereotypes = [macro(half), half.mean(), macro(a > s)]
    means = sum(meant) / 2
    models = [
        macro(means),
        means.mean(),
        *map(macro, meant),
        macro(np.min(meant, 0)),
        macro(np.max(meant, 0)),
    ]
    if equal.any():
        stereotypes += [macro(won), macro(~lost)]
        models += [macro(sum(strict) / 2), macro(sum(loose) / 2)]
    ss, lm = stereotypes[0], models[0]
    of_targets = [
        means[numbers == n].mean() * min(half[numbers == n].mean(), 1 - half[numbers == n].mean()) * 2
        for n in range(numbers.max() + 1)
    ]
    icats = [lm * min(ss, 1 - ss) * 2, lm * max(ss, 1 - ss) * 2, float(np.mean(of_targets))]
    return not (near(stereotypes) or near(models) or near(icats))


def telling(rng: np.random.Generator, **settings: Any) -> OptionTable:
    """Drawn until it tells the ways of counting apart."""
    while not tells(found := options(rng, **settings)):
        pass
    return found
