"""Stored inputs of the public checks: only those without chance. The others are drawn by the checks themselves."""

from __future__ import annotations

from typing import Any

import numpy as np

from attentif.checks.public.sample_next_token import COLD, EQUAL, HOT, IN_ORDER, OTHER, SHARES, TOP_K, TOP_P
from attentif.checks.values import Request
from attentif_grading.sampling_oracle import law_of

V = 9


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    rng = rng or np.random.default_rng(20_202)

    def logits(rows: int) -> np.ndarray:
        # Close to each other: what is drawn at random is seldom the greatest.
        return 0.5 * rng.normal(size=(rows, V)) - 1.0

    cuts = {"top_k": 4, "top_p": 0.6}
    return {
        "greedy": Request(kwargs={"logits": logits(24), "temperature": 0}),
        "greedy_float": Request(kwargs={"logits": logits(24).astype(np.float32), "temperature": 0.0}),
        "greedy_with_cuts": Request(kwargs={"logits": logits(24), "temperature": 0, **cuts}),
        "greedy_one_row": Request(kwargs={"logits": logits(1), "temperature": 0}),
    }


def facts(rng: np.random.Generator, requests: dict[str, Request]) -> dict[str, Any]:
    """The distributions with their tokens under other ids and their shares a little changed, and their laws.

    The same tokens, by rank, are kept by each option.
    """
    shares, other = (_renamed(rng, each) for each in (SHARES, OTHER))

    def with_laws(settings: tuple) -> tuple:
        return tuple((options, law_of(shares, **options)) for options, _ in settings)

    def equal(logits: tuple, best: tuple, k: int) -> tuple:
        order = rng.permutation(len(logits))
        moved = np.round(np.array(logits)[order] + rng.uniform(-1.0, 1.0), 3)
        return tuple(moved.tolist()), tuple(np.flatnonzero(np.isin(order, best)).tolist()), k

    cold, hot = with_laws((COLD, HOT))
    return {
        "SHARES": shares,
        "OTHER": other,
        "COLD": cold,
        "HOT": hot,
        "TOP_K": with_laws(TOP_K),
        "TOP_K_OF_BOTH": tuple(law_of(each, top_k=2) for each in (shares, other)),
        "TOP_P": with_laws(TOP_P),
        "TOP_P_OF_BOTH": tuple(law_of(each, top_p=0.8) for each in (shares, other)),
        "IN_ORDER": with_laws(IN_ORDER),
        "EQUAL": tuple(equal(*each) for each in EQUAL),
    }


def _renamed(rng: np.random.Generator, shares: tuple[float, ...]) -> tuple[float, ...]:
    """The same shares within one part in a hundred, in another order."""
    while True:
        mixed = rng.permutation(np.array(shares) * rng.uniform(0.99, 1.01, len(shares)))
        mixed /= mixed.sum()
        best = np.argsort(-mixed)
        # A cut that is not brought back to the order of the vocabulary must show, from either end.
        shown = [{*best[:k]} not in ({*range(k)}, {*range(len(best) - k, len(best))}) for k in range(1, 5)]
        # One token too many before top_p=0.7 must show as well: of four, the two best do not reach it.
        first_four = mixed[best[:4]]
        shown.append(first_four[:2].sum() < 0.6995 * first_four.sum())
        if all(shown):
            return tuple(mixed.tolist())
