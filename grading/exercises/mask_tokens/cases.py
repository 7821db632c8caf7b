"""Stored inputs: none, as the result depends on chance. The checks draw their batches themselves."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    return {}


def facts(rng: np.random.Generator, requests: dict[str, Request]) -> dict[str, int]:
    """The word that stands alone in a batch."""
    return {"WORD": int(rng.integers(18, 45))}
