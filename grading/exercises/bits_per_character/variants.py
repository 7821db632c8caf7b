"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import math

import numpy as np
import torch

from attentif_grading.exercises import variant


@variant
def bits_a_token_first(mean_losses, token_counts, n_characters):
    n_tokens = sum(token_counts)
    if len(mean_losses) != len(token_counts) or n_tokens == 0 or n_characters <= 0:
        raise ValueError("losses, counts and characters do not match")
    mean = sum(loss * count / n_tokens for loss, count in zip(mean_losses, token_counts, strict=True))
    return mean * math.log2(math.e) * (n_tokens / n_characters)


@variant
def scalar_product(mean_losses, token_counts, n_characters):
    losses, counts = np.array(mean_losses, dtype=float), np.array(token_counts, dtype=float)
    if losses.shape != counts.shape or counts.sum() < 1:
        raise ValueError("one count a loss")
    if n_characters < 1:
        raise ValueError("no character")
    return float(losses @ counts / np.log(2) / n_characters)


@variant
def batch_by_batch(mean_losses, token_counts, n_characters):
    if n_characters < 1:
        raise ValueError(f"{n_characters} characters")
    bits, seen = 0.0, False
    for loss, count in zip(mean_losses, token_counts, strict=True):
        bits += loss / math.log(2) * count / n_characters
        seen = seen or count > 0
    if not seen:
        raise ValueError("no token")
    return bits


@variant
def by_tensors(mean_losses, token_counts, n_characters):
    losses, counts = torch.tensor(mean_losses), torch.tensor(token_counts)
    if len(losses) != len(counts) or not counts.any() or n_characters < 1:
        raise ValueError("check the arguments")
    return ((losses * counts).sum() / (torch.log(torch.tensor(2.0)) * n_characters)).item()
