"""Wrong calibrations outside the catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from attentif.bias.statistics import Calibration, calibration, paired_numbers


def line_through_the_ends(planted, measured):
    found = calibration(planted, measured)
    low, high = int(np.argmin(planted)), int(np.argmax(planted))
    slope = (measured[high] - measured[low]) / (planted[high] - planted[low])
    return replace(found, slope=slope, intercept=measured[low] - slope * planted[low])


def ratio_of_spreads(planted, measured):
    found = calibration(planted, measured)
    return replace(found, slope=float(np.std(measured) / np.std(planted)))


def intercept_before_the_slope(planted, measured):
    found = calibration(planted, measured)
    return replace(found, intercept=float(np.mean(measured)))


def everything_in_absolute_values(planted, measured):
    return calibration([abs(p) for p in planted], [abs(m) for m in measured])


def r_without_its_sign(planted, measured):
    found = calibration(planted, measured)
    return replace(found, r=abs(found.r))


def cosine_as_r(planted, measured):
    found = calibration(planted, measured)
    lengths = math.hypot(*planted) * math.hypot(*measured)
    return replace(found, r=float(np.dot(planted, measured)) / lengths if lengths else 0.0)


def largest_error(planted, measured):
    found = calibration(planted, measured)
    return replace(found, rmse=max(abs(m - p) for p, m in zip(planted, measured, strict=True)))


def largest_missed(planted, measured):
    p, m = paired_numbers(planted, measured)
    noise = np.abs(m[p == 0]).max(initial=0.0)
    missed = (p != 0) & (np.sign(p) * m <= noise)
    return replace(
        calibration(planted, measured), smallest_detected=float(np.abs(p[missed]).max(initial=0.0))
    )


def size_of_the_measure(planted, measured):
    found = calibration(planted, measured)
    seen = [abs(m) for p, m in zip(planted, measured, strict=True) if abs(p) >= found.smallest_detected]
    return replace(found, smallest_detected=min(seen, default=math.inf))


def twice_the_noise(planted, measured):
    controls = [2 * m for p, m in zip(planted, measured, strict=True) if p == 0]
    others = [(p, m) for p, m in zip(planted, measured, strict=True) if p]
    planted_again = [p for p, _ in others] + [0.0] * len(controls)
    found = calibration(planted_again, [m for _, m in others] + controls)
    return replace(calibration(planted, measured), smallest_detected=found.smallest_detected)


def median_of_the_controls(planted, measured):
    found, (x, y) = calibration(planted, measured), paired_numbers(planted, measured)
    noise = np.median(np.abs(y[x == 0])) if (x == 0).any() else 0.0
    missed = np.abs(x[(x != 0) & (np.sign(x) * y <= noise)]).max(initial=0.0)
    sizes = np.abs(x[np.abs(x) > missed])
    return replace(found, smallest_detected=float(sizes.min(initial=math.inf)))


def rounded(planted, measured):
    found = calibration(planted, measured)
    return Calibration(*(round(getattr(found, name), 1) for name in ("slope", "intercept", "r", "rmse")), 0.5)


def a_tuple(planted, measured):
    found = calibration(planted, measured)
    return found.slope, found.intercept, found.r


def squared_r_and_error_around_the_line(planted, measured):
    found = calibration(planted, measured)
    residuals = np.array(measured) - found.intercept - found.slope * np.array(planted)
    return replace(found, r=found.r**2, rmse=float(np.sqrt(np.mean(residuals**2))))


OUTSIDE = {
    line_through_the_ends: (),
    ratio_of_spreads: (),
    intercept_before_the_slope: (),
    everything_in_absolute_values: ("sign_without_effect",),
    r_without_its_sign: (),
    cosine_as_r: (),
    largest_error: (),
    largest_missed: (),
    size_of_the_measure: (),
    twice_the_noise: (),
    median_of_the_controls: (),
    rounded: (),
    a_tuple: (),
    squared_r_and_error_around_the_line: ("r_squared", "rmse_around_the_line"),
}
