"""Wrong implementations that students really write, each with what it computes instead.

What is not at stake in them stands in helpers: those at the top for the first versions, those with the names of
tensors for the second ones, which send all pieces back at once and clip by hand.
"""

from __future__ import annotations

import math
from contextlib import nullcontext

import torch

from attentif import StepResult, clip_gradients
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("old_gradients", "mean_of_means", "clipped_before_unscaling", "norm_after_clipping")


def _shares(objective, micro_batches):
    """The share of each term's targets that a piece has, piece by piece."""
    counts = [objective.counts(piece) for piece in micro_batches]
    totals = {term: max(1, sum(count[term] for count in counts)) for term in counts[0]}
    return [{term: count[term] / totals[term] for term in count} for count in counts]


def _weighted(model, objective, piece, shares, autocast_dtype):
    """A piece's part of the loss of the batch."""
    device = next(model.parameters()).device.type
    with torch.autocast(device, autocast_dtype) if autocast_dtype else nullcontext():
        return sum(shares[term] * mean for term, mean in objective(model, piece).items())


def _backward(loss, scaler):
    if scaler is None:
        loss.backward()
    else:
        scaler.scale(loss).backward()
    return loss.item()


def _start(optimizer, learning_rate):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    optimizer.zero_grad()


def _unscale_and_clip(model, optimizer, max_norm, scaler):
    if scaler is not None:
        scaler.unscale_(optimizer)
    return float(clip_gradients(model.parameters(), max_norm))


def _apply(optimizer, scaler, norm):
    """The optimizer's step unless the gradient is not finite; whether it was skipped."""
    if scaler is not None:
        scaler.step(optimizer)
        scaler.update()
    elif math.isfinite(norm):
        optimizer.step()
    return not math.isfinite(norm)


def _tensor_of_losses(model, objective, micro_batches, autocast_dtype):
    """The weighted losses of all pieces (n,), still with their graphs."""
    enabled, kind = autocast_dtype is not None, next(model.parameters()).device.type
    with torch.autocast(kind, dtype=autocast_dtype or torch.bfloat16, enabled=enabled):
        means = [objective(model, piece) for piece in micro_batches]
    n = {term: torch.tensor([float(objective.counts(p)[term]) for p in micro_batches]) for term in means[0]}
    parts = [
        torch.stack([m[term] for m in means]) * (n[term] / n[term].sum().clamp(min=1)).to(means[0][term])
        for term in n
    ]
    return torch.stack(parts).sum(0)


def _tensor_of_gradients(model):
    """All gradients as one long vector."""
    return torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])


def _shorten(model, norm, max_norm):
    if norm > max_norm:
        for p in model.parameters():
            if p.grad is not None:
                p.grad.mul_(max_norm / norm)


@misconception(
    "old_gradients",
    en="gradients that the model held before your step still count: clear them (zero_grad) before the "
    "first backward, not after the step only",
    fr="les gradients que le modèle portait avant votre étape comptent encore : effacez-les (zero_grad) "
    "avant le premier backward, et pas seulement après l'étape",
)
def old_gradients(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(old_gradients)
def old_gradients_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    skipped = _apply(optimizer, scaler, norm)
    optimizer.zero_grad()
    return StepResult(loss.item(), norm, skipped)


@misconception(
    "cleared_in_the_loop",
    en="you clear the gradients before each piece: only the last piece's gradient is left; clear them "
    "once, before the loop",
    fr="vous effacez les gradients avant chaque morceau : seul reste le gradient du dernier ; effacez-les "
    "une fois, avant la boucle",
)
def cleared_in_the_loop(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        optimizer.zero_grad()
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(cleared_in_the_loop)
def cleared_in_the_loop_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    losses = _tensor_of_losses(model, objective, micro_batches, autocast_dtype)
    for loss in losses:
        for p in model.parameters():
            p.grad = None
        (loss if scaler is None else scaler.scale(loss)).backward(retain_graph=True)
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    return StepResult(losses.sum().item(), norm, _apply(optimizer, scaler, norm))


@misconception(
    "sum_of_means",
    en="you add the mean losses of the pieces as they are: the gradient grows with their number; each mean "
    "must count by the piece's share of the targets",
    fr="vous additionnez telles quelles les pertes moyennes des morceaux : le gradient grandit avec leur "
    "nombre ; chaque moyenne doit compter selon la part de cibles du morceau",
)
def sum_of_means(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece in micro_batches:
        ones = dict.fromkeys(objective.counts(piece), 1.0)
        total += _backward(_weighted(model, objective, piece, ones, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(sum_of_means)
def sum_of_means_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    kind = next(model.parameters()).device.type
    means = []
    for piece in micro_batches:
        with torch.autocast(kind, dtype=autocast_dtype or torch.bfloat16, enabled=autocast_dtype is not None):
            means += objective(model, piece).values()
    loss = torch.stack(means).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(loss.item(), norm, skipped)


@misconception(
    "mean_of_means",
    en="you divide by the number of pieces, but they have unequal numbers of targets: weigh each mean by "
    "the targets of the piece over the targets of all pieces",
    fr="vous divisez par le nombre de morceaux, or ils n'ont pas autant de cibles les uns que les autres : "
    "pondérez chaque moyenne par les cibles du morceau sur celles de tous les morceaux",
)
def mean_of_means(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece in micro_batches:
        equal = dict.fromkeys(objective.counts(piece), 1 / len(micro_batches))
        total += _backward(_weighted(model, objective, piece, equal, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(mean_of_means)
def mean_of_means_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    kind = next(model.parameters()).device.type
    means = []
    for piece in micro_batches:
        with torch.autocast(kind, dtype=autocast_dtype or torch.bfloat16, enabled=autocast_dtype is not None):
            means.append(sum(objective(model, piece).values()))
    loss = torch.stack(means).mean()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(loss.item(), norm, skipped)


@misconception(
    "divided_twice",
    en="you divide twice: the pieces' shares of the targets already add up to 1; do not divide by the "
    "number of pieces as well",
    fr="vous divisez deux fois : les parts de cibles des morceaux ont déjà pour somme 1 ; ne divisez pas "
    "en plus par le nombre de morceaux",
)
def divided_twice(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        loss = _weighted(model, objective, piece, shares, autocast_dtype) / len(micro_batches)
        total += _backward(loss, scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(divided_twice)
def divided_twice_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype).mean()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(loss.item(), norm, skipped)


@misconception(
    "sum_over_targets",
    en="your loss is a sum over the targets: divide each term by its number of targets in all pieces",
    fr="votre perte est une somme sur les cibles : divisez chaque terme par son nombre de cibles dans tous "
    "les morceaux",
)
def sum_over_targets(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece in micro_batches:
        counts = objective.counts(piece)
        total += _backward(_weighted(model, objective, piece, counts, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(sum_over_targets)
def sum_over_targets_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    kind = next(model.parameters()).device.type
    sums = []
    for piece in micro_batches:
        with torch.autocast(kind, dtype=autocast_dtype or torch.bfloat16, enabled=autocast_dtype is not None):
            means = objective(model, piece)
        sums += [means[term] * n for term, n in objective.counts(piece).items()]
    loss = torch.stack(sums).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(loss.item(), norm, skipped)


@misconception(
    "terms_mixed",
    en="you weigh all terms of a piece by one share: each term has its own numbers of targets, and so its "
    "own share",
    fr="vous pondérez tous les termes d'un morceau par une seule part : chaque terme a ses propres nombres "
    "de cibles, donc sa propre part",
)
def terms_mixed(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    sizes = [sum(objective.counts(piece).values()) for piece in micro_batches]
    total = 0.0
    for piece, size in zip(micro_batches, sizes, strict=True):
        shares = dict.fromkeys(objective.counts(piece), size / max(1, sum(sizes)))
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(terms_mixed)
def terms_mixed_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    kind = next(model.parameters()).device.type
    loss, n_targets = 0.0, 0
    for piece in micro_batches:
        with torch.autocast(kind, dtype=autocast_dtype or torch.bfloat16, enabled=autocast_dtype is not None):
            mean = torch.stack(list(objective(model, piece).values())).sum()
        n = torch.tensor(list(objective.counts(piece).values())).sum()
        loss, n_targets = loss + mean * n, n_targets + n
    loss = loss / n_targets
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(loss.item(), norm, skipped)


@misconception(
    "one_term_only",
    en="you train on the first term of the loss only: add all the terms that the objective gives",
    fr="vous n'entraînez que sur le premier terme de la perte : additionnez tous les termes que donne "
    "l'objectif",
)
def one_term_only(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        first = {term: share if term == next(iter(shares)) else 0.0 for term, share in shares.items()}
        total += _backward(_weighted(model, objective, piece, first, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(one_term_only)
def one_term_only_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    kind = next(model.parameters()).device.type
    losses, sizes = [], []
    for piece in micro_batches:
        with torch.autocast(kind, dtype=autocast_dtype or torch.bfloat16, enabled=autocast_dtype is not None):
            (term, mean), *_ = objective(model, piece).items()
        losses.append(mean)
        sizes.append(float(objective.counts(piece)[term]))
    loss = torch.stack(losses) @ torch.tensor(sizes).to(losses[0]) / max(1.0, sum(sizes))
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(loss.item(), norm, skipped)


@misconception(
    "division_by_no_target",
    en="your code divides by 0 when a term has no target in the whole batch: such a term counts 0",
    fr="votre code divise par 0 quand un terme n'a aucune cible dans tout le lot : un tel terme compte "
    "pour 0",
)
def division_by_no_target(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    counts = [objective.counts(piece) for piece in micro_batches]
    totals = {term: sum(count[term] for count in counts) for term in counts[0]}
    total = 0.0
    for piece, count in zip(micro_batches, counts, strict=True):
        shares = {term: count[term] / totals[term] for term in count}
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(division_by_no_target)
def division_by_no_target_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    kind = next(model.parameters()).device.type
    sums, n = {}, {}
    for piece in micro_batches:
        with torch.autocast(kind, dtype=autocast_dtype or torch.bfloat16, enabled=autocast_dtype is not None):
            means = objective(model, piece)
        for term, number in objective.counts(piece).items():
            sums[term] = sums.get(term, 0.0) + number * means[term]
            n[term] = n.get(term, 0) + number
    loss = sum(sums[term] * (1 / n[term]) for term in sums)
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(loss.item(), norm, skipped)


@misconception(
    "no_target_makes_nan",
    en="when a term has no target in the whole batch, the loss that you report is NaN, 0 divided by 0: such a term counts 0",
    fr="quand un terme n'a aucune cible dans tout le lot, la perte que vous renvoyez est NaN, 0 divisé par 0 : un tel terme compte pour 0",
)
def no_target_makes_nan(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    counts = [objective.counts(piece) for piece in micro_batches]
    totals = {term: sum(count[term] for count in counts) for term in counts[0]}
    total, device = 0.0, next(model.parameters()).device.type
    for piece, count in zip(micro_batches, counts, strict=True):
        with torch.autocast(device, autocast_dtype) if autocast_dtype else nullcontext():
            means = objective(model, piece)
            loss = sum(mean * count[term] / totals[term] for term, mean in means.items())
        total += _backward(loss, scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(no_target_makes_nan)
def no_target_makes_nan_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    kind = next(model.parameters()).device.type
    sums, n = {}, {}
    for piece in micro_batches:
        with torch.autocast(kind, dtype=autocast_dtype or torch.bfloat16, enabled=autocast_dtype is not None):
            means = objective(model, piece)
        for term, number in objective.counts(piece).items():
            sums[term] = sums.get(term, 0.0) + number * means[term]
            n[term] = n.get(term, 0) + number
    loss = sum(total / n[term] for term, total in sums.items())
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(loss.item(), norm, skipped)


@misconception(
    "empty_piece_fails",
    en="your code stops at a piece without any target: the sum of no term is the number 0, which has no backward(); such a "
    "piece adds nothing to the gradient",
    fr="votre code s'arrête sur un morceau sans aucune cible : la somme d'aucun terme est le nombre 0, qui n'a pas de backward() ; "
    "un tel morceau n'ajoute rien au gradient",
)
def empty_piece_fails(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total, device = 0.0, next(model.parameters()).device.type
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        with torch.autocast(device, autocast_dtype) if autocast_dtype else nullcontext():
            means = objective(model, piece)
            loss = sum(share * means[term] for term, share in shares.items() if share > 0)
        total += _backward(loss, scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(empty_piece_fails)
def empty_piece_fails_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    kind, reported = next(model.parameters()).device.type, 0.0
    counts = [objective.counts(piece) for piece in micro_batches]
    n = {term: sum(count[term] for count in counts) for term in counts[0]}
    for piece, count in zip(micro_batches, counts, strict=True):
        loss = None
        with torch.autocast(kind, dtype=autocast_dtype or torch.bfloat16, enabled=autocast_dtype is not None):
            for term, mean in objective(model, piece).items():
                if count[term]:
                    part = mean * (count[term] / n[term])
                    loss = part if loss is None else loss + part
        (scaler.scale(loss) if scaler else loss).backward()
        reported += loss.item()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    return StepResult(reported, norm, _apply(optimizer, scaler, norm))


@misconception(
    "not_clipped",
    en="the step is made with the whole gradient, however long: clip it before the optimizer's step, not "
    "after",
    fr="l'étape se fait avec le gradient entier, aussi long soit-il : écrêtez-le avant l'étape de "
    "l'optimiseur, et non après",
)
def not_clipped(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, math.inf, scaler)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(not_clipped)
def not_clipped_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    skipped = _apply(optimizer, scaler, norm)
    torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    return StepResult(loss.item(), norm, skipped)


@misconception(
    "clipped_before_unscaling",
    en="you clip a gradient that is still multiplied by the scaler's scale: call "
    "scaler.unscale_(optimizer) first",
    fr="vous écrêtez un gradient encore multiplié par l'échelle du scaler : appelez d'abord "
    "scaler.unscale_(optimizer)",
)
def clipped_before_unscaling(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
    norm = float(clip_gradients(model.parameters(), max_norm))
    if scaler is not None:
        scaler.unscale_(optimizer)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(clipped_before_unscaling)
def clipped_before_unscaling_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(loss.item(), norm, skipped)


@misconception(
    "clipped_by_value",
    en="you cut each entry of the gradient at max_norm: clipping is by the norm of all gradients together, "
    "which keeps the direction",
    fr="vous coupez chaque élément du gradient à max_norm : on écrête selon la norme de tous les gradients "
    "ensemble, ce qui garde la direction",
)
def clipped_by_value(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, math.inf, scaler)
    torch.nn.utils.clip_grad_value_(model.parameters(), max_norm)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(clipped_by_value)
def clipped_by_value_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    for p in model.parameters():
        if p.grad is not None:
            p.grad.clamp_(-max_norm, max_norm)
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(loss.item(), norm, skipped)


@misconception(
    "clipped_parameter_by_parameter",
    en="you clip each parameter by its own norm: the norm is that of all gradients together, and one "
    "factor shortens them all",
    fr="vous écrêtez chaque paramètre selon sa propre norme : la norme est celle de tous les gradients "
    "ensemble, et un même facteur les multiplie tous",
)
def clipped_parameter_by_parameter(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, math.inf, scaler)
    for parameter in model.parameters():
        clip_gradients([parameter], max_norm)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(clipped_parameter_by_parameter)
def clipped_parameter_by_parameter_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    for p in model.parameters():
        if p.grad is not None and p.grad.norm() > max_norm:
            p.grad = p.grad / p.grad.norm() * max_norm
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(loss.item(), norm, skipped)


@misconception(
    "clipped_piece_by_piece",
    en="you clip inside the loop, before all pieces are in: clip once, the gradient of the whole batch",
    fr="vous écrêtez dans la boucle, avant que tous les morceaux soient passés : écrêtez une seule fois, "
    "le gradient du lot entier",
)
def clipped_piece_by_piece(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    scale = 1.0 if scaler is None else scaler.get_scale()
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
        norm = float(clip_gradients(model.parameters(), max_norm * scale)) / scale
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(clipped_piece_by_piece)
def clipped_piece_by_piece_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    losses = _tensor_of_losses(model, objective, micro_batches, autocast_dtype)
    scale = scaler.get_scale() if scaler else 1.0
    for loss in losses.unbind():
        (scaler.scale(loss) if scaler else loss).backward(retain_graph=True)
        norm = _tensor_of_gradients(model).norm().item() / scale
        _shorten(model, norm, max_norm)
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(losses.sum().item(), norm, skipped)


@misconception(
    "always_rescaled",
    en="you bring every gradient to the norm max_norm, short ones too: only a longer one is shortened, the "
    "factor is at most 1",
    fr="vous ramenez tout gradient à la norme max_norm, même un court : on n'écrête qu'un gradient plus "
    "long, le facteur vaut au plus 1",
)
def always_rescaled(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, math.inf, scaler)
    for parameter in model.parameters():
        if parameter.grad is not None:
            parameter.grad *= max_norm / (norm + 1e-6)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(always_rescaled)
def always_rescaled_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    torch._foreach_mul_([p.grad for p in model.parameters() if p.grad is not None], max_norm / norm)
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(loss.item(), norm, skipped)


@misconception(
    "max_norm_ignored",
    en="you clip at 1.0 whatever is asked: clip at max_norm",
    fr="vous écrêtez à 1,0 quoi qu'on demande : écrêtez à max_norm",
)
def max_norm_ignored(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, 1.0, scaler)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(max_norm_ignored)
def max_norm_ignored_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0).item()
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(loss.item(), norm, skipped)


@misconception(
    "rate_too_late",
    en="the step is made with the learning rate that the optimizer had before: write learning_rate into "
    "its param_groups, before optimizer.step()",
    fr="l'étape se fait avec le taux d'apprentissage que l'optimiseur avait avant : écrivez learning_rate "
    "dans ses param_groups, avant optimizer.step()",
)
def rate_too_late(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    optimizer.zero_grad()
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    skipped = _apply(optimizer, scaler, norm)
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    return StepResult(total, norm, skipped)


@again(rate_too_late)
def rate_too_late_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    optimizer.lr = learning_rate
    optimizer.defaults["lr"] = learning_rate
    model.zero_grad()
    loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(loss.item(), norm, skipped)


@misconception(
    "rate_of_the_first_group",
    en="only the first group of the optimizer gets the learning rate: set it in all of "
    "optimizer.param_groups",
    fr="seul le premier groupe de l'optimiseur reçoit le taux d'apprentissage : changez-le dans tous ceux "
    "de optimizer.param_groups",
)
def rate_of_the_first_group(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    optimizer.param_groups[0]["lr"] = learning_rate
    optimizer.zero_grad()
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(rate_of_the_first_group)
def rate_of_the_first_group_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for index, group in enumerate(optimizer.param_groups):
        group["lr"] = group["lr"] if index else learning_rate
    model.zero_grad()
    loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(loss.item(), norm, skipped)


@misconception(
    "rate_as_a_factor",
    en="you multiply the optimizer's rate by learning_rate: learning_rate is the rate itself, it replaces "
    "the old one",
    fr="vous multipliez le taux de l'optimiseur par learning_rate : learning_rate est le taux lui-même, il "
    "remplace l'ancien",
)
def rate_as_a_factor(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] *= learning_rate
    optimizer.zero_grad()
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(rate_as_a_factor)
def rate_as_a_factor_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    rates = [learning_rate * group["lr"] for group in optimizer.param_groups]
    for group, rate in zip(optimizer.param_groups, rates, strict=True):
        group.update(lr=rate)
    model.zero_grad()
    loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(loss.item(), norm, skipped)


@misconception(
    "step_for_each_piece",
    en="you make one step for each piece: add up the gradients of all pieces, then make a single step",
    fr="vous faites une étape par morceau : accumulez les gradients de tous les morceaux, puis faites une "
    "seule étape",
)
def step_for_each_piece(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
        norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
        skipped = _apply(optimizer, scaler, norm)
    return StepResult(total, norm, skipped)


@again(step_for_each_piece)
def step_for_each_piece_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    kind = next(model.parameters()).device.type
    n = [objective.counts(piece) for piece in micro_batches]
    losses = []
    for i, piece in enumerate(micro_batches):
        with torch.autocast(kind, dtype=autocast_dtype or torch.bfloat16, enabled=autocast_dtype is not None):
            means = objective(model, piece)
        loss = sum(means[term] * n[i][term] / max(1, sum(m[term] for m in n)) for term in means)
        (scaler.scale(loss) if scaler else loss).backward()
        losses.append(loss.item())
        if scaler:
            scaler.unscale_(optimizer)
        norm = _tensor_of_gradients(model).norm().item()
        _shorten(model, norm, max_norm)
        skipped = _apply(optimizer, scaler, norm)
    return StepResult(sum(losses), norm, skipped)


@misconception(
    "loss_of_the_last_piece",
    en="the loss that you report is that of the last piece: add up the weighted losses of all pieces",
    fr="la perte que vous renvoyez est celle du dernier morceau : additionnez les pertes pondérées de tous "
    "les morceaux",
)
def loss_of_the_last_piece(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        loss = _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    return StepResult(loss, norm, _apply(optimizer, scaler, norm))


@again(loss_of_the_last_piece)
def loss_of_the_last_piece_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    losses = _tensor_of_losses(model, objective, micro_batches, autocast_dtype)
    (scaler.scale(losses.sum()) if scaler else losses.sum()).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(losses[-1].item(), norm, skipped)


@misconception(
    "loss_averaged_over_pieces",
    en="the loss that you report is the mean of the pieces' losses: add up the weighted ones, whose "
    "gradient you take",
    fr="la perte que vous renvoyez est la moyenne des pertes des morceaux : additionnez les pertes "
    "pondérées, celles dont vous prenez le gradient",
)
def loss_averaged_over_pieces(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    reported = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
        ones = dict.fromkeys(shares, 1.0)
        with torch.no_grad():
            mean = _weighted(model, objective, piece, ones, autocast_dtype)
        reported += mean.item() / len(micro_batches)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    return StepResult(reported, norm, _apply(optimizer, scaler, norm))


@again(loss_averaged_over_pieces)
def loss_averaged_over_pieces_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    kind = next(model.parameters()).device.type
    n = [objective.counts(piece) for piece in micro_batches]
    losses = []
    for i, piece in enumerate(micro_batches):
        with torch.autocast(kind, dtype=autocast_dtype or torch.bfloat16, enabled=autocast_dtype is not None):
            means = objective(model, piece)
        loss = sum(means[term] * n[i][term] / max(1, sum(m[term] for m in n)) for term in means)
        (scaler.scale(loss) if scaler else loss).backward()
        losses.append(sum(mean.item() for mean in means.values()))
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(sum(losses) / len(losses), norm, skipped)


@misconception(
    "scaled_loss_reported",
    en="the loss that you report is multiplied by the scaler's scale: scale it for backward() only",
    fr="la perte que vous renvoyez est multipliée par l'échelle du scaler : ne la multipliez que pour "
    "backward()",
)
def scaled_loss_reported(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        loss = _weighted(model, objective, piece, shares, autocast_dtype)
        if scaler is not None:
            loss = scaler.scale(loss)
        loss.backward()
        total += loss.item()
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(scaled_loss_reported)
def scaled_loss_reported_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    factor = scaler.get_scale() if scaler else 1.0
    loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(loss.item() * factor, norm, skipped)


@misconception(
    "norm_after_clipping",
    en="the norm that you report is that of the clipped gradient: report the one before, which "
    "clip_gradients returns",
    fr="la norme que vous renvoyez est celle du gradient écrêté : renvoyez celle d'avant, que "
    "clip_gradients renvoie",
)
def norm_after_clipping(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
    _unscale_and_clip(model, optimizer, max_norm, scaler)
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.stack([gradient.norm() for gradient in gradients]).norm().item()
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(norm_after_clipping)
def norm_after_clipping_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(loss.item(), min(norm, max_norm), skipped)


@misconception(
    "tensors_returned",
    en="you return tensors: a loss that is a tensor keeps its whole graph in memory and cannot be written "
    "to a file; return numbers, by .item() or float()",
    fr="vous renvoyez des tenseurs : une perte qui est un tenseur garde tout son graphe en mémoire et ne "
    "s'écrit pas dans un fichier ; renvoyez des nombres, par .item() ou float()",
)
def tensors_returned(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        loss = _weighted(model, objective, piece, shares, autocast_dtype)
        _backward(loss, scaler)
        total = total + loss
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(tensors_returned)
def tensors_returned_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(loss.detach(), torch.tensor(norm), skipped)


@misconception(
    "scaler_ignored",
    en="you do not use the scaler: without scaler.scale(loss), small gradients become 0 in float16",
    fr="vous n'utilisez pas le scaler : sans scaler.scale(loss), les petits gradients deviennent nuls en "
    "float16",
)
def scaler_ignored(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), None)
    norm = _unscale_and_clip(model, optimizer, max_norm, None)
    return StepResult(total, norm, _apply(optimizer, None, norm))


@again(scaler_ignored)
def scaler_ignored_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype).sum()
    loss.backward()
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    if math.isfinite(norm):
        optimizer.step()
    return StepResult(loss.item(), norm, not math.isfinite(norm))


@misconception(
    "update_forgotten",
    en="you do not call scaler.update(): its scale never changes, and an overflow comes back at each step",
    fr="vous n'appelez pas scaler.update() : son échelle ne change jamais, et un débordement revient à "
    "chaque étape",
)
def update_forgotten(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    if scaler is not None:
        scaler.step(optimizer)
    elif math.isfinite(norm):
        optimizer.step()
    return StepResult(total, norm, not math.isfinite(norm))


@again(update_forgotten)
def update_forgotten_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    if math.isfinite(norm):
        (scaler or optimizer).step(*[optimizer] * bool(scaler))
    return StepResult(loss.item(), norm, not math.isfinite(norm))


@misconception(
    "step_without_the_scaler",
    en="you call optimizer.step() where there is a scaler: after an overflow it writes NaN into the "
    "weights; scaler.step(optimizer) skips such a step",
    fr="vous appelez optimizer.step() alors qu'il y a un scaler : après un débordement, cela écrit NaN "
    "dans les poids ; scaler.step(optimizer) saute une telle étape",
)
def step_without_the_scaler(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    if scaler is not None or math.isfinite(norm):
        optimizer.step()
    if scaler is not None:
        scaler.update()
    return StepResult(total, norm, not math.isfinite(norm))


@again(step_without_the_scaler)
def step_without_the_scaler_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    skipped = not math.isfinite(norm)
    if scaler:
        optimizer.step()
        scaler.update()
    elif not skipped:
        optimizer.step()
    return StepResult(loss.item(), norm, skipped)


@misconception(
    "skipped_never_true",
    en="you never look whether the gradient is finite: say skipped=True if it is not, and without a scaler "
    "leave the weights as they are",
    fr="vous ne regardez jamais si le gradient est fini : sinon, renvoyez skipped=True et, sans scaler, "
    "laissez les poids tels quels",
)
def skipped_never_true(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    if scaler is not None:
        scaler.step(optimizer)
        scaler.update()
    else:
        optimizer.step()
    return StepResult(total, norm, False)


@again(skipped_never_true)
def skipped_never_true_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm).item()
    _apply(optimizer, scaler, 0.0)
    return StepResult(loss.item(), norm, skipped=False)


@misconception(
    "skipped_by_the_loss",
    en="you look at the loss to tell whether a step is skipped: a finite loss can have a gradient that "
    "overflows; look at the norm of the gradient",
    fr="vous regardez la perte pour dire si une étape est sautée : une perte finie peut avoir un gradient "
    "qui déborde ; regardez la norme du gradient",
)
def skipped_by_the_loss(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    _apply(optimizer, scaler, total)
    return StepResult(total, norm, not math.isfinite(total))


@again(skipped_by_the_loss)
def skipped_by_the_loss_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    skipped = not bool(torch.isfinite(loss))
    if scaler:
        scaler.step(optimizer)
        scaler.update()
    elif not skipped:
        optimizer.step()
    return StepResult(loss.item(), norm, skipped)


@misconception(
    "applied_without_looking",
    en="without a scaler, nothing keeps a NaN from the weights: make the optimizer's step only if the norm "
    "of the gradient is finite, and say skipped=True otherwise",
    fr="sans scaler, rien n'empêche un NaN d'entrer dans les poids : ne faites l'étape de l'optimiseur que "
    "si la norme du gradient est finie, et sinon renvoyez skipped=True",
)
def applied_without_looking(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    if scaler is None:
        optimizer.step()
        return StepResult(total, norm, False)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(applied_without_looking)
def applied_without_looking_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    before = scaler.get_scale() if scaler else None
    if scaler:
        scaler.step(optimizer)
        scaler.update()
    else:
        optimizer.step()
    return StepResult(loss.item(), norm, bool(scaler) and scaler.get_scale() < before)


@misconception(
    "skipped_said_but_applied",
    en="you say skipped=True, and without a scaler the optimizer makes its step all the same: NaN enters the weights; where the "
    "norm of the gradient is not finite, leave them as they are",
    fr="vous renvoyez skipped=True, mais sans scaler l'optimiseur fait quand même son étape : des NaN entrent dans les poids ; là "
    "où la norme du gradient n'est pas finie, laissez-les tels quels",
)
def skipped_said_but_applied(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    if scaler is None:
        optimizer.step()
        return StepResult(total, norm, not math.isfinite(norm))
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(skipped_said_but_applied)
def skipped_said_but_applied_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    _apply(optimizer, scaler, 0.0)
    return StepResult(loss.item(), norm, skipped=norm in (math.inf, -math.inf) or norm != norm)


@misconception(
    "skipped_never_said",
    en="you leave the weights alone where the gradient is not finite, and never say so: skipped is True after such a step, with a "
    "scaler or without",
    fr="vous ne touchez pas aux poids là où le gradient n'est pas fini, mais ne le dites jamais : skipped vaut True après une telle "
    "étape, avec ou sans scaler",
)
def skipped_never_said(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    _apply(optimizer, scaler, norm)
    return StepResult(total, norm, False)


@again(skipped_never_said)
def skipped_never_said_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    if scaler:
        scaler.step(optimizer)
        scaler.update()
    elif norm < math.inf:
        optimizer.step()
    return StepResult(loss.item(), norm, skipped=False)


@misconception(
    "skipped_said_with_a_scaler_only",
    en="without a scaler you leave the weights alone where the gradient is not finite, and say skipped=False: say skipped=True "
    "after every such step",
    fr="sans scaler, vous ne touchez pas aux poids là où le gradient n'est pas fini, mais renvoyez skipped=False : renvoyez "
    "skipped=True après toute étape de cette sorte",
)
def skipped_said_with_a_scaler_only(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(total, norm, skipped and scaler is not None)


@again(skipped_said_with_a_scaler_only)
def skipped_said_with_a_scaler_only_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    before = scaler.get_scale() if scaler else None
    if scaler:
        scaler.step(optimizer)
        scaler.update()
    elif norm < math.inf:
        optimizer.step()
    return StepResult(loss.item(), norm, bool(scaler) and scaler.get_scale() < before)


@misconception(
    "autocast_forgotten",
    en="you ignore autocast_dtype: the forward pass is to run under torch.autocast with this dtype",
    fr="vous ignorez autocast_dtype : le passage avant doit s'exécuter sous torch.autocast avec ce dtype",
)
def autocast_forgotten(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        total += _backward(_weighted(model, objective, piece, shares, None), scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(autocast_forgotten)
def autocast_forgotten_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype=None).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(loss.item(), norm, skipped)


@misconception(
    "autocast_around_backward",
    en="backward() runs under autocast too: it belongs around the forward pass alone",
    fr="backward() s'exécute aussi sous autocast : il ne doit entourer que le passage avant",
)
def autocast_around_backward(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    device, total = next(model.parameters()).device.type, 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        with torch.autocast(device, autocast_dtype) if autocast_dtype else nullcontext():
            total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(autocast_around_backward)
def autocast_around_backward_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    kind, dtype = next(model.parameters()).device.type, autocast_dtype or torch.bfloat16
    with torch.autocast(kind, dtype=dtype, enabled=autocast_dtype is not None):
        loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype).sum()
        (scaler.scale(loss) if scaler else loss).backward()
        if scaler:
            scaler.unscale_(optimizer)
        norm = _tensor_of_gradients(model).norm().item()
        _shorten(model, norm, max_norm)
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(loss.item(), norm, skipped)


@misconception(
    "autocast_without_asking",
    en="where autocast_dtype is None, your autocast is on all the same, in its default dtype: without a "
    "dtype there is none",
    fr="quand autocast_dtype vaut None, votre autocast agit quand même, dans son dtype par défaut : sans "
    "dtype, il n'y en a pas",
)
def autocast_without_asking(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    device, total = next(model.parameters()).device.type, 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        with torch.autocast(device, dtype=autocast_dtype):
            terms = objective(model, piece)
            loss = sum(shares[term] * mean for term, mean in terms.items())
        total += _backward(loss, scaler)
    norm = _unscale_and_clip(model, optimizer, max_norm, scaler)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(autocast_without_asking)
def autocast_without_asking_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    dtype = torch.bfloat16 if autocast_dtype is None else autocast_dtype
    loss = _tensor_of_losses(model, objective, micro_batches, dtype).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = _tensor_of_gradients(model).norm().item()
    _shorten(model, norm, max_norm)
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(loss.item(), norm, skipped)


@misconception(
    "unused_parameter_fails",
    en="your code stops at a parameter that did not serve: its .grad is None, pass it over",
    fr="votre code s'arrête sur un paramètre qui n'a pas servi : son .grad vaut None, passez-le",
)
def unused_parameter_fails(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    _start(optimizer, learning_rate)
    total = 0.0
    for piece, shares in zip(micro_batches, _shares(objective, micro_batches), strict=True):
        total += _backward(_weighted(model, objective, piece, shares, autocast_dtype), scaler)
    if scaler is not None:
        scaler.unscale_(optimizer)
    norm = torch.stack([parameter.grad.norm() for parameter in model.parameters()]).norm().item()
    clip_gradients(model.parameters(), max_norm)
    return StepResult(total, norm, _apply(optimizer, scaler, norm))


@again(unused_parameter_fails)
def unused_parameter_fails_2(
    model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, autocast_dtype=None
):
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    model.zero_grad()
    loss = _tensor_of_losses(model, objective, micro_batches, autocast_dtype).sum()
    (scaler.scale(loss) if scaler else loss).backward()
    if scaler:
        scaler.unscale_(optimizer)
    norm = math.sqrt(sum(float((p.grad**2).sum()) for p in model.parameters()))
    factor = min(1.0, max_norm / norm)
    for p in model.parameters():
        p.grad *= factor
    skipped = _apply(optimizer, scaler, norm)
    return StepResult(loss.item(), norm, skipped)
