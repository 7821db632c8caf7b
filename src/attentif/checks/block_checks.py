"""What the checks of both blocks share: how a result is called, and how dropout is judged.

Dropout is judged with parts that can be seen through: sublayers whose output is one number everywhere, a power
of 2, and norms that change nothing. What a component of the result has more than x then tells which sublayers
were kept there.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from attentif.checks.compare import describe, match, require, value_of
from attentif.checks.corruption import percent
from attentif.checks.drawing import fact
from attentif.checks.fingerprints import ERROR, Probe
from attentif.checks.student import Student
from attentif.checks.text import text
from attentif.checks.values import Recipe, Request
from attentif.checks.wording import named

OUTPUT = named("output", "BPD")
X = 16.0  # what the sublayers add stays below it
SHAPE = (4, 50, 60)
STANDARD_ERRORS = 5.5  # a right answer fails once in twenty million
# Of shares over 12,000 components: five standard errors are below it, what known mistakes change is far above.
SHARE_TOLERANCE = 0.025

Parts = Mapping[str, Recipe]
Shapes = Mapping[str, tuple[int, ...]]


def see_through(**kinds: str) -> dict[str, Recipe]:
    """Parts that can be seen through, by argument of the constructor.

    Args:
        kinds: argument → "attention", "feed_forward" or "norm". The sublayers add 1, 2, 4 in their order.
    """
    powers, parts = iter((1.0, 2.0, 4.0)), {}
    for argument, kind in kinds.items():
        if kind == "norm":
            parts[argument] = Recipe("untouched")
        else:
            parts[argument] = Recipe(f"constant_{kind}", {"number": next(powers)})
    return parts


def number() -> float:
    """What an input is everywhere."""
    return fact("X", X)


def dropout_request(
    parts: Parts, inputs: Shapes, probability: float, norm_first: bool, training: bool
) -> Request:
    """A call of a block with parts that can be seen through; each input is one number everywhere."""
    return Request(
        init={**parts, "dropout": probability, "norm_first": norm_first},
        kwargs={name: np.full(shape, number()) for name, shape in inputs.items()},
        training=training,
    )


def check_dropout(student: Student, parts: Parts, inputs: Shapes, probability: float) -> None:
    """In training each sublayer's output loses components before it is added to x; in evaluation it loses none."""
    sublayers = [argument for argument, part in parts.items() if part.arguments]
    for norm_first in (False, True):
        request = dropout_request(parts, inputs, probability, norm_first, training=False)
        everything = np.full(inputs["x"], number() + 2.0 ** len(sublayers) - 1)
        match(value_of(student.run(request), request), everything, where=OUTPUT)

        request = dropout_request(parts, inputs, probability, norm_first, training=True)
        output = value_of(student.run(request), request)
        fits = isinstance(output, np.ndarray) and output.dtype.kind == "f" and output.shape == inputs["x"]
        require(fits, describe(everything), describe(output))
        kept = _kept(output, len(sublayers), probability)
        for sublayer, each in zip(sublayers, kept, strict=True):
            _check_draws(each, probability, sublayer)
        for (first, one), (second, other) in itertools.combinations(zip(sublayers, kept, strict=True), 2):
            share = (1 - probability) ** 2
            require(
                abs((one & other).mean() - share) <= _margin(share, one.size),
                text(
                    "other components dropped from each sublayer",
                    "des composantes tirées à part pour chaque sous-couche",
                ),
                text(
                    f"the draws of {first} and {second} go together",
                    f"les tirages de {first} et {second} vont ensemble",
                ),
            )


def _kept(output: np.ndarray, n_sublayers: int, probability: float) -> list[np.ndarray]:
    """Which components were kept of each sublayer; a Mismatch if the output is no such sum."""
    codes = (output - number()) * (1 - probability)
    whole = np.round(codes)
    right = (np.abs(codes - whole) < 1e-6) & (whole >= 0) & (whole < 2**n_sublayers)
    if not right.all():
        share, example = percent(1 - right.mean()), f"{output[~right][0]:.4g}"
        require(
            False,
            text(
                f"in training, x plus the sublayers' outputs, each component 0 or divided by {1 - probability:g}",
                "à l'entraînement, x plus les sorties des sous-couches, chaque composante nulle ou divisée par "
                f"{1 - probability:g}".replace(".", ","),
            ),
            text(
                f"something else for {share['en']} of the components, {example} for instance",
                f"autre chose pour {share['fr']} des composantes, par exemple {example}",
            ),
        )
    return [(whole.astype(int) >> place) & 1 for place in range(n_sublayers)]


def _margin(share: float, n: int) -> float:
    return STANDARD_ERRORS * (share * (1 - share) / n) ** 0.5


def _check_draws(kept: np.ndarray, probability: float, sublayer: str) -> None:
    dropped, margin = 1 - kept.mean(), _margin(probability, kept.size)
    for axis in (-1, -2):
        # How much the numbers of a row vary, over what independent draws of this share give.
        expected = kept.shape[axis] * dropped * (1 - dropped)
        ratio = float((1 - kept).sum(axis).var() / expected) if expected else 1.0
        require(
            0.4 < ratio < 1.8,
            text(
                "each component dropped by a draw of its own",
                "chaque composante abandonnée par son propre tirage",
            ),
            text("components dropped together", "des composantes abandonnées ensemble"),
        )
    wanted, give = percent(probability), percent(margin)
    require(
        abs(dropped - probability) <= margin,
        text(
            f"with dropout={probability:g}, {wanted['en']} (± {give['en']}) of the components of {sublayer} dropped",
            f"avec dropout={probability:g}, {wanted['fr']} (± {give['fr']}) des composantes de {sublayer} abandonnées",
        ),
        percent(dropped),
    )


def dropout_probes(parts: Parts, inputs: Shapes, probability: float) -> dict[str, Probe]:
    """What dropout does to a block in numbers, by order of norms and mode: the mean, and shares of some values."""

    def probe(norm_first: bool, training: bool) -> Probe:
        request = dropout_request(parts, inputs, probability, norm_first, training)
        return lambda student: _shares(student.run(request), inputs["x"], parts, probability)

    orders, modes = {"post": False, "pre": True}, {"training": True, "evaluation": False}
    return {
        f"dropout_{order}_{mode}": probe(norm_first, training)
        for order, norm_first in orders.items()
        for mode, training in modes.items()
    }


def _shares(outcome: Any, shape: tuple[int, ...], parts: Parts, probability: float) -> np.ndarray:
    output = outcome.value
    if outcome.error is not None:
        return np.array([ERROR, 0.0])
    if not (isinstance(output, np.ndarray) and output.dtype.kind == "f" and output.shape == shape):
        return np.array([-1.0])
    larger = 1 / (1 - probability)
    sums = range(2 ** sum(bool(part.arguments) for part in parts.values()))
    values = [0.0, *(X + factor * code for factor in (1, larger) for code in sums)]
    shares = [float((np.abs(output - value) < 1e-6).mean()) for value in values]
    return np.array([float(output.mean()) / X, *shares])


def any_error(probe: Probe) -> Probe:
    """The probe, with one answer for all errors: a wrong call fails in a part, whose error depends on whose it is."""

    def answer(student: Student) -> np.ndarray:
        numbers = probe(student)
        return np.array([ERROR, 0.0]) if numbers[0] == ERROR else numbers

    return answer
