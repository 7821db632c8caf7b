"""Hidden checks of attention_by_hand, token by token, against exact products and sums of exponentials."""

from __future__ import annotations

import math
from fractions import Fraction

from attentif.by_hand import KEY, QUERY, VALUE
from attentif.checks.compare import value_of
from attentif.checks.engine import CheckSet
from attentif.checks.public.attention_by_hand import PARTS, check_table
from attentif.checks.sealed import seal
from attentif.checks.text import text
from attentif.checks.values import Request

CHECKS = CheckSet("attention_by_hand")


def _oracle():
    """The three tables: exact dot products, and weights as 1 / Σ exp(difference of scores)."""
    products = [
        [sum(Fraction(a) * Fraction(b) for a, b in zip(q, k, strict=True)) for k in KEY] for q in QUERY
    ]
    scores = [[float(p) / math.sqrt(len(QUERY[0])) for p in row] for row in products]
    weights = [[1.0 / math.fsum(math.exp(other - mine) for other in row) for mine in row] for row in scores]
    outputs = [
        [math.fsum(w * v for w, v in zip(row, column, strict=True)) for column in zip(*VALUE, strict=True)]
        for row in weights
    ]
    return {"scores": scores, "weights": weights, "outputs": outputs}


def _declare(token, points, title):
    @CHECKS.check(
        name=f"token_{token}",
        points=points,
        title=title,
        hint=text(
            "Follow one query from its dot products to its output; each row of weights sums to 1.",
            "Suivez une requête, de ses produits scalaires à sa sortie ; la somme de chaque ligne de poids vaut 1.",
        ),
    )
    def one_token(student, cases):
        answer, expected = value_of(student.run(Request())), seal(_oracle())
        for name in PARTS:
            check_table(answer, name, expected, tokens=(token,))


_declare(
    0,
    0.25,
    text("the first token, from its scores to its output", "le premier jeton, de ses scores à sa sortie"),
)
_declare(
    1,
    0.25,
    text("the second token, from its scores to its output", "le deuxième jeton, de ses scores à sa sortie"),
)
# Both numbers of its query count, and one is negative.
_declare(
    2,
    0.5,
    text("the third token, from its scores to its output", "le troisième jeton, de ses scores à sa sortie"),
)
