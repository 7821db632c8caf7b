"""Stored inputs: none, as the result depends on chance. The checks make their documents themselves."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    return {}
