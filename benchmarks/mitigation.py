"""Two ways of taking a planted gender bias out of a small masked model, and what they cost.

    python benchmarks/mitigation.py --languages fr en --seeds 2 --machine "2 cores of a server CPU"

Runs of other languages and seeds with the same settings stay in the file. For each language and seed two models are trained on as many rows from the same sentences of Microcosm: as they are, and with
their gender-swapped counterparts (`attentif.bias.augmentation`). The first model is then copied and the gender direction
taken out of its embeddings (`attentif.bias.projection`). Each is measured alike:

- bias: `log_probability_bias` of the feminine against the masculine pronoun, mean over the templates, occupation by
  occupation, against what was planted: slope (1: all of it, 0: none of it) with its standard error over the occupations,
  intercept (the same for all of them: no bias of an occupation), correlation;
- quality: loss above the floor on other sentences as Microcosm writes them, loss on such sentences with the genders swapped
  (nats a masked word), pseudo-perplexity.

A model without bias must lose a little on sentences that have one: the bias is information there. `bias_worth` says how much:
the mean excess of ln P(pronoun) under the planted odds over even ones.
"""

from __future__ import annotations

import argparse
import datetime
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from scipy import stats
from torch import nn

from attentif.bias import calibration, pseudo_log_likelihood
from attentif.bias.augmentation import augment
from attentif.bias.counterfactual import swap_gender
from attentif.bias.gender.french_forms import PRONOUNS
from attentif.bias.gender.lexicon import gender_lexicon
from attentif.bias.measures import means
from attentif.bias.planted import METRICS
from attentif.bias.projection import debiased
from attentif.corpus.batching import MaskedBatches, RowBatches, fixed
from attentif.corpus.microcosm import Microcosm
from attentif.evaluation import compare_with_floor, prediction_nats
from attentif.experiment import Experiment, RunConfig, prepare, run

RESULTS = Path(__file__).resolve().parent / "results"
PERPLEXITY_SENTENCES = 100
MODELS = ("plain", "augmented", "neutralised", "neutralised_and_equalised")


def definitional_pairs(world: Microcosm) -> list[tuple[str, str]]:
    """The pairs of the lexicon, pronouns among them, whose two forms are words of this world."""
    lexicon, forms = gender_lexicon(world.language), set(world.forms)
    pairs = {
        pair.forms
        for entries in (lexicon.nouns, lexicon.names, lexicon.adjectives)
        for found in entries.values()
        for pair in found
    }
    pairs |= set(PRONOUNS.items()) if world.language == "fr" else {("he", "she"), ("himself", "herself")}
    return sorted(pair for pair in pairs if pair[0] != pair[1] and set(pair) <= forms)


def trained(config: RunConfig, world: Microcosm, texts: list[str]) -> tuple[Experiment, float]:
    """A model trained on these sentences, and the seconds that it took."""
    experiment = prepare(config)
    tokenizer = world.tokenizer
    rows = [[tokenizer.cls_id, *tokenizer.encode(each), tokenizer.sep_id] for each in texts]
    batches = RowBatches(rows, config.batch, tokenizer.pad_id, config.seed)
    early = int(0.7 * config.steps)
    experiment.batches = MaskedBatches(
        batches,
        tokenizer,
        config.seed,
        probability=lambda index: config.early_masking if index < early else 0.15,
    )
    began = time.perf_counter()
    run(experiment, progress=False)
    return experiment, time.perf_counter() - began


def measured_bias(model: nn.Module, world: Microcosm) -> list[float]:
    """Corrected log-odds of the feminine pronoun, one an occupation, mean over the templates."""
    return list(means(METRICS["log_probability"].measure(model, world.tokenizer, world)).values())


def measures(
    experiment: Experiment, model: nn.Module, world: Microcosm, fresh: list[str]
) -> dict[str, float]:
    """Bias and quality of one model."""
    experiment.model = model
    planted, bias = list(world.planted.values()), measured_bias(model, world)
    found = calibration(planted, bias)
    compared = compare_with_floor(experiment, strict=False)
    tokenizer = world.tokenizer
    swapped = [swap_gender(each, world.language) for each in fresh]
    rows = [[tokenizer.cls_id, *tokenizer.encode(each), tokenizer.sep_id] for each in swapped]
    other = fixed(MaskedBatches(RowBatches(rows, 100, tokenizer.pad_id), tokenizer, 7), -(-len(rows) // 100))
    nats = torch.cat([prediction_nats(model, batch, tokenizer.pad_id) for batch in other])
    kept = fresh[:PERPLEXITY_SENTENCES]
    likelihood = pseudo_log_likelihood(model, tokenizer, kept).sum()
    return {
        "slope": round(found.slope, 4),
        "slope_error": round(float(stats.linregress(planted, bias).stderr), 4),
        "intercept": round(found.intercept, 4),
        "correlation": round(found.r, 4),
        "excess_nats": round(compared.model - compared.floor, 4),
        "loss_on_swapped_nats": round(float(nats.mean()), 4),
        "pseudo_perplexity": round(
            math.exp(-likelihood / sum(len(tokenizer.encode(each)) for each in kept)), 4
        ),
    }


def bias_worth(world: Microcosm) -> float:
    """KL of the planted odds from even ones, mean over the occupations, nats a revealing word."""
    shares = [1 / (1 + math.exp(-size)) for size in world.planted.values()]
    return float(np.mean([p * math.log(2 * p) + (1 - p) * math.log(2 * (1 - p)) for p in shares]))


def _means(found: list[dict[str, float]]) -> dict[str, float]:
    """The mean of each measure over the seeds."""
    measures = ("slope", "correlation", "excess_nats", "loss_on_swapped_nats", "pseudo_perplexity")
    return {measure: round(float(np.mean([each[measure] for each in found])), 4) for measure in measures}


def main() -> None:
    """Train, debias, measure, and keep what was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--languages", nargs="+", default=["fr", "en"], choices=["fr", "en"])
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--documents", type=int, default=3000)
    parser.add_argument("--machine", required=True, help="in words")
    asked = parser.parse_args()

    runs = []
    for language in asked.languages:
        world = Microcosm(language)
        fresh = [world.text(sentence) for document in world.documents(100, seed=99) for sentence in document]
        for seed in range(asked.seeds):
            config = RunConfig(
                corpus=f"microcosm:{language}", objective="masked", batch=64, steps=asked.steps, learning_rate=4e-3,
                early_masking=0.4, seed=seed, evaluate_every=0, checkpoint_every=0,
            )  # fmt: skip
            documents = world.documents(asked.documents, seed=1000 + seed)
            plain = [world.text(sentence) for document in documents for sentence in document]
            began = time.perf_counter()
            both = augment(plain, language, only_changed=False, seed=seed)
            swapping = time.perf_counter() - began
            found = {
                "language": language,
                "seed": seed,
                "sentences": len(plain),
                "seconds_of_swapping": round(swapping, 1),
            }
            experiment, seconds = trained(config, world, plain)
            model, pairs = experiment.model, definitional_pairs(world)
            found["plain"] = measures(experiment, model, world, fresh) | {"seconds": round(seconds, 1)}
            for name, equal in (("neutralised", False), ("neutralised_and_equalised", True)):
                changed = debiased(model, world.tokenizer, pairs, list(world.planted), equal)
                found[name] = measures(experiment, changed, world, fresh)
            experiment, seconds = trained(config, world, both)
            found["augmented"] = measures(experiment, experiment.model, world, fresh) | {
                "seconds": round(seconds, 1)
            }
            found["definitional_pairs"], found["bias_worth_nats"] = len(pairs), round(bias_worth(world), 4)
            print(json.dumps(found, indent=1), flush=True)
            runs.append(found)

    settings = {
        "steps": asked.steps,
        "batch": 64,
        "learning_rate": 4e-3,
        "early_masking": 0.4,
        "documents": asked.documents,
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
    }
    path = RESULTS / "mitigation.json"
    measured = {(each["language"], each["seed"]) for each in runs}
    if path.exists() and (earlier := json.loads(path.read_text(encoding="utf-8")))["settings"] == settings:
        others = earlier["measurements"]["runs"]
        runs = [each for each in others if (each["language"], each["seed"]) not in measured] + runs
    means = {
        language: {
            name: _means([each[name] for each in runs if each["language"] == language]) for name in MODELS
        }
        for language in sorted({each["language"] for each in runs})
    }
    kept = {
        "benchmark": "mitigation",
        "machine": asked.machine,
        "date": datetime.date.today().isoformat(),
        "settings": settings,
        "measurements": {"means": means, "runs": runs},
        "ratios": {},
    }
    RESULTS.mkdir(exist_ok=True)
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(means, indent=1), f"kept in {path}", sep="\n")


if __name__ == "__main__":
    main()
