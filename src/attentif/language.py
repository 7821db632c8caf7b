"""Texts in both languages, and the language of the moment. Imports nothing of the library: errors speak by it too."""

from __future__ import annotations

import re

Text = dict[str, str]
Said = str | Text  # a plain string is the same in both languages
LANGUAGES = ("fr", "en")
_current = {"language": "en"}


def text(en: str, fr: str) -> Text:
    """One text in both languages."""
    return {"en": en, "fr": fr}


def current_language() -> str:
    """The language chosen by `attentif.checks.text.set_language`; English before that."""
    return _current["language"]


def switch(language: str) -> None:
    """Choose the language; `attentif.checks.text.set_language` looks at the name first."""
    _current["language"] = language


def say(message: Said, language: str | None = None) -> str:
    """The message in a language (the current one when None)."""
    return message if isinstance(message, str) else message[language or current_language()]


def joined(*parts: Said) -> Text:
    """One text of several, without anything between them.

    >>> joined("3", text(" tokens", " jetons"))
    {'fr': '3 jetons', 'en': '3 tokens'}
    """
    return {language: "".join(say(part, language) for part in parts) for language in LANGUAGES}


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


def typeset(said: str, language: str | None = None) -> str:
    """A text with the spaces that French keeps unbroken, before : ; ? ! % and inside « » (the current language when None).

    >>> typeset("obtenu : 3 ; « oui »", "fr").replace("\\u00a0", "~").replace("\\u202f", "'")
    "obtenu~: 3'; «~oui~»"
    """
    if (language or current_language()) != "fr":
        return said
    said = re.sub(r" (?=[:»])", "\u00a0", said).replace("« ", "«\u00a0")
    return re.sub(r" (?=[;?!%])", "\u202f", said)


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
