"""How much each token of a sentence is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from attentif.bias.reading import evaluation_mode, from_hub
from attentif.bias.scorer import MaskedScorer
from attentif.errors import InputError
from attentif.language import text


def attention_received(
    scorer: MaskedScorer, sequences: Sequence[Sequence[int]], batch_size: int = 64
) -> list[np.ndarray]:
    """The attention that each position receives, mean over layers, heads and all queries, specials among them.

    α_j = (1 / L H T) Σ_l Σ_h Σ_i A^{l,h}_{ij}; over a sequence they sum to 1.

    Args:
        scorer: of a model that forms its attention weights.
        sequences: lists of token ids, specials included.
        batch_size: sequences a pass.

    Returns:
        One float64 array (T,) a sequence.

    Raises:
        InputError: a model with fused attention, which never forms its weights.

    Source: Kaneko and Bollegala 2022, "Unmasking the Mask", §3 (α_i).
    """
    received: list[np.ndarray] = [np.empty(0)] * len(sequences)
    order = sorted(range(len(sequences)), key=lambda number: len(sequences[number]))
    for start in range(0, len(order), batch_size):
        numbers = order[start : start + batch_size]
        token_ids, visible = scorer.padded([sequences[number] for number in numbers])  # (B, T)
        total, n_layers = torch.zeros(token_ids.shape, dtype=torch.float64), 0
        for weights in _maps(scorer.model, token_ids, visible):  # (B, H, T, T)
            per_query = weights.mean(dim=1).cpu().double()  # (B, T, T)
            queries = visible.cpu().double()
            total += (per_query * queries[:, :, None]).sum(dim=1) / queries.sum(dim=1, keepdim=True)  # (B, T)
            n_layers += 1
        for row, number in enumerate(numbers):
            received[number] = (total[row, : len(sequences[number])] / n_layers).numpy()
    return received


def _maps(model: nn.Module, token_ids: Tensor, visible: Tensor) -> Sequence[Tensor]:
    """The weights (B, H, T, T) of each layer, from the first."""
    with evaluation_mode(model), torch.no_grad():
        if from_hub(model):
            output = model(input_ids=token_ids, attention_mask=visible, output_attentions=True)
            maps = [layer for layer in getattr(output, "attentions", None) or () if layer is not None]
        else:
            maps = _second_outputs(model, token_ids)
    if not maps:
        raise InputError(
            expected=text(
                "a model that gives its attention maps", "un modèle qui donne ses cartes d'attention"
            ),
            got=text("one with a fused attention", "un modèle dont l'attention est fusionnée"),
            remedy=text(
                'load it by masked_model, or with attn_implementation="eager"',
                'chargez-le par masked_model, ou avec attn_implementation="eager"',
            ),
        )
    return maps


def _second_outputs(model: nn.Module, token_ids: Tensor) -> list[Tensor]:
    """Of every part that gives (output, weights), as the attention of this library does, the weights."""
    maps: list[Tensor] = []
    length = token_ids.size(1)

    def keep(module: nn.Module, inputs: Any, output: Any) -> None:
        weights = output[1] if isinstance(output, tuple) and len(output) == 2 else None
        if isinstance(weights, Tensor) and weights.dim() == 4 and weights.shape[-2:] == (length, length):
            maps.append(weights)

    hooks = [module.register_forward_hook(keep) for module in model.modules()]
    try:
        model(token_ids)
    finally:
        for hook in hooks:
            hook.remove()
    return maps
