"""What the checks of the probes of limits hand over: items by recipe, an interval without chance, words that tie."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

# Logits are rounded to this, so that words that are equally probable stay so in whatever batch they are asked.
STEP = 2.0**-20


def limit_items(kind: str, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Items of a probe: the fields of each."""
    from attentif import limits

    made = {"negation": limits.NegationItem, "fact": limits.Fact, "number": limits.NumberItem}[kind]
    return [made(**row) for row in rows]


def spread_interval(values: Sequence[float], groups: Sequence[Hashable]) -> Any:
    """A stand-in for `cluster_bootstrap` without chance: the mean ± the root of the groups' squared errors, over N."""
    from attentif.bias.statistics import Interval

    numbers, labels = [float(value) for value in values], list(groups)
    middle = sum(numbers) / len(numbers)
    errors: dict[Hashable, float] = {}
    for number, label in zip(numbers, labels, strict=True):
        errors[label] = errors.get(label, 0.0) + number - middle
    spread = math.sqrt(sum(error**2 for error in errors.values())) / len(numbers)
    sizes = [labels.count(label) for label in errors]
    return Interval(
        middle, middle - spread, middle + spread, len(sizes), sum(sizes) ** 2 / sum(n * n for n in sizes)
    )


class TwinWords(nn.Module):
    """A masked model for which some words are exactly as probable as others, wherever they are asked.

    Args:
        inner: a ContextModel.
        twins: pairs (one, other): the id `other` has the logit of `one`.
    """

    def __init__(self, inner: nn.Module, twins: Sequence[tuple[int, int]]):
        super().__init__()
        self.inner, self.config = inner, inner.config
        self.read_from = list(range(inner.config.vocab_size))
        for one, other in twins:
            self.read_from[other] = one
        self.train(inner.training)

    @property
    def embedding(self) -> Tensor:
        """That of the inner model."""
        return self.inner.embedding

    def hidden(self, *args: Any, **options: Any) -> Tensor:
        """Contextual vectors (B, T, D)."""
        return self.inner.hidden(*args, **options)

    def head(self, hidden: Tensor) -> Tensor:
        """Logits (..., V)."""
        return (self.inner.head(hidden) / STEP).round()[..., self.read_from] * STEP

    def forward(self, token_ids: Tensor, segment_ids: Tensor | None = None) -> Tensor:
        """Logits (B, T, V)."""
        return self.head(self.hidden(token_ids, segment_ids))


def twin_model(twins: Sequence[tuple[int, int]], **arguments: Any) -> nn.Module:
    """A model of this library's kind."""
    from attentif.checks.recipes import context_model

    return TwinWords(context_model(**arguments), twins)


def hub_twin_model(**arguments: Any) -> nn.Module:
    """The same with the interface of those of `transformers`."""
    from attentif.checks.hub_like import HubLikeModel

    return HubLikeModel(twin_model(**arguments))


class ByPlace(nn.Module):
    """A masked model with two answers, the same at all positions: one where it knows the sequence, one elsewhere.

    Args:
        vocab_size: V.
        answers: the most probable id where the sequence is known, and elsewhere.
        known: sequences of ids, without padding.
        mask_at: where given, known is any sequence with the mask at this position instead.
        mask_id: of the mask.
    """

    def __init__(
        self,
        vocab_size: int,
        answers: tuple[int, int],
        known: Sequence[Sequence[int]] = (),
        mask_at: int | None = None,
        mask_id: int = 4,
    ):
        super().__init__()
        self.config = SimpleNamespace(vocab_size=vocab_size, max_length=64, pad_id=0)
        self.known, self.mask_at, self.mask_id = {tuple(ids) for ids in known}, mask_at, mask_id
        base = torch.linspace(-1.0, 1.0, vocab_size, dtype=torch.float64)
        self.rows = torch.stack([base.index_fill(0, torch.tensor([each]), 3.0) for each in answers])

    def forward(self, token_ids: Tensor, segment_ids: Tensor | None = None) -> Tensor:
        """Logits (B, T, V)."""
        which = torch.tensor([int(not self._knows(ids)) for ids in token_ids.tolist()])
        return self.rows[which][:, None].expand(-1, token_ids.size(1), -1).clone()

    def _knows(self, ids: Sequence[int]) -> bool:
        if self.mask_at is not None:
            return len(ids) > self.mask_at and ids[self.mask_at] == self.mask_id
        return tuple(token for token in ids if token != self.config.pad_id) in self.known


def order_likelihood(
    table: Mapping[str, float],
    bags: Mapping[str, float],
    pairs: Mapping[str, Mapping[str, float]] | None = None,
) -> Callable:
    """A stand-in for `pseudo_log_likelihood`: a score for each sentence of a table, one for any other order of its words.

    Args:
        table: sentence → score.
        bags: the sorted words of a sentence → score of every order that is not in the table.
        pairs: the sorted words of a sentence → "a b" → what it adds that these two stand side by side.
    """

    def score(sentence: str) -> float:
        words = sentence.split()
        bag = " ".join(sorted(words))
        together = (pairs or {}).get(bag, {})
        return table.get(sentence, bags.get(bag, -50.0)) + sum(
            together.get(f"{one} {two}", 0.0) for one, two in pairwise(words)
        )

    return lambda model, tokenizer, sentences, *_, **__: np.array([score(each) for each in sentences])


def first_pair_likelihood(size: float) -> Callable:
    """A stand-in for `pseudo_log_likelihood`: ± size, as the first word stands before or after the second in the alphabet."""

    def score(sentence: str) -> float:
        first, second = sentence.split()[:2]
        return size if first < second else -size

    return lambda model, tokenizer, sentences, *_, **__: np.array([score(each) for each in sentences])


FACTORIES: dict[str, Callable[..., Any]] = {
    "limit_items": limit_items,
    "spread_interval": lambda: spread_interval,
    "twin_model": twin_model,
    "hub_twin_model": hub_twin_model,
    "by_place_model": ByPlace,
    "order_likelihood": order_likelihood,
    "first_pair_likelihood": first_pair_likelihood,
}
