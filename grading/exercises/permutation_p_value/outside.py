"""Wrong permutation tests outside the catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from attentif.bias.permutation import coded_words, permutation_p_value


def t_test(first, second, groups=None, n_resamples=20_000, seed=0):
    coded_words(first, second, groups, n_resamples)
    return float(stats.ttest_ind(first, second, alternative="greater").pvalue)


def ranks(first, second, groups=None, n_resamples=20_000, seed=0):
    coded_words(first, second, groups, n_resamples)
    return float(stats.mannwhitneyu(first, second, alternative="greater").pvalue)


def medians(first, second, groups=None, n_resamples=20_000, seed=0):
    values, codes, n_first = coded_words(first, second, groups, n_resamples)
    generator, n_words = np.random.default_rng(seed), int(codes.max()) + 1

    def apart(part):
        inside = np.isin(codes, part)
        return np.median(values[inside]) - np.median(values[~inside])

    found = [apart(generator.permutation(n_words)[:n_first]) for _ in range(min(n_resamples, 500))]
    return float((1 + sum(each >= apart(range(n_first)) - 1e-12 for each in found)) / (1 + len(found)))


def one_minus_p(first, second, groups=None, n_resamples=20_000, seed=0):
    return 1.0 - permutation_p_value(first, second, groups, n_resamples, seed)


def doubled(first, second, groups=None, n_resamples=20_000, seed=0):
    return min(1.0, 2 * permutation_p_value(first, second, groups, n_resamples, seed))


def sets_exchanged(first, second, groups=None, n_resamples=20_000, seed=0):
    exchanged = groups and (groups[1], groups[0])
    return permutation_p_value(second, first, exchanged, n_resamples, seed)


def values_shuffled_inside_the_sets(first, second, groups=None, n_resamples=20_000, seed=0):
    coded_words(first, second, groups, n_resamples)
    observed, generator, count = np.mean(first) - np.mean(second), np.random.default_rng(seed), 0
    for _ in range(200):
        x, y = generator.permutation(first), generator.permutation(second)
        count += np.mean(x) - np.mean(y) >= observed - 1e-12
    return (count + 1) / 201


def sizes_drawn_evenly(first, second, groups=None, n_resamples=20_000, seed=0):
    values, codes, n_first = coded_words(first, second, groups, n_resamples)
    sums, sizes = np.bincount(codes, values), np.bincount(codes)
    n_words = len(sums)
    if math.comb(n_words, n_first) <= n_resamples:
        return permutation_p_value(first, second, groups, n_resamples, seed)
    generator = np.random.default_rng(seed)
    orders = np.argsort(generator.random((n_resamples, n_words)), axis=1)
    inside = orders < generator.integers(1, n_words, (n_resamples, 1))
    part, size = inside @ sums, inside @ sizes
    t = part / size - (sums.sum() - part) / (sizes.sum() - size)
    observed = sums[:n_first].sum() / sizes[:n_first].sum() - sums[n_first:].sum() / sizes[n_first:].sum()
    return float((1 + (t >= observed - 1e-12).sum()) / (1 + n_resamples))


def one_sentence_a_word(first, second, groups=None, n_resamples=20_000, seed=0):
    if groups is None:
        return permutation_p_value(first, second, None, n_resamples, seed)
    coded_words(first, second, groups, n_resamples)
    kept = [dict(zip(words, values, strict=True)) for words, values in zip(groups, (first, second), strict=True)]  # fmt: skip
    return permutation_p_value(*(list(each.values()) for each in kept), None, n_resamples, seed)


def a_thousand_draws(first, second, groups=None, n_resamples=20_000, seed=0):
    coded_words(first, second, groups, n_resamples)
    return permutation_p_value(first, second, groups, 1000, seed)


def number_of_divisions(first, second, groups=None, n_resamples=20_000, seed=0):
    _, codes, n_first = coded_words(first, second, groups, n_resamples)
    return 1 / math.comb(int(codes.max()) + 1, n_first)


def two_sided_without_the_added_one(first, second, groups=None, n_resamples=20_000, seed=0):
    _, codes, n_first = coded_words(first, second, groups, n_resamples)
    p = permutation_p_value(first, second, groups, n_resamples, seed)
    q = permutation_p_value(*(-np.array(each) for each in (first, second)), groups, n_resamples, seed)
    both = 2 * min(p, q)
    drawn = math.comb(int(codes.max()) + 1, n_first) > n_resamples
    return max(0.0, both - 2 / (n_resamples + 1)) if drawn else both


OUTSIDE = {
    t_test: (),
    ranks: (),
    medians: (),
    one_minus_p: (),
    doubled: (),
    sets_exchanged: ("other_side",),
    values_shuffled_inside_the_sets: (),
    sizes_drawn_evenly: (),
    one_sentence_a_word: (),
    a_thousand_draws: (),
    number_of_divisions: (),
    two_sided_without_the_added_one: ("two_sided", "no_added_one"),
}
