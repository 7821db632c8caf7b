"""Stored inputs of the public checks: steps of a small model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attentif.checks.step_requests import step_request
from attentif.checks.student import LocalStudent
from attentif.checks.values import Request
from attentif.pretraining import training_step

INPUTS, HIDDEN = 3, 2
# For each row of a piece, which outputs have a target there.
ONE, NONE = [True], [False]
THREE_PIECES = ([ONE, NONE, NONE], [ONE, ONE, ONE, ONE, NONE], [ONE, ONE, NONE])
FIRST, SECOND, BOTH, NEITHER = [True, False], [False, True], [True, True], [False, False]
TWO_TERMS = ("masked", "is_next")


# Between these lies the length of the gradient: above max_norm where it is to be clipped, elsewhere far below it,
# however length is measured.
LENGTHS = {
    **dict.fromkeys(
        ("one_piece", "old_gradients", "unused", "pieces", "terms", "no_target", "empty_piece"), (1.5, 15.0)
    ),
    "clipped": (2.0, 15.0),
    "scaled": (2.0, 15.0),
}


def cases(rng: np.random.Generator | None = None) -> dict[str, Request]:
    """Requests by name: the stored ones, or with a generator others of the same kind."""
    requests = _drawn(rng or np.random.default_rng(20_172))
    if rng is not None:
        while wrong := [name for name in LENGTHS if not _is_between(requests[name], *LENGTHS[name])]:
            again = _drawn(rng)
            requests |= {name: again[name] for name in wrong}
    return requests


def _is_between(request: Request, least: float, most: float) -> bool:
    """Whether the length of the gradient is; where it is to be clipped, that of each piece alone too."""
    pieces = request.kwargs["micro_batches"]
    tried = [pieces, *([piece] for piece in pieces if request.kwargs["max_norm"] < least)]
    return all(least < _length(request, each) < most for each in tried)


def _length(request: Request, pieces: list[dict[str, np.ndarray]]) -> float:
    """The length of the gradient of these pieces."""
    asked = replace(request, kwargs=request.kwargs | {"micro_batches": pieces})
    return LocalStudent(training_step).run(asked).value["returned"].fields["gradient_norm"]


def _drawn(rng: np.random.Generator) -> dict[str, Request]:
    """Requests by name.

    Pieces have unequal numbers of targets where that is asked about: elsewhere a wrong division costs nothing.
    """

    def state(n_outputs: int = 1, idle: bool = False, dtype: str = "float64") -> dict[str, np.ndarray]:
        shapes = {
            "hidden_weight": (HIDDEN, INPUTS),
            "hidden_bias": (HIDDEN,),
            "output_weight": (n_outputs, HIDDEN),
            "output_bias": (n_outputs,),
        }
        shapes |= {"idle": (2,)} if idle else {}
        return {name: (0.7 * rng.normal(size=shape)).astype(dtype) for name, shape in shapes.items()}

    def piece(counted: list[list[bool]], dtype: str = "float64") -> dict[str, np.ndarray]:
        mask = np.array(counted)
        targets = rng.normal(size=mask.shape) + rng.uniform(-3.0, 3.0, (1, mask.shape[1]))
        x = rng.normal(size=(len(mask), INPUTS))
        return {"x": x.astype(dtype), "targets": targets.astype(dtype), "counted": mask}

    def pieces(*rows: list[list[bool]], dtype: str = "float64") -> list[dict[str, np.ndarray]]:
        return [piece(counted, dtype) for counted in rows]

    narrow = {"dtype": "float32"}
    damaged = pieces([ONE, NONE, ONE])
    damaged[0]["targets"][2] = np.nan
    in_two_terms = pieces([FIRST, BOTH, NEITHER], [SECOND, SECOND, BOTH, BOTH], [FIRST, NEITHER])
    return {
        "one_piece": step_request(state(), pieces([ONE, ONE, NONE, ONE])),
        "old_gradients": step_request(state(idle=True), pieces([ONE, NONE, ONE]), old_gradient=0.8),
        "unused": step_request(state(idle=True), pieces([ONE, ONE])),
        "pieces": step_request(state(), pieces(*THREE_PIECES)),
        "terms": step_request(state(2), in_two_terms, terms=TWO_TERMS),
        "no_target": step_request(state(2), pieces([FIRST, FIRST], [NEITHER, FIRST]), terms=TWO_TERMS),
        "clipped": step_request(state(), pieces([ONE, NONE, ONE], [ONE, ONE]), max_norm=0.4),
        "scaled": step_request(
            state(**narrow), pieces([ONE, ONE, NONE, ONE], **narrow), max_norm=0.6, half=True, scale=2.0**20
        ),
        "overflow": step_request(
            state(**narrow), pieces([ONE, NONE, ONE], **narrow), half=True, scale=2.0**50
        ),
        "damaged": step_request(state(), damaged),
        "autocast": step_request(
            state(**narrow),
            pieces([ONE, ONE, NONE], **narrow),
            autocast="bfloat16",
            max_norm=1e4,
            rate=0.02,
        ),
        "empty_piece": step_request(state(), pieces([ONE, ONE], [NONE, NONE], [ONE, NONE])),
    }
