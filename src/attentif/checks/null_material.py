"""What the checks of null scores hand over: the sizes of a small model, and a metric that reads its weights.

The metric asks for no forward pass: where students have not written the parts of a model yet, it cannot compute anything.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

# By how much a watching metric multiplies its score: of a model in training mode, and where gradients are recorded.
TRAINING, RECORDING = 2.0, 3.0


class WeightsMetric:
    """A model's score, near 50 as a share in % is: 50 + 20 · the sum of its parameters' means, weighted by waves.

    Args:
        phase: of the waves; metrics of other phases read other numbers in the same weights.
        watching: whether the score shows a training mode, in which it is `TRAINING` times as large, and recorded
            gradients, with which it is `RECORDING` times as large.
        elsewhere: the score of any model that is not on the CPU.
        between: a score outside these bounds is `otherwise` instead.
    """

    def __init__(
        self,
        phase: float,
        watching: bool = False,
        elsewhere: float = math.nan,
        between: tuple[float, float] = (-math.inf, math.inf),
        otherwise: float = math.nan,
    ):
        self.phase, self.watching, self.elsewhere = phase, watching, elsewhere
        self.between, self.otherwise = between, otherwise

    def __call__(self, model: nn.Module) -> float:
        """The score of a model."""
        parameters = list(model.parameters())
        if any(each.device.type != "cpu" for each in parameters):
            return self.elsewhere
        total = torch.zeros((), dtype=torch.float64)
        for number, parameter in enumerate(parameters):
            wave = torch.cos(self.phase + number + torch.arange(parameter.numel(), dtype=torch.float64))
            total = total + (parameter.flatten().double() * wave).mean()
        score = 50.0 + 20.0 * total
        if self.watching and model.training:
            score = TRAINING * score
        if self.watching and score.requires_grad:
            score = RECORDING * score
        number = float(score.detach())
        return number if self.between[0] <= number <= self.between[1] else self.otherwise

    def state_dict(self) -> dict[str, Any]:
        """Nothing: a call that asks for an argument's state afterwards is one with gradients switched on."""
        return {}


def model_config(**sizes: Any) -> Any:
    """The sizes of a model of this library."""
    from attentif.model_config import ModelConfig  # not above: the library's models are no part of the checks

    return ModelConfig(**sizes)


FACTORIES: dict[str, Callable[..., Any]] = {
    "weights_metric": WeightsMetric,
    "model_config": model_config,
}
