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


def colon(language: str | None = None) -> str:
    """A colon with the spaces of a language (the current one when None): French has one before it too."""
    return " : " if (language or current_language()) == "fr" else ": "


def number(value: float, digits: int = 2) -> str:
    """A number as the current language writes it.

    >>> number(-0.125, 1)
    '−0.1'
    """
    written = f"{value:.{digits}f}".replace("-", "−")
    return written.replace(".", ",") if current_language() == "fr" else written


class Remark(UserWarning):
    """A warning in both languages. `attentif.notebook.setup` lets a notebook show it as a plain sentence.

    >>> str(Remark(text("few groups", "peu de groupes")))
    'few groups'
    """

    def __init__(self, said: Text):
        super().__init__(said["en"])
        self.said = said

    def __str__(self) -> str:
        return say(self.said)


def say(message: Text) -> str:
    """The message in the current language."""
    return message[current_language()]
