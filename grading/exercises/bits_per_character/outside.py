"""Wrong bits per character outside the catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import math


def _bits(mean_losses, token_counts, n_characters):
    if len(mean_losses) != len(token_counts) or not any(token_counts) or n_characters < 1:
        raise ValueError("check the arguments")
    pairs = zip(mean_losses, token_counts, strict=True)
    return sum(loss * count for loss, count in pairs) / math.log(2)


def spaces_counted_too(mean_losses, token_counts, n_characters):
    return _bits(mean_losses, token_counts, n_characters) / (n_characters + sum(token_counts))


def bits_of_the_text(mean_losses, token_counts, n_characters):
    return _bits(mean_losses, token_counts, n_characters)


def bytes_not_bits(mean_losses, token_counts, n_characters):
    return _bits(mean_losses, token_counts, n_characters) / n_characters / 8


def characters_a_bit(mean_losses, token_counts, n_characters):
    return n_characters / _bits(mean_losses, token_counts, n_characters)


def last_batch_dropped(mean_losses, token_counts, n_characters):
    kept = max(1, len(mean_losses) - 1)
    return _bits(mean_losses[:kept], token_counts[:kept], n_characters) / n_characters


def logarithm_of_the_loss(mean_losses, token_counts, n_characters):
    pairs = zip(mean_losses, token_counts, strict=True)
    return sum(math.log2(1 + loss) * count for loss, count in pairs) / n_characters


def nats_a_token(mean_losses, token_counts, n_characters):
    return _bits(mean_losses, token_counts, n_characters) * math.log(2) / sum(token_counts)


def integer_division(mean_losses, token_counts, n_characters):
    return _bits(mean_losses, token_counts, n_characters) // n_characters


def as_text(mean_losses, token_counts, n_characters):
    return f"{_bits(mean_losses, token_counts, n_characters) / n_characters:.2f} bits"


OUTSIDE = {
    spaces_counted_too: (),
    bits_of_the_text: (),
    bytes_not_bits: (),
    characters_a_bit: (),
    last_batch_dropped: (),
    logarithm_of_the_loss: (),
    nats_a_token: ("nats", "per_token"),
    integer_division: (),
    as_text: (),
}
