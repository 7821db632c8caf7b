"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

from itertools import combinations
from statistics import fmean

import numpy as np
import torch
from torch.nn import functional as F

from attentif.limits.representations import LayerSimilarity
from attentif_grading.exercises import variant


@variant
def pair_by_pair(vectors, senses, others):
    def profile(table, pairs):
        if not pairs:
            return torch.full((len(table),), torch.nan, dtype=torch.float64)
        cosines = [F.cosine_similarity(table[:, i], table[:, j], dim=-1) for i, j in pairs]
        return torch.stack(cosines).mean(dim=0).double()

    pairs = list(combinations(range(len(senses)), 2))
    return LayerSimilarity(
        within=profile(vectors, [(i, j) for i, j in pairs if senses[i] == senses[j]]),
        across=profile(vectors, [(i, j) for i, j in pairs if senses[i] != senses[j]]),
        static=F.cosine_similarity(vectors, vectors[0].expand_as(vectors), dim=-1).double().mean(dim=1),
        baseline=profile(others, list(combinations(range(others.shape[1]), 2))),
    )


@variant
def sums_of_unit_vectors(vectors, senses, others):
    # The cosines of all pairs add up to (‖Σ u‖² − n) / 2.
    def total(unit):
        return (unit.sum(dim=1).square().sum(dim=-1) - unit.size(1)) / 2

    unit = vectors.double() / vectors.double().norm(dim=-1, keepdim=True)
    other = others.double() / others.double().norm(dim=-1, keepdim=True)
    of_sense = {sense: [i for i, each in enumerate(senses) if each == sense] for sense in senses}
    n, m = len(senses), other.size(1)
    n_within = sum(len(rows) * (len(rows) - 1) / 2 for rows in of_sense.values())
    inside = sum(total(unit[:, rows]) for rows in of_sense.values())
    between, n_across = total(unit) - inside, n * (n - 1) / 2 - n_within
    nothing = torch.full_like(inside, torch.nan)
    return LayerSimilarity(
        inside / n_within,
        between / n_across if n_across else nothing,
        torch.einsum("lnd,nd->l", unit, unit[0]) / n,
        total(other) / (m * (m - 1) / 2),
    )


@variant
def by_numpy(vectors, senses, others):
    def table(array):
        unit = array / np.linalg.norm(array, axis=-1, keepdims=True)
        return np.einsum("lid,ljd->lij", unit, unit)

    first, second = np.triu_indices(len(senses), k=1)
    codes = np.unique(np.array([str(sense) for sense in senses]), return_inverse=True)[1]
    same = codes[first] == codes[second]
    v, u = vectors.numpy().astype(np.float64), others.numpy().astype(np.float64)
    cosines, other = table(v)[:, first, second], table(u)
    lower = np.tril(np.ones(other.shape[1:], dtype=bool), k=-1)
    lengths = np.linalg.norm(v, axis=-1) * np.linalg.norm(v[:1], axis=-1)
    across = cosines[:, ~same].mean(axis=1) if (~same).any() else np.full(len(v), np.nan)
    profiles = (
        cosines[:, same].mean(axis=1),
        across,
        ((v * v[:1]).sum(-1) / lengths).mean(1),
        other[:, lower].mean(1),
    )
    return LayerSimilarity(*map(torch.from_numpy, profiles))  # fmt: skip


@variant
def plain_loops(vectors, senses, others):
    def cosine(a, b):
        return float(a @ b) / (float(a @ a) * float(b @ b)) ** 0.5

    rows = {"within": [], "across": [], "static": [], "baseline": []}
    for v, u in zip(vectors.double(), others.double(), strict=True):
        found = {True: [], False: []}
        for i in range(1, len(v)):
            for j in range(i):
                found[senses[i] == senses[j]].append(cosine(v[i], v[j]))
        rows["within"].append(fmean(found[True]))
        rows["across"].append(fmean(found[False]) if found[False] else float("nan"))
        rows["static"].append(fmean(cosine(a, b) for a, b in zip(v, vectors[0].double(), strict=True)))
        rows["baseline"].append(fmean(cosine(u[i], u[j]) for i in range(len(u)) for j in range(i)))
    return LayerSimilarity(
        **{name: torch.tensor(values, dtype=torch.float64) for name, values in rows.items()}
    )
