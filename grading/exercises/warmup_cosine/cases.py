"""Stored inputs of the public checks: single steps of a few schedules."""

from __future__ import annotations

from attentif.checks.values import Request


def cases() -> dict[str, Request]:
    """Requests by name."""
    steps = {
        "zero": 0,
        "warming": 7,
        "last_warming": 19,
        "peak": 20,
        "early": 45,
        "middle": 70,
        "late": 103,
        "last": 119,
        "end": 120,
        "after": 121,
        "long_after": 171,
    }
    schedule = {"peak": 4.0, "floor": 0.9, "warmup_steps": 20, "total_steps": 120}
    requests = {name: Request(args=(step, *schedule.values())) for name, step in steps.items()}
    return requests | {
        "no_warmup_zero": Request(args=(0, 3.0, 0.5, 0, 80)),
        "no_warmup": Request(args=(30, 3.0, 0.5, 0, 80)),
        "no_warmup_late": Request(args=(62, 3.0, 0.5, 0, 80)),
        "only_warmup": Request(args=(6, 5.0, 0.7, 10, 10)),
        "only_warmup_after": Request(args=(13, 5.0, 0.7, 10, 10)),
    }
