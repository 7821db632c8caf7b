"""What checks of a training step hand to a student's code: a small model, an objective, an optimizer, a scaler.

Everything in the model is a product, a sum or a tanh of single numbers, so that its results are the same on
all machines and in every autocast. Whether autocast was on is told by a factor of its own, see `precision_factor`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

# A gradient of this size is lost in float16, whose smallest number is 2⁻²⁴, unless the loss is scaled.
TINY = 2.0**-30


class SmallModel(nn.Module):
    """output = tanh(x Aᵀ + b) Cᵀ + d, with parameters of given values; others than these four do not serve.

    Args:
        state: hidden_weight A (H, I), hidden_bias b (H), output_weight C (O, H), output_bias d (O).
    """

    def __init__(self, state: dict[str, np.ndarray]):
        super().__init__()
        for name, values in state.items():
            self.register_parameter(name, nn.Parameter(torch.from_numpy(values)))

    def forward(self, x: Tensor) -> Tensor:
        """(B, I) → (B, O)."""
        hidden = torch.tanh(_products(x, self.hidden_weight) + self.hidden_bias)  # (B, H)
        return _products(hidden, self.output_weight) + self.output_bias


def _products(x: Tensor, weight: Tensor) -> Tensor:
    return (x[:, None, :] * weight).sum(-1)


def small_model(state: dict[str, np.ndarray], old_gradient: float | None = None) -> nn.Module:
    """A SmallModel in training mode; with `old_gradient`, all its parameters hold a gradient of this value."""
    model = SmallModel(state)
    if old_gradient is not None:
        for parameter in model.parameters():
            parameter.grad = torch.full_like(parameter, old_gradient)
    return model


class SmallObjective:
    """Squared errors of the model's outputs: each output is a term of its own, with its own targets.

    A batch has x (B, I), targets (B, O) and counted (B, O), True where there is a target.

    Args:
        terms: the names of the outputs.
        half: whether a part of the way is in float16, whose gradients are then too small for it unless the
            loss is scaled.
    """

    def __init__(self, terms: Sequence[str], half: bool = False):
        self.terms, self.half = tuple(terms), half

    def counts(self, batch: dict[str, Tensor]) -> dict[str, int]:
        """How many targets each term of the loss is a mean over."""
        return {term: int(batch["counted"][:, i].sum()) for i, term in enumerate(self.terms)}

    def __call__(self, model: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """The terms of the loss, each a mean over its targets; 0 without any."""
        output = model(batch["x"])
        if self.half:
            output = _Graded.apply(output, 1.0 / TINY).half().float()
        means = {}
        for i, (term, n) in enumerate(self.counts(batch).items()):
            squares = (output[:, i] - batch["targets"][:, i]).square()
            mean = torch.where(batch["counted"][:, i], squares, 0.0).sum() / max(1, n)
            if self.half:
                mean = _Graded.apply(mean, TINY)
            # The precision of the way back shows in the gradient, that of the way there in both.
            means[term] = _Graded.apply(mean, None) * precision_factor()
        return means


class _Graded(torch.autograd.Function):
    """Its input as it is; on the way back, the gradient times a factor (None: the precision_factor there)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, factor: float | None) -> Tensor:
        ctx.factor = factor
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        factor = precision_factor() if ctx.factor is None else ctx.factor
        return gradient * factor, None


def precision_factor() -> float:
    """1 where products are exact, 3 under an autocast to float16, 4 under one to bfloat16.

    Of 1 + 2⁻¹⁰ and 1 + 2⁻¹⁴, bfloat16 loses both small parts and float16 the smaller one.
    """
    small = torch.tensor([[2.0**-10], [2.0**-14]])
    lost = 1.0 + small - ((1.0 + small) @ torch.ones(1, 1)).float()
    first, second = (lost / small).flatten().round().tolist()
    return 1.0 + first + 2.0 * second


def optimizer(
    model: nn.Module, learning_rates: Sequence[float], kind: str = "SGD", **settings: Any
) -> torch.optim.Optimizer:
    """An optimizer of torch with one group for each learning rate, parameters dealt out in turn."""
    parameters = list(model.parameters())
    n = len(learning_rates)
    groups = [{"params": parameters[i::n], "lr": rate} for i, rate in enumerate(learning_rates)]
    return getattr(torch.optim, kind)(groups, **settings)


def scaler(scale: float) -> torch.amp.GradScaler:
    """torch's scaler on the CPU; each good step doubles its scale, each overflow halves it."""
    return torch.amp.GradScaler("cpu", init_scale=scale, growth_interval=1)


FACTORIES: dict[str, Callable[..., Any]] = {
    "small_model": small_model,
    "small_objective": SmallObjective,
    "optimizer": optimizer,
    "scaler": scaler,
    "dtype": lambda name: getattr(torch, name),
}
