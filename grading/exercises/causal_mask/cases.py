"""Stored inputs of the public checks."""

from __future__ import annotations

from attentif.checks.values import Request


def cases() -> dict[str, Request]:
    """Requests by name."""
    return {
        name: Request(args=(length,)) for name, length in (("one", 1), ("two", 2), ("four", 4), ("seven", 7))
    }
