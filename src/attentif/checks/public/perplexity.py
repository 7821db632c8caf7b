"""Public checks of perplexity."""

from __future__ import annotations

from attentif.checks.engine import CheckSet
from attentif.checks.numbers import check_numbers, check_refusals, number_probes
from attentif.checks.text import text

CHECKS = CheckSet("perplexity")

VALUES = ("one_batch", "weighted", "empty_batch")
REFUSALS = {
    "refuses_lengths": text(
        "there must be one number of tokens a loss", "il faut un nombre de jetons par perte"
    ),
    "refuses_more_counts": text(
        "there must be one loss a number of tokens", "il faut une perte par nombre de jetons"
    ),
    "refuses_no_token": text(
        "there is no token to take a mean over", "il n'y a aucun jeton dont faire la moyenne"
    ),
    "refuses_no_batch": text("there is no batch", "il n'y a aucun lot"),
}
# Those that one mistake would let through.
GROUPS = {
    "lengths": ("refuses_lengths", "refuses_more_counts"),
    "no_token": ("refuses_no_token", "refuses_no_batch"),
}


def probes(cases):
    """The stored values, and what is refused once they are right."""
    return number_probes(cases, CHECKS.exercise, VALUES, GROUPS)


@CHECKS.check(
    points=0.25,
    title=text(
        "exp of the mean loss of a token, batches weighted by their tokens",
        "exp de la perte moyenne d'un jeton, les lots pondérés par leurs jetons",
    ),
    hint=text(
        "Turn each mean back into a sum, add these up, divide by the number of all tokens, then take exp.",
        "Refaites une somme de chaque moyenne, ajoutez-les, divisez par le nombre de tous les jetons, puis prenez exp.",
    ),
)
def values(student, cases):
    check_numbers(student, cases, CHECKS.exercise, VALUES)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "lists of different lengths, or no token: the call is refused",
        "listes de longueurs différentes, ou aucun jeton : l'appel est refusé",
    ),
    hint=text(
        "Compare the two lengths, since zip stops at the shorter list, and count the tokens before you divide; "
        "raise an InputError (which is a ValueError).",
        "Comparez les deux longueurs, car zip s'arrête à la liste la plus courte, et comptez les jetons avant de "
        "diviser ; levez une InputError (qui est une ValueError).",
    ),
)
def refusals(student, cases):
    check_refusals(student, cases, REFUSALS)
