"""Hidden checks of scaled_dot_product_attention, against torch's own attention and a naive loop."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from attentif.checks.compare import match, match_gradients, require, value_of
from attentif.checks.engine import Case, CheckSet
from attentif.checks.public.scaled_dot_product_attention import check_dropout
from attentif.checks.text import text
from attentif.checks.values import Outcome, Request
from attentif_grading.salt import rng_for

CHECKS = CheckSet("scaled_dot_product_attention")
NAME = "scaled_dot_product_attention"


def _inputs(rng, batch=(2, 3), t=4, s=6, k=5, v=7, dtype=np.float64, size=1.0):
    return {
        "query": (size * rng.normal(size=(*batch, t, k)) + 0.1).astype(dtype),
        "key": (rng.normal(size=(*batch, s, k)) - 0.4).astype(dtype),
        "value": (rng.normal(size=(*batch, s, v)) + 0.6).astype(dtype),
    }


def _visible(rng, *shape):
    mask = rng.random(shape) < 0.55
    mask[..., 0] |= ~mask.any(-1)
    return mask


def _oracle(query, key, value, mask=None):
    """Output by torch's fused kernel, weights by a loop over queries; float64."""
    query, key, value = (torch.from_numpy(np.asarray(x, dtype=np.float64)) for x in (query, key, value))
    visible = None if mask is None else torch.from_numpy(mask)
    output = F.scaled_dot_product_attention(query, key, value, attn_mask=visible)
    full = np.broadcast_to(True if mask is None else mask, (*query.shape[:-1], key.shape[-2]))
    weights = np.zeros(full.shape)
    for place in np.ndindex(*query.shape[:-1]):
        seen = np.flatnonzero(full[place])
        scores = key[place[:-1]].numpy()[seen] @ query[place].numpy() * query.shape[-1] ** -0.5
        odds = np.exp(scores - scores.max()) if len(seen) else scores
        weights[place][seen] = odds / odds.sum()
    blind = ~full.any(-1)
    return np.where(blind[..., None], 0.0, output.numpy()), weights


def _agrees(student, inputs, **kwargs):
    outcome = student.run(Request(kwargs=inputs))
    match(value_of(outcome), _oracle(**inputs), **kwargs)
    return outcome


@CHECKS.check(
    points=0.5,
    title=text("values on unseen inputs", "valeurs sur des données nouvelles"),
    hint=text("Read the formula again, factor by factor.", "Relisez la formule, facteur par facteur."),
)
def values(student, cases):
    rng = rng_for(NAME, "values")
    _agrees(student, _inputs(rng))
    _agrees(student, _inputs(rng, batch=(1,), t=1, s=3, k=2, v=1))
    _agrees(student, _inputs(rng, batch=(3,), t=7, s=2, k=8, v=3))


@CHECKS.check(
    points=1.0,
    needs=("values",),
    title=text(
        "masks of several shapes on unseen inputs", "masques de plusieurs formes sur des données nouvelles"
    ),
    hint=text(
        "The mask only needs to broadcast to (..., T, S).",
        "Il suffit que le masque se diffuse vers (..., T, S).",
    ),
)
def masks(student, cases):
    rng = rng_for(NAME, "masks")
    for shape in ((2, 3, 4, 6), (2, 1, 1, 6), (4, 6), (1, 6)):
        _agrees(student, {**_inputs(rng), "mask": _visible(rng, *shape)})


@CHECKS.check(
    points=0.5,
    needs=("masks",),
    title=text("hidden keys have no influence", "les clés cachées n'ont aucune influence"),
    hint=text("Mask before the softmax, not after.", "Masquez avant le softmax, pas après."),
)
def hidden_keys(student, cases):
    rng = rng_for(NAME, "hidden_keys")
    inputs = _inputs(rng)
    mask = _visible(rng, 1, 1, 4, 6)
    mask[..., 4:] = False
    mask[..., 0] = True
    first = value_of(student.run(Request(kwargs={**inputs, "mask": mask})))
    other = {name: array.copy() for name, array in inputs.items()}
    other["key"][..., 4:, :] += 50.0 * rng.normal(size=other["key"][..., 4:, :].shape)
    other["value"][..., 4:, :] -= 9.0
    match(value_of(student.run(Request(kwargs={**other, "mask": mask}))), first)


@CHECKS.check(
    points=0.5,
    needs=("masks",),
    title=text(
        "queries that see nothing: zeros, and finite gradients",
        "requêtes qui ne voient rien : zéros et gradients finis",
    ),
    hint=text(
        "Put zeros where the mask has a row of False.",
        "Mettez des zéros là où le masque a une ligne de False.",
    ),
)
def nothing_visible(student, cases):
    rng = rng_for(NAME, "nothing_visible")
    inputs = _inputs(rng)
    mask = _visible(rng, 2, 1, 4, 6)
    mask[0, 0, 2] = False
    inputs["mask"] = mask
    cotangent = rng.normal(size=(2, 3, 4, 7))
    outcome = student.run(Request(kwargs=inputs, cotangent=cotangent, wrt=("query", "key", "value")))
    match(value_of(outcome), _oracle(**inputs))
    for gradient in outcome.gradients.values():
        require(
            gradient is not None and bool(np.isfinite(gradient).all()),
            text("finite gradients", "des gradients finis"),
            text("NaN, infinite or missing gradients", "des gradients NaN, infinis ou absents"),
        )


@CHECKS.check(
    points=0.5,
    needs=("masks",),
    title=text("gradients on unseen inputs", "gradients sur des données nouvelles"),
    hint=text("Every step must let gradients through.", "Chaque étape doit laisser passer les gradients."),
)
def gradients(student, cases):
    rng = rng_for(NAME, "gradients")
    inputs, mask = _inputs(rng), _visible(rng, 2, 1, 4, 6)
    cotangent = rng.normal(size=(2, 3, 4, 7))
    leaves = {name: torch.from_numpy(array).requires_grad_() for name, array in inputs.items()}
    output = F.scaled_dot_product_attention(**leaves, attn_mask=torch.from_numpy(mask))
    expected = torch.autograd.grad(output, list(leaves.values()), torch.from_numpy(cotangent))
    request = Request(kwargs={**inputs, "mask": mask}, cotangent=cotangent, wrt=tuple(leaves))
    outcome = student.run(request)
    value_of(outcome)
    match_gradients(outcome.gradients, {n: g.numpy() for n, g in zip(leaves, expected, strict=True)})


@CHECKS.check(
    points=0.5,
    needs=("masks",),
    title=text("float32 and float16, large scores", "float32 et float16, grands scores"),
    hint=text(
        "Subtract the maximum in the softmax; divide by √K early; keep the dtype of the query.",
        "Soustrayez le maximum dans le softmax ; divisez tôt par √K ; gardez le dtype de la requête.",
    ),
)
def number_formats(student, cases):
    rng = rng_for(NAME, "number_formats")
    for dtype, size in ((np.float32, 1.0), (np.float32, 300.0), (np.float16, 1.0)):
        inputs = {**_inputs(rng, dtype=dtype, size=size), "mask": _visible(rng, 4, 6)}
        output, weights = _oracle(**inputs)
        got = value_of(student.run(Request(kwargs=inputs)))
        match(got, (output.astype(dtype), weights.astype(dtype)))


@CHECKS.check(
    points=0.5,
    needs=("values",),
    title=text("dropout of the weights, by statistics", "abandon (dropout) des poids, par la statistique"),
    hint=text(
        "Drop weights with probability dropout_p, divide the kept ones by 1 − dropout_p; return the weights "
        "as they were before.",
        "Mettez des poids à zéro avec la probabilité dropout_p, divisez les autres par 1 − dropout_p ; "
        "renvoyez les poids d'avant.",
    ),
)
def dropout(student, cases):
    rng = rng_for(NAME, "dropout")
    inputs = {"query": 0.4 * rng.normal(size=(3, 4)), "key": rng.normal(size=(24, 4))}
    inputs["value"] = np.linalg.qr(rng.normal(size=(24, 24)))[0]
    case = Case(Request(kwargs=inputs), Outcome(_oracle(**inputs)))
    for probability in (0.3, 0.75):
        check_dropout(student, case, 600, probability)
