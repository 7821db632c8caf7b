"""Hidden checks of layer_similarity, against a loop over pairs in plain Python numbers."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np

from attentif.checks.engine import CheckSet
from attentif.checks.layer_profiles import check_profiles
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.salt import rng_for

CHECKS = CheckSet("layer_similarity")
NAME = "layer_similarity"


def _cosine(one, other):
    return math.fsum(a * b for a, b in zip(one, other, strict=True)) / math.hypot(*one) / math.hypot(*other)


def _mean(values):
    return math.fsum(values) / len(values) if values else math.nan


def _expected(vectors, senses, others):
    profiles = {"within": [], "across": [], "static": [], "baseline": []}
    for rows, random in zip(vectors.tolist(), others.tolist(), strict=True):
        pairs = [
            (senses[i] == senses[j], _cosine(rows[i], rows[j])) for i, j in combinations(range(len(rows)), 2)
        ]
        profiles["within"].append(_mean([cosine for same, cosine in pairs if same]))
        profiles["across"].append(_mean([cosine for same, cosine in pairs if not same]))
        profiles["static"].append(
            _mean([_cosine(*each) for each in zip(rows, vectors[0].tolist(), strict=True)])
        )
        profiles["baseline"].append(_mean([_cosine(*each) for each in combinations(random, 2)]))
    return {name: np.array(values) for name, values in profiles.items()}  # fmt: skip


def _drawn(rng, n_layers, width, n):
    vectors = rng.normal(size=(n_layers, n, width)) + rng.normal(size=width)
    return vectors * rng.uniform(0.3, 3.0, size=(n_layers, n, 1))


def _asked(rng):
    """Several senses, two, and one; a single layer among them, and single precision."""
    for n_layers, width, n_others, senses in (
        (5, 7, 4, list("aabcbbac")),
        (1, 4, 3, ["x", "y", "x"]),
        (3, 5, 7, [2, 2, 2, 5, 5, 2]),
        (2, 6, 2, ["seul"] * 3),
    ):
        order = rng.permutation(len(senses))
        vectors, others = _drawn(rng, n_layers, width, len(senses)), _drawn(rng, n_layers, width, n_others)
        yield vectors, [senses[i] for i in order], others
        yield vectors.astype(np.float32), senses, others.astype(np.float32)


def _declare(field, title, hint):
    @CHECKS.check(name=field, points=0.25, title=title, hint=hint)
    def profile(student, cases):
        for data in _asked(rng_for(NAME, field)):
            request = Request(args=data)
            check_profiles(student.run(request), _expected(*data), request, field)


_declare(
    "within",
    text("within, on unseen vectors", "within, sur de nouveaux vecteurs"),
    text("Every pair of one sense counts alike.", "Chaque paire d'un même sens compte autant."),
)
_declare(
    "across",
    text("across, on unseen vectors", "across, sur de nouveaux vecteurs"),
    text("Pairs of different senses alone.", "Seulement les paires de sens différents."),
)
_declare(
    "static",
    text("static, on unseen vectors", "static, sur de nouveaux vecteurs"),
    text("Against layer 0, not the layer before.", "Contre la couche 0, et non la couche d'avant."),
)
_declare(
    "baseline",
    text("baseline, on unseen vectors", "baseline, sur de nouveaux vecteurs"),
    text("The word itself has no part in it.", "Le mot lui-même n'y prend pas part."),
)
