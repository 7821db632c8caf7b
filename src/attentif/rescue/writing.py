"""Rescue parts for decoding."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from attentif import decoding
from attentif.errors import InputError
from attentif.judged import offer
from attentif.language import text


def sample_next_token(
    logits: Tensor,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:
    """A simpler choice: drawn at this temperature; the most probable token if top_k or top_p is asked for."""
    offer("sample_next_token")
    asked = f"temperature={temperature}, top_k={top_k}, top_p={top_p}"
    whole = top_k is None or (isinstance(top_k, int) and top_k >= 1)
    if not (whole and (top_p is None or 0 < top_p <= 1) and 0 <= temperature < float("inf")):
        raise InputError(
            expected=text(
                "a temperature of at least 0, a whole top_k of at least 1, a top_p in (0, 1]",
                "une température d'au moins 0, un top_k entier d'au moins 1, un top_p dans ]0, 1]",
            ),
            got=asked,
            remedy=text("give each under its own name", "donnez chacun sous son propre nom"),
        )
    if not temperature or top_k is not None or top_p is not None:
        return logits.max(dim=-1).indices
    return torch.distributions.Categorical(logits=logits / temperature).probs.multinomial(
        1, generator=generator
    )[:, 0]


def generate(
    model: nn.Module,
    token_ids: Tensor,
    max_new_tokens: int,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    eos_id: int | None = None,
    generator: torch.Generator | None = None,
    sample: Callable | None = None,
) -> Tensor:
    """A simpler writer: the most probable token each time, from the last one alone."""
    offer("generate")
    with torch.no_grad():
        for _ in range(max_new_tokens):
            last = token_ids[:, -1:]
            token_ids = torch.cat((token_ids, model(last)[:, 0].argmax(-1, keepdim=True)), dim=-1)
    return token_ids


def beam_search(
    model: nn.Module,
    token_ids: Tensor,
    max_new_tokens: int,
    n_beams: int = 4,
    alpha: float = 0.6,
    eos_id: int | None = None,
) -> list[decoding.Beam]:
    """A simpler search: the best next tokens, one each, and no further; its scores are their log-probabilities."""
    offer("beam_search")
    with torch.no_grad():
        shares = model(token_ids[None, -1:])[0, 0].log_softmax(-1)
    best = shares.sort(descending=True)
    return [
        decoding.Beam([*token_ids.tolist(), token], share, share)
        for share, token in zip(best.values[:n_beams].tolist(), best.indices.tolist(), strict=False)
    ]
