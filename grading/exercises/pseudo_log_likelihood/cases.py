"""Stored inputs of the public checks: small models and tokenizers, built by recipe where the code runs."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request
from attentif_grading.masked_oracle import Setting

# Of different lengths, one of them a single token, in no order of length; words come twice, and so does a sentence.
FOUR = ["le chat et le livre .", "vite", "elle est une infirmière .", "il dort"]
AGAIN = ["il lit", "une danseuse dort et lit .", "il lit", "un livre"]
# By case: the sentences and the options.
VALUES = {
    "values": (FOUR, {}),
    "one_by_one": (AGAIN, {"batch_size": 1}),
    "four_by_four": (AGAIN, {"batch_size": 4}),
    "seven_by_seven": (FOUR, {"batch_size": 7}),
    "within": (["une soignantes et un infirmier .", "elle dort"], {"within_word": True}),
    "within_one_word": (["danseuse"], {"within_word": True, "batch_size": 2}),
    "whole_words": (["il lit un livre ."], {"within_word": True}),
    "training": (["la boulangère et il", "chat"], {}),
}
CAMEMBERT = {
    "camembert": (["une boulangère lit", "il dort ."], {}),
    "camembert_within": (["une boulangère et un infirmier", "soignantes"], {"within_word": True}),
}
# What is refused does not depend on the model.
REFUSED = {
    "refuses_nothing": [],
    "refuses_string": "vite",
    "refuses_empty_sentence": ["il dort", ""],
    "refuses_mask": ["il dort", "elle [MASK] ."],
}


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name, the stored ones, or with a generator others of the same kind; positional, as in pseudo_log_likelihood(model, tokenizer, sentences, ...)."""
    asked = {f"{name}_attentif": ("attentif", *given) for name, given in VALUES.items()}
    asked |= {f"{name}_transformers": ("transformers", *given) for name, given in VALUES.items()}
    asked |= {name: ("camembert", *given) for name, given in CAMEMBERT.items()}
    asked |= {name: ("attentif", sentences, {}) for name, sentences in REFUSED.items()}
    requests = {}
    for number, (name, (kind, sentences, options)) in enumerate(asked.items()):
        drawn_by = rng or np.random.default_rng(number)
        setting = Setting.drawn(drawn_by, kind, training=name.startswith("training"))
        requests[name] = Request(args=(*setting.recipes, sentences), kwargs=dict(options))
    return requests
