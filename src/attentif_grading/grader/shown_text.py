"""Texts on a page: what a student may have written made harmless to read, and the spaces of French."""

from __future__ import annotations

import unicodedata

LONGEST = 400
_MARKS_IN_A_ROW = 3  # accents piled on one letter would cover the lines above


def visible(said: str, longest: int = LONGEST, keep: str = "") -> str:
    r"""A text with its invisible and direction-changing characters spelt out, except those to keep, cut to a length.

    >>> visible("a\x1b[31m\u202eb")
    'a\\x1b[31m\\u202eb'
    >>> visible("x" * 10, longest=4)
    'xxxx…'
    """
    cut = said[:longest]
    shown, piled = [], 0
    for character in cut:
        category = unicodedata.category(character)
        piled = piled + 1 if category in ("Mn", "Me") else 0
        if piled > _MARKS_IN_A_ROW:
            continue
        if character not in keep and category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
            shown.append(character.encode("unicode_escape", "surrogatepass").decode("ascii"))
        else:
            shown.append(character)
    return "".join(shown) + ("…" if len(said) > longest else "")


def capitalised(said: str) -> str:
    """A text with a capital first letter.

    >>> capitalised("le code")
    'Le code'
    """
    return said[:1].upper() + said[1:]
