"""How far above the floor the reference stays with the notebooks' settings, over several seeds: what a student may expect.

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
class NormalExcess:
    """Mean and standard deviation (ddof 1) over seeds of validation loss minus floor, in nats a prediction.

    The floor of a masked model depends on which tokens were hidden, which differs between right functions; the
    distance from it hardly does.
    """

    mean: float
    spread: float
    seeds: int

    def verdict(self, excess: float) -> str:
        """ "within" three spreads of the mean, "above" or "below"."""
        room = 3 * max(self.spread, _LEAST_SPREAD)
        if not math.isfinite(excess) or excess > self.mean + room:
            return "above"
        return "below" if excess < self.mean - room else "within"


def normal_excess(config: RunConfig) -> NormalExcess | None:
    """What is normal with these settings, whatever the seed; None where nobody has measured it."""
    found = read_losses().get(settings_key(config), [])
    above = [loss - floor for loss, floor in found]
    return NormalExcess(mean(above), stdev(above), len(above)) if len(above) > 1 else None


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


def read_losses() -> dict[str, Sequence[tuple[float, float]]]:
    """Settings → for each seed, the validation loss and its floor."""
    return json.loads(FILE.read_text(encoding="utf-8"))["losses"] if FILE.is_file() else {}
