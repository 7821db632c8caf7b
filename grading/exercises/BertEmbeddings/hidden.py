"""Hidden checks of BertEmbeddings, against a loop over tokens and torch's own layer normalisation."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from attentif.checks.compare import match, match_gradients, value_of
from attentif.checks.engine import Case, CheckSet
from attentif.checks.public.BertEmbeddings import check_dropout, check_refused
from attentif.checks.text import text
from attentif.checks.values import Outcome, Request, part
from attentif_grading.salt import rng_for

CHECKS = CheckSet("BertEmbeddings")
NAME = "BertEmbeddings"
B, T, D, V, MAX_LENGTH, N_SEGMENTS = 4, 5, 7, 13, 9, 3


def _layer(rng, d_model=D, n_segments=N_SEGMENTS, dropout=0.0, dtype=np.float64):
    def table(rows):
        return (rng.normal(size=(rows, d_model)) * rng.uniform(0.5, 1.5, (rows, 1)) - 0.3).astype(dtype)

    state = {"token.weight": table(V), "segment.weight": table(n_segments)}
    state["position.weight"] = table(MAX_LENGTH)
    state["norm.weight"] = rng.uniform(0.4, 1.6, d_model).astype(dtype)
    state["norm.bias"] = (rng.normal(size=d_model) + 0.4).astype(dtype)
    init = {
        "vocab_size": V,
        "d_model": d_model,
        "max_length": MAX_LENGTH,
        "n_segments": n_segments,
        "dropout": dropout,
        "norm": part("LayerNorm"),
    }
    return {"init": init, "state": state}


def _ids(rng, rows=B, length=T):
    return rng.integers(0, V, (rows, length))


def _segments(rng, rows=B, length=T, n_segments=N_SEGMENTS):
    segments = rng.integers(0, n_segments, (rows, length))
    segments[:, -1] = n_segments - 1
    return segments


def _loop(state, token_ids, segment_ids=None):
    """The vectors (B, T, D) from tensors, token by token; gradients pass."""
    rows = []
    for row, ids in enumerate(token_ids):
        vectors = []
        for place, token in enumerate(ids):
            segment = 0 if segment_ids is None else segment_ids[row, place]
            vectors.append(
                state["token.weight"][int(token)]
                + state["segment.weight"][int(segment)]
                + state["position.weight"][place]
            )
        rows.append(torch.stack(vectors))
    total = torch.stack(rows)
    return F.layer_norm(total, total.shape[-1:], state["norm.weight"], state["norm.bias"], 1e-12)


def _oracle(layer, **inputs):
    """The vectors, computed in float64."""
    state = {name: torch.from_numpy(array).double() for name, array in layer["state"].items()}
    return _loop(state, **inputs).numpy()


def _agrees(student, layer, **inputs):
    expected = _oracle(layer, **inputs).astype(layer["state"]["token.weight"].dtype)
    match(value_of(student.run(Request(kwargs=inputs, **layer))), expected, of_parts=True)


@CHECKS.check(
    points=0.25,
    title=text("vectors of unseen texts", "vecteurs de textes nouveaux"),
    hint=text(
        "Try one token, one row, three segments.",
        "Essayez un seul jeton, une seule ligne, trois segments.",
    ),
)
def values(student, cases):
    rng = rng_for(NAME, "values")
    _agrees(student, _layer(rng), token_ids=_ids(rng), segment_ids=_segments(rng))
    _agrees(student, _layer(rng, 4), token_ids=_ids(rng, 1, 1), segment_ids=_segments(rng, 1, 1))
    layer = _layer(rng, 10, n_segments=2, dtype=np.float32)
    _agrees(student, layer, token_ids=_ids(rng, 2, 8), segment_ids=_segments(rng, 2, 8, 2))


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("unseen texts without segment_ids", "textes nouveaux sans segment_ids"),
    hint=text("Absent segments are those of sentence A.", "Des segments absents sont ceux de la phrase A."),
)
def no_segments(student, cases):
    rng = rng_for(NAME, "no_segments")
    _agrees(student, _layer(rng), token_ids=_ids(rng))
    _agrees(student, _layer(rng, 6, n_segments=1), token_ids=_ids(rng, 2, 3))


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "a vector depends on its own token and place alone",
        "un vecteur ne dépend que de son jeton et de sa place",
    ),
    hint=text(
        "The same beginning gives the same vectors, whatever follows and whatever else is in the batch.",
        "Un même début donne les mêmes vecteurs, quels que soient la suite et le reste du lot.",
    ),
)
def alone(student, cases):
    rng = rng_for(NAME, "alone")
    layer, ids, segments = _layer(rng), _ids(rng, B, T + 2), _segments(rng, B, T + 2)

    def vectors(rows, length):
        kwargs = {"token_ids": ids[rows, :length], "segment_ids": segments[rows, :length]}
        return value_of(student.run(Request(kwargs=kwargs, **layer)))

    whole = _oracle(layer, token_ids=ids, segment_ids=segments)
    match(vectors(slice(None), T), whole[:, :T], of_parts=True)
    match(vectors(slice(2, 3), 2), whole[2:3, :2], of_parts=True)
    match(vectors(slice(None, None, -1), T + 2), whole[::-1], of_parts=True)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "gradients of every table on unseen texts", "gradients de chaque table sur des textes nouveaux"
    ),
    hint=text(
        "The position table learns like the two others.",
        "La table des positions apprend comme les deux autres.",
    ),
)
def gradients(student, cases):
    rng = rng_for(NAME, "gradients")
    layer, inputs = _layer(rng), {"token_ids": _ids(rng), "segment_ids": _segments(rng)}
    cotangent = rng.normal(size=(B, T, D))
    leaves = {name: torch.from_numpy(array).requires_grad_() for name, array in layer["state"].items()}
    expected = torch.autograd.grad(
        _loop(leaves, **inputs), list(leaves.values()), torch.from_numpy(cotangent)
    )
    outcome = student.run(Request(kwargs=inputs, cotangent=cotangent, parameter_gradients=True, **layer))
    value_of(outcome)
    match_gradients(
        outcome.gradients, {n: g.numpy() for n, g in zip(leaves, expected, strict=True)}, of_parts=True
    )


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "dropout in training and evaluation mode, on unseen texts",
        "abandon (dropout) à l'entraînement et en évaluation, sur des textes nouveaux",
    ),
    hint=text(
        "In evaluation nothing is dropped; in training the normalised components are.",
        "En évaluation, rien n'est abandonné ; à l'entraînement, ce sont les composantes normalisées.",
    ),
)
def dropout(student, cases):
    rng = rng_for(NAME, "dropout")
    for probability in (0.25, 0.6):
        layer = _layer(rng, dropout=probability)
        inputs = {"token_ids": _ids(rng), "segment_ids": _segments(rng)}
        _agrees(student, layer, **inputs)
        check_dropout(student, Case(Request(kwargs=inputs, **layer), Outcome(_oracle(layer, **inputs))), 60)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("lengths at the limit and beyond", "des longueurs à la limite et au-delà"),
    hint=text(
        "One token too many is refused already; max_length tokens are not.",
        "Un jeton de trop est déjà refusé ; max_length jetons ne le sont pas.",
    ),
)
def too_long(student, cases):
    rng = rng_for(NAME, "too_long")
    inputs = {"token_ids": _ids(rng, 1, MAX_LENGTH), "segment_ids": _segments(rng, 1, MAX_LENGTH)}
    _agrees(student, _layer(rng), **inputs)
    for length in (MAX_LENGTH + 1, 3 * MAX_LENGTH):
        inputs = {"token_ids": _ids(rng, 2, length), "segment_ids": _segments(rng, 2, length)}
        check_refused(student, Request(kwargs=inputs, **_layer(rng)))
