"""Stored inputs of the public checks: small configurations, metrics that read weights, seeds in no order."""

from __future__ import annotations

import math

import numpy as np

from attentif.checks.values import Recipe, Request
from attentif_grading.null_oracle import drawn_seeds, drawn_setting, scores


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    rng = rng or np.random.default_rng(1_508)
    requests = {}
    for name, n in (("four", 4), ("three", 3), ("seven", 7)):
        metric, config = drawn_setting(rng)
        requests[name] = Request(args=(metric, config, _seeds(rng, n, metric, config)))
    metric, config = drawn_setting(rng)
    seeds = _seeds(rng, 5, metric, config)
    watching = Recipe("weights_metric", metric.arguments | {"watching": True})
    requests["watched"] = _asked(watching, config, seeds, after=("metric",))
    elsewhere = {"elsewhere": round(float(rng.uniform(60, 90)), 2)}
    away = Recipe("weights_metric", metric.arguments | elsewhere)
    requests["elsewhere"] = _asked(away, config, seeds[:3], device="meta")
    low, *_, high = sorted(scores(metric, config, seeds))
    for kind, otherwise in (("nan", math.nan), ("infinite", math.inf)):
        # The lowest and the highest score are not to be had.
        bounded = {"between": (low + 1e-6, high - 1e-6), "otherwise": otherwise}
        requests[f"refuses_{kind}"] = _asked(
            Recipe("weights_metric", metric.arguments | bounded), config, seeds
        )
    refused = {
        "refuses_repeated": [*seeds[:3], seeds[1]],
        "refuses_one": seeds[:1],
        "refuses_half": [seeds[0], seeds[1] + 0.5, seeds[2]],
    }
    return requests | {name: _asked(metric, config, wrong) for name, wrong in refused.items()}


def _seeds(rng: np.random.Generator, n: int, metric: Recipe, config: Recipe) -> list[int]:
    """Seeds whose scores neither rise nor fall all along: sorted, they are others."""
    seeds = drawn_seeds(rng, n)
    found = scores(metric, config, seeds)
    if found in (sorted(found), sorted(found, reverse=True)):
        seeds[:2] = seeds[1::-1]
    return seeds


def _asked(metric: Recipe, config: Recipe, seeds: list, after: tuple[str, ...] = (), **options) -> Request:
    return Request(kwargs={"metric": metric, "config": config, "seeds": seeds} | options, after=after)
