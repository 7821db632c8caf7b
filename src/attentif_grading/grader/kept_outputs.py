"""What is kept of a student's outputs for the marker: pictures and plain text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat import NotebookNode

from attentif_grading.grader.neutral_text import JPEG, PNG, picture, plain_output

MAX_OUTPUT = 20_000
MAX_OUTPUTS = 200
_PICTURE_KEYS = {PNG: (PNG, "png"), JPEG: (JPEG, "jpeg")}  # the second as before 2015


@dataclass
class OutputBudget:
    """What may still be kept in one notebook, so that no copy grows without bound."""

    characters: int = 400_000
    picture_characters: int = 120_000_000


def kept_outputs(outputs: Iterable[Any], budget: OutputBudget) -> list[NotebookNode]:
    """The pictures and texts of a code cell, as new outputs that hold nothing else.

    Error streams become ordinary text, since nbgrader takes them for a failure; HTML, scripts, drawings in SVG and
    widgets are dropped.

    Args:
        outputs: as in the student's file.
        budget: what is left of the notebook's; it is taken from.
    """
    kept: list[NotebookNode] = []
    printed: list[str] = []

    def flush() -> None:
        if said := "".join(printed):
            said = plain_output(said, min(MAX_OUTPUT, budget.characters)) if budget.characters > 0 else "[…]"
            budget.characters -= len(said)
            kept.append(nbformat.from_dict({"output_type": "stream", "name": "stdout", "text": said}))
        printed.clear()

    for output in list(outputs)[:MAX_OUTPUTS]:
        if not isinstance(output, Mapping):
            continue
        data = output.get("data") if isinstance(output.get("data"), Mapping) else output
        shown = _picture(data, budget)
        if shown is not None:
            flush()
            kept.append(nbformat.from_dict({"output_type": "display_data", "metadata": {}, "data": shown}))
        else:
            printed.append(_said(output, data))
    flush()
    return kept


def _picture(data: Mapping[str, Any], budget: OutputBudget) -> dict[str, str] | None:
    for mime, keys in _PICTURE_KEYS.items():
        for key in keys:
            content = picture(mime, data.get(key)) if key in data else None
            if content is not None and len(content) <= budget.picture_characters:
                budget.picture_characters -= len(content)
                return {mime: content}
    return None


def _said(output: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    kind = output.get("output_type")
    if kind in ("error", "pyerr"):
        frames = output.get("traceback")
        said = _text(["\n".join(map(_text, frames))] if isinstance(frames, list) else "")
        return (said or f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}") + "\n"
    if kind == "stream":
        return _text(output.get("text"))
    said = _text(data.get("text/plain", data.get("text")))
    return said + "\n" if said else ""


def _text(value: Any) -> str:
    lines = value if isinstance(value, list) else [value]
    said = "".join(line for line in lines if isinstance(line, str))
    return said[: 8 * MAX_OUTPUT]
