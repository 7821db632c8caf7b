"""Steps of a small model put to a training_step, what must come of them, and the probes for its known mistakes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from attentif.checks.compare import describe, match, require, value_of
from attentif.checks.fingerprints import ERROR, features
from attentif.checks.text import text
from attentif.checks.values import Recipe, Record, Request, argument
from attentif.checks.wording import Place

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


def check_finite_loss(outcome, request):
    """The loss must be a number, also where a term has no target."""
    loss = returned(outcome, request)["loss"]
    finite = np.ndim(loss) == 0 and np.asarray(loss).dtype.kind in "biuf" and math.isfinite(float(loss))
    require(finite, text("a finite loss", "une perte finie"), describe(loss))


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
