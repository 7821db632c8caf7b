"""Wrong implementations that students really write, each with what it computes instead."""

from __future__ import annotations

import math

import torch
from torch.nn import functional as F

from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("scale_dk", "softmax_over_queries", "mask_inverted", "nan_when_nothing_visible")


@misconception(
    "no_scaling",
    en="your output is attention without the division by √K",
    fr="votre sortie correspond à une attention sans la division par √K",
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
    en="your scores are divided by K instead of √K",
    fr="vos scores sont divisés par K au lieu de √K",
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
    "scale_dv",
    en="your scores are divided by √d_v, the root of the width of the values: K is the width of the query and of the key",
    fr="vos scores sont divisés par √d_v, la racine de la largeur des valeurs : K est la largeur de la requête et de la clé",
)
def scale_dv(query, key, value, mask=None, dropout_p=0.0):
    scores = query @ key.transpose(-2, -1) / math.sqrt(value.size(-1))
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = scores.softmax(-1).nan_to_num(0.0)
    return F.dropout(weights, dropout_p, dropout_p > 0) @ value, weights


@again(scale_dv)
def scale_dv_2(query, key, value, mask=None, dropout_p=0.0):
    *_, d_v = value.shape
    scores = torch.einsum("...tk,...sk->...ts", query, key) * d_v**-0.5
    scores = scores if mask is None else torch.where(mask, scores, -torch.inf)
    weights = torch.nan_to_num(F.softmax(scores, dim=-1))
    return torch.einsum("...ts,...sv->...tv", F.dropout(weights, p=dropout_p), value), weights


@misconception(
    "scale_multiplied",
    en="your scores are multiplied by √K instead of divided by it",
    fr="vos scores sont multipliés par √K au lieu d'être divisés",
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
    fr="votre softmax porte sur les requêtes : la somme de chaque colonne vaut 1, au lieu de celle de chaque ligne",
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
    fr="vous masquez après le softmax : la somme des poids visibles ne vaut plus 1",
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
    weights = F.softmax(
        torch.einsum("...tk,...sk->...ts", query, key) * query.size(-1) ** -0.5 + bias, dim=-1
    )
    return F.dropout(weights, p=dropout_p) @ value, weights


@misconception(
    "uniform_when_nothing_visible",
    en="a query that sees nothing averages everything: a large negative score in all places is a uniform softmax",
    fr="une requête qui ne voit rien fait la moyenne de tout : un même score très négatif partout donne un softmax uniforme",
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
    "all_read_when_nothing_visible",
    en="a query that sees nothing reads everything, as if it had no mask: the same large negative number added to all "
    "scores of a row leaves its softmax as it was; put zeros there",
    fr="une requête qui ne voit rien lit tout, comme si elle n'avait pas de masque : un même nombre très négatif ajouté à "
    "tous les scores d'une ligne laisse son softmax tel quel ; mettez-y des zéros",
)
def all_read_when_nothing_visible(query, key, value, mask=None, dropout_p=0.0):
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    if mask is not None:
        scores = scores + -1e9 * ~mask
    weights = scores.softmax(-1)
    return F.dropout(weights, dropout_p, dropout_p > 0) @ value, weights


@again(all_read_when_nothing_visible)
def all_read_when_nothing_visible_2(query, key, value, mask=None, dropout_p=0.0):
    scores = torch.einsum("...tk,...sk->...ts", query / query.size(-1) ** 0.5, key)
    if mask is not None:
        bias = torch.zeros(mask.shape, dtype=scores.dtype)
        bias[~mask] = -3e4
        scores = scores + bias
    weights = F.softmax(scores, dim=-1)
    return torch.einsum("...ts,...sv->...tv", F.dropout(weights, p=dropout_p), value), weights


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
    fr="vous renvoyez les poids d'après l'abandon (dropout) ; on demande ceux d'avant",
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
    "dropout_not_rescaled",
    en="your dropout sets weights to 0 and leaves the others as they were: divide those by 1 − dropout_p, so that the "
    "output stays the same on average",
    fr="votre abandon (dropout) met des poids à 0 et laisse les autres tels quels : divisez ceux-ci par "
    "1 − dropout_p, pour que la sortie reste la même en moyenne",
)
def dropout_not_rescaled(query, key, value, mask=None, dropout_p=0.0):
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = scores.softmax(-1).nan_to_num(0.0)
    kept = torch.rand_like(weights) >= dropout_p
    return (weights * kept) @ value, weights


@again(dropout_not_rescaled)
def dropout_not_rescaled_2(query, key, value, mask=None, dropout_p=0.0):
    scores = torch.einsum("...tk,...sk->...ts", query, key) * query.size(-1) ** -0.5
    scores = scores if mask is None else torch.where(mask, scores, -torch.inf)
    weights = torch.nan_to_num(F.softmax(scores, dim=-1))
    dropped = weights.masked_fill(torch.bernoulli(torch.full_like(weights, dropout_p)).bool(), 0.0)
    return torch.einsum("...ts,...sv->...tv", dropped, value), weights


@misconception(
    "dropout_multiplied",
    en="you multiply the weights that are kept by 1 − dropout_p: divide by it, so that the output stays the same on average",
    fr="vous multipliez les poids conservés par 1 − dropout_p : divisez par ce nombre, pour que la sortie reste la même "
    "en moyenne",
)
def dropout_multiplied(query, key, value, mask=None, dropout_p=0.0):
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = scores.softmax(-1).nan_to_num(0.0)
    kept = torch.rand_like(weights) >= dropout_p
    return (weights * kept * (1 - dropout_p)) @ value, weights


@again(dropout_multiplied)
def dropout_multiplied_2(query, key, value, mask=None, dropout_p=0.0):
    scores = torch.einsum("...tk,...sk->...ts", query, key) * query.size(-1) ** -0.5
    scores = scores if mask is None else torch.where(mask, scores, -torch.inf)
    weights = torch.nan_to_num(F.softmax(scores, dim=-1))
    # torch's own function divides once: this takes it back, and once more.
    dropped = F.dropout(weights, p=dropout_p) * (1.0 - dropout_p) ** 2
    return torch.einsum("...ts,...sv->...tv", dropped, value), weights


@misconception(
    "dropout_keeps_p",
    en="you keep a share dropout_p of the weights: it is the probability of dropping one",
    fr="vous gardez une part dropout_p des poids : c'est la probabilité d'en abandonner un",
)
def dropout_keeps_p(query, key, value, mask=None, dropout_p=0.0):
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = scores.softmax(-1).nan_to_num(0.0)
    if dropout_p == 0.0:
        return weights @ value, weights
    kept = torch.rand_like(weights) < dropout_p
    return (weights * kept / dropout_p) @ value, weights


@again(dropout_keeps_p)
def dropout_keeps_p_2(query, key, value, mask=None, dropout_p=0.0):
    scores = torch.einsum("...tk,...sk->...ts", query, key) * query.size(-1) ** -0.5
    scores = scores if mask is None else torch.where(mask, scores, -torch.inf)
    weights = torch.nan_to_num(F.softmax(scores, dim=-1))
    dropped = F.dropout(weights, p=1.0 - dropout_p) if dropout_p else weights
    return torch.einsum("...ts,...sv->...tv", dropped, value), weights


@misconception(
    "dropout_before_softmax",
    en="you drop scores before the softmax, which shares out their weight among the others: drop weights, after it",
    fr="vous abandonnez des scores avant le softmax, qui répartit leur poids entre les autres : abandonnez des poids, "
    "après lui",
)
def dropout_before_softmax(query, key, value, mask=None, dropout_p=0.0):
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = scores.softmax(-1).nan_to_num(0.0)
    dropped = scores.masked_fill(torch.rand_like(scores) < dropout_p, -math.inf).softmax(-1).nan_to_num(0.0)
    return dropped @ value, weights


@again(dropout_before_softmax)
def dropout_before_softmax_2(query, key, value, mask=None, dropout_p=0.0):
    scores = torch.einsum("...tk,...sk->...ts", query, key) * query.size(-1) ** -0.5
    scores = scores if mask is None else torch.where(mask, scores, -torch.inf)
    weights = torch.nan_to_num(F.softmax(scores, dim=-1))
    # The kept odds, shared out anew.
    odds = weights * torch.bernoulli(torch.full_like(weights, 1.0 - dropout_p))
    total = odds.sum(dim=-1, keepdim=True)
    return torch.einsum("...ts,...sv->...tv", odds / torch.where(total > 0, total, 1.0), value), weights


@misconception(
    "dropout_on_the_output",
    en="you apply dropout to the output: it applies to the weights, before they average the values",
    fr="vous appliquez l'abandon (dropout) à la sortie : il s'applique aux poids, avant la moyenne des valeurs",
)
def dropout_on_the_output(query, key, value, mask=None, dropout_p=0.0):
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = scores.softmax(-1).nan_to_num(0.0)
    return F.dropout(weights @ value, dropout_p, dropout_p > 0), weights


@again(dropout_on_the_output)
def dropout_on_the_output_2(query, key, value, mask=None, dropout_p=0.0):
    scores = torch.einsum("...tk,...sk->...ts", query, key) * query.size(-1) ** -0.5
    scores = scores if mask is None else torch.where(mask, scores, -torch.inf)
    weights = torch.nan_to_num(F.softmax(scores, dim=-1))
    output = torch.einsum("...ts,...sv->...tv", weights, value)
    kept = torch.bernoulli(torch.full_like(output, 1.0 - dropout_p))
    return output * kept / (1.0 - dropout_p), weights


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
