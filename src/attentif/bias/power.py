"""How many pairs would it take to see a bias of a given size, and what can be seen with those there are?"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from attentif.bias.groups import check_enough_groups, check_share, finite_numbers, label_codes
from attentif.bias.intervals import grouped_mean
from attentif.errors import InputError, too_small
from attentif.language import text

_MOST = 10_000_000  # units; more than anyone will write


@dataclass(frozen=True)
class Power:
    """What a set of grouped values can show, and what would show a given effect.

    Args:
        effect: the effect asked about, in the unit of the values.
        smallest_effect: the smallest one that these groups show with the power asked for.
        groups_needed, pairs_needed: how many show `effect` with that power, if new ones are like these.
        n_groups, n_pairs: how many there are.
        effective_size: how many groups of equal size say as much as these.
        design_effect: by how much the groups raise the variance of the mean, against that of independent values;
            1 where the group of a value says nothing of it.
    """

    effect: float
    smallest_effect: float
    groups_needed: int
    pairs_needed: int
    n_groups: int
    n_pairs: int
    effective_size: float
    design_effect: float

    def __post_init__(self) -> None:
        for name in ("effect", "smallest_effect", "design_effect"):
            if not getattr(self, name) > 0:
                raise too_small(name, getattr(self, name), 0)


def detection_power(effect: float, spread: float, size: float, level: float = 0.95) -> float:
    """The probability that a two-sided t-test of the mean sees an effect.

        power = P(|T| > t),   T Student's with size − 1 degrees of freedom and noncentrality effect · √size / spread,

    and t the (1 + level)/2 quantile of Student's central law with as many.

    Args:
        effect: how far the true mean is from what is tested, in the unit of the values, above 0. For a share of
            preferences tested against 50 %, 0.1 stands for a true share of 60 % (or 40 %).
        spread: standard deviation between independent units (groups), in the same unit, above 0. For single
            preferences, each its own unit, it is about 0.5.
        size: number of units, at least 2; an effective size may be fractional.
        level: that of the interval which the test belongs to, in (0, 1).

    Returns:
        From 1 − level to 1.

    Raises:
        InputError: a value out of its range.

    Source: Cohen 1988, "Statistical Power Analysis for the Behavioral Sciences", §2.

    >>> round(detection_power(effect=0.1, spread=0.5, size=199), 2)
    0.8
    """
    from scipy.stats import ncf, t

    _check(effect, spread, level)
    if not 2 <= size < math.inf:
        raise InputError(
            expected=text(
                "an (effective) size of at least 2", "un nombre (efficace) de groupes d'au moins 2"
            ),
            got=str(size),
            remedy=text(
                "take more groups, none of which holds nearly all values",
                "prenez plus de groupes, dont aucun n'a presque toutes les valeurs",
            ),
        )
    threshold = t.ppf((1 + level) / 2, size - 1)
    # T² follows the noncentral F law, which scipy computes where its noncentral t gives NaN.
    noncentrality = max(size * (effect / spread) ** 2, 1e-10)
    return float(ncf.sf(threshold**2, 1, size - 1, noncentrality))


def size_needed(effect: float, spread: float, level: float = 0.95, power: float = 0.8) -> int:
    """The smallest number of independent units (groups) that shows an effect with a given power.

    Args:
        effect, spread, level: as in `detection_power`.
        power: in (1 − level, 1).

    Returns:
        At least 2.

    Raises:
        InputError: a value out of its range, or an effect so small that ten million units would not show it.

    Source: Cohen 1988, §2.4.

    >>> size_needed(effect=0.1, spread=0.5), size_needed(effect=0.05, spread=0.5)
    (199, 787)
    """
    _check(effect, spread, level)
    _check_power(power, level)
    low, high = 1, 2
    while detection_power(effect, spread, high, level) < power:
        low, high = high, 2 * high
        if high > _MOST:
            raise InputError(
                expected=text("an effect that can be measured", "un effet mesurable"),
                got=f"{effect}",
                remedy=text(
                    "ask about a larger one: this one takes millions of groups",
                    "posez la question d'un effet plus grand : celui-ci demande des millions de groupes",
                ),
            )
    while high - low > 1:
        middle = (low + high) // 2
        if detection_power(effect, spread, middle, level) < power:
            low = middle
        else:
            high = middle
    return high


def smallest_effect(spread: float, size: float, level: float = 0.95, power: float = 0.8) -> float:
    """The smallest effect that a number of independent units (groups) shows with a given power.

    Args:
        spread, size, level: as in `detection_power`.
        power: in (1 − level, 1).

    Returns:
        In the unit of `spread`.

    Raises:
        InputError: a value out of its range.

    Source: Cohen 1988, §2.4.

    >>> round(smallest_effect(spread=0.5, size=199), 3)
    0.1
    """
    from scipy.optimize import brentq

    _check(1.0, spread, level)
    _check_power(power, level)
    high = spread
    while detection_power(high, spread, size, level) < power:
        high *= 2
    return float(
        brentq(lambda effect: detection_power(effect, spread, size, level) - power, 1e-9 * spread, high)
    )


def power_of(
    values: Sequence[float],
    groups: Sequence[Hashable],
    effect: float,
    level: float = 0.95,
    power: float = 0.8,
) -> Power:
    """What grouped values can show of their mean, and how many more like them would show a given effect.

    The spread between groups is read from the values: error · √(effective size), with the standard error of
    `grouped_mean`. Groups of unequal sizes count as their effective number of equal ones.

    Args:
        values: (N,) scores, or preferences (0 and 1, tested against 0.5).
        groups: (N,) labels, the group of each value.
        effect: in the unit of the values, above 0; for preferences, 0.1 stands for 60 % against 50 %.
        level, power: as in `size_needed`.

    Returns:
        Power(effect, smallest_effect, groups_needed, pairs_needed, n_groups, n_pairs, effective_size,
        design_effect).

    Raises:
        InputError: fewer than 5 groups, values that are no finite numbers or do not vary between groups, labels
            that do not fit, an effect, level or power out of its range.

    Source: Cohen 1988, §2; design effect and effective size: Kish 1965, "Survey Sampling".

    >>> found = power_of([0.0, 1.0, 1.0, 0.0, 1.0, 1.0] * 10, [number // 2 for number in range(60)], effect=0.1)
    >>> found.n_groups, found.groups_needed, found.pairs_needed
    (30, 48, 96)
    """
    values = finite_numbers(values, "values")
    codes = label_codes(groups, len(values))
    n_groups = int(codes.max()) + 1
    check_enough_groups(n_groups)
    found = grouped_mean(values, codes)
    if found.error == 0:
        raise InputError(
            expected=text("groups that differ", "des groupes qui diffèrent"),
            got=text(f"a mean of {found.mean} in all", f"une moyenne de {found.mean} dans tous"),
            remedy=text(
                "add pairs: groups that are alike do not tell the spread of others",
                "ajoutez des paires : des groupes semblables ne disent pas la dispersion des autres",
            ),
        )
    size = found.effective_size
    spread = found.error * math.sqrt(size)
    groups_needed = math.ceil(size_needed(effect, spread, level, power) * n_groups / size)
    return Power(
        effect=float(effect),
        smallest_effect=smallest_effect(spread, size, level, power),
        groups_needed=groups_needed,
        pairs_needed=math.ceil(groups_needed * len(values) / n_groups),
        n_groups=n_groups,
        n_pairs=len(values),
        effective_size=size,
        design_effect=float(found.error**2 / (values.var(ddof=1) / len(values))),
    )


def _check(effect: float, spread: float, level: float) -> None:
    for name, value in (("effect", effect), ("spread", spread)):
        if not 0 < value < math.inf:
            raise InputError(
                expected=text(f"{name} to be a number above 0", f"un nombre positif pour {name}"),
                got=repr(value),
                remedy=text("give its size, without a sign", "donnez sa taille, sans signe"),
            )
    check_share("level", level, "0.95")


def _check_power(power: float, level: float) -> None:
    check_share("power", power, "0.8")
    if power <= 1 - level:
        raise InputError(
            expected=text(
                f"power above {1 - level:.3g}, the rate of false alarms",
                f"un power supérieur à {1 - level:.3g}, le taux de fausses alertes",
            ),
            got=repr(power),
            remedy=text("0.8 is usual", "0,8 est une valeur courante"),
        )
