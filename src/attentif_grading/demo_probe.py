"""The demonstration's probe: does the bias metric find the bias that was planted?"""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from attentif.bias import calibration, cluster_bootstrap, fill_mask, log_probability_bias
from attentif.checkpoint import load_model
from attentif.corpus.microcosm import Microcosm
from attentif.corpus.tokenizers import load_tokenizer


def probe_bias(folder: Path, language: str) -> dict[str, Any]:
    """Measured log-odds of the feminine pronoun for every occupation, against the planted ones.

    The scale is that of the planted bias: lp(feminine) − lp(masculine) at the pronoun's mask (the raw
    score), averaged over the templates.
    """
    model, tokenizer = load_model(folder), load_tokenizer(folder)
    world = Microcosm(language)
    masculine, feminine = world.pronouns
    slots = [t.replace("[MASK]", "[TARGET]").replace("{occupation}", "[ATTRIBUTE]") for t in world.templates]
    measured: dict[str, float] = {}
    errors: list[float] = []
    occupations: list[str] = []
    for occupation, planted in world.planted.items():
        raw = [
            log_probability_bias(model, tokenizer, slot, feminine, masculine, occupation).raw
            for slot in slots
        ]
        measured[occupation] = sum(raw) / len(raw)
        errors += [score - planted for score in raw]
        occupations += [occupation] * len(raw)
    example = world.templates[0].format(occupation=next(iter(world.planted)))
    answers = fill_mask(model, tokenizer, example, k=5)[0]
    return {
        "planted": world.planted,
        "measured": measured,
        "calibration": _finite(asdict(calibration(list(world.planted.values()), list(measured.values())))),
        # Measured minus planted, resampled by occupation: 0 within the interval means no systematic error.
        "error": asdict(cluster_bootstrap(errors, occupations)),
        "example": {"sentence": example, "answers": [list(answer) for answer in answers]},
    }


def _finite(values: dict[str, float]) -> dict[str, float | None]:
    """JSON has no infinity: a size that is never detected is null."""
    return {name: value if math.isfinite(value) else None for name, value in values.items()}
