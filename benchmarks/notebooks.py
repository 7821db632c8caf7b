"""Both notebooks, from the first cell to the last with the reference's solutions, on the device that a student would get.

    python benchmarks/notebooks.py --machine "one NVIDIA T4"

It tells how long each cell took, what the models reached against the floor of their language, and the memory that the
device gave. Needs torch, matplotlib and transformers, and neither Jupyter nor nbgrader.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
from pathlib import Path

import torch

from attentif.evaluation import compare_with_floor
from attentif_grading.run_cells import code_cells, run_cells, runs_kept_for_now

HERE = Path(__file__).resolve().parent
SOURCES = HERE.parent / "grading" / "source"


def main() -> None:
    """Run the notebooks and keep the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--machine", required=True, help="in words")
    parser.add_argument("--language", nargs="*", default=["fr", "en"], choices=("fr", "en"))
    parser.add_argument("--results", type=Path, default=HERE / "results")
    asked = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    measured = {}
    for language in asked.language:
        for path in sorted(SOURCES.glob(f"*-{language}/*.ipynb")):
            measured[f"{language}/{path.stem}"] = _measure(path, device)
    kept = {
        "benchmark": f"notebooks_{device}",
        "machine": asked.machine,
        "date": datetime.date.today().isoformat(),
        "settings": {"device": device, "torch": torch.__version__, "python": platform.python_version()},
        "measurements": measured,
        "ratios": {},
    }
    asked.results.mkdir(exist_ok=True)
    target = asked.results / f"{kept['benchmark']}.json"
    target.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(kept, indent=1, ensure_ascii=False))


def _measure(path: Path, device: str) -> dict:
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    names: dict = {"__name__": "__main__"}
    with runs_kept_for_now():
        ran = run_cells(code_cells(path), names)
    found = {
        "seconds": round(sum(each.seconds for each in ran), 1),
        "seconds_of_training": {each.name: each.seconds for each in ran if each.role == "training"},
        "errors": [f"{each.name}: {each.error.splitlines()[-1]}" for each in ran if each.error],
        "warnings": [f"{each.name}: {said}" for each in ran for said in each.warned],
        "setup": next(each.printed for each in ran if each.role == "setup").strip(),
    }
    if device == "cuda":
        found["peak_memory_mib"] = round(torch.cuda.max_memory_allocated() / 2**20)
    for model in ("writer", "filler"):
        if model in names:
            compared = compare_with_floor(names[model], strict=False)
            found[model] = {
                "steps": names[model].config.steps,
                "parameters": names[model].model.n_parameters(),
                "model_nats": compared.model,
                "floor_nats": compared.floor,
                "excess": compared.excess,
                "excess_standard_error": compared.excess_error,
            }
    return found


if __name__ == "__main__":
    main()
