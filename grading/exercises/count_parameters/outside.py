"""Wrong counts of parameters that no misconception describes."""

from __future__ import annotations


def squared_vocabulary(n_layers, d_model, vocab_size):
    return 12 * n_layers * d_model**2 + vocab_size**2


def ten_a_block(n_layers, d_model, vocab_size):
    return 10 * n_layers * d_model**2 + vocab_size * d_model


def layers_squared(n_layers, d_model, vocab_size):
    return 12 * n_layers**2 * d_model + vocab_size * d_model


def arguments_exchanged(n_layers, d_model, vocab_size):
    return 12 * d_model * n_layers**2 + vocab_size * n_layers


def attention_alone_and_no_embedding(n_layers, d_model, vocab_size):
    return 4 * n_layers * d_model**2


def one_block_in_millions(n_layers, d_model, vocab_size):
    return (12 * d_model**2 + vocab_size * d_model) / 1e6


def formula_as_text(n_layers, d_model, vocab_size):
    return f"12 * {n_layers} * {d_model}**2 + {vocab_size} * {d_model}"


def rounded_to_thousands(n_layers, d_model, vocab_size):
    return round(12 * n_layers * d_model**2 + vocab_size * d_model, -3)


def as_float(n_layers, d_model, vocab_size):
    return 12.0 * n_layers * d_model**2 + vocab_size * d_model


def infinite(n_layers, d_model, vocab_size):
    return float("inf")


OUTSIDE = {
    squared_vocabulary: (),
    ten_a_block: (),
    layers_squared: (),
    arguments_exchanged: (),
    attention_alone_and_no_embedding: ("attention_only", "embedding_forgotten"),
    one_block_in_millions: ("one_block", "in_millions"),
    formula_as_text: (),
    rounded_to_thousands: (),
    as_float: (),
    infinite: (),
}
