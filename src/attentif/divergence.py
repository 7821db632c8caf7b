"""Steps that would do harm: a loss that is no number, or far above all before it. They are skipped, counted, and end a run."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from attentif.distributed import mean_over, this_group
from attentif.errors import InputError
from attentif.language import LANGUAGES, Said, joined, say, text

if TYPE_CHECKING:
    from attentif.pretraining import StepResult

# The scale begins at 2^16 and halves at each skip: at 2^-16 a gradient does not overflow because of it.
MOST_SKIPS = 32
MOST_NOT_FINITE = 8  # without a scaler
# A spike is a loss this far above the median of the last ones: in standard deviations, and as a share of the median.
SPIKE_DEVIATIONS, SPIKE_SHARE = 10.0, 0.5
WINDOW, FEWEST, MOST_SPIKES = 100, 50, 5
# Numbers of a step that have a name in words; the terms of a loss are names of the code.
_NAMES = {"learning rate": text("learning rate", "taux d'apprentissage"), "loss": text("loss", "perte")}


def is_spike(loss: float, recent: Sequence[float]) -> bool:
    """Whether a loss is far above the last ones.

    loss > m + max(10 σ, m / 2), with m their median and σ = 1.4826 · median |x − m|, which outliers do not move.

    Args:
        loss: of a step.
        recent: losses of the steps before, oldest first; with fewer than 50 nothing is a spike.

    >>> is_spike(9.0, [3.0, 3.1] * 30), is_spike(4.0, [3.0, 3.1] * 30), is_spike(9.0, [3.0])
    (True, False, False)
    """
    if len(recent) < FEWEST:
        return False
    middle = statistics.median(recent)
    spread = 1.4826 * statistics.median(abs(each - middle) for each in recent)
    return loss > middle + max(SPIKE_DEVIATIONS * spread, SPIKE_SHARE * abs(middle))


class Watch:
    """Looks at each step before the weights change, and leaves them alone where its loss is no number or a spike.

    It listens to the objective, so that any step function is watched, a student's too. Such steps are counted, and
    too many in a row stop the run; a level of the loss that stays is taken for the new one.

    Args:
        objective: of the run; give `watch.objective` to the step.
        optimizer: of the run.
        scaled: whether an overflow is ordinary: the scaler of fp16 gradients skips that step and goes on.
        peak_learning_rate: of the run.
        checkpoint: of the run, None if it keeps none.
    """

    def __init__(
        self,
        objective: Callable,
        optimizer: torch.optim.Optimizer,
        scaled: bool,
        peak_learning_rate: float,
        checkpoint: Path | None,
    ):
        self.objective = _Listening(objective)
        self.most = MOST_SKIPS if scaled else MOST_NOT_FINITE
        self.checkpoint = checkpoint
        self.recent: list[float] = []
        self.in_a_row = self.spikes_in_a_row = 0
        self._spike = False
        self._hook = optimizer.register_step_pre_hook(self._before_the_step)
        self.remedy = text(
            f"lower the learning rate (its peak is {peak_learning_rate:g}), look at the data, and check the parts "
            "that are your own",
            f"diminuez le taux d'apprentissage (son maximum est {peak_learning_rate:g}), regardez les données et "
            "vérifiez les parties qui sont de vous",
        )

    def close(self) -> None:
        """Leave the optimizer as it was."""
        self._hook.remove()

    def _before_the_step(self, optimizer: torch.optim.Optimizer, *_: Any) -> None:
        loss = self.objective.loss()
        if loss is not None:
            loss = mean_over(this_group(), loss)  # all processes decide alike
        self._spike = loss is not None and math.isfinite(loss) and is_spike(loss, self.recent)
        if self._spike and self.spikes_in_a_row == MOST_SPIKES:
            self._spike, self.recent = False, []  # the loss stays there
        if self._spike or (loss is not None and not math.isfinite(loss)):
            for group in optimizer.param_groups:
                for parameter in group["params"]:
                    parameter.grad = None

    def skipped(self, step: int, outcome: StepResult) -> str:
        """Why this step was skipped: "not finite", "spike", or "" where it was not.

        Raises:
            InputError: too many steps in a row whose loss or gradient is not finite.
        """
        self.objective.forget()
        if math.isfinite(outcome.loss) and math.isfinite(outcome.gradient_norm):
            self.in_a_row = 0
            if self._spike:
                self._spike = False
                self.spikes_in_a_row += 1
                return "spike"
            self.spikes_in_a_row = 0
            self.recent = [*self.recent, outcome.loss][-WINDOW:]
            return ""
        self.in_a_row += 1
        if self.in_a_row < self.most:
            return "not finite"
        found = text(
            f"a loss of {outcome.loss:g} and a gradient of norm {outcome.gradient_norm:g}, the last of {self.in_a_row} "
            "steps skipped in a row",
            f"une perte de {outcome.loss:g} et un gradient de norme {outcome.gradient_norm:g}, à la dernière de "
            f"{self.in_a_row} étapes sautées d'affilée",
        )
        saved = self.checkpoint is not None and self.checkpoint.exists()
        kept = text(f"; {self.checkpoint} is as it was", f" ; {self.checkpoint} est resté tel quel")
        raise InputError(
            expected=text(
                f"a finite loss and gradient at step {step}",
                f"une perte et un gradient finis à l'étape {step}",
            ),
            got=found,
            remedy=joined(self.remedy, kept) if saved else self.remedy,
        )


class _Listening:
    """An objective that remembers what it said in this step."""

    def __init__(self, objective: Callable):
        self._objective = objective
        self.heard: list[tuple[dict[str, Tensor], dict[str, int]]] = []
        self._counted: dict[int, dict[str, int]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._objective, name)

    def counts(self, batch: Any) -> dict[str, int]:
        """As the objective's; counting makes the CPU wait for a GPU, so it is done once a piece."""
        self._counted[id(batch)] = self._objective.counts(batch)
        return self._counted[id(batch)]

    def __call__(self, model: nn.Module, batch: Any) -> dict[str, Tensor]:
        terms = self._objective(model, batch)
        counts = self._counted.pop(id(batch), None) or self._objective.counts(batch)
        self.heard.append(({name: mean.detach() for name, mean in terms.items()}, counts))
        return terms

    def forget(self) -> None:
        """Begin a new step: an identity may be that of another batch then."""
        self.heard.clear()
        self._counted.clear()

    def loss(self) -> float | None:
        """Of the whole batch so far, as `training_step` weighs its pieces; None where nothing was asked."""
        if not self.heard:
            return None
        names = self.heard[0][0]
        totals = {name: max(1, sum(counts[name] for _, counts in self.heard)) for name in names}
        return float(
            sum(
                mean * (counts[name] / totals[name])
                for terms, counts in self.heard
                for name, mean in terms.items()
            )
        )


def require_finite(numbers: dict[str, float], step: int, remedy: Said) -> None:
    """Refuse numbers of a step that are not finite, by name."""
    wrong = {name: value for name, value in numbers.items() if not math.isfinite(value)}
    if wrong:
        raise InputError(
            expected=text(f"finite numbers at step {step}", f"des nombres finis à l'étape {step}"),
            got={
                language: ", ".join(
                    f"{say(_NAMES.get(name, name), language)} {value:g}" for name, value in wrong.items()
                )
                for language in LANGUAGES
            },
            remedy=remedy,
        )
