"""A training run: its settings, its history, and the state that outlives the process."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import dataclass, field
from pathlib import Path

import torch

from attentif.checkpoint import write_atomically
from attentif.checkpoint_series import NEWEST, checkpoints, load_newest, save_newest
from attentif.distributed import gathered, own_generator, this_group, wait_for_all
from attentif.errors import InputError, too_small
from attentif.hardware import Precision
from attentif.language import text


@dataclass(frozen=True)
class TrainConfig:
    """How to train. The defaults are the course's.

    Args:
        steps: number of optimizer steps.
        accumulation: micro-batches a step.
        peak_learning_rate: see `warmup_cosine`.
        floor_learning_rate: the last learning rate; when None 1e-4, or a tenth of the peak if that is less.
        warmup_steps: steps up to the peak; when None 100, or all steps if they are fewer.
        weight_decay: of the matrices only, see `parameter_groups`.
        betas: of AdamW.
        max_norm: gradients are clipped at this norm; math.inf for no clipping.
        device: "auto", "cpu", "cuda" …
        precision: "auto", "float32", "bfloat16" or "float16" (the forward pass's dtype).
        compile: whether the blocks are compiled by torch.compile; None: see `attentif.choices`.
        recompute: compute the insides of blocks again in the backward pass instead of keeping them.
        tf32: let a GPU round the factors of float32 products to 10 bits of mantissa.
        prefetch: how many batches are made ahead by a thread; None: see `attentif.choices`.
        seed: of dropout (initial weights and data have their own).
        evaluate_every, checkpoint_every: in steps; 0 for the end of the run only.
        keep_checkpoints: how many, at least 1; a damaged one is replaced by the one before.
        log_every: in steps; the last step and those that are evaluated are always logged.

    Raises:
        InputError: a value that cannot be used.
    """

    steps: int = 1000
    accumulation: int = 1
    peak_learning_rate: float = 1e-3
    floor_learning_rate: float | None = None
    warmup_steps: int | None = None
    weight_decay: float = 0.1
    betas: tuple[float, float] = (0.9, 0.95)
    max_norm: float = 1.0
    device: str = "auto"
    precision: str = "auto"
    compile: bool | None = None
    recompute: bool = False
    tf32: bool = True
    prefetch: int | None = None
    seed: int = 0
    evaluate_every: int = 0
    checkpoint_every: int = 0
    keep_checkpoints: int = 2
    log_every: int = 10

    @property
    def warmup(self) -> int:
        """Steps of warmup, chosen if they were not given."""
        return min(100, self.steps) if self.warmup_steps is None else self.warmup_steps

    @property
    def floor(self) -> float:
        """The last learning rate, chosen if it was not given."""
        if self.floor_learning_rate is None:
            return min(1e-4, self.peak_learning_rate / 10)
        return self.floor_learning_rate

    def __post_init__(self) -> None:
        for name, least in (
            ("steps", 1), ("accumulation", 1), ("log_every", 1), ("evaluate_every", 0), ("checkpoint_every", 0),
            ("weight_decay", 0), ("keep_checkpoints", 1),
        ):  # fmt: skip
            value = getattr(self, name)
            if not value >= least:  # NaN is refused too
                raise too_small(name, value, least)
        if self.prefetch is not None and self.prefetch < 0:
            raise too_small("prefetch", self.prefetch, 0)
        if not 0 <= self.warmup <= self.steps:
            raise InputError(
                expected=text(
                    f"warmup_steps from 0 to {self.steps}, the steps of the run",
                    f"warmup_steps de 0 à {self.steps}, les étapes de l'entraînement",
                ),
                got=str(self.warmup),
                remedy=text(
                    "shorten it or train longer; left out, it is 100 steps or all of a shorter run",
                    "raccourcissez l'échauffement ou entraînez plus longtemps ; sans valeur, il dure 100 étapes, ou tout un entraînement plus court",
                ),
            )
        if not 0 <= self.floor <= self.peak_learning_rate < math.inf:
            raise InputError(
                expected="0 <= floor_learning_rate <= peak_learning_rate",
                got=text(
                    f"{self.floor} and {self.peak_learning_rate}",
                    f"{self.floor} et {self.peak_learning_rate}",
                ),
                remedy=text(
                    "a tenth of the peak is a usual floor; left out, it adapts to the peak",
                    "un dixième du maximum est un minimum courant ; sans valeur, il s'adapte au maximum",
                ),
            )
        if not self.max_norm > 0:
            raise InputError(
                expected=text("max_norm above 0", "un max_norm strictement positif"),
                got=str(self.max_norm),
                remedy=text(
                    "1.0 is usual, inf clips nothing", "1 est une valeur courante, inf n'écrête rien"
                ),
            )
        if len(self.betas) != 2 or not all(0 <= beta < 1 for beta in self.betas):
            raise InputError(
                expected=text("two betas in [0, 1)", "deux betas dans [0, 1["),
                got=str(self.betas),
                remedy=text("(0.9, 0.95) is the course's choice", "(0.9, 0.95) est le choix du cours"),
            )
        if self.precision not in ("auto", *Precision.NAMES):
            raise InputError(
                expected=text(
                    f"precision to be auto, {', '.join(Precision.NAMES)}",
                    f"auto, {', '.join(Precision.NAMES)} pour precision",
                ),
                got=repr(self.precision),
                remedy=text("auto chooses by the hardware", "auto choisit d'après le matériel"),
            )


@dataclass
class TrainingResult:
    """What a run left behind: one dict a logged step, how long it took, how many steps were skipped."""

    history: list[dict] = field(default_factory=list)
    steps: int = 0
    seconds: float = 0.0
    resumed_from: int = 0
    skipped_steps: int = 0
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
        self.group = this_group()
        self.result = TrainingResult()
        self.recent: list[float] = []  # losses, by which a spike is known

    @property
    def checkpoint(self) -> Path | None:
        return self.directory and self.directory / NEWEST

    @property
    def metrics(self) -> Path:
        return self.directory / "metrics.jsonl"

    def start(self, resume: bool) -> None:
        """Seed dropout, or restore everything from the checkpoint."""
        own_generator(self.config.seed, self.group)
        if self.directory is None:
            return
        found = gathered(self.group, bool(checkpoints(self.directory)))[0]  # the first process knows
        if not found:
            if self.group.first:
                self._set_metrics_aside()
            return
        if not resume:
            raise InputError(
                expected=text(
                    f"a new folder, or one without a checkpoint, at {self.directory}",
                    f"un dossier {self.directory} neuf, ou sans point de reprise",
                ),
                got=text("a folder that holds a checkpoint", "un dossier qui contient un point de reprise"),
                remedy=text(
                    "choose another folder, or resume",
                    "choisissez un autre dossier, ou reprenez l'entraînement",
                ),
            )
        # The first one renames what is damaged; then all find the same newest one.
        state = (load_newest(self.directory) if self.group.first else None) or {}
        wait_for_all(self.group)
        if not self.group.first:
            state = load_newest(self.directory) or {}
        wanted, trained = _identity(self.config), state.get("train_config", {})
        if trained != wanted:
            changed = [name for name in wanted if trained.get(name) != wanted[name]]
            raise InputError(
                expected=text(
                    f"the checkpoint of this run in {self.directory}",
                    f"le point de reprise de cet entraînement dans {self.directory}",
                ),
                got=text(
                    f"one that was trained with another {', '.join(changed)}",
                    f"un point de reprise entraîné avec une autre valeur de {', '.join(changed)}",
                ),
                remedy=text(
                    "choose another folder, or restore these values",
                    "choisissez un autre dossier, ou remettez ces valeurs",
                ),
            )
        try:
            self.model.load_state_dict(state["model"])
        except RuntimeError as error:
            raise InputError(
                expected=text(
                    f"the checkpoint of this model in {self.directory}",
                    f"le point de reprise de ce modèle dans {self.directory}",
                ),
                got=text("weights of another shape", "des poids d'une autre forme"),
                remedy=text(
                    "choose another folder, or build the model with the same sizes",
                    "choisissez un autre dossier, ou créez le modèle avec les mêmes tailles",
                ),
            ) from error
        self.optimizer.load_state_dict(state["optimizer"])
        if self.scaler and state["scaler"]:
            self.scaler.load_state_dict(state["scaler"])
        if self.group.rank < len(state["generators"]) == self.group.size:
            cpu, cuda = state["generators"][self.group.rank]
            torch.set_rng_state(cpu)
            if cuda is not None and torch.cuda.is_available():
                torch.cuda.set_rng_state(cuda)
        else:  # another number of processes than before
            own_generator(self.config.seed, self.group, step=state["step"])
        self.result.history, self.recent = state["history"], state["recent"]
        self.result.skipped_steps = state["skipped_steps"]
        self.result.steps = self.result.resumed_from = state["step"]
        if self.group.first:
            self._rewrite_metrics()

    def log(self, entry: dict) -> None:
        """Remember an entry and append it to metrics.jsonl."""
        self.result.history.append(entry)
        if self.directory and self.group.first:
            self.directory.mkdir(parents=True, exist_ok=True)
            with open(self.metrics, "a", encoding="utf-8") as handle:
                handle.write(_line(entry))

    def _set_metrics_aside(self) -> None:
        """Metrics without a checkpoint, of a run that died early or of another one, make room: nothing is lost."""
        if self.metrics.exists():
            names = (self.directory / f"metrics.{number}.jsonl" for number in itertools.count(1))
            self.metrics.rename(next(name for name in names if not name.exists()))

    def _rewrite_metrics(self) -> None:
        """Drop the lines that were logged after the checkpoint: those steps are done again."""
        lines = "".join(map(_line, self.result.history))
        write_atomically(self.metrics, lambda target: target.write_text(lines, encoding="utf-8"))

    def save(self) -> None:
        """Write the whole state; in a group the first process does, with the generators of all."""
        cuda = torch.cuda.get_rng_state() if torch.cuda.is_available() else None
        generators = gathered(self.group, [torch.get_rng_state(), cuda])
        if self.group.first:
            self._write(generators)
        wait_for_all(self.group)

    def _write(self, generators: list) -> None:
        save_newest(
            self.directory,
            {
                "step": self.result.steps,
                "model": self.model.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "scaler": self.scaler.state_dict() if self.scaler else None,
                "generators": generators,
                "history": self.result.history,
                "recent": self.recent,
                "skipped_steps": self.result.skipped_steps,
                "train_config": _identity(self.config),
            },
            self.config.keep_checkpoints,
        )


def _line(entry: dict) -> str:
    # JSON has no infinity, which a checkpoint of an earlier version may hold.
    return json.dumps({name: value for name, value in entry.items() if math.isfinite(value)}) + "\n"


def _identity(config: TrainConfig) -> dict:
    """The settings that a resumed run must share with the one that it continues."""
    names = ("steps", "accumulation", "peak_learning_rate", "weight_decay", "max_norm", "seed")
    values = {name: getattr(config, name) for name in names}
    chosen = {"floor_learning_rate": config.floor, "warmup_steps": config.warmup, "betas": list(config.betas)}
    return values | chosen
