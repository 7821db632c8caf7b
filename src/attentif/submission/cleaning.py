"""The file that is handed in: the notebook without what Colab says of persons, and its receipt."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

# What graders need; the rest of a notebook's metadata is about persons, their Drive or their windows.
_OF_NOTEBOOK = ("attentif", "kernelspec", "language_info", "accelerator")
_OF_CELL = ("attentif", "nbgrader", "deletable", "editable", "tags", "id")


def cleaned(content: Mapping[str, Any], saved: datetime, made: datetime) -> dict[str, Any]:
    """A copy of a notebook's JSON to be handed in, with its receipt and the times of saving and of making."""
    copied = copy.deepcopy(dict(content))
    copied["metadata"] = _kept(copied.get("metadata"), _OF_NOTEBOOK)
    for cell in copied["cells"]:
        cell["metadata"] = _kept(cell.get("metadata"), _OF_CELL)
        for output in cell.get("outputs") or ():
            if isinstance(output, dict):
                # Displayed ones must have some.
                displayed = output.get("output_type") in ("display_data", "execute_result")
                output.pop("metadata", None)
                output.update({"metadata": {}} if displayed else {})
    about = copied["metadata"].setdefault("attentif", {})
    about["handed_in"] = {
        "receipt": receipt_of(copied),
        "saved": saved.isoformat(timespec="seconds"),
        "made": made.isoformat(timespec="seconds"),
    }
    return copied


def receipt_of(content: Mapping[str, Any]) -> str:
    """Sixteen digits that change with any cell of a notebook and any of its outputs, but not with its metadata.

    >>> receipt_of({"cells": []}) == receipt_of({"cells": [], "metadata": {"colab": {}}})
    True
    >>> len(receipt_of({"cells": [{"cell_type": "code", "source": ["x = 1"], "outputs": []}]}))
    19
    """
    cells = [
        {name: _joined(cell.get(name)) for name in ("cell_type", "source", "outputs", "attachments")}
        for cell in content["cells"]
    ]
    written = json.dumps(cells, sort_keys=True, ensure_ascii=True)
    digits = hashlib.sha256(written.encode()).hexdigest()[:16]
    return "-".join(digits[place : place + 4] for place in range(0, 16, 4))


def _kept(metadata: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: metadata[name] for name in names if name in metadata} if isinstance(metadata, dict) else {}


def _joined(value: Any) -> Any:
    """Texts that a notebook may hold as one or as lines, as one."""
    if isinstance(value, dict):
        return {name: _joined(item) for name, item in value.items() if name != "metadata"}
    if isinstance(value, list):
        if value and all(isinstance(item, str) for item in value):
            return "".join(value)
        return [_joined(item) for item in value]
    return value
