"""How many divisions of words, or choices of signs, are as far out as the observed one: counted exactly, without a list of them.

Values are whole numbers of 64ths, so that sums are exact and equal ones are equal. How often a sum comes up is counted
word by word, as one counts the ways to pay an amount in coins. What a test by draws may give follows from the exact
share: its count is binomial, and Chernoff's bound says how far chance takes it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from fractions import Fraction

from attentif_grading.bootstrap_oracle import FALSE_REJECTION, divergence

UNIT = 64


def whole(values: Sequence[float]) -> list[int]:
    """Values in 64ths; each must be a whole number of them."""
    numbers = [round(UNIT * value) for value in values]
    if any(number != UNIT * value for number, value in zip(numbers, values, strict=True)):
        raise ValueError("values that are no whole 64ths")
    return numbers


def by_word(values: Sequence[float], labels: Sequence[Hashable]) -> list[tuple[int, int]]:
    """(sum in 64ths, number) of the values of each word."""
    found: dict[Hashable, list[int]] = {}
    for number, label in zip(whole(values), labels, strict=True):
        found.setdefault(label, []).append(number)
    return [(sum(numbers), len(numbers)) for numbers in found.values()]


def share_of_divisions(
    first: Sequence[float],
    second: Sequence[float],
    groups: tuple[Sequence[Hashable], Sequence[Hashable]] | None = None,
) -> float:
    """The p of `permutation_p_value` when all divisions are tried."""
    labels = groups or (range(len(first)), range(len(second)))
    of_first, of_second = (
        by_word(values, each) for values, each in zip((first, second), labels, strict=True)
    )
    words = of_first + of_second
    # (words chosen, their values, the sum of these) → how many choices.
    ways: Counter[tuple[int, int, int]] = Counter({(0, 0, 0): 1})
    for total, size in words:
        for (n, n_values, so_far), count in list(ways.items()):
            ways[n + 1, n_values + size, so_far + total] += count
    everything, n_all = sum(total for total, _ in words), sum(size for _, size in words)

    def apart(n_values: int, total: int) -> Fraction:
        return Fraction(total, n_values) - Fraction(everything - total, n_all - n_values)

    observed = apart(sum(size for _, size in of_first), sum(total for total, _ in of_first))
    chosen = {key: count for key, count in ways.items() if key[0] == len(of_first)}
    as_far = sum(
        count for (_, n_values, total), count in chosen.items() if apart(n_values, total) >= observed
    )
    return as_far / sum(chosen.values())


def share_of_signs(
    first: Sequence[float], second: Sequence[float], groups: Sequence[Hashable] | None = None
) -> float:
    """The p of `paired_test` when all choices of signs are tried."""
    differences = [a - b for a, b in zip(first, second, strict=True)]
    sums = [total for total, _ in by_word(differences, groups or range(len(differences)))]
    ways: Counter[int] = Counter({0: 1})
    for total in sums:
        before = ways
        ways = Counter()
        for so_far, count in before.items():
            ways[so_far + total] += count
            ways[so_far - total] += count
    as_far = sum(count for total, count in ways.items() if abs(total) >= abs(sum(sums)))
    return as_far / 2 ** len(sums)


def drawn_bounds(share: float, n_resamples: int) -> tuple[float, float]:
    """Between what bounds (b + 1) / (n + 1) lies, b of n draws being as far out, each with a chance of `share`."""
    limit = -math.log(FALSE_REJECTION)
    possible = [
        b for b in range(n_resamples + 1) if n_resamples * divergence(b / n_resamples, share) <= limit
    ]
    return (possible[0] + 1) / (n_resamples + 1), (possible[-1] + 1) / (n_resamples + 1)
