"""Calls that must be refused: by an InputError, or by another ValueError, and not by an accident on the way."""

from __future__ import annotations

import re
from typing import Any

from attentif.checks.compare import Mismatch
from attentif.checks.text import Text, text
from attentif.checks.values import Outcome, Record
from attentif.checks.wording import stopped

# The types by which a program says that it was asked for something it refuses.
REFUSALS = ("InputError", "ValueError")


def refused(outcome: Outcome, what: str = "") -> bool:
    """Whether the code refused a call itself, with an error that speaks of this pattern (of anything, if empty)."""
    kind, _, said = (outcome.error or "").partition(":")
    return kind in REFUSALS and re.search(what, said, re.IGNORECASE) is not None


def _shown(value: Any) -> str:
    """A value as the code that gave it would be written, as far as that goes."""
    if isinstance(value, Record):
        fields = ", ".join(f"{name}={_shown(inner)}" for name, inner in value.fields.items())
        return f"{value.type_name}({fields})"
    return f"{value:.4g}" if isinstance(value, float) else repr(value)


def check_refused(outcome: Outcome, what: str, wanted: Text) -> None:
    """A call must have been refused, with an error that speaks of this pattern; `wanted` tells the student so."""
    if refused(outcome, what):
        return
    if outcome.error is not None:
        raise Mismatch(wanted, stopped(outcome))
    said = f"{_shown(outcome.value):.60}"
    raise Mismatch(wanted, text(f"no error, but {said}", f"pas d'erreur, mais {said}"))
