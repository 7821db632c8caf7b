"""Public checks of training_step: the weights after a step of a small model, and the numbers that come with it."""

from __future__ import annotations

from attentif.checks.engine import CheckSet
from attentif.checks.step_requests import (
    ROUGH,
    TOLERANCES,
    check_finite_loss,
    check_left_alone,
    check_numbers,
    check_plain,
    check_scale,
    check_skipped,
    check_step,
    probes,
)
from attentif.checks.text import text

__all__ = ["CHECKS", "TOLERANCES", "probes"]

CHECKS = CheckSet("training_step")


@CHECKS.check(
    points=0.5,
    title=text(
        "one piece: the weights move by learning_rate times their gradient, in all groups",
        "un seul morceau : les poids bougent de learning_rate fois leur gradient, dans tous les groupes",
    ),
    hint=text(
        'optimizer.param_groups is a list of dicts, each with its own "lr"; set all of them before the step.',
        "optimizer.param_groups est une liste de dictionnaires, chacun avec son « lr » ; changez-les tous avant "
        "l'étape.",
    ),
)
def rate(student, cases):
    check_step(student, cases["one_piece"])


@CHECKS.check(
    points=0.25,
    needs=("rate",),
    title=text(
        "gradients from before do not count; a parameter without gradient stays as it is",
        "les anciens gradients ne comptent pas ; un paramètre sans gradient reste tel quel",
    ),
    hint=text(
        "backward() adds to what is in .grad: clear it once, before the first piece. The .grad of a parameter "
        "that does not serve is None.",
        "backward() ajoute à ce qui est dans .grad : effacez-le une fois, avant le premier morceau. Le .grad d'un "
        "paramètre qui ne sert pas vaut None.",
    ),
)
def old_gradients(student, cases):
    check_step(student, cases["old_gradients"])
    check_step(student, cases["unused"])


@CHECKS.check(
    points=0.5,
    needs=("rate",),
    title=text(
        "several pieces: one step, with the gradient of the whole batch",
        "plusieurs morceaux : une seule étape, avec le gradient du lot entier",
    ),
    hint=text(
        "The mean over the batch is not the mean of the pieces' means: a piece with 4 of the 7 targets counts 4/7. "
        "objective.counts tells the number of targets of a piece.",
        "La moyenne sur le lot n'est pas la moyenne des moyennes des morceaux : un morceau qui a 4 des 7 cibles "
        "compte pour 4/7. objective.counts donne le nombre de cibles d'un morceau.",
    ),
)
def pieces(student, cases):
    check_step(student, cases["pieces"])


@CHECKS.check(
    points=0.25,
    needs=("pieces",),
    title=text(
        "several terms, each with its own targets, or none",
        "plusieurs termes, chacun avec ses cibles, ou sans aucune",
    ),
    hint=text(
        "Weigh each term by its own share of its own targets, then add the terms. A term without target in the "
        "whole batch is a mean of 0: do not divide by its number of targets. A piece may have no target at all.",
        "Pondérez chaque terme par sa propre part de ses propres cibles, puis ajoutez les termes. Un terme sans "
        "cible dans tout le lot est une moyenne nulle : ne divisez pas par son nombre de cibles. Un morceau peut "
        "n'avoir aucune cible.",
    ),
)
def terms(student, cases):
    check_step(student, cases["terms"])
    # What the loss is, `result` asks; a term that divides by 0 shows in it and nowhere else.
    check_finite_loss(check_step(student, cases["no_target"]), cases["no_target"].request)
    check_step(student, cases["empty_piece"])


@CHECKS.check(
    points=0.5,
    needs=("rate",),
    title=text(
        "a gradient longer than max_norm is shortened to it",
        "un gradient plus long que max_norm y est ramené",
    ),
    hint=text(
        "The norm is that of all gradients together, once all pieces are in, and before the optimizer's step. "
        "clip_gradients does it.",
        "La norme est celle de tous les gradients ensemble, une fois tous les morceaux passés et avant l'étape de "
        "l'optimiseur. clip_gradients s'en charge.",
    ),
)
def clipping(student, cases):
    check_step(student, cases["clipped"])


@CHECKS.check(
    points=0.25,
    needs=("pieces",),
    title=text(
        "StepResult: the loss of the whole batch, the norm before clipping, skipped=False",
        "StepResult : la perte du lot entier, la norme avant écrêtage, skipped=False",
    ),
    hint=text(
        "The loss of the batch is the sum of the weighted losses of the pieces. clip_gradients returns the norm "
        "that it found. Return numbers: .item() or float() makes one of a tensor.",
        "La perte du lot est la somme des pertes pondérées des morceaux. clip_gradients renvoie la norme qu'elle a "
        "trouvée. Renvoyez des nombres : .item() ou float() en fait un d'un tenseur.",
    ),
)
def result(student, cases):
    for name in ("one_piece", "pieces", "clipped"):
        request, expected = cases[name].request, cases[name].expected.value["returned"].fields
        outcome = student.run(request)
        check_numbers(outcome, request, expected)
        check_skipped(outcome, request, False)
        check_plain(outcome, request)


@CHECKS.check(
    points=0.25,
    needs=("clipping",),
    title=text(
        "with a scaler: the loss is scaled for backward(), the gradient unscaled before clipping",
        "avec un scaler : perte mise à l'échelle pour backward(), gradient remis à la sienne avant écrêtage",
    ),
    hint=text(
        "In this order: scaler.scale(loss).backward(), scaler.unscale_(optimizer), clipping, scaler.step(optimizer), "
        "scaler.update(). The loss and the norm that you report are those without the scale.",
        "Dans cet ordre : scaler.scale(loss).backward(), scaler.unscale_(optimizer), écrêtage, "
        "scaler.step(optimizer), scaler.update(). La perte et la norme à renvoyer sont celles sans l'échelle.",
    ),
)
def scaler(student, cases):
    request, expected = cases["scaled"].request, cases["scaled"].expected.value
    outcome = check_step(student, cases["scaled"])
    check_numbers(outcome, request, expected["returned"].fields, scale=ROUGH)
    check_scale(outcome, request, expected["scaler"]["scale"])


@CHECKS.check(
    points=0.25,
    needs=("rate",),
    title=text(
        "a gradient that is not finite: the weights stay, skipped=True, with a scaler or without",
        "un gradient qui n'est pas fini : les poids restent, skipped=True, avec ou sans scaler",
    ),
    hint=text(
        "Look at the norm of the gradient: it is NaN or infinite if any gradient is. The scaler skips such a step by "
        "itself, and update() halves its scale; without one it is for you to look.",
        "Regardez la norme du gradient : elle vaut NaN ou l'infini si l'un des gradients le vaut. Le scaler saute de "
        "lui-même une telle étape, et update() divise son échelle par deux ; sans lui, c'est à vous de regarder.",
    ),
)
def not_finite(student, cases):
    request, expected = cases["overflow"].request, cases["overflow"].expected.value
    outcome = check_left_alone(student, request)
    check_scale(outcome, request, expected["scaler"]["scale"])
    check_left_alone(student, cases["damaged"].request)


@CHECKS.check(
    points=0.25,
    needs=("rate",),
    title=text(
        "autocast around the forward pass, and around nothing else",
        "autocast autour du passage avant, et de rien d'autre",
    ),
    hint=text(
        "torch.autocast(device_type, dtype) around the call of the objective; backward() stands outside. Without "
        "autocast_dtype there is no autocast.",
        "torch.autocast(type d'appareil, dtype) autour de l'appel de l'objectif ; backward() reste dehors. Sans "
        "autocast_dtype, pas d'autocast.",
    ),
)
def autocast(student, cases):
    check_step(student, cases["autocast"])
