"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import math

import torch
from torch.nn import functional as F

from attentif_grading.exercises import variant


@variant
def einsum(query, key, value, mask=None, dropout_p=0.0):
    scores = torch.einsum("...tk,...sk->...ts", query, key) * key.shape[-1] ** -0.5
    if mask is None:
        weights = F.softmax(scores, dim=-1)
    else:
        weights = torch.nan_to_num(F.softmax(torch.where(mask, scores, -torch.inf), dim=-1))
    return torch.einsum("...ts,...sv->...tv", F.dropout(weights, p=dropout_p), value), weights


@variant
def additive_mask(query, key, value, mask=None, dropout_p=0.0):
    scores = (query / query.size(-1) ** 0.25) @ (key / key.size(-1) ** 0.25).mT
    if mask is not None:
        bias = torch.zeros(mask.shape, dtype=scores.dtype, device=scores.device)
        scores = scores + bias.masked_fill(
            mask.logical_not(), -1e4 if scores.dtype == torch.float16 else -1e9
        )
    weights = torch.softmax(scores, -1)
    if mask is not None:
        weights = weights * mask
    return F.dropout(weights, p=dropout_p, training=True) @ value, weights


@variant
def own_softmax(query, key, value, mask=None, dropout_p=0.0):
    dtype = query.dtype
    scores = query.double() @ key.double().transpose(-1, -2) / math.sqrt(query.shape[-1])
    visible = torch.ones_like(scores, dtype=torch.bool) if mask is None else mask.expand_as(scores)
    highest = torch.where(visible, scores, -1e300).amax(-1, keepdim=True)
    odds = torch.where(visible, scores - highest, 0.0).exp() * visible
    weights = (odds / odds.sum(-1, keepdim=True).clamp(min=1e-300)).to(dtype)
    kept = torch.empty_like(weights).bernoulli_(1 - dropout_p) / (1 - dropout_p)
    return (weights * kept) @ value, weights


@variant
def own_softmax_with_an_epsilon(query, key, value, mask=None, dropout_p=0.0):
    scores = torch.matmul(query, key.transpose(-2, -1)) / query.size(-1) ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    highest = scores.max(dim=-1, keepdim=True).values
    powers = torch.exp(scores - highest.clamp(min=torch.finfo(scores.dtype).min))
    # In half precision the epsilon must be one that it can hold.
    weights = powers / (powers.sum(dim=-1, keepdim=True) + (1e-6 if scores.dtype == torch.float16 else 1e-9))
    return torch.matmul(F.dropout(weights, p=dropout_p), value), weights


@variant
def torch_builtin(query, key, value, mask=None, dropout_p=0.0):
    def attend(content, probability):
        output = F.scaled_dot_product_attention(query, key, content, attn_mask=mask, dropout_p=probability)
        if mask is None:
            return output
        return torch.where(mask.any(-1, keepdim=True), output, torch.zeros_like(output))

    identity = torch.eye(key.size(-2), dtype=key.dtype).expand(*key.shape[:-2], -1, -1)
    return attend(value, dropout_p), attend(identity, 0.0)
