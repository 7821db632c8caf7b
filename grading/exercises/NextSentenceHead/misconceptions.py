"""Wrong implementations that students really write, each with what it computes instead."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("mean_pooling", "columns_exchanged", "batch_axis_lost")


@misconception(
    "mean_pooling",
    en="you average all positions: BERT reads the first one alone, [CLS], which has gathered the sentence",
    fr="vous faites la moyenne de toutes les positions : BERT ne lit que la première, [CLS], qui a rassemblé la phrase",
)
def mean_pooling(self, hidden):
    return self.classifier(torch.tanh(self.pooler(hidden.mean(dim=1))))


@again(mean_pooling)
def mean_pooling_2(self, hidden):
    average = hidden.sum(1) / hidden.shape[1]
    pooled = F.linear(average, self.pooler.weight, self.pooler.bias).tanh()
    return F.linear(pooled, self.classifier.weight, self.classifier.bias)


@misconception(
    "mean_after_pooler",
    en="all positions go through pooler and tanh, and you average what comes out: the first one alone goes through them, [CLS]",
    fr="toutes les positions passent par le pooler et tanh, puis vous faites la moyenne de ce qui en sort : seule la "
    "première, [CLS], y passe",
)
def mean_after_pooler(self, hidden):
    return self.classifier(torch.tanh(self.pooler(hidden)).mean(dim=1))


@again(mean_after_pooler)
def mean_after_pooler_2(self, hidden):
    pooled = F.linear(hidden, self.pooler.weight, self.pooler.bias).tanh()
    logits = F.linear(pooled, self.classifier.weight, self.classifier.bias)
    return logits.sum(1) / hidden.shape[1]


@misconception(
    "position_axis_kept",
    en="you return (B, 1, 2): a slice such as [:, :1] keeps the axis of the positions, a number in its place takes it off",
    fr="vous renvoyez (B, 1, 2) : une tranche comme [:, :1] garde l'axe des positions, un nombre à sa place le retire",
)
def position_axis_kept(self, hidden):
    return self.classifier(torch.tanh(self.pooler(hidden[:, :1])))


@again(position_axis_kept)
def position_axis_kept_2(self, hidden):
    first = hidden.narrow(1, 0, 1)
    pooled = F.linear(first, self.pooler.weight, self.pooler.bias).tanh()
    return F.linear(pooled, self.classifier.weight, self.classifier.bias)


@misconception(
    "max_pooling",
    en="you take the maximum over the positions: BERT reads the first one alone, [CLS]",
    fr="vous prenez le maximum sur les positions : BERT ne lit que la première, [CLS]",
)
def max_pooling(self, hidden):
    return self.classifier(torch.tanh(self.pooler(hidden.max(dim=1).values)))


@again(max_pooling)
def max_pooling_2(self, hidden):
    highest = F.adaptive_max_pool1d(hidden.transpose(1, 2), 1).squeeze(-1)
    pooled = F.linear(highest, self.pooler.weight, self.pooler.bias).tanh()
    return F.linear(pooled, self.classifier.weight, self.classifier.bias)


@misconception(
    "last_position",
    en="you read the last position, as one does with a causal model: here it is the first, [CLS]",
    fr="vous lisez la dernière position, comme on le fait d'un modèle causal : ici c'est la première, [CLS]",
)
def last_position(self, hidden):
    return self.classifier(torch.tanh(self.pooler(hidden[:, -1])))


@again(last_position)
def last_position_2(self, hidden):
    end = hidden.select(1, hidden.shape[1] - 1)
    pooled = F.linear(end, self.pooler.weight, self.pooler.bias).tanh()
    return F.linear(pooled, self.classifier.weight, self.classifier.bias)


@misconception(
    "every_position",
    en="you answer at every position, (B, T, 2): one answer a pair is asked for, read at the first position",
    fr="vous répondez à chaque position, (B, T, 2) : on demande une réponse par paire, lue à la première position",
)
def every_position(self, hidden):
    return self.classifier(torch.tanh(self.pooler(hidden)))


@again(every_position)
def every_position_2(self, hidden):
    pooled = (hidden @ self.pooler.weight.T + self.pooler.bias).tanh()
    return torch.einsum("btd,cd->btc", pooled, self.classifier.weight) + self.classifier.bias


@misconception(
    "first_row",
    en="you take the first row of the batch, hidden[0]: the first axis is the batch, the second the positions",
    fr="vous prenez la première ligne du lot, hidden[0] : le premier axe est le lot, le second les positions",
)
def first_row(self, hidden):
    return self.classifier(torch.tanh(self.pooler(hidden[0])))


@again(first_row)
def first_row_2(self, hidden):
    pooled = F.linear(hidden.unbind(0)[0], self.pooler.weight, self.pooler.bias).tanh()
    return F.linear(pooled, self.classifier.weight, self.classifier.bias)


@misconception(
    "tanh_forgotten",
    en="the tanh between the two layers is missing: without it they are one linear layer",
    fr="la tanh entre les deux couches manque : sans elle, elles ne font qu'une couche linéaire",
)
def tanh_forgotten(self, hidden):
    return self.classifier(self.pooler(hidden[:, 0]))


@again(tanh_forgotten)
def tanh_forgotten_2(self, hidden):
    both = self.classifier.weight @ self.pooler.weight
    bias = self.classifier.weight @ self.pooler.bias + self.classifier.bias
    return hidden.select(1, 0) @ both.T + bias


@misconception(
    "relu_for_tanh",
    en="your activation is the ReLU: the pooler of BERT ends in tanh",
    fr="votre activation est la ReLU : le pooler de BERT finit par tanh",
)
def relu_for_tanh(self, hidden):
    return self.classifier(torch.relu(self.pooler(hidden[:, 0])))


@again(relu_for_tanh)
def relu_for_tanh_2(self, hidden):
    pooled = F.linear(hidden.select(1, 0), self.pooler.weight, self.pooler.bias).clamp(min=0.0)
    return F.linear(pooled, self.classifier.weight, self.classifier.bias)


@misconception(
    "gelu_for_tanh",
    en="your activation is the GELU, as in the masked-word head: the pooler of BERT ends in tanh",
    fr="votre activation est la GELU, celle de la tête des mots masqués : le pooler de BERT finit par tanh",
)
def gelu_for_tanh(self, hidden):
    return self.classifier(F.gelu(self.pooler(hidden[:, 0])))


@again(gelu_for_tanh)
def gelu_for_tanh_2(self, hidden):
    inner = F.linear(hidden.select(1, 0), self.pooler.weight, self.pooler.bias)
    return F.linear(inner * torch.special.ndtr(inner), self.classifier.weight, self.classifier.bias)


@misconception(
    "sigmoid_for_tanh",
    en="your activation is the sigmoid: the pooler of BERT ends in tanh, which goes from −1 to 1",
    fr="votre activation est la sigmoïde : le pooler de BERT finit par tanh, qui va de −1 à 1",
)
def sigmoid_for_tanh(self, hidden):
    return self.classifier(torch.sigmoid(self.pooler(hidden[:, 0])))


@again(sigmoid_for_tanh)
def sigmoid_for_tanh_2(self, hidden):
    inner = F.linear(hidden.select(1, 0), self.pooler.weight, self.pooler.bias)
    return F.linear(1 / (1 + torch.exp(-inner)), self.classifier.weight, self.classifier.bias)


@misconception(
    "tanh_after_classifier",
    en="your tanh comes after the classifier: it stands between pooler and classifier, and logits have no bounds",
    fr="votre tanh vient après le classifieur : elle se place entre pooler et classifier, et les logits n'ont pas de "
    "bornes",
)
def tanh_after_classifier(self, hidden):
    return torch.tanh(self.classifier(self.pooler(hidden[:, 0])))


@again(tanh_after_classifier)
def tanh_after_classifier_2(self, hidden):
    inner = F.linear(hidden.select(1, 0), self.pooler.weight, self.pooler.bias)
    return F.linear(inner, self.classifier.weight, self.classifier.bias).tanh()


@misconception(
    "pooler_skipped",
    en="the pooler is missing: the first vector goes straight to the classifier; self.pooler and tanh come before",
    fr="le pooler manque : le premier vecteur va droit au classifieur ; self.pooler et tanh viennent avant",
)
def pooler_skipped(self, hidden):
    return self.classifier(hidden[:, 0])


@again(pooler_skipped)
def pooler_skipped_2(self, hidden):
    return hidden.select(1, 0) @ self.classifier.weight.T + self.classifier.bias


@misconception(
    "pooler_without_its_layer",
    en="you take the tanh of the vector itself: it goes through self.pooler first",
    fr="vous prenez la tanh du vecteur lui-même : il passe d'abord par self.pooler",
)
def pooler_without_its_layer(self, hidden):
    return self.classifier(torch.tanh(hidden[:, 0]))


@again(pooler_without_its_layer)
def pooler_without_its_layer_2(self, hidden):
    return F.linear(hidden.select(1, 0).tanh(), self.classifier.weight, self.classifier.bias)


@misconception(
    "classifier_skipped",
    en="you return the pooled vector, (B, D): self.classifier makes two logits of it",
    fr="vous renvoyez le vecteur du pooler, (B, D) : self.classifier en fait deux logits",
)
def classifier_skipped(self, hidden):
    return torch.tanh(self.pooler(hidden[:, 0]))


@again(classifier_skipped)
def classifier_skipped_2(self, hidden):
    return F.linear(hidden.select(1, 0), self.pooler.weight, self.pooler.bias).tanh()


@misconception(
    "columns_exchanged",
    en="your columns are exchanged, as in the authors' code: here column 1 says that B follows A, so the classifier's "
    "output stays as it is",
    fr="vos colonnes sont échangées, comme dans le code des auteurs : ici la colonne 1 dit que B suit A, la sortie "
    "du classifieur reste donc telle quelle",
)
def columns_exchanged(self, hidden):
    return self.classifier(torch.tanh(self.pooler(hidden[:, 0]))).flip(-1)


@again(columns_exchanged)
def columns_exchanged_2(self, hidden):
    pooled = F.linear(hidden.select(1, 0), self.pooler.weight, self.pooler.bias).tanh()
    return F.linear(pooled, self.classifier.weight[[1, 0]], self.classifier.bias[[1, 0]])


@misconception(
    "softmax_returned",
    en="you return probabilities: logits are asked for, and the loss takes the softmax itself",
    fr="vous renvoyez des probabilités : on demande des logits, et la perte prend elle-même le softmax",
)
def softmax_returned(self, hidden):
    return torch.softmax(self.classifier(torch.tanh(self.pooler(hidden[:, 0]))), dim=-1)


@again(softmax_returned)
def softmax_returned_2(self, hidden):
    pooled = F.linear(hidden.select(1, 0), self.pooler.weight, self.pooler.bias).tanh()
    odds = F.linear(pooled, self.classifier.weight, self.classifier.bias).exp()
    return odds / odds.sum(-1, keepdim=True)


@misconception(
    "log_softmax_returned",
    en="you return log-probabilities: logits are asked for, without any softmax",
    fr="vous renvoyez des log-probabilités : on demande des logits, sans aucun softmax",
)
def log_softmax_returned(self, hidden):
    return F.log_softmax(self.classifier(torch.tanh(self.pooler(hidden[:, 0]))), dim=-1)


@again(log_softmax_returned)
def log_softmax_returned_2(self, hidden):
    pooled = F.linear(hidden.select(1, 0), self.pooler.weight, self.pooler.bias).tanh()
    logits = F.linear(pooled, self.classifier.weight, self.classifier.bias)
    return logits - logits.logsumexp(-1, keepdim=True)


@misconception(
    "one_logit",
    en="you return one number a pair: two logits are asked for, (B, 2), one for each answer",
    fr="vous renvoyez un nombre par paire : on demande deux logits, (B, 2), un pour chaque réponse",
)
def one_logit(self, hidden):
    logits = self.classifier(torch.tanh(self.pooler(hidden[:, 0])))
    return logits[:, 1] - logits[:, 0]


@again(one_logit)
def one_logit_2(self, hidden):
    pooled = F.linear(hidden.select(1, 0), self.pooler.weight, self.pooler.bias).tanh()
    weight, bias = self.classifier.weight.diff(dim=0), self.classifier.bias.diff()
    return (pooled @ weight.T + bias).flatten()


@misconception(
    "decision_returned",
    en="you return the decision, 0 or 1, which has no gradient: return the two logits, the loss needs them",
    fr="vous renvoyez la décision, 0 ou 1, qui n'a pas de gradient : renvoyez les deux logits, la perte en a besoin",
)
def decision_returned(self, hidden):
    return self.classifier(torch.tanh(self.pooler(hidden[:, 0]))).argmax(dim=-1)


@again(decision_returned)
def decision_returned_2(self, hidden):
    pooled = F.linear(hidden.select(1, 0), self.pooler.weight, self.pooler.bias).tanh()
    logits = F.linear(pooled, self.classifier.weight, self.classifier.bias)
    return (logits[:, 1] > logits[:, 0]).long()


@misconception(
    "batch_axis_lost",
    en="for a batch of one pair your result loses the batch axis: (1, 2) is asked for; leave out squeeze, or name "
    "the axis",
    fr="pour un lot d'une seule paire, votre résultat perd l'axe du lot : on demande (1, 2) ; laissez squeeze de "
    "côté, ou nommez l'axe",
)
def batch_axis_lost(self, hidden):
    return self.classifier(torch.tanh(self.pooler(hidden[:, 0]))).squeeze()


@again(batch_axis_lost)
def batch_axis_lost_2(self, hidden):
    first = hidden[:, :1].squeeze()
    pooled = F.linear(first, self.pooler.weight, self.pooler.bias).tanh()
    return F.linear(pooled, self.classifier.weight, self.classifier.bias)


@misconception(
    "gradient_cut",
    en="no gradient goes back to the encoder: it must learn from this task too; leave out detach, .data and no_grad",
    fr="aucun gradient ne remonte à l'encodeur : il doit apprendre de cette tâche aussi ; n'utilisez ni detach, ni "
    ".data, ni no_grad",
)
def gradient_cut(self, hidden):
    return self.classifier(torch.tanh(self.pooler(hidden[:, 0].detach())))


@again(gradient_cut)
def gradient_cut_2(self, hidden):
    pooled = F.linear(hidden.data.select(1, 0), self.pooler.weight, self.pooler.bias).tanh()
    return F.linear(pooled, self.classifier.weight, self.classifier.bias)
