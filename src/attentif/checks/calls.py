"""Calls as a student would write them, so that a case that fails can be tried again."""

from __future__ import annotations

from typing import Any

import numpy as np

from attentif.checks.text import Text, text
from attentif.checks.values import Request

# A longer call is not shown whole: nobody reads it in a table.
MOST = 300
_PLAIN = (bool, int, float, str, type(None))


def is_written(value: Any) -> bool:
    """Whether a value can be written as it is: plain ones, arrays, and lists, tuples and dicts of them."""
    if isinstance(value, (list, tuple)):
        return all(map(is_written, value))
    if isinstance(value, dict):
        return all(map(is_written, [*value, *value.values()]))
    return isinstance(value, (*_PLAIN, np.ndarray))


def written(value: Any) -> str:
    """A value as one writes it; an array as a list of its rows."""
    if isinstance(value, np.ndarray):
        return repr(value.tolist())
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    return repr(value)


def arguments_of(request: Request) -> str:
    """The arguments of a call that can be written, models and tokenizers left out.

    >>> arguments_of(Request(args=([1.5, 2.0], "juge"), kwargs={"k": 3}))
    "[1.5, 2.0], 'juge', k=3"
    """
    given = [written(value) for value in request.args if is_written(value)]
    given += [f"{name}={written(value)}" for name, value in request.kwargs.items() if is_written(value)]
    return ", ".join(given)


def call_of(function: str, request: Request, most: int = MOST) -> str:
    """A call, whole; empty if it is too long, or if something in it cannot be written.

    >>> call_of("holm", Request(args=([0.04, 0.01],)))
    'holm([0.04, 0.01])'
    """
    if not all(map(is_written, [*request.args, *request.kwargs.values()])):
        return ""
    call = f"{function}({arguments_of(request)})"
    return call if len(call) <= most else ""


def call_or(function: str, request: Request, asked: Text) -> Text:
    """A call, whole, or these words about it; the words too where no function is named."""
    call = call_of(function, request) if function else ""
    return text(call, call) if call else asked


def refusal_wanted(function: str, request: Request, why: Text) -> Text:
    """That a call must be refused, and why; the call itself where it is short."""
    call = call_of(function, request) if function else ""
    of = text(f" for {call}", f" pour {call}") if call else text("", "")
    return text(f"an InputError{of['en']}: {why['en']}", f"une InputError{of['fr']} : {why['fr']}")
