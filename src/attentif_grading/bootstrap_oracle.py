"""What a bootstrap by whole groups must give: the law of its mean by multinomial counts, and how far chance may take it.

A right answer draws its own n resamples, so its quantile at p is one of the order statistics around rank n·p. It
is judged against quantiles of the law itself, at shares p₋ < p < p₊ so far from p that Chernoff's bound gives each
side a chance below `FALSE_REJECTION`: P(k or more of n below the p₋ quantile) ≤ exp(−n·KL(k/n ‖ p₋)). The law is
known from finitely many resamples too; the same bound moves p₋ and p₊ further apart for that.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

FALSE_REJECTION = 1e-8  # of one side of one end of an interval; an exercise judges a few dozen
N_ORACLE = 100_000
# Conventions for quantiles of a sample differ by less than this many ranks.
RANKS = 2


@dataclass(frozen=True)
class Band:
    """Between what bounds each end of a right interval lies.

    Args:
        low, high: (least, greatest) value of that end.
    """

    low: tuple[float, float]
    high: tuple[float, float]


def resampled_means(sums: Sequence[float], sizes: Sequence[int], n: int = N_ORACLE) -> np.ndarray:
    """Means of n resamples of whole groups (n,), sorted: how often each group is drawn is multinomial."""
    n_groups = len(sums)
    # The numbers need no secret: what they say of the law does not depend on them.
    drawn = np.random.default_rng(20_265).multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=n)
    return np.sort((drawn @ np.asarray(sums, dtype=float)) / (drawn @ np.asarray(sizes, dtype=float)))


def divergence(share: float, p: float) -> float:
    """Kullback-Leibler divergence of a coin of this share from a coin of p, in nats."""
    terms = ((share, p), (1.0 - share, 1.0 - p))
    return sum(a * math.log(a / b) if b > 0 else math.inf for a, b in terms if a > 0)


def share_below(share: float, n: int) -> float:
    """The greatest p so small that `share` of n draws or more has a chance below `FALSE_REJECTION`."""
    if share <= 0:
        return 0.0
    outside, inside = 0.0, share
    for _ in range(60):
        middle = (outside + inside) / 2
        far = n * divergence(share, middle) >= -math.log(FALSE_REJECTION)
        outside, inside = (middle, inside) if far else (outside, middle)
    return outside


def shares_around(p: float, n_resamples: int) -> tuple[float, float]:
    """Shares of the law between whose quantiles the p quantile of a sample lies."""
    least = share_below(p - RANKS / n_resamples, n_resamples)
    greatest = 1.0 - share_below(1.0 - p - RANKS / n_resamples, n_resamples)
    return least, greatest


def band(values: Sequence[float], groups: Sequence[Hashable], n_resamples: int, level: float) -> Band:
    """The bounds of a right interval for these arguments of cluster_bootstrap."""
    return _band(tuple(values), tuple(groups), n_resamples, level)


@lru_cache(maxsize=64)
def _band(values: tuple, groups: tuple, n_resamples: int, level: float) -> Band:
    means = law(values, groups)
    ends = []
    for p in ((1 - level) / 2, (1 + level) / 2):
        least, greatest = shares_around(p, n_resamples)
        first = int(share_below(least, N_ORACLE) * N_ORACLE)
        last = math.ceil((1.0 - share_below(1.0 - greatest, N_ORACLE)) * N_ORACLE)
        ends.append((float(means[first]), float(means[min(last, N_ORACLE - 1)])))
    return Band(*ends)


@lru_cache(maxsize=8)
def law(values: tuple, groups: tuple) -> np.ndarray:
    """The sorted means of many resamples; the arguments are tuples so that they are remembered."""
    sums, sizes = totals(values, groups)
    return resampled_means(sums, sizes)


def totals(values: Sequence[float], groups: Sequence[Hashable]) -> tuple[list[float], list[int]]:
    """The sum and the number of the values of each group, by a loop over the values."""
    sums: dict[Hashable, float] = {}
    sizes: dict[Hashable, int] = {}
    for value, group in zip(values, groups, strict=True):
        sums[group] = sums.get(group, 0.0) + value
        sizes[group] = sizes.get(group, 0) + 1
    return list(sums.values()), list(sizes.values())


def exact_numbers(values: Sequence[float], groups: Sequence[Hashable]) -> dict[str, float]:
    """The fields of the interval that do not depend on chance."""
    sums, sizes = totals(values, groups)
    return {
        "estimate": math.fsum(values) / len(values),
        "n_groups": float(len(sums)),
        "effective_size": 1.0 / sum((size / len(values)) ** 2 for size in sizes),
    }
