"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import math

import torch

from attentif_grading.exercises import variant


@variant
def clamped_progress(step, peak, floor, warmup_steps, total_steps):
    if step < warmup_steps:
        return step / warmup_steps * peak
    length = max(1, total_steps - warmup_steps)
    progress = min(1.0, (step - warmup_steps) / length) if step < total_steps else 1.0
    coefficient = 0.5 * (1.0 + math.cos(math.pi * progress))
    return coefficient * peak + (1.0 - coefficient) * floor


@variant
def squared_cosine(step, peak, floor, warmup_steps, total_steps):
    if step >= total_steps:
        return float(floor)
    if warmup_steps and step < warmup_steps:
        return peak / warmup_steps * step
    angle = 0.5 * math.pi * (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + (peak - floor) * math.cos(angle) ** 2


@variant
def by_tensors(step, peak, floor, warmup_steps, total_steps):
    t = torch.tensor(float(step))
    rising = peak * t / max(warmup_steps, 1)
    progress = ((t - warmup_steps) / max(total_steps - warmup_steps, 1)).clamp(0, 1)
    falling = floor + (peak - floor) * (1 + torch.cos(torch.pi * progress)) / 2
    rate = torch.where(t < warmup_steps, rising, falling)
    return torch.where(t >= total_steps, torch.tensor(float(floor)), rate).item()


@variant
def mean_and_amplitude(step, peak, floor, warmup_steps, total_steps):
    mean, amplitude = (peak + floor) / 2, (peak - floor) / 2
    steps_left = total_steps - step
    if steps_left <= 0:
        return floor
    if step >= warmup_steps:
        return mean - amplitude * math.cos(math.pi * steps_left / (total_steps - warmup_steps))
    return peak * (1 - (warmup_steps - step) / warmup_steps)
