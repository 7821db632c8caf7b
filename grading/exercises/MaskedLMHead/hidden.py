"""Hidden checks of MaskedLMHead, against torch's own functions and a loop over tokens."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from attentif.checks.compare import match, match_gradients, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.text import text
from attentif.checks.values import Recipe, Request, part
from attentif_grading.salt import rng_for

CHECKS = CheckSet("MaskedLMHead")
NAME = "MaskedLMHead"
B, T, D, V = 2, 5, 7, 10


def _hidden(rng, *shape, d_model=D, dtype=np.float64):
    return (rng.normal(size=(*shape, d_model)) * rng.uniform(0.6, 1.6, (*shape, 1)) - 0.1).astype(dtype)


def _layer(rng, d_model=D, vocab_size=V, dtype=np.float64):
    state = {
        "token_embedding.weight": rng.normal(size=(vocab_size, d_model)) * 0.7,
        "transform.weight": rng.normal(size=(d_model, d_model)) * 1.5 / d_model**0.5,
        "transform.bias": rng.normal(size=d_model) * 0.6,
        "norm.weight": rng.uniform(0.4, 1.6, d_model),
        "norm.bias": rng.normal(size=d_model) - 0.4,
        "bias": rng.normal(size=vocab_size) - 0.3,
    }
    table = Recipe("embedding", {"vocab_size": vocab_size, "d_model": d_model})
    init = {"token_embedding": table, "norm": part("LayerNorm")}
    return {"init": init, "state": {name: array.astype(dtype) for name, array in state.items()}}


def _loop(state, hidden):
    """Logits (..., V) from tensors, one token of the vocabulary after the other; gradients pass."""
    inner = torch.tensordot(hidden, state["transform.weight"], dims=([-1], [1])) + state["transform.bias"]
    # x Φ(x), by torch's Gaussian distribution function.
    active = inner * torch.special.ndtr(inner)
    normed = F.layer_norm(active, active.shape[-1:], state["norm.weight"], state["norm.bias"], 1e-12)
    table, bias = state["token_embedding.weight"], state["bias"]
    return torch.stack([(normed * row).sum(-1) + bias[token] for token, row in enumerate(table)], -1)


def _oracle(layer, hidden):
    state = {name: torch.from_numpy(array).double() for name, array in layer["state"].items()}
    return _loop(state, torch.from_numpy(hidden).double()).numpy()


def _logits(student, layer, hidden):
    return value_of(student.run(Request(kwargs={"hidden": hidden}, **layer)))


def _agrees(student, layer, hidden):
    match(_logits(student, layer, hidden), _oracle(layer, hidden).astype(hidden.dtype), of_parts=True)


@CHECKS.check(
    points=0.25,
    title=text("logits on unseen inputs", "logits sur des données nouvelles"),
    hint=text(
        "Compute each step by hand for one vector.", "Calculez chaque étape à la main pour un vecteur."
    ),
)
def values(student, cases):
    rng = rng_for(NAME, "values")
    _agrees(student, _layer(rng), _hidden(rng, B, T))
    _agrees(student, _layer(rng, 4, 12), _hidden(rng, 1, 3, d_model=4))
    _agrees(student, _layer(rng, 8, 8), _hidden(rng, 3, 1, d_model=8))
    layer = _layer(rng, dtype=np.float32)
    _agrees(student, layer, _hidden(rng, B, T, dtype=np.float32))


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "other numbers of axes, on unseen inputs", "d'autres nombres d'axes, sur des données nouvelles"
    ),
    hint=text(
        "Work on the last axis; whatever stands before it stays as it is.",
        "Travaillez sur le dernier axe ; ce qui le précède reste tel quel.",
    ),
)
def any_axes(student, cases):
    rng = rng_for(NAME, "any_axes")
    for shape in ((), (6,), (3, 1, 4)):
        _agrees(student, _layer(rng), _hidden(rng, *shape))


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("the decoder is the token embedding", "le décodeur est le plongement des jetons"),
    hint=text(
        "If two tokens exchange their rows in the table and their biases, they exchange their logits.",
        "Si deux jetons échangent leurs lignes dans la table et leurs biais, ils échangent leurs logits.",
    ),
)
def tied(student, cases):
    rng = rng_for(NAME, "tied")
    layer, hidden = _layer(rng), _hidden(rng, B, T)
    order = np.roll(np.arange(V), int(rng.integers(1, V)))
    state = dict(layer["state"])
    for name in ("token_embedding.weight", "bias"):
        state[name] = state[name][order]
    plain = _oracle(layer, hidden)
    match(_logits(student, {**layer, "state": state}, hidden), plain[..., order], of_parts=True)
    # Twice the table, without a bias: twice the logits.
    state = {**layer["state"], "bias": np.zeros(V)}
    once = _logits(student, {**layer, "state": state}, hidden)
    match(once, plain - layer["state"]["bias"], of_parts=True)
    state["token_embedding.weight"] = 2.0 * state["token_embedding.weight"]
    match(_logits(student, {**layer, "state": state}, hidden), 2.0 * once, of_parts=True)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("gradients on unseen inputs", "gradients sur des données nouvelles"),
    hint=text(
        "The input, transform, norm, bias and the token embedding must receive one.",
        "L'entrée, transform, norm, bias et le plongement des jetons doivent en recevoir un.",
    ),
)
def gradients(student, cases):
    rng = rng_for(NAME, "gradients")
    layer, hidden, cotangent = _layer(rng), _hidden(rng, B, T), rng.normal(size=(B, T, V))
    arrays = {"hidden": hidden, **layer["state"]}
    leaves = {name: torch.from_numpy(array).requires_grad_() for name, array in arrays.items()}
    output = _loop(leaves, leaves["hidden"])
    expected = torch.autograd.grad(output, list(leaves.values()), torch.from_numpy(cotangent))
    outcome = student.run(
        Request(
            kwargs={"hidden": hidden}, cotangent=cotangent, wrt=("hidden",), parameter_gradients=True, **layer
        )
    )
    value_of(outcome)
    match_gradients(
        outcome.gradients, {n: g.numpy() for n, g in zip(leaves, expected, strict=True)}, of_parts=True
    )
