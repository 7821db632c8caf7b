"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter, defaultdict
from fractions import Fraction

import numpy as np
import torch

from attentif.bias.paired import PairedTest, coded_pairs
from attentif_grading.exercises import variant


@variant
def half_of_the_choices(first, second, n_resamples=10_000, seed=0, groups=None):
    # A choice and its opposite are equally far out: the last sign can be left alone.
    differences, codes = coded_pairs(first, second, groups, n_resamples)
    sums = np.array([differences[codes == code].sum() for code in np.unique(codes)])
    exact = sums.size <= 16
    if exact:
        totals = np.zeros(1)
        for each in sums[:-1]:
            totals = np.concatenate([totals + each, totals - each])
        totals = totals + sums[-1]
    else:
        flipped = np.random.default_rng(seed).random((n_resamples, sums.size)) < 0.5
        totals = sums.sum() - 2 * flipped @ sums
    far = np.count_nonzero(np.abs(totals) > abs(differences.sum()) - 1e-10)
    p = far / totals.size if exact else (1 + far) / (1 + n_resamples)
    return PairedTest(np.mean(differences), p, differences.size, sums.size, exact)


@variant
def counted_in_fractions(first, second, n_resamples=10_000, seed=0, groups=None):
    labels = list(range(len(first)) if groups is None else groups)
    if len({len(first), len(second), len(labels)}) > 1 or n_resamples < 100:
        raise ValueError("one score of each model, and one label, a pair; at least 100 resamples")
    if any(math.isnan(score) or math.isinf(score) for score in [*first, *second]):
        raise ValueError("finite scores")
    of_group = defaultdict(Fraction)
    for a, b, label in zip(first, second, labels, strict=True):
        of_group[label] += Fraction(a) - Fraction(b)
    sums, total = list(of_group.values()), sum(of_group.values())
    if exact := len(sums) <= 16:
        ways = Counter([Fraction(0)])
        for each in sums:
            ways = sum((Counter({t + s * each: n for t, n in ways.items()}) for s in (1, -1)), Counter())
        p = sum(n for t, n in ways.items() if abs(t) >= abs(total)) / 2 ** len(sums)
    else:
        source, plain = random.Random(seed), [float(each) for each in sums]
        found = [sum(source.choices((1, -1))[0] * each for each in plain) for _ in range(n_resamples)]
        p = (1 + sum(abs(t) >= abs(float(total)) - 1e-9 for t in found)) / (1 + n_resamples)
    return PairedTest(float(total) / len(first), p, len(first), len(sums), exact)


@variant
def by_tensors(first, second, n_resamples=10_000, seed=0, groups=None):
    differences, codes = map(torch.from_numpy, coded_pairs(first, second, groups, n_resamples))
    n_groups = int(codes.max()) + 1
    member = torch.nn.functional.one_hot(codes, n_groups).double()  # (N, G)
    if n_groups <= 16:
        signs = torch.cartesian_prod(*[torch.tensor([1.0, -1.0], dtype=torch.float64)] * n_groups)
    else:
        source = torch.Generator().manual_seed(seed)
        signs = torch.randint(0, 2, (n_resamples, n_groups), generator=source).double() * 2 - 1
    means = (signs @ member.T) @ differences / len(differences)
    far = (means.abs() >= differences.mean().abs() - 1e-12).double()
    p = far.mean() if n_groups <= 16 else (far.sum() + 1) / (n_resamples + 1)
    return PairedTest(differences.mean().item(), p.item(), len(differences), n_groups, n_groups <= 16)


@variant
def one_choice_at_a_time(first, second, n_resamples=10_000, seed=0, groups=None):
    differences, codes = coded_pairs(first, second, groups, n_resamples)
    sums = np.zeros(len(set(codes.tolist())))
    for difference, code in zip(differences, codes, strict=True):
        sums[code] += difference
    observed, generator = abs(sums.sum()) - 1e-10, np.random.RandomState(seed)
    if len(sums) > 16:
        count = 1
        for _ in range(n_resamples):
            count += abs(np.where(generator.rand(len(sums)) < 0.5, sums, -sums).sum()) >= observed
        p = count / (n_resamples + 1)
    else:
        pairs = [(each, -each) for each in sums.tolist()]
        far = [abs(sum(choice)) >= observed for choice in itertools.product(*pairs)]
        p = sum(far) / len(far)
    return PairedTest(sums.sum() / len(codes), p, len(codes), len(sums), bool(len(sums) <= 16))
