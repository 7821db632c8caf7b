"""When a training run has to stop: its numbers are no longer finite."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from attentif.errors import InputError
from attentif.language import LANGUAGES, Said, joined, say, text

if TYPE_CHECKING:
    from attentif.pretraining import StepResult

# The scale begins at 2^16 and halves at each skip: at 2^-16 a gradient does not overflow because of it.
MOST_SKIPS = 32
# Numbers of a step that have a name in words; the terms of a loss are names of the code.
_NAMES = {"learning rate": text("learning rate", "taux d'apprentissage"), "loss": text("loss", "perte")}


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
        self.remedy = text(
            f"lower the learning rate (its peak is {peak_learning_rate:g}), look at the data, and check the parts "
            "that are your own",
            f"diminuez le taux d'apprentissage (son maximum est {peak_learning_rate:g}), regardez les données et "
            "vérifiez les parties qui sont de vous",
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
        found = text(
            f"a loss of {outcome.loss:g} and a gradient of norm {outcome.gradient_norm:g}",
            f"une perte de {outcome.loss:g} et un gradient de norme {outcome.gradient_norm:g}",
        )
        if self.scaled:
            skips = text(
                f", the last of {self.in_a_row} steps skipped in a row",
                f", la dernière de {self.in_a_row} étapes sautées d'affilée",
            )
            found = joined(found, skips)
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
