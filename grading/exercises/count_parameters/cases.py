"""Stored inputs of the public checks: sizes without a common factor, and those of known models."""

from __future__ import annotations

import numpy as np

from attentif.checks.values import Request
from attentif_grading.other_inputs import other_size


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name, each (n_layers, d_model, vocab_size)."""
    sizes = {
        "three_blocks": (3, 8, 50),
        "one_block": (1, 6, 11),
        "wide": (2, 20, 7),
        "bert_base": (12, 768, 30_522),
        "gpt2_xl": (48, 1_600, 50_257),
        "gpt3": (96, 12_288, 50_257),
    }
    if rng is not None:
        # A width keeps its common factor with the number of heads, and a model of one block its one block.
        sizes = {
            name: (
                n_layers if n_layers == 1 else other_size(rng, n_layers),
                other_size(rng, width, 64 if width > 64 else 2),
                other_size(rng, vocab_size),
            )
            for name, (n_layers, width, vocab_size) in sizes.items()
        }
    return {name: Request(args=arguments) for name, arguments in sizes.items()}
