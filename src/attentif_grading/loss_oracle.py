"""An independent oracle for losses: cross-entropy by loops over the targets, in float64, without torch."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

Place = tuple[int, ...]


def cross_entropy_by_loops(logits: np.ndarray, targets: Mapping[Place, int]) -> tuple[float, np.ndarray]:
    """Mean of −ln softmax(logits at the place)[target] over the targets, and its gradient.

    Args:
        logits: (..., V), any dtype.
        targets: the place of each prediction → the class to predict.

    Returns:
        (loss in nats, gradient with respect to the logits (..., V)); both 0 without any target.
    """
    gradient = np.zeros(logits.shape)
    losses = []
    for place, target in targets.items():
        scores = [float(score) for score in logits[place]]
        highest = max(scores)
        odds = [math.exp(score - highest) for score in scores]
        total = math.fsum(odds)
        losses.append(math.log(total) + highest - scores[target])
        for each, odd in enumerate(odds):
            gradient[(*place, each)] = (odd / total - (each == target)) / len(targets)
    return math.fsum(losses) / max(1, len(losses)), gradient
