"""Public checks of MultiHeadAttention."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import Mismatch, describe, match, match_gradients, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.fingerprints import ERROR, case_probes
from attentif.checks.text import text
from attentif.checks.wording import named

CHECKS = CheckSet("MultiHeadAttention")
OUTPUT, WEIGHTS = named("output", "BTD"), named("weights", "BHTS")


def probes(cases):
    """The stored cases but two.

    With the usual attention, dropout left active answers at random; one position tells few mistakes apart.
    """
    left_out = ("evaluation", "one_position")
    return {name: _any_error(probe) for name, probe in case_probes(cases).items() if name not in left_out}


def _any_error(probe):
    # A wrong shape fails in the attention, whose error depends on whose attention it is.
    def answer(student):
        numbers = probe(student)
        return np.array([ERROR, 0.0]) if numbers[0] == ERROR else numbers

    return answer


def output_of(outcome, request=None):
    """The output; code that returns it alone keeps the points of the output."""
    value = value_of(outcome, request)
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, (tuple, list)) and value:
        return value[0]
    raise Mismatch(text("(output, weights)", "(output, weights)"), describe(value))


def check_output(student, case):
    """Put a stored request to the student's code and compare the output, then gradients."""
    outcome = student.run(case.request)
    match(output_of(outcome, case.request), case.expected.value[0], where=OUTPUT)
    match_gradients(outcome.gradients, case.expected.gradients)


@CHECKS.check(
    points=1.25,
    title=text("self-attention: the output", "auto-attention : la sortie"),
    hint=text(
        "Project, split the width into heads, bring the head axis before the positions, attend, "
        "put the heads side by side again, project.",
        "Projetez, coupez la largeur en têtes, mettez l'axe des têtes avant celui des positions, appliquez "
        "l'attention, remettez les têtes côte à côte, projetez.",
    ),
)
def self_attention(student, cases):
    check_output(student, cases["self"])
    check_output(student, cases["one_position"])
    check_output(student, cases["no_bias"])


@CHECKS.check(
    points=0.75,
    needs=("self_attention",),
    title=text("cross-attention: another sequence is read", "attention croisée : une autre séquence est lue"),
    hint=text(
        "Without key, the query is read; without value, the key is. Keys and values have their own length "
        "S = key.size(1), which need not be T = query.size(1): cut each with its own, and merge the heads with T.",
        "Sans key, on lit la requête (query) ; sans value, on lit key. Les clés et les valeurs ont leur propre "
        "longueur S = key.size(1), qui n'est pas toujours T = query.size(1) : coupez chacune avec la sienne, et "
        "fusionnez les têtes avec T.",
    ),
)
def cross_attention(student, cases):
    check_output(student, cases["cross_same_length"])
    check_output(student, cases["cross"])
    check_output(student, cases["cross_value"])


@CHECKS.check(
    points=0.5,
    needs=("self_attention",),
    title=text("masks of several shapes", "masques de plusieurs formes"),
    hint=text(
        "Hand the mask on to self.attend as it is: it already broadcasts to (B, H, T, S).",
        "Passez le masque tel quel à self.attend : il se diffuse déjà vers (B, H, T, S).",
    ),
)
def masks(student, cases):
    check_output(student, cases["masked"])
    check_output(student, cases["key_mask"])
    check_output(student, cases["causal"])


@CHECKS.check(
    points=0.5,
    needs=("self_attention",),
    title=text("the weights: one map a head, (B, H, T, S)", "les poids : une carte par tête, (B, H, T, S)"),
    hint=text(
        "Return (output, weights), the weights as self.attend gave them.",
        "Renvoyez (output, weights), avec les poids tels que self.attend les a donnés.",
    ),
)
def weights(student, cases):
    # Queries and keys of one length: that the two may differ is judged above, once.
    for name in ("self", "cross_same_length", "masked"):
        request, expected = cases[name].request, cases[name].expected.value
        match(value_of(student.run(request), request), expected, where=(OUTPUT, WEIGHTS))


@CHECKS.check(
    points=0.5,
    needs=("self_attention",),
    title=text(
        "gradients reach the inputs and all parameters",
        "les gradients atteignent les entrées et tous les paramètres",
    ),
    hint=text(
        "Each of the four projections must serve, and nothing on the way may be detached.",
        "Chacune des quatre projections doit servir, et rien en chemin ne doit être détaché.",
    ),
)
def gradients(student, cases):
    check_output(student, cases["gradients"])


@CHECKS.check(
    points=0.25,
    needs=("self_attention",),
    title=text("no dropout in evaluation mode", "pas d'abandon (dropout) en mode évaluation"),
    hint=text(
        "Pass self.dropout in training only: self.training tells.",
        "Ne passez self.dropout qu'à l'entraînement : self.training le dit.",
    ),
)
def evaluation(student, cases):
    check_output(student, cases["evaluation"])


@CHECKS.check(
    points=0.25,
    needs=("self_attention",),
    title=text(
        "the attention that the layer was given is used, with its dropout",
        "l'attention donnée à la couche est utilisée, avec son abandon (dropout)",
    ),
    hint=text(
        "Call self.attend(query, key, value, mask, dropout_p) on the heads, and leave any scaling to it.",
        "Appelez self.attend(query, key, value, mask, dropout_p) sur les têtes, et laissez-lui la division.",
    ),
)
def given_attention(student, cases):
    check_output(student, cases["other_attention"])
    check_output(student, cases["other_attention_training"])
