"""Right counts, made differently: none may lose a mark."""

from __future__ import annotations

import math

import torch
from torch import nn

from attentif_grading.exercises import variant


@variant
def factored(n_layers, d_model, vocab_size):
    return d_model * (vocab_size + 12 * d_model * n_layers)


@variant
def matrix_by_matrix(n_layers, d_model, vocab_size):
    attention = [(d_model, d_model)] * 4
    feed_forward = [(d_model, 4 * d_model), (4 * d_model, d_model)]
    shapes = (attention + feed_forward) * n_layers + [(vocab_size, d_model)]
    return sum(map(math.prod, shapes))


@variant
def on_real_layers(n_layers, d_model, vocab_size):
    with torch.device("meta"):
        layers = [nn.Linear(d_model, width, bias=False) for width in (d_model,) * 4 + (4 * d_model,) * 2]
    return n_layers * sum(layer.weight.numel() for layer in layers) + vocab_size * d_model


@variant
def exact_tensor(n_layers, d_model, vocab_size):
    sizes = torch.tensor([12 * n_layers * d_model, vocab_size])
    return (sizes * d_model).sum()
