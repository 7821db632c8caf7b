"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from attentif_grading.exercises import variant


@variant
def variance_of_torch(self, x):
    mean = x.mean(-1, keepdim=True)
    variance = x.var(-1, keepdim=True, unbiased=False)
    return (x - mean) / torch.sqrt(variance + self.eps) * self.weight + self.bias


@variant
def torch_builtin(self, x):
    return F.layer_norm(x, (x.size(-1),), self.weight, self.bias, self.eps)


@variant
def one_group(self, x):
    flat = x.reshape(-1, x.shape[-1])
    return F.group_norm(flat, 1, weight=self.weight, bias=self.bias, eps=self.eps).view_as(x)


@variant
def by_inner_products(self, x):
    n = x.shape[-1]
    uniform = torch.full((n, n), 1.0 / n, dtype=x.dtype)
    centred = x - torch.einsum("...d,de->...e", x, uniform)
    power = torch.einsum("...d,...d->...", centred, centred).unsqueeze(-1)
    return torch.addcmul(self.bias, centred * (power / n + self.eps) ** -0.5, self.weight)


@variant
def corrected_sample_variance(self, x):
    n = x.size(-1)
    variance, mean = torch.var_mean(x.double(), dim=-1, correction=1, keepdim=True)
    population = variance * (n - 1) / n if n > 1 else torch.zeros_like(mean)
    normalised = (x.double() - mean) / (population + self.eps).sqrt()
    return (normalised * self.weight.double() + self.bias.double()).type_as(x)


@variant
def always_in_float32(self, x):
    wide = x.float()
    centred = wide - wide.mean(-1, keepdim=True)
    normalised = centred * torch.rsqrt(centred.pow(2).mean(-1, keepdim=True) + self.eps)
    return self.weight * normalised.type_as(x) + self.bias
