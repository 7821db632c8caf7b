"""Stored inputs of the public checks: small models and tokenizers, built by recipe where the code runs."""

from __future__ import annotations

import numpy as np

from attentif.checks.masked_scoring import KINDS
from attentif.checks.values import Request
from attentif_grading.masked_oracle import UNKNOWN, Setting

# By case: the text, the two words.
VALUES = {
    "first": ("[MASK] est juge .", "il", "elle"),
    "inside": ("une danseuse et [MASK] lit un livre", "elle", "il"),
    "last": ("le chat lit un [MASK]", "livre", "juge"),
    "alone": ("[MASK]", "dort", "lit"),
    "repeated": ("il dort et [MASK] dort.", "il", "elle"),
    "training": ("le juge et [MASK] lit .", "elle", "il"),
}
CAMEMBERT = {
    "camembert": ("la infirmière , [MASK] dort", "il", "elle"),
    "camembert_last": ("elle lit le [MASK]", "chat", "livre"),
}
# What is refused does not depend on the model.
REFUSED = {
    "refuses_cut_first": ("[MASK] est juge .", "infirmier", "elle"),
    "refuses_cut_second": ("le juge est une [MASK]", "elle", "danseuse"),
    "refuses_unknown_first": ("[MASK] est juge .", UNKNOWN, "elle"),
    "refuses_unknown_second": ("[MASK] est juge .", "il", UNKNOWN),
    "refuses_no_mask": ("il est juge .", "il", "elle"),
    "refuses_two_masks": ("[MASK] est [MASK] .", "il", "elle"),
}


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name, the stored ones, or with a generator others of the same kind; positional, as in log_odds(model, tokenizer, template, first, second)."""
    asked = {f"{name}_{kind}": (kind, words) for kind in KINDS for name, words in VALUES.items()}
    asked |= {name: ("camembert", words) for name, words in CAMEMBERT.items()}
    asked |= {name: ("attentif", words) for name, words in REFUSED.items()}
    requests = {}
    for number, (name, (kind, words)) in enumerate(asked.items()):
        drawn_by = rng or np.random.default_rng(number)
        setting = Setting.drawn(drawn_by, kind, training=name.startswith("training"))
        requests[name] = Request(args=(*setting.recipes, *words))
    return requests
