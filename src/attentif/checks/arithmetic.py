"""Judging formulas of plain numbers: values by their sizes, in words that repeat the call."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import describe, require, value_of
from attentif.checks.fingerprints import ERROR
from attentif.checks.text import text
from attentif.checks.wording import numeral


def plain_number(value):
    """The value as a Python number, None if it is none; an array of one number is that number."""
    if isinstance(value, np.ndarray) and value.shape == () and value.dtype.kind in "iuf":
        value = value.item()
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def numbers_probe(cases, names):
    """One probe: the numbers that the stored calls give."""

    def answer(student):
        outcomes = [student.run(cases[name].request) for name in names]
        if any(outcome.error is not None for outcome in outcomes):
            return np.array([ERROR, 0.0])
        numbers = [plain_number(outcome.value) for outcome in outcomes]
        if any(number is None or not abs(number) < 1e30 for number in numbers):
            return np.array([-1.0])
        return np.array(numbers, dtype=np.float64)

    return answer


def check_number(student, name, request, expected, whole=False):
    """The call must give this number; `whole` asks for an int."""
    shown = ", ".join(f"{value:_}" for value in request.args)
    call = f"{name}({shown})"
    value = value_of(student.run(request), request)
    number = plain_number(value)
    said = {language: f"{call} = {written}" for language, written in _written(expected).items()}
    require(number is not None, said, describe(value))
    # A product of plain numbers is exact, or rounded in its last digit.
    near = abs(number) < 1e30 and abs(number - expected) <= 1e-12 * abs(expected)
    require(near, said, _written(number))
    is_int = isinstance(number, int) and number == expected
    require(is_int or not whole, text(f"{said['en']}, an int", f"{said['fr']}, un int"), describe(value))


def _written(number):
    """Large numbers in groups of three digits, or by their power of ten."""
    if isinstance(number, int) and abs(number) < 10**15:
        return text(f"{number:_}", f"{number:_}")
    fits = isinstance(number, float) or abs(number) < 10**300
    return numeral(number) if fits else text("> 10³⁰⁰", "> 10³⁰⁰")
