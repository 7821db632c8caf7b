"""Public checks: what a student runs below each exercise.

>>> from attentif.checks import check
>>> check  # doctest: +ELLIPSIS
<function check at 0x...>
"""

from __future__ import annotations

import sys
from typing import Any

from attentif.checks.examining import examine, stale_parts
from attentif.checks.report import Score, as_text
from attentif.checks.store import known_exercises, load_exercise
from attentif.checks.text import current_language, set_language
from attentif.errors import InputError
from attentif.in_use import outdated_models
from attentif.language import text

__all__ = ["Score", "check", "current_language", "in_notebook", "known_exercises", "set_language"]


def check(target: Any) -> Score:
    """Put the public checks of an exercise to your function or class, and show what they say.

    Args:
        target: the function or class, under the exercise's name.

    Returns:
        the points earned here, as a float that a notebook shows as a table. More checks run at grading.

    Raises:
        InputError: `target` is not an exercise.
    """
    name = getattr(target, "__name__", None)
    if name is None:
        raise InputError(
            expected=text("the function or class of an exercise", "la fonction ou la classe d'un exercice"),
            got=text(
                f"an object of type {type(target).__name__}", f"un objet de type {type(target).__name__}"
            ),
            remedy=text(
                "write check(name_of_the_function), without calling it",
                "écrivez check(nom_de_la_fonction), sans l'appeler",
            ),
        )
    exercise, notebook = load_exercise(name), vars(sys.modules["__main__"])
    report = examine(exercise, target, namespace=notebook)
    right = report.earned == report.maximum  # else there is something to mend first
    outdated = outdated_models(target) if right else []
    score = Score(report, stale_parts(exercise, target, notebook), outdated)
    if not in_notebook():
        print(as_text(report, score.stale, score.outdated))
    return score


def in_notebook() -> bool:
    """Whether a cell's last value is shown as HTML."""
    shell = sys.modules.get("IPython")
    active = shell.get_ipython() if shell else None
    return active is not None and type(active).__name__ != "TerminalInteractiveShell"
