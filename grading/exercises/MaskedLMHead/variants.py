"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import math

import torch
from torch.nn import functional as F

from attentif_grading.exercises import variant


@variant
def functional_linear(self, hidden):
    inner = F.linear(hidden, self.transform.weight, self.transform.bias)
    active = inner * torch.erfc(-inner / 2**0.5) / 2
    return F.linear(self.norm(active), self.token_embedding.weight, self.bias)


@variant
def gelu_by_erf(self, hidden):
    inner = self.transform(hidden)
    active = 0.5 * inner * (1.0 + torch.erf(inner / math.sqrt(2.0)))
    return torch.einsum("...d,vd->...v", self.norm(active), self.token_embedding.weight).add(self.bias)


@variant
def one_row_a_position(self, hidden):
    n_tokens, width = self.token_embedding.weight.shape
    rows = hidden.reshape(-1, width)
    active = torch.nn.GELU()(torch.addmm(self.transform.bias, rows, self.transform.weight.t()))
    logits = torch.addmm(self.bias, self.norm(active), self.token_embedding.weight.t())
    return logits.reshape(*hidden.shape[:-1], n_tokens)


@variant
def bias_as_one_more_dimension(self, hidden):
    inner = hidden.matmul(self.transform.weight.transpose(0, 1)).add(self.transform.bias)
    vectors = self.norm(inner * torch.special.ndtr(inner))
    table = torch.cat([self.token_embedding.weight, self.bias[:, None]], dim=1)
    return torch.cat([vectors, torch.ones_like(vectors[..., :1])], dim=-1) @ table.mT
