"""Public checks of training_step: the weights after a step of a small model, and the numbers that come with it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from attentif.checks.compare import describe, match, require, value_of
from attentif.checks.engine import CheckSet
from attentif.checks.fingerprints import ERROR, features
from attentif.checks.text import text
from attentif.checks.values import Recipe, Record, Request, argument
from attentif.checks.wording import Place

CHECKS = CheckSet("training_step")

# torch's own clipping adds 1e-6 to the norm by which it divides; a student's need not. In float32 a part of the
# way may be in float16.
SCALES = {"float64": 1e3, "float32": 1e2}
# For numbers that went through float16 on their way: right to one part in a hundred.
ROUGH = 1e5
TOLERANCES = {"scaled": 5e-3}
NUMBERS = ("loss", "gradient_norm")


def step_request(
    state: dict[str, np.ndarray],
    pieces: Sequence[dict[str, np.ndarray]],
    *,
    terms: Sequence[str] = ("next",),
    rate: float = 0.25,
    max_norm: float = 50.0,
    old_rates: Sequence[float] = (7.0, 4.0),
    half: bool = False,
    scale: float | None = None,
    autocast: str | None = None,
    old_gradient: float | None = None,
    **optimizer: Any,
) -> Request:
    """A step of a SmallModel; its answer tells the weights after it.

    Args:
        state: the parameters before it.
        pieces: see SmallObjective.
        terms: names of the terms of the loss.
        rate, max_norm: learning_rate and max_norm.
        old_rates: what the optimizer's groups have before, far from the rate of the step.
        half: whether gradients go through float16.
        scale: of the scaler; None for no scaler.
        autocast: the name of a dtype.
        old_gradient: what each parameter's gradient is filled with before.
        optimizer: `kind` and settings of another optimizer than SGD.
    """
    model = {"state": state, "old_gradient": old_gradient}
    learner = {"model": argument("model"), "learning_rates": list(old_rates), **optimizer}
    kwargs: dict[str, Any] = {
        "model": Recipe("small_model", model),
        "micro_batches": list(pieces),
        "objective": Recipe("small_objective", {"terms": list(terms), "half": half}),
        "optimizer": Recipe("optimizer", learner),
        "learning_rate": rate,
        "max_norm": max_norm,
    }
    if scale is not None:
        kwargs["scaler"] = Recipe("scaler", {"scale": scale})
    if autocast is not None:
        kwargs["autocast_dtype"] = Recipe("dtype", {"name": autocast})
    return Request(kwargs=kwargs, after=("model",) if scale is None else ("model", "scaler"))


def check_weights(outcome, request, expected):
    """The parameters after the step, by name."""
    after = value_of(outcome, request)["model"]
    before = request.kwargs["model"].arguments["state"]
    if not all(np.array_equal(expected[name], before[name]) for name in before):
        stayed = all(np.array_equal(after.get(name), before[name], equal_nan=True) for name in before)
        require(
            not stayed,
            text("other weights after the step than before", "d'autres poids après l'étape qu'avant"),
            text("the same weights", "les mêmes poids"),
        )
    for name, theirs in expected.items():
        place = Place(text(f"{name} after the step", f"{name} après l'étape"))
        match(after.get(name), theirs, scale=SCALES[theirs.dtype.name], where=place)


def returned(outcome, request):
    """The fields of the StepResult, by name."""
    value = value_of(outcome, request)["returned"]
    fields = value.fields if isinstance(value, Record) else value
    complete = isinstance(fields, Mapping) and {*NUMBERS, "skipped"} <= set(fields)
    wanted = "StepResult(loss, gradient_norm, skipped)"
    require(complete, text(f"a {wanted}", f"un {wanted}"), describe(value))
    return fields


def check_numbers(outcome, request, expected, scale=SCALES["float64"]):
    """The loss and the norm; expected by name."""
    fields = returned(outcome, request)
    for name in NUMBERS:
        match(fields[name], expected[name], scale=scale, where=name)


def check_skipped(outcome, request, expected):
    """Whether the step says that it was skipped."""
    skipped = returned(outcome, request)["skipped"]
    if isinstance(skipped, np.ndarray) and skipped.shape == ():
        skipped = skipped.item()
    fits = isinstance(skipped, bool) and skipped == expected
    require(fits, text(f"skipped={expected}", f"skipped={expected}"), describe(skipped))


def check_plain(outcome, request):
    """The numbers must be Python's own, which hold on to no graph and can be written to a file."""
    fields = returned(outcome, request)
    for name in NUMBERS:
        require(
            type(fields[name]) in (int, float),
            text(f"{name}: a plain number (float)", f"{name} : un nombre ordinaire (float)"),
            describe(fields[name]),
        )


def check_scale(outcome, request, expected):
    """The scale that the scaler has after the step."""
    scale = value_of(outcome, request)["scaler"]["scale"]
    said = text("the scaler's scale after the step", "l'échelle du scaler après l'étape")
    match(float(scale), float(expected), where=Place(said))


def check_left_alone(student, request):
    """A step whose gradient is not finite: the weights stay, and `skipped` says so."""
    outcome = student.run(request)
    after, before = value_of(outcome, request)["model"], request.kwargs["model"].arguments["state"]
    require(
        all(np.array_equal(after.get(name), before[name]) for name in before),
        text(
            "the weights of before the step, as its gradient is not finite",
            "les poids d'avant l'étape, car son gradient n'est pas fini",
        ),
        text("other weights", "d'autres poids"),
    )
    check_skipped(outcome, request, True)
    return outcome


def probes(cases):
    """Of each stored step, the weights by themselves and the rest by itself."""

    def weights(case):
        before = np.concatenate(
            [array.ravel() for array in _in_order(case.request.kwargs["model"].arguments["state"])]
        )

        def answer(student):
            outcome = student.run(case.request)
            if outcome.error is not None:
                return np.array([ERROR, 0.0])
            after = np.concatenate([array.ravel() for array in _in_order(outcome.value["model"])])
            if case.expected.value["returned"].fields["skipped"]:
                # Where they should have stayed, it does not matter what became of them.
                return np.array([float(np.array_equal(before, after))])
            return np.array(features(after))

        return answer

    def result(case):
        def answer(student):
            outcome = student.run(case.request)
            if outcome.error is not None:
                return np.array([ERROR, 0.0])
            value = outcome.value["returned"]
            fields = value.fields if isinstance(value, Record) else value
            if not isinstance(fields, Mapping) or not {*NUMBERS, "skipped"} <= set(fields):
                return np.array([-1.0])
            numbers = [_number(fields[name]) for name in (*NUMBERS, "skipped")]
            plain = all(type(fields[name]) in (int, float) for name in NUMBERS)
            scale = outcome.value.get("scaler", {}).get("scale", 1.0)
            return np.array([*numbers, float(plain), math.log2(scale)])

        return answer

    def both(case):
        return lambda student: np.concatenate([weights(case)(student), result(case)(student)])

    found = {}
    for name, case in cases.items():
        if name == "scaled":
            # Several mistakes leave the weights where they were: only the numbers beside tell which.
            found[name] = both(case)
        else:
            found |= {f"{name}_weights": weights(case), f"{name}_result": result(case)}
    return found


def _in_order(state):
    return [state[name] for name in sorted(state)]


def _number(value):
    """A number of a result, on a scale on which large norms are told apart; infinite and NaN alike."""
    array = np.asarray(value)
    if array.shape != () or array.dtype.kind not in "biuf":
        return -100.0
    number = float(array)
    return math.asinh(number) if math.isfinite(number) else 100.0


def check_step(student, case):
    """Put a stored step to the student's code and compare the weights after it."""
    outcome = student.run(case.request)
    check_weights(outcome, case.request, case.expected.value["model"])
    return outcome


@CHECKS.check(
    points=0.25,
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
        "whole batch is a mean of 0: do not divide by its number of targets.",
        "Pondérez chaque terme par sa propre part de ses propres cibles, puis ajoutez les termes. Un terme sans "
        "cible dans tout le lot est une moyenne nulle : ne divisez pas par son nombre de cibles.",
    ),
)
def terms(student, cases):
    check_step(student, cases["terms"])
    check_step(student, cases["no_target"])


@CHECKS.check(
    points=0.25,
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
