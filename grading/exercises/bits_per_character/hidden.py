"""Hidden checks of bits_per_character, against the probability of a whole text."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from attentif.checks.compare import match, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.numbers import SCALE
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.salt import rng_for

CHECKS = CheckSet("bits_per_character")
NAME = "bits_per_character"


def _probabilities(rng, n_tokens):
    """The probability, a fraction of 64, that a model gave to each token: the first easy, the last hard."""
    highest = np.linspace(60, 12, n_tokens).astype(int)
    return [Fraction(int(rng.integers(1, top)), 64) for top in highest]


def _bits(probabilities):
    """−log2 of the exact product: the length of the best code for the text."""
    product = Fraction(1)
    for probability in probabilities:
        product *= probability
    # Python's integers are exact, however long.
    return float(_log2(product.denominator) - _log2(product.numerator))


def _log2(number):
    shift = max(0, number.bit_length() - 60)
    return shift + np.log2(float(number >> shift))


def _batches(probabilities, ends):
    """(mean losses in nats, numbers of tokens) of the batches that end there; one without tokens has the loss 0."""
    nats = -np.log(np.array(probabilities, dtype=float))
    pieces = np.split(nats, ends)
    return [float(piece.mean()) if len(piece) else 0.0 for piece in pieces], [len(piece) for piece in pieces]


def _agrees(student, probabilities, ends, n_characters):
    losses, counts = _batches(probabilities, ends)
    got = value_of(student.run(Request(args=(losses, counts, n_characters))))
    match(got, _bits(probabilities) / n_characters, scale=SCALE)


@CHECKS.check(
    points=0.25,
    title=text("values on unseen batches", "valeurs sur de nouveaux lots"),
    hint=text("Batches of very different sizes.", "Des lots de tailles très différentes."),
)
def values(student, cases):
    rng = rng_for(NAME, "values")
    for n_tokens, n_batches in ((23, 3), (6, 1), (200, 9)):
        ends = np.sort(rng.choice(np.arange(1, n_tokens), n_batches - 1, replace=False))
        n_characters = int(rng.integers(2 * n_tokens, 6 * n_tokens))
        _agrees(student, _probabilities(rng, n_tokens), ends, n_characters)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "neither the batches nor the tokenizer count, only the text",
        "ni les lots ni le tokenizer ne comptent, seulement le texte",
    ),
    hint=text(
        "Other batches of the same tokens, or longer tokens of the same probability together, give the same number.",
        "D'autres lots des mêmes jetons, ou des jetons plus longs de même probabilité ensemble, donnent le même nombre.",
    ),
)
def same_text(student, cases):
    rng = rng_for(NAME, "same_text")
    probabilities, n_characters = _probabilities(rng, 24), int(rng.integers(70, 120))
    for ends in ([], [3], [3, 3, 17], list(range(1, 24)), [0, 5, 24]):
        _agrees(student, probabilities, ends, n_characters)
    # Tokens two by two, each pair as probable as its tokens one after the other.
    pairs = [a * b for a, b in zip(probabilities[::2], probabilities[1::2], strict=True)]
    _agrees(student, pairs, [5, 7], n_characters)
