"""Hidden checks of sample_next_token: unseen distributions, against their exact laws by sorting plain numbers."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import match, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.sampling import (
    check_generator,
    check_law,
    check_refused,
    check_two_kinds_of_rows,
    draw_request,
    drawn,
    require_law,
    same_rows,
)
from attentif.checks.text import text
from attentif_grading.salt import rng_for
from attentif_grading.sampling_oracle import law_of, ranked

CHECKS = CheckSet("sample_next_token")
NAME = "sample_next_token"


def _shares(rng, size=8, ratio=0.72):
    """Probabilities far from each other, in any order; neither the first nor the second token is the best."""
    shares = ratio ** np.arange(size) * rng.uniform(0.93, 1.0, size)
    order = np.concatenate([rng.permutation(size - 2) + 2, rng.permutation(2)])
    mixed = np.empty(size)
    # The two lowest ids get middling shares.
    mixed[order] = np.concatenate([shares[:2], shares[4:], shares[2:4]])
    return mixed / mixed.sum()


def _between(shares, n_kept, temperature=1.0, top_k=None):
    """A top_p that the n-th token crosses in the middle of its own probability."""
    probabilities = [probability for _, probability in ranked(shares, temperature, top_k)]
    return float(round(sum(probabilities[: n_kept - 1]) + probabilities[n_kept - 1] / 2, 3))


def _seeds(rng, n):
    return [int(seed) for seed in rng.choice(2**31, n, replace=False)]


def _agree(student, rng, shares, *all_options):
    for seed, options in zip(_seeds(rng, len(all_options)), all_options, strict=True):
        check_law(student, shares, law_of(shares, **options), seed, **options)


@CHECKS.check(
    points=0.25,
    title=text("shares on unseen distributions", "fréquences sur de nouvelles distributions"),
    hint=text(
        "softmax(logits / temperature), one draw a row.",
        "softmax(logits / temperature), un tirage par ligne.",
    ),
)
def draws(student, cases):
    rng = rng_for(NAME, "draws")
    shares = _shares(rng)
    _agree(student, rng, shares, {}, {"temperature": 0.6}, {"temperature": 1.7})
    kinds = (shares, _shares(rng))
    check_two_kinds_of_rows(student, kinds, kinds, *_seeds(rng, 1))
    # One row, and a vocabulary of one token.
    for logits in (same_rows(shares, 1, np.float32), np.full((3, 1), -2.0)):
        drawn(student, logits, *_seeds(rng, 1), temperature=0.6)


@CHECKS.check(
    points=0.25,
    title=text("temperature 0 on unseen logits", "température 0 sur de nouveaux logits"),
    hint=text(
        "The place of the greatest logit of each row, whatever top_k and top_p.",
        "La place du plus grand logit de chaque ligne, quels que soient top_k et top_p.",
    ),
)
def greedy_draws(student, cases):
    rng = rng_for(NAME, "greedy_draws")
    for dtype, options in ((np.float64, {}), (np.float32, {"top_k": 5}), (np.float64, {"top_p": 0.3})):
        logits = (0.3 * rng.normal(size=(30, 11))).astype(dtype)
        outcome = student.run(draw_request(logits, temperature=0, **options))
        match(value_of(outcome), logits.argmax(-1).astype(np.int64))


@CHECKS.check(
    points=0.25,
    title=text("top_k on unseen distributions", "top_k sur de nouvelles distributions"),
    hint=text("Every row has its own k best tokens.", "Chaque ligne a ses propres k meilleurs jetons."),
)
def top_k(student, cases):
    rng = rng_for(NAME, "top_k")
    shares, other = _shares(rng), _shares(rng)
    _agree(student, rng, shares, {"top_k": 1}, {"top_k": 3}, {"top_k": 8}, {"top_k": 40})
    laws = (law_of(shares, top_k=4), law_of(other, top_k=4))
    check_two_kinds_of_rows(student, (shares, other), laws, *_seeds(rng, 1), top_k=4)


@CHECKS.check(
    points=0.5,
    title=text("top_p on unseen distributions", "top_p sur de nouvelles distributions"),
    hint=text(
        "The token that crosses p stays, the next one does not.",
        "Le jeton qui franchit p reste, le suivant non.",
    ),
)
def top_p(student, cases):
    rng = rng_for(NAME, "top_p")
    shares, other = _shares(rng), _shares(rng)
    _agree(student, rng, shares, *({"top_p": _between(shares, n)} for n in (1, 4, 7)), {"top_p": 1.0})
    # Of a few, the p that is furthest from every running sum of the other kind.
    sums = np.cumsum([probability for _, probability in ranked(other)])
    p = max((_between(shares, n) for n in (3, 4, 5)), key=lambda p: np.abs(sums - p).min())
    laws = (law_of(shares, top_p=p), law_of(other, top_p=p))
    check_two_kinds_of_rows(student, (shares, other), laws, *_seeds(rng, 1), top_p=p)
    # A larger vocabulary, most of it improbable.
    many = _shares(rng, size=50, ratio=0.9)
    p = _between(many, 12)
    require_law(
        drawn(student, same_rows(many, 4_000, np.float32), *_seeds(rng, 1), top_p=p),
        law_of(many, top_p=p),
        text(f"with top_p={p}", f"avec top_p={p}"),
    )


@CHECKS.check(
    points=0.25,
    title=text(
        "temperature, top_k and top_p together, on unseen distributions",
        "température, top_k et top_p ensemble, sur de nouvelles distributions",
    ),
    hint=text(
        "The probabilities that top_p adds up are those after the temperature and after top_k.",
        "Les probabilités que top_p cumule sont celles d'après la température et d'après top_k.",
    ),
)
def in_order(student, cases):
    rng = rng_for(NAME, "in_order")
    shares = _shares(rng)
    settings = []
    # Where the order of the steps changes how many tokens are kept.
    for options, n_kept in (
        ({"temperature": 2.2}, 4),
        ({"temperature": 0.5}, 2),
        ({"top_k": 4}, 3),
        ({"temperature": 1.8, "top_k": 5}, 4),
    ):
        settings.append({**options, "top_p": _between(shares, n_kept, **options)})
    _agree(student, rng, shares, *settings)


@CHECKS.check(
    points=0.25,
    needs=("draws",),
    title=text(
        "the generator decides everything, on unseen distributions",
        "le générateur décide de tout, sur de nouvelles distributions",
    ),
    hint=text("Every draw takes generator=generator.", "Chaque tirage reçoit generator=generator."),
)
def generator_used(student, cases):
    rng = rng_for(NAME, "generator_used")
    check_generator(student, _shares(rng), tuple(_seeds(rng, 2)), temperature=1.3)


@CHECKS.check(
    points=0.25,
    needs=("draws", "top_k", "top_p"),
    title=text(
        "options without meaning are refused: temperature below 0, top_k below 1, top_p outside (0, 1]",
        "les options dépourvues de sens sont refusées : température négative, top_k inférieur à 1, top_p hors de ]0, 1]",
    ),
    hint=text(
        "Look at the options before anything else, and raise an InputError, or another ValueError.",
        "Regardez les options avant tout le reste, et levez une InputError, ou une autre ValueError.",
    ),
)
def refusals(student, cases):
    rng = rng_for(NAME, "refusals")
    logits = same_rows(_shares(rng), 2)
    below, above = float(-rng.uniform(0.1, 2.0)), float(rng.uniform(1.1, 2.0))
    for name, values in (("temperature", (below,)), ("top_k", (0, -3)), ("top_p", (0.0, below, above))):
        for value in values:
            check_refused(student, logits, **{name: value})
