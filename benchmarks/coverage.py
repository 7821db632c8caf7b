"""How often the 95 % intervals hold the true mean, by number of groups.

    python benchmarks/coverage.py --machine "2 cores of a server CPU"

Values are simulated, so that their true mean is known: groups with effects of their own, of equal and unequal sizes,
normal and skewed, and preferences of 0 and 1. `percentile` is `cluster_bootstrap`, `bootstrap_t` is
`studentized_interval`. Kept are the share of the intervals that hold the true mean, how often they lie below and above
it, and their median width. No ratio: this measures no speed.
"""

from __future__ import annotations

import argparse
import datetime
import json
import math
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from attentif.bias.intervals import studentized_interval
from attentif.bias.statistics import Interval, cluster_bootstrap
from attentif.language import Remark

RESULTS = Path(__file__).resolve().parent / "results"
METHODS = {"percentile": cluster_bootstrap, "bootstrap_t": studentized_interval}
LEVEL = 0.95
LOG_ODDS, SPREAD = 0.4, 1.0  # of the binary preferences: mean and standard deviation over the groups

Sample = tuple[np.ndarray, np.ndarray]  # values and groups


def grouped(generator: np.random.Generator, effects: np.ndarray, sizes: np.ndarray) -> Sample:
    """Each group's effect, plus what its values have for themselves."""
    groups = np.repeat(np.arange(len(effects)), sizes)
    return effects[groups] + generator.normal(size=len(groups)), groups


def normal(generator: np.random.Generator, n_groups: int) -> Sample:
    """Normal effects in groups of four."""
    return grouped(generator, generator.normal(size=n_groups), np.full(n_groups, 4))


def skewed(generator: np.random.Generator, n_groups: int) -> Sample:
    """Exponential effects, of mean 0, in groups of four."""
    return grouped(generator, generator.exponential(size=n_groups) - 1, np.full(n_groups, 4))


def unequal(generator: np.random.Generator, n_groups: int) -> Sample:
    """Normal effects in groups of 1 to 30, most of them small."""
    sizes = np.minimum(generator.geometric(0.2, n_groups), 30)
    return grouped(generator, generator.normal(size=n_groups), sizes)


def binary(generator: np.random.Generator, n_groups: int) -> Sample:
    """Preferences of 0 and 1 in groups of 1 to 8, each group with its own probability."""
    sizes = generator.integers(1, 9, n_groups)
    probabilities = 1 / (1 + np.exp(-generator.normal(LOG_ODDS, SPREAD, n_groups)))
    groups = np.repeat(np.arange(n_groups), sizes)
    return (generator.random(len(groups)) < probabilities[groups]).astype(float), groups


def binary_mean() -> float:
    """The true mean of the preferences, by Gauss and Hermite's quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    return float(weights @ (1 / (1 + np.exp(-(LOG_ODDS + SPREAD * nodes)))) / math.sqrt(2 * math.pi))


WORLDS: dict[str, tuple[Callable[[np.random.Generator, int], Sample], float]] = {
    "normal": (normal, 0.0),
    "skewed": (skewed, 0.0),
    "unequal": (unequal, 0.0),
    "binary": (binary, binary_mean()),
}


def coverage(world: str, n_groups: int, replicates: int, resamples: int, seed: int) -> dict[str, dict]:
    """Both methods on the same samples."""
    draw, truth = WORLDS[world]
    generator = np.random.default_rng([seed, n_groups, *map(ord, world)])
    found: dict[str, list[Interval]] = {name: [] for name in METHODS}
    for replicate in range(replicates):
        values, groups = draw(generator, n_groups)
        for name, interval in METHODS.items():
            found[name].append(interval(values, groups, resamples, LEVEL, replicate))
    return {name: _summary(intervals, truth) for name, intervals in found.items()}


def _summary(intervals: list[Interval], truth: float) -> dict[str, float]:
    low, high = (np.array([getattr(each, end) for each in intervals]) for end in ("low", "high"))
    held = float(((low <= truth) & (truth <= high)).mean())
    return {
        "coverage": round(held, 4),
        "standard_error": round(math.sqrt(held * (1 - held) / len(intervals)), 4),
        "below": round(float((high < truth).mean()), 4),
        "above": round(float((low > truth).mean()), 4),
        "median_width": round(float(np.median(high - low)), 4),
    }


def main() -> None:
    """Simulate and keep the shares."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--machine", required=True, help="in words")
    parser.add_argument("--groups", type=int, nargs="+", default=[5, 10, 20, 40, 80])
    parser.add_argument("--replicates", type=int, default=2000)
    parser.add_argument("--resamples", type=int, default=999)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--results", type=Path, default=RESULTS)
    asked = parser.parse_args()

    warnings.simplefilter("ignore", Remark)  # few groups are what this is about
    measured = {}
    for world in WORLDS:
        for n_groups in asked.groups:
            found = coverage(world, n_groups, asked.replicates, asked.resamples, asked.seed)
            measured[f"{world}_{n_groups}_groups"] = found
            said = ", ".join(f"{name} {each['coverage']:.3f}" for name, each in found.items())
            print(f"{world}, {n_groups} groups: {said}", flush=True)
    kept = {
        "benchmark": "coverage",
        "machine": asked.machine,
        "date": datetime.date.today().isoformat(),
        "settings": {
            "level": LEVEL,
            "groups": asked.groups,
            "replicates": asked.replicates,
            "resamples": asked.resamples,
            "seed": asked.seed,
            "numpy": np.__version__,
        },
        "measurements": measured,
        "ratios": {},
    }
    asked.results.mkdir(exist_ok=True)
    path = asked.results / "coverage.json"
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(f"kept in {path}")


if __name__ == "__main__":
    main()
