"""Public checks of count_parameters."""

from __future__ import annotations

from attentif.checks.arithmetic import check_number, numbers_probe
from attentif.checks.engine import CheckSet
from attentif.checks.text import text

CHECKS = CheckSet("count_parameters")

SMALL = ("three_blocks", "one_block", "wide")
REAL = ("bert_base", "gpt2_xl", "gpt3")


def probes(cases):
    """Small models and BERT base together: at one size two mistakes may agree."""
    return {"counts": numbers_probe(cases, (*SMALL, "bert_base"))}


def check_counts(student, cases, names, whole=False):
    """Put stored sizes to the student's code."""
    for name in names:
        case = cases[name]
        check_number(student, "count_parameters", case.request, case.expected.value, whole)


@CHECKS.check(
    points=0.25,
    title=text("small models", "de petits modèles"),
    hint=text(
        "A block: four matrices of D × D in attention, two of D × 4D in the feed-forward. The embedding, V × D, counts once "
        "for the whole model: the head shares it.",
        "Un bloc : quatre matrices de D × D dans l'attention, deux de D × 4D dans la couche feed-forward. Le plongement, V × D, "
        "compte une fois pour tout le modèle : la tête le partage.",
    ),
)
def small_models(student, cases):
    check_counts(student, cases, SMALL)


@CHECKS.check(
    points=0.25,
    needs=("small_models",),
    title=text("BERT, GPT-2 and GPT-3, as whole numbers", "BERT, GPT-2 et GPT-3, en nombres entiers"),
    hint=text(
        "Stay with whole numbers: products and sums of int are exact at any size.",
        "Restez dans les nombres entiers : les produits et les sommes d'int sont exacts à toute taille.",
    ),
)
def real_models(student, cases):
    check_counts(student, cases, REAL, whole=True)
