"""Hidden checks of LayerNorm, against torch's own normalisation and a loop over vectors."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch.nn import functional as F

from attentif.checks.compare import match, match_gradients, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.public.LayerNorm import FAR, OUTPUT
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.salt import rng_for

CHECKS = CheckSet("LayerNorm")
NAME = "LayerNorm"
TINY = 1e-12


def _vectors(rng, *shape):
    """Float32, as many good implementations compute in it; no vector is nearly constant."""
    spread = rng.uniform(0.4, 2.5, (*shape[:-1], 1))
    steps = np.broadcast_to(np.linspace(-1.5, 1.5, shape[-1]), shape)
    apart = rng.permuted(steps, axis=-1) + 0.15 * rng.normal(size=shape)
    return (rng.normal(size=(*shape[:-1], 1)) + spread * apart).astype(np.float32)


def _layer(rng, d_model, eps=TINY, dtype=np.float32):
    sign = np.where(rng.random(d_model) < 0.3, -1.0, 1.0)
    weight, bias = sign * rng.uniform(0.5, 2.0, d_model), rng.normal(size=d_model) - 0.8
    state = {"weight": weight.astype(dtype), "bias": bias.astype(dtype)}
    return {"init": {"d_model": int(d_model), "eps": float(eps)}, "state": state}


def _by_torch(layer, x):
    state = {name: torch.from_numpy(array).double() for name, array in layer["state"].items()}
    output = F.layer_norm(torch.from_numpy(x).double(), x.shape[-1:], **state, eps=layer["init"]["eps"])
    return output.numpy().astype(x.dtype)


def _by_loop(layer, x):
    """One vector at a time, in plain numbers."""
    gain, bias = layer["state"]["weight"].tolist(), layer["state"]["bias"].tolist()
    output = np.empty(x.shape, dtype=x.dtype)
    for place in np.ndindex(*x.shape[:-1]):
        vector = x[place].tolist()
        mean = math.fsum(vector) / len(vector)
        squares = math.fsum((number - mean) ** 2 for number in vector)
        length = math.sqrt(squares / len(vector) + layer["init"]["eps"])
        output[place] = [g * (v - mean) / length + b for g, v, b in zip(gain, vector, bias, strict=True)]
    return output


def _answer(student, layer, x):
    return value_of(student.run(Request(kwargs={"x": x}, **layer)))


@CHECKS.check(
    points=0.5,
    title=text("values on unseen inputs", "valeurs sur des données nouvelles"),
    hint=text(
        "Try vectors of other widths, behind none, one or three other axes.",
        "Essayez des vecteurs d'autres largeurs, derrière aucun, un ou trois autres axes.",
    ),
)
def values(student, cases):
    rng = rng_for(NAME, "values")
    for shape, oracle in (
        ((2, 5, 7), _by_torch),
        ((4, 3), _by_loop),
        ((9,), _by_loop),
        ((1, 1, 2), _by_torch),
        ((2, 3, 1, 4), _by_loop),
    ):
        layer, x = _layer(rng, shape[-1]), _vectors(rng, *shape)
        match(_answer(student, layer, x), oracle(layer, x), where=OUTPUT)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "other ε, and vectors that are constant or nearly so",
        "d'autres ε, et des vecteurs constants ou presque",
    ),
    hint=text(
        "ε is added to the variance, under the root, and it is self.eps.",
        "ε s'ajoute à la variance, sous la racine, et c'est self.eps.",
    ),
)
def epsilon(student, cases):
    rng = rng_for(NAME, "epsilon")
    for eps, size in ((rng.uniform(0.2, 2.0), 1.0), (0.01, 0.0), (rng.uniform(0.01, 0.1), 0.2)):
        layer, x = _layer(rng, 5, eps), np.float32(size) * _vectors(rng, 3, 4, 5) + np.float32(0.5)
        match(_answer(student, layer, x), _by_loop(layer, x), where=OUTPUT)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "each vector by itself, whatever its mean and its scale",
        "chaque vecteur pour lui-même, quelles que soient sa moyenne et son échelle",
    ),
    hint=text(
        "Mean and variance are those of one vector: no other vector of the batch may change them.",
        "La moyenne et la variance sont celles d'un seul vecteur : aucun autre vecteur du lot ne doit les changer.",
    ),
)
def by_itself(student, cases):
    rng = rng_for(NAME, "by_itself")
    layer, x = _layer(rng, 6), _vectors(rng, 3, 4, 6)
    expected = _by_torch(layer, x)
    changed = x.copy()
    changed[1, 2] *= -3.0
    changed[2] += 5.0 * _vectors(rng, 4, 6)
    kept = np.ones((3, 4), dtype=bool)
    kept[1, 2] = kept[2] = False
    got = _answer(student, layer, changed)
    match(got, _by_torch(layer, changed), where=OUTPUT)
    match(got[kept], expected[kept])
    moved = (rng.uniform(0.5, 8.0, (3, 4, 1)) * x + rng.uniform(-4.0, 4.0, (3, 4, 1))).astype(np.float32)
    match(_answer(student, layer, moved), expected, scale=5.0, where=OUTPUT)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "gradients to the input, the gain and the bias, on unseen inputs",
        "gradients vers l'entrée, le gain et le biais, sur des données nouvelles",
    ),
    hint=text(
        "The mean and the variance depend on x too: gradients pass through them.",
        "La moyenne et la variance dépendent aussi de x : les gradients y passent.",
    ),
)
def gradients(student, cases):
    rng = rng_for(NAME, "gradients")
    for shape in ((2, 3, 5), (1, 4)):
        layer, x = _layer(rng, shape[-1]), _vectors(rng, *shape)
        cotangent = rng.normal(size=shape).astype(np.float32)
        leaves = {
            name: torch.from_numpy(array).double().requires_grad_()
            for name, array in {"x": x, **layer["state"]}.items()
        }
        output = F.layer_norm(leaves["x"], shape[-1:], leaves["weight"], leaves["bias"], TINY)
        expected = torch.autograd.grad(output, list(leaves.values()), torch.from_numpy(cotangent).double())
        outcome = student.run(
            Request(kwargs={"x": x}, cotangent=cotangent, wrt=("x",), parameter_gradients=True, **layer)
        )
        match(value_of(outcome), output.detach().float().numpy(), where=OUTPUT)
        named = {name: gradient.float().numpy() for name, gradient in zip(leaves, expected, strict=True)}
        match_gradients(outcome.gradients, named, scale=3.0)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("float32 far from 0, and float16", "float32 loin de 0, et float16"),
    hint=text(
        "Centre first, then square; the result has the dtype of x.",
        "Centrez d'abord, puis élevez au carré ; le résultat a le dtype de x.",
    ),
)
def number_formats(student, cases):
    rng = rng_for(NAME, "number_formats")
    for dtype, mean, scale in ((np.float32, 0.0, 3.0), (np.float32, 500.0, FAR), (np.float16, 0.0, 3.0)):
        x = (mean + 1.5 * rng.normal(size=(5, 9, 7))).astype(dtype)
        layer = _layer(rng, 7, 1e-5, dtype)
        match(_answer(student, layer, x), _by_torch(layer, x), scale=scale, where=OUTPUT)
