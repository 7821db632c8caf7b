"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import numpy as np
import torch

from attentif_grading.exercises import variant


@variant
def compared_positions(length):
    positions = torch.arange(length)
    return positions[:, None] >= positions[None, :]


@variant
def not_upper_triangle(length):
    return torch.triu(torch.ones(length, length), diagonal=1) == 0


@variant
def nested_loops(length):
    return torch.tensor([[key <= query for key in range(length)] for query in range(length)])


@variant
def numpy_triangle(length):
    return torch.from_numpy(np.tri(length).astype(bool))


@variant
def running_sum(length):
    return torch.eye(length).cumsum(dim=1).T.bool().logical_and(torch.tensor(True))


@variant
def torch_builtin(length):
    return torch.nn.Transformer.generate_square_subsequent_mask(length) == 0
