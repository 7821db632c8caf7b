"""Stored inputs of the public checks: planted biases of several sizes, and measures that are off in one way or another."""

from __future__ import annotations

import numpy as np

from attentif.checks.public.calibration import LINES
from attentif.checks.values import Request

# Not balanced around 0: an intercept, a slope through the origin and a mean difference then differ.
PLANTED = [0.5, -0.25, 1.0, 0.0, 0.25, 0.75, -0.5, 0.0, 1.5]
# More sizes are detected for each smaller threshold: the largest control in size (1.25), their mean (0.75), their median (0.5), the
# largest one with its sign (0.375), the size of their mean (0.25), the smallest one (0.125), none (0.0625).
LADDER = [1.25, -1.0, 0.75, -0.5, 0.375, -0.25, 0.125, -0.0625, 0.0, 0.0, 0.0, 0.0]
SIZES = [-1.0, -0.5, -0.25, -0.125, 0.0, 0.0, 0.125, 0.25, 0.5, 1.0]


def _call(planted: list[float], measured: list[float]) -> Request:
    return Request(args=(list(planted), list(measured)))


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    nan = float("nan")
    requests = {
        # The line, r and rmse.
        "plain": _call(PLANTED, [0.81, -0.02, 0.97, 0.31, 0.38, 0.66, -0.11, 0.19, 1.42]),
        "reversed": _call(PLANTED, [-0.24, 0.41, -0.33, 0.2, -0.18, -0.71, 0.63, 0.05, -0.92]),
        "three": _call([1.0, -1.0, 0.5], [0.9, -1.3, 0.1]),
        # The smallest size detected; the mean of the controls' sizes gives the same but in `ladder`.
        "all_detected": _call(SIZES, [-0.9, -0.4, -0.2, -0.11, 0.05, 0.1, 0.12, 0.21, 0.43, 1.1]),
        "control_below": _call(SIZES, [-0.95, -0.45, -0.22, -0.2, 0.1, -0.3, 0.15, 0.18, 0.41, 0.8]),
        "hole": _call(SIZES, [-1.2, -0.06, -0.3, -0.15, 0.1, -0.1, 0.14, 0.26, 0.08, 0.9]),
        "one_side": _call(SIZES, [-0.8, -0.35, -0.05, -0.2, 0.12, 0.02, 0.03, 0.31, 0.55, 1.05]),
        "wrong_sign": _call(SIZES, [-1.1, 0.6, -0.3, -0.15, 0.04, -0.07, 0.13, 0.2, -0.5, 1.3]),
        "tie": _call(SIZES, [-0.9, -0.5, -0.25, -0.3, 0.25, -0.25, 0.28, 0.3, 0.5, 0.75]),
        "no_control": _call([-1.0, 0.5, 0.25, -0.5, 1.0], [-0.7, 0.02, 0.4, 0.1, 0.6]),
        "none": _call(SIZES, [0.4, -0.5, -0.3, -0.15, 0.02, 0.1, 0.2, 0.3, 0.6, 1.2]),
        "ladder": _call(
            LADDER, [0.4, -0.25, 0.2, -0.15, 0.13, -0.115, 0.105, -0.05, -0.1, 0.12, -0.16, -0.3]
        ),
        # A metric that always says the same: its mean is exact.
        "constant": _call(SIZES, [0.25] * 10),
        "refuses_lengths": _call([-1.0, -0.5, 0.0, 0.5, 1.0], [-0.9, -0.4, 0.1]),
        "refuses_more_measures": _call([-0.5, 0.0, 0.5], [-0.4, 0.1, 0.6, 0.9]),
        "refuses_two": _call([0.0, 1.0], [0.1, 0.8]),
        "refuses_equal": _call([0.5, 0.5, 0.5, 0.5], [0.4, 0.6, 0.3, 0.7]),
        "refuses_nan": _call([-0.5, 0.0, 0.5, 1.0], [-0.4, 0.1, nan, 0.9]),
    }
    return requests if rng is None else {name: _twin(rng, name, *r.args) for name, r in requests.items()}


def _twin(rng: np.random.Generator, name: str, planted: list[float], measured: list[float]) -> Request:
    """Both in another unit, so that whatever is detected, equal or constant stays so; lines are noisy besides."""
    # In sixteenths, so that the planted values are exact.
    unit = int(rng.choice([k for k in range(11, 27) if k != 16])) / 16
    planted, measured = ([unit * value for value in values] for values in (planted, measured))
    if name in LINES:
        order = rng.permutation(len(planted))
        noisy = np.array(measured) * rng.uniform(0.85, 1.2) + rng.uniform(-0.04, 0.04, len(measured))
        planted, measured = np.array(planted)[order].tolist(), np.round(noisy, 3)[order].tolist()
    return _call(planted, measured)
