"""Public checks of LayerNorm."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import Mismatch, require, value_of
from attentif.checks.engine import CheckSet, check_case
from attentif.checks.fingerprints import case_probes
from attentif.checks.text import text
from attentif.checks.wording import named

CHECKS = CheckSet("LayerNorm")
OUTPUT, VECTOR = named("output", "BPD"), named("output", "D")

# In float32, a mean of 500 is known to some 3e-5: that is the error of any answer to inputs of variance 1.
FAR = 30.0


def probes(cases):
    """The stored cases, whether digits are lost far from 0, and whether the input is written to."""
    own = {"far": _far_from_zero(cases), "input": lambda student: _inputs_changed(student, cases["batch"])}
    return {**case_probes({name: case for name, case in cases.items() if name != "far"}), **own}


def _far_from_zero(cases):
    def answer(student):
        # While the values themselves are wrong, lost digits are not their cause: they are not asked about.
        try:
            check_case(student, cases["batch"])
        except Mismatch:
            return np.array([-1.0])
        try:
            check_case(student, cases["far"], scale=FAR)
        except Mismatch:
            return np.array([1.0])
        return np.array([0.0])

    return answer


def _inputs_changed(student, case):
    return np.array([float(len(student.run(case.request).inputs_changed))])


@CHECKS.check(
    points=0.5,
    title=text(
        "each vector is normalised over its own axis", "chaque vecteur est normalisé sur son propre axe"
    ),
    hint=text(
        "Mean and variance over the last axis (kept, with size 1), the variance divided by D; then times self.weight, "
        "plus self.bias.",
        "Moyenne et variance sur le dernier axe (gardé, de taille 1), la variance divisée par D ; puis fois "
        "self.weight, plus self.bias.",
    ),
)
def values(student, cases):
    check_case(student, cases["batch"], where=OUTPUT)
    check_case(student, cases["one_vector"], where=VECTOR)
    check_case(student, cases["four_axes"])


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("ε is added to the variance, under the root", "ε s'ajoute à la variance, sous la racine"),
    hint=text(
        "√(σ² + ε), neither σ + ε nor √σ² alone; a constant vector then gives the bias.",
        "√(σ² + ε), ni σ + ε, ni √σ² seul ; un vecteur constant donne alors le biais.",
    ),
)
def epsilon(student, cases):
    check_case(student, cases["large_epsilon"], where=OUTPUT)
    check_case(student, cases["constant"], where=named("output", "PD"))


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "gradients reach the input, the gain and the bias",
        "les gradients atteignent l'entrée, le gain et le biais",
    ),
    hint=text(
        "The mean and the variance depend on x: detach nothing, and write into nothing.",
        "La moyenne et la variance dépendent de x : ne détachez rien, et n'écrivez dans rien.",
    ),
)
def gradients(student, cases):
    check_case(student, cases["gradients"], where=OUTPUT)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("float32, far from 0", "float32, loin de 0"),
    hint=text(
        "Subtract the mean before you square: mean(x²) − mean(x)² loses its digits when the mean is large.",
        "Soustrayez la moyenne avant d'élever au carré : mean(x²) − mean(x)² perd ses chiffres quand la moyenne est grande.",
    ),
)
def far_from_zero(student, cases):
    check_case(student, cases["far"], scale=FAR, where=OUTPUT)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("the input stays as it was", "l'entrée reste intacte"),
    hint=text(
        "Operations that end in an underscore, and -= or /=, write into the tensor itself.",
        "Les opérations dont le nom finit par un tiret bas, ainsi que -= et /=, écrivent dans le tenseur lui-même.",
    ),
)
def input_kept(student, cases):
    outcome = student.run(cases["batch"].request)
    value_of(outcome, cases["batch"].request)
    unchanged = text("x unchanged", "x inchangé")
    require(not outcome.inputs_changed, unchanged, text("x was written to", "votre code a écrit dans x"))
