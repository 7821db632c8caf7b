"""Public checks of scaled_dot_product_attention."""

from __future__ import annotations

import numpy as np

from attentif.checks.engine import CheckSet, check_case
from attentif.checks.fingerprints import ERROR, case_probes
from attentif.checks.text import text
from attentif.checks.values import Request

CHECKS = CheckSet("scaled_dot_product_attention")

# Shares of 80,000 draws: five standard errors are below 0.01, the shares of known mistakes far above.
TOLERANCES = {"dropout": 0.02}


def probes(cases):
    """The stored cases, and what share of outputs and of weights dropout sets to 0."""
    return {**case_probes(cases), "dropout": _dropped_shares}


def _dropped_shares(student):
    n_keys, rng = 40, np.random.default_rng(5)
    shapes = {"query": (1000, 2, 3), "key": (1000, n_keys, 3)}
    inputs = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    # With the identity as values, the output is the dropped weights themselves.
    inputs["value"] = np.broadcast_to(np.eye(n_keys), (1000, n_keys, n_keys)).copy()
    outcome = student.run(Request(kwargs={**inputs, "dropout_p": 0.4}))
    if outcome.error is not None:
        return np.array([ERROR, 0.0])
    value = outcome.value
    if not (isinstance(value, tuple) and len(value) == 2 and all(isinstance(x, np.ndarray) for x in value)):
        return np.array([-1.0])
    return np.array([float((array == 0.0).mean()) for array in value])


@CHECKS.check(
    points=1.5,
    title=text("output and weights without a mask", "sortie et poids sans masque"),
    hint=text(
        "Compare each query with each key, divide by √d_k, take the softmax over the keys, average the values.",
        "Comparez chaque requête à chaque clé, divisez par √d_k, appliquez le softmax sur les clés, "
        "puis faites la moyenne pondérée des valeurs.",
    ),
)
def values(student, cases):
    check_case(student, cases["plain"])
    check_case(student, cases["one_position"])
    check_case(student, cases["two_axes"])


@CHECKS.check(
    points=1.0,
    needs=("values",),
    title=text("a mask hides keys (True means visible)", "un masque cache des clés (True veut dire visible)"),
    hint=text(
        "A hidden key gets a score of −∞ before the softmax; the mask broadcasts to (..., T, S).",
        "Une clé cachée reçoit un score de −∞ avant le softmax ; le masque se diffuse vers (..., T, S).",
    ),
)
def mask(student, cases):
    check_case(student, cases["masked"])
    check_case(student, cases["broadcast_mask"])


@CHECKS.check(
    points=0.5,
    needs=("mask",),
    title=text("a query that sees nothing gives zeros", "une requête qui ne voit rien donne des zéros"),
    hint=text(
        "A row of −∞ has no softmax: its weights and its output must be 0, not NaN.",
        "Une ligne de −∞ n'a pas de softmax : ses poids et sa sortie doivent valoir 0, et non NaN.",
    ),
)
def nothing_visible(student, cases):
    check_case(student, cases["nothing_visible"])


@CHECKS.check(
    points=0.5,
    needs=("values",),
    title=text("large scores do not overflow", "les grands scores ne débordent pas"),
    hint=text("Use a softmax that subtracts the maximum first.", "Utilisez un softmax qui soustrait d'abord le maximum."),
)
def large_scores(student, cases):
    check_case(student, cases["large_scores"])


@CHECKS.check(
    points=0.5,
    needs=("mask",),
    title=text("gradients reach query, key and value", "les gradients atteignent query, key et value"),
    hint=text(
        "Stay with torch operations from the arguments to the result: no detach, no numpy, no .data.",
        "Restez dans les opérations de torch, des arguments au résultat : ni detach, ni numpy, ni .data.",
    ),
)
def gradients(student, cases):
    check_case(student, cases["gradients"])
