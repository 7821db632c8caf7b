"""Wrong answers to NextSentenceHead outside its catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import torch
from torch.nn import functional as F


def second_position(self, hidden):
    place = min(1, hidden.size(1) - 1)
    return self.classifier(torch.tanh(self.pooler(hidden[:, place])))


def sum_pooling(self, hidden):
    return self.classifier(torch.tanh(self.pooler(hidden.sum(dim=1))))


def first_and_last(self, hidden):
    return self.classifier(torch.tanh(self.pooler((hidden[:, 0] + hidden[:, -1]) / 2)))


def first_dimension(self, hidden):
    return self.classifier(torch.tanh(self.pooler(hidden[..., :1].expand_as(hidden)[:, 0])))


def mean_after_the_pooler(self, hidden):
    return self.classifier(torch.tanh(self.pooler(hidden)).mean(1))


def pooled_twice(self, hidden):
    return self.classifier(torch.tanh(self.pooler(torch.tanh(self.pooler(hidden[:, 0])))))


def two_activations(self, hidden):
    return torch.tanh(self.classifier(torch.tanh(self.pooler(hidden[:, 0]))))


def hard_tanh(self, hidden):
    return self.classifier(F.hardtanh(self.pooler(hidden[:, 0])))


def layer_normalised(self, hidden):
    pooled = torch.tanh(self.pooler(hidden[:, 0]))
    return self.classifier(F.layer_norm(pooled, pooled.shape[-1:]))


def residual(self, hidden):
    first = hidden[:, 0]
    return self.classifier(first + torch.tanh(self.pooler(first)))


def without_biases(self, hidden):
    return torch.tanh(hidden[:, 0] @ self.pooler.weight.T) @ self.classifier.weight.T


def pooler_transposed(self, hidden):
    pooled = torch.tanh(hidden[:, 0] @ self.pooler.weight + self.pooler.bias)
    return self.classifier(pooled)


def sign_changed(self, hidden):
    return -self.classifier(torch.tanh(self.pooler(hidden[:, 0])))


def softmax_over_the_batch(self, hidden):
    return self.classifier(torch.tanh(self.pooler(hidden[:, 0]))).softmax(0)


def columns_on_the_first_axis(self, hidden):
    return self.classifier(torch.tanh(self.pooler(hidden[:, 0]))).T


def as_a_list(self, hidden):
    return self.classifier(torch.tanh(self.pooler(hidden[:, 0]))).tolist()


def in_single_precision(self, hidden):
    return self.classifier(torch.tanh(self.pooler(hidden[:, 0]))).float()


def pooler_frozen(self, hidden):
    with torch.no_grad():
        pooled = torch.tanh(self.pooler(hidden[:, 0]))
    return self.classifier(pooled)


def last_without_tanh(self, hidden):
    return self.classifier(self.pooler(hidden[:, -1]))


def exchanged_probabilities(self, hidden):
    return self.classifier(torch.tanh(self.pooler(hidden[:, 0]))).softmax(-1).flip(-1)


OUTSIDE = {
    second_position: (),
    sum_pooling: (),
    first_and_last: (),
    first_dimension: (),
    mean_after_the_pooler: ("mean_after_pooler",),
    pooled_twice: (),
    two_activations: (),
    hard_tanh: (),
    layer_normalised: (),
    residual: (),
    without_biases: (),
    pooler_transposed: (),
    sign_changed: (),
    softmax_over_the_batch: (),
    columns_on_the_first_axis: (),
    as_a_list: (),
    in_single_precision: (),
    pooler_frozen: ("gradient_cut",),
    last_without_tanh: ("last_position", "tanh_forgotten"),
    exchanged_probabilities: ("columns_exchanged", "softmax_returned"),
}
