"""Stored inputs of the public checks: small models and tokenizers, built by recipe where the code runs.

The pairs differ in length, in one place or two, in whole words or in pieces of words; words come twice.
"""

from __future__ import annotations

import numpy as np

from attentif.checks.masked_scoring import KINDS
from attentif.checks.pair_scoring import DEFINITIONS
from attentif.checks.values import Request
from attentif_grading.masked_oracle import Setting
from attentif_grading.pair_oracle import crossed_pair

PAIRS = [
    ("il est juge .", "elle est juge ."),
    ("une danseuse lit et lit un livre", "un chat lit et lit un livre"),
    ("le infirmier dort , vite", "la infirmière dort , vite"),
    ("elle lit", "il lit"),
]
AGAIN = [
    ("elle lit le livre", "elle dort vite"),
    ("il dort", "elle dort"),
    ("elle lit le livre", "elle dort vite"),
]
ADDED = [("il lit un livre", "il lit vite un livre"), *PAIRS[:2], ("elle et soignantes", "elle et")]
# By case: the pairs and the options.
VALUES = {definition: (PAIRS, {"kind": definition}) for definition in DEFINITIONS}
VALUES |= {
    "by_default": (PAIRS[2:], {}),
    "one_by_one": (AGAIN, {"kind": "unmodified", "batch_size": 1}),
    "three_by_three": (AGAIN, {"kind": "modified", "batch_size": 3}),
    "two_by_two": (AGAIN, {"kind": "aula", "batch_size": 2}),
    "added": (ADDED, {"kind": "modified"}),
    "training": (PAIRS[:2], {"kind": "unmodified"}),
}
CAMEMBERT = {
    f"camembert_{definition}": (PAIRS[1:3], {"kind": definition}) for definition in ("unmodified", "modified")
}
# What is refused does not depend on the model.
REFUSED = {
    "refuses_nothing": ([], {}),
    "refuses_equal": ([*PAIRS[:2], ("il dort", "il dort")], {}),
    "refuses_kind": (PAIRS[:1], {"kind": "both"}),
}
OFFICIAL = ("unmodified", "modified")


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name, the stored ones, or with a generator others of the same kind; positional, as in pair_scores(model, tokenizer, pairs, ...)."""
    asked = {f"{name}_{kind}": (kind, *given) for kind in KINDS for name, given in VALUES.items()}
    asked |= {name: ("camembert", *given) for name, given in CAMEMBERT.items()}
    asked |= {name: ("attentif", *given) for name, given in REFUSED.items()}
    asked |= {
        f"official_{name}_{kind}": (kind, PAIRS[:1], {"kind": name, "official": True})
        for kind in KINDS
        for name in OFFICIAL
    }
    requests = {}
    for number, (name, (kind, pairs, options)) in enumerate(asked.items()):
        drawn_by = rng or np.random.default_rng(number)
        setting = Setting.drawn(drawn_by, kind, training=name.startswith("training"), looks=True)
        if options.get("official"):
            pairs = [*pairs, crossed_pair(setting, ["le"], ["chat", "juge"], ["dort", "vite", "."])]
        requests[name] = Request(args=(*setting.recipes, list(pairs)), kwargs=dict(options))
    return requests
