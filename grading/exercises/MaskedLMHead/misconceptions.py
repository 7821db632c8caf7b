"""Wrong implementations that students really write, each with what it computes instead."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional as F

from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("norm_before_activation", "bias_forgotten", "softmax_returned")


@misconception(
    "no_transform",
    en="the transformation is missing: the vectors go through self.transform before the activation",
    fr="la transformation manque : les vecteurs passent par self.transform avant l'activation",
)
def no_transform(self, hidden):
    x = self.norm(F.gelu(hidden))
    return x @ self.token_embedding.weight.T + self.bias


@again(no_transform)
def no_transform_2(self, hidden):
    active = hidden * torch.special.ndtr(hidden)
    return F.linear(self.norm(active), self.token_embedding.weight, bias=self.bias)


@misconception(
    "no_activation",
    en="the activation is missing: without the GELU, transformation and decoder are nearly one linear map",
    fr="l'activation manque : sans la GELU, transformation et décodeur ne font presque qu'une application linéaire",
)
def no_activation(self, hidden):
    return self.norm(self.transform(hidden)) @ self.token_embedding.weight.T + self.bias


@again(no_activation)
def no_activation_2(self, hidden):
    inner = F.linear(hidden, self.transform.weight) + self.transform.bias
    return torch.einsum("...d,vd->...v", self.norm(inner), self.token_embedding.weight) + self.bias


@misconception(
    "relu",
    en="your activation is the ReLU: BERT's head has the GELU",
    fr="votre activation est la ReLU : la tête de BERT a la GELU",
)
def relu(self, hidden):
    return self.norm(F.relu(self.transform(hidden))) @ self.token_embedding.weight.T + self.bias


@again(relu)
def relu_2(self, hidden):
    inner = self.transform(hidden).clamp(min=0)
    return torch.einsum("...d,vd->...v", self.norm(inner), self.token_embedding.weight) + self.bias


@misconception(
    "tanh",
    en="your activation is the hyperbolic tangent, as in the next-sentence head: this head has the GELU",
    fr="votre activation est la tangente hyperbolique, celle de la tête de phrase suivante : celle-ci a la GELU",
)
def tanh(self, hidden):
    return self.norm(torch.tanh(self.transform(hidden))) @ self.token_embedding.weight.T + self.bias


@again(tanh)
def tanh_2(self, hidden):
    inner = 2 * torch.sigmoid(2 * self.transform(hidden)) - 1
    return F.linear(self.norm(inner), self.token_embedding.weight) + self.bias


@misconception(
    "gelu_by_tanh",
    en="your GELU is the approximation by tanh: the exact one is x Φ(x), which F.gelu computes by default",
    fr="votre GELU est l'approximation par tanh : l'exacte est x Φ(x), celle que F.gelu calcule par défaut",
)
def gelu_by_tanh(self, hidden):
    x = self.norm(F.gelu(self.transform(hidden), approximate="tanh"))
    return x @ self.token_embedding.weight.T + self.bias


@again(gelu_by_tanh)
def gelu_by_tanh_2(self, hidden):
    x = self.transform(hidden)
    x = 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return F.linear(self.norm(x), self.token_embedding.weight, self.bias)


@misconception(
    "gelu_by_sigmoid",
    en="your GELU is the approximation x · sigmoid(1.702 x): the exact one is x Φ(x), which F.gelu computes",
    fr="votre GELU est l'approximation x · sigmoid(1,702 x) : l'exacte est x Φ(x), celle que calcule F.gelu",
)
def gelu_by_sigmoid(self, hidden):
    x = self.transform(hidden)
    return self.norm(x * torch.sigmoid(1.702 * x)) @ self.token_embedding.weight.T + self.bias


@again(gelu_by_sigmoid)
def gelu_by_sigmoid_2(self, hidden):
    inner = F.silu(1.702 * self.transform(hidden)) / 1.702
    return torch.einsum("...d,vd->...v", self.norm(inner), self.token_embedding.weight) + self.bias


@misconception(
    "norm_before_activation",
    en="you normalise before the activation: here the GELU comes first, then the normalisation",
    fr="vous normalisez avant l'activation : ici la GELU vient d'abord, puis la normalisation",
)
def norm_before_activation(self, hidden):
    return F.gelu(self.norm(self.transform(hidden))) @ self.token_embedding.weight.T + self.bias


@again(norm_before_activation)
def norm_before_activation_2(self, hidden):
    inner = self.norm(self.transform(hidden))
    inner = 0.5 * inner * (1 + torch.erf(inner / math.sqrt(2)))
    return F.linear(inner, self.token_embedding.weight) + self.bias


@misconception(
    "norm_of_the_input",
    en="you normalise what comes in instead of what the GELU gives: transform, GELU, then norm",
    fr="vous normalisez ce qui entre au lieu de ce que donne la GELU : transform, GELU, puis norm",
)
def norm_of_the_input(self, hidden):
    return F.gelu(self.transform(self.norm(hidden))) @ self.token_embedding.weight.T + self.bias


@again(norm_of_the_input)
def norm_of_the_input_2(self, hidden):
    inner = F.linear(self.norm(hidden), self.transform.weight, self.transform.bias)
    inner = inner * torch.special.ndtr(inner)
    return torch.einsum("...d,vd->...v", inner, self.token_embedding.weight) + self.bias


@misconception(
    "no_norm",
    en="the normalisation is missing: what the GELU gives goes through self.norm",
    fr="la normalisation manque : ce que donne la GELU passe par self.norm",
)
def no_norm(self, hidden):
    return F.gelu(self.transform(hidden)) @ self.token_embedding.weight.T + self.bias


@again(no_norm)
def no_norm_2(self, hidden):
    inner = F.linear(hidden, self.transform.weight, self.transform.bias)
    return F.linear(inner * torch.special.ndtr(inner), self.token_embedding.weight, self.bias)


@misconception(
    "norm_without_its_parameters",
    en="you centre and scale what the GELU gives, without the gain and the bias that self.norm has: call self.norm",
    fr="vous centrez et réduisez ce que donne la GELU, sans le gain ni le biais que possède self.norm : appelez "
    "self.norm",
)
def norm_without_its_parameters(self, hidden):
    x = F.gelu(self.transform(hidden))
    return F.layer_norm(x, x.shape[-1:]) @ self.token_embedding.weight.T + self.bias


@again(norm_without_its_parameters)
def norm_without_its_parameters_2(self, hidden):
    x = F.gelu(self.transform(hidden))
    x = x - x.mean(-1, keepdim=True)
    x = x / (x.square().mean(-1, keepdim=True) + 1e-12).sqrt()
    return torch.einsum("...d,vd->...v", x, self.token_embedding.weight) + self.bias


@misconception(
    "bias_forgotten",
    en="the bias of the logits is missing: self.bias, one number a token, says how frequent the token is",
    fr="le biais des logits manque : self.bias, un nombre par jeton, dit combien le jeton est fréquent",
)
def bias_forgotten(self, hidden):
    return self.norm(F.gelu(self.transform(hidden))) @ self.token_embedding.weight.T


@again(bias_forgotten)
def bias_forgotten_2(self, hidden):
    inner = self.transform(hidden)
    return F.linear(self.norm(inner * torch.special.ndtr(inner)), self.token_embedding.weight)


@misconception(
    "decoder_of_its_own",
    en="your logits do not depend on the token embedding: the decoder is self.token_embedding.weight itself, not a "
    "matrix of its own",
    fr="vos logits ne dépendent pas du plongement des jetons : le décodeur est self.token_embedding.weight "
    "lui-même, et non une matrice à part",
)
def decoder_of_its_own(self, hidden):
    if not hasattr(self, "decoder"):
        self.decoder = nn.Linear(self.transform.out_features, len(self.bias), bias=False)
    return self.decoder(self.norm(F.gelu(self.transform(hidden)))) + self.bias


@again(decoder_of_its_own)
def decoder_of_its_own_2(self, hidden):
    n_tokens, width = self.token_embedding.weight.shape
    decoder = nn.Parameter(torch.randn(width, n_tokens, dtype=hidden.dtype) / width**0.5)
    return torch.matmul(self.norm(F.gelu(self.transform(hidden))), decoder) + self.bias


@misconception(
    "embedding_detached",
    en="no gradient reaches the token embedding: you use a copy of its weight (.data, detach, clone into a "
    "parameter), so it does not learn through the head; use the weight itself",
    fr="aucun gradient n'atteint le plongement des jetons : vous utilisez une copie de son poids (.data, detach, "
    "clone dans un paramètre), et il n'apprend pas à travers la tête ; utilisez le poids lui-même",
)
def embedding_detached(self, hidden):
    return self.norm(F.gelu(self.transform(hidden))) @ self.token_embedding.weight.data.T + self.bias


@again(embedding_detached)
def embedding_detached_2(self, hidden):
    decoder = nn.Linear(*reversed(self.token_embedding.weight.shape), bias=False)
    decoder.weight = nn.Parameter(self.token_embedding.weight.clone())
    return decoder(self.norm(F.gelu(self.transform(hidden)))) + self.bias


@misconception(
    "input_detached",
    en="no gradient goes back through the head to the vectors that come in: without it the encoder does not learn; "
    "leave out detach, .data and no_grad",
    fr="aucun gradient ne remonte à travers la tête vers les vecteurs d'entrée : l'encodeur n'apprend alors rien ; "
    "n'utilisez ni detach, ni .data, ni no_grad",
)
def input_detached(self, hidden):
    x = self.norm(F.gelu(self.transform(hidden.detach())))
    return x @ self.token_embedding.weight.T + self.bias


@again(input_detached)
def input_detached_2(self, hidden):
    copied = torch.as_tensor(hidden.detach().numpy())
    inner = F.linear(copied, self.transform.weight, self.transform.bias)
    return F.linear(self.norm(F.gelu(inner)), self.token_embedding.weight, self.bias)


@misconception(
    "table_not_transposed",
    en="the token embedding is (V, D): to go from D to V it must be transposed",
    fr="le plongement des jetons est de forme (V, D) : pour aller de D à V, il faut le transposer",
)
def table_not_transposed(self, hidden):
    return self.norm(F.gelu(self.transform(hidden))) @ self.token_embedding.weight + self.bias


@again(table_not_transposed)
def table_not_transposed_2(self, hidden):
    inner = self.norm(F.gelu(self.transform(hidden)))
    return F.linear(inner, self.token_embedding.weight.transpose(0, 1), self.bias)


@misconception(
    "table_reshaped",
    en="you give the token embedding the shape (D, V) by view or reshape, which mixes its rows: transpose it",
    fr="vous donnez au plongement des jetons la forme (D, V) par view ou reshape, ce qui mélange ses lignes : "
    "transposez-le",
)
def table_reshaped(self, hidden):
    x = self.norm(F.gelu(self.transform(hidden)))
    return x @ self.token_embedding.weight.view(x.size(-1), -1) + self.bias


@again(table_reshaped)
def table_reshaped_2(self, hidden):
    table = self.token_embedding.weight
    decoder = table.flatten().unflatten(0, table.shape[::-1])
    inner = self.norm(F.gelu(self.transform(hidden)))
    return torch.einsum("...d,dv->...v", inner, decoder) + self.bias


@misconception(
    "softmax_returned",
    en="you return probabilities: the head gives logits, and the loss takes the softmax itself",
    fr="vous renvoyez des probabilités : la tête donne des logits, et la perte prend elle-même le softmax",
)
def softmax_returned(self, hidden):
    x = self.norm(F.gelu(self.transform(hidden)))
    return torch.softmax(x @ self.token_embedding.weight.T + self.bias, dim=-1)


@again(softmax_returned)
def softmax_returned_2(self, hidden):
    logits = F.linear(self.norm(F.gelu(self.transform(hidden))), self.token_embedding.weight, self.bias)
    odds = (logits - logits.amax(-1, keepdim=True)).exp()
    return odds / odds.sum(-1, keepdim=True)


@misconception(
    "log_softmax_returned",
    en="you return log-probabilities: the head gives logits, without any softmax",
    fr="vous renvoyez des log-probabilités : la tête donne des logits, sans aucun softmax",
)
def log_softmax_returned(self, hidden):
    x = self.norm(F.gelu(self.transform(hidden)))
    return F.log_softmax(x @ self.token_embedding.weight.T + self.bias, dim=-1)


@again(log_softmax_returned)
def log_softmax_returned_2(self, hidden):
    logits = F.linear(self.norm(F.gelu(self.transform(hidden))), self.token_embedding.weight, self.bias)
    return logits - torch.logsumexp(logits, dim=-1, keepdim=True)
