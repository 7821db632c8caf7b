"""Comparing a student's values with the expected ones: shape, dtype, finite, then a tolerance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from attentif.checks.text import Text, text
from attentif.checks.values import Opaque, Outcome, Record, Request
from attentif.checks.wording import (
    Place,
    answered,
    differing,
    entry,
    gradient,
    item,
    named,
    numeral,
    stated,
    stopped,
)

# Largest accepted difference, relative and absolute, by the dtype in which the student computed. A few
# hundred roundings of that dtype: reorderings of the same sums stay far below, wrong formulas far above.
TOLERANCES = {
    # Wide enough for an epsilon of 1e-9 in a denominator, which many add to a softmax of their own.
    "float64": (1e-7, 1e-8),
    "float32": (1e-4, 1e-5),
    "float16": (2e-2, 2e-3),
    "bfloat16": (6e-2, 1e-2),
}


class Mismatch(Exception):
    """A check that failed: what it expected and what it got, in both languages."""

    def __init__(self, expected: Text, got: Text):
        super().__init__(f"expected {expected['en']}, got {got['en']}")
        self.expected, self.got = expected, got


class Stopped(Mismatch):
    """A check that could compare nothing: the code raised an error instead of answering."""


def value_of(outcome: Outcome, request: Request | None = None) -> Any:
    """The value of an outcome; a Mismatch, which tells what the request gave, if the code raised instead."""
    if outcome.error is not None:
        raise Stopped(answered(request), stopped(outcome))
    return outcome.value


def require(condition: bool, expected: Text, got: Text) -> None:
    """Fail with these texts unless the condition holds."""
    if not condition:
        raise Mismatch(expected, got)


def describe(value: Any) -> Text:
    """What a value is, in a few words."""
    if value is None:
        return text("None: nothing is returned", "None : rien n'est renvoyé")
    if isinstance(value, np.ndarray):
        shape = tuple(int(size) for size in value.shape)
        return text(
            f"a {value.dtype.name} tensor of shape {shape}", f"un tenseur {value.dtype.name} de forme {shape}"
        )
    if isinstance(value, (Opaque, Record)):
        return text(f"an object of type {value.type_name}", f"un objet de type {value.type_name}")
    if isinstance(value, (tuple, list)):
        kind = "un tuple" if isinstance(value, tuple) else "une liste"
        return text(f"a {type(value).__name__} of {len(value)} items", f"{kind} de {len(value)} éléments")
    shown = f"{value!r:.80} ({type(value).__name__})"
    return text(shown, shown)


def match(
    got: Any,
    expected: Any,
    *,
    exact_dtype: bool = True,
    scale: float = 1.0,
    of_parts: bool = False,
    where: str | Place | tuple[Place, ...] = "",
) -> None:
    """Compare a frozen value with the expected one, item by item; raises Mismatch at the first difference.

    Args:
        got: what the student's code returned, frozen.
        expected: the same structure of plain data.
        exact_dtype: whether an array must have the dtype of the expected one.
        scale: multiplies the tolerance.
        of_parts: whether it was computed by parts that the code was handed. A right part may work in float32,
            whatever it is given, so float64 is compared as float32 is.
        where: what the value is called, for the message; of a tuple, what each item is.
    """
    items = where if isinstance(where, tuple) else ()
    where = named("") if isinstance(where, tuple) else named(where) if isinstance(where, str) else where
    if isinstance(expected, np.ndarray) or _is_bfloat16(expected):
        _match_array(got, expected, exact_dtype, scale, of_parts, where)
    elif isinstance(expected, (tuple, list)):
        fits = isinstance(got, (tuple, list)) and len(got) == len(expected)
        require(fits, stated(where, describe(expected)), describe(got))
        for index, (mine, theirs) in enumerate(zip(got, expected, strict=True)):
            inside = items[index] if index < len(items) else item(where, index)
            match(mine, theirs, exact_dtype=exact_dtype, scale=scale, of_parts=of_parts, where=inside)
    elif isinstance(expected, (Record, Mapping)):
        fields = expected.fields if isinstance(expected, Record) else expected
        # A student may return a record of another name, or a dict: the fields are what counts.
        mine = got.fields if isinstance(got, Record) else got
        names = ", ".join(fields)
        fits = isinstance(mine, Mapping) and set(fields) <= set(mine)
        require(fits, text(f"the fields {names}", f"les champs {names}"), describe(got))
        for name, theirs in fields.items():
            match(mine[name], theirs, exact_dtype=exact_dtype, scale=scale, of_parts=of_parts, where=name)
    elif isinstance(expected, float):
        number = got.item() if isinstance(got, np.ndarray) and got.shape == () else got
        fits = isinstance(number, (int, float)) and not isinstance(number, bool)
        require(fits, stated(where, text("a number", "un nombre")), describe(got))
        relative, absolute = (scale * each for each in _tolerance("float64", of_parts))
        if isinstance(got, np.ndarray) and got.dtype.name in ("float16", "float32"):
            # It may have been computed in float32. Half precision is nobody's need here: its tolerance would let
            # any small number pass, and a scale is not for it.
            rounded = TOLERANCES["float32"]
            relative, absolute = max(relative, rounded[0]), max(absolute, rounded[1])
        close = _close(_as_float(number), np.float64(expected), relative, absolute)
        require(bool(close), stated(where, numeral(expected)), numeral(_as_float(number)))
    else:
        same = type(got) is type(expected) and got == expected
        require(same, stated(where, describe(expected)), describe(got))


def match_gradients(
    got: Mapping[str, Any], expected: Mapping[str, Any], scale: float = 1.0, of_parts: bool = False
) -> None:
    """Compare gradients by name; one that should exist and does not is a Mismatch."""
    for name, theirs in expected.items():
        mine = got.get(name)
        if mine is None and theirs is not None:
            raise Mismatch(
                text(f"a gradient with respect to {name}", f"un gradient par rapport à {name}"),
                text("none: the result does not depend on it", "aucun : le résultat n'en dépend pas"),
            )
        if theirs is not None:
            match(mine, theirs, scale=scale, of_parts=of_parts, where=gradient(name))


def _tolerance(dtype_name: str, of_parts: bool) -> tuple[float, float]:
    return TOLERANCES["float32" if of_parts and dtype_name == "float64" else dtype_name]


def _as_float(number: int | float) -> np.float64:
    try:
        return np.float64(number)
    except OverflowError:  # an integer beyond all floats
        return np.float64(np.inf if number > 0 else -np.inf)


def _close(mine, theirs, relative: float, absolute: float):
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.abs(mine - theirs) <= absolute + relative * np.abs(theirs)
    # Nothing is near infinity but itself.
    return (near & np.isfinite(theirs)) | (mine == theirs)


def _is_bfloat16(value: Any) -> bool:
    return isinstance(value, Record) and value.type_name == "bfloat16"


def _unwrapped(value: Any) -> tuple[Any, str]:
    """An array and the name of its dtype; numpy has no bfloat16, so its values travel as float32."""
    if _is_bfloat16(value):
        return value.fields["values"], "bfloat16"
    return value, value.dtype.name if isinstance(value, np.ndarray) else ""


def _match_array(
    got: Any, expected: Any, exact_dtype: bool, scale: float, of_parts: bool, where: Place
) -> None:
    wanted, was = stated(where, describe(expected)), describe(got)
    expected, expected_name = _unwrapped(expected)
    got, dtype_name = _unwrapped(got)
    require(isinstance(got, np.ndarray), wanted, was)
    same_dtype = dtype_name == expected_name if exact_dtype else got.dtype.kind == expected.dtype.kind
    require(got.shape == expected.shape and same_dtype, wanted, was)
    if expected.dtype.kind != "f":
        wrong = got != expected
    else:
        finite = np.isfinite(got)
        if not finite.all() and np.isfinite(expected).all():
            n_bad = int((~finite).sum())
            raise Mismatch(
                stated(where, text("finite values", "des valeurs finies")),
                text(f"{n_bad} NaN or infinite values", f"{n_bad} valeurs NaN ou infinies"),
            )
        relative, absolute = _tolerance(dtype_name, of_parts)
        wrong = ~_close(
            got.astype(np.float64), expected.astype(np.float64), relative * scale, absolute * scale
        )
    if not wrong.any():
        return
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    others, mine = differing(int(wrong.sum()), wrong.size), _number(got[place])
    raise Mismatch(
        entry(where, place, _number(expected[place])),
        {language: f"{mine[language]} ({said})" for language, said in others.items()},
    )


def _number(value: Any) -> Text:
    return numeral(float(value)) if np.asarray(value).dtype.kind == "f" else text(str(value), str(value))
