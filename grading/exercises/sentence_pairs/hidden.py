"""Hidden checks of sentence_pairs: other documents and other specials, judged by the same statistics."""

from __future__ import annotations

from attentif.checks.engine import CheckSet
from attentif.checks.pair_draws import check_drawn, check_generator, check_half
from attentif.checks.pair_edges import check_edges, check_repeated, with_repeats
from attentif.checks.pairs import check_labels, check_layout, check_pairs, shelf
from attentif.checks.text import text
from attentif_grading.salt import rng_for

CHECKS = CheckSet("sentence_pairs")
NAME = "sentence_pairs"


def _seeds(rng, n):
    return [int(seed) for seed in rng.choice(2**31, n, replace=False)]


def _lengths(rng, n, low, high):
    return [int(length) for length in rng.integers(low, high, n)]


def _specials(rng):
    """Other ids of [CLS] and [SEP], below those of words."""
    return dict(zip(("cls_id", "sep_id"), map(int, rng.choice(10, 2, replace=False)), strict=True))


@CHECKS.check(
    points=0.25,
    title=text("the pairs of unseen documents", "les paires de nouveaux documents"),
    hint=text(
        "Try documents of one sentence, sentences of one token, other ids of [CLS] and [SEP].",
        "Essayez des documents d'une phrase, des phrases d'un jeton, d'autres identifiants de [CLS] et de [SEP].",
    ),
)
def pairs(student, cases):
    rng = rng_for(NAME, "pairs")
    for lengths in ([2, 1], [1, 1, 2], _lengths(rng, 9, 1, 8)):
        check_pairs(student, shelf(rng, lengths, **_specials(rng)), *_seeds(rng, 1))
    check_pairs(student, shelf(rng, [*_lengths(rng, 4, 1, 5), 3]), None)


@CHECKS.check(
    points=0.25,
    needs=("pairs",),
    title=text("their tokens and segments", "leurs jetons et leurs segments"),
    hint=text(
        "The first [SEP] belongs to A, the last one to B, [CLS] to A.",
        "Le premier [SEP] appartient à A, le dernier à B, [CLS] à A.",
    ),
)
def layout(student, cases):
    rng = rng_for(NAME, "layout")
    for _ in range(3):
        check_layout(student, shelf(rng, _lengths(rng, 8, 2, 7), **_specials(rng)), *_seeds(rng, 1))


@CHECKS.check(
    points=0.5,
    needs=("pairs",),
    title=text(
        "is_next, and where B comes from, in unseen documents",
        "is_next, et d'où vient B, dans de nouveaux documents",
    ),
    hint=text(
        "With few documents, a B from A's own document shows at once; a sentence may come back in its document.",
        "Avec peu de documents, un B tiré du document de A se voit tout de suite ; une phrase peut revenir dans son document.",
    ),
)
def labels(student, cases):
    rng = rng_for(NAME, "labels")
    for lengths in (_lengths(rng, 3, 50, 80), _lengths(rng, 2, 60, 90)):
        check_labels(student, shelf(rng, lengths, **_specials(rng)), *_seeds(rng, 1))
    check_repeated(student, with_repeats(shelf(rng, [50, 3, 2], **_specials(rng))), *_seeds(rng, 1))


@CHECKS.check(
    points=0.25,
    needs=("pairs",),
    title=text(
        "half of the pairs of unseen documents are next",
        "la moitié des paires de nouveaux documents se suivent",
    ),
    hint=text("Count them over a few thousand pairs.", "Comptez-les sur quelques milliers de paires."),
)
def half(student, cases):
    rng = rng_for(NAME, "half")
    check_half(student, shelf(rng, _lengths(rng, 300, 3, 8)), *_seeds(rng, 1))


@CHECKS.check(
    points=0.25,
    needs=("pairs",),
    title=text("the random sentences of unseen documents", "les phrases au hasard de nouveaux documents"),
    hint=text(
        "Count how often each short document is drawn beside long ones, and each of its sentences.",
        "Comptez combien de fois chaque document court est tiré à côté de longs documents, et chacune de ses phrases.",
    ),
)
def random_sentences(student, cases):
    rng = rng_for(NAME, "random_sentences")
    lengths = [int(rng.integers(500, 600)), 2, 1, int(rng.integers(440, 500)), 2]
    check_drawn(student, shelf(rng, [int(n) for n in rng.permutation(lengths)]), *_seeds(rng, 1))


@CHECKS.check(
    points=0.25,
    needs=("pairs",),
    title=text(
        "the generator decides everything, on unseen documents",
        "le générateur décide de tout, sur de nouveaux documents",
    ),
    hint=text("Every draw takes generator=generator.", "Chaque tirage reçoit generator=generator."),
)
def generator_used(student, cases):
    rng = rng_for(NAME, "generator_used")
    lengths = [*[1] * int(rng.integers(35, 50)), *[20] * int(rng.integers(11, 14))]
    check_generator(student, shelf(rng, lengths), _seeds(rng, 2))


@CHECKS.check(
    points=0.25,
    needs=("pairs",),
    title=text(
        "empty documents, and documents without a pair, once more",
        "documents vides, et documents sans aucune paire, encore une fois",
    ),
    hint=text("An empty document is neither counted nor drawn.", "Un document vide n'est ni compté ni tiré."),
)
def edges(student, cases):
    rng = rng_for(NAME, "edges")
    check_edges(student, rng, _seeds(rng, 4))
