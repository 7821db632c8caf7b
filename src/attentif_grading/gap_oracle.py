"""What small masked models say at a gap, computed token by token, and means of grouped values bounded by loops."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
from scipy.stats import beta

from attentif.checks.limit_material import STEP
from attentif.checks.values import Recipe
from attentif_grading.masked_oracle import PIECES, Setting

MASK = "[MASK]"
INTERVAL = Recipe("spread_interval")
MORE_PIECES = ("ne", "pas", "a", "an")

T = TypeVar("T")
Ends = dict[str, float]


@dataclass(frozen=True)
class GapSetting(Setting):
    """A small model and its tokenizer; of a pair of twins, the second word is always as probable as the first."""

    twins: tuple[tuple[str, str], ...] = ()

    @classmethod
    def drawn(cls, rng: np.random.Generator, kind: str, training: bool = False) -> GapSetting:
        """One with its vocabulary in a random order and random arrays."""
        pieces = tuple(str(piece) for piece in rng.permutation([*PIECES, *MORE_PIECES]))
        return cls(kind, pieces, int(rng.integers(2**31)), training)

    def with_twins(self, *twins: tuple[str, str]) -> GapSetting:
        """The same with these twins."""
        return replace(self, twins=twins)

    @property
    def recipes(self) -> tuple[Recipe, Recipe]:
        """(model, tokenizer), to be built where the student's code runs."""
        model, tokenizer = super().recipes
        if self.twins:
            pairs = [[self.tokens.index(self.entry(word)) for word in pair] for pair in self.twins]
            names = {"context_model": "twin_model", "hub_model": "hub_twin_model"}
            model = Recipe(names[model.name], {**model.arguments, "twins": pairs})
        return model, tokenizer

    def logits(self, tokens: Sequence[str], position: int) -> np.ndarray:
        """What the model answers at this position, (V,)."""
        logits = super().logits(tokens, position)
        if self.twins:
            logits = np.round(logits / STEP) * STEP
            for one, other in self.twins:
                logits[self.tokens.index(self.entry(other))] = logits[self.tokens.index(self.entry(one))]
        return logits

    @cached_property
    def _known(self) -> dict[str, dict[str, float]]:
        return {}

    def at_gap(self, said: str) -> dict[str, float]:
        """Token → P(token at [MASK]), of a text whose words are separated by spaces."""
        if said not in self._known:
            tokens, _ = self.read(said.split())
            found = self.log_probabilities(tokens, tokens.index(self.mask))
            self._known[said] = {token: math.exp(nats) for token, nats in found.items()}
        return self._known[said]


def place_of(probabilities: dict[str, float], token: str) -> int:
    """1 for the most probable token; those as probable count before it."""
    return sum(p >= probabilities[token] for p in probabilities.values())


def best_of(probabilities: dict[str, float]) -> str:
    """The most probable token."""
    return max(probabilities, key=probabilities.__getitem__)


def mean_ends(values: Sequence[float], groups: Sequence[Hashable]) -> Ends:
    """What the interval that is handed over, `spread_interval`, says of these values."""
    middle = float(np.mean(values))
    squares = 0.0
    for group in set(groups):
        mine = [value for value, label in zip(values, groups, strict=True) if label == group]
        squares += (sum(mine) - len(mine) * middle) ** 2
    spread = squares**0.5 / len(values)
    return {"estimate": middle, "low": middle - spread, "high": middle + spread}


def share_ends(hits: Sequence[bool], groups: Sequence[Hashable]) -> Ends:
    """A share of hits: exact where all groups are of one hit, or all hits alike; by whole groups elsewhere."""
    n_groups, n_hits = len(set(groups)), sum(hits)
    if n_groups < len(hits) and 0 < n_hits < len(hits):
        return mean_ends([float(hit) for hit in hits], groups)
    n = n_groups
    k = n_hits if n == len(hits) else n * (n_hits > 0)
    low = float(beta.ppf(0.025, k, n - k + 1)) if k else 0.0
    high = float(beta.ppf(0.975, k + 1, n - k)) if k < n else 1.0
    return {"estimate": k / n, "low": low, "high": high}


def chosen(
    rng: np.random.Generator, pool: Iterable[T], wanted: Sequence[Callable[[T], bool]], n: int
) -> list[T] | None:
    """n of a pool in random order, among them one for each wish; None where a wish cannot be met."""
    left, kept = list(pool), []
    for wish in wanted:
        found = next((each for each in left if wish(each)), None)
        if found is None:
            return None
        left.remove(found)
        kept.append(found)
    kept += left[: n - len(kept)]
    return [kept[index] for index in rng.permutation(len(kept))] if len(kept) == n else None


def sized_groups(rng: np.random.Generator, n: int, most: int = 3) -> list[str]:
    """Labels of n values in groups of 1 to `most`, in any order; at least five groups."""
    labels: list[str] = []
    number = 0
    while len(labels) < n:
        labels += [f"g{number}"] * (1 + number % most)
        number += 1
    return [labels[index] for index in rng.permutation(n)]
