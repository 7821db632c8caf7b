"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import numpy as np
import torch

from attentif.bias.paired import check_p_values
from attentif_grading.exercises import variant


@variant
def one_rank_after_the_other(p_values):
    p = check_p_values(p_values)
    found, so_far = np.zeros_like(p), 0.0
    for rank, place in enumerate(np.argsort(p, kind="stable")):
        so_far = max(so_far, min(1.0, p[place] * (p.size - rank)))
        found[place] = so_far
    return found


@variant
def without_sorting(p_values):
    p = check_p_values(p_values)
    # The factor of a value is how many are not smaller; equal ones count from the first of them.
    products = p * (p[None, :] >= p[:, None]).sum(axis=1)
    below = p[None, :] <= p[:, None]
    return np.where(below, products[None, :], 0.0).max(axis=1).clip(max=1.0)


@variant
def by_tensors(p_values):
    values = torch.tensor(p_values, dtype=torch.float64)
    if values.numel() == 0 or not bool(((values >= 0) & (values <= 1)).all()):
        raise ValueError("p-values are numbers from 0 to 1")
    ordered, order = values.sort()
    factors = torch.arange(len(values), 0, -1, dtype=torch.float64)
    raised = torch.cummax(ordered * factors, dim=0).values.clamp(max=1.0)
    return raised[order.argsort()].numpy()


@variant
def a_dictionary_of_products(p_values):
    p_values = check_p_values(p_values).tolist()
    adjusted, highest, left = {}, 0.0, len(p_values)
    for p in sorted(p_values):
        highest = max(highest, left * p)
        # Of equal ones the first has the largest product.
        adjusted.setdefault(p, min(highest, 1.0))
        left -= 1
    return [adjusted[p] for p in p_values]
