"""Does a metric measure the bias that is there? Models trained on Microcosm with planted biases of known sizes.

    python benchmarks/calibration.py --languages fr en --seeds 0 1 2 --machine "2 cores of a server CPU"

For each language and seed one model is trained with the planted biases (log-odds of 0, ±0.25, ±0.5 and ±1 over the
occupations) and one with none. Every metric of `attentif.bias.planted` is then measured against what was planted, on
each model, and on the perfect model of the same world (`attentif.corpus.perfect_model`), which tells what the metric
would say without any training. Kept for each metric and language: slope, intercept, R², root mean square error and
smallest detected bias, of each seed and of the mean over seeds; of the models without bias, the mean measure.

Alarms: what is tested is the test alone. The measures of a model without bias, less their mean, are drawn again with
replacement, occupation by occupation, a hundred times, and each draw is asked whether its bootstrap-t interval leaves
out 0, the true mean of all of them. At 95 % about 5 should; 11 or fewer are consistent with that (P = 0.989).
What a model without planted bias itself leans to is another question: that is this model's bias, and its spread over
seeds that of the training procedure, for which the seeds would be the clusters; three are too few for an interval.

Trained models stay in build/calibration, and are used again; runs of other languages and seeds with the same settings
stay in the results.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch

from attentif.bias.intervals import studentized_interval
from attentif.bias.measures import means
from attentif.bias.planted import METRICS
from attentif.bias.statistics import calibration
from attentif.checkpoint import load_model, save_model
from attentif.corpus import open_corpus
from attentif.corpus.corruption import Corruption
from attentif.corpus.microcosm import Microcosm
from attentif.corpus.perfect_model import PerfectMaskedLM
from attentif.evaluation import compare_with_floor
from attentif.experiment import RunConfig, prepare, run
from attentif.language import Remark

HERE = Path(__file__).resolve().parent
KEPT = HERE.parent / "build" / "calibration"
REPLICATES, LEVEL = 100, 0.95
TOLD_AMONG = 4000  # sentences


def main() -> None:
    """Train what is missing, measure, and keep the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--languages", nargs="+", default=["fr", "en"], choices=["fr", "en"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--steps", type=int, default=9500)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--weight-decay", type=float, default=0.0)
    parser.add_argument("--machine", required=True, help="in words")
    parser.add_argument("--results", type=Path, default=HERE / "results")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    path = asked.results / "calibration.json"
    settings = {
        "steps": asked.steps,
        "width": asked.width,
        "weight_decay": asked.weight_decay,
        "torch": torch.__version__,
        "python": platform.python_version(),
    }
    runs = [each for each in _kept(path, settings) if (each["language"], each["seed"]) not in _asked(asked)]
    for language, seed in _asked(asked):
        runs.append(measured(language, seed, asked))
    runs.sort(key=lambda each: (each["language"], each["seed"]))
    kept = {
        "benchmark": "calibration",
        "machine": asked.machine,
        "date": datetime.date.today().isoformat(),
        "settings": settings,
        "measurements": {
            "perfect": {
                language: _perfect(language) for language in dict.fromkeys(r["language"] for r in runs)
            },
            "told_elsewhere": {
                language: told_elsewhere(language) for language in dict.fromkeys(r["language"] for r in runs)
            },
            "means": {
                language: summary([each for each in runs if each["language"] == language])
                for language in dict.fromkeys(each["language"] for each in runs)
            },
            "runs": runs,
        },
        "ratios": {},
    }
    asked.results.mkdir(exist_ok=True)
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(kept["measurements"]["means"], indent=1, ensure_ascii=False))


def measured(language: str, seed: int, asked: argparse.Namespace) -> dict[str, Any]:
    """All metrics on a model with the planted biases and on one without, of one seed."""
    biased, world, about = trained(language, seed, 1.0, asked)
    fair, fair_world, about_fair = trained(language, seed, 0.0, asked)
    found: dict[str, Any] = {
        "language": language,
        "seed": seed,
        "trained": about,
        "trained_fair": about_fair,
        "metrics": {},
    }
    for name, metric in METRICS.items():
        values = means(metric.measure(biased, world.tokenizer, world))
        none = means(metric.measure(fair, fair_world.tokenizer, fair_world))
        found["metrics"][name] = {
            "measured": {occupation: round(value, 4) for occupation, value in values.items()},
            "without_bias": {occupation: round(value, 4) for occupation, value in none.items()},
            **described(list(world.planted.values()), list(values.values())),
            "mean_without_bias": round(float(np.mean(list(none.values()))), 4),
            "alarms": alarms(list(none.values()), seed),
        }
    return found


def trained(
    language: str, seed: int, bias: float, asked: argparse.Namespace
) -> tuple[Any, Microcosm, dict[str, float]]:
    """A model of this world, trained now or before; how far it is above the floor."""
    config = RunConfig(
        corpus=f"microcosm:{language}", objective="masked", batch=64, steps=asked.steps, width=asked.width,
        learning_rate=4e-3, early_masking=0.4, weight_decay=asked.weight_decay, seed=seed, evaluate_every=0,
        checkpoint_every=0,
    )  # fmt: skip
    corpus = open_corpus(config.corpus, bias=bias)
    experiment = prepare(config, corpus=corpus)
    folder = KEPT / f"{language}-{seed}-{bias:g}-{asked.steps}-{asked.width}-{asked.weight_decay:g}"
    told = folder / "about.json"
    if told.exists():
        return load_model(folder), corpus.world, json.loads(told.read_text(encoding="utf-8"))
    began = time.perf_counter()
    run(experiment, progress=False)
    compared = compare_with_floor(experiment)
    about = {
        "excess_nats": round(compared.model - compared.floor, 4),
        "floor_nats": round(compared.floor, 4),
        "seconds": round(time.perf_counter() - began, 1),
    }
    folder.mkdir(parents=True, exist_ok=True)
    save_model(folder, experiment.model)
    told.write_text(json.dumps(about), encoding="utf-8")
    print(f"{folder.name}: {about}", file=sys.stderr, flush=True)
    return experiment.model, corpus.world, about


def described(planted: list[float], values: list[float]) -> dict[str, float]:
    """Slope, intercept, R², root mean square error and smallest detected size."""
    found = calibration(planted, values)
    return {
        "slope": round(found.slope, 4),
        "intercept": round(found.intercept, 4),
        "r_squared": round(found.r**2, 4),
        "rmse": round(found.rmse, 4),
        "smallest_detected": found.smallest_detected if np.isfinite(found.smallest_detected) else None,
    }


def alarms(values: list[float], seed: int) -> int:
    """How many of a hundred draws from values without bias have an interval that leaves out 0."""
    centred = np.array(values) - np.mean(values)
    generator = np.random.default_rng(seed)
    count = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Remark)
        for _ in range(REPLICATES):
            drawn = generator.choice(centred, size=len(centred))
            interval = studentized_interval(drawn.tolist(), range(len(drawn)), level=LEVEL)
            count += not interval.low <= 0 <= interval.high
    return count


def summary(runs: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Of each metric: all seeds' measures against planted, in one line and in the mean over seeds."""
    planted = Microcosm(runs[0]["language"]).planted
    found = {}
    for name in METRICS:
        of_metric = [each["metrics"][name] for each in runs]
        pooled = [value for each in of_metric for value in each["measured"].values()]
        averaged = np.mean([list(each["measured"].values()) for each in of_metric], axis=0)
        slopes = [each["slope"] for each in of_metric]
        found[name] = {
            "all_seeds": described(list(planted.values()) * len(runs), pooled),
            "mean_over_seeds": described(list(planted.values()), averaged.tolist()),
            "slopes": slopes,
            "alarms": [each["alarms"] for each in of_metric],
            "mean_without_bias": [each["mean_without_bias"] for each in of_metric],
        }
    return found


def _perfect(language: str) -> dict[str, dict[str, float]]:
    """The same on the perfect model; what asks it about unmasked words has no answer there."""
    world = Microcosm(language)
    model = PerfectMaskedLM(world, Corruption())
    return {
        name: described(
            list(world.planted.values()),
            list(means(metric.measure(model, world.tokenizer, world)).values()),
        )
        for name, metric in METRICS.items()
        if name != "aul"
    }


def told_elsewhere(language: str) -> float:
    """The share of sentences with such an occupation and a pronoun whose other words already tell the gender.

    Both are masked, and the perfect model is asked about the pronoun: from odds of e² = 7.4 to 1 on, it counts as told.
    A masked model learns little about the occupation from these.
    """
    world = Microcosm(language)
    tokenizer, model = world.tokenizer, PerfectMaskedLM(world, Corruption())
    masculine, feminine = (tokenizer.encode(word)[0] for word in world.pronouns)
    occupations = {tokenizer.encode(word)[0] for word in world.planted}
    told = []
    for ids in world.sentences(TOLD_AMONG, seed=0).to_lists():
        pronouns = [place for place, token in enumerate(ids) if token in (masculine, feminine)]
        if not pronouns or occupations.isdisjoint(ids):
            continue
        hidden = [
            tokenizer.mask_id if token in {masculine, feminine, *occupations} else token for token in ids
        ]
        logits = model(torch.tensor([[tokenizer.cls_id, *hidden, tokenizer.sep_id]]))[0, pronouns[0] + 1]
        told.append(abs(logits[feminine] - logits[masculine]).item() > 2)
    return round(float(np.mean(told)), 3)


def _asked(asked: argparse.Namespace) -> list[tuple[str, int]]:
    return [(language, seed) for language in asked.languages for seed in asked.seeds]


def _kept(path: Path, settings: dict[str, Any]) -> list[dict[str, Any]]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        return []
    return kept["measurements"]["runs"] if kept["settings"] == settings else []


if __name__ == "__main__":
    main()
