"""Wrong feed-forward networks outside the catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import torch
from torch.nn import functional as F


def tied_layers(self, x):
    hidden = self.dropout(self.activation(self.expand(x)))
    return hidden @ self.expand.weight + self.contract.bias


def without_biases(self, x):
    hidden = self.dropout(self.activation(x @ self.expand.weight.T))
    return hidden @ self.contract.weight.T


def softmax_for_activation(self, x):
    return self.contract(self.dropout(self.expand(x).softmax(-1)))


def sigmoid_for_activation(self, x):
    return self.contract(self.dropout(self.expand(x).sigmoid()))


def leaky_relu(self, x):
    return self.contract(self.dropout(F.leaky_relu(self.expand(x))))


def second_layer_detached(self, x):
    hidden = self.dropout(self.activation(self.expand(x)))
    return hidden @ self.contract.weight.detach().T + self.contract.bias


def first_layer_without_gradient(self, x):
    with torch.no_grad():
        hidden = self.activation(self.expand(x))
    return self.contract(self.dropout(hidden))


def normalised_hidden(self, x):
    hidden = self.activation(self.expand(x))
    return self.contract(self.dropout(F.layer_norm(hidden, hidden.shape[-1:])))


def dropout_of_whole_positions(self, x):
    hidden = self.activation(self.expand(x))
    kept = F.dropout(torch.ones_like(hidden[..., :1]), self.dropout.p, self.training)
    return self.contract(hidden * kept)


def dropout_without_rescaling(self, x):
    hidden = self.activation(self.expand(x))
    kept = torch.rand_like(hidden) >= (self.dropout.p if self.training else 0.0)
    return self.contract(hidden * kept)


def dropout_twice(self, x):
    hidden = self.dropout(self.activation(self.expand(x)))
    return self.dropout(self.contract(hidden))


def layers_exchanged(self, x):
    return self.expand(self.dropout(self.activation(self.contract(x))))


def hidden_returned(self, x):
    return self.dropout(self.activation(self.expand(x)))


def residual_and_no_activation(self, x):
    return x + self.contract(self.dropout(self.expand(x)))


def mean_over_positions(self, x):
    hidden = self.dropout(self.activation(self.expand(x)))
    return self.contract(hidden.mean(-2, keepdim=True).expand_as(hidden))


OUTSIDE = {
    tied_layers: (),
    without_biases: (),
    softmax_for_activation: (),
    sigmoid_for_activation: (),
    leaky_relu: (),
    second_layer_detached: (),
    first_layer_without_gradient: (),
    normalised_hidden: (),
    dropout_of_whole_positions: (),
    dropout_without_rescaling: (),
    dropout_twice: (),
    layers_exchanged: (),
    hidden_returned: (),
    residual_and_no_activation: (),
    mean_over_positions: (),
}
