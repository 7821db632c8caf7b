"""Which code the notebook's models were made with, so that a function mended afterwards is noticed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attentif.code_digest import code_digest, notebook_definition

# Title of a model → name of an exercise → digest of the code that it was made with.
_made_with: dict[str, dict[str, str]] = {}


def made_with(title: str, used: Iterable[Any]) -> None:
    """Remember which functions and classes a model was made with, in place of what was known under this title."""
    _made_with[title] = {each.__name__: code_digest(each) for each in used}


def outdated_models(target: Any) -> list[str]:
    """Titles of the models that were made with another version of this function or class."""
    name, digest = target.__name__, code_digest(target)
    return [title for title, digests in _made_with.items() if digests.get(name, digest) != digest]


def changed_since(used: Iterable[Any]) -> list[str]:
    """Names of those functions and classes of which the notebook has another version now, one that is written."""
    from attentif.notebook import written

    names = []
    for each in used:
        now = notebook_definition(each.__name__)
        if callable(now) and code_digest(now) != code_digest(each) and written(now):
            names.append(each.__name__)
    return names
