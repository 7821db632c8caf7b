"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from attentif_grading.exercises import variant


@variant
def step_by_step(self, x):
    x = self.expand(x)
    x = self.activation(x)
    x = self.dropout(x)
    return self.contract(x)


@variant
def by_weights(self, x):
    hidden = self.activation(x @ self.expand.weight.T + self.expand.bias)
    hidden = F.dropout(hidden, p=self.dropout.p, training=self.training)
    return hidden @ self.contract.weight.mT + self.contract.bias


@variant
def unit_by_unit(self, x):
    output = self.contract.bias
    for unit in range(self.expand.out_features):
        score = (x * self.expand.weight[unit]).sum(-1, keepdim=True) + self.expand.bias[unit]
        output = output + self.dropout(self.activation(score)) * self.contract.weight[:, unit]
    return output


@variant
def own_masks(self, x):
    hidden = self.activation(torch.einsum("fd,...d->...f", self.expand.weight, x).add(self.expand.bias))
    if self.training and self.dropout.p > 0:
        kept = torch.rand(hidden.shape) >= self.dropout.p
        hidden = torch.where(kept, hidden, 0.0) / (1.0 - self.dropout.p)
    return torch.einsum("df,...f->...d", self.contract.weight, hidden).add(self.contract.bias)
