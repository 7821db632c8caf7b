"""Hidden checks of FeedForward, against plain numpy and torch's own layers."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn

from attentif.checks.compare import match, match_gradients, value_of
from attentif.checks.engine import Case, CheckSet, check_case
from attentif.checks.public.FeedForward import OUTPUT, check_dropout
from attentif.checks.text import text
from attentif.checks.values import Outcome, Request
from attentif_grading.salt import rng_for

CHECKS = CheckSet("FeedForward")
NAME = "FeedForward"

_ERF = np.vectorize(math.erf, otypes=[np.float64])
_PHI = {"relu": lambda z: np.where(z > 0, z, 0.0), "gelu": lambda z: z * (1 + _ERF(z / math.sqrt(2))) / 2}


def _layer(rng, d_model, d_ff, activation, dropout=0.0, dtype=np.float64):
    shapes = {
        "expand.weight": (d_ff, d_model),
        "expand.bias": (d_ff,),
        "contract.weight": (d_model, d_ff),
        "contract.bias": (d_model,),
    }
    state = {
        name: (rng.normal(size=shape) * 1.5 / shape[-1] ** 0.5).astype(dtype)
        for name, shape in shapes.items()
    }
    init = {"d_model": d_model, "d_ff": d_ff, "activation": activation, "dropout": float(dropout)}
    return {"init": init, "state": state}


def _oracle(layer, x):
    """Two sums of products in numpy, the activation by its definition; float64."""
    state = {name: array.astype(np.float64) for name, array in layer["state"].items()}
    hidden = np.tensordot(x.astype(np.float64), state["expand.weight"], (-1, -1)) + state["expand.bias"]
    hidden = _PHI[layer["init"]["activation"]](hidden)
    return np.tensordot(hidden, state["contract.weight"], (-1, -1)) + state["contract.bias"]


def _x(rng, *shape, dtype=np.float64):
    return (1.2 * rng.normal(size=shape) - 0.2).astype(dtype)


def _case(layer, x):
    return Case(Request(kwargs={"x": x}, **layer), Outcome(_oracle(layer, x).astype(x.dtype)))


@CHECKS.check(
    points=0.5,
    title=text("values with either activation on unseen inputs", "valeurs avec l'une et l'autre activation"),
    hint=text(
        "self.activation is the function that was asked for by its name; GELU is the exact one.",
        "self.activation est la fonction demandée par son nom ; GELU est l'exacte.",
    ),
)
def values(student, cases):
    rng = rng_for(NAME, "values")
    for activation in ("relu", "gelu"):
        for shape, d_ff in (((2, 5, 4), 9), ((3, 6), 2), ((7,), 11), ((1, 1, 3), 1)):
            check_case(
                student, _case(_layer(rng, shape[-1], d_ff, activation), _x(rng, *shape)), where=OUTPUT
            )
    layer = _layer(rng, 5, 8, "gelu", dtype=np.float32)
    check_case(student, _case(layer, _x(rng, 4, 3, 5, dtype=np.float32)), where=OUTPUT)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "gradients to the input and to both layers, on unseen inputs",
        "gradients vers l'entrée et vers les deux couches, sur des données nouvelles",
    ),
    hint=text(
        "Use the layers themselves, and detach nothing.",
        "Utilisez les couches elles-mêmes, et ne détachez rien.",
    ),
)
def gradients(student, cases):
    rng = rng_for(NAME, "gradients")
    layer, x, cotangent = _layer(rng, 5, 8, "gelu"), _x(rng, 2, 3, 5), rng.normal(size=(2, 3, 5))
    theirs = nn.Sequential(nn.Linear(5, 8), nn.GELU(), nn.Linear(8, 5)).double()
    places = {"expand.": "0.", "contract.": "2."}
    renamed = {
        name.replace(mine, his): torch.from_numpy(array.copy())
        for name, array in layer["state"].items()
        for mine, his in places.items()
        if name.startswith(mine)
    }
    theirs.load_state_dict(renamed)
    leaf = torch.from_numpy(x.copy()).requires_grad_()
    output = theirs(leaf)
    found = torch.autograd.grad(output, [leaf, *theirs.parameters()], torch.from_numpy(cotangent))
    names = ["x", "expand.weight", "expand.bias", "contract.weight", "contract.bias"]
    request = Request(kwargs={"x": x}, cotangent=cotangent, wrt=("x",), parameter_gradients=True, **layer)
    outcome = student.run(request)
    match(value_of(outcome), output.detach().numpy(), where=OUTPUT)
    match_gradients(outcome.gradients, {n: g.numpy() for n, g in zip(names, found, strict=True)})


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "dropout of hidden units with GELU, by statistics; none in evaluation",
        "abandon (dropout) des unités cachées avec GELU, par la statistique ; aucun en évaluation",
    ),
    hint=text(
        "Activate, then drop, then contract; self.dropout knows whether the model is being trained.",
        "Activez, puis abandonnez, puis contractez ; self.dropout sait si le modèle est à l'entraînement.",
    ),
)
def dropout(student, cases):
    rng = rng_for(NAME, "dropout")
    check_case(student, _case(_layer(rng, 4, 10, "gelu", dropout=0.5), _x(rng, 3, 2, 4)), where=OUTPUT)
    layer = _layer(rng, 14, 14, "gelu")
    layer["state"]["expand.weight"] *= 0.2
    layer["state"]["expand.bias"] = rng.uniform(1.0, 1.8, 14)
    layer["state"]["contract.weight"] = np.linalg.qr(rng.normal(size=(14, 14)))[0]
    case = _case(layer, rng.uniform(-1.0, 1.0, (5, 14)))
    for probability in (0.25, 0.7):
        check_dropout(student, case, 200, probability)
