"""Hidden checks of DecoderBlock, against torch's nn.TransformerDecoderLayer and nn.TransformerEncoderLayer."""

from __future__ import annotations

import numpy as np

from attentif.checks.block_checks import check_dropout, see_through
from attentif.checks.compare import match, match_gradients, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading import block_oracles as by
from attentif_grading.salt import rng_for

CHECKS = CheckSet("DecoderBlock")
NAME = "DecoderBlock"
B, T, S, H, K, F = 3, 4, 6, 2, 5, 7
D = H * K


def _block(rng, norm_first, d_model=D, n_heads=H, d_ff=F, activation="relu", cross=True, dtype=np.float64):
    parts = {
        "self_attention": by.attention(rng, d_model, n_heads),
        "feed_forward": by.feed_forward(rng, d_model, d_ff, activation),
        "norm_self": by.norm(rng, d_model),
        "norm_feed_forward": by.norm(rng, d_model),
        "cross_attention": by.attention(rng, d_model, n_heads) if cross else None,
        "norm_cross": by.norm(rng, d_model) if cross else None,
    }
    return by.assemble(parts, norm_first, dtype=dtype)


def _inputs(rng, batch=B, length=T, source=S, d_model=D, dtype=np.float64):
    return {
        "x": by.sequence(rng, batch, length, d_model, dtype=dtype),
        "memory": by.sequence(rng, batch, source, d_model, dtype=dtype),
    }


def _run(student, block, **kwargs):
    return value_of(student.run(Request(kwargs=kwargs, **block)))


def _agrees(student, block, **kwargs):
    match(_run(student, block, **kwargs), by.oracle(block, **kwargs), of_parts=True)


def _values(student, norm_first):
    rng = rng_for(NAME, f"values {norm_first}")
    _agrees(student, _block(rng, norm_first), **_inputs(rng))
    _agrees(student, _block(rng, norm_first), **_inputs(rng, length=5, source=5))
    _agrees(student, _block(rng, norm_first, 6, 3, 11, "gelu"), **_inputs(rng, 1, 7, 1, 6))
    narrow = np.float32
    _agrees(student, _block(rng, norm_first, dtype=narrow), **_inputs(rng, 2, 1, dtype=narrow))


def _masks(student, norm_first):
    rng = rng_for(NAME, f"masks {norm_first}")
    shapes = [((B, 1, T, T), (B, 1, 1, S)), ((T, T), (1, H, T, S)), ((B, H, T, T), (T, S))]
    for own, other in shapes[:2] if norm_first else shapes:
        masks = {"mask": by.visible(rng, *own), "memory_mask": by.visible(rng, *other)}
        _agrees(student, _block(rng, norm_first), **_inputs(rng), **masks)
    _agrees(student, _block(rng, norm_first), **_inputs(rng), mask=by.visible(rng, T, T))


def _gradients(student, norm_first):
    rng = rng_for(NAME, f"gradients {norm_first}")
    block, cotangent = _block(rng, norm_first, activation="gelu"), rng.normal(size=(B, T, D))
    inputs = _inputs(rng)  # what masks do is asked elsewhere, so that it costs points once
    output, gradients = by.oracle_gradients(block, cotangent, **inputs)
    outcome = student.run(
        Request(kwargs=inputs, cotangent=cotangent, wrt=("x", "memory"), parameter_gradients=True, **block)
    )
    match(value_of(outcome), output, of_parts=True)
    match_gradients(outcome.gradients, gradients, of_parts=True)


@CHECKS.check(
    points=0.5,
    title=text("post-norm on unseen inputs", "post-norm sur des données nouvelles"),
    hint=text(
        "Try other sizes: one row, one position, a memory longer or shorter than x.",
        "Essayez d'autres tailles : une seule ligne, une seule position, une mémoire plus longue ou plus courte que x.",
    ),
)
def post_norm(student, cases):
    _values(student, False)


@CHECKS.check(
    points=0.5,
    title=text("pre-norm on unseen inputs", "pre-norm sur des données nouvelles"),
    hint=text(
        "Try other sizes: one row, one position, a memory longer or shorter than x.",
        "Essayez d'autres tailles : une seule ligne, une seule position, une mémoire plus longue ou plus courte que x.",
    ),
)
def pre_norm(student, cases):
    _values(student, True)


@CHECKS.check(
    points=0.25,
    title=text(
        "without a cross-attention, on unseen inputs", "sans attention croisée, sur des données nouvelles"
    ),
    hint=text(
        "Whether there is a cross-attention is a matter of the block, not of the memory.",
        "Qu'il y ait une attention croisée dépend du bloc, non de la mémoire.",
    ),
)
def without_cross_attention(student, cases):
    rng = rng_for(NAME, "without")
    for norm_first in (False, True):
        block, x = _block(rng, norm_first, cross=False), by.sequence(rng, B, T, D)
        expected = by.oracle(block, x=x)
        match(_run(student, block, x=x), expected, of_parts=True)
        match(_run(student, block, x=x, memory=by.sequence(rng, B, S, D)), expected, of_parts=True)


@CHECKS.check(
    points=0.25,
    needs=("post_norm", "pre_norm"),
    title=text(
        "masks of several shapes on unseen inputs", "masques de plusieurs formes sur des données nouvelles"
    ),
    hint=text(
        "Each mask goes untouched to the attention that it is for.",
        "Chaque masque va sans changement à l'attention à laquelle il est destiné.",
    ),
)
def masks(student, cases):
    _masks(student, False)
    _masks(student, True)


@CHECKS.check(
    points=0.25,
    needs=("masks",),
    title=text(
        "with a causal mask the future has no influence, and padding of the memory none either",
        "avec un masque causal, le futur est sans influence, et le remplissage (padding) de la mémoire aussi",
    ),
    hint=text(
        "A position sees its past in x, and all of the memory that memory_mask shows.",
        "Une position voit son passé dans x, et toute la mémoire que memory_mask montre.",
    ),
)
def causality_and_padding(student, cases):
    rng = rng_for(NAME, "causality")
    length, seen, past = 6, 4, np.tri(6, dtype=bool)
    for norm_first in (False, True):
        block, inputs = _block(rng, norm_first), _inputs(rng, length=length)
        plain = by.oracle(block, **inputs, mask=past)
        changed = inputs["x"].copy()
        changed[:, seen:] += 5.0 * rng.normal(size=changed[:, seen:].shape)
        later = _run(student, block, x=changed, memory=inputs["memory"], mask=past)
        match(later[:, :seen], plain[:, :seen], of_parts=True)
        extra = 9.0 * by.sequence(rng, B, 2, D)
        padded, real = by.padded_both_ways(extra, inputs["memory"])
        twice = np.concatenate([inputs["x"], inputs["x"]])
        found = _run(student, block, x=twice, memory=padded, mask=past, memory_mask=real[:, None, None])
        match(found, np.concatenate([plain, plain]), of_parts=True)


@CHECKS.check(
    points=0.25,
    needs=("without_cross_attention",),
    title=text(
        "without a cross-attention, with a causal mask", "sans attention croisée, avec un masque causal"
    ),
    hint=text(
        "The block of GPT hands its mask on too.",
        "Le bloc de GPT transmet lui aussi son masque.",
    ),
)
def causal_without_cross_attention(student, cases):
    rng = rng_for(NAME, "causal")
    for norm_first in (False, True):
        inputs = {"x": by.sequence(rng, B, T, D), "mask": np.tri(T, dtype=bool)}
        _agrees(student, _block(rng, norm_first, cross=False), **inputs)


@CHECKS.check(
    points=0.25,
    needs=("post_norm", "pre_norm"),
    title=text("gradients on unseen inputs", "gradients sur des données nouvelles"),
    hint=text(
        "x, the memory and all parameters of the six parts must receive one.",
        "x, la mémoire et tous les paramètres des six parties doivent en recevoir un.",
    ),
)
def gradients(student, cases):
    _gradients(student, False)
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
        feed_forward="feed_forward", cross_attention="attention", self_attention="attention",
        norm_feed_forward="norm", norm_cross="norm", norm_self="norm",
    )  # fmt: skip
    shapes = {"x": (3, 60, 50), "memory": (3, 60, 50)}
    check_dropout(student, parts, shapes, float(rng.choice((0.2, 0.25, 0.3))))
