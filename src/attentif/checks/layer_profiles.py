"""Reading and comparing a LayerSimilarity, the result of layer_similarity, whatever holds its numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from attentif.checks.compare import Mismatch, describe, match, require, value_of
from attentif.checks.text import text
from attentif.checks.values import Outcome, Record, Request

FIELDS = ("within", "across", "static", "baseline")


def profiles_of(value: object) -> dict[str, np.ndarray] | None:
    """The four profiles, None if the value is not made of them."""
    fields = value.fields if isinstance(value, Record) else value
    if not isinstance(fields, Mapping) or not set(FIELDS) <= set(fields):
        return None
    found = {name: fields[name] for name in FIELDS}
    return (
        found
        if all(isinstance(each, np.ndarray) and each.dtype.kind == "f" for each in found.values())
        else None
    )


def check_profiles(
    outcome: Outcome, expected: Mapping[str, np.ndarray], request: Request, *names: str
) -> None:
    """These profiles must be the expected ones: NaN where there is nothing to average, and nowhere else."""
    value = value_of(outcome, request)
    found = profiles_of(value)
    made = f"LayerSimilarity({', '.join(f'{name}=...' for name in FIELDS)})"
    wanted = text(f"{made} of four tensors (L + 1,)", f"{made}, quatre tenseurs (L + 1,)")
    require(found is not None, wanted, describe(value))
    for name in names:
        if not np.isnan(expected[name]).all():
            # It may have been computed in single precision and be returned in double.
            match(found[name], expected[name], exact_dtype=False, of_parts=True, where=name)
        elif found[name].shape != expected[name].shape or not np.isnan(found[name]).all():
            shown = f"{found[name].tolist()!s:.60}"
            raise Mismatch(
                text(f"{name} = NaN in each layer: there are no such pairs", f"{name} = NaN à chaque couche : il n'y a pas de telles paires"),
                text(shown, shown),
            )  # fmt: skip
