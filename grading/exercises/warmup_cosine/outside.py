"""Wrong learning rates outside the catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import math


def rate_exponential(step, peak, floor, warmup_steps, total_steps):
    if step < warmup_steps:
        return peak * step / warmup_steps
    return max(floor, peak * 0.97 ** (step - warmup_steps))


def rate_inverse_root(step, peak, floor, warmup_steps, total_steps):
    step = max(step, 1)
    return peak * min(step / max(warmup_steps, 1), (max(warmup_steps, 1) / step) ** 0.5)


def rate_squared_warmup(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return peak * (step / warmup_steps) ** 2
    return floor + 0.5 * (peak - floor) * (
        1 + math.cos(math.pi * (step - warmup_steps) / (total_steps - warmup_steps))
    )


def rate_as_text(step, peak, floor, warmup_steps, total_steps):
    return str(floor)


def rate_constant(step, peak, floor, warmup_steps, total_steps):
    return floor


def rate_linear_from_one_ahead(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    return peak - (peak - floor) * (step - warmup_steps) / (total_steps - warmup_steps)


def rate_two_cycles(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return floor
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = 2 * (step - warmup_steps) / (total_steps - warmup_steps) % 1.0
    return floor + 0.5 * (peak - floor) * (1 + math.cos(math.pi * progress))


OUTSIDE = {
    rate_exponential: (),
    rate_inverse_root: (),
    rate_squared_warmup: (),
    rate_as_text: (),
    rate_constant: (),
    rate_linear_from_one_ahead: ("warmup_one_ahead", "linear_decay"),
    rate_two_cycles: (),
}
