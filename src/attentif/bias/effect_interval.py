"""How sure is an effect size of WEAT or SEAT? Its interval, words drawn again."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from attentif.bias.groups import (
    check_enough_groups,
    check_resamples,
    check_share,
    finite_numbers,
    label_codes,
)
from attentif.bias.statistics import Interval

RESAMPLES_AT_ONCE = 500


def effect_size_interval(
    first: Sequence[float],
    second: Sequence[float],
    groups: tuple[Sequence[Hashable], Sequence[Hashable]] | None = None,
    n_resamples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """The effect size of two sets of associations and its bootstrap interval, each set's words drawn again.

        d = (mean of the first − mean of the second) / standard deviation of both, N − 1 in the denominator

    A resample draws as many words from each set as it has, with replacement, each with all of its sentences; the
    attributes stay. The interval goes from the (1 − level)/2 to the (1 + level)/2 quantile of d*. It tells what other
    words of the same kind would have given, not what other vectors of these would. It is a little narrow: simulated at
    level 0.95, normal associations, it held the true d 85 to 88 times in 100 with 5 words a set, 88 to 92 with 8, and 92
    to 94 with 15.

    Args:
        first, second: (X,) and (Y,), the associations of the targets, see `attentif.bias.weat.associations`.
        groups: for sentences, their words: (X,) and (Y,) labels; each item is its own word when None.
        n_resamples: at least 100.
        level: in (0, 1).
        seed: of numpy's generator.

    Returns:
        Interval(estimate, low, high, n_groups, effective_size), in standard deviations; n_groups counts the words of both.

    Raises:
        InputError: fewer than 5 words in a set, labels that do not fit, a value that is no finite number, fewer than
            100 resamples, a level outside (0, 1).

    Source: Efron and Tibshirani 1993, "An Introduction to the Bootstrap", §8.2 (two samples), §13 (percentiles); d: Caliskan
        et al. 2017, Methods. Deviation: the authors give no interval.

    >>> found = effect_size_interval([0.9, 0.5, 0.7, 0.4, 0.8], [0.1, 0.3, -0.2, 0.6, 0.0])
    >>> found.low < found.estimate < found.high, found.n_groups
    (True, 10)
    """
    check_resamples(n_resamples)
    check_share("level", level, "0.95")
    sides = []
    for name, values, labels in zip(
        ("first", "second"), (first, second), groups or (None, None), strict=True
    ):
        values = finite_numbers(values, name)
        codes = label_codes(range(len(values)) if labels is None else labels, len(values))
        check_enough_groups(len(set(codes.tolist())))
        sides.append(_Words(values, codes))
    generator = np.random.default_rng(seed)
    found = []
    for start in range(0, n_resamples, RESAMPLES_AT_ONCE):
        count = min(RESAMPLES_AT_ONCE, n_resamples - start)
        found.append(_effect(*(side.drawn(count, generator) for side in sides)))
    low, high = np.quantile(np.concatenate(found), [(1 - level) / 2, (1 + level) / 2])
    sizes = np.concatenate([side.sums[0] for side in sides])
    return Interval(
        estimate=float(_effect(*(side.sums.sum(axis=1, keepdims=True) for side in sides))[0]),
        low=float(low),
        high=float(high),
        n_groups=len(sizes),
        effective_size=float(sizes.sum() ** 2 / (sizes**2).sum()),
    )


class _Words:
    """The words of one set by what a mean and a deviation need of them: count, sum, sum of squares."""

    def __init__(self, values: np.ndarray, codes: np.ndarray):
        self.sums = np.stack([np.bincount(codes, weights=values**power) for power in range(3)])  # (3, G)

    def drawn(self, count: int, generator: np.random.Generator) -> np.ndarray:
        """(3, R): the same of R resamples of the words."""
        n_words = self.sums.shape[1]
        return self.sums[:, generator.integers(n_words, size=(count, n_words))].sum(axis=-1)


def _effect(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """d (R,) of (3, R) counts, sums and sums of squares; 0 where all associations are the same."""
    count, total, squares = first + second
    variance = (squares - total**2 / count) / (count - 1)
    spread = np.sqrt(np.maximum(variance, 0.0))
    difference = first[1] / first[0] - second[1] / second[0]
    return np.divide(difference, spread, out=np.zeros_like(spread), where=spread > 1e-12)
