"""Hidden checks of perplexity, against the probabilities of single tokens."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import match, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.numbers import SCALE
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.salt import rng_for

CHECKS = CheckSet("perplexity")
NAME = "perplexity"


def _probabilities(rng, n_tokens):
    """The probability that a model gave to each token: the first easy, the last hard."""
    return rng.uniform(0.02, 0.9, n_tokens) ** np.linspace(0.5, 2.0, n_tokens)


def _batches(probabilities, ends):
    """(mean losses, numbers of tokens) of the batches that end there; one without tokens has the loss 0."""
    pieces = np.split(probabilities, ends)
    losses = [float(-np.log(piece).mean()) if len(piece) else 0.0 for piece in pieces]
    return losses, [len(piece) for piece in pieces]


def _agrees(student, probabilities, ends):
    # The inverse of the geometric mean: another way to write exp of a mean loss.
    expected = float(np.prod(probabilities ** (-1.0 / len(probabilities))))
    losses, counts = _batches(probabilities, ends)
    match(value_of(student.run(Request(args=(losses, counts)))), expected, scale=SCALE)


@CHECKS.check(
    points=0.25,
    title=text("values on unseen batches", "valeurs sur de nouveaux lots"),
    hint=text("Batches of very different sizes.", "Des lots de tailles très différentes."),
)
def values(student, cases):
    rng = rng_for(NAME, "values")
    for n_tokens, n_batches in ((23, 3), (6, 1), (400, 12)):
        ends = np.sort(rng.choice(np.arange(1, n_tokens), n_batches - 1, replace=False))
        _agrees(student, _probabilities(rng, n_tokens), ends)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "it does not matter how the tokens are cut into batches",
        "la façon de couper les jetons en lots ne compte pas",
    ),
    hint=text(
        "One batch, one a token, batches without tokens: the same tokens have the same perplexity.",
        "Un seul lot, un par jeton, des lots sans jeton : les mêmes jetons ont la même perplexité.",
    ),
)
def cuts(student, cases):
    rng = rng_for(NAME, "cuts")
    probabilities = _probabilities(rng, 30)
    for ends in ([], [2], [2, 2, 19], list(range(1, 30)), [int(rng.integers(20, 29))], [0, 4, 30]):
        _agrees(student, probabilities, ends)
