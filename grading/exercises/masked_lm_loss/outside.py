"""Wrong masked losses outside the catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import torch
from torch.nn import functional as F


def _selected(logits, labels):
    kept = labels != -100
    return logits[kept].float(), labels[kept]


def _mean(nats):
    return nats.sum() / max(1, nats.numel())


def error_rate(logits, labels):
    chosen, targets = _selected(logits, labels)
    return _mean((chosen.argmax(-1) != targets).float())


def squared_error(logits, labels):
    chosen, targets = _selected(logits, labels)
    return _mean((chosen.softmax(-1) - F.one_hot(targets, logits.size(-1))).square().sum(-1))


def label_smoothing(logits, labels):
    chosen, targets = _selected(logits, labels)
    return _mean(F.cross_entropy(chosen, targets, label_smoothing=0.1, reduction="none"))


def perplexity_returned(logits, labels):
    chosen, targets = _selected(logits, labels)
    return _mean(F.cross_entropy(chosen, targets, reduction="none")).exp()


def focal(logits, labels):
    chosen, targets = _selected(logits, labels)
    nats = F.cross_entropy(chosen, targets, reduction="none")
    return _mean((1 - torch.exp(-nats)) ** 2 * nats)


def median(logits, labels):
    chosen, targets = _selected(logits, labels)
    nats = F.cross_entropy(chosen, targets, reduction="none")
    return nats.median() if len(nats) else nats.sum()


def first_row_only(logits, labels):
    if labels.dim() > 1:
        logits, labels = logits[:1], labels[:1]
    chosen, targets = _selected(logits, labels)
    return _mean(F.cross_entropy(chosen, targets, reduction="none"))


def divided_by_the_vocabulary_too(logits, labels):
    chosen, targets = _selected(logits, labels)
    terms = F.kl_div(chosen.log_softmax(-1), F.one_hot(targets, logits.size(-1)).float(), reduction="none")
    return _mean(terms)


def next_position(logits, labels):
    if labels.dim() < 2 or labels.size(1) < 2:
        chosen, targets = _selected(logits, labels)
    else:
        chosen, targets = _selected(logits[:, :-1], labels[:, 1:])
    return _mean(F.cross_entropy(chosen, targets, reduction="none"))


def one_number_in_a_row(logits, labels):
    chosen, targets = _selected(logits, labels)
    return _mean(F.cross_entropy(chosen, targets, reduction="none")).reshape(1)


def as_most_tutorials_write_it(logits, labels):
    return F.cross_entropy(logits.view(-1, logits.size(-1)), labels.view(-1))


def nothing_selected_is_one(logits, labels):
    if bool((labels == -100).all()):
        return 0.0 * logits.float().sum() + 1.0
    return F.cross_entropy(logits.float().flatten(0, -2), labels.flatten())


def bits_summed(logits, labels):
    chosen, targets = _selected(logits, labels)
    return F.cross_entropy(chosen, targets, reduction="sum") / 0.6931


def unknown_name(logits, labels):
    return cross_entropy(logits, labels)  # noqa: F821


OUTSIDE = {
    error_rate: (),
    squared_error: (),
    label_smoothing: (),
    perplexity_returned: (),
    focal: (),
    median: (),
    first_row_only: (),
    divided_by_the_vocabulary_too: (),
    next_position: (),
    one_number_in_a_row: (),
    as_most_tutorials_write_it: ("nan_when_nothing_selected", "half_precision_kept"),
    nothing_selected_is_one: (),
    bits_summed: ("base_2", "sum_not_mean"),
    unknown_name: (),
}
