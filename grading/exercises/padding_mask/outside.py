"""Wrong padding masks outside the catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import torch


def after_the_first_padding(token_ids, pad_id):
    return ((token_ids == pad_id).cumsum(1) == 0)[:, None, None, :]


def smaller_ids_only(token_ids, pad_id):
    return (token_ids < pad_id)[:, None, None, :]


def the_first_row_for_all(token_ids, pad_id):
    return (token_ids[:1] != pad_id)[:, None, None, :].expand(len(token_ids), 1, 1, -1)


def backwards(token_ids, pad_id):
    return (token_ids != pad_id).flip(1)[:, None, None, :]


def five_axes(token_ids, pad_id):
    return (token_ids != pad_id)[:, None, None, None, :]


def ids_of_what_is_visible(token_ids, pad_id):
    return token_ids.masked_fill(token_ids == pad_id, 0)[:, None, None, :]


def inverted_numbers(token_ids, pad_id):
    return (token_ids == pad_id).float()[:, None, None, :]


def causal_too(token_ids, pad_id):
    length = token_ids.size(1)
    return (token_ids != pad_id)[:, None, None, :] & torch.ones(length, length, dtype=torch.bool).tril()


def a_list(token_ids, pad_id):
    return [[[[token != pad_id for token in row]]] for row in token_ids.tolist()]


def name_error(token_ids, pad_id):
    return (input_ids != pad_id)[:, None, None, :]  # noqa: F821


OUTSIDE = {
    after_the_first_padding: (),
    smaller_ids_only: (),
    the_first_row_for_all: (),
    backwards: (),
    five_axes: (),
    ids_of_what_is_visible: ("numbers",),
    inverted_numbers: ("inverted", "numbers"),
    causal_too: (),
    a_list: (),
    name_error: (),
}
