"""Stored inputs of the public checks: small models, each with something that a split can get wrong."""

from __future__ import annotations

import numpy as np

from attentif.checks.public.parameter_groups import split_request
from attentif.checks.values import Request

PLACES = {
    "hidden": ("middle", "inner", "second"),
    "output": ("top", "result", "above"),
    "below": ("early", "lower", "under"),
    "block": ("layer", "stage", "part"),
    "after": ("later", "again", "outer"),
    "first": ("one", "start", "front"),
}


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    plain = {"hidden": ["linear", 4, 6], "norm": ["norm", 6], "output": ["linear", 6, 3]}
    embeddings = {"token_embedding": ["embedding", 7, 4], "position_embedding": ["embedding", 5, 4]}
    block = {"block.first": ["linear", 4, 8], "block.second": ["linear_without_bias", 8, 4]}
    requests = {
        "plain": split_request(plain, 0.3),
        "embeddings": split_request(embeddings | block | {"final_norm": ["norm", 4]}, 0.2),
        "tied": split_request(
            {"token_embedding": ["embedding", 7, 4]} | block | {"head": ["linear", 4, 7]},
            0.2,
            ties={"head.weight": "token_embedding.weight"},
        ),
        "shared": split_request(
            block | {"norm": ["norm", 4], "block.third": ["linear", 4, 4]},
            0.4,
            ties={"after": "block.first", "head": "block.third"},
        ),
        "frozen": split_request(
            {"below": ["linear", 3, 4], "norm_below": ["norm", 4]} | plain,
            0.15,
            frozen=("below", "norm_below", "output.bias"),
        ),
        "other_names": split_request(
            {
                "h0.ln_1": ["norm", 4],
                "h0.c_attn": ["linear", 4, 12],
                "h0.normaliser": ["linear", 4, 4],
                "ln_f": ["norm", 4],
                "debias": ["linear_without_bias", 4, 2],
            },
            0.25,
        ),
        "own_parts": split_request(
            {
                "first": ["linear", 4, 5],
                "norm": ["own_norm", 5],
                "scale": ["vector", 5],
                "head_bias": ["vector", 7],
            },
            0.35,
        ),
    }
    return requests if rng is None else {name: _twin(rng, request) for name, request in requests.items()}


def _twin(rng: np.random.Generator, request: Request) -> Request:
    """The same layers in other sizes, the places where names say nothing under other names, and another decay."""
    given = request.kwargs["model"].arguments
    # The last layers stay small: how many numbers a matrix has does not tell whether it decays.
    more = int(rng.integers(1, 4))
    sizes = {2: 3, 3: 2} | {size: size + more for size in range(4, 13)}
    places = {place: str(rng.choice(others)) for place, others in PLACES.items()}

    def named(name: str) -> str:
        return ".".join(places.get(place, place) for place in name.split("."))

    layers = {named(n): [kind, *(sizes[s] for s in of)] for n, (kind, *of) in given["layers"].items()}
    ties = {named(name): named(same) for name, same in given["ties"].items()}
    frozen = [named(name) for name in given["frozen"]]
    return split_request(layers, float(np.round(rng.uniform(0.05, 0.45), 3)), ties, frozen)
