"""Wrong training steps outside the catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import math
from contextlib import nullcontext

import torch

from attentif import StepResult, clip_gradients


def _step(
    model,
    pieces,
    objective,
    optimizer,
    rate,
    max_norm=1.0,
    scaler=None,
    dtype=None,
    *,
    share=lambda count, total: count / max(1, total),
    sign=1.0,
    clip=clip_gradients,
    finish=None,
):
    """A right step, with places to go wrong."""
    counts = [objective.counts(piece) for piece in pieces]
    totals = {term: sum(count[term] for count in counts) for term in counts[0]}
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.zero_grad()
    total = 0.0
    for piece, count in zip(pieces, counts, strict=True):
        with torch.autocast("cpu", dtype) if dtype else nullcontext():
            means = objective(model, piece)
        loss = sign * sum(means[term] * share(count[term], totals[term]) for term in means)
        (scaler.scale(loss) if scaler else loss).backward()
        total += loss.item()
    if scaler:
        scaler.unscale_(optimizer)
    norm = float(clip(list(model.parameters()), max_norm))
    if finish:
        finish(optimizer)
    elif scaler:
        scaler.step(optimizer)
    elif math.isfinite(norm):
        optimizer.step()
    if scaler:
        scaler.update()
    return StepResult(total, norm, not math.isfinite(norm))


def uphill(*args, **kwargs):
    return _step(*_in_order(args, kwargs), sign=-1.0)


def _in_order(args, kwargs):
    names = ("model", "micro_batches", "objective", "optimizer", "learning_rate", "max_norm", "scaler")
    given = dict(zip(names, args, strict=False)) | kwargs
    return [given[name] for name in names[:6]] + [given.get("scaler"), given.get("autocast_dtype")]


def roots_of_the_shares(*args, **kwargs):
    return _step(*_in_order(args, kwargs), share=lambda count, total: math.sqrt(count / max(1, total)))


def clipped_by_the_sum_of_absolute_values(*args, **kwargs):
    def clip(parameters, max_norm):
        every = [p.grad for p in parameters if p.grad is not None]
        norm = torch.cat([g.flatten() for g in every]).norm()
        size = sum(g.abs().sum() for g in every)
        for g in every:
            g *= min(1.0, max_norm / float(size))
        return norm

    return _step(*_in_order(args, kwargs), clip=clip)


def clipped_by_the_largest_entry(*args, **kwargs):
    def clip(parameters, max_norm):
        return torch.nn.utils.clip_grad_norm_(parameters, max_norm, norm_type=math.inf)

    return _step(*_in_order(args, kwargs), clip=clip)


def error_where_nothing_is_finite(*args, **kwargs):
    def clip(parameters, max_norm):
        return torch.nn.utils.clip_grad_norm_(parameters, max_norm, error_if_nonfinite=True)

    return _step(*_in_order(args, kwargs), clip=clip)


def weights_moved_by_hand(*args, **kwargs):
    def finish(optimizer):
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None and bool(parameter.grad.isfinite().all()):
                    parameter.data -= group["lr"] * parameter.grad

    return _step(*_in_order(args, kwargs), finish=finish)


def two_steps(*args, **kwargs):
    def finish(optimizer):
        optimizer.step()
        optimizer.step()

    return _step(*_in_order(args, kwargs), finish=finish)


def no_step(*args, **kwargs):
    return _step(*_in_order(args, kwargs), finish=lambda optimizer: None)


def last_piece_left_out(*args, **kwargs):
    given = _in_order(args, kwargs)
    given[1] = given[1][:-1] or given[1]
    return _step(*given)


def always_bfloat16(*args, **kwargs):
    given = _in_order(args, kwargs)
    return _step(*given[:7], torch.bfloat16 if given[7] else None)


def rate_per_piece(*args, **kwargs):
    given = _in_order(args, kwargs)
    given[4] /= len(given[1])
    return _step(*given)


def unscaled_twice(*args, **kwargs):
    given = _in_order(args, kwargs)
    scaler = given[6]

    def clip(parameters, max_norm):
        if scaler is not None:
            for parameter in parameters:
                parameter.grad /= scaler.get_scale()
        return clip_gradients(parameters, max_norm)

    return _step(*given, clip=clip)


def squared_norm(*args, **kwargs):
    result = _step(*_in_order(args, kwargs))
    return StepResult(result.loss, result.gradient_norm**2, result.skipped)


def a_tuple(*args, **kwargs):
    result = _step(*_in_order(args, kwargs))
    return result.loss, result.gradient_norm, result.skipped


def means_added_and_clipped_at_one(*args, **kwargs):
    return _step(
        *_in_order(args, kwargs),
        share=lambda count, total: 1.0,
        clip=lambda parameters, max_norm: clip_gradients(parameters, 1.0),
    )


OUTSIDE = {
    uphill: (),
    roots_of_the_shares: (),
    clipped_by_the_sum_of_absolute_values: (),
    clipped_by_the_largest_entry: (),
    error_where_nothing_is_finite: (),
    weights_moved_by_hand: (),
    two_steps: ("step_without_the_scaler", "skipped_said_but_applied"),
    no_step: (),
    last_piece_left_out: (),
    always_bfloat16: (),
    rate_per_piece: (),
    unscaled_twice: (),
    squared_norm: (),
    a_tuple: (),
    means_added_and_clipped_at_one: ("sum_of_means", "max_norm_ignored"),
}
