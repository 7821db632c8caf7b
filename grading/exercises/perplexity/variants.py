"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import math

import numpy as np
import torch

from attentif_grading.exercises import variant


@variant
def geometric_mean(mean_losses, token_counts):
    pairs = list(zip(mean_losses, token_counts, strict=True))
    n_tokens = sum(count for _, count in pairs)
    if n_tokens == 0:
        raise ValueError("at least one token is needed")
    product = 1.0
    for loss, count in pairs:
        product *= math.exp(loss * count / n_tokens)
    return product


@variant
def power_of_two(mean_losses, token_counts):
    if len(mean_losses) != len(token_counts) or not any(token_counts):
        raise ValueError("losses and counts do not match")
    bits = [loss / math.log(2) for loss in mean_losses]
    return 2.0 ** (sum(map(lambda bit, count: bit * count, bits, token_counts)) / sum(token_counts))


@variant
def weighted_average(mean_losses, token_counts):
    losses, counts = np.asarray(mean_losses, dtype=float), np.asarray(token_counts, dtype=float)
    if losses.shape != counts.shape or counts.sum() == 0.0:
        raise ValueError(f"{losses.shape} losses, {counts.shape} counts")
    return float(np.exp(np.average(losses, weights=counts)))


@variant
def running_mean(mean_losses, token_counts):
    if len(mean_losses) != len(token_counts):
        raise ValueError("lengths differ")
    mean, seen = 0.0, 0
    for loss, count in zip(mean_losses, token_counts, strict=True):
        seen += count
        if count:
            mean += (loss - mean) * count / seen
    if seen == 0:
        raise ValueError("no token")
    return math.exp(mean)


@variant
def by_tensors(mean_losses, token_counts):
    losses, counts = torch.tensor(mean_losses), torch.tensor(token_counts)
    if losses.numel() != counts.numel() or counts.sum() < 1:
        raise ValueError("check the two lists")
    return torch.exp((losses * counts).sum() / counts.sum()).item()
