"""Stored inputs of the public checks: small models with layers and heads, built by recipe where the code runs."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request
from attentif_grading.layered_oracle import LayeredSetting
from attentif_grading.masked_oracle import UNKNOWN

PRONOUNS = ("il", "elle")
# By case: the original text, the counterfactual one, the two words, the heads.
VALUES = {
    "middle": ("le chat lit , [MASK] dort", "le juge lit , [MASK] dort", PRONOUNS, [(1, 0)]),
    "first": ("[MASK] lit un livre", "[MASK] lit un chat", PRONOUNS, [(0, 1)]),
    "last": ("une infirmière est une , et [MASK] lit", "une boulangère est une , et [MASK] lit", ("elle", "il"), [(2, 1)]),
    "several": (
        "la juge dort vite , et [MASK] .", "le chat lit vite , et [MASK] .", ("lit", "dort"),
        [(1, 1), (0, 0), (2, 0), (0, 1)],
    ),
    "training": ("un chat et [MASK]", "un livre et [MASK]", PRONOUNS, [(1, 1)]),
}  # fmt: skip
CAMEMBERT = {
    "camembert": (
        "une infirmière lit , [MASK]",
        "une boulangère lit , [MASK]",
        ("vite", "et"),
        [(0, 0), (1, 1)],
    )
}
TEXTS = VALUES["middle"][:2]
# What is refused does not depend on the model.
REFUSED = {
    "refuses_layer": (*TEXTS, PRONOUNS, [(0, 0), (3, 0)]),
    "refuses_head": (*TEXTS, PRONOUNS, [(0, 2)]),
    "refuses_negative": (*TEXTS, PRONOUNS, [(1, -1)]),
    "refuses_none": (*TEXTS, PRONOUNS, []),
    "refuses_lengths": ("il lit , [MASK] dort", "il dort [MASK] et lit un chat", PRONOUNS, [(0, 0)]),
    "refuses_places": ("le chat [MASK] dort", "[MASK] le chat dort", PRONOUNS, [(0, 0)]),
    "refuses_word": (*TEXTS, ("il", UNKNOWN), [(0, 0)]),
    "refuses_cut": (*TEXTS, ("il", "danseuse"), [(0, 0)]),
}


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name, the stored ones, or with a generator others of the same kind; positional, as in head_effect(model, tokenizer, original, counterfactual, words, heads)."""
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
