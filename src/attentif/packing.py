"""Rows of uneven lengths put end to end, so that nothing is computed on padding.

A packing says where each token of a padded batch (B, T) stands in fewer, fuller rows (R, W). What stands in one row
there does not see each other unless it came from the same row here: visibility is block-diagonal.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

EMPTY = -1  # a slot where nothing stands


def first_fit(lengths: Sequence[int], width: int) -> list[list[int]]:
    """Which rows share a packed row: the longest first, each put where it first fits.

    Args:
        lengths: of the rows, each at most width.
        width: W, how much a packed row holds.

    Returns:
        for each packed row the indices of the rows in it. At most 11/9 of the fewest possible, and one more.

    Source: first-fit decreasing, Johnson 1973, "Near-optimal bin packing algorithms"; packing for BERT: Krell et al.
        2021, "Efficient Sequence Packing without Cross-contamination".

    >>> first_fit([3, 9, 4, 6], width=10)
    [[1], [3, 2], [0]]
    """
    packed: list[list[int]] = []
    room: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        place = next((row for row, left in enumerate(room) if left >= lengths[index]), len(room))
        if place == len(room):
            packed.append([])
            room.append(width)
        packed[place].append(index)
        room[place] -= lengths[index]
    return packed


def packed_slots(lengths: Sequence[int], longest: int, width: int | None = None) -> Tensor:
    """The slots of a padded batch in packed rows.

    Args:
        lengths: of the B rows, padding on the right not counted.
        longest: T, the width of the padded batch.
        width: W; the longest length when None.

    Returns:
        slots, int64 (R, W): slots[r, w] = b · T + t where token t of row b stands, −1 where nothing stands.

    >>> packed_slots([1, 3, 2], longest=3)
    tensor([[3, 4, 5],
            [6, 7, 0]])
    """
    width = width or max(1, *lengths)
    rows = first_fit(lengths, width)
    slots = torch.full((len(rows), width), EMPTY, dtype=torch.long)
    for row, members in enumerate(rows):
        filled = torch.cat([index * longest + torch.arange(lengths[index]) for index in members])
        slots[row, : len(filled)] = filled
    return slots


def repacked(slots: Tensor, rows: Sequence[int], longest: int) -> Tensor:
    """The slots of some rows of a packed batch, in an order of their own.

    Args:
        slots: (R, W), see `packed_slots`.
        rows: which ones are kept.
        longest: T, of the padded batch.

    >>> repacked(packed_slots([1, 3, 2], longest=3), [2, 0], longest=3)
    tensor([[0, 1, 3]])
    """
    filled = slots[slots != EMPTY]
    lengths = torch.bincount(filled // longest, minlength=max(rows) + 1)
    return packed_slots(lengths[list(rows)].tolist(), longest, slots.size(1))


def pack(x: Tensor, slots: Tensor) -> Tensor:
    """Move vectors (B, T, D) to their slots: (R, W, D); what comes into an empty slot means nothing."""
    return x.flatten(0, 1)[slots.clamp(min=0)]


def unpack(packed: Tensor, slots: Tensor, n_rows: int, longest: int) -> Tensor:
    """Move vectors (R, W, D) back to their rows: (B, T, D), zeros at padding.

    Args:
        packed: (R, W, D).
        slots: (R, W), see `packed_slots`.
        n_rows, longest: B and T.
    """
    places = torch.arange(slots.numel(), device=slots.device)
    # Where each token went; what went nowhere takes the row of zeros behind the last place. No number is read on
    # the way, so the CPU does not wait for the GPU.
    origin = places.new_full((n_rows * longest + 1,), slots.numel())
    origin[torch.where(slots == EMPTY, n_rows * longest, slots).flatten()] = places
    x = F.pad(packed.flatten(0, 1), (0, 0, 0, 1))[origin[:-1]]  # (B T, D)
    return x.unflatten(0, (n_rows, longest))


def same_row(slots: Tensor, longest: int) -> Tensor:
    """Who sees whom in packed rows: tokens of one row only.

    Args:
        slots: (R, W), see `packed_slots`.
        longest: T.

    Returns:
        bool (R, 1, W, W), True where query and key came from one row. Empty slots see each other: a query that
        sees nothing is a trap for attention functions.
    """
    row = slots.div(longest, rounding_mode="floor")  # (R, W), −1 where nothing stands
    return (row[:, :, None] == row[:, None, :])[:, None]
