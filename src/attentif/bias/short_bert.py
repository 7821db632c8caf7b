"""BERT's body for questions about one place: what no answer depends on is not computed.

A masked word needs its own row of the last layer only, so of that layer keys and values are made of all positions and
the rest of one. In a model of few layers this is nearly a layer saved. Everything else is BERT as its modules hold it:
the same weights, in the same order of operations up to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# Bodies with the parts that are used here: learnt positions, one projection a role, post-norm.
BODIES = ("BertModel", "RobertaModel", "CamembertModel", "XLMRobertaModel")


def has_bert_body(model: nn.Module) -> bool:
    """Whether the model of `transformers` is a head on a body that `body_at` knows, and nobody listens to its parts."""
    body = getattr(model, "base_model", None)
    if type(body).__name__ not in BODIES or body is model or getattr(body, "pooler", None) is not None:
        return False
    # Hooks expect whole batches, in every part of the model.
    return not any(part._forward_hooks or part._forward_pre_hooks for part in model.modules())


def body_at(
    body: nn.Module, token_ids: Tensor, visible: Tensor, rows: Sequence[int], columns: Sequence[int]
) -> Tensor:
    """Vectors of the last layer at N places of a batch.

    Args:
        body: see `has_bert_body`; in evaluation mode.
        token_ids, visible: (B, T), ids, and 1 for a token or 0 for padding.
        rows, columns: the N places, as indices into B and T.

    Returns:
        (N, D).

    Source: Devlin et al. 2019, §3; the order of operations is that of the authors' code.
    """
    hidden = body.embeddings(input_ids=token_ids)  # (B, T, D)
    hides = None
    if not visible.all():
        hides = torch.zeros(visible.shape, dtype=hidden.dtype, device=hidden.device)
        hides = hides.masked_fill(visible == 0, torch.finfo(hidden.dtype).min)[:, None, None]  # (B, 1, 1, T)
    *first, last = body.encoder.layer
    for layer in first:
        hidden = _layer(layer, hidden, hides)
    if list(rows) == list(range(len(token_ids))):
        return _layer(last, hidden, hides, list(columns))[:, 0]
    return _layer(last, hidden, hides)[rows, columns]


def _layer(
    layer: nn.Module, hidden: Tensor, hides: Tensor | None, columns: list[int] | None = None
) -> Tensor:
    """(B, T, D) after a layer, or (B, 1, D) at one column a row."""
    roles, n_heads = layer.attention.self, layer.attention.self.num_attention_heads
    asked = hidden if columns is None else hidden[range(len(hidden)), columns][:, None]  # (B, T or 1, D)
    merged = roles.key.out_features
    weight = torch.cat([roles.key.weight, roles.value.weight])
    both = F.linear(hidden, weight, torch.cat([roles.key.bias, roles.value.bias]))  # (B, T, 2 D)
    query, key, value = (
        part.unflatten(-1, (n_heads, -1)).transpose(1, 2)  # (B, H, T, K)
        for part in (roles.query(asked), both[..., :merged], both[..., merged:])
    )
    mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=hides)
    mixed = mixed.transpose(1, 2).flatten(-2)  # (B, T or 1, D)
    attended = layer.attention.output(mixed, asked)
    return layer.output(layer.intermediate(attended), attended)


@contextmanager
def body_skipped(model: nn.Module, hidden: Tensor) -> Iterator[None]:
    """For a while, the model's body gives these vectors (N, 1, D) whatever it is asked: the head runs on them."""
    from transformers.modeling_outputs import BaseModelOutput

    def forward(*arguments, **named):
        return BaseModelOutput(last_hidden_state=hidden)

    with forward_replaced(model.base_model, forward):
        yield


@contextmanager
def forward_replaced(module: nn.Module, forward: Callable) -> Iterator[None]:
    """For a while, a module answers by this function."""
    before = vars(module).get("forward")  # some tools put one of their own on the object
    module.forward = forward
    try:
        yield
    finally:
        del module.forward
        if before is not None:
            module.forward = before
