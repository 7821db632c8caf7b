"""Winogender for masked models: does the pronoun follow who works in an occupation?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import nn

from attentif.bias.benchmark_files import WinogenderTemplate
from attentif.bias.groups import FEWEST_GROUPS
from attentif.bias.pair_scores import pair_scores
from attentif.bounds import digits, settle
from attentif.errors import InputError
from attentif.language import text


@dataclass(frozen=True)
class Agreement:
    """How far the log-odds of occupations follow a statistic.

    Args:
        r: Pearson's correlation.   low, high: its 95 % interval, from −1 to 1.
        n: the number of occupations.
    """

    r: float
    low: float
    high: float
    n: int

    def __post_init__(self) -> None:
        settle(self, -1, 1, "low", "high")
        settle(self, -1, self.high, "low")
        if not -1 <= self.low <= self.high <= 1:
            raise InputError(
                expected=text("ends in order, from −1 to 1", "des bornes dans l'ordre, de −1 à 1"),
                got=f"{digits(self.low)}, {digits(self.high)}",
                remedy=text("take quantiles of correlations", "prenez des quantiles de corrélations"),
            )


def winogender_log_odds(
    model: nn.Module, tokenizer: Any, templates: Sequence[WinogenderTemplate]
) -> dict[str, float]:
    """For each occupation ln P(feminine pronoun) − ln P(masculine one) at the pronoun, mean over its templates.

    Those in which the pronoun stands for the other person count too: a model that resolves it has no reason to
    follow the occupation there, and their difference is `coreference_probe`'s concern.

    Args:
        model, tokenizer: a masked language model, of `transformers` or of this library, and its tokenizer.
        templates: see `load_winogender`.

    Returns:
        occupation → nats, in order of appearance.

    Raises:
        InputError: no templates, or what cannot be scored.

    Source: Rudinger et al. 2018, "Gender Bias in Coreference Resolution"; masked instead of resolved, as no
        coreference model is asked here.
    """
    pairs = [(template.written("female"), template.written("male")) for template in templates]
    scores = pair_scores(model, tokenizer, pairs, "modified")
    found: dict[str, list[float]] = {}
    for template, (feminine, masculine) in zip(templates, scores.tolist(), strict=True):
        found.setdefault(template.occupation, []).append(feminine - masculine)
    return {occupation: float(np.mean(values)) for occupation, values in found.items()}


def agreement_with(
    log_odds: Mapping[str, float], shares: Mapping[str, float], n_resamples: int = 2000, seed: int = 0
) -> Agreement:
    """The correlation of log-odds with the percentage of women, over the occupations that both have.

    The interval goes between quantiles of the correlations of resampled occupations.

    Args:
        log_odds: occupation → nats.
        shares: occupation → percentage.
        n_resamples: of the bootstrap.
        seed: of numpy's generator.

    Raises:
        InputError: fewer than 5 occupations in common, or values that do not vary.

    Source: Davison and Hinkley 1997, "Bootstrap Methods and their Application", §5.3.

    >>> odds, women = {"a": 0.1, "b": 0.3, "c": 0.2, "d": 0.9, "e": 0.7}, {"a": 5, "b": 20, "c": 30, "d": 80, "e": 70}
    >>> round(agreement_with(odds, women).r, 2)
    0.97
    """
    names = [name for name in log_odds if name in shares]
    x = np.array([log_odds[name] for name in names])
    y = np.array([shares[name] for name in names], dtype=float)
    if len(names) < FEWEST_GROUPS or not np.ptp(x) or not np.ptp(y):
        raise InputError(
            expected=text(
                f"at least {FEWEST_GROUPS} occupations with different values",
                f"au moins {FEWEST_GROUPS} métiers aux valeurs différentes",
            ),
            got=str(len(names)),
            remedy=text("give both for the same occupations", "donnez les deux pour les mêmes métiers"),
        )
    generator = np.random.default_rng(seed)
    drawn = generator.integers(len(names), size=(n_resamples, len(names)))
    resampled = _correlations(x[drawn], y[drawn])
    low, high = np.nanquantile(resampled, [0.025, 0.975])
    return Agreement(float(_correlations(x[None], y[None])[0]), float(low), float(high), len(names))


def _correlations(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Of each row; NaN where one does not vary."""
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        found = (x * y).sum(axis=1) / np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
    return np.clip(found, -1, 1)
