"""Wrong paired tests outside the catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace

import numpy as np
from scipy import stats

from attentif.bias.paired import coded_pairs, paired_test


def _right(first, second, n_resamples, seed, groups, **changed):
    found = paired_test(first, second, n_resamples, seed, groups)
    if "p_value" in changed:
        changed["p_value"] = min(1.0, max(1e-300, float(changed["p_value"])))
    return replace(found, **changed)


def t_test(first, second, n_resamples=10_000, seed=0, groups=None):
    coded_pairs(first, second, groups, n_resamples)
    return _right(first, second, n_resamples, seed, groups, p_value=stats.ttest_rel(first, second).pvalue)


def signed_ranks(first, second, n_resamples=10_000, seed=0, groups=None):
    coded_pairs(first, second, groups, n_resamples)
    return _right(first, second, n_resamples, seed, groups, p_value=stats.wilcoxon(first, second).pvalue)


def independent_t_test(first, second, n_resamples=10_000, seed=0, groups=None):
    coded_pairs(first, second, groups, n_resamples)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _right(first, second, n_resamples, seed, groups, p_value=stats.ttest_ind(first, second).pvalue)


def bootstrap_of_differences(first, second, n_resamples=10_000, seed=0, groups=None):
    differences, _ = coded_pairs(first, second, groups, n_resamples)
    means = np.random.default_rng(seed).choice(differences, (n_resamples, len(differences))).mean(axis=1)
    beyond = np.count_nonzero(means * differences.mean() <= 0)
    return _right(first, second, n_resamples, seed, groups, p_value=(2 * beyond + 1) / (n_resamples + 1))


def twice_the_p(first, second, n_resamples=10_000, seed=0, groups=None):
    p = paired_test(first, second, n_resamples, seed, groups).p_value
    return _right(first, second, n_resamples, seed, groups, p_value=2 * p)


def smallest_possible_p(first, second, n_resamples=10_000, seed=0, groups=None):
    _, codes = coded_pairs(first, second, groups, n_resamples)
    return _right(first, second, n_resamples, seed, groups, p_value=2.0 ** (1 - len(set(codes.tolist()))))


def median_difference(first, second, n_resamples=10_000, seed=0, groups=None):
    differences, _ = coded_pairs(first, second, groups, n_resamples)
    return _right(first, second, n_resamples, seed, groups, difference=float(np.median(differences)))


def one_pair_a_group(first, second, n_resamples=10_000, seed=0, groups=None):
    coded_pairs(first, second, groups, n_resamples)
    if groups is None:
        return paired_test(first, second, n_resamples, seed)
    kept = {label: (a, b) for a, b, label in zip(first, second, groups, strict=True)}
    return paired_test(*zip(*kept.values(), strict=True), n_resamples, seed)


def never_exact(first, second, n_resamples=10_000, seed=0, groups=None):
    return _right(first, second, n_resamples, seed, groups, exact=False)


def exact_up_to_ten(first, second, n_resamples=10_000, seed=0, groups=None):
    differences, codes = coded_pairs(first, second, groups, n_resamples)
    sums = np.bincount(codes, differences)
    if len(sums) <= 10:
        return paired_test(first, second, n_resamples, seed, groups)
    totals = np.random.default_rng(seed).choice([-1, 1], (n_resamples, len(sums))) @ sums
    count = np.count_nonzero(np.abs(totals) >= abs(sums.sum()) - 1e-12)
    return _right(first, second, n_resamples, seed, groups, p_value=(count + 1) / (n_resamples + 1), exact=False)  # fmt: skip


def root_of_p(first, second, n_resamples=10_000, seed=0, groups=None):
    p = paired_test(first, second, n_resamples, seed, groups).p_value
    return _right(first, second, n_resamples, seed, groups, p_value=math.sqrt(p))


def reversed_and_of_groups(first, second, n_resamples=10_000, seed=0, groups=None):
    found = paired_test(first, second, n_resamples, seed, groups)
    return replace(found, difference=-found.difference, n_groups=found.n_pairs)


OUTSIDE = {
    t_test: (),
    signed_ranks: (),
    independent_t_test: ("scores_exchanged_between_pairs",),
    bootstrap_of_differences: (),
    twice_the_p: (),
    smallest_possible_p: (),
    median_difference: (),
    one_pair_a_group: ("n_pairs_counts_groups",),
    never_exact: (),
    exact_up_to_ten: (),
    root_of_p: (),
    reversed_and_of_groups: ("difference_reversed", "n_groups_counts_pairs"),
}
