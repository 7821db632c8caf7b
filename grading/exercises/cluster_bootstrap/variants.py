"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict

import numpy as np
import torch

from attentif.bias.statistics import Interval, coded_groups
from attentif_grading.exercises import variant


@variant
def counts_from_the_multinomial_law(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    member = codes == np.arange(codes.max() + 1)[:, None]  # (G, N)
    n_groups, sizes = len(member), member.sum(axis=1)
    times = np.random.default_rng(seed).multinomial(n_groups, [1 / n_groups] * n_groups, size=n_resamples)
    means = (times @ (member @ values)) / (times @ sizes)
    low, high = np.percentile(means, [50 - 50 * level, 50 + 50 * level])
    return Interval(values.mean(), low, high, n_groups, 1 / np.square(sizes / len(values)).sum())


@variant
def values_laid_end_to_end(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    members = [values[codes == number] for number in range(codes.max() + 1)]
    np.random.seed(seed)
    means = []
    for _ in range(n_resamples):
        resample = np.concatenate([members[np.random.randint(len(members))] for _ in members])
        means.append(np.mean(resample))
    tail = (1 - level) / 2
    n_each = np.array(list(map(len, members)))
    return Interval(
        estimate=np.mean(values),
        low=np.quantile(means, tail),
        high=np.quantile(means, 1 - tail),
        n_groups=len(members),
        effective_size=len(values) ** 2 / np.dot(n_each, n_each),
    )


@variant
def plain_python(values, groups, n_resamples=2000, level=0.95, seed=0):
    if len(values) != len(groups) or not all(map(math.isfinite, values)):
        raise ValueError("one finite value a label")
    sizes, totals = Counter(groups), defaultdict(float)
    if len(sizes) < 5 or n_resamples < 100 or level <= 0 or level >= 1:
        raise ValueError("more groups, more resamples, a level between 0 and 1")
    for value, group in zip(values, groups, strict=True):
        totals[group] += value
    labels, source = list(sizes), random.Random(seed)
    means = []
    for _ in range(n_resamples):
        total = n_values = 0
        for label in source.choices(labels, k=len(labels)):
            total, n_values = total + totals[label], n_values + sizes[label]
        means.append(total / n_values)
    means.sort()
    cut = int((1 - level) / 2 * n_resamples)
    return Interval(
        estimate=sum(totals.values()) / len(values),
        low=means[cut],
        high=means[-cut - 1],
        n_groups=len(labels),
        effective_size=len(values) ** 2 / sum(size**2 for size in sizes.values()),
    )


@variant
def by_tensors(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = map(torch.from_numpy, coded_groups(values, groups, n_resamples, level))
    n_groups = int(codes.max()) + 1
    sizes = torch.bincount(codes).double()
    sums = torch.zeros(n_groups, dtype=torch.float64).index_add_(0, codes, values)
    source = torch.Generator().manual_seed(seed)
    drawn = torch.randint(n_groups, (n_resamples, n_groups), generator=source)
    means = sums[drawn].sum(1) / sizes[drawn].sum(1)
    low, high = means.quantile(torch.tensor([(1 - level) / 2, (1 + level) / 2], dtype=torch.float64))
    return Interval(
        values.mean().item(), low.item(), high.item(), n_groups, (sizes.sum() ** 2 / sizes.dot(sizes)).item()
    )


@variant
def all_draws_at_once(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    _, sizes = np.unique(codes, return_counts=True)
    sums = np.zeros(len(sizes))
    np.add.at(sums, codes, values)
    drawn = np.random.default_rng(seed).choice(len(sizes), size=(len(sizes), n_resamples))  # (G, n)
    means = np.sort(sums[drawn].sum(axis=0) / sizes[drawn].sum(axis=0))
    first = math.floor((1 - level) / 2 * (n_resamples - 1))
    last = math.ceil((1 + level) / 2 * (n_resamples - 1))
    share = sizes / sizes.sum()
    return Interval(sums.sum() / len(values), means[first], means[last], sizes.size, 1 / (share @ share))
