"""Texts in both languages, and the language in which a notebook is written."""

from __future__ import annotations

from attentif.errors import InputError

Text = dict[str, str]
LANGUAGES = ("fr", "en")
_current = {"language": "en"}


def text(en: str, fr: str) -> Text:
    """One text in both languages."""
    return {"en": en, "fr": fr}


def set_language(language: str) -> None:
    """Choose the language of everything that checks and helpers print.

    Raises:
        InputError: neither fr nor en.
    """
    if language not in LANGUAGES:
        raise InputError(
            expected="a language among fr and en", got=repr(language), remedy="choose one of the two"
        )
    _current["language"] = language


def current_language() -> str:
    """The language chosen by `set_language`; English before that."""
    return _current["language"]


def say(message: Text) -> str:
    """The message in the current language."""
    return message[current_language()]
