"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import math
import statistics

import numpy as np
import torch

from attentif.bias.statistics import Calibration, paired_numbers
from attentif_grading.exercises import variant


@variant
def by_library_functions(planted, measured):
    planted, measured = paired_numbers(planted, measured)
    slope, intercept = np.polyfit(planted, measured, deg=1)
    r = np.corrcoef(planted, measured)[0, 1] if measured.std() > 0 else 0.0
    noise = max(abs(measured[planted == 0]), default=0.0)
    smallest = math.inf
    for size in sorted(set(abs(planted)), reverse=True):
        chosen = abs(planted) == size
        if size == 0 or not all(measured[chosen] * np.sign(planted[chosen]) > noise):
            break
        smallest = size
    rmse = np.linalg.norm(measured - planted) / np.sqrt(len(planted))
    return Calibration(slope, intercept, r, rmse, smallest)


@variant
def by_the_statistics_module(planted, measured):
    if len(planted) != len(measured) or len(planted) < 3 or len(set(planted)) == 1:
        raise ValueError("at least three pairs, and planted values that differ")
    if any(math.isnan(number) or math.isinf(number) for number in [*planted, *measured]):
        raise ValueError("finite numbers")
    slope, intercept = statistics.linear_regression(planted, measured)
    try:
        r = statistics.correlation(planted, measured)
    except statistics.StatisticsError:
        r = 0.0
    # The largest size first; of one size, those that are missed first.
    controls = [0.0] + [abs(m) for p, m in zip(planted, measured, strict=True) if not p]
    told = [
        (abs(p), m * p > 0 and abs(m) > max(controls)) for p, m in zip(planted, measured, strict=True) if p
    ]
    smallest = math.inf
    for size, seen in sorted(told, key=lambda pair: (-pair[0], pair[1])):
        if not seen:
            break
        smallest = size
    return Calibration(slope, intercept, r, math.dist(planted, measured) / len(planted) ** 0.5, smallest)


@variant
def sums_of_products(planted, measured):
    planted, measured = (numbers.tolist() for numbers in paired_numbers(planted, measured))
    n = len(planted)
    sum_p, sum_m = sum(planted), sum(measured)
    pp = n * sum(p * p for p in planted) - sum_p**2
    mm = n * sum(m * m for m in measured) - sum_m**2
    pm = n * sum(p * m for p, m in zip(planted, measured, strict=True)) - sum_p * sum_m
    slope = pm / pp
    r = 0.0 if min(measured) == max(measured) else pm / math.sqrt(pp * mm)
    squares = [(m - p) ** 2 for p, m in zip(planted, measured, strict=True)]
    noise = max([abs(m) for p, m in zip(planted, measured, strict=True) if p == 0], default=0)

    def all_detected_from(size):
        return all(
            m > noise if p > 0 else m < -noise
            for p, m in zip(planted, measured, strict=True)
            if abs(p) >= size
        )

    candidates = [abs(p) for p in planted if p and all_detected_from(abs(p))]
    return Calibration(
        slope=slope,
        intercept=(sum_m - slope * sum_p) / n,
        r=r,
        rmse=(sum(squares) / n) ** 0.5,
        smallest_detected=min(candidates) if candidates else math.inf,
    )


@variant
def by_tensors(planted, measured):
    p, m = map(torch.from_numpy, paired_numbers(planted, measured))
    columns = torch.stack([torch.ones_like(p), p], dim=1)
    intercept, slope = torch.linalg.lstsq(columns, m[:, None]).solution.flatten().tolist()
    r = torch.corrcoef(torch.stack([p, m]))[0, 1].nan_to_num(0.0)
    order = p.abs().argsort(descending=True)
    noise = torch.cat([m[p == 0].abs(), torch.zeros(1)]).max()
    seen = (p.sign() * m > noise)[order]
    sizes = p.abs()[order]
    # Sizes above the first one, from the top down, that is missed.
    n_seen = int(seen.long().cumprod(0).sum())
    limit = sizes[n_seen] if n_seen < len(sizes) else torch.tensor(0.0)
    detected = sizes[:n_seen][sizes[:n_seen] > limit]
    return Calibration(
        slope,
        intercept,
        r.item(),
        torch.nn.functional.mse_loss(m, p).sqrt().item(),
        detected[-1].item() if len(detected) else math.inf,
    )
