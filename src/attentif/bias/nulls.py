"""What a model that knows nothing scores, and where another one stands beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from attentif.bias.groups import finite_numbers
from attentif.errors import InputError
from attentif.language import text
from attentif.models import MaskedLM, ModelConfig


@dataclass(frozen=True)
class RandomNull:
    """The scores of models with random weights.

    Args:
        values: one a model, in the metric's unit; at least 2.
    """

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(finite_numbers(self.values, "values")) < 2:
            raise InputError(
                expected=text("scores of at least 2 models", "les scores d'au moins 2 modèles"),
                got=str(len(self.values)),
                remedy=text("give more seeds", "donnez plus de graines"),
            )

    @property
    def mean(self) -> float:
        """What knowing nothing scores on average: where 50 % or 0 is only the plan."""
        return float(np.mean(self.values))

    @property
    def sd(self) -> float:
        """How far it is from that for one model, N − 1 in the denominator."""
        return float(np.std(self.values, ddof=1))

    def p_value(self, score: float) -> float:
        """How often a model that knows nothing is as far out as a score, on either side.

            p = min(1, 2 · (1 + number of values at least as far out) / (N + 1)),

        counted on the side where fewer are. With N models, no p is below 2 / (N + 1): 39 models or more for 0.05.

        Raises:
            InputError: a score that is no finite number.

        >>> RandomNull(tuple(range(49))).p_value(48.5)
        0.04
        """
        score = float(finite_numbers([score], "score")[0])
        values = np.array(self.values)
        beyond = min(np.count_nonzero(values >= score), np.count_nonzero(values <= score))
        return float(min(1.0, 2 * (1 + beyond) / (len(values) + 1)))


def untrained_model(config: Any, seed: int, device: torch.device | str = "cpu") -> nn.Module:
    """A masked model of a configuration with random weights of their own seed, in evaluation mode.

    The weights are drawn on the CPU, the same ones for any device; the global generator is left as it was.

    Args:
        config: a ModelConfig of this library, or a configuration of transformers (BertConfig …).
        seed: of the weights.
        device: where the model goes.

    Raises:
        InputError: neither of these, or a configuration without a masked model.

    >>> untrained_model(ModelConfig(vocab_size=9, d_model=8, n_heads=2), seed=1).training
    False
    """
    ours = isinstance(config, ModelConfig)
    refusal = InputError(
        expected=text(
            "a ModelConfig, or the configuration of a masked model of transformers",
            "un ModelConfig, ou la configuration d'un modèle masqué de transformers",
        ),
        got=type(config).__name__,
        remedy=text("give model.config", "donnez model.config"),
    )
    if not ours and not hasattr(config, "model_type"):
        raise refusal
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if ours:
            model = MaskedLM(config)
        else:
            from transformers import AutoModelForMaskedLM

            try:
                model = AutoModelForMaskedLM.from_config(config)
            except ValueError as error:  # this configuration has no masked model
                raise refusal from error
    return model.to(device).eval()


def checked_seeds(seeds: Sequence[int]) -> list[int]:
    """Refuse what is no list of at least two different whole numbers."""
    try:
        numbers = [int(seed) for seed in seeds if seed == int(seed)]
        whole = len(numbers) == len(seeds)
    except (TypeError, ValueError):
        numbers, whole = [], False
    if not whole or len(numbers) < 2 or len(set(numbers)) < len(numbers):
        raise InputError(
            expected=text("at least 2 seeds, all different", "au moins 2 graines, toutes différentes"),
            got=" ".join(repr(seeds).split())[:60],
            remedy=text("write range(40)", "écrivez range(40)"),
        )
    return numbers


def random_null(
    metric: Callable[[nn.Module], float],
    config: Any,
    seeds: Sequence[int],
    device: torch.device | str = "cpu",
) -> RandomNull:
    """The scores of models of the same shape that have learned nothing: what a bias score is to be compared with.

    For each seed a model of the configuration gets random weights, and its score is metric(model), asked in evaluation
    mode and without gradients (`torch.no_grad()`). A difference from 50 % or from 0 that such models show as well says
    nothing of what a trained one has learned.

    Args:
        metric: gives a model's score, a finite number; all else (tokenizer, pairs) it brings with it.
        config: a ModelConfig of this library, or a configuration of `transformers` (`model.config`).
        seeds: at least 2, all different; 39 or more for a p of 0.05 or less.
        device: where the models go.

    Returns:
        RandomNull(values), one value a seed, with `mean`, `sd` and `p_value(score)`.

    Raises:
        InputError: seeds, a configuration or a score that cannot be used.

    Source: rank p: Davison and Hinkley 1997, "Bootstrap Methods and their Application", §4.2.

    >>> from attentif import ModelConfig
    >>> first_weight = lambda model: next(model.parameters()).flatten()[0].item()
    >>> null = random_null(first_weight, ModelConfig(vocab_size=9, d_model=8, n_heads=2), range(3))
    >>> len(null.values), len(set(null.values)), null.p_value(100.0)
    (3, 3, 0.5)
    """
    values = []
    for seed in checked_seeds(seeds):
        model = untrained_model(config, seed, device)
        with torch.no_grad():
            values.append(metric(model))
    return RandomNull(tuple(finite_numbers(values, "scores").tolist()))
