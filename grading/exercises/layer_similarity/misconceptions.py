"""Wrong implementations that students really write, each with what it computes instead.

The first version of each takes all cosines at once, the second goes through the pairs of each layer.
"""

from __future__ import annotations

import math
from itertools import combinations

import torch
from torch.nn import functional as F

from attentif.checks.text import text
from attentif.limits.representations import LayerSimilarity
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("itself_within", "default_axis", "previous_layer")


def upper(vectors):
    """Which entries of a table over pairs of the second axis are above its diagonal."""
    n = vectors.size(1)
    return torch.ones(n, n, dtype=torch.bool).triu(diagonal=1)


def mean(values):
    """NaN for none."""
    return sum(values) / len(values) if values else math.nan


def float_dot(a, b):
    """The dot product of two vectors."""
    return torch.dot(a.double(), b.double()).item()


def cosine(a, b):
    """The cosine of two vectors."""
    return F.cosine_similarity(a.double(), b.double(), dim=0).item()


@misconception(
    "dot_product",
    en="you take the dot product for the cosine: divide each vector by its length first",
    fr="vous prenez le produit scalaire pour le cosinus : divisez d'abord chaque vecteur par sa norme",
)
def dot_product(vectors, senses, others):
    unit, unit_others = vectors.double(), others.double()
    cosines = unit @ unit.mT  # (L + 1, N, N)
    same = torch.tensor([[one == other for other in senses] for one in senses])
    once = upper(vectors)

    return LayerSimilarity(
        within=cosines[:, same & once].mean(dim=-1),
        across=cosines[:, ~same & once].mean(dim=-1),
        static=(unit * unit[:1]).sum(dim=-1).mean(dim=-1),
        baseline=(unit_others @ unit_others.mT)[:, upper(others)].mean(dim=-1),
    )


@again(dot_product)
def dot_product_2(vectors, senses, others):
    profiles = []
    for rows, random in zip(vectors, others, strict=True):
        found = [(i, j, float_dot(rows[i], rows[j])) for i, j in combinations(range(len(senses)), 2)]
        profiles.append(
            (
                mean([c for i, j, c in found if senses[i] == senses[j]]),
                mean([c for i, j, c in found if senses[i] != senses[j]]),
                mean([float_dot(v, first) for v, first in zip(rows, vectors[0], strict=True)]),
                mean([float_dot(a, b) for a, b in combinations(random, 2)]),
            )
        )
    return LayerSimilarity(*torch.tensor(profiles, dtype=torch.float64).T)


@misconception(
    "default_axis",
    en="you divide by the length along the sentences, the default axis of F.normalize: the vectors lie along the last axis, dim=-1",
    fr="vous divisez par la norme selon l'axe des phrases, l'axe par défaut de F.normalize : les vecteurs sont selon le dernier axe, dim=-1",
    warning=text(
        "you divide by the length along the sentences, the default axis of `F.normalize`",
        "vous divisez par la norme selon l'axe des phrases, l'axe par défaut de `F.normalize`",
    ),
)
def default_axis(vectors, senses, others):
    unit, unit_others = F.normalize(vectors.double()), F.normalize(others.double())
    cosines = unit @ unit.mT  # (L + 1, N, N)
    same = torch.tensor([[one == other for other in senses] for one in senses])
    once = upper(vectors)

    return LayerSimilarity(
        within=cosines[:, same & once].mean(dim=-1),
        across=cosines[:, ~same & once].mean(dim=-1),
        static=(unit * unit[:1]).sum(dim=-1).mean(dim=-1),
        baseline=(unit_others @ unit_others.mT)[:, upper(others)].mean(dim=-1),
    )


@again(default_axis)
def default_axis_2(vectors, senses, others):
    profiles = []
    vectors = vectors.double() / vectors.double().norm(dim=1, keepdim=True)
    others = others.double() / others.double().square().sum(dim=1, keepdim=True).sqrt()
    for rows, random in zip(vectors, others, strict=True):
        found = [(i, j, float_dot(rows[i], rows[j])) for i, j in combinations(range(len(senses)), 2)]
        profiles.append(
            (
                mean([c for i, j, c in found if senses[i] == senses[j]]),
                mean([c for i, j, c in found if senses[i] != senses[j]]),
                mean([float_dot(v, first) for v, first in zip(rows, vectors[0], strict=True)]),
                mean([float_dot(a, b) for a, b in combinations(random, 2)]),
            )
        )
    return LayerSimilarity(*torch.tensor(profiles, dtype=torch.float64).T)


@misconception(
    "itself_within",
    en="in within you count each vector with itself, which adds cosines of 1: leave the diagonal out",
    fr="dans within, vous comptez chaque vecteur avec lui-même, ce qui ajoute des cosinus de 1 : laissez la diagonale de côté",
    warning=text(
        "in `within` you count each vector with itself",
        "dans `within`, vous comptez chaque vecteur avec lui-même",
    ),
)
def itself_within(vectors, senses, others):
    unit, unit_others = (F.normalize(each.double(), dim=-1) for each in (vectors, others))
    cosines = unit @ unit.mT  # (L + 1, N, N)
    same = torch.tensor([[one == other for other in senses] for one in senses])
    once = upper(vectors)

    return LayerSimilarity(
        within=cosines[:, same].mean(dim=-1),
        across=cosines[:, ~same & once].mean(dim=-1),
        static=(unit * unit[:1]).sum(dim=-1).mean(dim=-1),
        baseline=(unit_others @ unit_others.mT)[:, upper(others)].mean(dim=-1),
    )


@again(itself_within)
def itself_within_2(vectors, senses, others):
    profiles = []
    for rows, random in zip(vectors, others, strict=True):
        found = [(i, j, cosine(rows[i], rows[j])) for i, j in combinations(range(len(senses)), 2)]
        profiles.append(
            (
                mean(
                    [
                        cosine(rows[i], rows[j])
                        for i, one in enumerate(senses)
                        for j, other in enumerate(senses)
                        if one == other
                    ]
                ),
                mean([c for i, j, c in found if senses[i] != senses[j]]),
                mean([cosine(v, first) for v, first in zip(rows, vectors[0], strict=True)]),
                mean([cosine(a, b) for a, b in combinations(random, 2)]),
            )
        )
    return LayerSimilarity(*torch.tensor(profiles, dtype=torch.float64).T)


@misconception(
    "itself_in_the_baseline",
    en="in baseline you count each vector with itself, which adds cosines of 1: leave the diagonal out",
    fr="dans baseline, vous comptez chaque vecteur avec lui-même, ce qui ajoute des cosinus de 1 : laissez la diagonale de côté",
)
def itself_in_the_baseline(vectors, senses, others):
    unit, unit_others = (F.normalize(each.double(), dim=-1) for each in (vectors, others))
    cosines = unit @ unit.mT  # (L + 1, N, N)
    same = torch.tensor([[one == other for other in senses] for one in senses])
    once = upper(vectors)

    return LayerSimilarity(
        within=cosines[:, same & once].mean(dim=-1),
        across=cosines[:, ~same & once].mean(dim=-1),
        static=(unit * unit[:1]).sum(dim=-1).mean(dim=-1),
        baseline=(unit_others @ unit_others.mT).mean(dim=(-2, -1)),
    )


@again(itself_in_the_baseline)
def itself_in_the_baseline_2(vectors, senses, others):
    profiles = []
    for rows, random in zip(vectors, others, strict=True):
        found = [(i, j, cosine(rows[i], rows[j])) for i, j in combinations(range(len(senses)), 2)]
        profiles.append(
            (
                mean([c for i, j, c in found if senses[i] == senses[j]]),
                mean([c for i, j, c in found if senses[i] != senses[j]]),
                mean([cosine(v, first) for v, first in zip(rows, vectors[0], strict=True)]),
                mean([cosine(a, b) for a in random for b in random]),
            )
        )
    return LayerSimilarity(*torch.tensor(profiles, dtype=torch.float64).T)


@misconception(
    "all_pairs_within",
    en="in within you count all pairs, those across senses too: only pairs of one sense belong there",
    fr="dans within, vous comptez toutes les paires, y compris entre sens : seules comptent celles d'un même sens",
)
def all_pairs_within(vectors, senses, others):
    unit, unit_others = (F.normalize(each.double(), dim=-1) for each in (vectors, others))
    cosines = unit @ unit.mT  # (L + 1, N, N)
    same = torch.tensor([[one == other for other in senses] for one in senses])
    once = upper(vectors)

    return LayerSimilarity(
        within=cosines[:, once].mean(dim=-1),
        across=cosines[:, ~same & once].mean(dim=-1),
        static=(unit * unit[:1]).sum(dim=-1).mean(dim=-1),
        baseline=(unit_others @ unit_others.mT)[:, upper(others)].mean(dim=-1),
    )


@again(all_pairs_within)
def all_pairs_within_2(vectors, senses, others):
    profiles = []
    for rows, random in zip(vectors, others, strict=True):
        found = [(i, j, cosine(rows[i], rows[j])) for i, j in combinations(range(len(senses)), 2)]
        profiles.append(
            (
                mean([c for _, _, c in found]),
                mean([c for i, j, c in found if senses[i] != senses[j]]),
                mean([cosine(v, first) for v, first in zip(rows, vectors[0], strict=True)]),
                mean([cosine(a, b) for a, b in combinations(random, 2)]),
            )
        )
    return LayerSimilarity(*torch.tensor(profiles, dtype=torch.float64).T)


@misconception(
    "all_pairs_across",
    en="in across you count all pairs, those of one sense too: only pairs of different senses belong there",
    fr="dans across, vous comptez toutes les paires, y compris d'un même sens : seules comptent celles de sens différents",
)
def all_pairs_across(vectors, senses, others):
    unit, unit_others = (F.normalize(each.double(), dim=-1) for each in (vectors, others))
    cosines = unit @ unit.mT  # (L + 1, N, N)
    same = torch.tensor([[one == other for other in senses] for one in senses])
    once = upper(vectors)

    return LayerSimilarity(
        within=cosines[:, same & once].mean(dim=-1),
        across=cosines[:, once].mean(dim=-1),
        static=(unit * unit[:1]).sum(dim=-1).mean(dim=-1),
        baseline=(unit_others @ unit_others.mT)[:, upper(others)].mean(dim=-1),
    )


@again(all_pairs_across)
def all_pairs_across_2(vectors, senses, others):
    profiles = []
    for rows, random in zip(vectors, others, strict=True):
        found = [(i, j, cosine(rows[i], rows[j])) for i, j in combinations(range(len(senses)), 2)]
        profiles.append(
            (
                mean([c for i, j, c in found if senses[i] == senses[j]]),
                mean([c for *_, c in found]),
                mean([cosine(v, first) for v, first in zip(rows, vectors[0], strict=True)]),
                mean([cosine(a, b) for a, b in combinations(random, 2)]),
            )
        )
    return LayerSimilarity(*torch.tensor(profiles, dtype=torch.float64).T)


@misconception(
    "exchanged",
    en="within and across are exchanged: within is of one sense, across of different ones",
    fr="within et across sont échangés : within porte sur un même sens, across sur des sens différents",
)
def exchanged(vectors, senses, others):
    unit, unit_others = (F.normalize(each.double(), dim=-1) for each in (vectors, others))
    cosines = unit @ unit.mT  # (L + 1, N, N)
    same = torch.tensor([[one == other for other in senses] for one in senses])
    once = upper(vectors)

    return LayerSimilarity(
        within=cosines[:, ~same & once].mean(dim=-1),
        across=cosines[:, same & once].mean(dim=-1),
        static=(unit * unit[:1]).sum(dim=-1).mean(dim=-1),
        baseline=(unit_others @ unit_others.mT)[:, upper(others)].mean(dim=-1),
    )


@again(exchanged)
def exchanged_2(vectors, senses, others):
    profiles = []
    for rows, random in zip(vectors, others, strict=True):
        found = [(i, j, cosine(rows[i], rows[j])) for i, j in combinations(range(len(senses)), 2)]
        profiles.append(
            (
                mean([c for i, j, c in found if senses[i] != senses[j]]),
                mean([c for i, j, c in found if senses[i] == senses[j]]),
                mean([cosine(v, first) for v, first in zip(rows, vectors[0], strict=True)]),
                mean([cosine(a, b) for a, b in combinations(random, 2)]),
            )
        )
    return LayerSimilarity(*torch.tensor(profiles, dtype=torch.float64).T)


@misconception(
    "mean_of_sense_means",
    en="in within you average each sense first: every pair counts alike, whatever its sense",
    fr="dans within, vous faites d'abord la moyenne de chaque sens : chaque paire compte autant, quel que soit son sens",
)
def mean_of_sense_means(vectors, senses, others):
    unit, unit_others = (F.normalize(each.double(), dim=-1) for each in (vectors, others))
    cosines = unit @ unit.mT  # (L + 1, N, N)
    same = torch.tensor([[one == other for other in senses] for one in senses])
    once = upper(vectors)
    by_sense = []
    for sense in dict.fromkeys(senses):
        rows = torch.tensor([one == sense for one in senses])
        by_sense.append(cosines[:, rows[:, None] & rows & once].mean(dim=-1))
    return LayerSimilarity(
        within=torch.stack(by_sense).nanmean(dim=0),
        across=cosines[:, ~same & once].mean(dim=-1),
        static=(unit * unit[:1]).sum(dim=-1).mean(dim=-1),
        baseline=(unit_others @ unit_others.mT)[:, upper(others)].mean(dim=-1),
    )


@again(mean_of_sense_means)
def mean_of_sense_means_2(vectors, senses, others):
    profiles = []
    for rows, random in zip(vectors, others, strict=True):
        found = [(i, j, cosine(rows[i], rows[j])) for i, j in combinations(range(len(senses)), 2)]
        profiles.append(
            (
                mean(
                    [
                        m
                        for m in (
                            mean([c for i, j, c in found if senses[i] == senses[j] == one])
                            for one in set(senses)
                        )
                        if m == m
                    ]
                ),
                mean([c for i, j, c in found if senses[i] != senses[j]]),
                mean([cosine(v, first) for v, first in zip(rows, vectors[0], strict=True)]),
                mean([cosine(a, b) for a, b in combinations(random, 2)]),
            )
        )
    return LayerSimilarity(*torch.tensor(profiles, dtype=torch.float64).T)


@misconception(
    "previous_layer",
    en="in static you compare with the layer before: compare with layer 0",
    fr="dans static, vous comparez avec la couche d'avant : comparez avec la couche 0",
    warning=text(
        "in `static` you compare with the layer before", "dans `static`, vous comparez avec la couche d'avant"
    ),
)
def previous_layer(vectors, senses, others):
    unit, unit_others = (F.normalize(each.double(), dim=-1) for each in (vectors, others))
    cosines = unit @ unit.mT  # (L + 1, N, N)
    same = torch.tensor([[one == other for other in senses] for one in senses])
    once = upper(vectors)

    return LayerSimilarity(
        within=cosines[:, same & once].mean(dim=-1),
        across=cosines[:, ~same & once].mean(dim=-1),
        static=(unit * torch.cat([unit[:1], unit[:-1]])).sum(dim=-1).mean(dim=-1),
        baseline=(unit_others @ unit_others.mT)[:, upper(others)].mean(dim=-1),
    )


@again(previous_layer)
def previous_layer_2(vectors, senses, others):
    profiles = []
    for rows, random in zip(vectors, others, strict=True):
        found = [(i, j, cosine(rows[i], rows[j])) for i, j in combinations(range(len(senses)), 2)]
        profiles.append(
            (
                mean([c for i, j, c in found if senses[i] == senses[j]]),
                mean([c for i, j, c in found if senses[i] != senses[j]]),
                mean(
                    [
                        cosine(v, before)
                        for v, before in zip(rows, vectors[max(0, len(profiles) - 1)], strict=True)
                    ]
                ),
                mean([cosine(a, b) for a, b in combinations(random, 2)]),
            )
        )
    return LayerSimilarity(*torch.tensor(profiles, dtype=torch.float64).T)


@misconception(
    "static_with_all",
    en="in static you compare each occurrence with the layer 0 of all others too: compare it with its own",
    fr="dans static, vous comparez aussi chaque occurrence avec la couche 0 de toutes les autres : comparez-la avec la sienne",
)
def static_with_all(vectors, senses, others):
    unit, unit_others = (F.normalize(each.double(), dim=-1) for each in (vectors, others))
    cosines = unit @ unit.mT  # (L + 1, N, N)
    same = torch.tensor([[one == other for other in senses] for one in senses])
    once = upper(vectors)

    return LayerSimilarity(
        within=cosines[:, same & once].mean(dim=-1),
        across=cosines[:, ~same & once].mean(dim=-1),
        static=(unit @ unit[0].mT).mean(dim=(-2, -1)),
        baseline=(unit_others @ unit_others.mT)[:, upper(others)].mean(dim=-1),
    )


@again(static_with_all)
def static_with_all_2(vectors, senses, others):
    profiles = []
    for rows, random in zip(vectors, others, strict=True):
        found = [(i, j, cosine(rows[i], rows[j])) for i, j in combinations(range(len(senses)), 2)]
        profiles.append(
            (
                mean([c for i, j, c in found if senses[i] == senses[j]]),
                mean([c for i, j, c in found if senses[i] != senses[j]]),
                mean([cosine(v, first) for v in rows for first in vectors[0]]),
                mean([cosine(a, b) for a, b in combinations(random, 2)]),
            )
        )
    return LayerSimilarity(*torch.tensor(profiles, dtype=torch.float64).T)


@misconception(
    "last_layer_reference",
    en="in static you compare with the last layer: compare with layer 0",
    fr="dans static, vous comparez avec la dernière couche : comparez avec la couche 0",
)
def last_layer_reference(vectors, senses, others):
    unit, unit_others = (F.normalize(each.double(), dim=-1) for each in (vectors, others))
    cosines = unit @ unit.mT  # (L + 1, N, N)
    same = torch.tensor([[one == other for other in senses] for one in senses])
    once = upper(vectors)

    return LayerSimilarity(
        within=cosines[:, same & once].mean(dim=-1),
        across=cosines[:, ~same & once].mean(dim=-1),
        static=(unit * unit[-1:]).sum(dim=-1).mean(dim=-1),
        baseline=(unit_others @ unit_others.mT)[:, upper(others)].mean(dim=-1),
    )


@again(last_layer_reference)
def last_layer_reference_2(vectors, senses, others):
    profiles = []
    for rows, random in zip(vectors, others, strict=True):
        found = [(i, j, cosine(rows[i], rows[j])) for i, j in combinations(range(len(senses)), 2)]
        profiles.append(
            (
                mean([c for i, j, c in found if senses[i] == senses[j]]),
                mean([c for i, j, c in found if senses[i] != senses[j]]),
                mean([cosine(v, last) for v, last in zip(rows, vectors[-1], strict=True)]),
                mean([cosine(a, b) for a, b in combinations(random, 2)]),
            )
        )
    return LayerSimilarity(*torch.tensor(profiles, dtype=torch.float64).T)


@misconception(
    "baseline_with_the_word",
    en="in baseline you compare the word with the others: compare the others with each other",
    fr="dans baseline, vous comparez le mot avec les autres : comparez les autres entre eux",
)
def baseline_with_the_word(vectors, senses, others):
    unit, unit_others = (F.normalize(each.double(), dim=-1) for each in (vectors, others))
    cosines = unit @ unit.mT  # (L + 1, N, N)
    same = torch.tensor([[one == other for other in senses] for one in senses])
    once = upper(vectors)

    return LayerSimilarity(
        within=cosines[:, same & once].mean(dim=-1),
        across=cosines[:, ~same & once].mean(dim=-1),
        static=(unit * unit[:1]).sum(dim=-1).mean(dim=-1),
        baseline=(unit @ unit_others.mT).mean(dim=(-2, -1)),
    )


@again(baseline_with_the_word)
def baseline_with_the_word_2(vectors, senses, others):
    profiles = []
    for rows, random in zip(vectors, others, strict=True):
        found = [(i, j, cosine(rows[i], rows[j])) for i, j in combinations(range(len(senses)), 2)]
        profiles.append(
            (
                mean([c for i, j, c in found if senses[i] == senses[j]]),
                mean([c for i, j, c in found if senses[i] != senses[j]]),
                mean([cosine(v, first) for v, first in zip(rows, vectors[0], strict=True)]),
                mean([cosine(v, u) for v in rows for u in random]),
            )
        )
    return LayerSimilarity(*torch.tensor(profiles, dtype=torch.float64).T)


@misconception(
    "baseline_subtracted",
    en="within is returned with the baseline subtracted already: within is the plain mean, corrected subtracts",
    fr="within est renvoyé avec baseline déjà soustraite : within est la moyenne simple, c'est corrected qui soustrait",
)
def baseline_subtracted(vectors, senses, others):
    unit, unit_others = (F.normalize(each.double(), dim=-1) for each in (vectors, others))
    cosines = unit @ unit.mT  # (L + 1, N, N)
    same = torch.tensor([[one == other for other in senses] for one in senses])
    once = upper(vectors)

    return LayerSimilarity(
        within=cosines[:, same & once].mean(dim=-1)
        - (unit_others @ unit_others.mT)[:, upper(others)].mean(dim=-1),
        across=cosines[:, ~same & once].mean(dim=-1),
        static=(unit * unit[:1]).sum(dim=-1).mean(dim=-1),
        baseline=(unit_others @ unit_others.mT)[:, upper(others)].mean(dim=-1),
    )


@again(baseline_subtracted)
def baseline_subtracted_2(vectors, senses, others):
    profiles = []
    for rows, random in zip(vectors, others, strict=True):
        found = [(i, j, cosine(rows[i], rows[j])) for i, j in combinations(range(len(senses)), 2)]
        profiles.append(
            (
                mean([c for i, j, c in found if senses[i] == senses[j]])
                - mean([cosine(a, b) for a, b in combinations(random, 2)]),
                mean([c for i, j, c in found if senses[i] != senses[j]]),
                mean([cosine(v, first) for v, first in zip(rows, vectors[0], strict=True)]),
                mean([cosine(a, b) for a, b in combinations(random, 2)]),
            )
        )
    return LayerSimilarity(*torch.tensor(profiles, dtype=torch.float64).T)


@misconception(
    "zero_for_no_pair",
    en="with one sense only, across is 0: a mean over no pair is NaN, for 0 would say that senses have nothing in common",
    fr="quand il n'y a qu'un sens, across vaut 0 : une moyenne sur aucune paire est NaN, car 0 dirait que les sens n'ont rien en commun",
)
def zero_for_no_pair(vectors, senses, others):
    unit, unit_others = (F.normalize(each.double(), dim=-1) for each in (vectors, others))
    cosines = unit @ unit.mT  # (L + 1, N, N)
    same = torch.tensor([[one == other for other in senses] for one in senses])
    once = upper(vectors)

    return LayerSimilarity(
        within=cosines[:, same & once].mean(dim=-1),
        across=cosines[:, ~same & once].mean(dim=-1).nan_to_num(),
        static=(unit * unit[:1]).sum(dim=-1).mean(dim=-1),
        baseline=(unit_others @ unit_others.mT)[:, upper(others)].mean(dim=-1),
    )


@again(zero_for_no_pair)
def zero_for_no_pair_2(vectors, senses, others):
    profiles = []
    for rows, random in zip(vectors, others, strict=True):
        found = [(i, j, cosine(rows[i], rows[j])) for i, j in combinations(range(len(senses)), 2)]
        profiles.append(
            (
                mean([c for i, j, c in found if senses[i] == senses[j]]),
                (lambda c: sum(c) / max(1, len(c)))([c for i, j, c in found if senses[i] != senses[j]]),
                mean([cosine(v, first) for v, first in zip(rows, vectors[0], strict=True)]),
                mean([cosine(a, b) for a, b in combinations(random, 2)]),
            )
        )
    return LayerSimilarity(*torch.tensor(profiles, dtype=torch.float64).T)
