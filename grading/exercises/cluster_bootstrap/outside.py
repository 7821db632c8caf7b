"""Wrong bootstraps by groups outside the catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import math

import numpy as np

from attentif.bias.statistics import Interval, coded_groups


def _interval(values, groups, n_resamples, level, seed, *, means=None, **wrong):
    """A right interval, whose means or fields can be changed."""
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=values)
    generator = np.random.default_rng(seed)
    if means is None:
        drawn = generator.integers(len(sizes), size=(n_resamples, len(sizes)))
        found = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    else:
        found = means(generator, sums, sizes)
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    fields = {
        "estimate": values.mean(),
        "low": low,
        "high": high,
        "n_groups": len(sizes),
        "effective_size": sizes.sum() ** 2 / (sizes**2).sum(),
    }
    return Interval(**(fields | {name: change(fields) for name, change in wrong.items()}))


def half_of_the_groups(values, groups, n_resamples=2000, level=0.95, seed=0):
    def means(generator, sums, sizes):
        drawn = generator.integers(len(sizes), size=(n_resamples, len(sizes) // 2))
        return sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)

    return _interval(values, groups, n_resamples, level, seed, means=means)


def first_group_never_drawn(values, groups, n_resamples=2000, level=0.95, seed=0):
    def means(generator, sums, sizes):
        drawn = generator.integers(1, len(sizes), size=(n_resamples, len(sizes)))
        return sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)

    return _interval(values, groups, n_resamples, level, seed, means=means)


def drawn_by_size(values, groups, n_resamples=2000, level=0.95, seed=0):
    def means(generator, sums, sizes):
        drawn = generator.choice(len(sizes), size=(n_resamples, len(sizes)), p=sizes / sizes.sum())
        return sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)

    return _interval(values, groups, n_resamples, level, seed, means=means)


def sums_not_divided(values, groups, n_resamples=2000, level=0.95, seed=0):
    def means(generator, sums, sizes):
        return sums[generator.integers(len(sizes), size=(n_resamples, len(sizes)))].sum(axis=1)

    return _interval(values, groups, n_resamples, level, seed, means=means)


def jackknife(values, groups, n_resamples=2000, level=0.95, seed=0):
    def means(generator, sums, sizes):
        return (sums.sum() - sums) / (sizes.sum() - sizes)

    return _interval(values, groups, n_resamples, level, seed, means=means)


def median_as_estimate(values, groups, n_resamples=2000, level=0.95, seed=0):
    median = float(np.median(values))
    return _interval(values, groups, n_resamples, level, seed, estimate=lambda fields: median)


def first_word_of_a_pair(values, groups, n_resamples=2000, level=0.95, seed=0):
    firsts = [group[0] if isinstance(group, tuple) else group for group in groups]
    return _interval(values, firsts, n_resamples, level, seed)


def one_group_too_few(values, groups, n_resamples=2000, level=0.95, seed=0):
    return _interval(values, groups, n_resamples, level, seed, n_groups=lambda fields: fields["n_groups"] - 1)


def effective_size_by_the_root(values, groups, n_resamples=2000, level=0.95, seed=0):
    def root(fields):
        return math.sqrt(fields["effective_size"])

    return _interval(values, groups, n_resamples, level, seed, effective_size=root)


def rounded_ends(values, groups, n_resamples=2000, level=0.95, seed=0):
    ends = {"low": lambda fields: math.floor(fields["low"]), "high": lambda fields: math.ceil(fields["high"])}
    return _interval(values, groups, n_resamples, level, seed, **ends)


def a_pair_of_ends(values, groups, n_resamples=2000, level=0.95, seed=0):
    found = _interval(values, groups, n_resamples, level, seed)
    return found.low, found.high


def ends_exchanged(values, groups, n_resamples=2000, level=0.95, seed=0):
    ends = {"low": lambda fields: fields["high"], "high": lambda fields: fields["low"]}
    return _interval(values, groups, n_resamples, level, seed, **ends)


def mirrored_and_effective_size_of_values(values, groups, n_resamples=2000, level=0.95, seed=0):
    return _interval(
        values,
        groups,
        n_resamples,
        level,
        seed,
        low=lambda fields: 2 * fields["estimate"] - fields["high"],
        high=lambda fields: 2 * fields["estimate"] - fields["low"],
        effective_size=lambda fields: float(len(values)),
    )


OUTSIDE = {
    half_of_the_groups: (),
    first_group_never_drawn: (),
    drawn_by_size: (),
    sums_not_divided: (),
    jackknife: (),
    median_as_estimate: (),
    first_word_of_a_pair: (),
    one_group_too_few: (),
    effective_size_by_the_root: (),
    rounded_ends: (),
    a_pair_of_ends: (),
    ends_exchanged: (),
    mirrored_and_effective_size_of_values: ("mirrored", "effective_size_of_values"),
}
