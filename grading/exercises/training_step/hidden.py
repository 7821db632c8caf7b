"""Hidden checks of training_step, against the gradient of the whole batch, taken at once in float64."""

from __future__ import annotations

import math

import numpy as np
import torch

from attentif.checks.engine import CheckSet
from attentif.checks.step_requests import (
    ROUGH,
    check_finite_loss,
    check_left_alone,
    check_numbers,
    check_plain,
    check_scale,
    check_skipped,
    check_weights,
    step_request,
)
from attentif.checks.text import text
from attentif_grading.salt import rng_for

CHECKS = CheckSet("training_step")
NAME = "training_step"
TERMS = ("masked", "is_next", "order")


def _state(rng, n_inputs=4, n_hidden=3, n_outputs=1, dtype=np.float64, idle=False):
    shapes = {
        "hidden_weight": (n_hidden, n_inputs),
        "hidden_bias": (n_hidden,),
        "output_weight": (n_outputs, n_hidden),
        "output_bias": (n_outputs,),
    }
    shapes |= {"idle": (2, 3)} if idle else {}
    return {name: (0.6 * rng.normal(size=shape)).astype(dtype) for name, shape in shapes.items()}


def _pieces(rng, counts, n_outputs=1, n_inputs=4, dtype=np.float64):
    """Pieces whose outputs have these numbers of targets, at random places; the first means are far apart."""
    made = []
    for number, n in enumerate(counts):
        wanted = np.broadcast_to(n, n_outputs)
        n_rows = int(max(1, wanted.max())) + int(rng.integers(3))
        counted = np.stack([rng.permutation(n_rows) < m for m in wanted], axis=1)
        targets = rng.normal(size=(n_rows, n_outputs)) + rng.uniform(1.5, 3.0) * (-1) ** number
        x = rng.normal(size=(n_rows, n_inputs))
        made.append({"x": x.astype(dtype), "targets": targets.astype(dtype), "counted": counted})
    return made


def _whole_batch(state, pieces):
    """(loss, gradients) of all rows together: each output's mean over its targets, added."""
    leaves = {n: torch.from_numpy(a.astype(np.float64)).requires_grad_() for n, a in state.items()}
    x, targets, counted = (
        torch.from_numpy(np.concatenate([piece[name] for piece in pieces]))
        for name in ("x", "targets", "counted")
    )
    inner = torch.tanh(torch.einsum("bi,hi->bh", x.double(), leaves["hidden_weight"]) + leaves["hidden_bias"])
    output = torch.einsum("bh,oh->bo", inner, leaves["output_weight"]) + leaves["output_bias"]
    errors = (output - targets.double()) ** 2
    loss = sum(errors[counted[:, o], o].mean() for o in range(errors.shape[1]) if counted[:, o].any())
    found = torch.autograd.grad(loss, list(leaves.values()), materialize_grads=True)
    return loss.item(), {name: g.numpy() for name, g in zip(leaves, found, strict=True)}


def _norm(gradients):
    return math.sqrt(sum(float((g**2).sum()) for g in gradients.values()))


def _moved(state, gradients, rate, max_norm):
    """The weights after a step of plain gradient descent."""
    factor = min(1.0, max_norm / _norm(gradients))
    return {
        name: (array - rate * factor * gradients[name]).astype(array.dtype) for name, array in state.items()
    }


def _agrees(student, state, pieces, *, rate, max_norm=1e3, **kwargs):
    """A step must move the weights as the whole batch does; (outcome, request, expected numbers)."""
    request = step_request(state, pieces, rate=rate, max_norm=max_norm, **kwargs)
    outcome = student.run(request)
    loss, gradients = _whole_batch(state, pieces)
    check_weights(outcome, request, _moved(state, gradients, rate, max_norm))
    return outcome, request, {"loss": loss, "gradient_norm": _norm(gradients)}


@CHECKS.check(
    points=0.5,
    title=text("unseen batches in one piece", "de nouveaux lots en un morceau"),
    hint=text(
        "Every group of the optimizer has a learning rate of its own; there may be more than two.",
        "Chaque groupe de l'optimiseur a son taux d'apprentissage ; il peut y en avoir plus de deux.",
    ),
)
def one_piece(student, cases):
    rng = rng_for(NAME, "one_piece")
    _agrees(student, _state(rng), _pieces(rng, (5,)), rate=0.2, old_rates=(3.0, 9.0, 5.0))
    state, old = _state(rng, idle=True), float(rng.uniform(0.5, 1.5))
    _agrees(student, state, _pieces(rng, (3,)), rate=0.15, old_gradient=old)
    _agrees(student, state, _pieces(rng, (1,)), rate=0.15)


@CHECKS.check(
    points=0.75,
    needs=("one_piece",),
    title=text("unseen batches in several pieces", "de nouveaux lots en plusieurs morceaux"),
    hint=text(
        "However a batch is cut, the step is the same: try one batch whole, then in pieces.",
        "L'étape est la même, de quelque façon que le lot soit coupé : essayez un même lot entier, puis en morceaux.",
    ),
)
def several_pieces(student, cases):
    rng = rng_for(NAME, "several_pieces")
    for counts in ((1, 6), (2, 5, 1, 3), (4, 0, 2)):
        _agrees(student, _state(rng), _pieces(rng, counts), rate=0.1)


@CHECKS.check(
    points=0.25,
    needs=("several_pieces",),
    title=text("three terms on unseen batches", "trois termes sur de nouveaux lots"),
    hint=text(
        "Each term is a mean over its own targets of the whole batch, which may be none.",
        "Chaque terme est une moyenne sur ses propres cibles du lot entier, où il peut n'y en avoir aucune.",
    ),
)
def terms(student, cases):
    rng = rng_for(NAME, "terms")
    for counts in (((1, 4, 2), (5, 1, 3), (0, 2, 4)), ((2, 0, 1), (1, 0, 4))):
        state, pieces = _state(rng, n_outputs=3), _pieces(rng, counts, n_outputs=3)
        outcome, request, _ = _agrees(student, state, pieces, rate=0.1, terms=TERMS)
        check_finite_loss(outcome, request)


@CHECKS.check(
    points=0.25,
    needs=("one_piece",),
    title=text(
        "norms below and above max_norm, and no limit", "normes sous max_norm et au-dessus, et sans limite"
    ),
    hint=text(
        "A gradient no longer than max_norm is left as it is; max_norm may be infinite.",
        "Un gradient pas plus long que max_norm reste tel quel ; max_norm peut être infini.",
    ),
)
def clipping(student, cases):
    rng = rng_for(NAME, "clipping")
    state = _state(rng, n_inputs=5, n_hidden=2)
    # In several pieces the limit is far below and the pieces are equal: their weights are asked about elsewhere.
    for counts, shares in (((4,), (0.4, 0.99, 1.01, 3.0, math.inf)), ((3, 3), (0.05, 0.3))):
        pieces = _pieces(rng, counts, n_inputs=5)
        norm = _norm(_whole_batch(state, pieces)[1])
        for share in shares:
            _agrees(student, state, pieces, rate=0.3, max_norm=share * norm)


@CHECKS.check(
    points=0.25,
    needs=("several_pieces",),
    title=text("loss, norm and skipped on unseen batches", "perte, norme et skipped sur de nouveaux lots"),
    hint=text(
        "The loss is the one whose gradient is taken; the norm is that of its gradient, before clipping.",
        "La perte est celle dont on prend le gradient ; la norme est celle de son gradient, avant écrêtage.",
    ),
)
def result(student, cases):
    rng = rng_for(NAME, "result")
    for max_norm in (1e3, 0.2):
        state, pieces = _state(rng), _pieces(rng, (2, 1, 4))
        outcome, request, expected = _agrees(student, state, pieces, rate=0.1, max_norm=max_norm)
        check_numbers(outcome, request, expected)
        check_skipped(outcome, request, False)
        check_plain(outcome, request)


@CHECKS.check(
    points=0.25,
    needs=("one_piece",),
    title=text("with AdamW as optimizer", "avec AdamW comme optimiseur"),
    hint=text(
        "The optimizer makes the step, by its own rule: you give it gradients and a learning rate.",
        "C'est l'optimiseur qui fait l'étape, selon sa propre règle : vous lui donnez des gradients et un taux.",
    ),
)
def another_optimizer(student, cases):
    rng = rng_for(NAME, "another_optimizer")
    state, pieces, rate, decay, eps = _state(rng), _pieces(rng, (3, 1, 5)), 0.05, 0.3, 0.02
    request = step_request(state, pieces, rate=rate, max_norm=0.5, kind="AdamW", weight_decay=decay, eps=eps)
    _, gradients = _whole_batch(state, pieces)
    factor = min(1.0, 0.5 / _norm(gradients))
    # From a state of zeros, the first step of Adam divides each gradient by its own size.
    clipped = {name: factor * g for name, g in gradients.items()}
    expected = {
        name: array * (1 - rate * decay) - rate * clipped[name] / (np.abs(clipped[name]) + eps)
        for name, array in state.items()
    }
    check_weights(student.run(request), request, expected)


@CHECKS.check(
    points=0.25,
    needs=("clipping",),
    title=text(
        "scalers of several scales, on unseen batches", "plusieurs échelles de scaler, sur de nouveaux lots"
    ),
    hint=text(
        "Neither the weights, nor the loss, nor the norm may depend on the scaler's scale.",
        "Ni les poids, ni la perte, ni la norme ne doivent dépendre de l'échelle du scaler.",
    ),
)
def scaler(student, cases):
    rng = rng_for(NAME, "scaler")
    for scale, max_norm in ((2.0**20, 0.5), (2.0**23, 1e3)):
        state, pieces = _state(rng, dtype=np.float32), _pieces(rng, (4,), dtype=np.float32)
        outcome, request, expected = _agrees(
            student, state, pieces, rate=0.1, max_norm=max_norm, half=True, scale=scale
        )
        check_numbers(outcome, request, expected, scale=ROUGH)
        check_skipped(outcome, request, False)
        check_scale(outcome, request, 2 * scale)


@CHECKS.check(
    points=0.25,
    needs=("one_piece",),
    title=text(
        "overflows and damaged examples in unseen batches",
        "débordements et exemples abîmés dans de nouveaux lots",
    ),
    hint=text(
        "One entry of the gradient that is not finite is enough to leave all weights alone.",
        "Il suffit d'un élément du gradient qui n'est pas fini pour ne toucher à aucun poids.",
    ),
)
def not_finite(student, cases):
    rng = rng_for(NAME, "not_finite")
    state, pieces = _state(rng, dtype=np.float32), _pieces(rng, (3, 2), dtype=np.float32)
    request = step_request(state, pieces, half=True, scale=2.0**55)
    check_scale(check_left_alone(student, request), request, 2.0**54)
    for bad in (math.nan, math.inf):
        state, pieces = _state(rng), _pieces(rng, (2, 3, 1))
        piece = pieces[int(rng.integers(3))]
        piece["targets"][np.flatnonzero(piece["counted"])[0]] = bad
        check_left_alone(student, step_request(state, pieces, max_norm=2.0))


@CHECKS.check(
    points=0.25,
    needs=("one_piece",),
    title=text("autocast to float16, with a scaler", "autocast en float16, avec un scaler"),
    hint=text(
        "The dtype of the autocast is the one that is given.",
        "Le dtype de l'autocast est celui que l'on donne.",
    ),
)
def autocast(student, cases):
    rng = rng_for(NAME, "autocast")
    for dtype, factor, scale in (("float16", 3.0, 2.0**16), ("bfloat16", 4.0, None)):
        state, pieces = _state(rng, dtype=np.float32), _pieces(rng, (3,), dtype=np.float32)
        request = step_request(state, pieces, rate=0.05, max_norm=1e4, autocast=dtype, scale=scale)
        outcome = student.run(request)
        loss, gradients = _whole_batch(state, pieces)
        # What SmallObjective makes of a forward pass in this dtype, and of a way back in float32.
        check_weights(
            outcome,
            request,
            _moved(state, {name: factor * g for name, g in gradients.items()}, 0.05, 1e4),
        )
        check_numbers(
            outcome, request, {"loss": factor * loss, "gradient_norm": factor * _norm(gradients)}, scale=ROUGH
        )
