"""Stored inputs of the public checks: the one call there is. The build seals the numbers expected of it."""

from __future__ import annotations

from attentif.checks.values import Request


def cases() -> dict[str, Request]:
    """Requests by name."""
    return {"answer": Request()}
