"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import math

import numpy as np
import torch

from attentif.bias.nulls import RandomNull, checked_seeds, untrained_model
from attentif_grading.exercises import variant


@variant
@torch.no_grad()
def by_a_table_of_seeds(metric, config, seeds, device="cpu"):
    scores = {seed: metric(untrained_model(config, seed, device)) for seed in checked_seeds(seeds)}
    return RandomNull(tuple(scores.values()))


@variant
def drawn_by_itself(metric, config, seeds, device="cpu"):
    # Without the library's helpers, and without touching the generator that all others draw from.
    from attentif.models import MaskedLM

    if len(seeds) < 2 or any(seed % 1 or seeds.count(seed) > 1 for seed in seeds):
        raise ValueError("two whole numbers at least, all different")
    before, found = torch.get_rng_state(), []
    for seed in seeds:
        torch.manual_seed(seed)
        model = MaskedLM(config)
        for parameter in model.parameters():
            parameter.requires_grad = False
        found += [float(metric(model.to(device).train(mode=False)))]
    torch.set_rng_state(before)
    if any(math.isnan(score) or math.isinf(score) for score in found):
        raise ValueError("a score that is no finite number")
    return RandomNull(values=tuple(found))


@variant
def in_single_precision(metric, config, seeds, device="cpu"):
    found = torch.empty(len(checked_seeds(seeds)))
    with torch.inference_mode():
        for place, seed in enumerate(seeds):
            found[place] = metric(untrained_model(config, int(seed), device))
    return RandomNull(tuple(found.tolist()))


@variant
def last_model_first(metric, config, seeds, device="cpu"):
    left, found = checked_seeds(seeds), []
    while left:
        model = untrained_model(config, left.pop()).to(torch.device(device))
        with torch.set_grad_enabled(False):
            found.insert(0, metric(model) / 100)
    return RandomNull(tuple(100 * np.array(found, dtype=np.float64)))
