"""Rescue parts for what a model is asked to predict: corruption, pairs, losses."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from attentif.judged import offer
from attentif.objectives import SentencePair


def mask_tokens(
    token_ids: Tensor,
    mask_id: int,
    vocab_size: int,
    special_ids: Sequence[int],
    generator: torch.Generator | None = None,
    probability: float = 0.15,
) -> tuple[Tensor, Tensor]:
    """A simpler corruption: the chosen tokens are always replaced by [MASK]."""
    offer("mask_tokens")
    chances = torch.full(token_ids.shape, probability)
    for special in special_ids:
        chances[token_ids == special] = 0.0
    chosen = torch.bernoulli(chances, generator=generator).bool()
    return token_ids.masked_fill(chosen, mask_id), token_ids.masked_fill(~chosen, -100)


def masked_lm_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """torch's own categorical distribution, asked for the labels that are not negative."""
    offer("masked_lm_loss")
    asked = torch.nonzero(labels >= 0, as_tuple=True)
    guesses = torch.distributions.Categorical(logits=logits[asked].float(), validate_args=False)
    return -guesses.log_prob(labels[asked]).sum() / max(1, len(asked[0]))


def causal_lm_loss(logits: Tensor, token_ids: Tensor, pad_id: int | None = None) -> Tensor:
    """torch's own categorical distribution, position by position."""
    offer("causal_lm_loss")
    nats, n_targets = 0.0 * logits.float().sum(), 0
    for guess, following in zip(logits.unbind(1), token_ids.unbind(1)[1:], strict=False):
        there = torch.ones_like(following) if pad_id is None else following != pad_id
        surprise = torch.distributions.Categorical(logits=guess.float(), validate_args=False)
        nats = nats - surprise.log_prob(following) @ there.float()
        n_targets = n_targets + there.sum()
    return nats / max(1, int(n_targets))


def sentence_pairs(
    documents: Sequence[Sequence[Sequence[int]]],
    cls_id: int,
    sep_id: int,
    generator: torch.Generator | None = None,
) -> list[SentencePair]:
    """Simpler pairs: the two kinds take turns, and a B that does not follow is the next document's beginning."""
    offer("sentence_pairs")
    filled = [document for document in documents if document]
    pairs = []
    for number, document in enumerate(filled):
        beginning = filled[(number + 1) % len(filled)][0]
        for place in range(1, len(document)):
            halves = document[place - 1], document[place] if place % 2 else beginning
            parts = [cls_id, *halves[0], sep_id], [*halves[1], sep_id]
            segments = [segment for segment, part in enumerate(parts) for _ in part]
            pairs.append(SentencePair([*parts[0], *parts[1]], segments, place % 2 == 1))
    return pairs
