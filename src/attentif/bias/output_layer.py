"""The last matrix of a head, for many places at once and a stretch of the vocabulary at a time.

ln P(w) = z_w − ln Σ_v exp z_v asks for all logits z of a place, but not for all of them at the same time. What the
matrix multiplies is kept until hundreds of places are together; then each stretch of the matrix is read once for all
of them, and its logits never leave the processor's cache. Of a small model with BERT's vocabulary this layer is most
of the work.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from attentif.bias.short_bert import forward_replaced

# Places that wait for each other, and the stretch of the vocabulary on a CPU: 512 × 1,024 logits of 4 bytes fit the
# second-level caches of two cores. A GPU takes as many as fill 64 MiB.
ROWS, STRETCH, LOGITS_ON_GPU = 512, 1024, 2**24


def output_layer_of(model: nn.Module) -> nn.Linear | None:
    """The matrix (V, D) that turns vectors into logits, where a model of `transformers` has it as a plain layer."""
    layer = model.get_output_embeddings() if hasattr(model, "get_output_embeddings") else None
    if type(layer) is not nn.Linear or layer.weight.dtype not in (torch.float32, torch.float64):
        return None
    return layer


@contextmanager
def output_layer_left_out(layer: nn.Linear) -> Iterator[list[Tensor]]:
    """For a while, the layer hands on what it is given; yields a list that is filled with it."""
    given: list[Tensor] = []

    def hand_on(vectors: Tensor) -> Tensor:
        given.append(vectors)
        return vectors

    with forward_replaced(layer, hand_on):
        yield given


@torch.no_grad()
def chosen_log_probabilities(layer: nn.Linear, vectors: Tensor, tokens: Tensor) -> Tensor:
    """ln P(token), of one token for each vector.

    Args:
        layer: its matrix (V, D), with or without bias.
        vectors: (N, D).
        tokens: (N,) ids.

    Returns:
        (N,), nats, in the layer's dtype.

    >>> layer = nn.Linear(4, 3000)
    >>> vectors, tokens = torch.randn(5, 4), torch.arange(5)
    >>> expected = layer(vectors).log_softmax(dim=-1)[range(5), tokens]
    >>> torch.allclose(chosen_log_probabilities(layer, vectors, tokens), expected, atol=1e-5)
    True
    """
    n_rows, n_tokens = len(vectors), len(layer.weight)
    stretch = STRETCH if vectors.device.type == "cpu" else max(1, LOGITS_ON_GPU // n_rows)
    logits = vectors.new_empty(
        n_rows * min(stretch, n_tokens)
    )  # one buffer: fresh memory costs more than the sums
    sums = []  # ln Σ exp z of each stretch
    for start in range(0, n_tokens, stretch):
        weight = layer.weight[start : start + stretch]
        part = logits[: n_rows * len(weight)].view(n_rows, -1)  # (N, stretch)
        torch.mm(vectors, weight.t(), out=part)
        if layer.bias is not None:
            part += layer.bias[start : start + stretch]
        largest = part.amax(dim=1, keepdim=True)
        sums.append(part.sub_(largest).exp_().sum(dim=1).log_() + largest[:, 0])
    chosen = (vectors * layer.weight[tokens]).sum(dim=1)
    if layer.bias is not None:
        chosen += layer.bias[tokens]
    # Rounding could put a sure token above probability 1.
    return (chosen - torch.stack(sums, dim=1).logsumexp(dim=1)).clamp(max=0)
