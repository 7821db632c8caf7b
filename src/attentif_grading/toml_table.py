"""A TOML file that people write: each value is asked for by name and kind, and a wrong one is told by its place."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attentif.checks.text import LANGUAGES
from attentif.errors import InputError
from attentif_grading.nearest import remedy_for

_SAID: dict[type, str] = {
    str: "a text in quotes",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}
_MISSING = object()


class Table:
    """One table of a file.

    Args:
        values: its content.
        place: where it stands, for messages: "[course] of course.toml".
        prefix: what stands before its keys, as in file.fr.
    """

    def __init__(self, values: Any, place: str, prefix: str = ""):
        if not isinstance(values, dict):
            raise InputError(expected=f"{place} to be a table", got=_shown(values), remedy="mend it")
        self.values, self.place, self.prefix = values, place, prefix

    @classmethod
    def read(cls, path: Path) -> Table:
        """The whole file.

        Raises:
            InputError: not there, not readable, no TOML.
        """
        try:
            return cls(tomllib.loads(path.read_text(encoding="utf-8")), path.name)
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InputError(
                expected=f"a readable TOML file {path}", got=str(error), remedy="mend or restore it"
            ) from error

    def only(self, *known: str) -> Table:
        """Refuse what the table must not hold: a misspelt key would be ignored without a word.

        Raises:
            InputError: another key.
        """
        for key in self.values:
            if key not in known:
                raise InputError(
                    expected=f"nothing but known keys in {self.place}",
                    got=f"{self.prefix}{key}",
                    remedy=remedy_for(key, known, "known"),
                )
        return self

    def take(
        self,
        key: str,
        kind: type,
        fits: Callable[[Any], bool] = lambda value: True,
        must: str = "",
        default: Any = _MISSING,
        written: str = "",
    ) -> Any:
        """The value of a key, of this kind.

        Args:
            key: its name.
            kind: str, int, float (whole numbers too), bool, list or dict.
            fits: whether the value may be used.
            must: what `fits` asks for, in words.
            default: taken where there is none; without it, the key must be there.
            written: how the key is written, where that is not KEY = ....

        Raises:
            InputError: missing, of another kind, or it does not fit.
        """
        value = self.values.get(key, _MISSING)
        if value is _MISSING and default is not _MISSING:
            return default
        wanted = f"{must or _SAID[kind]} for {self.prefix}{key} in {self.place}"
        if value is _MISSING:
            written = written or f"{self.prefix}{key} = ..."
            raise InputError(expected=wanted, got="none", remedy=f"write {written}")
        is_kind = isinstance(value, (int, float) if kind is float else kind)
        if not is_kind or (isinstance(value, bool) and kind is not bool) or not fits(value):
            raise InputError(expected=wanted, got=_shown(value), remedy="mend it")
        return value

    def names(self, key: str, default: Any = _MISSING) -> tuple[str, ...]:
        """The texts of a list, each once.

        Raises:
            InputError: no such list, or a text twice.
        """
        of_texts = "a list of texts in quotes"
        items = self.take(key, list, lambda found: all(isinstance(i, str) for i in found), of_texts, default)
        twice = [item for item in dict.fromkeys(items) if items.count(item) > 1]
        if twice:
            raise InputError(
                expected=f"each name once for {key} in {self.place}",
                got=f"{twice[0]!r} {items.count(twice[0])} times",
                remedy="remove one",
            )
        return tuple(items)

    def table(self, key: str) -> Table:
        """A table in this one."""
        return Table(self.take(key, dict, written=f"[{key}]"), f"[{key}] of {self.place}")

    def tables(self, key: str) -> list[Table]:
        """The tables of [[key]], of which there must be one at least."""
        found = self.take(key, list, bool, "one table at least", written=f"[[{key}]]")
        return [Table(values, f"[[{key}]] {n} of {self.place}") for n, values in enumerate(found, start=1)]

    def in_languages(self, key: str | None = None) -> dict[str, str]:
        """A text for each language: those of KEY.fr and KEY.en, or of this table itself.

        Raises:
            InputError: one is missing or empty, or there is another language.
        """
        table = self
        if key is not None:
            both = " and ".join(f"{key}.{language} = ..." for language in LANGUAGES)
            table = Table(
                self.take(key, dict, must="a text for each language", written=both), self.place, f"{key}."
            )
        table.only(*LANGUAGES)
        return {language: table.take(language, str, str.strip, "a text in quotes") for language in LANGUAGES}


def _shown(value: Any) -> str:
    return f"{value!r:.60}"
