"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import math

import torch

from attentif import StepResult
from attentif_grading.exercises import variant


@variant
def scaler_that_may_be_off(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    device = next(model.parameters()).device.type
    scaler = scaler or torch.amp.GradScaler(device, enabled=False)
    n_targets = {}
    for batch in micro_batches:
        for term, n in objective.counts(batch).items():
            n_targets[term] = n_targets.get(term, 0) + n
    optimizer.zero_grad(set_to_none=True)
    total = 0.0
    for batch in micro_batches:
        n = objective.counts(batch)
        with torch.autocast(
            device, dtype=autocast_dtype or torch.bfloat16, enabled=autocast_dtype is not None
        ):
            loss = 0.0
            for term, mean in objective(model, batch).items():
                if n_targets[term]:
                    loss = loss + mean * n[term] / n_targets[term]
        scaler.scale(loss).backward()
        total += loss.item()
    scaler.unscale_(optimizer)
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm).item()
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    if math.isfinite(norm) or scaler.is_enabled():
        scaler.step(optimizer)
    scaler.update()
    return StepResult(loss=total, gradient_norm=norm, skipped=not math.isfinite(norm))


@variant
def one_backward_for_all(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group.update(lr=learning_rate)
    model.zero_grad(set_to_none=False)
    sums, n = {}, {}
    for batch in micro_batches:
        with torch.autocast(
            next(model.parameters()).device.type, autocast_dtype, enabled=bool(autocast_dtype)
        ):
            means = objective(model, batch)
        for term, count in objective.counts(batch).items():
            sums[term] = sums.get(term, 0.0) + count * means[term]
            n[term] = n.get(term, 0) + count
    loss = sum(total / max(n[term], 1) for term, total in sums.items())
    if scaler is None:
        loss.backward()
    else:
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.cat([gradient.flatten() for gradient in gradients]).norm()
    if norm > max_norm:
        torch._foreach_mul_(gradients, max_norm / norm.item())
    skipped = not bool(torch.isfinite(norm))
    if scaler is not None:
        scaler.step(optimizer)
        scaler.update()
    elif not skipped:
        optimizer.step()
    return StepResult(loss.item(), norm.item(), skipped)


@variant
def gradients_added_by_hand(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    parameters = [p for p in model.parameters() if p.requires_grad]
    counts = list(map(objective.counts, micro_batches))
    added, losses = [None] * len(parameters), []
    for piece, count in zip(micro_batches, counts, strict=True):
        with torch.autocast(
            parameters[0].device.type, dtype=autocast_dtype, enabled=autocast_dtype is not None
        ):
            means = objective(model, piece)
        shares = {term: n / (sum(other[term] for other in counts) or 1) for term, n in count.items()}
        loss = torch.stack([shares[term] * means[term] for term in shares]).sum()
        losses.append(loss.item())
        loss = loss if scaler is None else scaler.scale(loss)
        for index, gradient in enumerate(torch.autograd.grad(loss, parameters, allow_unused=True)):
            if gradient is not None:
                added[index] = gradient if added[index] is None else added[index] + gradient
    for parameter, gradient in zip(parameters, added, strict=True):
        parameter.grad = gradient
    if scaler is not None:
        scaler.unscale_(optimizer)
    norm = math.sqrt(sum(float(p.grad.square().sum()) for p in parameters if p.grad is not None))
    factor = max_norm / norm if norm > max_norm else 1.0
    for parameter in parameters:
        if parameter.grad is not None:
            parameter.grad *= factor
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    if math.isfinite(norm):
        optimizer.step()
    if scaler is not None:
        scaler.update()
    return StepResult(math.fsum(losses), norm, not math.isfinite(norm))


@variant
def scale_looked_at(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    model.train()
    optimizer.zero_grad()
    for i in range(len(optimizer.param_groups)):
        optimizer.param_groups[i]["lr"] = learning_rate
    all_counts = [objective.counts(piece) for piece in micro_batches]
    totals = {term: sum(counts[term] for counts in all_counts) for term in all_counts[0]}
    reported = torch.zeros((), dtype=torch.float64)
    for i, piece in enumerate(micro_batches):
        if autocast_dtype is None:
            terms = objective(model, piece)
        else:
            device = next(iter(piece.values())).device
            with torch.autocast(device.type, autocast_dtype):
                terms = objective(model, piece)
        loss = sum(terms[term] * (all_counts[i][term] / max(1, totals[term])) for term in terms)
        reported += loss.detach().cpu()
        (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    every = [p for group in optimizer.param_groups for p in group["params"]]
    norm = torch.nn.utils.clip_grad_norm_(every, max_norm, foreach=False)
    if scaler:
        before = scaler.get_scale()
        scaler.step(optimizer)
        scaler.update()
        return StepResult(reported.item(), norm.item(), scaler.get_scale() < before)
    if norm.isnan() or norm.isinf():
        return StepResult(reported.item(), norm.item(), True)
    optimizer.step()
    return StepResult(reported.item(), norm.item(), False)
