"""Stored inputs of the public checks: small models with layers and heads, built by recipe where the code runs."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request
from attentif_grading.layered_oracle import LayeredSetting
from attentif_grading.masked_oracle import UNKNOWN

# By case: the sentence, the word that looks, those that are looked at.
VALUES = {
    "plain": ("le chat lit et il dort", "il", ["chat"]),
    "two": ("elle lit un livre , vite", "elle", ["livre", "un"]),
    "pieces_to": ("une infirmière lit et il dort", "il", ["infirmière"]),
    "pieces_from": ("et la danseuse lit un livre", "danseuse", ["livre"]),
    "last_word": ("il lit , un chat et il dort", "il", ["chat"]),
    "first_candidate": ("un chat et un chat , elle dort", "elle", ["chat"]),
    "training": ("la juge lit et elle dort", "elle", ["juge"]),
}
CAMEMBERT = {"camembert": ("une boulangère est la danseuse", "danseuse", ["boulangère", "est"])}
# What is refused does not depend on the model.
REFUSED = {
    "refuses_unknown": (f"il lit un {UNKNOWN}", "il", [UNKNOWN]),
    "refuses_missing": ("il lit un livre", "il", ["chat"]),
    "refuses_none": ("il lit un livre", "il", []),
}


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name, the stored ones, or with a generator others of the same kind; positional, as in attention_to(model, tokenizer, sentence, word, candidates)."""
    asked = {f"{name}_attentif": ("attentif", given) for name, given in VALUES.items()}
    asked |= {f"{name}_transformers": ("transformers", given) for name, given in VALUES.items()}
    asked |= {name: ("camembert", given) for name, given in CAMEMBERT.items()}
    asked |= {name: ("attentif", given) for name, given in REFUSED.items()}
    requests = {}
    for number, (name, (kind, given)) in enumerate(asked.items()):
        drawn_by = rng or np.random.default_rng(number)
        setting = LayeredSetting.drawn(drawn_by, kind, training=name.startswith("training"))
        requests[name] = Request(args=(*setting.recipes, *given))
    return requests
