"""Wrong sinusoidal encodings outside the catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import math

import numpy as np
import torch


def _alternating(length, d_model, frequency, position=None):
    """Sines and cosines in turn, with frequency(i) for pair i."""
    if d_model % 2:
        raise ValueError(f"d_model={d_model} is odd")
    position = torch.arange(length, dtype=torch.float64) if position is None else position
    frequencies = torch.tensor([frequency(i) for i in range(d_model // 2)], dtype=torch.float64)
    angle = torch.outer(position.double(), frequencies)
    return torch.stack([angle.sin(), angle.cos()], -1).flatten(1).float()


def _right(length, d_model):
    return _alternating(length, d_model, lambda i: 10000 ** (-2 * i / d_model))


def logarithm_to_base_ten(length, d_model):
    return _alternating(length, d_model, lambda i: math.exp(-math.log10(10000.0) * 2 * i / d_model))


def one_frequency(length, d_model):
    return _alternating(length, d_model, lambda i: 1.0)


def positions_as_shares(length, d_model):
    share = torch.arange(length) / length
    return _alternating(length, d_model, lambda i: 10000 ** (-2 * i / d_model), share)


def pairs_from_one(length, d_model):
    return _alternating(length, d_model, lambda i: 10000 ** (-2 * (i + 1) / d_model))


def whole_turns(length, d_model):
    return _alternating(length, d_model, lambda i: 2 * math.pi * 10000 ** (-2 * i / d_model))


def degrees(length, d_model):
    return _alternating(length, d_model, lambda i: math.pi / 180 * 10000 ** (-2 * i / d_model))


def frequencies_backwards(length, d_model):
    return _alternating(length, d_model, lambda i: 10000 ** (-2 * (d_model // 2 - 1 - i) / d_model))


def times_the_root(length, d_model):
    return _right(length, d_model) * math.sqrt(d_model)


def centred_positions(length, d_model):
    middle = torch.arange(length) - length // 2
    return _alternating(length, d_model, lambda i: 10000 ** (-2 * i / d_model), middle)


def transposed(length, d_model):
    return _right(length, d_model).T


def only_the_last_position(length, d_model):
    return _right(length, d_model)[-1]


def halves_in_float64(length, d_model):
    right = _right(length, d_model).double()
    return torch.cat([right[:, 0::2], right[:, 1::2]], 1)


def in_half_precision(length, d_model):
    return _right(length, d_model).half()


def a_numpy_array_of_complex_numbers(length, d_model):
    step = 10000.0 ** (-np.arange(0, d_model, 2) / d_model)
    return np.exp(1j * np.outer(np.arange(length), step))


def table_too_short(length, d_model):
    table = _right(50, d_model)
    return table[torch.arange(length) % 50]


def shape_error(length, d_model):
    return torch.arange(length) / 10000 ** (torch.arange(d_model) / d_model)


OUTSIDE = {
    logarithm_to_base_ten: (),
    one_frequency: (),
    positions_as_shares: (),
    pairs_from_one: (),
    whole_turns: (),
    degrees: (),
    frequencies_backwards: (),
    times_the_root: (),
    centred_positions: (),
    transposed: (),
    only_the_last_position: (),
    halves_in_float64: ("halves", "float64_result"),
    in_half_precision: (),
    a_numpy_array_of_complex_numbers: ("odd_not_refused",),
    table_too_short: (),
    shape_error: ("odd_not_refused",),
}
