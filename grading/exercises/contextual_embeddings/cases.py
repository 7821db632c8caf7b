"""Stored inputs of the public checks: small models with layers, built by recipe where the code runs."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request
from attentif_grading.layered_oracle import LayeredSetting
from attentif_grading.masked_oracle import UNKNOWN

# By case: the sentences, their words, how many sentences a batch. Where nothing else is said, the sentences of a case have
# equally many tokens, and no word of it stands in another one.
VALUES = {
    "whole": (["le juge dort vite", "elle lit un livre", "et une juge lit"], ["juge", "livre", "lit"], 32),
    "alone": (["chat"], ["chat"], 32),
    "one_word": (["le chat dort", "chat et juge"], "chat", 32),
    "pieces": (
        ["une infirmière dort .", "soignantes et juge", "lit une boulangère ."],
        ["infirmière", "soignantes", "boulangère"],
        32,
    ),
    "after_pieces": (["une infirmière lit un livre"], ["livre"], 32),
    "twice": (["le chat lit et le chat dort", "la juge est la juge et dort"], ["chat", "juge"], 32),
    "inside": (["une danseuse lit un livre"], ["un"], 32),
    "shared": (["un infirmier et une infirmière"], ["infirmière"], 32),
    "unequal": (["et la juge lit un livre", "chat", "il dort ."], ["livre", "chat", "dort"], 32),
    "batches": (
        ["il lit .", "et la juge lit un livre", "chat", "une danseuse dort", "le chat est vite ."],
        ["lit", "juge", "chat", "danseuse", "vite"],
        2,
    ),
    "training": (["le chat et la juge"], ["juge"], 32),
}
CAMEMBERT = {
    "camembert": (["la boulangère dort , et lit", "une danseuse est juge"], ["boulangère", "danseuse"], 32)
}
# What is refused does not depend on the model.
REFUSED = {
    "refuses_unknown": ([f"il {UNKNOWN} dort"], UNKNOWN, 32),
    "refuses_missing": (["il lit un livre"], ["chat"], 32),
    "refuses_count": (["il dort", "elle lit"], ["il"], 32),
    "refuses_none": ([], [], 32),
}


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name, the stored ones, or with a generator others of the same kind; positional, as in contextual_embeddings(model, tokenizer, sentences, words, batch_size)."""
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
