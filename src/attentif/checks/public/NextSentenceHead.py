"""Public checks of NextSentenceHead."""

from __future__ import annotations

import numpy as np

from attentif.checks.engine import CheckSet, check_case
from attentif.checks.fingerprints import ERROR, case_probes
from attentif.checks.text import text
from attentif.checks.wording import named

CHECKS = CheckSet("NextSentenceHead")
LOGITS = named("logits")


def probes(cases):
    """The stored cases but those of one row or position, where several mistakes agree; one row stays.

    Which error torch raises where a shape is wrong depends on how the product is written.
    """

    def any_error(probe):
        def answer(student):
            numbers = probe(student)
            return np.array([ERROR, 0.0]) if numbers[0] == ERROR else numbers

        return answer

    left_out = ("one_position", "one_of_each")
    own = case_probes({name: case for name, case in cases.items() if name not in left_out})
    return {name: any_error(probe) for name, probe in own.items()}


@CHECKS.check(
    points=0.5,
    title=text("two logits a pair of sentences", "deux logits par paire de phrases"),
    hint=text(
        "The vector of the first position goes through self.pooler, tanh and self.classifier, in this order; no "
        "softmax.",
        "Le vecteur de la première position passe par self.pooler, tanh et self.classifier, dans cet ordre ; pas "
        "de softmax.",
    ),
)
def values(student, cases):
    check_case(student, cases["batch"], where=LOGITS)
    check_case(student, cases["other_batch"], where=LOGITS)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "a batch of one pair, a sequence of one position", "un lot d'une paire, une séquence d'une position"
    ),
    hint=text(
        "The result has the shape (B, 2) whatever B is: (1, 2) for one pair.",
        "Le résultat est de forme (B, 2) quel que soit B : (1, 2) pour une seule paire.",
    ),
)
def ones(student, cases):
    for name in ("one_row", "one_position", "one_of_each"):
        check_case(student, cases[name], where=LOGITS)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "gradients reach the first position and both layers",
        "les gradients atteignent la première position et les deux couches",
    ),
    hint=text(
        "The encoder learns through this head too: nothing may be detached.",
        "L'encodeur apprend aussi à travers cette tête : rien ne doit être détaché.",
    ),
)
def gradients(student, cases):
    check_case(student, cases["gradients"], where=LOGITS)
