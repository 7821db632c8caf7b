"""Models put together from a list of layers, for checks that look at parameters and not at what a model computes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import nn


class OwnNorm(nn.Module):
    """A normalisation that is not one of torch's: what counts here are its two vectors."""

    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width))


KINDS: dict[str, Callable[..., Any]] = {
    "linear": nn.Linear,
    "linear_without_bias": lambda n_inputs, n_outputs: nn.Linear(n_inputs, n_outputs, bias=False),
    "embedding": nn.Embedding,
    "norm": nn.LayerNorm,
    "own_norm": OwnNorm,
    "vector": lambda width: nn.Parameter(torch.zeros(width)),
}


def assembled_model(
    layers: Mapping[str, Sequence[Any]],
    ties: Mapping[str, str] | None = None,
    frozen: Sequence[str] = (),
) -> nn.Module:
    """A module with these layers.

    Args:
        layers: dotted name → [a name of `KINDS`, sizes …].
        ties: dotted name → that of the layer or parameter that stands there too.
        frozen: layers and parameters that need no gradient.
    """
    model = nn.Module()
    for name, (kind, *sizes) in layers.items():
        _put(model, name, KINDS[kind](*sizes))
    for name, same in (ties or {}).items():
        _put(model, name, _at(model, same))
    for name in frozen:
        _at(model, name).requires_grad_(False)
    return model


def library_model(kind: str, **sizes: Any) -> nn.Module:
    """A model of this library: MaskedLM, CausalLM …"""
    import attentif  # not above: the library's models are no part of the checks

    return getattr(attentif, kind)(attentif.ModelConfig(**sizes))


def _put(model: nn.Module, name: str, thing: Any) -> None:
    *places, last = name.split(".")
    for place in places:
        if not hasattr(model, place):
            model.add_module(place, nn.Module())
        model = getattr(model, place)
    setattr(model, last, thing)


def _at(model: nn.Module, name: str) -> Any:
    found: Any = model
    for place in name.split("."):
        found = getattr(found, place)
    return found


FACTORIES: dict[str, Callable[..., Any]] = {
    "assembled_model": assembled_model,
    "library_model": library_model,
}
