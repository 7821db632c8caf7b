"""Hidden checks of NextSentenceHead, against a loop over pairs in numpy and torch's functions."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from attentif.checks.compare import match, match_gradients, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.salt import rng_for

CHECKS = CheckSet("NextSentenceHead")
NAME = "NextSentenceHead"
B, T, D = 3, 4, 7


def _hidden(rng, rows=B, length=T, d_model=D, dtype=np.float64):
    size = rng.uniform(0.6, 1.6, (rows, length, 1))
    return (rng.normal(size=(rows, length, d_model)) * size - 0.2).astype(dtype)


def _layer(rng, d_model=D, dtype=np.float64):
    state = {
        "pooler.weight": rng.normal(size=(d_model, d_model)) / d_model**0.5,
        "pooler.bias": rng.normal(size=d_model) * 0.6,
        "classifier.weight": rng.normal(size=(2, d_model)),
        "classifier.bias": np.array([-0.8, 0.9]) + 0.2 * rng.random(2),
    }
    return {
        "init": {"d_model": d_model},
        "state": {name: array.astype(dtype) for name, array in state.items()},
    }


def _loop(layer, hidden):
    """Logits (B, 2), pair by pair, in float64."""
    state = {name: array.astype(np.float64) for name, array in layer["state"].items()}
    logits = []
    for row in hidden.astype(np.float64):
        pooled = np.tanh(state["pooler.weight"] @ row[0] + state["pooler.bias"])
        logits.append(state["classifier.weight"] @ pooled + state["classifier.bias"])
    return np.stack(logits)


def _logits(student, layer, hidden):
    return value_of(student.run(Request(kwargs={"hidden": hidden}, **layer)))


def _agrees(student, layer, hidden):
    match(_logits(student, layer, hidden), _loop(layer, hidden).astype(hidden.dtype))


@CHECKS.check(
    points=0.25,
    title=text("logits on unseen inputs", "logits sur des données nouvelles"),
    hint=text("Two numbers a pair, any size.", "Deux nombres par paire, de taille quelconque."),
)
def values(student, cases):
    rng = rng_for(NAME, "values")
    _agrees(student, _layer(rng), _hidden(rng))
    _agrees(student, _layer(rng, 4), _hidden(rng, 6, 2, 4))
    _agrees(student, _layer(rng, 5, np.float32), _hidden(rng, 2, 3, 5, np.float32))


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("only the first position counts", "seule la première position compte"),
    hint=text(
        "What the other positions hold must change nothing: [CLS] has read them already.",
        "Ce que contiennent les autres positions ne doit rien changer : [CLS] les a déjà lues.",
    ),
)
def first_position(student, cases):
    rng = rng_for(NAME, "first_position")
    layer, hidden = _layer(rng), _hidden(rng)
    plain = _loop(layer, hidden)
    others = hidden.copy()
    others[:, 1:] += 7.0 * rng.normal(size=others[:, 1:].shape)
    match(_logits(student, layer, others), plain)
    longer = np.concatenate([hidden, _hidden(rng, length=3)], axis=1)
    match(_logits(student, layer, longer), plain)
    # No pair sees another of the batch.
    match(_logits(student, layer, hidden[::-1]), plain[::-1])


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "one pair, one position, on unseen inputs", "une paire, une position, sur des données nouvelles"
    ),
    hint=text("No axis may vanish.", "Aucun axe ne doit disparaître."),
)
def ones(student, cases):
    rng = rng_for(NAME, "ones")
    for rows, length in ((1, 6), (5, 1), (1, 1)):
        _agrees(student, _layer(rng), _hidden(rng, rows, length))


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("gradients on unseen inputs", "gradients sur des données nouvelles"),
    hint=text(
        "The first position receives one, the others receive 0.",
        "La première position en reçoit un, les autres reçoivent 0.",
    ),
)
def gradients(student, cases):
    rng = rng_for(NAME, "gradients")
    layer, hidden, cotangent = _layer(rng), _hidden(rng), rng.normal(size=(B, 2))
    arrays = {"hidden": hidden, **layer["state"]}
    leaves = {name: torch.from_numpy(array).requires_grad_() for name, array in arrays.items()}
    first = leaves["hidden"].unbind(1)[0]
    pooled = F.linear(first, leaves["pooler.weight"], leaves["pooler.bias"])
    output = F.linear(pooled.tanh(), leaves["classifier.weight"], leaves["classifier.bias"])
    expected = torch.autograd.grad(output, list(leaves.values()), torch.from_numpy(cotangent))
    outcome = student.run(
        Request(
            kwargs={"hidden": hidden}, cotangent=cotangent, wrt=("hidden",), parameter_gradients=True, **layer
        )
    )
    value_of(outcome)
    match_gradients(outcome.gradients, {n: g.numpy() for n, g in zip(leaves, expected, strict=True)})
