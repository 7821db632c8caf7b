"""The choice of the language in which checks, helpers and errors speak, and the texts of `attentif.language`."""

from __future__ import annotations

from attentif.errors import InputError
from attentif.language import LANGUAGES, Remark, Text, colon, current_language, number, say, switch, text

__all__ = [
    "LANGUAGES",
    "Remark",
    "Text",
    "colon",
    "current_language",
    "number",
    "say",
    "set_language",
    "text",
]


def set_language(language: str) -> None:
    """Choose the language of everything that checks, helpers and errors say.

    Raises:
        InputError: neither fr nor en.
    """
    if language not in LANGUAGES:
        raise InputError(
            expected=text("a language among fr and en", "une langue parmi fr et en"),
            got=repr(language),
            remedy=text("choose one of the two", "choisissez l'une des deux"),
        )
    switch(language)
