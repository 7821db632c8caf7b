"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import torch

from attentif.bias.preferences import Preferences, checked_scores
from attentif_grading.exercises import variant


@variant
def counted_by_hand(scores, directions=None, official=False):
    table, stereo = checked_scores(scores, directions)
    counts = Counter()
    for (first, second), shows in zip(table.tolist(), stereo.tolist(), strict=True):
        if math.isnan(first):
            counts["unscored"] += 1
            continue
        result = "tie" if first == second else "won" if first > second else "lost"
        counts[result, shows] += 1

    def rate(ways):
        won, lost, tied = (sum(counts[result, way] for way in ways) for result in ("won", "lost", "tie"))
        if official:
            tied = 0
        n = won + lost + tied
        return (won + tied / 2) / n * 100 if n else math.nan

    ties = counts["tie", True] + counts["tie", False]
    won = counts["won", True] + counts["won", False]
    n = len(table) - counts["unscored"]
    return Preferences(
        metric=100 * won / n if official else rate((True, False)),
        stereotype=rate((True,)),
        antistereotype=rate((False,)),
        neutral=100 * ties / n,
        n_pairs=n,
        n_unscored=counts["unscored"],
    )


@variant
def by_signs(scores, directions=None, official=False):
    table, stereo = checked_scores(scores, directions)
    sign = np.sign(table[:, 0] - table[:, 1])  # −1, 0, 1 or NaN
    with np.errstate(all="ignore"):
        half = (sign + 1) * 50

        def mean(values):
            values = values[~np.isnan(values)]
            return float(values.sum() / len(values)) if len(values) else float("nan")

        without_ties = np.where(sign == 0, np.nan, half)
        metric = mean(np.where(sign == 0, 0.0, half) if official else half)
        kept = without_ties if official else half
        return Preferences(
            metric,
            mean(kept[stereo]),
            mean(kept[~stereo]),
            mean(np.where(np.isnan(sign), np.nan, 100.0 * (sign == 0))),
            int((~np.isnan(sign)).sum()),
            int(np.isnan(sign).sum()),
        )


@variant
def by_tensors(scores, directions=None, official=False):
    if len(scores) == 0:
        raise ValueError("no pairs")
    table = torch.tensor(np.array(scores), dtype=torch.float64)
    names = list(directions) if directions is not None else ["stereo" for _ in scores]
    if len(names) != len(table) or any(name not in ("stereo", "antistereo") for name in names):
        raise ValueError("directions: one of stereo, antistereo for each pair")
    if table.isinf().any():
        raise ValueError("infinite scores")
    missing = table.isnan().any(dim=1)
    if missing.all():
        raise ValueError("no pair is scored")
    stereo = torch.tensor([name == "stereo" for name in names])[~missing]
    gap = (table[:, 0] - table[:, 1])[~missing]
    # A step that is ½ at 0.
    credits = torch.heaviside(gap, torch.tensor(0.0 if official else 0.5, dtype=gap.dtype))
    counted = gap.ne(0) if official else torch.ones_like(gap, dtype=torch.bool)
    of = {True: credits[stereo & counted], False: credits[~stereo & counted]}
    return Preferences(
        metric=credits.mean().item() * 100,
        stereotype=of[True].mean().item() * 100,
        antistereotype=of[False].mean().item() * 100,
        neutral=gap.eq(0).double().mean().item() * 100,
        n_pairs=len(gap),
        n_unscored=int(missing.sum()),
    )
