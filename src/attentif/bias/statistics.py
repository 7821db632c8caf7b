"""How sure is a bias score, and does it measure what is there?"""

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
from attentif.bounds import digits, settle
from attentif.errors import InputError
from attentif.language import Remark, text


@dataclass(frozen=True)
class Interval:
    """A mean and how far it may be off, when observations come in groups.

    Args:
        estimate: the mean of all values, in their unit.
        low, high: the ends of the interval, in the same unit.
        n_groups: the number of groups G.
        effective_size: (Σ n_g)² / Σ n_g², from 1 to G: how many groups of equal size say as much.
    """

    estimate: float
    low: float
    high: float
    n_groups: int
    effective_size: float

    def __post_init__(self) -> None:
        settle(self, -math.inf, self.high, "low")
        if self.low > self.high:
            raise InputError(
                expected=text("low to be at most high", "low inférieur ou égal à high"),
                got=text(
                    f"{digits(self.low)} and {digits(self.high)}",
                    f"{digits(self.low)} et {digits(self.high)}",
                ),
                remedy=text(
                    "take the smaller quantile for low", "prenez pour low le plus petit des deux quantiles"
                ),
            )


@dataclass(frozen=True)
class Calibration:
    """How a metric answers to biases whose true size is known.

    Args:
        slope, intercept: of the least-squares line measured = intercept + slope · planted; 1 and 0 at best.
        r: Pearson's correlation, 0 where all measures are equal.
        rmse: √ mean (measured − planted)², in the unit of the measures, offset and scale included.
        smallest_detected: the smallest planted size from which on everything is detected; infinite when
            not even the largest is.
    """

    slope: float
    intercept: float
    r: float
    rmse: float
    smallest_detected: float

    def __post_init__(self) -> None:
        settle(self, 0, math.inf, "rmse", "smallest_detected")
        if self.rmse < 0 or self.smallest_detected < 0:
            raise InputError(
                expected=text(
                    "rmse and smallest_detected of at least 0", "rmse et smallest_detected positifs ou nuls"
                ),
                got=text(
                    f"{digits(self.rmse)} and {digits(self.smallest_detected)}",
                    f"{digits(self.rmse)} et {digits(self.smallest_detected)}",
                ),
                remedy=text("take sizes, not signed values", "prenez des tailles, sans le signe"),
            )


def cluster_bootstrap(
    values: Sequence[float],
    groups: Sequence[Hashable],
    n_resamples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """The mean of the values and its bootstrap interval, resampling whole groups.

    Values of one group (the pairs on one word, the sentences of one template) are not independent, so a
    resample draws G of the G groups with replacement and takes each with all of its values:

        mean* = Σ_drawn s_g / Σ_drawn n_g,     s_g the sum and n_g the number of the values of group g.

    The interval goes from the (1 − level)/2 to the (1 + level)/2 quantile of mean*. It is a little
    narrow: simulated at level 0.95, it held the true mean 92 times in 100 with 20 groups, 93 with 40 and
    94 with 100.

    Args:
        values: (N,) finite numbers.
        groups: (N,) labels, the group of each value (words, tuples, numbers …); values of one group need not
            follow each other.
        n_resamples: at least 100.
        level: in (0, 1).
        seed: of numpy's generator; the same seed gives the same interval.

    Returns:
        Interval(estimate, low, high, n_groups, effective_size), in the unit of the values.

    Raises:
        InputError: fewer than 5 groups, more or fewer labels than values, a value that is no finite number,
            fewer than 100 resamples, or a level outside (0, 1). Under 20 groups a warning says that the
            interval is too narrow.

    Source: Davison and Hinkley 1997, "Bootstrap Methods and their Application", §3.8;
        effective size: Kish 1965, "Survey Sampling".

    >>> interval = cluster_bootstrap([0.0, 1.0] * 30, [number // 3 for number in range(60)])
    >>> interval.estimate, interval.n_groups, interval.effective_size
    (0.5, 20, 20.0)
    """
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes = np.bincount(codes)  # (G,)
    sums = np.bincount(codes, weights=values)  # (G,)
    n_groups = len(sizes)
    generator = np.random.default_rng(seed)
    means = np.empty(n_resamples)
    for index in range(n_resamples):
        drawn = generator.integers(n_groups, size=n_groups)
        means[index] = sums[drawn].sum() / sizes[drawn].sum()
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(
        estimate=float(values.mean()),
        low=float(low),
        high=float(high),
        n_groups=n_groups,
        effective_size=float(sizes.sum() ** 2 / (sizes**2).sum()),
    )


def calibration(planted: Sequence[float], measured: Sequence[float]) -> Calibration:
    """Compare the biases that a metric measures with those that were planted.

    The line is measured = intercept + slope · planted, by least squares. rmse compares the measures with the
    planted values themselves, not with the line, so that an offset or a wrong scale shows.

    A planted bias is *detected* when its measure has the right sign and is larger in size than every measure
    of a control (planted 0; without controls, the sign alone counts). smallest_detected is the smallest
    planted size |planted| > 0 such that it and all larger ones are detected, math.inf if there is none.

    Args:
        planted: (N,) true biases, N at least 3, not all equal.
        measured: (N,) what the metric says, on the same scale (nats of log-odds).

    Returns:
        Calibration(slope, intercept, r, rmse, smallest_detected).

    Raises:
        InputError: lengths that differ, fewer than 3 values, values that are no finite numbers, planted
            biases that are all equal.

    Source: the idea, on full-size models and by ranks: Kaneko et al. 2023, "Comparing Intrinsic Gender Bias
        Evaluation Measures without using Human Annotated Examples"; here sizes are compared.

    >>> calibration([-1.0, -0.5, 0.0, 0.5, 1.0], [-0.75, -0.25, 0.25, 0.75, 1.25])
    Calibration(slope=1.0, intercept=0.25, r=1.0, rmse=0.25, smallest_detected=1.0)
    """
    planted, measured = paired_numbers(planted, measured)
    x, y = planted - planted.mean(), measured - measured.mean()
    slope = (x @ y) / (x @ x)
    # A metric that always says the same correlates with nothing.
    r = np.clip((x @ y) / math.sqrt((x @ x) * (y @ y)), -1, 1) if np.ptp(measured) > 0 else 0.0
    noise = np.abs(measured[planted == 0]).max(initial=0.0)
    missed = (planted != 0) & (np.sign(planted) * measured <= noise)
    sizes = np.abs(planted)
    detected = sizes[sizes > sizes[missed].max(initial=0.0)]
    return Calibration(
        slope=float(slope),
        intercept=float(measured.mean() - slope * planted.mean()),
        r=float(r),
        rmse=float(np.sqrt(np.mean((measured - planted) ** 2))),
        smallest_detected=float(detected.min(initial=math.inf)),
    )


def coded_groups(
    values: Sequence[float], groups: Sequence[Hashable], n_resamples: int, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Check the arguments of a bootstrap and number its groups 0 … G − 1 in order of appearance.

    Returns:
        (values, codes): float64 (N,) and int64 (N,).
    """
    values = finite_numbers(values, "values")
    codes = label_codes(groups, len(values))
    n_groups = int(codes.max()) + 1
    check_enough_groups(n_groups)
    check_resamples(n_resamples)
    check_share("level", level, "0.95")
    if n_groups < ENOUGH_GROUPS:
        few = text(
            f"only {n_groups} groups: with fewer than {ENOUGH_GROUPS}, the interval is too narrow",
            f"{n_groups} groupes seulement : à moins de {ENOUGH_GROUPS}, l'intervalle est trop étroit",
        )
        warnings.warn(Remark(few), stacklevel=3)
    return values, codes


def paired_numbers(planted: Sequence[float], measured: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Check the arguments of a calibration; both come back as float64 (N,)."""
    planted, measured = finite_numbers(planted, "planted"), finite_numbers(measured, "measured")
    if len(planted) != len(measured) or len(planted) < 3:
        raise InputError(
            expected=text(
                "as many planted as measured biases, 3 or more",
                "autant de biais introduits que de biais mesurés, 3 au moins",
            ),
            got=text(f"{len(planted)} and {len(measured)}", f"{len(planted)} et {len(measured)}"),
            remedy=text("measure every planted bias once", "mesurez une fois chaque biais introduit"),
        )
    if np.ptp(planted) == 0:
        raise InputError(
            expected=text("planted biases of different sizes", "des biais introduits de tailles différentes"),
            got=text(f"{planted[0]} throughout", f"{planted[0]} partout"),
            remedy=text("plant several sizes, 0 among them", "introduisez plusieurs tailles, dont 0"),
        )
    return planted, measured
