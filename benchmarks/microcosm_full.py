"""How near the floor of Microcosm full a small model comes, and in how long.

    python benchmarks/microcosm_full.py causal --machine "2 cores of a server CPU, nothing else running"

The training time is that of `pretrain` alone; the corpus and the evaluation are beside it. The distance from the floor is
a paired difference on the same predictions, with its standard error.
"""

from __future__ import annotations

import argparse
import datetime
import json
from pathlib import Path

import torch

from attentif.evaluation import compare_with_floor
from attentif.experiment import RunConfig, prepare, run

RESULTS = Path(__file__).resolve().parent / "results"
SHARED = {
    "corpus": "microcosm:fr:full",
    "context": 48,
    "beta2": 0.99,
    "evaluate_every": 0,
    "checkpoint_every": 0,
}
RUNS = {
    "causal": {
        "objective": "causal",
        "batch": 64,
        "steps": 2500,
        "learning_rate": 1e-2,
        "scale_embeddings": True,
    },
    "masked": {
        "objective": "masked",
        "layers": 3,
        "width": 128,
        "batch": 128,
        "steps": 24_000,
        "warmup": 500,
        "learning_rate": 5e-3,
        "early_masking": 0.4,
        "precision": "bfloat16",
    },
}


def main() -> None:
    """Train one of the two models and keep what it reached."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", choices=sorted(RUNS))
    parser.add_argument("--machine", required=True, help="in words")
    asked = parser.parse_args()

    settings = {**SHARED, **RUNS[asked.run]}
    experiment = prepare(RunConfig(**settings))
    result = run(experiment)
    compared = compare_with_floor(experiment)
    kept = {
        "benchmark": f"microcosm_full_{asked.run}",
        "machine": asked.machine,
        "date": datetime.date.today().isoformat(),
        "settings": {**settings, "threads": torch.get_num_threads(), "torch": torch.__version__},
        "measurements": {
            "seconds": round(result.seconds, 1),
            "parameters": experiment.model.n_parameters(),
            "model_nats": compared.model,
            "floor_nats": compared.floor,
            "excess": compared.excess,
            "excess_standard_error": compared.excess_error,
            "predictions": compared.predictions,
        },
        "ratios": {},
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{kept['benchmark']}.json"
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(f"{100 * compared.excess:.2f} % above the floor in {result.seconds:.0f} s; kept in {path}")


if __name__ == "__main__":
    main()
