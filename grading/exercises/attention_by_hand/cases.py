"""Stored inputs of the public checks: the one call there is. The build seals the numbers expected of it."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    return {"answer": Request()}
