"""Hidden checks of EncoderBlock, against torch's nn.TransformerEncoderLayer."""

from __future__ import annotations

import numpy as np

from attentif.checks.block_checks import check_dropout, see_through
from attentif.checks.compare import match, match_gradients, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading import block_oracles as by
from attentif_grading.salt import rng_for

CHECKS = CheckSet("EncoderBlock")
NAME = "EncoderBlock"
B, T, H, K, F = 3, 6, 2, 4, 5
D = H * K


def _block(rng, norm_first, d_model=D, n_heads=H, d_ff=F, activation="gelu", dtype=np.float64):
    parts = {
        "attention": by.attention(rng, d_model, n_heads),
        "feed_forward": by.feed_forward(rng, d_model, d_ff, activation),
        "norm_attention": by.norm(rng, d_model),
        "norm_feed_forward": by.norm(rng, d_model),
    }
    return by.assemble(parts, norm_first, dtype=dtype)


def _run(student, block, **kwargs):
    return value_of(student.run(Request(kwargs=kwargs, **block)))


def _agrees(student, block, **kwargs):
    match(_run(student, block, **kwargs), by.oracle(block, **kwargs), of_parts=True)


def _values(student, norm_first):
    rng = rng_for(NAME, f"values {norm_first}")
    _agrees(student, _block(rng, norm_first), x=by.sequence(rng, B, T, D))
    _agrees(student, _block(rng, norm_first, 6, 3, 11, "relu"), x=by.sequence(rng, 1, 7, 6))
    _agrees(student, _block(rng, norm_first, 5, 1, 4), x=by.sequence(rng, 2, 1, 5))
    narrow = np.float32
    _agrees(student, _block(rng, norm_first, dtype=narrow), x=by.sequence(rng, B, T, D, dtype=narrow))


def _masks(student, norm_first, *shapes):
    rng = rng_for(NAME, f"masks {norm_first}")
    for shape in shapes:
        mask = by.visible(rng, *shape)
        _agrees(student, _block(rng, norm_first), x=by.sequence(rng, B, T, D), mask=mask)


def _gradients(student, norm_first):
    rng = rng_for(NAME, f"gradients {norm_first}")
    block, cotangent = _block(rng, norm_first), rng.normal(size=(B, T, D))
    # Without a mask: what a mask does is asked elsewhere, so that it costs points once.
    inputs = {"x": by.sequence(rng, B, T, D)}
    output, gradients = by.oracle_gradients(block, cotangent, **inputs)
    outcome = student.run(
        Request(kwargs=inputs, cotangent=cotangent, wrt=("x",), parameter_gradients=True, **block)
    )
    match(value_of(outcome), output, of_parts=True)
    match_gradients(outcome.gradients, gradients, of_parts=True)


@CHECKS.check(
    points=0.5,
    title=text("post-norm on unseen inputs", "post-norm sur des données nouvelles"),
    hint=text(
        "Try other sizes: one row, one position, one head.",
        "Essayez d'autres tailles : une seule ligne, une seule position, une seule tête.",
    ),
)
def post_norm(student, cases):
    _values(student, False)


@CHECKS.check(
    points=0.5,
    title=text("pre-norm on unseen inputs", "pre-norm sur des données nouvelles"),
    hint=text(
        "Try other sizes: one row, one position, one head.",
        "Essayez d'autres tailles : une seule ligne, une seule position, une seule tête.",
    ),
)
def pre_norm(student, cases):
    _values(student, True)


@CHECKS.check(
    points=0.25,
    needs=("post_norm",),
    title=text(
        "masks of several shapes, in post-norm, on unseen inputs",
        "masques de plusieurs formes, en post-norm, sur des données nouvelles",
    ),
    hint=text("The mask goes to the attention untouched.", "Le masque va à l'attention sans changement."),
)
def masks_post_norm(student, cases):
    _masks(student, False, (B, H, T, T), (B, 1, T, T), (B, 1, 1, T), (1, H, T, T), (T, T))


@CHECKS.check(
    points=0.25,
    needs=("pre_norm",),
    title=text(
        "masks of several shapes, in pre-norm, on unseen inputs",
        "masques de plusieurs formes, en pre-norm, sur des données nouvelles",
    ),
    hint=text("The mask goes to the attention untouched.", "Le masque va à l'attention sans changement."),
)
def masks_pre_norm(student, cases):
    _masks(student, True, (B, 1, 1, T), (1, H, T, T), (T, T))


@CHECKS.check(
    points=0.25,
    needs=("masks_post_norm", "masks_pre_norm"),
    title=text(
        "padding on either side and the order of the batch change nothing",
        "ni un remplissage (padding) à gauche ou à droite, ni l'ordre du lot ne change rien",
    ),
    hint=text(
        "Hidden positions must not count at all, and no row may see another row of the batch.",
        "Les positions cachées ne doivent pas compter du tout, et une ligne du lot n'en voit pas d'autre.",
    ),
)
def padding_and_batch(student, cases):
    rng = rng_for(NAME, "padding")
    extra = 9.0 * by.sequence(rng, B, 2, D)
    rows = np.roll(np.arange(B), 1)
    for norm_first in (False, True):
        block, x = _block(rng, norm_first), by.sequence(rng, B, T, D)
        plain = by.oracle(block, x=x)
        match(_run(student, block, x=x[rows]), plain[rows], of_parts=True)
        both, real = by.padded_both_ways(extra, x)
        padded = _run(student, block, x=both, mask=real[:, None, None])
        match(padded[real].reshape(2 * B, T, D), np.concatenate([plain, plain]), of_parts=True)


@CHECKS.check(
    points=0.25,
    needs=("post_norm",),
    title=text(
        "gradients in post-norm, on unseen inputs", "gradients en post-norm, sur des données nouvelles"
    ),
    hint=text(
        "x and all parameters of the four parts must receive one.",
        "x et tous les paramètres des quatre parties doivent en recevoir un.",
    ),
)
def gradients_post_norm(student, cases):
    _gradients(student, False)


@CHECKS.check(
    points=0.25,
    needs=("pre_norm",),
    title=text("gradients in pre-norm, on unseen inputs", "gradients en pre-norm, sur des données nouvelles"),
    hint=text(
        "x and all parameters of the four parts must receive one.",
        "x et tous les paramètres des quatre parties doivent en recevoir un.",
    ),
)
def gradients_pre_norm(student, cases):
    _gradients(student, True)


@CHECKS.check(
    points=0.25,
    title=text("dropout at another rate", "abandon (dropout) à un autre taux"),
    hint=text(
        "Dropout falls on the output of each sublayer, before the sum, in training only.",
        "L'abandon (dropout) porte sur la sortie de chaque sous-couche, avant la somme, à l'entraînement seulement.",
    ),
)
def dropout(student, cases):
    rng = rng_for(NAME, "dropout")
    parts = see_through(
        feed_forward="feed_forward", attention="attention", norm_attention="norm", norm_feed_forward="norm"
    )
    check_dropout(student, parts, {"x": (3, 60, 50)}, float(rng.choice((0.2, 0.25, 0.3))))
