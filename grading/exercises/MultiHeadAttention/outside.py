"""Wrong attentions of several heads outside the catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import torch
from torch.nn import functional as F


def _split(self, x):
    return x.unflatten(-1, (self.n_heads, -1)).transpose(1, 2)


def _multi_head(self, query, key, value, mask, p):
    key = query if key is None else key
    value = key if value is None else value
    return self.attend(
        _split(self, self.query_projection(query)),
        _split(self, self.key_projection(key)),
        _split(self, self.value_projection(value)),
        mask,
        p,
    )


def heads_summed(self, query, key=None, value=None, mask=None):
    output, weights = _multi_head(self, query, key, value, mask, self.dropout * self.training)
    merged = output.sum(1).repeat(1, 1, self.n_heads)
    return self.output_projection(merged), weights


def heads_reversed(self, query, key=None, value=None, mask=None):
    output, weights = _multi_head(self, query, key, value, mask, self.dropout * self.training)
    return self.output_projection(output.flip(1).transpose(1, 2).flatten(2)), weights


def output_projection_twice(self, query, key=None, value=None, mask=None):
    output, weights = _multi_head(self, query, key, value, mask, self.dropout * self.training)
    return self.output_projection(self.output_projection(output.transpose(1, 2).flatten(2))), weights


def projection_without_bias(self, query, key=None, value=None, mask=None):
    output, weights = _multi_head(self, query, key, value, mask, self.dropout * self.training)
    return output.transpose(1, 2).flatten(2) @ self.output_projection.weight.T, weights


def projection_not_transposed(self, query, key=None, value=None, mask=None):
    output, weights = _multi_head(self, query, key, value, mask, self.dropout * self.training)
    return output.transpose(1, 2).flatten(2) @ self.output_projection.weight, weights


def dropout_on_the_output(self, query, key=None, value=None, mask=None):
    output, weights = _multi_head(self, query, key, value, mask, self.dropout * self.training)
    output = self.output_projection(output.transpose(1, 2).flatten(2))
    return F.dropout(output, self.dropout, self.training), weights


def mask_transposed(self, query, key=None, value=None, mask=None):
    mask = None if mask is None or mask.size(-1) != mask.size(-2) else mask.mT
    output, weights = _multi_head(self, query, key, value, mask, self.dropout * self.training)
    return self.output_projection(output.transpose(1, 2).flatten(2)), weights


def no_projection_and_mask_lost(self, query, key=None, value=None, mask=None):
    output, weights = _multi_head(self, query, key, value, None, self.dropout * self.training)
    return output.transpose(1, 2).flatten(2), weights


def query_returned(self, query, key=None, value=None, mask=None):
    return query, torch.ones(query.size(0), self.n_heads, query.size(1), query.size(1))


def name_error(self, query, key=None, value=None, mask=None):
    return undefined_name(query)  # noqa: F821


def wrong_matmul(self, query, key=None, value=None, mask=None):
    return query @ query, query


def weights_of_the_first_head(self, query, key=None, value=None, mask=None):
    output, weights = _multi_head(self, query, key, value, mask, self.dropout * self.training)
    return self.output_projection(output.transpose(1, 2).flatten(2)), weights[:, 0]


def lengths_exchanged(self, query, key=None, value=None, mask=None):
    output, weights = _multi_head(self, query, key, value, mask, self.dropout * self.training)
    length = query.size(1) if key is None else key.size(1)
    return self.output_projection(output.transpose(1, 2).flatten(2)[:, :length]), weights[..., :length, :]


OUTSIDE = {
    heads_summed: (),
    heads_reversed: (),
    output_projection_twice: (),
    projection_without_bias: (),
    projection_not_transposed: (),
    dropout_on_the_output: (),
    mask_transposed: ("mask_not_passed",),
    no_projection_and_mask_lost: ("no_output_projection", "mask_not_passed"),
    query_returned: (),
    name_error: (),
    wrong_matmul: (),
    weights_of_the_first_head: (),
    lengths_exchanged: (),
}
