"""Stored inputs of the public checks: sizes without a common factor, and those of known models."""

from __future__ import annotations

from attentif.checks.values import Request


def cases() -> dict[str, Request]:
    """Requests by name, each (n_layers, d_model, vocab_size)."""
    sizes = {
        "three_blocks": (3, 8, 50),
        "one_block": (1, 6, 11),
        "wide": (2, 20, 7),
        "bert_base": (12, 768, 30_522),
        "gpt2_xl": (48, 1_600, 50_257),
        "gpt3": (96, 12_288, 50_257),
    }
    return {name: Request(args=arguments) for name, arguments in sizes.items()}
