"""An entry of contracts.toml, written as a person would, in its place among the others."""

from __future__ import annotations

import json
import re
import tempfile
import tomllib
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from attentif.errors import InputError
from attentif_grading.contracts import Contract, load_contracts
from attentif_grading.nearest import remedy_for

CONTRACTS = "grading/contracts.toml"
_ENTRY = re.compile(r"^\[\[exercise\]\]", re.MULTILINE)


def with_entry(
    text: str, entry: Mapping[str, object], contracts: Mapping[str, Contract], after: str | None
) -> str:
    """contracts.toml with the new entry behind `after`, or behind the last one of its notebook."""
    if after is not None and after not in contracts:
        raise InputError(
            expected="an exercise of contracts.toml to put it behind",
            got=repr(after),
            remedy=remedy_for(after, contracts, "there"),
        )
    starts = [match.start() for match in _ENTRY.finditer(text)] + [len(text)]
    place = len(text)
    for start, end in pairwise(starts):
        here = tomllib.loads(text[start:end])["exercise"][0]
        if here["name"] == after or (after is None and here["notebook"] == entry["notebook"]):
            place = end
    before, behind = text[:place].rstrip("\n"), text[place:]
    lines = ["[[exercise]]", *(f"{key} = {_toml(value)}" for key, value in entry.items())]
    return "\n".join([before, "", *lines, ""]) + ("\n" + behind if behind else "")


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, float):
        return f"{value:g}"
    return json.dumps(value, ensure_ascii=False)  # texts, lists and booleans are written as in TOML


def read_contracts(text: str) -> dict[str, Contract]:
    """What this content of contracts.toml says, by the one reader that there is."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "grading").mkdir()
        (Path(folder) / CONTRACTS).write_text(text, encoding="utf-8")
        return load_contracts.__wrapped__(Path(folder))
