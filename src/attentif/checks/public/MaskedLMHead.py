"""Public checks of MaskedLMHead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attentif.checks.engine import CheckSet, check_case
from attentif.checks.fingerprints import ERROR, case_probes
from attentif.checks.text import text
from attentif.checks.wording import named

CHECKS = CheckSet("MaskedLMHead")
LOGITS = named("logits", "BPV")
TABLE = "token_embedding.weight"
TIED, UNTIED, NEITHER, NO_LOGITS = 1.0, 2.0, 3.0, ERROR


def probes(cases):
    """The stored cases, and whether the answer depends on the token embedding.

    An answer that does not is made of a matrix of the code's own, often a random one: nothing more is asked then.
    """

    def tied(student):
        return np.array([_dependence(student, cases["batch"]), 0.0])

    def unless_untied(probe):
        def answer(student):
            if _dependence(student, cases["batch"]) == UNTIED:
                return np.array([-1.0])
            numbers = probe(student)
            # Which error torch raises where a shape is wrong depends on how the product is written.
            return np.array([ERROR, 0.0]) if numbers[0] == ERROR else numbers

        return answer

    left_out = ("one_position", "one_vector", "four_axes")
    own = case_probes({name: case for name, case in cases.items() if name not in left_out})
    return {"tied": tied} | {name: unless_untied(probe) for name, probe in own.items()}


def _dependence(student, case):
    """Of logits on the table and on the input, in float32, the dtype of a matrix that the code makes itself."""
    state = {name: array.astype(np.float32) for name, array in case.request.state.items()}
    hidden = case.request.kwargs["hidden"].astype(np.float32)

    def logits(hidden, table):
        given = replace(case.request, kwargs={"hidden": hidden}, state={**state, TABLE: table})
        outcome = student.run(given)
        fits = isinstance(outcome.value, np.ndarray) and outcome.value.shape == case.expected.value.shape
        return outcome.value if outcome.error is None and fits else None

    first = logits(hidden, state[TABLE])
    others = logits(hidden, state[TABLE][::-1].copy()), logits(hidden[::-1].copy(), state[TABLE])
    if first is None or any(other is None for other in others):
        return NO_LOGITS
    by_table, by_input = (not np.array_equal(first, other) for other in others)
    return TIED if by_table else UNTIED if by_input else NEITHER


@CHECKS.check(
    points=0.5,
    title=text("the logits of every token", "les logits de chaque jeton"),
    hint=text(
        "In this order: self.transform, the exact GELU, self.norm, the dot product with each row of "
        "self.token_embedding.weight, self.bias. No softmax: the loss takes it.",
        "Dans cet ordre : self.transform, la GELU exacte, self.norm, le produit scalaire avec chaque ligne de "
        "self.token_embedding.weight, self.bias. Pas de softmax : la perte s'en charge.",
    ),
)
def values(student, cases):
    check_case(student, cases["batch"], of_parts=True, where=LOGITS)
    check_case(student, cases["one_position"], of_parts=True, where=LOGITS)
    check_case(student, cases["square"], of_parts=True, where=LOGITS)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("any number of axes before the last one", "un nombre quelconque d'axes avant le dernier"),
    hint=text(
        "Training hands over the masked positions alone, one a row: only the last axis is sure to be there.",
        "L'entraînement ne transmet que les positions masquées, une par ligne : seul le dernier axe est assuré.",
    ),
)
def any_axes(student, cases):
    for name in ("masked_positions", "one_vector", "four_axes"):
        check_case(student, cases[name], of_parts=True, where=LOGITS)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "gradients reach the input, all parameters and the token embedding",
        "les gradients atteignent l'entrée, tous les paramètres et le plongement des jetons",
    ),
    hint=text(
        "The token embedding learns through the head too: use its weight itself, neither a copy nor .data.",
        "Le plongement des jetons apprend aussi à travers la tête : utilisez son poids (weight) lui-même, ni une "
        "copie, ni .data.",
    ),
)
def gradients(student, cases):
    check_case(student, cases["gradients"], of_parts=True, where=LOGITS)
