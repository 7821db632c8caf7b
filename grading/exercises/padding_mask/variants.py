"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import numpy as np
import torch

from attentif_grading.exercises import variant


@variant
def two_new_axes(token_ids, pad_id):
    return torch.ne(token_ids, pad_id).unsqueeze(1).unsqueeze(2)


@variant
def not_equal_in_a_view(token_ids, pad_id):
    batch, length = token_ids.shape
    hidden = token_ids == pad_id
    return hidden.logical_not().view(batch, 1, 1, length)


@variant
def filled(token_ids, pad_id):
    visible = torch.ones_like(token_ids, dtype=torch.bool)
    visible[token_ids == pad_id] = False
    return visible.reshape(-1, 1, 1, token_ids.size(-1))


@variant
def nested_loops(token_ids, pad_id):
    return torch.tensor([[[[token != pad_id for token in row]]] for row in token_ids.tolist()])


@variant
def by_difference(token_ids, pad_id):
    return (token_ids - pad_id).bool().unflatten(0, (-1, 1, 1))


@variant
def numpy_where(token_ids, pad_id):
    visible = np.where(token_ids.numpy() == pad_id, False, True)
    return torch.from_numpy(np.expand_dims(visible, (1, 2)))
