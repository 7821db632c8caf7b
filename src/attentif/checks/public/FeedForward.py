"""Public checks of FeedForward."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attentif.checks.compare import Mismatch, describe, match, require, value_of
from attentif.checks.corruption import percent
from attentif.checks.engine import CheckSet, check_case
from attentif.checks.fingerprints import ERROR, case_probes
from attentif.checks.text import text
from attentif.checks.wording import Place, named

CHECKS = CheckSet("FeedForward")
OUTPUT = named("output", "BPD")
IN_EVALUATION = Place(text("output in evaluation mode", "sortie en mode évaluation"), "BPD")

DROPPED = 0.4
STANDARD_ERRORS = 5.5  # a right answer fails once in twenty million
# The two formulas of GELU differ by less than a thousandth. Means over 36,000 draws: five standard errors are
# below 0.02, what known mistakes change is far above.
TOLERANCES = {"gelu": 2e-6, "dropout": 0.03, "dropout_gelu": 0.03}


def probes(cases):
    """The stored values, and apart from them what dropout does, in evaluation and on average in training."""
    usual = case_probes({name: cases[name] for name in ("relu", "gelu", "gradients")})
    relu, gelu = cases["relu"], cases["gelu"]
    own = {
        "evaluation": _if_right(relu, lambda student: _evaluation(student, cases["evaluation"])),
        "dropout": _if_right(relu, lambda student: _in_numbers(student, cases["before_dropout"])),
        "dropout_gelu": _if_right(gelu, lambda student: _in_numbers(student, cases["before_dropout_gelu"])),
    }
    return {**usual, **own}


def _if_right(case, ask):
    # While the values themselves are wrong, dropout is not their cause: it is not asked about.
    def answer(student):
        try:
            check_case(student, case)
        except Mismatch:
            return np.array([-1.0])
        return np.array(ask(student))

    return answer


def _evaluation(student, case):
    try:
        check_case(student, case)
    except Mismatch:
        return [1.0]
    return [0.0]


def _in_numbers(student, case):
    outcome = student.run(_with_dropout(case, 1000, DROPPED))
    if outcome.error is not None:
        return [ERROR, 0.0]
    if not _fits(outcome.value, case, 1000):
        return [-1.0]
    output, hidden = outcome.value.astype(np.float64), _hidden(case, case.expected.value)
    applied = _hidden(case, output)
    share = np.abs(applied - hidden).mean() / np.abs(hidden).mean()
    return [(np.abs(applied) < 1e-6).mean(), applied.mean() / hidden.mean(), share, (output == 0).mean()]


def _with_dropout(case, copies, probability):
    """The stored request, repeated, in training and with dropout."""
    x = case.request.kwargs["x"]
    repeated = np.broadcast_to(x, (copies, *x.shape)).copy()
    init = {**case.request.init, "dropout": probability}
    return replace(case.request, kwargs={"x": repeated}, init=init, training=True)


def _fits(value, case, copies):
    return isinstance(value, np.ndarray) and value.shape == (copies, *case.expected.value.shape)


def _hidden(case, output):
    """The hidden units (..., d_ff) with which this output was made: the second layer is orthogonal."""
    return (output - case.request.state["contract.bias"]) @ case.request.state["contract.weight"]


@CHECKS.check(
    points=0.25,
    title=text("the output with ReLU", "la sortie avec ReLU"),
    hint=text(
        "The first layer, the activation, the second layer; nothing is added to it here.",
        "La première couche, l'activation, la seconde couche ; rien ne s'y ajoute ici.",
    ),
)
def relu(student, cases):
    check_case(student, cases["relu"], where=OUTPUT)
    check_case(student, cases["one_vector"], where=OUTPUT)


@CHECKS.check(
    points=0.25,
    title=text("the output with GELU", "la sortie avec GELU"),
    hint=text(
        "Call self.activation, which is the function chosen by its name; GELU is the exact one, z · Φ(z).",
        "Appelez self.activation, la fonction choisie d'après son nom ; GELU est l'exacte, z · Φ(z).",
    ),
)
def gelu(student, cases):
    check_case(student, cases["gelu"], where=OUTPUT)


@CHECKS.check(
    points=0.25,
    needs=("relu",),
    title=text(
        "gradients reach the input and both layers", "les gradients atteignent l'entrée et les deux couches"
    ),
    hint=text(
        "Both layers must serve, and nothing on the way may be detached.",
        "Les deux couches doivent servir, et rien en chemin ne doit être détaché.",
    ),
)
def gradients(student, cases):
    check_case(student, cases["gradients"], where=OUTPUT)


@CHECKS.check(
    points=0.25,
    needs=("relu",),
    title=text(
        "dropout: hidden units become 0 in training, none in evaluation",
        "abandon (dropout) : des unités cachées passent à 0 à l'entraînement, aucune en évaluation",
    ),
    hint=text(
        "Pass the hidden units, after the activation, through self.dropout: it does nothing in evaluation mode.",
        "Faites passer les unités cachées, après l'activation, par self.dropout : elle ne fait rien en mode évaluation.",
    ),
)
def dropout(student, cases):
    check_case(student, cases["evaluation"], where=IN_EVALUATION)
    check_dropout(student, cases["before_dropout"], 300, DROPPED)


def check_dropout(student, case, copies, probability):
    """Judge dropout by the shares of many draws; the case tells the output without it."""
    request = _with_dropout(case, copies, probability)
    value = value_of(student.run(request), request)
    require(_fits(value, case, copies), describe(request.kwargs["x"]), describe(value))
    # A kept unit is larger than before, one that is left alone equal, a dropped one 0.
    before = np.broadcast_to(_hidden(case, case.expected.value), value.shape)
    applied = _hidden(case, value)
    kept = applied > before / 2
    margin = STANDARD_ERRORS * (probability * (1 - probability) / kept.size) ** 0.5
    wanted, give = percent(probability), percent(margin)
    require(
        abs(1 - kept.mean() - probability) <= margin,
        text(
            f"with dropout={probability}, {wanted['en']} (± {give['en']}) of the hidden units replaced by 0 in training",
            f"avec dropout={probability}, {wanted['fr']} (± {give['fr']}) des unités cachées remplacées par 0 à "
            "l'entraînement",
        ),
        percent(1 - kept.mean()),
    )
    # By units, by positions, by copies; over the copies there are few counts, which vary more.
    for axis, low, high in ((-1, 0.5, 1.7), (-2, 0.5, 1.7), (0, 0.0, 5.0)):
        counts, n = (~kept).sum(axis), kept.shape[axis]
        ratio = float(((counts - probability * n) ** 2).mean() / (n * probability * (1 - probability)))
        require(
            low < ratio < high,
            text("each unit dropped by a draw of its own", "chaque unité abandonnée par son propre tirage"),
            text("units dropped together", "des unités abandonnées ensemble"),
        )
    units = np.where(kept, before / (1 - probability), 0.0)
    layer = case.request.state
    expected = units @ layer["contract.weight"].T + layer["contract.bias"]
    match(value, expected, where=OUTPUT)
