"""What loss the reference reaches with the settings of the notebooks' training cells, over several seeds.

    python benchmarks/expected_losses.py --seeds 5             the settings of a CPU
    python benchmarks/expected_losses.py --seeds 3 --device cuda   those of a GPU, computed on whatever there is

It adds what is missing to src/attentif/expected_losses.json, which the training cells compare a student's loss with,
and takes out the settings that no notebook has any more. A loss that is there is not measured again.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from unittest import mock

import torch

from attentif.evaluation import compare_with_floor
from attentif.expected_losses import FILE, read_losses, settings_key
from attentif.experiment import RunConfig, prepare, run
from attentif.models import Parts
from attentif.training_state import TrainingResult
from attentif_grading.run_cells import code_cells, run_cells

HOME = Path(__file__).resolve().parent.parent
DEVICES = ("cpu", "cuda")


def training_settings(device: str, home: Path = HOME) -> Iterator[RunConfig]:
    """The settings of every training cell on Microcosm, as the notebooks' own code chooses them for a device."""
    found: list[RunConfig] = []

    def prepared(config: RunConfig, *parts: object, **functions: object) -> mock.MagicMock:
        found.append(config)
        return mock.MagicMock()

    replaced = {
        "attentif.notebook.setup": lambda language: torch.device(device),
        "attentif.notebook.corpus_within_reach": lambda name, device: False,
        "attentif.run_folder.run_folder": lambda: None,
        "attentif.experiment.prepare": prepared,
        "attentif.training_cell.train": lambda *given, **options: TrainingResult(),
    }
    with ExitStack() as patches:
        for name, function in replaced.items():
            patches.enter_context(mock.patch(name, function))
        for path in sorted(home.glob("grading/source/*/notebook1*.ipynb")):
            kept = [cell for cell in code_cells(path) if cell["role"] in ("setup", "definition", "training")]
            for cell in run_cells(kept):
                if cell.error:
                    raise RuntimeError(f"{path.name}, {cell.name}: {cell.error}")
    yield from found


def main() -> None:
    """Measure what is missing, one run after the other, and write after each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--device", choices=DEVICES, default="cpu")
    asked = parser.parse_args()
    wanted = {settings_key(config) for device in DEVICES for config in training_settings(device)}
    for config in training_settings(asked.device):
        for seed in range(asked.seeds):
            losses = {key: list(values) for key, values in read_losses().items() if key in wanted}
            measured = losses.setdefault(settings_key(config), [])
            if len(measured) > seed:
                continue
            experiment = prepare(replace(config, seed=seed), Parts())
            run(experiment, progress=False)
            compared = compare_with_floor(experiment)
            measured.append((round(compared.model, 4), round(compared.floor, 4)))
            print(settings_key(config), measured, flush=True)
            FILE.write_text(json.dumps({"losses": losses}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
