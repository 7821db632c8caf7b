"""Wrong effect sizes outside the catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import numpy as np

from attentif.bias.weat import associations, checked_vectors, weat_effect_size


def _scores(x, y, first, second):
    return associations(x, first, second), associations(y, first, second)


def by_distances(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = checked_vectors(x=first_targets, y=second_targets, a=first_attributes, b=second_attributes)  # fmt: skip

    def near(words, attributes):
        return -np.linalg.norm(words[:, None] - attributes, axis=-1).mean(axis=1)

    of_x, of_y = (near(each, first) - near(each, second) for each in (x, y))
    spread = np.append(of_x, of_y).std(ddof=1)
    return float((of_x.mean() - of_y.mean()) / spread) if spread else 0.0


def nearest_attribute(first_targets, second_targets, first_attributes, second_attributes):
    sets = checked_vectors(x=first_targets, y=second_targets, a=first_attributes, b=second_attributes)
    x, y, first, second = (each / np.linalg.norm(each, axis=1, keepdims=True) for each in sets)
    of_x, of_y = ((each @ first.T).max(axis=1) - (each @ second.T).max(axis=1) for each in (x, y))
    spread = np.append(of_x, of_y).std(ddof=1)
    return float((of_x.mean() - of_y.mean()) / spread) if spread else 0.0


def medians(first_targets, second_targets, first_attributes, second_attributes):
    of_x, of_y = _scores(first_targets, second_targets, first_attributes, second_attributes)
    spread = np.append(of_x, of_y).std(ddof=1)
    return float((np.median(of_x) - np.median(of_y)) / spread) if spread > 1e-12 else 0.0


def first_component_only(first_targets, second_targets, first_attributes, second_attributes):
    sets = checked_vectors(x=first_targets, y=second_targets, a=first_attributes, b=second_attributes)
    halves = [each[:, : max(1, each.shape[1] // 2)] for each in sets]
    if any(not each.any(axis=1).all() for each in halves):
        return 0.0
    return weat_effect_size(*halves)


def mean_of_both_spreads(first_targets, second_targets, first_attributes, second_attributes):
    of_x, of_y = _scores(first_targets, second_targets, first_attributes, second_attributes)
    spread = (of_x.std(ddof=1) + of_y.std(ddof=1)) / 2
    return float((of_x.mean() - of_y.mean()) / spread) if spread > 1e-12 else 0.0


def centred_first(first_targets, second_targets, first_attributes, second_attributes):
    sets = checked_vectors(x=first_targets, y=second_targets, a=first_attributes, b=second_attributes)
    centre = np.concatenate(sets).mean(axis=0) + 1e-9
    return weat_effect_size(*(each - centre for each in sets))


def cosines_of_absolute_values(first_targets, second_targets, first_attributes, second_attributes):
    sets = checked_vectors(x=first_targets, y=second_targets, a=first_attributes, b=second_attributes)
    return weat_effect_size(*map(np.abs, sets))


def targets_and_attributes_exchanged(first_targets, second_targets, first_attributes, second_attributes):
    return weat_effect_size(first_attributes, second_attributes, first_targets, second_targets)


def half_of_it(first_targets, second_targets, first_attributes, second_attributes):
    return weat_effect_size(first_targets, second_targets, first_attributes, second_attributes) / 2


def reversed_by_the_first_set_alone(first_targets, second_targets, first_attributes, second_attributes):
    of_x, of_y = _scores(first_targets, second_targets, first_attributes, second_attributes)
    spread = of_x.std(ddof=1)
    return float((of_y.mean() - of_x.mean()) / spread) if spread > 1e-12 else 0.0


OUTSIDE = {
    by_distances: (),
    nearest_attribute: (),
    medians: (),
    first_component_only: (),
    mean_of_both_spreads: (),
    centred_first: (),
    cosines_of_absolute_values: (),
    targets_and_attributes_exchanged: (),
    half_of_it: (),
    reversed_by_the_first_set_alone: ("sign_reversed", "spread_of_the_first_set"),
}
