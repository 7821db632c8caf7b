"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from attentif_grading.exercises import variant


@variant
def pooled_everywhere_read_once(self, hidden):
    everywhere = F.linear(hidden, self.pooler.weight, self.pooler.bias).tanh()
    return F.linear(everywhere, self.classifier.weight, self.classifier.bias)[:, 0, :]


@variant
def tanh_by_sigmoid(self, hidden):
    first, *_ = hidden.unbind(dim=1)
    inner = torch.einsum("bd,ed->be", first, self.pooler.weight) + self.pooler.bias
    pooled = 2.0 * torch.sigmoid(2.0 * inner) - 1.0
    return torch.einsum("bd,cd->bc", pooled, self.classifier.weight) + self.classifier.bias


@variant
def layers_in_a_row(self, hidden):
    x = hidden.narrow(1, 0, 1).flatten(1)
    for step in (self.pooler, torch.nn.Tanh(), self.classifier):
        x = step(x)
    return x


@variant
def column_by_column(self, hidden):
    inner = torch.addmm(self.pooler.bias, hidden.select(1, 0), self.pooler.weight.t())
    grown = inner.exp()
    pooled = (grown - 1 / grown) / (grown + 1 / grown)
    rows = zip(self.classifier.weight, self.classifier.bias, strict=True)
    return torch.stack([(pooled * row).sum(-1) + bias for row, bias in rows], dim=1)
