"""Pretraining: one optimizer step, and the loop around it."""

from __future__ import annotations

import importlib.util
import math
import os
import time
from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from attentif.corpus.prefetch import Prefetched
from attentif.distributed import Shared, mean_over, this_group
from attentif.divergence import Watch, require_finite
from attentif.hardware import choose_device, choose_precision
from attentif.language import say, text
from attentif.optimization import adamw, clip_gradients, parameter_groups, warmup_cosine
from attentif.training_objectives import Batch
from attentif.training_state import TrainConfig, TrainingResult, TrainingRun

# What the progress bar says.
_STEP, _LOSS = text("step", "étape"), text("loss", "perte")
# What to do when a number of a step is not finite.
_SCHEDULE = text("check the schedule", "vérifiez la fonction qui donne le taux d'apprentissage")
_VALIDATION = text(
    "look at the validation data, and at the loss", "regardez les données de validation, et la perte"
)


@dataclass(frozen=True)
class StepResult:
    """What one optimizer step did: its loss (nats), the norm before clipping, whether it was skipped."""

    loss: float
    gradient_norm: float
    skipped: bool


def training_step(
    model: nn.Module,
    micro_batches: Sequence[Batch],
    objective: Callable,
    optimizer: torch.optim.Optimizer,
    learning_rate: float,
    max_norm: float = 1.0,
    scaler: torch.amp.GradScaler | None = None,
    autocast_dtype: torch.dtype | None = None,
) -> StepResult:
    """One optimizer step on a batch that arrives in pieces.

    loss = Σ over pieces and terms of mean · (targets of the piece / targets of all pieces),
    and the gradient is that of this loss: it is unscaled, then clipped at max_norm, then applied. A gradient that
    the model held before does not count. A term without any target in the whole batch counts 0.

    Args:
        model: in training mode.
        micro_batches: the pieces of the batch, at least one.
        objective: objective(model, piece) → {term: mean loss}, and objective.counts(piece) →
            {term: number of targets}.
        optimizer: its learning rate is set here, for this step.
        learning_rate: of this step.
        max_norm: the gradient is clipped at this norm.
        scaler: of the fp16 gradients; None otherwise.
        autocast_dtype: dtype of the forward pass, None for no autocast.

    Returns:
        StepResult of plain numbers: the loss above; the norm of the gradient, unscaled and before clipping;
        `skipped`, True when the gradient is not finite and the weights were left as they were.

    Source: Micikevicius et al. 2018, "Mixed Precision Training", §3.2, for the loss scaling.

    >>> from attentif.checks.small_training import SmallObjective
    >>> model, objective = nn.Linear(3, 1), SmallObjective(["next"])
    >>> ones = {n: torch.ones(n, 1) for n in (4, 2)}
    >>> pieces = [{"x": y.expand(-1, 3), "targets": y, "counted": y > 0} for y in ones.values()]
    >>> training_step(model, pieces, objective, torch.optim.AdamW(model.parameters()), 1e-3).skipped
    False
    """
    pieces = [objective.counts(batch) for batch in micro_batches]
    totals = {term: max(1, sum(piece[term] for piece in pieces)) for term in pieces[0]}
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    optimizer.zero_grad(set_to_none=True)

    device_type = next(model.parameters()).device.type
    losses = []
    for batch, counts in zip(micro_batches, pieces, strict=True):
        autocast = torch.autocast(device_type, autocast_dtype) if autocast_dtype else nullcontext()
        with autocast:
            terms = objective(model, batch)
            loss = sum(mean * (counts[term] / totals[term]) for term, mean in terms.items())
        (scaler.scale(loss) if scaler else loss).backward()
        losses.append(loss.detach())

    if scaler:
        scaler.unscale_(optimizer)
    norm = clip_gradients(model.parameters(), max_norm)
    # Reading a number makes the CPU wait for the GPU: once a step, not after each piece.
    loss_of_the_batch, norm = float(sum(losses)), float(norm)
    finite = math.isfinite(norm)
    if scaler:
        scaler.step(optimizer)  # which leaves the weights alone after an overflow
        scaler.update()
    elif finite:
        optimizer.step()
    return StepResult(loss_of_the_batch, norm, skipped=not finite)


@torch.no_grad()
def evaluate(model: nn.Module, batches: Sequence[Batch], objective: Callable) -> dict[str, float]:
    """Mean of each term of the objective over all targets of the batches, without dropout.

    Returns:
        {term: nats a target}, and "loss", their sum.
    """
    was_training = model.training
    model.eval()
    device = next(model.parameters()).device
    sums: dict[str, Tensor] = {}
    totals: dict[str, int] = {}
    try:
        for batch in batches:
            # Counted before the move, and summed where the means are: no waiting for the GPU in between.
            counts = objective.counts(batch)
            for term, mean in objective(model, to_device(batch, device)).items():
                sums[term] = sums.get(term, 0.0) + mean.double() * counts[term]
                totals[term] = totals.get(term, 0) + counts[term]
    finally:
        model.train(was_training)
    means = {term: sums[term].item() / max(1, totals[term]) for term in sums}
    return {"loss": sum(means.values()), **means}


def to_device(batch: Batch, device: torch.device) -> Batch:
    """The same batch on another device."""
    return {name: tensor.to(device, non_blocking=True) for name, tensor in batch.items()}


def grading() -> bool:
    """Whether the notebook is being graded: training would only cost time there."""
    return (
        os.environ.get("ATTENTIF_GRADING", "0") not in ("", "0")
        or os.environ.get("NBGRADER_EXECUTION") == "autograde"
    )


def pretrain(
    model: nn.Module,
    batches,
    objective: Callable,
    config: TrainConfig,
    *,
    learning_rate: Callable = warmup_cosine,
    step: Callable = training_step,
    groups: Callable = parameter_groups,
    validation: Sequence[Batch] = (),
    directory: str | Path | None = None,
    resume: bool = True,
    progress: bool = True,
    on_log: Callable[[dict], None] | None = None,
    on_start: Callable[[TrainingResult], None] | None = None,
    pause: Callable[[], bool] = lambda: False,
) -> TrainingResult:
    """Train a model from wherever it is to config.steps.

    With a directory, metrics go to metrics.jsonl and the state to checkpoint.pt, written
    whole or not at all; a run that was cut off goes on from there, and ends with the same
    weights as if it had not been (bit for bit on a CPU). A metrics.jsonl that is there without
    a checkpoint is renamed metrics.1.jsonl (or 2, 3 …).

    A step whose loss or gradient is not finite, or whose loss is far above the last ones, is skipped and counted; too
    many that are not finite, one after the other, stop the run before they reach these files (see `Watch`).

    In a process of a group (see `attentif.distributed`) each takes its rows of every batch; the first one writes, logs
    and speaks.

    Args:
        model: trained in place, moved to the device.
        batches: batches[i] is the i-th micro-batch, always the same for the same i.
        objective: see `training_step`.
        config: how to train.
        learning_rate: called as learning_rate(step, peak, floor, warmup_steps, total_steps).
        step: makes one optimizer step, `training_step` or a student's.
        groups: splits the parameters, `parameter_groups` or a student's.
        validation: batches to evaluate on, every config.evaluate_every steps and at the end.
        directory: where metrics and checkpoints go; None keeps nothing.
        resume: go on from the directory's checkpoint if there is one; else refuse to overwrite it.
        progress: show a bar.
        on_log: called with every logged entry.
        on_start: called before the first step with the result so far: what a checkpoint remembers of it.
        pause: asked after every step; when it says True the state is saved and the run ends there.

    Returns:
        TrainingResult; fewer steps than config.steps where the run was paused. While a notebook is being graded it returns at once, untrained.

    Raises:
        InputError: a damaged checkpoint, one of another run, or one that would be overwritten;
            numbers that are no longer finite.
    """
    if grading():
        return TrainingResult(skipped_while_grading=True)
    group = this_group()
    device = choose_device(config.device)
    if group.size > 1 and device.type == "cuda":
        device = torch.device("cuda", group.local_rank)
    precision = choose_precision(config.precision, device)
    model.to(device).train()
    _made_fast(model, config, device)
    if config.prefetch:
        batches = Prefetched(batches, config.prefetch, pin=device.type == "cuda")
    optimizer = adamw(groups(model, config.weight_decay), config.peak_learning_rate, config.betas)
    scaler = torch.amp.GradScaler(device.type) if precision.needs_scaler else None
    run = TrainingRun(model, optimizer, scaler, config, Path(directory) if directory else None)
    run.start(resume)
    shared = Shared(objective, model, group) if group.size > 1 else None
    if on_start:
        on_start(run.result)

    started = time.perf_counter()
    first = run.result.steps
    watch = Watch(
        shared or objective, optimizer, scaler is not None, config.peak_learning_rate, run.checkpoint
    )
    watch.recent = run.recent
    unsaved = False
    # Closed however the run ends: the thread that makes batches, and the ear at the optimizer.
    made_ahead = closing(batches) if config.prefetch else nullcontext()
    with closing(watch), made_ahead, _progress_bar(config.steps, first, progress and group.first) as bar:
        for index in range(first, config.steps):
            done = index + 1
            rate = learning_rate(index, config.peak_learning_rate, config.floor, config.warmup, config.steps)
            require_finite({"learning rate": rate}, done, remedy=_SCHEDULE)
            start = index * config.accumulation
            pieces = [batches[i] for i in range(start, start + config.accumulation)]
            pieces = [to_device(piece, device) for piece in (shared.shares(pieces) if shared else pieces)]
            outcome = step(
                model,
                pieces,
                watch.objective,
                optimizer,
                rate,
                config.max_norm,
                scaler,
                precision.autocast_dtype,
            )
            outcome = replace(outcome, loss=mean_over(group, outcome.loss))
            entry = {
                "step": done,
                "loss": outcome.loss,
                "learning_rate": rate,
                "gradient_norm": outcome.gradient_norm,
            }
            if why := watch.skipped(done, outcome):
                # JSON has no infinity.
                entry = {name: value for name, value in entry.items() if math.isfinite(value)}
                entry |= {"skipped": True} | ({"spike": True} if why == "spike" else {})
                run.result.skipped_steps += 1
            evaluated = bool(validation) and _due(done, config.evaluate_every, config.steps)
            if evaluated:
                means = evaluate(model, validation, objective)
                require_finite(means, done, remedy=_VALIDATION)
                entry |= {f"validation_{term}": value for term, value in means.items()}
            if evaluated or _due(done, config.log_every, config.steps):
                run.log(entry)
                if on_log and group.first:
                    on_log(entry)
                bar.set_postfix_str(f"{say(_LOSS)} {outcome.loss:.3f}", refresh=False)
            bar.update()
            run.result.steps = done
            paused = done < config.steps and pause()
            unsaved |= paused or _due(done, config.checkpoint_every, config.steps)
            # Not in the midst of steps that go wrong: a part of the student's may have changed the weights all the same.
            if run.directory and unsaved and (not watch.in_a_row or paused or done == config.steps):
                run.recent, unsaved = watch.recent, False
                run.save()
            if paused:
                break
    model.eval()
    run.result.seconds = time.perf_counter() - started
    return run.result


def _made_fast(model: nn.Module, config: TrainConfig, device: torch.device) -> None:
    """What a run asks of its model and of torch in order to be fast, or small."""
    body = getattr(model, "encoder", None) or getattr(model, "decoder", None)
    if body is not None:
        body.recompute = config.recompute
    if config.compile:
        # Block by block: all have one code, which is compiled once, and what lies between stays as it is.
        for block in getattr(body, "blocks", ()):
            block.compile()
    if device.type == "cuda":
        torch.set_float32_matmul_precision("high" if config.tf32 else "highest")


def _due(done: int, every: int, total: int) -> bool:
    return done == total or (every > 0 and done % every == 0)


def _progress_bar(total: int, first: int, shown: bool):
    # Without ipywidgets a notebook's bar would be a warning; the plain one works everywhere.
    if importlib.util.find_spec("ipywidgets") is None:
        from tqdm import tqdm
    else:
        from tqdm.auto import tqdm

    return tqdm(total=total, initial=first, disable=not shown, unit=say(_STEP), dynamic_ncols=True)


if __name__ == "__main__":
    # torchrun -m attentif.pretraining …: what `attentif pretrain …` does, in each process of the group.
    import sys

    from attentif.cli import main

    sys.argv.insert(1, "pretrain")
    main()
