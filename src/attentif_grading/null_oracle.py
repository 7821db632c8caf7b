"""What the metrics of the checks score untrained models, computed from the weights of models drawn here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from attentif.checks.values import Recipe
from attentif.model_config import ModelConfig
from attentif.models import MaskedLM


def drawn_setting(rng: np.random.Generator) -> tuple[Recipe, Recipe]:
    """(metric, config): recipes of a metric and of the sizes of a small model."""
    sizes = {
        "vocab_size": int(rng.integers(7, 14)),
        "d_model": int(rng.choice([6, 10])),
        "n_layers": int(rng.integers(1, 3)),
        "n_heads": 2,
        "max_length": int(rng.integers(4, 9)),
        "d_ff": int(rng.integers(5, 12)),
        "dropout": 0.2,
    }
    return Recipe("weights_metric", {"phase": float(rng.uniform(0, 6))}), Recipe("model_config", sizes)


def drawn_seeds(rng: np.random.Generator, n: int) -> list[int]:
    """Different seeds, neither in order nor the first whole numbers."""
    seeds = [int(seed) for seed in rng.choice(np.arange(n + 3, 5000), n, replace=False)]
    return seeds if seeds != sorted(seeds) else seeds[::-1]


def scores(metric: Recipe, config: Recipe, seeds: Sequence[int]) -> list[float]:
    """The metric's score of a model on the CPU, as it answers to a right call, one a seed."""
    return [_score(metric.arguments, _weights(config.arguments, seed)) for seed in seeds]


def _weights(sizes: Mapping[str, Any], seed: int) -> list[np.ndarray]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = MaskedLM(ModelConfig(**sizes))
    return [each.detach().numpy().astype(np.float64).ravel() for each in model.parameters()]


def _score(asked: Mapping[str, Any], weights: Sequence[np.ndarray]) -> float:
    means = []
    for number, values in enumerate(weights):
        products = [value * math.cos(asked["phase"] + number + i) for i, value in enumerate(values.tolist())]
        means.append(math.fsum(products) / len(products))
    score = 50.0 + 20.0 * math.fsum(means)
    low, high = asked.get("between", (-math.inf, math.inf))
    return score if low <= score <= high else asked.get("otherwise", math.nan)
