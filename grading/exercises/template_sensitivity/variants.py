"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import itertools
import statistics

import numpy as np
import torch

from attentif.bias.variance import TemplateSensitivity, checked_table
from attentif_grading.exercises import variant


@variant
def what_the_templates_leave(scores):
    table = checked_table(scores)
    total = table.size * table.var()
    within = table.shape[1] * table.var(axis=1).sum()
    share = 1 - within / total if np.ptp(table) > 0 else 0.0
    signs = np.sign(table)
    agreement = np.count_nonzero(signs - np.sign(table.sum(axis=0).round(11)) == 0) / table.size
    means = np.sort(table.mean(axis=1))
    return TemplateSensitivity(
        min(max(share, 0.0), 1.0), (len(table) - 1) / (table.size - 1), agreement, means[0], means[-1]
    )


@variant
def in_plain_python(scores):
    table = checked_table(scores).tolist()
    flat = list(itertools.chain.from_iterable(table))
    middle, means = statistics.mean(flat), [statistics.mean(row) for row in table]
    total = sum((score - middle) ** 2 for score in flat)
    between = sum(len(row) * (mean - middle) ** 2 for row, mean in zip(table, means, strict=True))
    agreeing = 0
    for column in zip(*table, strict=True):
        side = sum(column) if abs(sum(column)) > 1e-12 else 0.0
        agreeing += sum((x > 0) == (side > 0) and (x < 0) == (side < 0) for x in column)
    share = 0.0 if min(flat) == max(flat) else min(1.0, between / total)
    chance = (len(table) - 1) / (len(flat) - 1)
    return TemplateSensitivity(share, chance, agreeing / len(flat), min(means), max(means))


@variant
def by_tensors(scores):
    lengths = {len(row) for row in scores}
    if len(lengths) != 1 or len(scores) < 2 or lengths.pop() < 2:
        raise ValueError("at least two rows and two columns")
    table = torch.tensor(scores, dtype=torch.float64)
    if not bool(table.isfinite().all()):
        raise ValueError("finite scores")
    of_rows = table.mean(dim=1, keepdim=True)
    # Each score replaced by its template's mean: the share of the variance that is left.
    share = of_rows.expand_as(table).var() / table.var() if table.min() < table.max() else torch.tensor(0.0)
    agree = table.sign().eq(torch.nn.functional.hardshrink(table.mean(dim=0), 1e-12).sign()).double().mean()
    return TemplateSensitivity(
        share.clamp(0, 1).item(),
        (table.size(0) - 1) / (table.numel() - 1),
        agree.item(),
        of_rows.min().item(),
        of_rows.max().item(),
    )


@variant
def by_squares_of_sums(scores):
    table = checked_table(scores)
    n_templates, n_words = table.shape
    correction = table.sum() ** 2 / table.size
    total = (table**2).sum() - correction
    between = (table.sum(axis=1) ** 2).sum() / n_words - correction
    share = 0.0 if total < 1e-12 else float(np.clip(between / total, 0, 1))
    of_words = np.einsum("tw->w", table)
    of_words[np.isclose(of_words, 0, atol=1e-12)] = 0
    agree = sum(np.sign(row) == np.sign(of_words) for row in table)
    means = table @ np.full(n_words, 1 / n_words)
    return TemplateSensitivity(
        share,
        (n_templates - 1) / (n_templates * n_words - 1),
        float(agree.sum() / table.size),
        np.min(means),
        np.max(means),
    )
