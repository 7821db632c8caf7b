"""Pretraining: one optimizer step, and the loop around it."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attentif.checkpoint import load_checkpoint, save_checkpoint
from attentif.errors import InputError
from attentif.hardware import Precision, choose_device, choose_precision
from attentif.objectives import IGNORED, causal_lm_loss, masked_lm_loss
from attentif.optimization import clip_gradients, parameter_groups, warmup_cosine

Batch = dict[str, Tensor]


class CausalObjective:
    """Predict each next token of batch["token_ids"] (B, T + 1).

    Args:
        pad_id: the id of padding, never a target.
        loss: the loss on (logits, token_ids, pad_id).
    """

    def __init__(self, pad_id: int | None = None, loss: Callable = causal_lm_loss):
        self.pad_id, self.loss = pad_id, loss

    def counts(self, batch: Batch) -> dict[str, int]:
        """How many targets each term of the loss is a mean over."""
        targets = batch["token_ids"][:, 1:]
        return {"next": int((targets != self.pad_id).sum()) if self.pad_id is not None else targets.numel()}

    def __call__(self, model: nn.Module, batch: Batch) -> dict[str, Tensor]:
        """The terms of the loss, each a mean in nats a target."""
        token_ids = batch["token_ids"]
        # The last token is only a target: the model need not read it, and its logits are not used.
        logits = F.pad(model(token_ids[:, :-1]), (0, 0, 0, 1))  # (B, T + 1, V)
        return {"next": self.loss(logits, token_ids, self.pad_id)}


class MaskedObjective:
    """Predict the masked tokens and, where the batch has pairs, whether B follows A.

    L = L_MLM + L_NSP (Devlin et al. 2019, appendix A.2).

    Args:
        loss: the loss on (logits, labels).
    """

    def __init__(self, loss: Callable = masked_lm_loss):
        self.loss = loss

    def counts(self, batch: Batch) -> dict[str, int]:
        """How many targets each term of the loss is a mean over."""
        counts = {"masked": int((batch["labels"] != IGNORED).sum())}
        return counts | ({"is_next": len(batch["is_next"])} if "is_next" in batch else {})

    def __call__(self, model: nn.Module, batch: Batch) -> dict[str, Tensor]:
        """The terms of the loss, each a mean in nats a target."""
        hidden = model.hidden(batch["token_ids"], batch.get("segment_ids"))  # (B, T, D)
        selected = batch["labels"] != IGNORED
        # Only the selected positions are projected on the vocabulary: about 15 % of the work.
        terms = {"masked": self.loss(model.head(hidden[selected]), batch["labels"][selected])}
        if "is_next" in batch:
            terms["is_next"] = masked_lm_loss(model.next_sentence_head(hidden), batch["is_next"])
        return terms


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

    The gradient is that of the whole batch: each term of a piece counts by its share of the
    targets. It is unscaled, then clipped at max_norm, then applied.

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
        StepResult; `skipped` when the scaler met an overflow and left the weights as they were.

    Source: Micikevicius et al. 2018, "Mixed Precision Training", §3.2, for the loss scaling.

    >>> from attentif import CausalLM, ModelConfig
    >>> model = CausalLM(ModelConfig(vocab_size=11, d_model=6, n_heads=2))
    >>> pieces = [{"token_ids": torch.ones(*shape, dtype=torch.long)} for shape in ((2, 5), (3, 7))]
    >>> training_step(model, pieces, CausalObjective(), torch.optim.AdamW(model.parameters()), 1e-3).skipped
    False
    """
    pieces = [objective.counts(batch) for batch in micro_batches]
    totals = {term: max(1, sum(piece[term] for piece in pieces)) for term in pieces[0]}
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    optimizer.zero_grad(set_to_none=True)

    device_type = next(model.parameters()).device.type
    loss_of_the_batch = 0.0
    for batch, counts in zip(micro_batches, pieces, strict=True):
        autocast = torch.autocast(device_type, autocast_dtype) if autocast_dtype else nullcontext()
        with autocast:
            terms = objective(model, batch)
            loss = sum(mean * (counts[term] / totals[term]) for term, mean in terms.items())
        (scaler.scale(loss) if scaler else loss).backward()
        loss_of_the_batch += loss.item()

    if scaler:
        scaler.unscale_(optimizer)
    norm = float(clip_gradients(model.parameters(), max_norm))
    if scaler:
        scaler.step(optimizer)
        scaler.update()
        return StepResult(loss_of_the_batch, norm, skipped=not math.isfinite(norm))
    optimizer.step()
    return StepResult(loss_of_the_batch, norm, skipped=False)


@torch.no_grad()
def evaluate(model: nn.Module, batches: Sequence[Batch], objective: Callable) -> dict[str, float]:
    """Mean of each term of the objective over all targets of the batches, without dropout.

    Returns:
        {term: nats a target}, and "loss", their sum.
    """
    was_training = model.training
    model.eval()
    sums: dict[str, float] = {}
    totals: dict[str, int] = {}
    try:
        for batch in batches:
            batch = to_device(batch, next(model.parameters()).device)
            counts = objective.counts(batch)
            for term, mean in objective(model, batch).items():
                sums[term] = sums.get(term, 0.0) + mean.item() * counts[term]
                totals[term] = totals.get(term, 0) + counts[term]
    finally:
        model.train(was_training)
    means = {term: sums[term] / max(1, totals[term]) for term in sums}
    return {"loss": sum(means.values()), **means}


def to_device(batch: Batch, device: torch.device) -> Batch:
    """The same batch on another device."""
    return {name: tensor.to(device, non_blocking=True) for name, tensor in batch.items()}


@dataclass(frozen=True)
class TrainConfig:
    """How to train. The defaults are the course's.

    Args:
        steps: number of optimizer steps.
        accumulation: micro-batches a step.
        peak_learning_rate, floor_learning_rate, warmup_steps: see `warmup_cosine`.
        weight_decay: of the matrices only, see `parameter_groups`.
        betas: of AdamW.
        max_norm: gradients are clipped at this norm.
        device: "auto", "cpu", "cuda" …
        precision: "auto", "float32", "bfloat16" or "float16" (the forward pass's dtype).
        seed: of dropout (initial weights and data have their own).
        evaluate_every, checkpoint_every, log_every: in steps; 0 for never.

    Raises:
        InputError: a value that cannot be used.
    """

    steps: int = 1000
    accumulation: int = 1
    peak_learning_rate: float = 1e-3
    floor_learning_rate: float = 1e-4
    warmup_steps: int = 100
    weight_decay: float = 0.1
    betas: tuple[float, float] = (0.9, 0.95)
    max_norm: float = 1.0
    device: str = "auto"
    precision: str = "auto"
    seed: int = 0
    evaluate_every: int = 0
    checkpoint_every: int = 0
    log_every: int = 10

    def __post_init__(self) -> None:
        for name, least in (("steps", 1), ("accumulation", 1), ("log_every", 1), ("warmup_steps", 0)):
            if getattr(self, name) < least:
                raise InputError(
                    expected=f"{name} of at least {least}", got=str(getattr(self, name)), remedy="raise it"
                )
        if not 0 <= self.floor_learning_rate <= self.peak_learning_rate:
            raise InputError(
                expected="0 <= floor_learning_rate <= peak_learning_rate",
                got=f"{self.floor_learning_rate} and {self.peak_learning_rate}",
                remedy="a tenth of the peak is a usual floor",
            )
        if self.precision not in ("auto", *Precision.NAMES):
            raise InputError(
                expected=f"precision to be auto, {', '.join(Precision.NAMES)}",
                got=repr(self.precision),
                remedy="auto chooses by the hardware",
            )


@dataclass
class TrainingResult:
    """What a run left behind: one dict a logged step, and how long it took."""

    history: list[dict] = field(default_factory=list)
    steps: int = 0
    seconds: float = 0.0
    resumed_from: int = 0
    skipped_while_grading: bool = False

    def curve(self, name: str) -> tuple[list[int], list[float]]:
        """Steps and values of one quantity ("loss", "validation_loss", "learning_rate" …)."""
        points = [(entry["step"], entry[name]) for entry in self.history if name in entry]
        return [step for step, _ in points], [value for _, value in points]


def grading() -> bool:
    """Whether the notebook is being graded: training would only cost time there."""
    return bool(os.environ.get("ATTENTIF_GRADING")) or os.environ.get("NBGRADER_EXECUTION") == "autograde"


def make_optimizer(model: nn.Module, config: TrainConfig) -> torch.optim.AdamW:
    """AdamW with the course's β, decay on matrices only (Loshchilov and Hutter 2019)."""
    groups = parameter_groups(model, config.weight_decay)
    # One kernel for all parameters: on a small model the loop over them costs as much as the arithmetic.
    return torch.optim.AdamW(groups, lr=config.peak_learning_rate, betas=config.betas, fused=True)


def pretrain(
    model: nn.Module,
    batches,
    objective: Callable,
    config: TrainConfig,
    *,
    learning_rate: Callable = warmup_cosine,
    step: Callable = training_step,
    validation: Sequence[Batch] = (),
    directory: str | Path | None = None,
    resume: bool = True,
    progress: bool = True,
    on_log: Callable[[dict], None] | None = None,
) -> TrainingResult:
    """Train a model from wherever it is to config.steps.

    With a directory, metrics go to metrics.jsonl and the state to checkpoint.pt, written
    whole or not at all; a run that was cut off goes on from there, and ends with the same
    weights as if it had not been (bit for bit on a CPU).

    Args:
        model: trained in place, moved to the device.
        batches: batches[i] is the i-th micro-batch, always the same for the same i.
        objective: see `training_step`.
        config: how to train.
        learning_rate: called as learning_rate(step, peak, floor, warmup_steps, total_steps).
        step: makes one optimizer step, `training_step` or a student's.
        validation: batches to evaluate on, every config.evaluate_every steps and at the end.
        directory: where metrics and checkpoints go; None keeps nothing.
        resume: go on from the directory's checkpoint if there is one; else refuse to overwrite it.
        progress: show a bar.
        on_log: called with every logged entry.

    Returns:
        TrainingResult. While a notebook is being graded it returns at once, untrained.

    Raises:
        InputError: a damaged checkpoint, one of another run, or one that would be overwritten.
    """
    if grading():
        return TrainingResult(skipped_while_grading=True)
    device = choose_device(config.device)
    precision = choose_precision(config.precision, device)
    model.to(device).train()
    optimizer = make_optimizer(model, config)
    scaler = torch.amp.GradScaler(device.type) if precision.needs_scaler else None
    run = _Run(model, optimizer, scaler, config, Path(directory) if directory else None)
    run.start(resume)

    started = time.perf_counter()
    first = run.result.steps
    bar = _progress_bar(config.steps, first, progress)
    for index in range(first, config.steps):
        rate = learning_rate(
            index, config.peak_learning_rate, config.floor_learning_rate, config.warmup_steps, config.steps
        )
        start = index * config.accumulation
        pieces = [to_device(batches[i], device) for i in range(start, start + config.accumulation)]
        outcome = step(
            model, pieces, objective, optimizer, rate, config.max_norm, scaler, precision.autocast_dtype
        )
        done = index + 1
        entry = {
            "step": done,
            "loss": outcome.loss,
            "learning_rate": rate,
            "gradient_norm": outcome.gradient_norm,
        }
        evaluated = bool(validation) and _due(done, config.evaluate_every, config.steps)
        if evaluated:
            means = evaluate(model, validation, objective)
            entry |= {f"validation_{term}": value for term, value in means.items()}
        if evaluated or _due(done, config.log_every, config.steps):
            run.log(entry)
            if on_log:
                on_log(entry)
            bar.set_postfix_str(f"loss {entry['loss']:.3f}", refresh=False)
        bar.update()
        run.result.steps = done
        if run.directory and _due(done, config.checkpoint_every, config.steps):
            run.save()
    bar.close()
    model.eval()
    run.result.seconds = time.perf_counter() - started
    return run.result


def _due(done: int, every: int, total: int) -> bool:
    return done == total or (every > 0 and done % every == 0)


def _progress_bar(total: int, first: int, shown: bool):
    from tqdm.auto import tqdm

    return tqdm(total=total, initial=first, disable=not shown, unit="step", dynamic_ncols=True)


class _Run:
    """The state of a run that outlives the process, and the files that hold it."""

    def __init__(self, model, optimizer, scaler, config: TrainConfig, directory: Path | None):
        self.model, self.optimizer, self.scaler, self.config = model, optimizer, scaler, config
        self.directory = directory
        self.result = TrainingResult()

    @property
    def checkpoint(self) -> Path:
        return self.directory / "checkpoint.pt"

    def start(self, resume: bool) -> None:
        """Seed dropout, or restore everything from the checkpoint."""
        torch.manual_seed(self.config.seed)
        if self.directory is None:
            return
        if not self.checkpoint.exists():
            # A run that died before its first checkpoint starts afresh, and so do its metrics.
            (self.directory / "metrics.jsonl").unlink(missing_ok=True)
            return
        if not resume:
            raise InputError(
                expected=f"a new folder, or one without a checkpoint, at {self.directory}",
                got="a folder that holds a checkpoint",
                remedy="choose another folder, or resume",
            )
        state = load_checkpoint(self.checkpoint)
        wanted, trained = _identity(self.config), state.get("train_config", {})
        if trained != wanted:
            changed = [name for name in wanted if trained.get(name) != wanted[name]]
            raise InputError(
                expected=f"the checkpoint of this run in {self.directory}",
                got=f"one that was trained with another {', '.join(changed)}",
                remedy="choose another folder, or restore these values",
            )
        try:
            self.model.load_state_dict(state["model"])
        except RuntimeError as error:
            raise InputError(
                expected=f"the checkpoint of this model in {self.directory}",
                got="weights of another shape",
                remedy="choose another folder, or build the model with the same sizes",
            ) from error
        self.optimizer.load_state_dict(state["optimizer"])
        if self.scaler and state["scaler"]:
            self.scaler.load_state_dict(state["scaler"])
        torch.set_rng_state(state["cpu_generator"])
        if state["cuda_generators"] and torch.cuda.is_available():
            torch.cuda.set_rng_state_all(state["cuda_generators"])
        self.result.history = state["history"]
        self.result.steps = self.result.resumed_from = state["step"]
        self._rewrite_metrics()

    def log(self, entry: dict) -> None:
        """Remember an entry and append it to metrics.jsonl."""
        self.result.history.append(entry)
        if self.directory:
            self.directory.mkdir(parents=True, exist_ok=True)
            with open(self.directory / "metrics.jsonl", "a", encoding="utf-8") as handle:
                handle.write(json.dumps(entry) + "\n")

    def _rewrite_metrics(self) -> None:
        """Drop the lines that were logged after the checkpoint: those steps are done again."""
        lines = "".join(json.dumps(entry) + "\n" for entry in self.result.history)
        (self.directory / "metrics.jsonl").write_text(lines, encoding="utf-8")

    def save(self) -> None:
        """Write the whole state."""
        save_checkpoint(
            self.checkpoint,
            {
                "step": self.result.steps,
                "model": self.model.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "scaler": self.scaler.state_dict() if self.scaler else None,
                "cpu_generator": torch.get_rng_state(),
                "cuda_generators": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
                "history": self.result.history,
                "train_config": _identity(self.config),
            },
        )


def _identity(config: TrainConfig) -> dict:
    """The settings that a resumed run must share with the one that it continues."""
    names = (
        "steps", "accumulation", "peak_learning_rate", "floor_learning_rate", "warmup_steps",
        "weight_decay", "betas", "max_norm", "seed",
    )  # fmt: skip
    values = {name: getattr(config, name) for name in names}
    return values | {"betas": list(config.betas)}
