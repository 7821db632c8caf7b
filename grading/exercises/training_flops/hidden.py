"""Hidden checks of training_flops: operations counted product by product, layer by layer."""

from __future__ import annotations

from itertools import pairwise

from attentif.checks.arithmetic import check_number
from attentif.checks.engine import CheckSet
from attentif.checks.text import text
from attentif.checks.values import Request
from attentif_grading.salt import rng_for

CHECKS = CheckSet("training_flops")
NAME = "training_flops"


def product_of_matrices(rows, inner, columns):
    """Operations of a (rows, inner) matrix times an (inner, columns) one: a product and a sum a term."""
    return 2 * rows * inner * columns


def operations(widths, n_tokens):
    """Operations of one pass forward and backward of n_tokens through linear layers of these widths."""
    total = 0
    for d_in, d_out in pairwise(widths):
        total += product_of_matrices(n_tokens, d_in, d_out)  # forward: output = input · weight
        total += product_of_matrices(n_tokens, d_out, d_in)  # backward: the gradient of the input
        total += product_of_matrices(d_in, n_tokens, d_out)  # backward: the gradient of the weight
    return total


@CHECKS.check(
    points=0.25,
    title=text("operations counted on unseen networks", "opérations comptées sur de nouveaux réseaux"),
    hint=text(
        "Backward costs twice as much as forward: the gradient of the input and that of the weights.",
        "Le retour (backward) coûte deux fois l'aller : le gradient de l'entrée et celui des poids.",
    ),
)
def unseen_networks(student, cases):
    rng = rng_for(NAME, "unseen_networks")
    for n_layers in (1, 2, 5):
        widths = [int(width) for width in rng.integers(2, 60, n_layers + 1)]
        n_tokens = int(rng.integers(3, 400))
        n_weights = sum(d_in * d_out for d_in, d_out in pairwise(widths))
        check_number(student, NAME, Request(args=(n_weights, n_tokens)), float(operations(widths, n_tokens)))


@CHECKS.check(
    points=0.25,
    title=text("large models and many tokens", "de grands modèles et beaucoup de jetons"),
    hint=text(
        "Neither a unit nor a bound: numbers as large as 10²⁶ come out as they are.",
        "Ni unité ni borne : des nombres aussi grands que 10²⁶ sortent tels quels.",
    ),
)
def large_runs(student, cases):
    rng = rng_for(NAME, "large_runs")
    for power in (8, 10, 12):
        n_parameters, n_tokens = (int(x) * 10 ** (power - 3) for x in rng.integers(1_000, 10_000, 2))
        check_number(
            student,
            NAME,
            Request(args=(n_parameters, n_tokens)),
            float(operations((n_parameters, 1), n_tokens)),
        )
