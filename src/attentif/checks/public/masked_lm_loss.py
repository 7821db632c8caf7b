"""Public checks of masked_lm_loss."""

from __future__ import annotations

from attentif.checks.engine import CheckSet
from attentif.checks.losses import check_stored, loss_probes
from attentif.checks.text import text

CHECKS = CheckSet("masked_lm_loss")


def probes(cases):
    """The stored cases."""
    return loss_probes(cases, first="plain", later=("nothing", "large", "half", "gradients"))


@CHECKS.check(
    points=0.5,
    title=text("the mean over the selected positions", "la moyenne sur les positions sélectionnées"),
    hint=text(
        "Take −ln of the probability of the label at each position whose label is not −100, add these up, "
        "divide by their number.",
        "À chaque position dont le label n'est pas −100, prenez −ln de la probabilité du label ; faites-en la "
        "somme, divisez par leur nombre.",
    ),
)
def values(student, cases):
    check_stored(student, cases, "plain", "everywhere", "empty_row", "one_position")


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("logits with two or four axes: (..., V)", "des logits à deux ou quatre axes : (..., V)"),
    hint=text(
        "Bring everything to two axes, (positions, V), by flatten or reshape; training gives the selected "
        "positions alone, (positions, V).",
        "Ramenez tout à deux axes, (positions, V), par flatten ou reshape ; l'entraînement donne les seules "
        "positions sélectionnées, (positions, V).",
    ),
)
def shapes(student, cases):
    check_stored(student, cases, "two_axes", "four_axes")


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("nothing selected: 0, with a gradient of 0", "rien de sélectionné : 0, avec un gradient nul"),
    hint=text(
        "Do not divide by 0, and let the 0 come from the logits, so that backward() can go through it.",
        "Ne divisez pas par 0, et faites venir ce 0 des logits, pour que backward() puisse le traverser.",
    ),
)
def nothing_selected(student, cases):
    check_stored(student, cases, "nothing")


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("large logits, and logits in float16", "de grands logits, et des logits en float16"),
    hint=text(
        "Compute ln softmax at once (log_softmax, logsumexp or cross_entropy), in float32 at least.",
        "Calculez ln softmax d'un seul coup (log_softmax, logsumexp ou cross_entropy), en float32 au moins.",
    ),
)
def stable(student, cases):
    check_stored(student, cases, "large", "half")


@CHECKS.check(
    points=0.25,
    needs=("values",),
    title=text("the gradient reaches the logits", "le gradient atteint les logits"),
    hint=text(
        "Return a tensor, without .item(), detach() or numpy on the way.",
        "Renvoyez un tenseur, sans .item(), detach() ni numpy en chemin.",
    ),
)
def gradients(student, cases):
    check_stored(student, cases, "gradients")
