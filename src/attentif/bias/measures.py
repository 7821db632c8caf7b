"""Many measures of one kind, by occupation and template: their means, intervals and pictures, with the truth or without."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from attentif.bias.statistics import Interval
from attentif.charts import Picture, plot_calibration, plot_forest
from attentif.language import Remark, number, say, text

Scores = Mapping[tuple[str, str], float]

_MEAN = text("mean", "moyenne")
_ERRORS = text("mean over the sentences ± 2 standard errors", "moyenne sur les phrases ± 2 erreurs types")
_COVERED = text(
    "{covered} of {count} bars of occupations cover their diamond.",
    "Barres de métiers qui couvrent leur losange : {covered} sur {count}.",
)
_NO_TRUTH = text(
    "Nothing known stands against these measures.", "Rien de connu ne peut être opposé à ces mesures."
)
_AGREE = text(
    "Without planted values there is no calibration. The two measures agree with a correlation of r = {r} "
    "over {n} occupations, which tells that they see the same thing, not that it is right.",
    "Sans valeurs introduites, pas d'étalonnage. Les deux mesures s'accordent avec une corrélation r = {r} "
    "sur {n} métiers : elles voient la même chose, ce qui ne dit pas qu'elle soit juste.",
)


def means(scores: Scores) -> dict[str, float]:
    """The mean over templates of each occupation, in order of appearance.

    >>> means({("baker", "a"): 1.0, ("baker", "b"): 2.0, ("cook", "a"): 0.5})
    {'baker': 1.5, 'cook': 0.5}
    """
    return {occupation: float(np.mean(values)) for occupation, values in _by_occupation(scores).items()}


def show_measures(scores: Scores, planted: Mapping[str, float]) -> Picture:
    """A picture of the measures: against the planted values, or alone, with intervals, where none are known."""
    if planted:
        return plot_calibration(planted, means(scores))
    print(say(_NO_TRUTH))
    spread = {occupation: _two_errors(values) for occupation, values in _by_occupation(scores).items()}
    return plot_forest(_sorted(spread), title=say(_ERRORS))


def intervals_of(
    scores: Scores, resample: Callable[[Sequence[float], Sequence[Any]], Interval]
) -> dict[str, Interval]:
    """For each occupation an interval over its templates, largest estimate first; below, the mean of all occupations.

    Args:
        scores: one a template and occupation.
        resample: `cluster_bootstrap`. For one occupation its templates are the groups; for the mean, occupations are.
    """
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", Remark
        )  # a handful of templates each: the text below the picture says it
        found = {}
        for occupation, values in _by_occupation(scores).items():
            found[occupation] = resample(values, list(range(len(values))))
        mean = resample(list(scores.values()), [occupation for occupation, _ in scores])
    return {**_sorted(found), say(_MEAN): mean}


def references_of(planted: Mapping[str, float]) -> dict[str, float]:
    """The planted values as marks for `plot_forest` beside `intervals_of`, with their mean; none where none are known."""
    return {**planted, say(_MEAN): float(np.mean(list(planted.values())))} if planted else {}


def show_covered(intervals: Mapping[str, Interval], planted: Mapping[str, float]) -> None:
    """Say how many intervals of occupations hold what was planted; nothing where that is not known."""
    if planted:
        held = [intervals[name].low <= value <= intervals[name].high for name, value in planted.items()]
        print(say(_COVERED).format(covered=sum(held), count=len(held)))


def show_agreement(first: Mapping[str, float], second: Mapping[str, float]) -> None:
    """Say how two measures of the same occupations agree, where there is no truth to compare them with."""
    x, y = (np.array([values[name] for name in first]) for values in (first, second))
    r = float(np.corrcoef(x, y)[0, 1]) if np.ptp(x) and np.ptp(y) else 0.0
    print(say(_AGREE).format(r=number(r), n=len(first)))


def _by_occupation(scores: Scores) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for (occupation, _), value in scores.items():
        found.setdefault(occupation, []).append(value)
    return found


def _sorted(intervals: Mapping[str, Interval]) -> dict[str, Interval]:
    return dict(sorted(intervals.items(), key=lambda pair: -pair[1].estimate))


def _two_errors(values: Sequence[float]) -> Interval:
    middle, count = float(np.mean(values)), len(values)
    error = float(np.std(values, ddof=1)) / math.sqrt(count) if count > 1 else 0.0
    return Interval(middle, middle - 2 * error, middle + 2 * error, count, float(count))
