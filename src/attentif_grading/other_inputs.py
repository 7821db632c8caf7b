"""Other inputs in place of given ones, of the same kind: what twins of the stored cases are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from attentif.checks.values import Recipe


def other_batches(
    rng: np.random.Generator, losses: Sequence[float], counts: Sequence[int]
) -> tuple[list[float], list[int]]:
    """Other mean losses and numbers of tokens, as many of each; a batch without a token stays one."""
    losses = [float(np.round(loss * rng.uniform(0.7, 1.4), 2)) for loss in losses]
    # Larger ones, so that none is what it was.
    return losses, [int(count * rng.uniform(1.5, 2.5)) for count in counts]


def other_ids(rng: np.random.Generator, size: int, fixed: Sequence[int] = (0,)) -> np.ndarray:
    """(size,): another id for each id, in a random order; those that are fixed stay, and not all others do."""
    ids = np.arange(size)
    free = np.setdiff1d(ids, fixed)
    while np.array_equal(ids, np.arange(size)):
        ids[free] = rng.permutation(free)
    return ids


def other_size(rng: np.random.Generator, size: int, step: int = 1) -> int:
    """A size near this one, between two thirds and three halves of it, and a multiple of `step`."""
    while True:
        drawn = round(size * rng.uniform(0.67, 1.5) / step) * step
        if drawn not in (0, size):
            return drawn


def renamed(
    rng: np.random.Generator, model: Recipe, token_ids: np.ndarray, options: Mapping[str, Any]
) -> tuple[Recipe, np.ndarray, dict[str, Any]]:
    """A causal model, what it goes on from, and an eos_id, with all tokens but 0 under other ids.

    The model is more or less sure of itself than it was, so that its numbers are others too; which token it prefers to
    which stays.
    """
    order = other_ids(rng, model.arguments["vocab_size"])
    sharpness = model.arguments.get("sharpness", 2.0) * float(np.round(rng.uniform(0.96, 1.04), 4))
    arguments = {**model.arguments, "sharpness": sharpness, "order": order.tolist()}
    now_called = np.argsort(order)
    options = dict(options)
    if "eos_id" in options:
        options["eos_id"] = int(now_called[options["eos_id"]])
    return Recipe(model.name, arguments), now_called[token_ids], options


def larger(rng: np.random.Generator | None, *sizes: int) -> tuple[int, ...]:
    """Sizes that are all different, each made larger by the same one or two; as they are without a generator."""
    more = 0 if rng is None else int(rng.integers(1, 3))
    return tuple(size + more for size in sizes)
