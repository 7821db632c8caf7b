"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import math
import statistics

import numpy as np
import torch

from attentif.bias.weat import checked_vectors
from attentif_grading.exercises import variant


@variant
def by_the_difference_of_centres(first_targets, second_targets, first_attributes, second_attributes):
    sets = checked_vectors(x=first_targets, y=second_targets, a=first_attributes, b=second_attributes)
    x, y, first, second = (each / np.sqrt((each**2).sum(axis=1))[:, None] for each in sets)
    # The mean of cosines with unit vectors is a dot product with their mean.
    axis = first.mean(axis=0) - second.mean(axis=0)
    scores = np.r_[x, y] @ axis
    gap = scores[: len(x)].mean() - scores[len(x) :].mean()
    spread = np.std(scores, ddof=1)
    return 0.0 if spread < 1e-12 else gap / spread


@variant
def by_tensors(first_targets, second_targets, first_attributes, second_attributes):
    given = (first_targets, second_targets, first_attributes, second_attributes)
    sets = [torch.as_tensor(vectors, dtype=torch.float64) for vectors in given]
    for vectors in sets:
        if vectors.ndim != 2 or not torch.isfinite(vectors).all() or (vectors.norm(dim=1) == 0).any():
            raise ValueError("vectors of finite numbers, other than 0")
    if len({vectors.size(1) for vectors in sets}) != 1:
        raise ValueError("vectors of one width")
    x, y, first, second = sets

    def association(words):
        near = [torch.cosine_similarity(words.unsqueeze(1), each, dim=2).mean(1) for each in (first, second)]
        return near[0] - near[1]

    of_x, of_y = association(x), association(y)
    both = torch.cat((of_x, of_y))
    if both.max() - both.min() < 1e-12:
        return 0.0
    return ((of_x.mean() - of_y.mean()) / both.std()).item()


@variant
def in_plain_python(first_targets, second_targets, first_attributes, second_attributes):
    sets = checked_vectors(x=first_targets, y=second_targets, a=first_attributes, b=second_attributes)
    x, y, first, second = (each.tolist() for each in sets)

    def cosine(v, w):
        return sum(a * b for a, b in zip(v, w, strict=True)) / math.dist(v, [0] * len(v)) / math.hypot(*w)

    def near(word, attributes):
        return sum(cosine(word, attribute) for attribute in attributes) / len(attributes)

    of_x, of_y = ([near(word, first) - near(word, second) for word in words] for words in (x, y))
    if math.isclose(min(of_x + of_y), max(of_x + of_y), abs_tol=1e-12):
        return 0.0
    return (statistics.mean(of_x) - statistics.mean(of_y)) / statistics.stdev(of_x + of_y)


@variant
def sums_of_squares_in_single_precision(first_targets, second_targets, first_attributes, second_attributes):
    sets = checked_vectors(x=first_targets, y=second_targets, a=first_attributes, b=second_attributes)
    x, y, first, second = (torch.nn.functional.normalize(torch.from_numpy(each).float()) for each in sets)
    scores = torch.cat([x, y]) @ first.T.mean(1) - torch.cat([x, y]) @ second.T.mean(1)
    centred = scores - scores.mean()
    spread = torch.sqrt(centred.square().sum() / (len(scores) - 1))
    gap = scores[: len(x)].mean() - scores[len(x) :].mean()
    return float(torch.where(spread < 1e-6, 0.0, gap / spread))
