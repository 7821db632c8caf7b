"""Wrong implementations that students really write, each with what it computes instead."""

from __future__ import annotations

import math

import numpy as np
import torch

from attentif.errors import InputError
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("halves", "own_exponent_per_column", "positions_from_one")


def _even(d_model):
    """The width, if it is even: what each of these does right but for the one that is about it."""
    if d_model % 2:
        raise InputError(expected="an even d_model", got=f"d_model={d_model}", remedy="choose another")
    return d_model


@misconception(
    "halves",
    en="your sines fill the first half of the columns and your cosines the second: they alternate, a sine and its "
    "cosine side by side",
    fr="vos sinus occupent la première moitié des colonnes et vos cosinus la seconde : ils alternent, un sinus et son "
    "cosinus côte à côte",
)
def halves(length, d_model):
    position = torch.arange(length)[:, None]
    inverse = torch.exp(torch.arange(0, _even(d_model), 2) * (-math.log(10000.0) / d_model))
    return torch.cat([torch.sin(position * inverse), torch.cos(position * inverse)], dim=-1)


@again(halves)
def halves_2(length, d_model):
    half = _even(d_model) // 2
    encoding = np.zeros((length, d_model), dtype=np.float32)
    for i in range(half):
        angle = np.arange(length) / 10000 ** (2 * i / d_model)
        encoding[:, i], encoding[:, half + i] = np.sin(angle), np.cos(angle)
    return torch.from_numpy(encoding)


@misconception(
    "two_twice",
    en="your exponent is 4i/d_model: arange(0, d_model, 2) already counts 0, 2, 4 …, which are the 2i of the formula; "
    "do not double them again",
    fr="votre exposant vaut 4i/d_model : arange(0, d_model, 2) compte déjà 0, 2, 4 …, qui sont les 2i de la formule ; "
    "ne les doublez pas une seconde fois",
)
def two_twice(length, d_model):
    encoding = torch.zeros(length, _even(d_model))
    position = torch.arange(length).unsqueeze(1)
    i = torch.arange(0, d_model, 2)
    encoding[:, 0::2] = torch.sin(position / 10000 ** (2 * i / d_model))
    encoding[:, 1::2] = torch.cos(position / 10000 ** (2 * i / d_model))
    return encoding


@again(two_twice)
def two_twice_2(length, d_model):
    rows = []
    for position in range(length):
        row = []
        for column in range(0, _even(d_model), 2):
            angle = position * math.pow(10000, -2 * column / d_model)
            row.extend((math.sin(angle), math.cos(angle)))
        rows.append(row)
    return torch.tensor(rows)


@misconception(
    "two_missing",
    en="your exponent is i/d_model, where i counts pairs: the factor 2 is missing, it is 2i/d_model",
    fr="votre exposant vaut i/d_model, où i compte les paires : le facteur 2 manque, c'est 2i/d_model",
)
def two_missing(length, d_model):
    i = torch.arange(_even(d_model) // 2)
    angle = torch.arange(length)[:, None] / 10000 ** (i / d_model)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@again(two_missing)
def two_missing_2(length, d_model):
    encoding = torch.empty(length, _even(d_model))
    for pair in range(d_model // 2):
        wave = torch.arange(length) * math.exp(-math.log(10000) * pair / d_model)
        encoding[:, 2 * pair], encoding[:, 2 * pair + 1] = wave.sin(), wave.cos()
    return encoding


@misconception(
    "own_exponent_per_column",
    en="your cosines have a frequency of their own, with the number of their column in the exponent: columns 2i and "
    "2i+1 share the exponent 2i/d_model",
    fr="vos cosinus ont une fréquence à eux, avec le numéro de leur colonne dans l'exposant : les colonnes 2i et 2i+1 "
    "ont le même exposant 2i/d_model",
)
def own_exponent_per_column(length, d_model):
    column = torch.arange(_even(d_model))
    angle = torch.arange(length)[:, None] / 10000 ** (column / d_model)
    encoding = torch.zeros(length, d_model)
    encoding[:, 0::2] = angle[:, 0::2].sin()
    encoding[:, 1::2] = angle[:, 1::2].cos()
    return encoding


@again(own_exponent_per_column)
def own_exponent_per_column_2(length, d_model):
    table = [
        [(math.cos if j % 2 else math.sin)(p / math.pow(10000, j / d_model)) for j in range(_even(d_model))]
        for p in range(length)
    ]
    return torch.tensor(table)


@misconception(
    "spread_to_the_end",
    en="your exponents go up to 1 in the last pair, i/(d_model/2 − 1), as in some libraries: the formula asks for "
    "2i/d_model",
    fr="vos exposants vont jusqu'à 1 dans la dernière paire, i/(d_model/2 − 1), comme dans certaines bibliothèques : la "
    "formule demande 2i/d_model",
)
def spread_to_the_end(length, d_model):
    half = _even(d_model) // 2
    step = math.log(10000.0) / max(half - 1, 1)
    angle = torch.arange(length)[:, None] * torch.exp(-step * torch.arange(half))
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@again(spread_to_the_end)
def spread_to_the_end_2(length, d_model):
    frequencies = np.geomspace(1.0, 1e-4, _even(d_model) // 2)
    encoding = np.empty((length, d_model), dtype=np.float32)
    encoding[:, 0::2] = np.sin(np.outer(np.arange(length), frequencies))
    encoding[:, 1::2] = np.cos(np.outer(np.arange(length), frequencies))
    return torch.from_numpy(encoding)


@misconception(
    "base_1000",
    en="your base is 1,000: the formula has 10,000",
    fr="votre base est 1 000 : la formule a 10 000",
)
def base_1000(length, d_model):
    encoding = torch.zeros(length, _even(d_model))
    position = torch.arange(length).unsqueeze(1)
    inverse = torch.exp(torch.arange(0, d_model, 2) * -(math.log(1000.0) / d_model))
    encoding[:, 0::2] = torch.sin(position * inverse)
    encoding[:, 1::2] = torch.cos(position * inverse)
    return encoding


@again(base_1000)
def base_1000_2(length, d_model):
    waves = []
    for pair in range(_even(d_model) // 2):
        angle = torch.arange(length) / 1e3 ** (2 * pair / d_model)
        waves += [angle.sin(), angle.cos()]
    return torch.stack(waves, dim=1)


@misconception(
    "logarithm_missing",
    en="10,000 is missing from your frequencies: exp(−2i/d_model) needs the factor ln(10000) in the exponent",
    fr="10 000 manque dans vos fréquences : à exp(−2i/d_model) il manque le facteur ln(10000) dans l'exposant",
)
def logarithm_missing(length, d_model):
    encoding = torch.zeros(length, _even(d_model))
    position = torch.arange(length).unsqueeze(1)
    inverse = torch.exp(-torch.arange(0, d_model, 2) / d_model)
    encoding[:, 0::2] = torch.sin(position * inverse)
    encoding[:, 1::2] = torch.cos(position * inverse)
    return encoding


@again(logarithm_missing)
def logarithm_missing_2(length, d_model):
    angle = np.arange(length)[:, None] / np.e ** (np.arange(_even(d_model)) // 2 * 2 / d_model)
    both = np.where(np.arange(d_model) % 2, np.cos(angle), np.sin(angle))
    return torch.from_numpy(both).float()


@misconception(
    "multiplied",
    en="you multiply the position by 10000^(2i/d_model): divide, so that the waves get longer from pair to pair",
    fr="vous multipliez la position par 10000^(2i/d_model) : divisez, pour que les ondes s'allongent de paire en paire",
)
def multiplied(length, d_model):
    position = torch.arange(length, dtype=torch.float64)[:, None]
    angle = position * 10000 ** (torch.arange(0, _even(d_model), 2, dtype=torch.float64) / d_model)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1).float()


@again(multiplied)
def multiplied_2(length, d_model):
    encoding = torch.zeros(length, _even(d_model))
    # The sign in front of the logarithm is lost.
    scale = torch.exp(torch.arange(0, d_model, 2) * (math.log(10000.0) / d_model))
    for position in range(length):
        encoding[position, 0::2] = torch.sin(position * scale)
        encoding[position, 1::2] = torch.cos(position * scale)
    return encoding


@misconception(
    "cosine_first",
    en="your cosines stand in the even columns and your sines in the odd ones: exchange them",
    fr="vos cosinus sont dans les colonnes paires et vos sinus dans les colonnes impaires : échangez-les",
)
def cosine_first(length, d_model):
    position = torch.arange(length)[:, None]
    angle = position * torch.exp(torch.arange(0, _even(d_model), 2) * (-math.log(10000.0) / d_model))
    return torch.stack([angle.cos(), angle.sin()], dim=-1).flatten(1)


@again(cosine_first)
def cosine_first_2(length, d_model):
    encoding = torch.zeros(length, _even(d_model))
    for column in range(1, d_model + 1):  # columns counted from 1: even and odd change places
        angle = torch.arange(length) / 10000 ** ((column - 1) // 2 * 2 / d_model)
        encoding[:, column - 1] = angle.sin() if column % 2 == 0 else angle.cos()
    return encoding


@misconception(
    "only_sines",
    en="both columns of each pair hold the sine: the odd column holds the cosine",
    fr="les deux colonnes de chaque paire contiennent le sinus : la colonne impaire contient le cosinus",
)
def only_sines(length, d_model):
    column = torch.arange(_even(d_model))
    angle = torch.arange(length)[:, None] / 10000 ** (2 * (column // 2) / d_model)
    return torch.sin(angle)


@again(only_sines)
def only_sines_2(length, d_model):
    encoding = torch.zeros(length, _even(d_model))
    wave = torch.outer(torch.arange(length), torch.logspace(0, -4, d_model // 2 + 1)[:-1])
    encoding[:, 0::2] = encoding[:, 1::2] = wave.sin()
    return encoding


@misconception(
    "positions_from_one",
    en="your first row is that of position 1: positions are counted from 0",
    fr="votre première ligne est celle de la position 1 : les positions se comptent à partir de 0",
)
def positions_from_one(length, d_model):
    position = torch.arange(1, length + 1)[:, None]
    angle = position * torch.exp(torch.arange(0, _even(d_model), 2) * (-math.log(10000.0) / d_model))
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@again(positions_from_one)
def positions_from_one_2(length, d_model):
    def row(position):
        angles = [position / 10000 ** (2 * i / d_model) for i in range(_even(d_model) // 2)]
        return [f(angle) for angle in angles for f in (math.sin, math.cos)]

    return torch.tensor([row(position + 1) for position in range(length)])


@misconception(
    "extra_axis",
    en="your result has an axis for the batch, (1, length, d_model): (length, d_model) is asked for, it broadcasts",
    fr="votre résultat a un axe pour le lot, (1, length, d_model) : on demande (length, d_model), qui se diffuse",
)
def extra_axis(length, d_model):
    encoding = torch.zeros(length, _even(d_model))
    position = torch.arange(length).unsqueeze(1)
    inverse = torch.exp(torch.arange(0, d_model, 2) * -(math.log(10000.0) / d_model))
    encoding[:, 0::2] = torch.sin(position * inverse)
    encoding[:, 1::2] = torch.cos(position * inverse)
    return encoding.unsqueeze(0)


@again(extra_axis)
def extra_axis_2(length, d_model):
    encoding = np.zeros((1, length, _even(d_model)), dtype=np.float32)
    for i in range(0, d_model, 2):
        encoding[0, :, i] = np.sin(np.arange(length) / 10000 ** (i / d_model))
        encoding[0, :, i + 1] = np.cos(np.arange(length) / 10000 ** (i / d_model))
    return torch.from_numpy(encoding)


@misconception(
    "float64_result",
    en="your values are right but in float64: return float32",
    fr="vos valeurs sont justes mais en float64 : renvoyez du float32",
)
def float64_result(length, d_model):
    column = np.arange(_even(d_model))
    angle = np.arange(length)[:, None] / 10000 ** (2 * (column // 2) / d_model)
    return torch.from_numpy(np.where(column % 2 == 0, np.sin(angle), np.cos(angle)))


@again(float64_result)
def float64_result_2(length, d_model):
    position = torch.arange(length, dtype=torch.float64)[:, None]
    angle = position / 10000 ** (torch.arange(0, _even(d_model), 2, dtype=torch.float64) / d_model)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


@misconception(
    "odd_not_refused",
    en="an odd d_model meets no error of yours that names it: test it first, before anything is computed",
    fr="un d_model impair ne rencontre pas d'erreur de votre part qui le nomme : testez-le d'abord, avant tout calcul",
)
def odd_not_refused(length, d_model):
    encoding = torch.zeros(length, d_model)
    position = torch.arange(length).unsqueeze(1)
    angle = position * torch.exp(torch.arange(0, d_model, 2) * -(math.log(10000.0) / d_model))
    encoding[:, 0::2] = torch.sin(angle)
    encoding[:, 1::2] = torch.cos(angle[:, : d_model // 2])
    return encoding


@again(odd_not_refused)
def odd_not_refused_2(length, d_model):
    # Stops by itself, on shapes that do not fit.
    encoding = torch.empty(length, d_model)
    wave = torch.arange(length)[:, None] / 10000 ** (torch.arange(0, d_model, 2) / d_model)
    encoding[:, ::2], encoding[:, 1::2] = wave.sin(), wave.cos()
    return encoding
