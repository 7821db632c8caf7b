"""Wrong causal masks outside the catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import math

import torch


def causal_random(length):
    return torch.rand(length, length) < 0.5


def causal_flipped(length):
    return torch.ones(length, length, dtype=torch.bool).tril().flip(1)


def causal_too_long(length):
    return torch.ones(length + 1, length + 1, dtype=torch.bool).tril()


def causal_nested_list(length):
    return [[s <= t for s in range(length)] for t in range(length)]


def causal_additive_transposed(length):
    return torch.full((length, length), -math.inf).tril(-1)


def causal_error(length):
    return torch.ones(length).tril()


OUTSIDE = {
    causal_random: (),
    causal_flipped: (),
    causal_too_long: (),
    causal_nested_list: (),
    causal_additive_transposed: ("additive_float",),
    causal_error: (),
}
