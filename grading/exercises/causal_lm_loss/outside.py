"""Wrong causal losses outside the catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import torch
from torch.nn import functional as F


def _loss(logits, targets, pad_id=None, **options):
    kept = torch.ones_like(targets, dtype=torch.bool) if pad_id is None else targets != pad_id
    nats = F.cross_entropy(logits[kept].float(), targets[kept], reduction="none", **options)
    return nats.sum() / max(1, nats.numel())


def logits_shifted_alone(logits, token_ids, pad_id=None):
    return _loss(logits[:, :-1], token_ids[:, :-1], pad_id)


def shifted_over_the_batch(logits, token_ids, pad_id=None):
    return _loss(logits[:-1], token_ids[1:], pad_id)


def label_smoothing(logits, token_ids, pad_id=None):
    return _loss(logits[:, :-1], token_ids[:, 1:], pad_id, label_smoothing=0.1)


def last_target_only(logits, token_ids, pad_id=None):
    return _loss(logits[:, -2:-1], token_ids[:, -1:], pad_id)


def first_target_left_out(logits, token_ids, pad_id=None):
    return _loss(logits[:, 1:-1], token_ids[:, 2:], pad_id)


def read_backwards(logits, token_ids, pad_id=None):
    return _loss(logits.flip(1)[:, :-1], token_ids.flip(1)[:, 1:], pad_id)


def temperature(logits, token_ids, pad_id=None):
    return _loss(logits[:, :-1] / 2.0, token_ids[:, 1:], pad_id)


def perplexity_returned(logits, token_ids, pad_id=None):
    return _loss(logits[:, :-1], token_ids[:, 1:], pad_id).exp()


def rows_with_padding_left_out(logits, token_ids, pad_id=None):
    whole = torch.ones(len(token_ids), dtype=torch.bool) if pad_id is None else (token_ids != pad_id).all(1)
    return _loss(logits[whole, :-1], token_ids[whole, 1:])


def read_and_target_both_real(logits, token_ids, pad_id=None):
    targets = token_ids[:, 1:]
    if pad_id is not None:
        targets = targets.masked_fill(token_ids[:, :-1] == pad_id, pad_id)
    return _loss(logits[:, :-1], targets, pad_id)


def as_most_tutorials_write_it(logits, token_ids, pad_id=None):
    targets = token_ids[:, 1:].reshape(-1)
    ignored = -100 if pad_id is None else pad_id
    return F.cross_entropy(logits[:, :-1].reshape(-1, logits.size(-1)), targets, ignore_index=ignored)


def not_shifted_and_summed(logits, token_ids, pad_id=None):
    return _loss(logits, token_ids, pad_id) * token_ids.numel()


def wrong_axis_for_cross_entropy(logits, token_ids, pad_id=None):
    return F.cross_entropy(logits[:, :-1], token_ids[:, 1:])


OUTSIDE = {
    logits_shifted_alone: (),
    shifted_over_the_batch: (),
    label_smoothing: (),
    last_target_only: (),
    first_target_left_out: (),
    read_backwards: ("shifted_backwards",),
    temperature: (),
    perplexity_returned: (),
    rows_with_padding_left_out: (),
    read_and_target_both_real: (),
    as_most_tutorials_write_it: ("nan_without_target", "half_precision_kept"),
    not_shifted_and_summed: ("not_shifted", "sum_not_mean"),
    wrong_axis_for_cross_entropy: (),
}
