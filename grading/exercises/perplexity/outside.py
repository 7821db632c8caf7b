"""Wrong perplexities outside the catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import math
import statistics


def _mean(mean_losses, token_counts):
    if len(mean_losses) != len(token_counts) or not any(token_counts):
        raise ValueError("losses and counts do not match")
    pairs = zip(mean_losses, token_counts, strict=True)
    return sum(loss * count for loss, count in pairs) / sum(token_counts)


def median(mean_losses, token_counts):
    return math.exp(statistics.median(mean_losses))


def worst_batch(mean_losses, token_counts):
    return math.exp(max(mean_losses))


def last_batch_dropped(mean_losses, token_counts):
    if len(mean_losses) < 2:
        return math.exp(_mean(mean_losses, token_counts))
    return math.exp(_mean(mean_losses[:-1], token_counts[:-1]))


def weighted_by_roots(mean_losses, token_counts):
    return math.exp(_mean(mean_losses, [count**0.5 for count in token_counts]))


def rounded(mean_losses, token_counts):
    return float(round(math.exp(_mean(mean_losses, token_counts))))


def minus_one(mean_losses, token_counts):
    return math.expm1(_mean(mean_losses, token_counts))


def as_text(mean_losses, token_counts):
    return f"{math.exp(_mean(mean_losses, token_counts)):.2f}"


def one_a_batch(mean_losses, token_counts):
    return [math.exp(loss) for loss in mean_losses]


def lists_added(mean_losses, token_counts):
    return math.exp(mean_losses @ token_counts)


OUTSIDE = {
    median: (),
    worst_batch: (),
    last_batch_dropped: (),
    weighted_by_roots: (),
    rounded: (),
    minus_one: (),
    as_text: (),
    one_a_batch: (),
    lists_added: (),
}
