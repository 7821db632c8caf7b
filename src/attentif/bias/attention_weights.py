"""How much each token of a sentence is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, suppress

import numpy as np
import torch
from torch import Tensor, nn

from attentif.bias.reading import evaluation_mode, require_numbers
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
        for weights in layer_maps(scorer.model, token_ids, visible):  # (B, H, T, T)
            per_query = weights.mean(dim=1).cpu().double()  # (B, T, T)
            queries = visible.cpu().double()
            total += (per_query * queries[:, :, None]).sum(dim=1) / queries.sum(dim=1, keepdim=True)  # (B, T)
            n_layers += 1
        for row, number in enumerate(numbers):
            received[number] = (total[row, : len(sequences[number])] / n_layers).numpy()
    return received


def layer_maps(model: nn.Module, token_ids: Tensor, visible: Tensor | None = None) -> list[Tensor]:
    """The attention maps of each layer on a batch, in evaluation mode.

    Args:
        model: of `transformers` or of this library.
        token_ids, visible: (B, T), ids, and 1 for a token or 0 for padding (all tokens when None).

    Returns:
        for each layer, from the first, (B, H, T, T): row i says how token i shares out its look.

    Raises:
        InputError: a model that does not give its maps, or whose maps are no numbers.
    """
    blocks = getattr(getattr(model, "encoder", None), "blocks", None)
    maps: list[Tensor | None] = []
    with evaluation_mode(model), torch.no_grad(), ExitStack() as hooks:
        if blocks is None:
            with suppress(TypeError):  # a model without that argument
                output = model(input_ids=token_ids, attention_mask=visible, output_attentions=True)
                maps = list(getattr(output, "attentions", None) or ())
        else:
            # A block keeps what its attention found and drops the weights: they are read on their way.
            for block in blocks:
                hook = block.attention.register_forward_hook(lambda _, __, output: maps.append(output[1]))
                hooks.callback(hook.remove)
            model.hidden(token_ids)
    if not maps or maps[0] is None:
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
    for weights in maps:
        # A row of padding may have nothing to look at: what stands there means nothing.
        require_numbers(model, weights if visible is None else weights.transpose(1, 2)[visible.bool()])
    return maps
