"""Stored inputs: none, as the result depends on chance. The checks make their documents themselves."""

from __future__ import annotations

from attentif.checks.values import Request


def cases() -> dict[str, Request]:
    """Requests by name."""
    return {}
