"""Wrong implementations that students really write, each with what it computes instead."""

from __future__ import annotations

import math

import torch
from torch.nn import functional as F

from attentif_grading.exercises import again, misconception


@misconception(
    "no_scaling",
    en="your output is attention without the division by √d_k",
    fr="votre sortie correspond à une attention sans la division par √d_k",
)
def no_scaling(query, key, value, mask=None, dropout_p=0.0):
    scores = query @ key.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = scores.softmax(-1).nan_to_num(0.0)
    return F.dropout(weights, dropout_p, dropout_p > 0) @ value, weights


@again(no_scaling)
def no_scaling_2(query, key, value, mask=None, dropout_p=0.0):
    scores = torch.einsum("...tk,...sk->...ts", query, key)
    visible = torch.ones_like(scores, dtype=torch.bool) if mask is None else mask.expand_as(scores)
    odds = torch.exp(scores - scores.amax(-1, keepdim=True)) * visible
    weights = odds / odds.sum(-1, keepdim=True).clamp(min=1e-30)
    kept = torch.nn.functional.dropout(weights, p=dropout_p)
    return torch.einsum("...ts,...sv->...tv", kept, value), weights


@misconception(
    "scale_dk",
    en="your scores are divided by d_k instead of √d_k",
    fr="vos scores sont divisés par d_k au lieu de √d_k",
)
def scale_dk(query, key, value, mask=None, dropout_p=0.0):
    scores = query @ key.transpose(-2, -1) / query.size(-1)
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = scores.softmax(-1).nan_to_num(0.0)
    return F.dropout(weights, dropout_p, dropout_p > 0) @ value, weights


@again(scale_dk)
def scale_dk_2(query, key, value, mask=None, dropout_p=0.0):
    d_k = key.shape[-1]
    scores = torch.matmul(query * d_k**-1, key.mT)
    hidden = torch.zeros_like(scores) if mask is None else torch.where(mask, 0.0, -torch.inf).to(scores)
    weights = torch.softmax(scores + hidden, dim=-1)
    weights = torch.where(torch.isnan(weights), torch.zeros_like(weights), weights)
    return torch.matmul(F.dropout(weights, p=dropout_p), value), weights


@misconception(
    "scale_multiplied",
    en="your scores are multiplied by √d_k instead of divided by it",
    fr="vos scores sont multipliés par √d_k au lieu d'être divisés",
)
def scale_multiplied(query, key, value, mask=None, dropout_p=0.0):
    scores = query @ key.transpose(-2, -1) * math.sqrt(query.size(-1))
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = scores.softmax(-1).nan_to_num(0.0)
    return F.dropout(weights, dropout_p, dropout_p > 0) @ value, weights


@again(scale_multiplied)
def scale_multiplied_2(query, key, value, mask=None, dropout_p=0.0):
    logits = torch.einsum("...id,...jd->...ij", query, key) * key.size(-1) ** 0.5
    if mask is not None:
        logits = torch.where(mask, logits, torch.full_like(logits, -torch.inf))
    attention = torch.nan_to_num(torch.softmax(logits, -1))
    return F.dropout(attention, dropout_p) @ value, attention


@misconception(
    "softmax_over_queries",
    en="your softmax runs over the queries: each column sums to 1 instead of each row",
    fr="votre softmax porte sur les requêtes : chaque colonne somme à 1 au lieu de chaque ligne",
)
def softmax_over_queries(query, key, value, mask=None, dropout_p=0.0):
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = scores.softmax(-2).nan_to_num(0.0)
    return F.dropout(weights, dropout_p, dropout_p > 0) @ value, weights


@again(softmax_over_queries)
def softmax_over_queries_2(query, key, value, mask=None, dropout_p=0.0):
    # Scores with the keys first, softmax on the last axis, then transposed back.
    scores = key @ query.mT / query.size(-1) ** 0.5
    if mask is not None:
        visible = mask.expand(*scores.shape[:-2], scores.size(-1), scores.size(-2)).mT
        scores = torch.where(visible, scores, -torch.inf)
    weights = torch.nan_to_num(F.softmax(scores, dim=-1)).mT
    return F.dropout(weights, dropout_p) @ value, weights


@misconception(
    "mask_inverted",
    en="your mask hides what it should show: True means visible",
    fr="votre masque cache ce qu'il devrait montrer : True veut dire visible",
)
def mask_inverted(query, key, value, mask=None, dropout_p=0.0):
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    if mask is not None:
        scores = scores.masked_fill(mask, -math.inf)
    weights = scores.softmax(-1).nan_to_num(0.0)
    return F.dropout(weights, dropout_p, dropout_p > 0) @ value, weights


@again(mask_inverted)
def mask_inverted_2(query, key, value, mask=None, dropout_p=0.0):
    scores = torch.einsum("...tk,...sk->...ts", query, key) / query.shape[-1] ** 0.5
    if mask is not None:
        scores = torch.where(mask, torch.tensor(-torch.inf, dtype=scores.dtype), scores)
    weights = torch.softmax(scores, dim=-1)
    weights = weights.where(~weights.isnan(), 0.0)
    return F.dropout(weights, p=dropout_p) @ value, weights


@misconception(
    "mask_ignored",
    en="your mask has no effect: hidden keys still count",
    fr="votre masque est sans effet : les clés cachées comptent encore",
)
def mask_ignored(query, key, value, mask=None, dropout_p=0.0):
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    if mask is not None:
        scores.masked_fill(~mask, -math.inf)
    weights = scores.softmax(-1)
    return F.dropout(weights, dropout_p, dropout_p > 0) @ value, weights


@again(mask_ignored)
def mask_ignored_2(query, key, value, mask=None, dropout_p=0.0):
    weights = F.softmax((query * query.size(-1) ** -0.5) @ key.mT, dim=-1)
    return F.dropout(weights, p=dropout_p) @ value, weights


@misconception(
    "mask_after_softmax",
    en="you mask after the softmax: the visible weights no longer sum to 1",
    fr="vous masquez après le softmax : les poids visibles ne somment plus à 1",
)
def mask_after_softmax(query, key, value, mask=None, dropout_p=0.0):
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    weights = scores.softmax(-1)
    if mask is not None:
        weights = weights.masked_fill(~mask, 0.0)
    return F.dropout(weights, dropout_p, dropout_p > 0) @ value, weights


@again(mask_after_softmax)
def mask_after_softmax_2(query, key, value, mask=None, dropout_p=0.0):
    odds = torch.softmax(torch.einsum("...tk,...sk->...ts", query, key) * key.shape[-1] ** -0.5, -1)
    weights = odds * mask if mask is not None else odds
    return torch.einsum("...ts,...sv->...tv", F.dropout(weights, dropout_p), value), weights


@misconception(
    "mask_zero_scores",
    en="you set hidden scores to 0: a score of 0 still gets a weight, −∞ does not",
    fr="vous mettez les scores cachés à 0 : un score de 0 garde un poids, −∞ n'en a pas",
)
def mask_zero_scores(query, key, value, mask=None, dropout_p=0.0):
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    if mask is not None:
        scores = scores.masked_fill(~mask, 0.0)
    weights = scores.softmax(-1)
    return F.dropout(weights, dropout_p, dropout_p > 0) @ value, weights


@again(mask_zero_scores)
def mask_zero_scores_2(query, key, value, mask=None, dropout_p=0.0):
    scores = torch.matmul(query, key.mT) / key.size(-1) ** 0.5
    scores = scores if mask is None else scores * mask
    weights = F.softmax(scores, dim=-1)
    return torch.matmul(F.dropout(weights, p=dropout_p), value), weights


@misconception(
    "nan_when_nothing_visible",
    en="a query that sees nothing gives NaN: the softmax of a row of −∞ does not exist, put zeros there",
    fr="une requête qui ne voit rien donne NaN : le softmax d'une ligne de −∞ n'existe pas, mettez-y des zéros",
)
def nan_when_nothing_visible(query, key, value, mask=None, dropout_p=0.0):
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = scores.softmax(-1)
    return F.dropout(weights, dropout_p, dropout_p > 0) @ value, weights


@again(nan_when_nothing_visible)
def nan_when_nothing_visible_2(query, key, value, mask=None, dropout_p=0.0):
    bias = 0.0 if mask is None else torch.zeros(mask.shape, dtype=query.dtype).masked_fill(~mask, -torch.inf)
    weights = F.softmax(torch.einsum("...tk,...sk->...ts", query, key) * query.size(-1) ** -0.5 + bias, dim=-1)
    return F.dropout(weights, p=dropout_p) @ value, weights


@misconception(
    "uniform_when_nothing_visible",
    en="a query that sees nothing averages everything: a large negative score in all places is a uniform softmax",
    fr="une requête qui ne voit rien fait la moyenne de tout : un même grand score négatif partout donne un softmax uniforme",
)
def uniform_when_nothing_visible(query, key, value, mask=None, dropout_p=0.0):
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    if mask is not None:
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    return F.dropout(weights, dropout_p, dropout_p > 0) @ value, weights


@again(uniform_when_nothing_visible)
def uniform_when_nothing_visible_2(query, key, value, mask=None, dropout_p=0.0):
    scores = torch.einsum("...tk,...sk->...ts", query / query.size(-1) ** 0.5, key)
    if mask is not None:
        scores = torch.where(mask, scores, -6e4)
    weights = F.softmax(scores, dim=-1)
    return F.dropout(weights, p=dropout_p) @ value, weights


@misconception(
    "key_for_value",
    en="you average the keys instead of the values",
    fr="vous faites la moyenne des clés au lieu de celle des valeurs",
)
def key_for_value(query, key, value, mask=None, dropout_p=0.0):
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = scores.softmax(-1).nan_to_num(0.0)
    return F.dropout(weights, dropout_p, dropout_p > 0) @ key, weights


@again(key_for_value)
def key_for_value_2(query, key, value, mask=None, dropout_p=0.0):
    value = key
    scores = torch.einsum("...tk,...sk->...ts", query, key) * key.shape[-1] ** -0.5
    if mask is not None:
        scores = torch.where(mask, scores, -torch.inf)
    weights = torch.nan_to_num(F.softmax(scores, dim=-1))
    return torch.einsum("...ts,...sv->...tv", F.dropout(weights, p=dropout_p), value), weights


@misconception(
    "softmax_overflows",
    en="your softmax overflows on large scores: subtract the maximum before the exponential, or use torch.softmax",
    fr="votre softmax déborde pour de grands scores : soustrayez le maximum avant l'exponentielle, ou utilisez torch.softmax",
)
def softmax_overflows(query, key, value, mask=None, dropout_p=0.0):
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    odds = scores.exp()
    if mask is not None:
        odds = odds.masked_fill(~mask, 0.0)
    weights = odds / odds.sum(-1, keepdim=True).clamp(min=1e-30)
    return F.dropout(weights, dropout_p, dropout_p > 0) @ value, weights


@again(softmax_overflows)
def softmax_overflows_2(query, key, value, mask=None, dropout_p=0.0):
    odds = torch.exp(torch.einsum("...tk,...sk->...ts", query, key) / query.size(-1) ** 0.5)
    visible = torch.ones_like(odds) if mask is None else mask.to(odds.dtype).expand_as(odds)
    total = (odds * visible).sum(dim=-1, keepdim=True)
    weights = odds * visible / torch.where(total == 0, torch.ones_like(total), total)
    return F.dropout(weights, p=dropout_p) @ value, weights


@misconception(
    "gradient_cut",
    en="no gradient reaches the query and the key: the weights were detached from the graph",
    fr="aucun gradient n'atteint la requête ni la clé : les poids ont été détachés du graphe",
)
def gradient_cut(query, key, value, mask=None, dropout_p=0.0):
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = scores.softmax(-1).nan_to_num(0.0).detach()
    return F.dropout(weights, dropout_p, dropout_p > 0) @ value, weights


@again(gradient_cut)
def gradient_cut_2(query, key, value, mask=None, dropout_p=0.0):
    with torch.no_grad():
        scores = (query @ key.mT).div(key.size(-1) ** 0.5)
        if mask is not None:
            scores = torch.where(mask, scores, -torch.inf)
        weights = torch.nan_to_num(F.softmax(scores, dim=-1))
    return F.dropout(weights, p=dropout_p) @ value, weights


@misconception(
    "dropout_missing",
    en="dropout_p has no effect in your function",
    fr="dropout_p est sans effet dans votre fonction",
)
def dropout_missing(query, key, value, mask=None, dropout_p=0.0):
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = scores.softmax(-1).nan_to_num(0.0)
    return weights @ value, weights


@again(dropout_missing)
def dropout_missing_2(query, key, value, mask=None, dropout_p=0.0):
    scores = torch.einsum("...tk,...sk->...ts", query, key) / query.size(-1) ** 0.5
    scores = scores if mask is None else torch.where(mask, scores, -torch.inf)
    weights = torch.nan_to_num(F.softmax(scores, dim=-1))
    dropped = F.dropout(weights, dropout_p, training=False)
    return torch.einsum("...ts,...sv->...tv", dropped, value), weights


@misconception(
    "weights_after_dropout",
    en="you return the weights after dropout; those before it are asked for",
    fr="vous renvoyez les poids après l'abandon (dropout) ; on demande ceux d'avant",
)
def weights_after_dropout(query, key, value, mask=None, dropout_p=0.0):
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = F.dropout(scores.softmax(-1).nan_to_num(0.0), dropout_p, dropout_p > 0)
    return weights @ value, weights


@again(weights_after_dropout)
def weights_after_dropout_2(query, key, value, mask=None, dropout_p=0.0):
    scores = torch.einsum("...tk,...sk->...ts", query, key) * query.size(-1) ** -0.5
    if mask is not None:
        scores = torch.where(mask, scores, -torch.inf)
    attention = torch.nan_to_num(F.softmax(scores, dim=-1))
    if dropout_p:
        kept = torch.rand_like(attention) >= dropout_p
        attention = attention * kept / (1 - dropout_p)
    return attention @ value, attention


@misconception(
    "only_the_output",
    en="you return the output alone; the function returns (output, weights)",
    fr="vous renvoyez seulement la sortie ; la fonction renvoie (output, weights)",
)
def only_the_output(query, key, value, mask=None, dropout_p=0.0):
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = scores.softmax(-1).nan_to_num(0.0)
    return F.dropout(weights, dropout_p, dropout_p > 0) @ value


@again(only_the_output)
def only_the_output_2(query, key, value, mask=None, dropout_p=0.0):
    output = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=dropout_p)
    return output if mask is None else output.masked_fill(~mask.any(-1, keepdim=True), 0.0)
