"""Wrong implementations that students really write, each with what it computes instead."""

from __future__ import annotations

import torch

from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("inverted", "query_axis", "zero_is_padding")


@misconception(
    "inverted",
    en="your mask is True on the padding, as in torch's key_padding_mask: here True means visible",
    fr="votre masque vaut True sur le remplissage, comme le key_padding_mask de torch : ici, True veut dire visible",
)
def inverted(token_ids, pad_id):
    return (token_ids == pad_id)[:, None, None, :]


@again(inverted)
def inverted_2(token_ids, pad_id):
    real = torch.ne(token_ids, pad_id)
    return real.logical_not().view(real.size(0), 1, 1, -1)


@misconception(
    "query_axis",
    en="your mask, (B, 1, S, 1), hides padded queries from all keys: hide the keys, which are the last axis",
    fr="votre masque, (B, 1, S, 1), cache tout aux requêtes de remplissage : cachez les clés, qui sont le dernier axe",
)
def query_axis(token_ids, pad_id):
    return (token_ids != pad_id)[:, None, :, None]


@again(query_axis)
def query_axis_2(token_ids, pad_id):
    return torch.ne(token_ids, pad_id).unsqueeze(1).unsqueeze(-1)


@misconception(
    "no_new_axes",
    en="your mask has the shape (B, S): over scores (B, H, T, S) its first axis would meet the queries; "
    "add the axes of the heads and of the queries",
    fr="votre masque est de forme (B, S) : sur des scores (B, H, T, S), son premier axe tomberait sur les requêtes ; "
    "ajoutez les axes des têtes et des requêtes",
)
def no_new_axes(token_ids, pad_id):
    return token_ids != pad_id


@again(no_new_axes)
def no_new_axes_2(token_ids, pad_id):
    visible = torch.ones_like(token_ids, dtype=torch.bool)
    return visible.masked_fill(token_ids.eq(pad_id), False)


@misconception(
    "three_axes",
    en="your mask has the shape (B, 1, S): over scores (B, H, T, S) its first axis would meet the heads; "
    "one more axis is missing",
    fr="votre masque est de forme (B, 1, S) : sur des scores (B, H, T, S), son premier axe tomberait sur les têtes ; "
    "il manque un axe",
)
def three_axes(token_ids, pad_id):
    return (token_ids != pad_id)[:, None, :]


@again(three_axes)
def three_axes_2(token_ids, pad_id):
    return torch.ne(token_ids, pad_id).unsqueeze(-2)


@misconception(
    "batch_over_queries",
    en="your new axes stand before the batch, (1, 1, B, S): each row's mask would serve a query instead of a row; "
    "put them between the batch and the keys",
    fr="vos nouveaux axes sont devant celui du lot, (1, 1, B, S) : le masque de chaque ligne servirait à une requête "
    "et non à une ligne ; mettez-les entre le lot et les clés",
)
def batch_over_queries(token_ids, pad_id):
    return (token_ids != pad_id)[None, None]


@again(batch_over_queries)
def batch_over_queries_2(token_ids, pad_id):
    return torch.ne(token_ids, pad_id).view(1, 1, *token_ids.shape)


@misconception(
    "queries_and_keys",
    en="your mask, (B, 1, S, S), hides padded queries too: it only fits self-attention, and those rows have nothing "
    "to average; hide the keys alone",
    fr="votre masque, (B, 1, S, S), cache aussi les requêtes de remplissage : il ne convient qu'à l'auto-attention, et "
    "ces lignes n'ont plus rien à moyenner ; cachez seulement les clés",
)
def queries_and_keys(token_ids, pad_id):
    real = token_ids != pad_id
    return real[:, None, :, None] & real[:, None, None, :]


@again(queries_and_keys)
def queries_and_keys_2(token_ids, pad_id):
    real = torch.ne(token_ids, pad_id).double()
    return torch.einsum("bt,bs->bts", real, real).unsqueeze(1) > 0


@misconception(
    "square_of_keys",
    en="your mask is repeated for S queries, (B, 1, S, S): it no longer fits when there are T other queries; leave "
    "their axis at 1, it broadcasts",
    fr="votre masque est répété pour S requêtes, (B, 1, S, S) : il ne convient plus s'il y a T requêtes, T différent "
    "de S ; laissez leur axe à 1, il se diffuse",
)
def square_of_keys(token_ids, pad_id):
    length = token_ids.size(1)
    return (token_ids != pad_id)[:, None, None, :].expand(-1, 1, length, -1)


@again(square_of_keys)
def square_of_keys_2(token_ids, pad_id):
    real = torch.ne(token_ids, pad_id)
    return torch.stack([real] * real.size(1), dim=1).unsqueeze(1)


@misconception(
    "additive_float",
    en="your mask holds 0 and −∞, to be added to scores: a boolean mask is asked for, True means visible",
    fr="votre masque contient 0 et −∞, à ajouter aux scores : on demande un masque booléen, True veut dire visible",
)
def additive_float(token_ids, pad_id):
    mask = torch.zeros(token_ids.shape).masked_fill(token_ids == pad_id, float("-inf"))
    return mask[:, None, None, :]


@again(additive_float)
def additive_float_2(token_ids, pad_id):
    return torch.where(token_ids.ne(pad_id), 0.0, -torch.inf).unsqueeze(1).unsqueeze(1)


@misconception(
    "large_negative_float",
    en="your mask holds 0 and −10,000, to be added to scores as in BERT's first code: a boolean mask is asked for",
    fr="votre masque contient 0 et −10 000, à ajouter aux scores comme dans le premier code de BERT : on demande un "
    "masque booléen",
)
def large_negative_float(token_ids, pad_id):
    mask = (token_ids != pad_id)[:, None, None, :].float()
    return (1.0 - mask) * -10000.0


@again(large_negative_float)
def large_negative_float_2(token_ids, pad_id):
    hidden = torch.eq(token_ids, pad_id).unsqueeze(1).unsqueeze(2)
    return torch.zeros(hidden.shape).masked_fill(hidden, -1e4)


@misconception(
    "numbers",
    en="your mask holds the numbers 0 and 1: a boolean mask is asked for, dtype torch.bool",
    fr="votre masque contient les nombres 0 et 1 : on demande un masque booléen, de dtype torch.bool",
)
def numbers(token_ids, pad_id):
    return (token_ids != pad_id).float()[:, None, None, :]


@again(numbers)
def numbers_2(token_ids, pad_id):
    return torch.where(token_ids == pad_id, 0, 1).view(token_ids.size(0), 1, 1, token_ids.size(1))


@misconception(
    "zero_is_padding",
    en="you take the id 0 for padding, whatever pad_id is: compare with pad_id",
    fr="vous prenez l'identifiant 0 pour le remplissage, quel que soit pad_id : comparez à pad_id",
)
def zero_is_padding(token_ids, pad_id):
    return (token_ids != 0)[:, None, None, :]


@again(zero_is_padding)
def zero_is_padding_2(token_ids, pad_id):
    return token_ids.bool().unsqueeze(1).unsqueeze(1)


@misconception(
    "larger_ids_only",
    en="you keep the ids above pad_id: those below it are real tokens too; only pad_id itself is padding",
    fr="vous gardez les identifiants supérieurs à pad_id : ceux qui sont plus petits sont aussi de vrais jetons ; "
    "seul pad_id est du remplissage",
)
def larger_ids_only(token_ids, pad_id):
    return (token_ids > pad_id)[:, None, None, :]


@again(larger_ids_only)
def larger_ids_only_2(token_ids, pad_id):
    return torch.clamp(token_ids - pad_id, min=0).bool().unsqueeze(1).unsqueeze(2)


@misconception(
    "end_of_rows_only",
    en="you count the real tokens of a row and show that many from its start: padding may also stand at the start or "
    "in the middle; look at each token",
    fr="vous comptez les vrais jetons d'une ligne et vous en montrez autant à partir du début : le remplissage peut "
    "aussi être au début ou au milieu ; regardez chaque jeton",
)
def end_of_rows_only(token_ids, pad_id):
    lengths = (token_ids != pad_id).sum(dim=1)
    return (torch.arange(token_ids.size(1)) < lengths[:, None])[:, None, None, :]


@again(end_of_rows_only)
def end_of_rows_only_2(token_ids, pad_id):
    mask = torch.zeros(token_ids.size(0), 1, 1, token_ids.size(1), dtype=torch.bool)
    for row, ids in enumerate(token_ids.tolist()):
        mask[row, :, :, : len(ids) - ids.count(pad_id)] = True
    return mask
