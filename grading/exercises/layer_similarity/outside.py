"""Wrong answers to layer_similarity outside its catalogue, each with the catalogued mistakes that are true of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import torch
from torch.nn import functional as F

from attentif.limits.representations import LayerSimilarity, layer_similarity


def angles_in_radians(vectors, senses, others):
    found = layer_similarity(vectors, senses, others)
    return LayerSimilarity(
        *(each.acos() for each in (found.within, found.across, found.static, found.baseline))
    )


def absolute_values(vectors, senses, others):
    found = layer_similarity(vectors, senses, others)
    return LayerSimilarity(
        *(-each.abs() for each in (found.within, found.across, found.static, found.baseline))
    )


def euclidean_distances(vectors, senses, others):
    found = layer_similarity(vectors, senses, others)
    distances = torch.cdist(vectors.double(), vectors.double())
    return replace(found, within=distances.mean(dim=(1, 2)), across=distances.amax(dim=(1, 2)))


def centred_first(vectors, senses, others):
    return layer_similarity(vectors - vectors.mean(dim=1, keepdim=True), senses, others)


def correlation_of_dimensions(vectors, senses, others):
    return layer_similarity(*(each - each.mean(dim=-1, keepdim=True) if torch.is_tensor(each) else each for each in (vectors, senses, others)))  # fmt: skip


def senses_sorted_first(vectors, senses, others):
    return layer_similarity(vectors, sorted(senses, key=str), others)


def neighbours_only(vectors, senses, others):
    found = layer_similarity(vectors, senses, others)
    unit = F.normalize(vectors.double(), dim=-1)
    beside = (unit[:, 1:] * unit[:, :-1]).sum(dim=-1)
    same = torch.tensor([one == other for one, other in pairwise(senses)])
    return replace(found, across=beside[:, ~same].mean(dim=-1))


def centroids_of_senses(vectors, senses, others):
    found = layer_similarity(vectors, senses, others)
    means = [
        vectors[:, [i for i, each in enumerate(senses) if each == sense]].mean(dim=1)
        for sense in dict.fromkeys(senses)
    ]
    if len(means) < 2:
        return found
    return replace(found, across=F.cosine_similarity(means[0].double(), means[1].double(), dim=-1))  # fmt: skip


def all_layers_in_one(vectors, senses, others):
    found = layer_similarity(vectors, senses, others)
    return LayerSimilarity(*(each.mean().expand_as(each) for each in (found.within, found.across, found.static, found.baseline)))  # fmt: skip


def layers_reversed(vectors, senses, others):
    found = layer_similarity(vectors, senses, others)
    return LayerSimilarity(
        *(each.flip(0) for each in (found.within, found.across, found.static, found.baseline))
    )


def first_sense_only(vectors, senses, others):
    found = layer_similarity(vectors, senses, others)
    chosen = [i for i, each in enumerate(senses) if each == max(set(senses), key=senses.count)]
    return replace(found, within=layer_similarity(vectors[:, chosen], [0] * len(chosen), others).within)


def baseline_left_at_zero(vectors, senses, others):
    found = layer_similarity(vectors, senses, others)
    return replace(found, baseline=torch.zeros_like(found.within))


def static_of_the_mean_vector(vectors, senses, others):
    found = layer_similarity(vectors, senses, others)
    means = vectors.double().mean(dim=1)
    return replace(found, static=F.cosine_similarity(means, means[:1], dim=-1))


OUTSIDE = {
    each: ()
    for each in (
        angles_in_radians,
        absolute_values,
        euclidean_distances,
        centred_first,
        correlation_of_dimensions,
        senses_sorted_first,
        neighbours_only,
        centroids_of_senses,
        all_layers_in_one,
        layers_reversed,
        first_sense_only,
        baseline_left_at_zero,
        static_of_the_mean_vector,
    )
}
