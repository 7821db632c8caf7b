"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from attentif_grading.exercises import variant


@variant
def selected_first(logits, labels):
    selected = labels != -100
    chosen, targets = logits[selected].float(), labels[selected]
    if len(targets) == 0:
        return chosen.sum()
    return F.cross_entropy(chosen, targets)


@variant
def logsumexp_and_gather(logits, labels):
    wide = logits.double()
    counted = labels.ne(-100)
    right = wide.gather(-1, labels.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    nats = (wide.logsumexp(dim=-1) - right).masked_fill(~counted, 0.0)
    return nats.sum() / max(1, int(counted.sum()))


@variant
def weights_and_one_hot(logits, labels):
    weights = (labels >= 0).float()
    log_probabilities = torch.log_softmax(logits.float(), dim=-1)
    one_hot = F.one_hot(labels.clamp(min=0), logits.shape[-1])
    nats = -(log_probabilities * one_hot).sum(-1)
    return (weights * nats).sum() / weights.sum().clamp(min=1.0)


@variant
def nan_to_zero(logits, labels):
    # torch sends a gradient of 0, not NaN, back through a mean of nothing.
    return torch.nan_to_num(F.cross_entropy(logits.float().flatten(0, -2), labels.flatten()))


@variant
def loss_of_the_logits_alone(logits, labels):
    criterion = nn.CrossEntropyLoss()
    loss = criterion(logits.float().reshape(-1, logits.size(-1)), labels.reshape(-1))
    return logits.float().sum() * 0.0 if labels.eq(-100).all() else loss


@variant
def own_softmax(logits, labels):
    places = (labels != -100).nonzero(as_tuple=True)
    chosen = logits.double()[places]
    shifted = chosen - chosen.detach().amax(-1, keepdim=True)
    right = shifted[torch.arange(len(chosen)), labels[places]]
    nats = shifted.exp().sum(-1).log() - right
    return nats.sum() / max(1, nats.numel())
