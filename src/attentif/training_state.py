"""A training run: its settings, its history, and the state that outlives the process."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import torch

from attentif.checkpoint import load_checkpoint, save_checkpoint
from attentif.errors import InputError
from attentif.hardware import Precision


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


class TrainingRun:
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
