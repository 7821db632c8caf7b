"""Stored inputs of the public checks: sizes, all different."""

from __future__ import annotations

from attentif.checks.values import Request


def cases() -> dict[str, Request]:
    """Requests by name."""
    sizes = {
        "plain": (7, 6),
        "wide": (5, 12),
        "one_position": (1, 8),
        "one_pair": (9, 2),
        "long": (60, 4),
        "refuses_odd": (4, 5),
    }
    return {
        name: Request(kwargs={"length": length, "d_model": d_model})
        for name, (length, d_model) in sizes.items()
    }
