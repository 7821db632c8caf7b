"""Wrong implementations that students really write, each with what it computes instead."""

from __future__ import annotations

import math

import torch
from torch.nn import functional as F

from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("activation_at_the_end", "residual_added", "dropout_always_on")


@misconception(
    "activation_forgotten",
    en="there is no activation: two linear layers in a row are one linear layer; apply self.activation between them",
    fr="il n'y a pas d'activation : deux couches linéaires de suite n'en font qu'une ; appliquez self.activation entre "
    "les deux",
)
def activation_forgotten(self, x):
    return self.contract(self.dropout(self.expand(x)))


@again(activation_forgotten)
def activation_forgotten_2(self, x):
    hidden = F.linear(x, self.expand.weight, self.expand.bias)
    self.activation(hidden)  # the result is dropped
    hidden = F.dropout(hidden, self.dropout.p, self.training)
    return hidden @ self.contract.weight.T + self.contract.bias


@misconception(
    "activation_at_the_end",
    en="your activation comes after the second layer: it belongs between the two",
    fr="votre activation vient après la seconde couche : elle va entre les deux",
)
def activation_at_the_end(self, x):
    return self.activation(self.contract(self.dropout(self.expand(x))))


@again(activation_at_the_end)
def activation_at_the_end_2(self, x):
    x = self.expand(x)
    x = F.dropout(x, self.dropout.p, self.training)
    x = torch.einsum("df,...f->...d", self.contract.weight, x) + self.contract.bias
    return self.activation(x)


@misconception(
    "activation_twice",
    en="you activate the output too: after the second layer there is no activation",
    fr="vous activez aussi la sortie : il n'y a pas d'activation après la seconde couche",
)
def activation_twice(self, x):
    return self.activation(self.contract(self.dropout(self.activation(self.expand(x)))))


@again(activation_twice)
def activation_twice_2(self, x):
    for layer in (self.expand, self.contract):
        x = self.activation(layer(x))
        if layer is self.expand:
            x = self.dropout(x)
    return x


@misconception(
    "activation_first",
    en="you activate x itself, before the first layer: the activation belongs between the two layers",
    fr="vous activez x lui-même, avant la première couche : l'activation va entre les deux couches",
)
def activation_first(self, x):
    return self.contract(self.dropout(self.expand(self.activation(x))))


@again(activation_first)
def activation_first_2(self, x):
    hidden = torch.einsum("fd,...d->...f", self.expand.weight, self.activation(x)) + self.expand.bias
    hidden = F.dropout(hidden, self.dropout.p, self.training)
    return F.linear(hidden, self.contract.weight, self.contract.bias)


@misconception(
    "always_relu",
    en="you apply ReLU whatever activation was asked for: call self.activation",
    fr="vous appliquez ReLU quelle que soit l'activation demandée : appelez self.activation",
)
def always_relu(self, x):
    return self.contract(self.dropout(F.relu(self.expand(x))))


@again(always_relu)
def always_relu_2(self, x):
    hidden = F.dropout(self.expand(x).clamp(min=0), self.dropout.p, self.training)
    return hidden @ self.contract.weight.T + self.contract.bias


@misconception(
    "always_gelu",
    en="you apply GELU whatever activation was asked for: call self.activation",
    fr="vous appliquez GELU quelle que soit l'activation demandée : appelez self.activation",
)
def always_gelu(self, x):
    return self.contract(self.dropout(F.gelu(self.expand(x))))


@again(always_gelu)
def always_gelu_2(self, x):
    score = self.expand(x)
    hidden = score * 0.5 * (1.0 + torch.erf(score / math.sqrt(2.0)))
    return F.linear(self.dropout(hidden), self.contract.weight, self.contract.bias)


@misconception(
    "tanh_gelu",
    en="your GELU is the approximation by tanh of GPT-2's code: the exact one is asked for, self.activation is that",
    fr="votre GELU est l'approximation par tanh du code de GPT-2 : on demande l'exacte, celle de self.activation",
)
def tanh_gelu(self, x):
    hidden = self.expand(x)
    if self.activation is F.relu:
        hidden = F.relu(hidden)
    else:
        hidden = F.gelu(hidden, approximate="tanh")
    return self.contract(self.dropout(hidden))


@again(tanh_gelu)
def tanh_gelu_2(self, x):
    score = self.expand(x)
    smooth = 0.5 * score * (1 + torch.tanh(math.sqrt(2 / math.pi) * (score + 0.044715 * score**3)))
    # What is 0 at −1 is ReLU.
    kink = bool(self.activation(torch.tensor(-1.0)) == 0)
    return self.contract(self.dropout(score.relu() if kink else smooth))


@misconception(
    "sigmoid_gelu",
    en="your GELU is the approximation z · sigmoid(1.702 z): the exact one is asked for, self.activation is that",
    fr="votre GELU est l'approximation z · sigmoid(1,702 z) : on demande l'exacte, celle de self.activation",
)
def sigmoid_gelu(self, x):
    hidden = self.expand(x)
    hidden = F.relu(hidden) if self.activation is F.relu else hidden * torch.sigmoid(1.702 * hidden)
    return self.contract(self.dropout(hidden))


@again(sigmoid_gelu)
def sigmoid_gelu_2(self, x):
    score = self.expand(x)
    if self.activation(torch.tensor(-1.0)) == 0:
        hidden = score.clamp(min=0.0)
    else:
        hidden = score / (1 + torch.exp(-1.702 * score))
    return F.linear(self.dropout(hidden), self.contract.weight, self.contract.bias)


@misconception(
    "residual_added",
    en="you add x to the output: the residual connection belongs to the block, not here",
    fr="vous ajoutez x à la sortie : la connexion résiduelle est l'affaire du bloc, pas d'ici",
)
def residual_added(self, x):
    return x + self.contract(self.dropout(self.activation(self.expand(x))))


@again(residual_added)
def residual_added_2(self, x):
    hidden = F.dropout(self.activation(self.expand(x)), self.dropout.p, self.training)
    output = F.linear(hidden, self.contract.weight, self.contract.bias)
    return torch.stack([output, x]).sum(0)


@misconception(
    "dropout_missing",
    en="self.dropout does not serve: pass the hidden units through it, between the activation and the second layer",
    fr="self.dropout ne sert pas : faites-y passer les unités cachées, entre l'activation et la seconde couche",
)
def dropout_missing(self, x):
    return self.contract(self.activation(self.expand(x)))


@again(dropout_missing)
def dropout_missing_2(self, x):
    hidden = self.activation(x @ self.expand.weight.T + self.expand.bias)
    hidden = F.dropout(hidden, self.dropout.p, training=False)
    return torch.einsum("df,...f->...d", self.contract.weight, hidden) + self.contract.bias


@misconception(
    "dropout_always_on",
    en="you drop hidden units in evaluation mode too: F.dropout does so unless it is told self.training; self.dropout "
    "knows by itself",
    fr="vous abandonnez aussi des unités cachées en mode évaluation : c'est ce que fait F.dropout si on ne lui donne pas "
    "self.training ; self.dropout le sait d'elle-même",
)
def dropout_always_on(self, x):
    return self.contract(F.dropout(self.activation(self.expand(x)), self.dropout.p))


@again(dropout_always_on)
def dropout_always_on_2(self, x):
    hidden = self.activation(F.linear(x, self.expand.weight, self.expand.bias))
    kept = torch.bernoulli(torch.full_like(hidden, 1.0 - self.dropout.p))
    return (hidden * kept / (1.0 - self.dropout.p)) @ self.contract.weight.T + self.contract.bias


@misconception(
    "dropout_on_the_output",
    en="you drop components of the output: drop hidden units, before the second layer",
    fr="vous abandonnez des composantes de la sortie : abandonnez des unités cachées, avant la seconde couche",
)
def dropout_on_the_output(self, x):
    return self.dropout(self.contract(self.activation(self.expand(x))))


@again(dropout_on_the_output)
def dropout_on_the_output_2(self, x):
    hidden = self.activation(x @ self.expand.weight.T + self.expand.bias)
    output = F.linear(hidden, self.contract.weight, self.contract.bias)
    return F.dropout(output, self.dropout.p, self.training)


@misconception(
    "dropout_on_the_input",
    en="you drop components of x: drop hidden units, after the activation",
    fr="vous abandonnez des composantes de x : abandonnez des unités cachées, après l'activation",
)
def dropout_on_the_input(self, x):
    return self.contract(self.activation(self.expand(self.dropout(x))))


@again(dropout_on_the_input)
def dropout_on_the_input_2(self, x):
    thinned = F.dropout(x, self.dropout.p, self.training)
    hidden = self.activation(thinned @ self.expand.weight.T + self.expand.bias)
    return F.linear(hidden, self.contract.weight, self.contract.bias)


@misconception(
    "dropout_before_the_activation",
    en="you drop before the activation: with ReLU it is the same, with GELU the kept units come out too large; activate "
    "first",
    fr="vous abandonnez avant l'activation : avec ReLU c'est pareil, avec GELU les unités gardées sont trop grandes ; "
    "activez d'abord",
)
def dropout_before_the_activation(self, x):
    return self.contract(self.activation(self.dropout(self.expand(x))))


@again(dropout_before_the_activation)
def dropout_before_the_activation_2(self, x):
    score = torch.einsum("fd,...d->...f", self.expand.weight, x) + self.expand.bias
    hidden = self.activation(F.dropout(score, self.dropout.p, self.training))
    return hidden @ self.contract.weight.T + self.contract.bias
