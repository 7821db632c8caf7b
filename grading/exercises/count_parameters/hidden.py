"""Hidden checks of count_parameters: matrices counted one by one, by a loop and in torch's own layers."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from attentif.checks.arithmetic import check_number
from attentif.checks.engine import CheckSet
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.salt import rng_for

CHECKS = CheckSet("count_parameters")
NAME = "count_parameters"


def _matrices(n_layers, d_model, vocab_size):
    """The shape of every matrix of the model."""
    yield vocab_size, d_model
    for _ in range(n_layers):
        for _projection in ("query", "key", "value", "output"):
            yield d_model, d_model
        yield d_model, 4 * d_model
        yield 4 * d_model, d_model


@CHECKS.check(
    points=0.25,
    title=text(
        "unseen sizes, a model without blocks among them", "de nouvelles tailles, dont un modèle sans blocs"
    ),
    hint=text(
        "What is counted a block is multiplied by n_layers, the embedding is not.",
        "Ce qui se compte par bloc se multiplie par n_layers, le plongement non.",
    ),
)
def unseen_sizes(student, cases):
    rng = rng_for(NAME, "unseen_sizes")
    for n_layers in (0, 1, *(int(n) for n in rng.integers(4, 30, 4))):
        sizes = (n_layers, int(rng.integers(3, 300)), int(rng.integers(2, 5_000)))
        total = sum(int(np.prod(shape)) for shape in _matrices(*sizes))
        check_number(student, NAME, Request(args=sizes), total)


@CHECKS.check(
    points=0.25,
    title=text(
        "as many as the matrices of real layers hold, as a whole number",
        "autant que n'en contiennent les matrices de vraies couches, en nombre entier",
    ),
    hint=text(
        "Count the parameters of two axes of a block of your own: the estimate is exactly their number.",
        "Comptez les paramètres à deux axes d'un de vos blocs : l'estimation est exactement leur nombre.",
    ),
)
def real_layers(student, cases):
    rng = rng_for(NAME, "real_layers")
    n_layers, n_heads = int(rng.integers(2, 6)), int(rng.integers(2, 7))
    d_model, vocab_size = n_heads * int(rng.integers(40, 90)), int(rng.integers(20_000, 60_000))
    with torch.device("meta"):  # shapes without memory
        block = nn.TransformerEncoderLayer(d_model, n_heads, 4 * d_model)
        head = nn.Linear(d_model, vocab_size, bias=False)  # its matrix is the embedding's
    held = sum(weight.numel() for weight in block.parameters() if weight.dim() == 2)
    request = Request(args=(n_layers, d_model, vocab_size))
    check_number(student, NAME, request, n_layers * held + head.weight.numel(), whole=True)
