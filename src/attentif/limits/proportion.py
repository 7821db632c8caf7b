"""How sure is a share of hits?"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from attentif.bias.groups import finite_numbers
from attentif.bias.statistics import Interval, cluster_bootstrap
from attentif.bounds import digits, settle
from attentif.errors import InputError
from attentif.language import text


@dataclass(frozen=True)
class Proportion:
    """Hits among independent trials, against chance.

    Args:
        hits, n: k hits in n trials.
        estimate: k / n.
        low, high: the ends of the exact interval.
        chance: the share that guessing would give.
        p_value: of k hits or anything at least as rare under chance, two-sided and exact.
    """

    hits: int
    n: int
    estimate: float
    low: float
    high: float
    chance: float
    p_value: float

    def __post_init__(self) -> None:
        settle(self, -math.inf, self.estimate, "low")
        settle(self, self.estimate, math.inf, "high")
        if not 0 <= self.hits <= self.n or not self.low <= self.estimate <= self.high:
            raise InputError(
                expected=text(
                    "hits from 0 to n, and an interval around the estimate",
                    "un nombre de succès de 0 à n, et un intervalle autour de l'estimation",
                ),
                got=text(
                    f"{self.hits}/{self.n}, {digits(self.estimate)} in [{digits(self.low)}, {digits(self.high)}]",
                    f"{self.hits}/{self.n}, {digits(self.estimate)} dans [{digits(self.low)}, {digits(self.high)}]",
                ),
                remedy=text("take exact_proportion", "utilisez exact_proportion"),
            )


def exact_proportion(hits: Sequence[bool], chance: float, level: float = 0.95) -> Proportion:
    """The share of hits among independent trials, its exact interval and its exact test against chance.

    The interval holds every share under which neither as many hits nor as few have a probability below
    (1 − level)/2.

    Args:
        hits: (n,) booleans.
        chance: in (0, 1).
        level: in (0, 1).

    Raises:
        InputError: no trials, values that are not true or false, a chance outside (0, 1).

    Source: Clopper and Pearson 1934, "The Use of Confidence or Fiducial Limits".

    >>> found = exact_proportion([True] * 9 + [False], chance=0.5)
    >>> found.estimate, round(found.low, 3), round(found.high, 3), round(found.p_value, 3)
    (0.9, 0.555, 0.997, 0.021)
    """
    values = _booleans(hits)
    if not 0 < chance < 1 or not 0 < level < 1:
        raise InputError(
            expected=text("chance and level between 0 and 1", "un chance et un level entre 0 et 1"),
            got=f"chance={chance!r}, level={level!r}",
            remedy=text(
                "with two candidates chance is 0.5", "avec deux candidats, le hasard réussit 0,5 fois sur 1"
            ),
        )
    return _of_counts(int(values.sum()), len(values), float(chance), float(level))


@lru_cache(maxsize=4096)  # a table asks for the same few counts again and again
def _of_counts(hits: int, n: int, chance: float, level: float) -> Proportion:
    from scipy.stats import binomtest

    found = binomtest(hits, n, chance)
    limits = found.proportion_ci(level, method="exact")
    # Rounding must not put the estimate out of an interval that ends there.
    share = hits / n
    return Proportion(
        hits=hits,
        n=n,
        estimate=share,
        low=min(float(limits.low), share),
        high=max(float(limits.high), share),
        chance=chance,
        p_value=float(found.pvalue),
    )


def proportion(
    hits: Sequence[bool], groups: Sequence[Hashable], interval: Callable = cluster_bootstrap
) -> Interval:
    """The share of hits and its 95 % interval: exact where hits are independent, by whole groups elsewhere.

    A bootstrap of hits that are all alike has no width, which would say that ten right answers out of ten leave
    no doubt; the exact interval of so many *groups* is taken then.

    Args:
        hits: (N,) booleans.
        groups: (N,) labels; hits of different groups are independent.
        interval: how to bound a mean of grouped values, called as interval(values, groups).

    Raises:
        InputError: no hits, or labels that do not go with them; for groups of several hits, fewer than 5.

    >>> found = proportion([True] * 10, range(10))
    >>> found.estimate, round(found.low, 3), found.high
    (1.0, 0.692, 1.0)
    """
    values, labels = _booleans(hits), list(groups)
    if len(values) != len(labels):
        raise InputError(
            expected=text(f"{len(values)} group labels", f"{len(values)} étiquettes de groupe"),
            got=str(len(labels)),
            remedy=text("give one label a hit", "donnez une étiquette par réponse"),
        )
    sizes = np.unique([labels.index(label) for label in labels], return_counts=True)[1]
    if len(sizes) < len(values) and 0 < values.sum() < len(values):
        return interval(values.astype(float).tolist(), labels)
    units = values if len(sizes) == len(values) else np.full(len(sizes), values[0])
    found = exact_proportion(units, chance=0.5)
    return Interval(
        estimate=found.estimate,
        low=found.low,
        high=found.high,
        n_groups=len(sizes),
        effective_size=float(sizes.sum() ** 2 / (sizes**2).sum()),
    )


def _booleans(hits: Sequence[bool]) -> np.ndarray:
    values = finite_numbers(hits, "hits")
    if not np.isin(values, (0, 1)).all():
        raise InputError(
            expected=text("hits that are true or false", "des réponses justes ou fausses (True ou False)"),
            got=" ".join(repr(hits).split())[:60],
            remedy=text("say of each trial whether it is right", "dites de chaque essai s'il est juste"),
        )
    return values.astype(bool)
