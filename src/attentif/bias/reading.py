"""Logits of a masked language model, at the asked positions only: the head, its most expensive part, sees no others.

The differences between the models of `transformers` and those of this library end here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from attentif.bias.output_layer import output_layer_left_out
from attentif.bias.short_bert import body_at, body_skipped, has_bert_body
from attentif.errors import InputError
from attentif.language import joined
from attentif.language import text as both
from attentif.models import MaskedLM


def logits_at(
    model: nn.Module, token_ids: Tensor, visible: Tensor, rows: Sequence[int], columns: Sequence[int]
) -> Tensor:
    """Logits at N places of a batch, in evaluation mode and without gradients.

    Args:
        model: see `check_masked_model`.
        token_ids, visible: (B, T), ids, and 1 for a token or 0 for padding.
        rows, columns: the N places, as indices into B and T.

    Returns:
        (N, V), in the model's dtype.

    Raises:
        InputError: what the model gives are no logits (B, T, V).
    """
    with evaluation_mode(model), torch.no_grad():
        if from_hub(model):
            if has_bert_body(model):
                hidden = body_at(model.base_model, token_ids, visible, rows, columns)  # (N, D)
                with body_skipped(model, hidden[:, None]):
                    return model(input_ids=token_ids).logits[:, 0]
            with _body_reduced_to(model, rows, columns) as reduced:
                output = model(input_ids=token_ids, attention_mask=visible)
            logits = getattr(output, "logits", output)
            if reduced and isinstance(logits, Tensor) and logits.dim() == 3 and logits.size(1) == 1:
                return logits[:, 0]
        elif type(model).forward is MaskedLM.forward:
            return model.head(model.hidden(token_ids)[rows, columns])
        else:
            logits = model(token_ids)  # padding is known by its id
            logits = getattr(logits, "logits", logits)
    if not isinstance(logits, Tensor) or logits.dim() != 3 or logits.shape[:2] != token_ids.shape:
        raise InputError(
            expected=both("a model that gives logits (B, T, V)", "un modèle qui donne des logits (B, T, V)"),
            got=type(model).__name__,
            remedy=both("load it with AutoModelForMaskedLM", "chargez-le par AutoModelForMaskedLM"),
        )
    return logits[rows, columns]


def vectors_at(
    model: nn.Module,
    layer: nn.Linear,
    token_ids: Tensor,
    visible: Tensor,
    rows: Sequence[int],
    columns: Sequence[int],
) -> Tensor | None:
    """What the last matrix of the head multiplies at N places of a batch, in evaluation mode and without gradients.

    Args:
        model: one that `has_bert_body` accepts.
        layer: its last matrix, see `output_layer_of`.
        token_ids, visible, rows, columns: see `logits_at`.

    Returns:
        (N, D), or None where the head does more than to hand on what that matrix gives.
    """
    with evaluation_mode(model), torch.no_grad():
        hidden = body_at(model.base_model, token_ids, visible, rows, columns)  # (N, D)
        with body_skipped(model, hidden[:, None]), output_layer_left_out(layer) as given:
            handed_on = model(input_ids=token_ids).logits
    return given[0][:, 0] if len(given) == 1 and handed_on is given[0] else None


@contextmanager
def _body_reduced_to(model: nn.Module, rows: Sequence[int], columns: Sequence[int]) -> Iterator[list[bool]]:
    """For a while, the body below the head hands on the asked places only, as a batch (N, 1, D).

    Yields a list that is filled once the body has run so: a model without a body of its own gives all logits.
    """
    body, reduced = getattr(model, "base_model", model), []

    def keep(module: nn.Module, inputs: Any, output: Any) -> Any:
        hidden = output[0]  # (B, T, D)
        kept = hidden[rows, columns][:, None]  # (N, 1, D)
        reduced.append(True)
        if isinstance(output, tuple):
            return (kept, *output[1:])
        output["last_hidden_state"] = kept
        return output

    if body is model or not isinstance(body, nn.Module):
        yield reduced
        return
    hook = body.register_forward_hook(keep)
    try:
        yield reduced
    finally:
        hook.remove()


@contextmanager
def evaluation_mode(model: nn.Module) -> Iterator[None]:
    """Switch dropout off for a while, then give every submodule its own training flag back."""
    training = [module for module in model.modules() if module.training]
    for module in training:
        module.training = False
    try:
        yield
    finally:
        for module in training:
            module.training = True


def from_hub(model: nn.Module) -> bool:
    """Whether the model is one of `transformers`, or has its interface."""
    return hasattr(getattr(model, "config", None), "model_type")


def check_masked_model(model: nn.Module) -> None:
    """Refuse a model that reads from left to right, or no model at all."""
    names = [kind.__name__ for kind in type(model).__mro__]
    causal = getattr(getattr(model, "config", None), "is_decoder", False) or any(
        name.endswith("CausalLM") or name in ("GPT2LMHeadModel", "Seq2Seq") for name in names
    )
    if causal or not isinstance(model, nn.Module):
        raise InputError(
            expected=both("a masked language model", "un modèle de langue masqué"),
            got=joined(
                names[0],
                both(", which reads from left to right", ", qui lit de gauche à droite") if causal else "",
            ),
            remedy=both(
                "take BERT or CamemBERT (AutoModelForMaskedLM), or attentif.models.MaskedLM",
                "prenez BERT ou CamemBERT (AutoModelForMaskedLM), ou attentif.models.MaskedLM",
            ),
        )


def require_numbers(model: nn.Module, values: Tensor) -> Tensor:
    """What a model gave (logits, vectors, attention weights), refused where NaN is among it."""
    if values.isnan().any():
        raise InputError(
            expected=both("a model whose outputs are numbers", "un modèle dont les sorties sont des nombres"),
            got=both(
                f"NaN or infinity from {type(model).__name__}",
                f"NaN ou l'infini, donnés par {type(model).__name__}",
            ),
            remedy=both(
                "reload the weights (diverged training?), or use float32 (overflow of float16)",
                "rechargez les poids (entraînement qui a divergé ?), ou passez en float32 (dépassement en float16)",
            ),
        )
    return values


def context_of(model: nn.Module) -> int | None:
    """The largest number of tokens, specials included, that a model reads; None where there is no limit."""
    for name, module in model.named_modules():
        # RoBERTa and CamemBERT count positions from padding_idx + 1: their table holds fewer than its rows.
        if name.endswith("position_embeddings") and getattr(module, "padding_idx", None) is not None:
            return module.num_embeddings - module.padding_idx - 1
    config = getattr(model, "config", None)
    return getattr(config, "max_position_embeddings" if from_hub(model) else "max_length", None)
