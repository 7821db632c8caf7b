"""What one hostile or unlucky student hands in, and the mark that is fair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Adversary:
    """One submission.

    Args:
        student: the identifier under which it is graded.
        family: of the attack, see FAMILIES.
        number: of the attack in the list that the design goes by; 0 for one that is not in it.
        what: the attack in a few words.
        language: of the notebooks.
        files: path below the folder of submissions → content.
        attacked: the exercises that it attacks, or on which it is unlucky.
        honest: exercise → the fair mark; 0 for those that are not named.
        silent: texts that may stand in no page as markup.
    """

    student: str
    family: str
    number: int
    what: str
    language: str
    files: Mapping[str, bytes]
    attacked: tuple[str, ...]
    honest: Mapping[str, float]
    silent: tuple[str, ...] = field(default=())
