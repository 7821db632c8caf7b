"""The outline of a French docstring, from the English one: what is the same is there, what is to be translated is marked."""

from __future__ import annotations

import re

from attentif_grading.unfinished import MARK

_HEADINGS = {
    "Args:": "Arguments :",
    "Attributes:": "Attributs :",
    "Returns:": "Résultat :",
    "Raises:": "Erreurs :",
}
_NAMING = ("Args:", "Attributes:", "Raises:")
_INLINE = {"Source": "Source", "Deviation": "Écart"}
_NAMES = re.compile(r"(    )([A-Za-z_]+(?:, [A-Za-z_]+)*): *(.*)")


def french_outline(docstring: str) -> str:
    r"""Headings in French, names and examples as they are, each line of prose behind the mark.

    >>> print(french_outline("Add.\n\nArgs:\n    x: a number,\n        or two."))
    TODO: Add.
    <BLANKLINE>
    Arguments :
        x : TODO: a number,
            TODO: or two.
    """
    lines, section, example = [], "", False
    for line in docstring.splitlines():
        said = line.strip()
        if line and not line.startswith(" "):
            section = line
        example = bool(said) and (example or said.startswith(">>>"))
        lines.append(line if example or not said else _outlined(line, said, section))
    return "\n".join(lines)


def _outlined(line: str, said: str, section: str) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    if said in _HEADINGS:
        return indent + _HEADINGS[said]
    word, colon, rest = said.partition(":")
    if colon and word in _INLINE:
        return f"{indent}{_INLINE[word]} : {MARK} {rest.strip()}"
    named = _NAMES.fullmatch(line) if section in _NAMING else None
    if named:
        return f"{named[1]}{named[2]} : {MARK} {named[3]}"
    return f"{indent}{MARK} {said}"
