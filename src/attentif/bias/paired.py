"""Do two models differ on the same pairs, and how sure are several such answers together?"""

from __future__ import annotations

import math
import warnings
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from attentif.bias.groups import check_resamples, finite_numbers, label_codes
from attentif.bounds import digits, settle
from attentif.errors import InputError
from attentif.language import Remark, text

MOST_EXACT = 16  # groups: 65,536 ways to choose their signs
FEWEST_FOR_5_PERCENT = 6  # groups: with 5, the smallest two-sided p is 2 / 2⁵ = 0.0625


@dataclass(frozen=True)
class PairedTest:
    """How two models differ on the same pairs.

    Args:
        difference: mean of first − second, in the unit of the scores.
        p_value: two-sided, in (0, 1].
        n_pairs: how many scores each model has.
        n_groups: how many signs were flipped: the groups, or the pairs where there are none.
        exact: whether all choices of signs were tried.
    """

    difference: float
    p_value: float
    n_pairs: int
    n_groups: int
    exact: bool

    def __post_init__(self) -> None:
        # Upwards only: a p of 0 is no rounding, it leaves the observed case out.
        settle(self, -math.inf, 1, "p_value")
        if not 0 < self.p_value <= 1:
            raise InputError(
                expected=text("a p_value above 0, at most 1", "un p_value positif, au plus 1"),
                got=digits(self.p_value),
                remedy=text(
                    "count the observed signs themselves too", "comptez aussi les signes observés eux-mêmes"
                ),
            )


def coded_pairs(
    first: Sequence[float],
    second: Sequence[float],
    groups: Sequence[Hashable] | None,
    n_resamples: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Check the arguments of a paired test, subtract the scores, and number the groups.

    Returns:
        (differences, codes): float64 (N,), first − second; int64 (N,), from 0 to G − 1, a group a pair without
        groups.
    """
    first, second = finite_numbers(first, "first"), finite_numbers(second, "second")
    if len(first) != len(second):
        raise InputError(
            expected=text("two scores a pair", "deux scores par paire"),
            got=text(f"{len(first)} and {len(second)}", f"{len(first)} et {len(second)}"),
            remedy=text(
                "score the same pairs with both models, in one order",
                "notez les mêmes paires par les deux modèles, dans le même ordre",
            ),
        )
    check_resamples(n_resamples)
    codes = np.arange(len(first)) if groups is None else label_codes(groups, len(first))
    n_groups = int(codes.max()) + 1
    if n_groups < FEWEST_FOR_5_PERCENT:
        few = text(
            f"only {n_groups} groups: no difference, however large, has a p below 0.05",
            f"{n_groups} groupes seulement : aucune différence, si grande soit-elle, n'a un p inférieur à 0,05",
        )
        warnings.warn(Remark(few), stacklevel=3)
    return first - second, codes


def paired_test(
    first: Sequence[float],
    second: Sequence[float],
    n_resamples: int = 10_000,
    seed: int = 0,
    groups: Sequence[Hashable] | None = None,
) -> PairedTest:
    """Sign-flip test of whether two models that score the same pairs might be the same.

    If nothing tells the models apart, each difference d_i = first_i − second_i might as well have been −d_i. With
    signs ε of 1 or −1,

        p = share of the choices of signs with |Σ_i ε_i d_i| ≥ |Σ_i d_i|,

    two-sided; equal ones count, the observed one among them. All 2^G choices are tried up to G = 16;
    otherwise n_resamples are drawn and p = (b + 1) / (n_resamples + 1), where b of them have such a sum.

    With `groups`, the differences of one group (the pairs on one word) share their sign.

    Args:
        first, second: (N,) scores of the two models on the same pairs, in one order.
        n_resamples: at least 100.
        seed: of numpy's generator.
        groups: (N,) labels, the group of each pair; None where pairs are independent.

    Returns:
        PairedTest(difference, p_value, n_pairs, n_groups, exact).

    Raises:
        InputError: scores that are no finite numbers, lengths that differ, labels that do not fit, fewer than 100
            resamples. Under 6 groups a warning says that no p can be below 0.05.

    Source: Fisher 1935, "The Design of Experiments", §21; the added 1: Davison and Hinkley 1997, §4.2.

    >>> paired_test([0.7, 0.9, 0.8, 0.6, 0.9, 0.5], [0.1, 0.2, 0.4, 0.5, 0.6, 0.3]).p_value
    0.03125
    """
    differences, codes = coded_pairs(first, second, groups, n_resamples)
    sums = np.bincount(codes, differences)  # (G,)
    n_groups = len(sums)
    exact = n_groups <= MOST_EXACT
    if exact:
        numbers = np.arange(2**n_groups)[:, None]
        signs = 1 - 2 * (numbers >> np.arange(n_groups) & 1)  # (2^G, G), every row once
    else:
        signs = np.random.default_rng(seed).choice([-1, 1], size=(n_resamples, n_groups))
    totals = np.abs(signs @ sums)
    # Equal in exact arithmetic, two sums may differ by rounding.
    count = int(np.count_nonzero(totals >= abs(sums.sum()) - 1e-12 * np.abs(sums).sum()))
    return PairedTest(
        difference=float(differences.mean()),
        p_value=count / len(signs) if exact else (count + 1) / (n_resamples + 1),
        n_pairs=len(differences),
        n_groups=n_groups,
        exact=exact,
    )


def check_p_values(p_values: Sequence[float]) -> np.ndarray:
    """Refuse what is no list of p-values, from 0 to 1; they come back as float64 (m,)."""
    p_values = finite_numbers(p_values, "p_values")
    outside = p_values[(p_values < 0) | (p_values > 1)]
    if len(outside):
        raise InputError(
            expected=text("p-values from 0 to 1", "des valeurs p de 0 à 1"),
            got=str(outside[0]),
            remedy=text("give probabilities, not scores", "donnez des probabilités, pas des scores"),
        )
    return p_values


def holm(p_values: Sequence[float]) -> np.ndarray:
    """Holm's adjusted p-values: rejecting those at most α errs at all with a probability of at most α.

    With the m values sorted, p_(1) ≤ … ≤ p_(m),

        adjusted p_(i) = min(1, max over j ≤ i of (m − j + 1) · p_(j)).

    Args:
        p_values: (m,), from 0 to 1, in any order.

    Returns:
        float64 (m,), in the order given.

    Raises:
        InputError: no list of numbers from 0 to 1.

    Source: Holm 1979, "A Simple Sequentially Rejective Multiple Test Procedure", §2.

    >>> holm([0.04, 0.01, 0.03, 0.5]).round(3).tolist()
    [0.09, 0.04, 0.09, 0.5]
    """
    p_values = check_p_values(p_values)
    order = np.argsort(p_values)
    factors = np.arange(len(p_values), 0, -1)  # m for the smallest … 1 for the largest
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * p_values[order]), 1.0)
    return adjusted
