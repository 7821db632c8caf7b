"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import numpy as np
import torch

from attentif.bias.permutation import coded_words
from attentif_grading.exercises import variant


@variant
def one_division_at_a_time(first, second, groups=None, n_resamples=20_000, seed=0):
    values, codes, n_first = coded_words(first, second, groups, n_resamples)
    words = np.unique(codes)

    def difference(chosen):
        inside = np.isin(codes, chosen)
        return values[inside].mean() - values[~inside].mean()

    observed = difference(words[:n_first]) - 1e-12
    if math.comb(len(words), n_first) <= n_resamples:
        told = [difference(chosen) >= observed for chosen in itertools.combinations(words, n_first)]
        return sum(told) / len(told)
    np.random.seed(seed)
    count = sum(difference(np.random.permutation(words)[:n_first]) >= observed for _ in range(n_resamples))
    return (1 + count) / (1 + n_resamples)


@variant
def with_fractions_in_plain_python(first, second, groups=None, n_resamples=20_000, seed=0):
    labels = groups or ([f"x{i}" for i in range(len(first))], [f"y{i}" for i in range(len(second))])
    totals, sizes = {}, {}
    for values, words in zip((first, second), labels, strict=True):
        if not all(map(math.isfinite, values)) or n_resamples < 100:
            raise ValueError("finite numbers, and at least 100 resamples")
        for value, word in zip(values, words, strict=True):
            totals[word] = totals.get(word, 0) + Fraction(value)
            sizes[word] = sizes.get(word, 0) + 1
    if set(labels[0]) & set(labels[1]):
        raise ValueError("a word in both sets")
    words, whole, n_values = list(totals), sum(totals.values()), sum(sizes.values())
    n_first = len(set(labels[0]))

    def apart(part):
        total, size = sum(totals[word] for word in part), sum(sizes[word] for word in part)
        return total / size - (whole - total) / (n_values - size)

    observed, source = apart(set(labels[0])), random.Random(seed)
    if math.comb(len(words), n_first) > n_resamples:
        far = [apart(source.sample(words, n_first)) >= observed for _ in range(n_resamples)]
        return (sum(far) + 1) / (len(far) + 1)
    far = [apart(part) >= observed for part in itertools.combinations(words, n_first)]
    return sum(far) / len(far)


@variant
def by_matrices_of_choices(first, second, groups=None, n_resamples=20_000, seed=0):
    values, codes, n_first = coded_words(first, second, groups, n_resamples)
    values, codes = torch.tensor(values), torch.tensor(codes)
    n_words = int(codes.max()) + 1
    member = torch.nn.functional.one_hot(codes, n_words).double()  # (N, W)
    sums, sizes = values @ member, member.sum(0)
    exact = math.comb(n_words, n_first) <= n_resamples
    if exact:
        places = torch.combinations(torch.arange(n_words), n_first)
    else:
        source = torch.Generator().manual_seed(seed)
        places = torch.rand(n_resamples, n_words, generator=source).argsort(1)[:, :n_first]
    chosen = torch.zeros(len(places), n_words, dtype=torch.float64).scatter_(1, places, 1.0)
    t = chosen @ sums / (chosen @ sizes) - (1 - chosen) @ sums / ((1 - chosen) @ sizes)
    of_first = sums[:n_first].sum() / sizes[:n_first].sum()
    observed = of_first - sums[n_first:].sum() / sizes[n_first:].sum()
    count = (t > observed - 1e-10).sum().item()
    return count / len(t) if exact else (count + 1) / (len(t) + 1)


@variant
def mean_of_the_first_part_alone(first, second, groups=None, n_resamples=20_000, seed=0):
    # With values around 0, the mean of the other part follows from the sum of this one.
    values, codes, n_first = coded_words(first, second, groups, n_resamples)
    centred = values - np.mean(values)
    sums, sizes = np.zeros(codes.max() + 1), np.zeros(codes.max() + 1)
    np.add.at(sums, codes, centred)
    np.add.at(sizes, codes, 1)

    def scaled(order):
        size = sizes[order].sum(axis=-1)
        return sums[order].sum(axis=-1) * len(values) / (size * (len(values) - size))

    observed = scaled(np.arange(n_first)) - 1e-12
    if math.comb(len(sums), n_first) <= n_resamples:
        every = np.array(list(itertools.combinations(range(len(sums)), n_first)))
        return float(np.mean(scaled(every) >= observed))
    generator = np.random.default_rng(seed)
    found = [scaled(generator.choice(len(sums), n_first, replace=False)) for _ in range(n_resamples)]
    return (1 + sum(each >= observed for each in found)) / (1 + n_resamples)
