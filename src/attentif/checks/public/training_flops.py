"""Public checks of training_flops."""

from __future__ import annotations

from attentif.checks.arithmetic import check_number, numbers_probe
from attentif.checks.engine import CheckSet
from attentif.checks.text import text

CHECKS = CheckSet("training_flops")

SMALL = ("few_weights", "few_tokens", "one_token")
REAL = ("bert_base", "gpt3")


def probes(cases):
    """All small runs together: at one size two mistakes may agree."""
    return {"operations": numbers_probe(cases, (*SMALL, "larger"))}


def check_runs(student, cases, names):
    """Put stored runs to the student's code."""
    for name in names:
        check_number(student, "training_flops", cases[name].request, cases[name].expected.value)


@CHECKS.check(
    points=0.25,
    title=text("small runs", "de petits entraînements"),
    hint=text(
        "For one weight and one token: a product and a sum forward, then twice as many operations backward. Multiply by the "
        "number of weights and by the number of tokens.",
        "Pour un poids et un jeton : un produit et une somme à l'aller (forward), puis deux fois plus d'opérations au retour "
        "(backward). Multipliez par le nombre de poids et par le nombre de jetons.",
    ),
)
def small_runs(student, cases):
    check_runs(student, cases, SMALL)


@CHECKS.check(
    points=0.25,
    needs=("small_runs",),
    title=text("runs of the size of BERT and of GPT-3", "des entraînements de la taille de BERT et de GPT-3"),
    hint=text(
        "The result is a number of operations, without a unit such as 10⁹ or 10¹⁵ operations.",
        "Le résultat est un nombre d'opérations, sans unité comme 10⁹ ou 10¹⁵ opérations.",
    ),
)
def real_runs(student, cases):
    check_runs(student, cases, REAL)
