"""An interval that holds its level with few groups: the bootstrap of Student's ratio."""

from __future__ import annotations

import math
import warnings
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from attentif.bias.groups import (
    ENOUGH_GROUPS,
    check_enough_groups,
    check_resamples,
    check_share,
    finite_numbers,
    label_codes,
)
from attentif.bias.statistics import Interval
from attentif.bounds import digits, settle
from attentif.errors import InputError
from attentif.language import Remark, text


@dataclass(frozen=True)
class GroupedMean:
    """The mean of grouped values and its standard error, as the differences between the groups tell it.

    Args:
        mean, error: in the unit of the values.
        totals: (G,) for each group the sum of its values' distances from the mean.
        sizes: (G,) how many values each group has.
    """

    mean: float
    error: float
    totals: np.ndarray
    sizes: np.ndarray

    def __post_init__(self) -> None:
        settle(self, 0, math.inf, "error")
        if not self.error >= 0:
            raise InputError(
                expected=text("a standard error of at least 0", "une erreur type positive ou nulle"),
                got=digits(self.error),
                remedy=text("take the root's positive value", "prenez la racine positive"),
            )

    @property
    def effective_size(self) -> float:
        """How many groups of equal size say as much: (Σ n_g)² / Σ n_g² (Kish 1965)."""
        return float(1 / np.square(self.sizes / self.sizes.sum()).sum())


def grouped_mean(values: np.ndarray, codes: np.ndarray) -> GroupedMean:
    """The mean and its standard error, for groups as `label_codes` numbers them.

        error² = G / (G − 1) · Σ_g (s_g − mean · n_g)² / N²,

    where group g has n_g values, with the sum s_g, of N in all.

    >>> round(grouped_mean(np.array([0.0, 1.0, 3.0, 0.0]), np.array([0, 1, 1, 2])).error, 4)
    0.75
    """
    mean = values.mean()
    totals, sizes = np.zeros(codes.max() + 1), np.zeros(codes.max() + 1)
    np.add.at(totals, codes, values - mean)
    np.add.at(sizes, codes, 1.0)
    totals[np.abs(totals) < 1e-12 * sizes * np.abs(values).max()] = 0.0  # only rounding
    n_groups = len(sizes)
    error = math.sqrt(n_groups / (n_groups - 1) * np.square(totals).sum()) / len(values)
    return GroupedMean(float(mean), error, totals, sizes)


def studentized_interval(
    values: Sequence[float],
    groups: Sequence[Hashable],
    n_resamples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """The mean of the values and its bootstrap-t interval, resampling whole groups.

    Each resample draws G of the G groups with replacement and says by how many of its *own* standard errors its
    mean is off, t* = (mean* − mean) / error*, the error that of `grouped_mean`. With q the quantiles of t*,

        low = mean − q((1 + level)/2) · error,     high = mean − q((1 − level)/2) · error.

    The error of few groups is itself uncertain, and the quantiles of t* make up for it, as Student's do for normal
    values; they follow skewed values too. `benchmarks/coverage.py` measures how often it holds the true mean.

    Args:
        values: (N,) finite numbers.
        groups: (N,) labels, the group of each value.
        n_resamples: at least 100.
        level: in (0, 1).
        seed: of numpy's generator; the same seed gives the same interval.

    Returns:
        Interval(estimate, low, high, n_groups, effective_size), in the unit of the values.

    Raises:
        InputError: fewer than 5 groups, labels that do not fit, a value that is no finite number, fewer than 100
            resamples, a level outside (0, 1). Under 20 groups a warning says that its level is less sure; where
            all groups have one mean another says that the interval has no width.

    Source: Davison and Hinkley 1997, "Bootstrap Methods and their Application", §5.2; Cameron, Gelbach and
        Miller 2008, "Bootstrap-Based Improvements for Inference with Clustered Errors", for groups.
        Deviation: a resample without an error of its own (all groups drawn have one mean) takes the sample's;
        infinite or left out, its t* would leave an end nowhere, or at the estimate itself.

    >>> interval = studentized_interval([0.0, 1.0, 2.0, 1.0] * 15, [number // 3 for number in range(60)])
    >>> interval.low < interval.estimate < interval.high, interval.n_groups
    (True, 20)
    """
    values = finite_numbers(values, "values")
    codes = label_codes(groups, len(values))
    check_enough_groups(int(codes.max()) + 1)
    check_resamples(n_resamples)
    check_share("level", level, "0.95")
    found = grouped_mean(values, codes)
    n_groups = len(found.sizes)
    if n_groups < ENOUGH_GROUPS:
        few = text(
            f"only {n_groups} groups: with fewer than {ENOUGH_GROUPS}, the interval is wide and its level less sure",
            f"{n_groups} groupes seulement : à moins de {ENOUGH_GROUPS}, l'intervalle est large et son niveau moins sûr",
        )
        warnings.warn(Remark(few), stacklevel=2)
    if found.error == 0:
        alike = text(
            "all groups have the same mean: the interval has no width, which is no certainty",
            "tous les groupes ont la même moyenne : l'intervalle est réduit à un point, ce qui n'est pas une certitude",
        )
        warnings.warn(Remark(alike), stacklevel=2)
    t = _student_ratios(found, n_resamples, np.random.default_rng(seed))
    upper, lower = np.quantile(t, [0.5 + level / 2, 0.5 - level / 2])
    return Interval(
        estimate=found.mean,
        low=float(found.mean - upper * found.error),
        high=float(found.mean - lower * found.error),
        n_groups=n_groups,
        effective_size=found.effective_size,
    )


def _student_ratios(found: GroupedMean, n_resamples: int, generator: np.random.Generator) -> np.ndarray:
    """t* of each resample (R,), all of them at once; 0 where nothing varies."""
    n_groups = len(found.sizes)
    times = generator.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=n_resamples)  # (R, G)
    n_values = times @ found.sizes  # (R,)
    off = times @ found.totals / n_values  # (R,): mean* − mean
    # Σ (total − off · size)² over the drawn groups, multiplied out.
    squares = times @ np.square(found.totals) - 2 * off * (times @ (found.totals * found.sizes))
    squares += off**2 * (times @ np.square(found.sizes))
    errors = np.sqrt(n_groups / (n_groups - 1) * np.maximum(squares, 0)) / n_values
    # Multiplying out leaves rounding where the sum is 0.
    errors = np.where(errors > 1e-6 * found.error, errors, found.error)
    return off / errors if found.error > 0 else off
