"""The public psycholinguistic sets in an examination: NEG-136 and ROLE-88 (Ettinger 2020)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from attentif.language import text
from attentif.limits import negation_probe, role_probe
from attentif.limits.public_sets import read_neg136, read_role88
from attentif.probing.limits_measures import LIMIT_MEASURES, NEGATION, ROLES, asked
from attentif.probing.reading import Measure

# (file, measure of this library that it is asked like, title, probe, reader, names of its numbers)
_SETS = (
    (
        "NEG-136-SIMP.tsv",
        "negation",
        text("NEG-136, simple", "NEG-136, simples"),
        negation_probe,
        read_neg136,
        NEGATION,
    ),
    (
        "NEG-136-NAT.tsv",
        "negation",
        text("NEG-136, natural", "NEG-136, naturels"),
        negation_probe,
        read_neg136,
        NEGATION,
    ),
    ("ROLE-88.tsv", "roles", text("ROLE-88", "ROLE-88"), role_probe, read_role88, ROLES),
)


def public_limits(find: Callable[[str], Path | None]) -> list[Measure]:
    """The measures of limits for which there is a file, all of them in English.

    Args:
        find: the path of a file by its name, or None.
    """
    like = {measure.key: measure for measure in LIMIT_MEASURES}
    found = []
    for name, measured, title, probe, read, names in _SETS:
        path = find(name)
        if path is not None:
            run = asked(probe, lambda _, path=path, read=read: read(path), names, 100)
            key = Path(name).stem.lower()
            found.append(replace(like[measured], key=key, title=title, run=run, files=(path,)))
    return found
