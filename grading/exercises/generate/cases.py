"""Stored inputs of the public checks: small causal models, built by recipe where the code runs.

Seeds are chosen so that texts are lively: several different tokens, and rows that finish at different steps.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from attentif.checks.public.generate import SAMPLER, TABLE
from attentif.checks.values import Recipe, Request, generator
from attentif_grading.other_inputs import other_ids, renamed

V = 7
START = np.array([[1, 2, 5], [4, 0, 2], [0, 5, 1]])


def model(seed: int, max_length: int = 24, training: bool = False) -> Recipe:
    """A causal model that reads its whole context."""
    sizes = {"vocab_size": V, "seed": seed, "max_length": max_length}
    return Recipe("causal_model", {**sizes, "training": training})


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""

    def greedy(made: Recipe, token_ids: np.ndarray, n: int, **options: int) -> Request:
        if rng is not None:
            made, token_ids, options = renamed(rng, made, token_ids, options)
        return Request(args=(made, token_ids, n), kwargs={"temperature": 0, "sample": SAMPLER, **options})

    def cut(**options: float) -> Request:
        model = Recipe("table_model", {"shares": [list(row) for row in table]})
        start = np.stack([np.full(24, 2), np.arange(24) % len(TABLE)], axis=1)
        if rng is not None:
            start = rng.permutation(start)
        return Request(
            args=(model, start, 5),
            kwargs={"temperature": 3.0, "generator": generator(seed), "sample": SAMPLER, **options},
        )

    table, seed = (TABLE, 7) if rng is None else (other_table(rng), int(rng.integers(2**31)))
    long = np.array([[2, 4, 1, 1, 6, 0, 3, 5, 2], [6, 0, 0, 3, 2, 5, 1, 4, 4]])
    return {
        "greedy": greedy(model(42), START, 4),
        "one_token": greedy(model(35), np.array([[4]]), 5),
        "nothing": greedy(model(35), START, 0),
        "past_context": greedy(model(42, max_length=5), START, 7),
        "long_beginning": greedy(model(95, max_length=6), long, 4),
        "eos": greedy(model(31), START, 9, eos_id=6),
        "eos_one_row": greedy(model(42), START[2:], 9, eos_id=3),
        "eos_some": greedy(model(67), START, 7, eos_id=3),
        "eos_in_beginning": greedy(model(41), START, 9, eos_id=5),
        "no_eos": greedy(model(31), START, 9),
        "training": greedy(model(42, training=True), START, 4),
        "top_k": cut(top_k=1),
        "top_p": cut(top_p=1e-6),
    }


def other_table(rng: np.random.Generator) -> list[list[float]]:
    """The table with its tokens under other ids and its shares a little changed: their order is the same."""
    order = other_ids(rng, len(TABLE), fixed=())
    shares = np.array(TABLE)[np.ix_(order, order)] * rng.uniform(0.97, 1.03, (len(TABLE), len(TABLE)))
    return (shares / shares.sum(1, keepdims=True)).tolist()


def facts(rng: np.random.Generator, requests: dict[str, Request]) -> dict[str, Any]:
    """The table of the twins, and the same at temperature 0.5."""
    table = requests["top_k"].args[0].arguments["shares"]
    squares = np.square(table)
    return {"TABLE": table, "COLD_TABLE": (squares / squares.sum(1, keepdims=True)).tolist()}
