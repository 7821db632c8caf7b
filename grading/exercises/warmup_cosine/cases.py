"""Stored inputs of the public checks: single steps of a few schedules."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
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
    schedule, without, only = (4.0, 0.9, 20, 120), (3.0, 0.5, 0, 80), (5.0, 0.7, 10, 10)
    more = {
        "no_warmup_zero": 0,
        "no_warmup": 30,
        "no_warmup_late": 62,
        "only_warmup": 6,
        "only_warmup_after": 13,
    }
    if rng is not None:
        schedule, without, only = (_drawn(rng, *each) for each in (schedule, without, only))
        n_warmup, n_steps = schedule[2:]
        warming = round(rng.uniform(0.3, 0.6) * n_warmup)
        at = n_warmup + rng.uniform([0.2, 0.8], [0.35, 0.9]) * (n_steps - n_warmup)
        early, late = np.round(at).astype(int).tolist()
        middle = (n_warmup + n_steps) // 2
        ends = {"last_warming": n_warmup - 1, "peak": n_warmup, "last": n_steps - 1, "end": n_steps}
        steps |= ends | {"warming": warming, "early": early, "middle": middle, "late": late}
        steps |= {"after": n_steps + 1, "long_after": n_steps + int(rng.integers(40, 60))}
        at = np.round(rng.uniform([0.3, 0.7], [0.45, 0.85]) * without[3]).astype(int).tolist()
        more |= {"no_warmup": at[0], "no_warmup_late": at[1]}
        more |= {"only_warmup": only[3] // 2 + 1, "only_warmup_after": only[3] + 3}
    requests = {name: Request(args=(step, *schedule)) for name, step in steps.items()}
    return requests | {
        name: Request(args=(step, *(without if name.startswith("no_") else only)))
        for name, step in more.items()
    }


def _drawn(
    rng: np.random.Generator, peak: float, floor: float, n_warmup: int, n_steps: int
) -> tuple[float, float, int, int]:
    """Another schedule near this one; what is 0, or equal, stays so."""
    # Nearer to each other, and longer: what falls faster than a cosine is at the floor early here too.
    peak, floor = (
        float(np.round(x, 2)) for x in (peak * rng.uniform(0.7, 0.95), floor * rng.uniform(1.05, 1.3))
    )
    while True:
        longer = rng.uniform(1.05, 1.7)
        drawn = round(n_warmup * longer), round(n_steps * longer)
        # Halfway is a step.
        if drawn[1] != n_steps and sum(drawn) % 2 == 0:
            return peak, floor, *drawn
