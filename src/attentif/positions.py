"""Positions: attention alone cannot tell word orders apart, so each position gets a signature."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from attentif.errors import InputError


def sinusoidal_encoding(length: int, d_model: int) -> Tensor:
    """Give each position sines and cosines of geometrically growing wavelengths.

    PE(pos, 2i) = sin(pos / 10000^(2i/D)),  PE(pos, 2i+1) = cos(pos / 10000^(2i/D)).

    Args:
        length: T, the number of positions, counted from 0.
        d_model: D, even.

    Returns:
        float32 (T, D), every value within [−1, 1].

    Raises:
        InputError: d_model is odd.

    Source: Vaswani et al. 2017, "Attention Is All You Need", §3.5.

    >>> sinusoidal_encoding(2, 4)[0].tolist()
    [0.0, 1.0, 0.0, 1.0]
    """
    if d_model % 2:
        raise InputError(
            expected="an even d_model (a sine and a cosine per frequency)",
            got=f"d_model={d_model}",
            remedy="add or remove one dimension",
        )
    position = torch.arange(length, dtype=torch.float64)[:, None]  # (T, 1)
    even = torch.arange(0, d_model, 2, dtype=torch.float64)  # 2i: (D/2,)
    angle = position * torch.exp(-math.log(10000.0) * even / d_model)  # (T, D/2)
    encoding = torch.stack([angle.sin(), angle.cos()], dim=-1)  # (T, D/2, 2)
    return encoding.flatten(1).float()  # (T, D)
