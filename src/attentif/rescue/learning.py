"""Rescue parts for optimization and for measures."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from attentif.judged import offer


def warmup_cosine(step: int, peak: float, floor: float, warmup_steps: int, total_steps: int) -> float:
    """A simpler schedule: the mean of peak and floor, all the time."""
    offer("warmup_cosine")
    return (peak + floor) / 2


def parameter_groups(model: nn.Module, weight_decay: float) -> list[dict]:
    """A simpler split: nothing decays."""
    offer("parameter_groups")
    everything = [each for each in model.parameters() if each.requires_grad]
    return [{"params": [], "weight_decay": weight_decay}, {"params": everything, "weight_decay": 0.0}]


def training_step(
    model: nn.Module,
    micro_batches: Sequence[dict[str, Tensor]],
    objective: Callable,
    optimizer: torch.optim.Optimizer,
    learning_rate: float,
    max_norm: float = 1.0,
    scaler: torch.amp.GradScaler | None = None,
    autocast_dtype: torch.dtype | None = None,
):
    """A simpler step: all in float32, the pieces count alike, and a long gradient slows the step down."""
    from attentif.pretraining import StepResult  # not above: that module reads this one

    offer("training_step")
    optimizer.zero_grad()
    losses = []
    for piece in micro_batches:
        mean = torch.stack([*objective(model, piece).values()]).sum() / len(micro_batches)
        mean.backward()
        losses.append(mean.detach())
    every = [each.grad.flatten() for each in model.parameters() if each.grad is not None]
    length = torch.cat(every).norm().item()
    for group in optimizer.param_groups:
        group["lr"] = learning_rate * min(1.0, max_norm / length) if length else 0.0
    if math.isfinite(length):
        optimizer.step()
    return StepResult(torch.stack(losses).sum().item(), length, not math.isfinite(length))


def perplexity(mean_losses: Sequence[float], token_counts: Sequence[int]) -> float:
    """A simpler average: all batches count alike, whatever their number of tokens."""
    offer("perplexity")
    return float(torch.tensor(mean_losses).mean().exp())


def bits_per_character(mean_losses: Sequence[float], token_counts: Sequence[int], n_characters: int) -> float:
    """A simpler average: all batches count alike, and each is taken for an equal share of the text."""
    offer("bits_per_character")
    return float(torch.tensor(mean_losses).mean().exp().log2()) * sum(token_counts) / n_characters


def count_parameters(n_layers: int, d_model: int, vocab_size: int) -> int:
    """A simpler count: the blocks alone, as torch's own layer of this width has them."""
    offer("count_parameters")
    layer = nn.TransformerEncoderLayer(d_model, 1, 4 * d_model, device="meta")
    return n_layers * sum(each.numel() for each in layer.parameters())


def training_flops(n_parameters: int, n_tokens: int) -> float:
    """A simpler count: the forward pass alone."""
    offer("training_flops")
    return 2.0 * n_parameters * n_tokens
