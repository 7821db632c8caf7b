"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import math

import numpy as np
import torch

from attentif.errors import InputError
from attentif_grading.exercises import variant


@variant
def slices_in_float32(length, d_model):
    if d_model % 2 != 0:
        raise ValueError(f"d_model must be even, got {d_model}")
    encoding = torch.zeros(length, d_model)
    position = torch.arange(0, length).unsqueeze(1)
    inverse = torch.exp(torch.arange(0, d_model, 2) * -(math.log(10000.0) / d_model))
    encoding[:, 0::2] = torch.sin(position * inverse)
    encoding[:, 1::2] = torch.cos(position * inverse)
    return encoding


@variant
def nested_loops(length, d_model):
    if d_model & 1:
        raise InputError(expected="an even d_model", got=f"{d_model}", remedy="choose another")
    rows = [
        [
            math.sin(p / 10000 ** (j / d_model)) if j % 2 == 0 else math.cos(p / 10000 ** ((j - 1) / d_model))
            for j in range(d_model)
        ]
        for p in range(length)
    ]
    return torch.tensor(rows, dtype=torch.float32)


@variant
def numpy_by_column(length, d_model):
    assert d_model % 2 == 0, "d_model is odd"
    column = np.arange(d_model)[None, :]
    angles = np.arange(length)[:, None] / np.power(10000, 2 * (column // 2) / np.float64(d_model))
    return torch.from_numpy(np.where(column % 2 == 0, np.sin(angles), np.cos(angles)).astype(np.float32))


@variant
def shifted_sines(length, d_model):
    half, rest = divmod(d_model, 2)
    if rest:
        raise ValueError(f"d_model={d_model} leaves a sine without its cosine")
    inverse = torch.logspace(0, -4 * (half - 1) / half, half).repeat_interleave(2)
    quarter = torch.tensor([0.0, math.pi / 2]).repeat(half)
    return torch.sin(torch.outer(torch.arange(length), inverse) + quarter)


@variant
def turning_complex_numbers(length, d_model):
    if d_model % 2:
        raise ValueError("d_model")
    # One position further is one multiplication more.
    step = torch.exp(1j * 10000.0 ** (-torch.arange(0, d_model, 2) / d_model))
    turned = torch.cumprod(step.expand(length, -1), dim=0) / step
    return torch.view_as_real(turned).flip(-1).flatten(1)
