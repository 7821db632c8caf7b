"""Wrong implementations that people really write, each with what it computes instead."""

from __future__ import annotations

import itertools
import math

import numpy as np

from attentif.bias.paired import check_p_values
from attentif.checks.text import text
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("bonferroni", "not_monotone", "order_taken_twice")


def checked(p_values):
    """The values as a list, those that are no probabilities refused."""
    numbers = [float(p) for p in p_values]
    if not numbers or not all(0 <= p <= 1 for p in numbers):
        raise ValueError("probabilities")
    return numbers


def put_back(order, values):
    """The values in the order of the tests."""
    found = np.empty(len(values))
    found[order] = values
    return found


def by_rank(numbers, adjusted):
    """Adjusted values, given by rank, as a list in the order of the tests."""
    ranks = sorted(range(len(numbers)), key=lambda place: numbers[place])
    found = [0.0] * len(numbers)
    for rank, place in enumerate(ranks):
        found[place] = adjusted[rank]
    return np.array(found)


@misconception(
    "bonferroni",
    en="you multiply every value by m, as Bonferroni does: only the smallest takes m, the next m − 1, down to 1",
    fr="vous multipliez chaque valeur par m, comme Bonferroni : seule la plus petite prend m, la suivante m − 1, "
    "jusqu'à 1",
    warning=text(
        "you multiply every value by $m$, as Bonferroni does",
        "vous multipliez chaque valeur par $m$, comme Bonferroni",
    ),
)
def bonferroni(p_values):
    p = check_p_values(p_values)
    return np.minimum(len(p) * p, 1.0)


@again(bonferroni)
def bonferroni_2(p_values):
    numbers = checked(p_values)
    return np.array([min(1.0, p * len(numbers)) for p in numbers])


@misconception(
    "not_monotone",
    en="an adjusted value may be below that of a smaller p: take the running maximum, from the smallest up",
    fr="une valeur ajustée peut être inférieure à celle d'un plus petit p : prenez le maximum courant, à partir de "
    "la plus petite",
)
def not_monotone(p_values):
    p = check_p_values(p_values)
    order, m = np.argsort(p), len(p)
    return put_back(order, np.minimum((m - np.arange(m)) * p[order], 1.0))


@again(not_monotone)
def not_monotone_2(p_values):
    numbers = checked(p_values)
    ordered, m = sorted(numbers), len(numbers)
    return by_rank(numbers, [min(1.0, (m - rank) * p) for rank, p in enumerate(ordered)])


@misconception(
    "order_lost",
    en="the adjusted values come back sorted: put each back in the place of its test",
    fr="les valeurs ajustées reviennent triées : remettez chacune à la place de son test",
)
def order_lost(p_values):
    p = check_p_values(p_values)
    order, m = np.argsort(p), len(p)
    return np.minimum(np.maximum.accumulate((m - np.arange(m)) * p[order]), 1.0)


@again(order_lost)
def order_lost_2(p_values):
    numbers = checked(p_values)
    ordered, m = sorted(numbers), len(numbers)
    products = [(m - rank) * p for rank, p in enumerate(ordered)]
    return np.array([min(1.0, each) for each in itertools.accumulate(products, max)])


@misconception(
    "order_taken_twice",
    en="you put the values back by the order of sorting itself: adjusted[order] = sorted ones, or sort the order "
    "once more",
    fr="vous remettez les valeurs à leur place par l'ordre du tri lui-même : ajustées[ordre] = triées, ou triez "
    "encore l'ordre",
    warning=text(
        "you put the values back by the order of sorting itself",
        "vous remettez les valeurs à leur place par l'ordre du tri lui-même",
    ),
)
def order_taken_twice(p_values):
    p = check_p_values(p_values)
    order, m = np.argsort(p), len(p)
    return np.minimum(np.maximum.accumulate((m - np.arange(m)) * p[order]), 1.0)[order]


@again(order_taken_twice)
def order_taken_twice_2(p_values):
    numbers = checked(p_values)
    ordered, m = sorted(numbers), len(numbers)
    raised = list(itertools.accumulate(((m - rank) * p for rank, p in enumerate(ordered)), max))
    ranks = sorted(range(m), key=numbers.__getitem__)
    return np.array([min(1.0, raised[place]) for place in ranks])


@misconception(
    "not_capped",
    en="an adjusted value may be above 1: none is a probability then, take the smaller of it and 1",
    fr="une valeur ajustée peut dépasser 1 : ce n'est alors plus une probabilité, prenez le plus petit d'elle et de "
    "1",
)
def not_capped(p_values):
    p = check_p_values(p_values)
    order, m = np.argsort(p), len(p)
    return put_back(order, np.maximum.accumulate((m - np.arange(m)) * p[order]))


@again(not_capped)
def not_capped_2(p_values):
    numbers = checked(p_values)
    ordered, m = sorted(numbers), len(numbers)
    return by_rank(
        numbers, list(itertools.accumulate(((m - rank) * p for rank, p in enumerate(ordered)), max))
    )


@misconception(
    "factors_reversed",
    en="the smallest value is multiplied by 1 and the largest by m: the smallest takes m",
    fr="la plus petite valeur est multipliée par 1 et la plus grande par m : c'est la plus petite qui prend m",
)
def factors_reversed(p_values):
    p = check_p_values(p_values)
    order, m = np.argsort(p), len(p)
    return put_back(order, np.minimum(np.maximum.accumulate(np.arange(1, m + 1) * p[order]), 1.0))


@again(factors_reversed)
def factors_reversed_2(p_values):
    numbers = checked(p_values)
    return by_rank(numbers, [min(1.0, rank * p) for rank, p in enumerate(sorted(numbers), start=1)])


@misconception(
    "one_factor_less",
    en="the smallest value is multiplied by m − 1 and the largest by 0: begin at m, end at 1",
    fr="la plus petite valeur est multipliée par m − 1 et la plus grande par 0 : commencez à m, finissez à 1",
)
def one_factor_less(p_values):
    p = check_p_values(p_values)
    order, m = np.argsort(p), len(p)
    return put_back(order, np.minimum(np.maximum.accumulate((m - 1 - np.arange(m)) * p[order]), 1.0))


@again(one_factor_less)
def one_factor_less_2(p_values):
    numbers = checked(p_values)
    ordered, m = sorted(numbers), len(numbers)
    products = [(m - rank) * p for rank, p in enumerate(ordered, start=1)]
    return by_rank(numbers, [min(1.0, each) for each in itertools.accumulate(products, max)])


@misconception(
    "from_the_largest_down",
    en="you take a running minimum from the largest down, as Hochberg does: take the running maximum from the "
    "smallest up",
    fr="vous prenez un minimum courant à partir de la plus grande, comme Hochberg : prenez le maximum courant à "
    "partir de la plus petite",
)
def from_the_largest_down(p_values):
    p = check_p_values(p_values)
    order, m = np.argsort(p), len(p)
    products = (m - np.arange(m)) * p[order]
    return put_back(order, np.minimum(np.minimum.accumulate(products[::-1])[::-1], 1.0))


@again(from_the_largest_down)
def from_the_largest_down_2(p_values):
    numbers = checked(p_values)
    ordered, m = sorted(numbers), len(numbers)
    products = [(m - rank) * p for rank, p in enumerate(ordered)]
    return by_rank(numbers, [min(1.0, *products[rank:]) for rank in range(m)])


@misconception(
    "false_discovery_rate",
    en="you divide by the rank, as Benjamini and Hochberg do for the rate of false discoveries: Holm multiplies by m"
    " − rank + 1",
    fr="vous divisez par le rang, comme Benjamini et Hochberg pour le taux de fausses découvertes : Holm multiplie "
    "par m − rang + 1",
)
def false_discovery_rate(p_values):
    p = check_p_values(p_values)
    order, m = np.argsort(p), len(p)
    products = m * p[order] / np.arange(1, m + 1)
    return put_back(order, np.minimum(np.minimum.accumulate(products[::-1])[::-1], 1.0))


@again(false_discovery_rate)
def false_discovery_rate_2(p_values):
    numbers = checked(p_values)
    ordered, m = sorted(numbers), len(numbers)
    shares = [m * p / rank for rank, p in enumerate(ordered, start=1)]
    return by_rank(numbers, [min([1.0, *shares[rank:]]) for rank in range(m)])


@misconception(
    "powers",
    en="you take 1 − (1 − p) to the power of the factor, which is for independent tests (Šidák): multiply",
    fr="vous prenez 1 − (1 − p) à la puissance du facteur, ce qui vaut pour des tests indépendants (Šidák) : "
    "multipliez",
)
def powers(p_values):
    p = check_p_values(p_values)
    order, m = np.argsort(p), len(p)
    return put_back(order, np.maximum.accumulate(1 - (1 - p[order]) ** (m - np.arange(m))))


@again(powers)
def powers_2(p_values):
    numbers = checked(p_values)
    ordered, m = sorted(numbers), len(numbers)
    sidak = [1 - math.pow(1 - p, m - rank) for rank, p in enumerate(ordered)]
    return by_rank(numbers, list(itertools.accumulate(sidak, max)))


@misconception(
    "out_of_range_accepted",
    en="numbers below 0 or above 1 are accepted: refuse them with an InputError, or let check_p_values do it",
    fr="des nombres négatifs ou supérieurs à 1 sont acceptés : refusez-les par une InputError, ou laissez "
    "check_p_values le faire",
)
def out_of_range_accepted(p_values):
    p = np.asarray(p_values, dtype=float)
    if not p.size or not np.isfinite(p).all():
        raise ValueError("finite numbers")
    order, m = np.argsort(p), len(p)
    return put_back(order, np.minimum(np.maximum.accumulate((m - np.arange(m)) * p[order]), 1.0))


@again(out_of_range_accepted)
def out_of_range_accepted_2(p_values):
    numbers = [float(p) for p in p_values]
    if not numbers or not all(map(math.isfinite, numbers)):
        raise ValueError("finite numbers")
    raised = itertools.accumulate(((len(numbers) - i) * p for i, p in enumerate(sorted(numbers))), max)
    return by_rank(numbers, [min(1.0, each) for each in raised])


@misconception(
    "nan_accepted",
    en="NaN is accepted, and comes back, or spoils the order: refuse it with an InputError, or let check_p_values do"
    " it",
    fr="NaN est accepté, et revient, ou gâte l'ordre : refusez-le par une InputError, ou laissez check_p_values le "
    "faire",
)
def nan_accepted(p_values):
    p = np.asarray(p_values, dtype=float)
    if not p.size or (p < 0).any() or (p > 1).any():
        raise ValueError("probabilities")
    order, m = np.argsort(p), len(p)
    return put_back(order, np.minimum(np.maximum.accumulate((m - np.arange(m)) * p[order]), 1.0))


@again(nan_accepted)
def nan_accepted_2(p_values):
    numbers = checked([1.0 if math.isnan(p) else p for p in p_values])
    raised = itertools.accumulate(((len(numbers) - i) * p for i, p in enumerate(sorted(numbers))), max)
    return by_rank(numbers, [min(1.0, each) for each in raised])
