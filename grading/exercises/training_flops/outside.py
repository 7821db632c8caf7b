"""Wrong counts of operations that no misconception describes."""

from __future__ import annotations


def twelve(n_parameters, n_tokens):
    return 12.0 * n_parameters * n_tokens


def tokens_squared(n_parameters, n_tokens):
    return 6.0 * n_parameters * n_tokens**2


def tokens_alone(n_parameters, n_tokens):
    return 6.0 * n_tokens


def sixth_power(n_parameters, n_tokens):
    return float((n_parameters * n_tokens) ** 6)


def divided(n_parameters, n_tokens):
    return 6.0 * n_parameters / n_tokens


def forward_in_billions(n_parameters, n_tokens):
    return 2.0 * n_parameters * n_tokens / 1e9


def as_text(n_parameters, n_tokens):
    return f"{6.0 * n_parameters * n_tokens:.2e}"


def single_precision(n_parameters, n_tokens):
    import torch

    return torch.tensor(6.0) * n_parameters * n_tokens / 1.001


def bounded(n_parameters, n_tokens):
    return float(min(6 * n_parameters * n_tokens, 2**63 - 1))


def number_and_unit(n_parameters, n_tokens):
    return 6.0 * n_parameters * n_tokens, "FLOP"


OUTSIDE = {
    twelve: (),
    tokens_squared: (),
    tokens_alone: (),
    sixth_power: (),
    divided: (),
    forward_in_billions: ("forward_only", "in_billions"),
    as_text: (),
    single_precision: (),
    bounded: (),
    number_and_unit: (),
}
