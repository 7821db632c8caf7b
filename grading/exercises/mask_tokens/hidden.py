"""Hidden checks of mask_tokens: other vocabularies and batches, judged by the same statistics."""

from __future__ import annotations

import numpy as np

from attentif.checks.corruption import (
    Vocabulary,
    check_actions,
    check_drawn,
    check_labels,
    check_probability,
    check_selection,
)
from attentif.checks.draws import check_generator, check_spread
from attentif.checks.engine import CheckSet
from attentif.checks.text import text
from attentif_grading.salt import rng_for

CHECKS = CheckSet("mask_tokens")
NAME = "mask_tokens"


def _vocabulary(rng, size=50, n_specials=6):
    """Specials anywhere in the vocabulary, its last id among the words."""
    special_ids = tuple(int(i) for i in rng.choice(size - 1, n_specials, replace=False))
    return Vocabulary(size, mask_id=special_ids[2], special_ids=special_ids)


def _seeds(rng, n):
    return [int(seed) for seed in rng.choice(2**31, n, replace=False)]


@CHECKS.check(
    points=0.5,
    title=text("labels and inputs on unseen batches", "labels et inputs sur de nouveaux lots"),
    hint=text(
        "Try other special ids, a batch of one token, a batch of specials only.",
        "Essayez d'autres jetons spéciaux, un lot d'un seul jeton, un lot de jetons spéciaux seulement.",
    ),
)
def labels(student, cases):
    rng = rng_for(NAME, "labels")
    vocabulary = _vocabulary(rng)
    for shape in ((60, 34), (1, 6), (7, 1)):
        check_labels(student, vocabulary, vocabulary.batch(rng, *shape), *_seeds(rng, 1))
    check_labels(student, vocabulary, vocabulary.batch(rng, 50, 31), *_seeds(rng, 1), probability=0.7)
    check_labels(student, vocabulary, np.full((2, 3), vocabulary.special_ids[3]), *_seeds(rng, 1))
    check_labels(student, vocabulary, np.full((1, 1), vocabulary.drawable[4]), None, probability=0.5)


@CHECKS.check(
    points=0.5,
    title=text(
        "the share of selected tokens on unseen batches",
        "la part des jetons sélectionnés sur de nouveaux lots",
    ),
    hint=text(
        "The share is that of the tokens that are not special.", "La part est celle des jetons non spéciaux."
    ),
)
def selection(student, cases):
    rng = rng_for(NAME, "selection")
    vocabulary = _vocabulary(rng)
    check_selection(student, vocabulary, vocabulary.batch(rng, 6, 20_000), *_seeds(rng, 1))


@CHECKS.check(
    points=0.25,
    needs=("labels",),
    title=text("other probabilities, 0 and 1 among them", "d'autres probabilités, dont 0 et 1"),
    hint=text("probability is an argument: use it.", "probability est un argument : utilisez-le."),
)
def probability(student, cases):
    rng = rng_for(NAME, "probability")
    vocabulary = _vocabulary(rng)
    for value in (0.65, 0.0, 1.0):
        check_probability(student, vocabulary, vocabulary.batch(rng, 3, 4_600), *_seeds(rng, 1), value)


@CHECKS.check(
    points=0.25,
    needs=("labels",),
    title=text("independent draws on unseen batches", "tirages indépendants sur de nouveaux lots"),
    hint=text("One draw a token: neither a fixed number, nor one pattern for all rows.",
              "Un tirage par jeton : ni un nombre fixé, ni un même motif pour toutes les lignes."),
)  # fmt: skip
def independent_draws(student, cases):
    rng = rng_for(NAME, "independent_draws")
    vocabulary = _vocabulary(rng)
    check_spread(student, vocabulary, vocabulary.words(rng, 16, 36), _seeds(rng, 24))


@CHECKS.check(
    points=1.0,
    title=text("80/10/10 on unseen batches", "80/10/10 sur de nouveaux lots"),
    hint=text(
        "Count on a large batch with probability=1: [MASK] 80 %, another token just under 10 %.",
        "Comptez sur un grand lot avec probability=1 : [MASK] 80 %, un autre jeton un peu moins de 10 %.",
    ),
)
def actions(student, cases):
    rng = rng_for(NAME, "actions")
    vocabulary = _vocabulary(rng, size=300)
    check_actions(student, vocabulary, vocabulary.batch(rng, 16, 6_000), *_seeds(rng, 1))


@CHECKS.check(
    points=0.5,
    needs=("labels",),
    title=text("random tokens in an unseen vocabulary", "jetons au hasard dans un nouveau vocabulaire"),
    hint=text(
        "The special ids need not be the first ones.",
        "Les identifiants spéciaux ne sont pas toujours les premiers.",
    ),
)
def random_tokens(student, cases):
    rng = rng_for(NAME, "random_tokens")
    vocabulary = _vocabulary(rng)
    check_drawn(student, vocabulary, vocabulary.batch(rng, 9, 8_000), *_seeds(rng, 1))


@CHECKS.check(
    points=0.5,
    needs=("labels",),
    title=text(
        "the generator decides everything, on unseen batches",
        "le générateur décide de tout, sur de nouveaux lots",
    ),
    hint=text("Every draw takes generator=generator.", "Chaque tirage reçoit generator=generator."),
)
def generator_used(student, cases):
    rng = rng_for(NAME, "generator_used")
    vocabulary = _vocabulary(rng)
    check_generator(student, vocabulary, vocabulary.batch(rng, 12, 1_500), _seeds(rng, 2))
