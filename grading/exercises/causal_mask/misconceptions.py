"""Wrong implementations that students really write, each with what it computes instead."""

from __future__ import annotations

import torch

from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("transposed", "strict", "inverted")


@misconception(
    "strict",
    en="a position does not see itself: the diagonal is True too",
    fr="une position ne se voit pas elle-même : la diagonale vaut True aussi",
)
def strict(length):
    return torch.ones(length, length, dtype=torch.bool).tril(diagonal=-1)


@again(strict)
def strict_2(length):
    positions = torch.arange(length)
    return positions[None, :] < positions[:, None]


@misconception(
    "one_ahead",
    en="each position sees one position too many, its successor: the answer it must predict",
    fr="chaque position en voit une de trop, la suivante : la réponse qu'elle doit prédire",
)
def one_ahead(length):
    return torch.ones(length, length, dtype=torch.bool).tril(diagonal=1)


@again(one_ahead)
def one_ahead_2(length):
    return torch.tensor([[key <= query + 1 for key in range(length)] for query in range(length)])


@misconception(
    "transposed",
    en="your mask is transposed: each position sees itself and the future; rows are queries",
    fr="votre masque est transposé : chaque position se voit elle-même et le futur ; les lignes sont les requêtes",
)
def transposed(length):
    return torch.ones(length, length, dtype=torch.bool).triu()


@again(transposed)
def transposed_2(length):
    positions = torch.arange(length)
    return positions[None, :] >= positions[:, None]


@misconception(
    "inverted",
    en="your mask is True where a key is hidden: True means visible",
    fr="votre masque vaut True là où une clé est cachée : True veut dire visible",
)
def inverted(length):
    return torch.ones(length, length, dtype=torch.bool).triu(diagonal=1)


@again(inverted)
def inverted_2(length):
    return ~(torch.arange(length)[:, None] >= torch.arange(length))


@misconception(
    "everything_visible",
    en="your mask shows everything: the future is visible",
    fr="votre masque montre tout : le futur est visible",
)
def everything_visible(length):
    mask = torch.ones(length, length, dtype=torch.bool)
    mask.tril(0)  # the result is dropped
    return mask


@again(everything_visible)
def everything_visible_2(length):
    return torch.full((length, length), True)


@misconception(
    "only_itself",
    en="each position sees itself alone: the past is visible too",
    fr="chaque position ne voit qu'elle-même : le passé est visible aussi",
)
def only_itself(length):
    return torch.eye(length, dtype=torch.bool)


@again(only_itself)
def only_itself_2(length):
    positions = torch.arange(length)
    return positions[:, None] == positions[None, :]


@misconception(
    "additive_float",
    en="your mask holds 0 and −∞, to be added to scores: a boolean mask is asked for, True means visible",
    fr="votre masque contient 0 et −∞, à ajouter aux scores : on demande un masque booléen, True veut dire visible",
)
def additive_float(length):
    return torch.full((length, length), float("-inf")).triu(diagonal=1)


@again(additive_float)
def additive_float_2(length):
    return torch.zeros(length, length).masked_fill(torch.ones(length, length).tril() == 0, -torch.inf)


@misconception(
    "float_ones",
    en="your mask holds the numbers 0 and 1: a boolean mask is asked for, dtype torch.bool",
    fr="votre masque contient les nombres 0 et 1 : on demande un masque booléen, de dtype torch.bool",
)
def float_ones(length):
    return torch.tril(torch.ones(length, length))


@again(float_ones)
def float_ones_2(length):
    positions = torch.arange(length, dtype=torch.float32)
    return (positions[:, None] >= positions[None, :]).float()


@misconception(
    "integer_ones",
    en="your mask holds the integers 0 and 1: a boolean mask is asked for, dtype torch.bool",
    fr="votre masque contient les entiers 0 et 1 : on demande un masque booléen, de dtype torch.bool",
)
def integer_ones(length):
    return torch.tril(torch.ones(length, length, dtype=torch.long))


@again(integer_ones)
def integer_ones_2(length):
    return torch.tensor([[int(key <= query) for key in range(length)] for query in range(length)])


@misconception(
    "extra_axes",
    en="your mask has axes for the batch and the heads: (length, length) already broadcasts to (B, H, T, S)",
    fr="votre masque a des axes pour le lot et les têtes : (length, length) se diffuse déjà vers (B, H, T, S)",
)
def extra_axes(length):
    return torch.ones(length, length, dtype=torch.bool).tril()[None, None]


@again(extra_axes)
def extra_axes_2(length):
    positions = torch.arange(length)
    return (positions[:, None] >= positions).view(1, 1, length, length)


@misconception(
    "window",
    en="each position only sees itself and its predecessor: the whole past is visible",
    fr="chaque position ne voit qu'elle-même et la précédente : tout le passé est visible",
)
def window(length):
    return torch.ones(length, length, dtype=torch.bool).tril().triu(diagonal=-1)


@again(window)
def window_2(length):
    behind = torch.arange(length)[:, None] - torch.arange(length)[None, :]
    return (behind == 0) | (behind == 1)
