"""Public checks of bits_per_character."""

from __future__ import annotations

from attentif.checks.engine import CheckSet
from attentif.checks.numbers import check_numbers, check_refusals, number_probes
from attentif.checks.text import text

CHECKS = CheckSet("bits_per_character")

VALUES = ("one_batch", "weighted", "empty_batch", "long_text")
REFUSALS = {
    "refuses_lengths": text(
        "there must be one number of tokens a loss", "il faut un nombre de jetons par perte"
    ),
    "refuses_more_counts": text(
        "there must be one loss a number of tokens", "il faut une perte par nombre de jetons"
    ),
    "refuses_no_token": text("there is no token", "il n'y a aucun jeton"),
    "refuses_no_batch": text("there is no batch", "il n'y a aucun lot"),
    "refuses_no_character": text("there is no character", "il n'y a aucun caractère"),
    "refuses_negative": text("a number of characters is positive", "un nombre de caractères est positif"),
}
# Those that one mistake would let through.
GROUPS = {
    "lengths": ("refuses_lengths", "refuses_more_counts"),
    "no_token": ("refuses_no_token", "refuses_no_batch"),
    "no_character": ("refuses_no_character", "refuses_negative"),
}


def probes(cases):
    """The stored values, and what is refused once they are right."""
    return number_probes(cases, CHECKS.exercise, VALUES, GROUPS)


@CHECKS.check(
    points=0.25,
    title=text(
        "the sum of all losses, in bits, over the number of characters",
        "la somme de toutes les pertes, en bits, sur le nombre de caractères",
    ),
    hint=text(
        "Turn each mean back into a sum, add these up, divide by ln 2 (nats become bits) and by the number of characters.",
        "Refaites une somme de chaque moyenne, ajoutez-les, divisez par ln 2 (les nats deviennent des bits) et par le "
        "nombre de caractères.",
    ),
)
def values(student, cases):
    check_numbers(student, cases, CHECKS.exercise, VALUES)


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text(
        "lists of different lengths, no token, or no character: the call is refused",
        "listes de longueurs différentes, aucun jeton ou aucun caractère : l'appel est refusé",
    ),
    hint=text(
        "Compare the two lengths, since zip stops at the shorter list; without a token there is no loss, without a "
        "character no division. Raise an InputError (which is a ValueError).",
        "Comparez les deux longueurs, car zip s'arrête à la liste la plus courte ; sans jeton il n'y a pas de perte, sans "
        "caractère pas de division. Levez une InputError (qui est une ValueError).",
    ),
)
def refusals(student, cases):
    check_refusals(student, cases, REFUSALS)
