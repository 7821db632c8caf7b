"""Stored inputs of the public checks: small models and tokenizers, built by recipe where the code runs."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request
from attentif_grading.masked_oracle import UNKNOWN, Setting

# By case: the template, the two words, the attribute.
VALUES = {
    "target_first": ("[TARGET] est [ATTRIBUTE] .", "il", "elle", "juge"),
    "target_first_more": ("et [TARGET] lit un livre , [ATTRIBUTE]", "elle", "il", "vite"),
    "attribute_first": ("la [ATTRIBUTE] lit et [TARGET] dort.", "il", "elle", "juge"),
    "side_by_side": ("le [ATTRIBUTE] [TARGET]", "dort", "lit", "chat"),
    "pieces_after": ("[TARGET] est une [ATTRIBUTE] .", "il", "elle", "soignantes"),
    "pieces_before": ("une [ATTRIBUTE] , [TARGET] lit et dort", "elle", "il", "infirmière"),
    "training": ("le [ATTRIBUTE] et [TARGET] .", "elle", "il", "juge"),
}
CAMEMBERT = {
    "camembert": ("le [ATTRIBUTE] , [TARGET] dort", "il", "elle", "chat"),
    "camembert_pieces": ("[TARGET] est une [ATTRIBUTE] .", "elle", "il", "boulangère"),
}
# What is refused does not depend on the model.
REFUSED = {
    "refuses_cut_first": ("[TARGET] est [ATTRIBUTE] .", "infirmier", "elle", "juge"),
    "refuses_cut_second": ("[ATTRIBUTE] est [TARGET] .", "elle", "danseuse", "juge"),
    "refuses_unknown_first": ("[TARGET] est [ATTRIBUTE] .", UNKNOWN, "elle", "juge"),
    "refuses_unknown_second": ("[TARGET] est [ATTRIBUTE] .", "il", UNKNOWN, "juge"),
    "refuses_unknown_attribute": ("[TARGET] est [ATTRIBUTE] .", "il", "elle", UNKNOWN),
    "refuses_no_target": ("il est [ATTRIBUTE] .", "il", "elle", "juge"),
    "refuses_no_attribute": ("[TARGET] est juge .", "il", "elle", "juge"),
    "refuses_target_twice": ("[TARGET] et [TARGET] , [ATTRIBUTE]", "il", "elle", "juge"),
}


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name, the stored ones, or with a generator others of the same kind; positional, as in log_probability_bias(model, tokenizer, template, first, second, attribute)."""
    asked = {f"{name}_attentif": ("attentif", words) for name, words in VALUES.items()}
    asked |= {f"{name}_transformers": ("transformers", words) for name, words in VALUES.items()}
    asked |= {name: ("camembert", words) for name, words in CAMEMBERT.items()}
    asked |= {name: ("attentif", words) for name, words in REFUSED.items()}
    requests = {}
    for number, (name, (kind, words)) in enumerate(asked.items()):
        drawn_by = rng or np.random.default_rng(number)
        setting = Setting.drawn(drawn_by, kind, training=name.startswith("training"))
        requests[name] = Request(args=(*setting.recipes, *words))
    return requests
