"""Optimisation: the learning rate, which weights decay, and how long a gradient may be."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn


def warmup_cosine(step: int, peak: float, floor: float, warmup_steps: int, total_steps: int) -> float:
    """Learning rate of a step: up in a straight line, down along half a cosine, then flat.

    rate = peak · step / warmup_steps                          for step < warmup_steps,
    rate = floor + ½ (peak − floor) (1 + cos(π · progress))    for warmup_steps ≤ step < total_steps,
    rate = floor                                               for step ≥ total_steps,

    with progress = (step − warmup_steps) / (total_steps − warmup_steps).

    Args:
        step: the number of optimizer steps already done, from 0.
        peak: the highest learning rate, reached at step warmup_steps.
        floor: the last learning rate.
        warmup_steps: the length of the warmup; 0 starts at the peak.
        total_steps: where the floor is reached, at least warmup_steps.

    Returns:
        the learning rate of this step; 0 at step 0 if there is a warmup.

    Source: Loshchilov and Hutter 2017, "SGDR", equation 5, after a linear warmup
        (Goyal et al. 2017, §2.2).
        Deviation: one cosine without restarts.

    >>> [warmup_cosine(step, 1.0, 0.1, 2, 6) for step in (0, 1, 2, 4, 6, 9)]
    [0.0, 0.5, 1.0, 0.55, 0.1, 0.1]
    """
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + 0.5 * (peak - floor) * (1.0 + math.cos(math.pi * progress))


def parameter_groups(model: nn.Module, weight_decay: float) -> list[dict]:
    """Split the parameters into those that decay and those that do not.

    Matrices of linear layers (nn.Linear) decay. Nothing else does: neither biases, nor norms, nor embeddings
    (token, segment, position): pulling those to 0 changes what a token means rather than how complex the model is.

    Args:
        model: any module; a parameter that is used twice (tied) is listed once, and one
            that also serves as an embedding does not decay.
        weight_decay: λ of the first group.

    Returns:
        [{"params": decayed, "weight_decay": λ}, {"params": others, "weight_decay": 0.0}],
        each parameter that needs a gradient in exactly one list.

    Source: Brown et al. 2020 (GPT-3), appendix B, for the decay; the split is the custom
        of BERT's and GPT's code.

    >>> groups = parameter_groups(nn.Sequential(nn.Embedding(7, 4), nn.Linear(4, 3)), 0.1)
    >>> [len(group["params"]) for group in groups]
    [1, 2]
    """
    decayed: dict[int, nn.Parameter] = {}
    for module in model.modules():
        if isinstance(module, nn.Linear) and module.weight.requires_grad:
            decayed[id(module.weight)] = module.weight
    for module in model.modules():
        if isinstance(module, nn.Embedding):
            decayed.pop(id(module.weight), None)
    others = [p for p in model.parameters() if p.requires_grad and id(p) not in decayed]
    return [
        {"params": list(decayed.values()), "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]


def clip_gradients(parameters: Iterable[nn.Parameter], max_norm: float) -> Tensor:
    """Shorten the gradient, taken as one long vector, to max_norm if it is longer.

    g ← g · min(1, max_norm / ‖g‖₂), the norm over all parameters together.

    Args:
        parameters: those whose .grad is clipped in place; without .grad they are passed over.
        max_norm: the longest norm allowed.

    Returns:
        scalar, ‖g‖₂ before clipping.

    Source: Pascanu et al. 2013, "On the difficulty of training recurrent neural networks", algorithm 1.

    >>> weight = nn.Parameter(torch.zeros(2)); weight.grad = torch.tensor([3.0, 4.0])
    >>> clip_gradients([weight], 1.0).item(), weight.grad.norm().item() <= 1.0
    (5.0, True)
    """
    return torch.nn.utils.clip_grad_norm_(list(parameters), max_norm)


def adamw(
    groups: list[dict], learning_rate: float, betas: tuple[float, float] = (0.9, 0.95)
) -> torch.optim.AdamW:
    """AdamW on these groups of parameters (Loshchilov and Hutter 2019), with the course's β.

    Args:
        groups: as `parameter_groups` gives them.
        learning_rate: the first one; `training_step` sets it at each step.
        betas: decay of the averages of the gradient and of its square.

    Returns:
        the optimizer.

    >>> adamw([{"params": [nn.Parameter(torch.ones(2, 3))]}], 1e-3).defaults["betas"]
    (0.9, 0.95)
    """
    # One kernel for all parameters: on a small model the loop over them costs as much as the arithmetic.
    return torch.optim.AdamW(groups, lr=learning_rate, betas=betas, fused=True)
