"""Right counts, made differently: none may lose a mark."""

from __future__ import annotations

import math

import torch

from attentif_grading.exercises import variant


@variant
def forward_and_backward(n_parameters, n_tokens):
    forward = 2 * n_parameters * n_tokens
    return forward + 2 * forward


@variant
def shifted_by_one_bit(n_parameters, n_tokens):
    return math.ldexp(3.0 * n_tokens, 1) * n_parameters


@variant
def whole_number(n_parameters, n_tokens):
    per_weight = sum((1, 1, 2, 2))
    return n_tokens * per_weight * n_parameters


@variant
def tensor_of_doubles(n_parameters, n_tokens):
    sizes = torch.tensor([n_parameters, n_tokens, 6], dtype=torch.float64)
    return sizes.prod()
