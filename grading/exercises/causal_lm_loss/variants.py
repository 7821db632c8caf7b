"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from attentif_grading.exercises import variant


@variant
def slice_then_mean(logits, token_ids, pad_id=None):
    predictions = logits[:, :-1, :].float().reshape(-1, logits.size(-1))
    targets = token_ids[:, 1:].reshape(-1)
    counted = targets >= 0 if pad_id is None else targets != pad_id
    if not counted.any():
        return 0.0 * predictions.sum()
    return F.cross_entropy(predictions[counted], targets[counted])


@variant
def transposed_classes(logits, token_ids, pad_id=None):
    ignored = -100 if pad_id is None else pad_id
    scores = logits[:, :-1].double().transpose(1, 2)  # (B, V, T - 1)
    nats = F.cross_entropy(scores, token_ids[:, 1:], ignore_index=ignored, reduction="none")
    return nats.sum() / max(1, int(token_ids[:, 1:].ne(ignored).sum()))


@variant
def position_by_position(logits, token_ids, pad_id=None):
    log_probabilities = torch.log_softmax(logits.float(), dim=-1)
    total, n = 0.0 * log_probabilities.sum(), 0
    for position in range(token_ids.size(1) - 1):
        following = token_ids[:, position + 1]
        for row in range(len(token_ids)):
            if pad_id is None or following[row] != pad_id:
                total = total - log_probabilities[row, position, following[row]]
                n += 1
    return total / max(n, 1)


@variant
def shifted_labels_of_full_length(logits, token_ids, pad_id=None):
    labels = token_ids.roll(-1, dims=1)
    labels[:, -1] = -100
    if pad_id is not None:
        labels = torch.where(labels == pad_id, -100, labels)
    wide = logits.double()
    right = wide.gather(2, labels.clamp(min=0)[:, :, None])[:, :, 0]
    counted = labels != -100
    nats = torch.where(counted, wide.logsumexp(2) - right, torch.zeros_like(right))
    return nats.sum() / counted.sum().clamp(min=1)


@variant
def weights(logits, token_ids, pad_id=None):
    following = token_ids[:, 1:]
    weights = torch.ones(following.shape) if pad_id is None else (following != pad_id).float()
    one_hot = F.one_hot(following, logits.shape[-1])
    nats = -(F.log_softmax(logits[:, :-1].float(), dim=-1) * one_hot).sum(-1)
    return (nats * weights).sum() / torch.clamp(weights.sum(), min=1.0)
