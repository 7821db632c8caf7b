"""Wrong answers to MaskedLMHead outside its catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import torch
from torch.nn import functional as F


def _vectors(self, hidden):
    """What is compared with the table."""
    return self.norm(F.gelu(self.transform(hidden)))


def _decoded(self, vectors):
    return F.linear(vectors, self.token_embedding.weight, self.bias)


def silu(self, hidden):
    return _decoded(self, self.norm(F.silu(self.transform(hidden))))


def leaky_relu(self, hidden):
    return _decoded(self, self.norm(F.leaky_relu(self.transform(hidden))))


def residual(self, hidden):
    return _decoded(self, hidden + _vectors(self, hidden))


def residual_before_the_norm(self, hidden):
    return _decoded(self, self.norm(hidden + F.gelu(self.transform(hidden))))


def scaled_by_the_width(self, hidden):
    return _vectors(self, hidden) @ self.token_embedding.weight.T / hidden.size(-1) ** 0.5 + self.bias


def cosines(self, hidden):
    table = F.normalize(self.token_embedding.weight, dim=-1)
    return F.normalize(_vectors(self, hidden), dim=-1) @ table.T + self.bias


def distances(self, hidden):
    differences = _vectors(self, hidden).unsqueeze(-2) - self.token_embedding.weight
    return self.bias - differences.square().sum(-1)


def transformed_twice(self, hidden):
    return _decoded(self, self.norm(F.gelu(self.transform(F.gelu(self.transform(hidden))))))


def transform_transposed(self, hidden):
    inner = hidden @ self.transform.weight + self.transform.bias
    return _decoded(self, self.norm(F.gelu(inner)))


def transform_without_bias(self, hidden):
    return _decoded(self, self.norm(F.gelu(hidden @ self.transform.weight.T)))


def bias_subtracted(self, hidden):
    return _vectors(self, hidden) @ self.token_embedding.weight.T - self.bias


def bias_twice(self, hidden):
    return _decoded(self, _vectors(self, hidden)) + self.bias


def transform_frozen(self, hidden):
    with torch.no_grad():
        inner = self.transform(hidden)
    return _decoded(self, self.norm(F.gelu(inner)))


def table_looked_up(self, hidden):
    return self.token_embedding(_vectors(self, hidden).long())


def batches_only(self, hidden):
    batch, length, _ = hidden.shape
    return _decoded(self, _vectors(self, hidden)).view(batch, length, -1)


def softmax_over_the_positions(self, hidden):
    return _decoded(self, _vectors(self, hidden)).softmax(0)


def vectors_returned(self, hidden):
    return _vectors(self, hidden)


def relu_without_bias(self, hidden):
    return self.norm(F.relu(self.transform(hidden))) @ self.token_embedding.weight.T


def bias_alone(self, hidden):
    return self.bias.expand(*hidden.shape[:-1], -1)


def sum_of_the_inputs(self, hidden):
    return hidden.sum(-1, keepdim=True) + self.bias


OUTSIDE = {
    silu: (),
    leaky_relu: (),
    residual: (),
    residual_before_the_norm: (),
    scaled_by_the_width: (),
    cosines: (),
    distances: (),
    transformed_twice: (),
    transform_transposed: (),
    transform_without_bias: (),
    bias_subtracted: (),
    bias_twice: (),
    transform_frozen: ("input_detached",),
    table_looked_up: (),
    batches_only: (),
    softmax_over_the_positions: (),
    vectors_returned: (),
    relu_without_bias: ("relu", "bias_forgotten"),
    bias_alone: (),
    # True of it: nothing but the input and the bias is used.
    sum_of_the_inputs: ("decoder_of_its_own",),
}
