"""nbgrader's identifiers of the cells of an exercise."""

from __future__ import annotations

PUBLIC, HIDDEN = "_public", "_hidden"


def grade_ids(exercise: str) -> tuple[str, str, str]:
    """Grade ids of an exercise's three cells: solution, public checks, hidden checks.

    >>> grade_ids("causal_mask")
    ('causal_mask', 'causal_mask_public', 'causal_mask_hidden')
    """
    return exercise, exercise + PUBLIC, exercise + HIDDEN
