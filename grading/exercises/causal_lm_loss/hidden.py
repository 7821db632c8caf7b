"""Hidden checks of causal_lm_loss, against loops over the targets."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import match
from attentif.checks.engine import CheckSet
from attentif.checks.losses import SCALE, check_loss, rounding_shows
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.loss_oracle import cross_entropy_by_loops
from attentif_grading.salt import rng_for

CHECKS = CheckSet("causal_lm_loss")
NAME = "causal_lm_loss"


def _logits(rng, *shape, size=1.4, dtype=np.float64):
    return (size * rng.normal(size=shape) + rng.uniform(-1.0, 1.0, shape[-1])).astype(dtype)


def _rows(rng, vocab_size, n_rows, length, pad_id=None):
    """(n_rows, length) tokens; with a pad_id, none of them, but for the ends of rows of other lengths."""
    words = np.delete(np.arange(vocab_size), [] if pad_id is None else pad_id)
    rows = rng.choice(words, (n_rows, length))
    if pad_id is not None:
        ends = rng.permutation(np.linspace(2, length, n_rows).astype(int))
        rows[np.arange(length) >= ends[:, None]] = pad_id
    return rows


def _targets(token_ids, pad_id=None):
    """Place of the prediction → token that follows there, padding left out."""
    targets = {}
    for row, tokens in enumerate(token_ids.tolist()):
        for position, following in enumerate(tokens[1:]):
            if pad_id is None or following != pad_id:
                targets[row, position] = following
    return targets


def _agrees(student, logits, token_ids, with_gradient=False, **pad_id):
    value, gradient = cross_entropy_by_loops(logits, _targets(token_ids, **pad_id))
    asked = {"cotangent": np.array(1.0), "wrt": ("logits",)} if with_gradient else {}
    request = Request(kwargs={"logits": logits, "token_ids": token_ids, **pad_id}, **asked)
    return check_loss(student, request, value, gradient if with_gradient else None)


@CHECKS.check(
    points=0.5,
    title=text("values on unseen rows", "valeurs sur de nouvelles lignes"),
    hint=text(
        "A batch of one row, rows of two tokens, many rows.",
        "Un lot d'une ligne, des lignes de deux jetons, beaucoup de lignes.",
    ),
)
def values(student, cases):
    rng = rng_for(NAME, "values")
    for n_rows, length, vocab_size in ((4, 7, 9), (1, 5, 3), (6, 2, 8), (1, 2, 130)):
        token_ids = _rows(rng, vocab_size, n_rows, length)
        token_ids[0, 1] = 0
        _agrees(student, _logits(rng, n_rows, length, vocab_size), token_ids)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("unseen padding, on either side", "nouveau remplissage, à gauche ou à droite"),
    hint=text(
        "pad_id may be any id, 0 too; padding may stand anywhere; more of it changes nothing.",
        "pad_id peut être n'importe quel identifiant, 0 compris ; le remplissage peut être n'importe où ; en ajouter ne "
        "change rien.",
    ),
)
def padding(student, cases):
    rng = rng_for(NAME, "padding")
    for pad_id in (0, 6, int(rng.integers(1, 6))):
        logits, token_ids = _logits(rng, 4, 6, 7), _rows(rng, 7, 4, 6, pad_id)
        _agrees(student, logits, token_ids, pad_id=pad_id)
        plain = float(_agrees(student, logits, token_ids[:, ::-1].copy(), pad_id=pad_id).value)
        longer = np.concatenate([logits, 9.0 * _logits(rng, 4, 2, 7)], axis=1)
        more = np.concatenate([token_ids[:, ::-1], np.full((4, 2), pad_id)], axis=1)
        match(float(_agrees(student, longer, more, pad_id=pad_id).value), plain, scale=SCALE)
    # None is the same as no pad_id; a pad_id that does not occur changes nothing.
    logits, token_ids = _logits(rng, 3, 5, 6), _rows(rng, 6, 3, 5)
    token_ids[2, 3] = 0
    _agrees(student, logits, token_ids, pad_id=None)
    token_ids[token_ids == 4] = 2
    _agrees(student, logits, token_ids, pad_id=4)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("float32 and float16, unseen large logits", "float32 et float16, grands logits nouveaux"),
    hint=text(
        "Widen the logits first: neither the sum of many losses nor one loss fits into float16.",
        "Élargissez d'abord les logits : ni la somme de beaucoup de pertes, ni une seule ne tient en float16.",
    ),
)
def number_formats(student, cases):
    rng = rng_for(NAME, "number_formats")
    for dtype, size in ((np.float32, 1.0), (np.float32, 700.0)):
        _agrees(student, _logits(rng, 4, 5, 7, size=size, dtype=dtype), _rows(rng, 7, 4, 5))
    # About 400 losses of some hundreds each: their sum has no room in float16.
    _agrees(student, _logits(rng, 6, 70, 5, size=300.0, dtype=np.float16), _rows(rng, 5, 6, 70))
    token_ids = _rows(rng, 9, 1, 2)
    while True:
        logits = _logits(rng, 1, 2, 9, dtype=np.float16)
        if rounding_shows(cross_entropy_by_loops(logits, _targets(token_ids))[0]):
            break
    _agrees(student, logits, token_ids)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("gradients on unseen rows", "gradients sur de nouvelles lignes"),
    hint=text(
        "The gradient is (softmax − 1 at the next token) / number of targets, and 0 at the last position of a row.",
        "Le gradient vaut (softmax − 1 au jeton suivant) / nombre de cibles, et 0 à la dernière position d'une ligne.",
    ),
)
def gradients(student, cases):
    rng = rng_for(NAME, "gradients")
    for n_rows, length, vocab_size in ((4, 5, 7), (1, 3, 6)):
        token_ids = _rows(rng, vocab_size, n_rows, length)
        _agrees(student, _logits(rng, n_rows, length, vocab_size), token_ids, with_gradient=True)
