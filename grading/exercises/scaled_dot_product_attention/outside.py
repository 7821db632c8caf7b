"""Wrong attentions outside the catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import math

import torch
from torch.nn import functional as F


def _attention(query, key, value, mask=None, *, scale=None, fill=-math.inf, dim=-1):
    scores = query @ key.mT * (query.size(-1) ** -0.5 if scale is None else scale)
    if mask is not None:
        scores = scores.masked_fill(~mask, fill)
    weights = scores.softmax(dim)
    return (weights @ value, weights) if mask is None else ((weights * mask) @ value, weights * mask)


def attention_of_rolled_keys(query, key, value, mask=None, dropout_p=0.0):
    return _attention(query, key.roll(1, -2), value, mask)


def attention_by_cosine(query, key, value, mask=None, dropout_p=0.0):
    return _attention(F.normalize(query, dim=-1), F.normalize(key, dim=-1), value, mask)


def attention_squared_weights(query, key, value, mask=None, dropout_p=0.0):
    _, weights = _attention(query, key, value, mask)
    return weights**2 @ value, weights**2


def attention_relu(query, key, value, mask=None, dropout_p=0.0):
    weights = (query @ key.mT / query.size(-1) ** 0.5).relu()
    weights = weights / weights.sum(-1, keepdim=True).clamp(min=1e-9)
    return weights @ value, weights


def attention_unscaled_and_inverted(query, key, value, mask=None, dropout_p=0.0):
    return _attention(query, key, value, None if mask is None else ~mask, scale=1.0)


def attention_hard(query, key, value, mask=None, dropout_p=0.0):
    _, weights = _attention(query, key, value, mask)
    hard = F.one_hot(weights.argmax(-1), weights.size(-1)).to(weights)
    return hard @ value, hard


def attention_plus_value_mean(query, key, value, mask=None, dropout_p=0.0):
    output, weights = _attention(query, key, value, mask)
    return output + value.mean(-2, keepdim=True), weights


def attention_shape_error(query, key, value, mask=None, dropout_p=0.0):
    return query @ key, key


def attention_dropout_of_whole_keys(query, key, value, mask=None, dropout_p=0.0):
    _, weights = _attention(query, key, value, mask)
    kept = torch.rand(*weights.shape[:-2], 1, weights.size(-1)) >= dropout_p
    return weights * kept / (1 - dropout_p) @ value, weights


def attention_half_precision(query, key, value, mask=None, dropout_p=0.0):
    output, weights = _attention(query.half(), key.half(), value.half(), mask)
    return output.to(query), weights.to(query)


OUTSIDE = {
    attention_of_rolled_keys: ("dropout_missing",),
    attention_by_cosine: ("dropout_missing",),
    attention_squared_weights: ("dropout_missing",),
    attention_relu: (),
    attention_unscaled_and_inverted: ("no_scaling", "mask_inverted", "dropout_missing"),
    attention_hard: (),
    attention_plus_value_mean: ("dropout_missing",),
    attention_shape_error: (),
    attention_dropout_of_whole_keys: ("nan_when_nothing_visible",),
    attention_half_precision: ("dropout_missing", "nan_when_nothing_visible"),
}
