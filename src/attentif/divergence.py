"""When a training run has to stop: its numbers are no longer finite."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from attentif.errors import InputError

if TYPE_CHECKING:
    from attentif.pretraining import StepResult

# The scale begins at 2^16 and halves at each skip: at 2^-16 a gradient does not overflow because of it.
MOST_SKIPS = 32


class Watch:
    """Stops a run before a number that is not finite reaches its metrics or its checkpoint.

    Args:
        scaled: whether an overflow is ordinary: the scaler of fp16 gradients skips that step and goes on,
            and only `MOST_SKIPS` skips in a row stop the run. Without a scaler the first one does.
        peak_learning_rate: of the run.
        checkpoint: of the run, None if it keeps none.
    """

    def __init__(self, scaled: bool, peak_learning_rate: float, checkpoint: Path | None):
        self.scaled, self.checkpoint, self.in_a_row = scaled, checkpoint, 0
        self.remedy = (
            f"lower the learning rate (its peak is {peak_learning_rate:g}), look at the data, and check the parts "
            "that are your own"
        )

    def skipped(self, step: int, outcome: StepResult) -> bool:
        """Whether this step was skipped, for its loss or its gradient is not finite.

        Raises:
            InputError: such a step without a scaler, or too many of them in a row.
        """
        if math.isfinite(outcome.loss) and math.isfinite(outcome.gradient_norm):
            self.in_a_row = 0
            return False
        self.in_a_row += 1
        if self.scaled and self.in_a_row < MOST_SKIPS:
            return True
        found = f"a loss of {outcome.loss:g} and a gradient of norm {outcome.gradient_norm:g}"
        if self.scaled:
            found += f", the last of {self.in_a_row} steps skipped in a row"
        saved = self.checkpoint is not None and self.checkpoint.exists()
        kept = f"; {self.checkpoint} is as it was" if saved else ""
        raise InputError(
            expected=f"a finite loss and gradient at step {step}", got=found, remedy=self.remedy + kept
        )


def require_finite(numbers: dict[str, float], step: int, remedy: str) -> None:
    """Refuse numbers of a step that are not finite, by name."""
    wrong = {name: value for name, value in numbers.items() if not math.isfinite(value)}
    if wrong:
        raise InputError(
            expected=f"finite numbers at step {step}",
            got=", ".join(f"{name} {value:g}" for name, value in wrong.items()),
            remedy=remedy,
        )
