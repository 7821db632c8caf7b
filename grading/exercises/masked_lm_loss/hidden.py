"""Hidden checks of masked_lm_loss, against loops over the selected positions."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import match
from attentif.checks.engine import CheckSet
from attentif.checks.losses import SCALE, check_loss, rounding_shows
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.loss_oracle import cross_entropy_by_loops
from attentif_grading.salt import rng_for

CHECKS = CheckSet("masked_lm_loss")
NAME = "masked_lm_loss"
IGNORED = -100


def _logits(rng, *shape, size=1.4, dtype=np.float64):
    return (size * rng.normal(size=shape) + rng.uniform(-1.0, 1.0, shape[-1])).astype(dtype)


def _labels(rng, vocab_size, rows, length):
    """(rows, length): row r has 1 + r mod length labels at random places; the first and the last class are there."""
    labels = np.full((rows, length), IGNORED)
    for row in range(rows):
        places = rng.choice(length, 1 + row % length, replace=False)
        labels[row, places] = rng.integers(0, vocab_size, len(places))
    asked = np.argwhere(labels != IGNORED)
    for place, label in zip(rng.permutation(asked), (0, vocab_size - 1), strict=False):
        labels[tuple(place)] = label
    return labels


def _targets(labels):
    return {tuple(map(int, at)): int(labels[tuple(at)]) for at in np.argwhere(labels != IGNORED)}


def _agrees(student, logits, labels, with_gradient=False):
    value, gradient = cross_entropy_by_loops(logits, _targets(labels))
    asked = {"cotangent": np.array(1.0), "wrt": ("logits",)} if with_gradient else {}
    request = Request(kwargs={"logits": logits, "labels": labels}, **asked)
    return check_loss(student, request, value, gradient if with_gradient else None)


@CHECKS.check(
    points=0.5,
    title=text("values on unseen batches", "valeurs sur de nouveaux lots"),
    hint=text(
        "Rows with few and with many selected positions, a batch of one row, a row of one position.",
        "Des lignes à peu et à beaucoup de positions sélectionnées, un lot d'une ligne, une ligne d'une position.",
    ),
)
def values(student, cases):
    rng = rng_for(NAME, "values")
    for rows, length, vocab_size in ((5, 6, 9), (1, 4, 3), (4, 1, 7), (1, 1, 130)):
        labels = _labels(rng, vocab_size, rows, length)
        _agrees(student, _logits(rng, rows, length, vocab_size), labels)
    everywhere = rng.integers(0, 8, (3, 5))
    everywhere[1, 2] = 0
    _agrees(student, _logits(rng, 3, 5, 8), everywhere)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("what is not selected has no influence", "ce qui n'est pas sélectionné n'a aucune influence"),
    hint=text(
        "Neither the logits at a position with the label −100 nor the number of such positions count.",
        "Ni les logits d'une position de label −100, ni le nombre de ces positions ne comptent.",
    ),
)
def not_selected(student, cases):
    rng = rng_for(NAME, "not_selected")
    logits, labels = _logits(rng, 4, 5, 7), _labels(rng, 7, 4, 5)
    plain = float(_agrees(student, logits, labels).value)
    changed = np.where((labels == IGNORED)[..., None], 20.0 * rng.normal(size=logits.shape), logits)
    match(float(_agrees(student, changed, labels).value), plain, scale=SCALE)
    # More positions to leave out, and none: the selected ones alone, without an axis for the rows.
    wider = np.concatenate([logits, _logits(rng, 4, 3, 7)], axis=1)
    more = np.concatenate([labels, np.full((4, 3), IGNORED)], axis=1)
    match(float(_agrees(student, wider, more).value), plain, scale=SCALE)
    selected = labels != IGNORED
    match(float(_agrees(student, logits[selected], labels[selected]).value), plain, scale=SCALE)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "unseen batches without a label: 0, with a gradient of 0",
        "nouveaux lots sans label : 0, avec un gradient nul",
    ),
    hint=text(
        "With one position, with none at all, with several rows.",
        "Avec une position, sans aucune, avec plusieurs lignes.",
    ),
)
def nothing_selected(student, cases):
    rng = rng_for(NAME, "nothing_selected")
    for shape in ((4, 3), (1, 1), (0,)):
        _agrees(student, _logits(rng, *shape, 6), np.full(shape, IGNORED), with_gradient=True)


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
        _agrees(student, _logits(rng, 4, 5, 7, size=size, dtype=dtype), _labels(rng, 7, 4, 5))
    # About 400 losses of some hundreds each: their sum has no room in float16.
    many = np.where(rng.random((6, 80)) < 0.8, rng.integers(0, 5, (6, 80)), IGNORED)
    _agrees(student, _logits(rng, 6, 80, 5, size=300.0, dtype=np.float16), many)
    label = np.array([[5]])
    while True:
        logits = _logits(rng, 1, 1, 9, dtype=np.float16)
        if rounding_shows(cross_entropy_by_loops(logits, _targets(label))[0]):
            break
    _agrees(student, logits, label)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("gradients on unseen batches", "gradients sur de nouveaux lots"),
    hint=text(
        "The gradient is (softmax − 1 at the label) / number of selected positions there, 0 elsewhere.",
        "Le gradient vaut là (softmax − 1 au label) / nombre de positions sélectionnées, et 0 ailleurs.",
    ),
)
def gradients(student, cases):
    rng = rng_for(NAME, "gradients")
    for rows, length, vocab_size in ((4, 5, 7), (1, 3, 6)):
        labels = _labels(rng, vocab_size, rows, length)
        _agrees(student, _logits(rng, rows, length, vocab_size), labels, with_gradient=True)
