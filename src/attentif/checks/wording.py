"""Sentences about values: where an entry stands, what a call was given, how it ended.

Indices count from 0, as in the student's own code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from attentif.checks.calls import MOST, is_written, written
from attentif.checks.text import Text, colon, say, text
from attentif.checks.values import Outcome, Request
from attentif.language import Said

# What one step along an axis is, by its shape letter.
AXES: dict[str, Text] = {
    "B": text("row {i} of the batch", "ligne {i} du lot"),
    "H": text("head {i}", "tête {i}"),
    "T": text("query {i}", "requête {i}"),
    "S": text("key {i}", "clé {i}"),
    "D": text("dimension {i}", "dimension {i}"),
    # An axis T where nothing is compared: a place in a sequence.
    "P": text("position {i}", "position {i}"),
    "V": text("token {i}", "jeton {i}"),
}
_ROW_AND_COLUMN = (text("row {i}", "ligne {i}"), text("column {i}", "colonne {i}"))
_ENTRY = text("entry {i}", "élément {i}")
_GRADIENT = text("the gradient with respect to {name}", "le gradient par rapport à {name}")


@dataclass(frozen=True)
class Place:
    """A value that is compared: what it is called, and what its axes count.

    Args:
        said: its name, the same in both languages if it is one of the code; empty for a whole result.
        axes: letters of `AXES`, for the last axes of the value.
    """

    said: Text
    axes: str = ""

    @property
    def is_code(self) -> bool:
        """Whether the name is one that a student can index."""
        return self.said["en"].isidentifier()


def named(name: str, axes: str = "") -> Place:
    """A place under a name that is the same in both languages."""
    return Place(text(name, name), axes)


def gradient(name: str) -> Place:
    """The gradient with respect to an argument or a parameter."""
    return Place({language: said.format(name=name) for language, said in _GRADIENT.items()})


def item(place: Place, index: int) -> Place:
    """An item of a list or tuple that stands at this place."""
    said = {}
    for language, entry in _ENTRY.items():
        parts = (place.said[language], entry.format(i=index))
        said[language] = ", ".join(part for part in parts if part)
    return Place(said)


def stated(place: Place, what: Text) -> Text:
    """What is said of the value at a place: "output: a float64 tensor of shape (2, 3)"."""
    return {
        language: f"{place.said[language]}{colon(language)}{said}" if place.said[language] else said
        for language, said in what.items()
    }


def numeral(value: float, form: str = ".6g") -> Text:
    """A number as each language writes it, in as many digits.

    >>> numeral(-0.25)
    {'en': '-0.25', 'fr': '-0,25'}
    """
    said = f"{value:{form}}"
    return text(said, said.replace(".", ","))


def entry(place: Place, index: tuple[int, ...], value: Said) -> Text:
    """One entry of an array, in words: "weights[0, 2] = 0.5 (query 0, key 2)"."""
    return {language: _entry(place, index, say(value, language), language) for language in place.said}


def _entry(place: Place, index: tuple[int, ...], value: str, language: str) -> str:
    name, where = place.said[language], _in_words(place, index, language)
    if place.is_code and index:
        said = f"{name}[{', '.join(map(str, index))}] = {value}"
        return f"{said} ({where})" if where and len(index) > 1 else said
    parts = [part for part in (name, where) if part]
    return f"{', '.join(parts)}{colon(language)}{value}" if parts else value


def _in_words(place: Place, index: tuple[int, ...], language: str) -> str:
    if not index:
        return ""
    if len(index) <= len(place.axes):
        steps = [AXES[letter] for letter in place.axes[-len(index) :]]
    elif len(index) == 2:
        steps = list(_ROW_AND_COLUMN)
    else:
        whole = str(index[0]) if len(index) == 1 else str(list(index))
        return _ENTRY[language].format(i=whole)
    return ", ".join(step[language].format(i=i) for step, i in zip(steps, index, strict=True))


def differing(n: int, total: int) -> Text:
    """How many values of an array are not the expected ones."""
    if n == total:
        return text("no value is right", "aucune valeur n'est juste")
    if n == 1:
        return text(f"1 value of {total} differs", f"1 valeur sur {total} diffère")
    return text(f"{n} values of {total} differ", f"{n} valeurs sur {total} diffèrent")


def answered(request: Request | None) -> Text:
    """What was expected of a call that raised an error, with the shapes of what it was given."""
    shown = _given(request) if request is not None else ""
    if not shown:
        return text("a result, without an error", "un résultat, sans erreur")
    return text(f"a result, without an error, for {shown}", f"un résultat, sans erreur, pour {shown}")


def stopped(outcome: Outcome) -> Text:
    """How a call ended that raised an error, and at which line of the student's, where that is known."""
    at = at_line(outcome.line)
    return text(
        f"your code stopped with {outcome.error}{at['en']}",
        f"votre code s'est arrêté sur {outcome.error}{at['fr']}",
    )


def at_line(line: tuple[int, str] | None) -> Text:
    """The number and the text of a line of the student's, behind what happened there; empty where it is not known."""
    if line is None:
        return text("", "")
    number, source = line
    if not source:
        return text(f", at line {number}", f", à la ligne {number}")
    return text(f", at line {number}: {source}", f", à la ligne {number} : {source}")


def _given(request: Request) -> str:
    """The arrays, numbers, texts and short lists among the arguments; models and generators tell nothing."""
    given = [("", value) for value in request.args] + list(request.kwargs.items())
    with_lists = ", ".join(said for name, value in given if (said := _argument(name, value, lists=True)))
    if len(with_lists) <= MOST:
        return with_lists
    return ", ".join(said for name, value in given if (said := _argument(name, value)))


def _argument(name: str, value: Any, lists: bool = False) -> str:
    if isinstance(value, np.ndarray):
        return f"{name} {tuple(int(size) for size in value.shape)}".strip()
    if isinstance(value, (bool, int, float, str)):
        return f"{name}={value!r}" if name else repr(value)
    if lists and isinstance(value, (list, tuple, dict)) and is_written(value):
        return f"{name}={written(value)}" if name else written(value)
    return ""
