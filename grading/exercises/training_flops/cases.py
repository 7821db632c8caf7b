"""Stored inputs of the public checks: small runs, and those of known models."""

from __future__ import annotations

from attentif.checks.values import Request


def cases() -> dict[str, Request]:
    """Requests by name, each (n_parameters, n_tokens)."""
    runs = {
        "few_weights": (7, 110),
        "few_tokens": (1_300, 17),
        "one_token": (5, 1),
        "larger": (1_000_000, 900),
        # 40 passes over 3.3 billion words.
        "bert_base": (110_000_000, 132_000_000_000),
        "gpt3": (175_000_000_000, 300_000_000_000),
    }
    return {name: Request(args=arguments) for name, arguments in runs.items()}
