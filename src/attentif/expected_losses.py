"""The loss that the reference reaches with the notebooks' settings, over several seeds: what a student may expect.

`benchmarks/expected_losses.py` measures it and writes expected_losses.json.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, stdev

from attentif.run_config import RunConfig
from attentif.run_record import PASSING

FILE = Path(__file__).with_name("expected_losses.json")
_LEAST_SPREAD = 0.005  # nats: another device or number format alone changes as much


@dataclass(frozen=True)
class NormalLoss:
    """Mean and standard deviation (ddof 1) over seeds of the validation loss, in nats a prediction."""

    mean: float
    spread: float
    seeds: int

    def verdict(self, loss: float) -> str:
        """ "within" three spreads of the mean, "above" or "below"."""
        room = 3 * max(self.spread, _LEAST_SPREAD)
        if not math.isfinite(loss) or loss > self.mean + room:
            return "above"
        return "below" if loss < self.mean - room else "within"


def normal_loss(config: RunConfig) -> NormalLoss | None:
    """What is normal with these settings, whatever the seed; None where nobody has measured it."""
    losses = read_losses().get(settings_key(config), [])
    return NormalLoss(mean(losses), stdev(losses), len(losses)) if len(losses) > 1 else None


def settings_key(config: RunConfig) -> str:
    """The settings that decide a loss, those that are not the default, as one line."""
    usual = asdict(RunConfig())
    values = {
        name: value
        for name, value in asdict(config).items()
        if name not in PASSING | {"seed"} and value != usual[name]
    }
    values["corpus"] = config.corpus
    return json.dumps(values, sort_keys=True)


def read_losses() -> dict[str, Sequence[float]]:
    """Settings → one validation loss for each seed."""
    return json.loads(FILE.read_text(encoding="utf-8"))["losses"] if FILE.is_file() else {}
