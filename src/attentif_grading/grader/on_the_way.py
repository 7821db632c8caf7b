"""Notebooks and students on their way from what was handed in to what is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from attentif.checks.text import Text
from attentif_grading.grader.collect import Handed
from attentif_grading.grader.repair import Repaired


@dataclass
class OneNotebook:
    """A notebook on its way through.

    Args:
        number: of the notebook.
        content: the bytes handed in; None if it was not.
        repaired: None if it could not be read.
        keys: by exercise.
        remarks: on its file and its repair.
    """

    number: int
    content: bytes | None = None
    repaired: Repaired | None = None
    keys: dict[str, str] = field(default_factory=dict)
    remarks: tuple[Text, ...] = ()


@dataclass
class OneStudent:
    """A student's notebooks on their way through."""

    handed: Handed
    language: str
    notebooks: dict[int, OneNotebook]
    waiting: int = 0


@dataclass
class Told:
    """What grading tells while it runs: for a terminal, or for nobody.

    Args:
        line: called with one line for each trouble.
        progress: called with students done and students in all.
    """

    line: Callable[[str], None] = lambda line: None
    progress: Callable[[int, int], None] = lambda done, total: None
