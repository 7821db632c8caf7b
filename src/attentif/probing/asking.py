"""From scores to readings, with the intervals that hold their level."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from attentif.bias.encoding import TextEncoder
from attentif.bias.groups import FEWEST_GROUPS
from attentif.bias.intervals import studentized_interval
from attentif.bias.pairs import Pair
from attentif.bias.statistics import Interval
from attentif.language import Remark, say, text
from attentif.limits.proportion import proportion
from attentif.probing.reading import Outcome, Reading

_FEW = text(
    "Left out, for want of {n} independent groups: {names}.",
    "Laissés de côté, faute de {n} groupes indépendants : {names}.",
)


def reading_of(
    name: str,
    found: Any,
    scale: float = 1.0,
    reference: float | None = None,
    within: tuple[float, float] = (-math.inf, math.inf),
) -> Reading:
    """A reading of an `Interval`, or of a `Proportion` of the limits, times a scale, its ends kept within limits."""
    size = getattr(found, "n_groups", None) or found.n
    low, high = (min(max(scale * end, within[0]), within[1]) for end in (found.low, found.high))
    effective = float(getattr(found, "effective_size", size))
    return Reading(name, scale * found.estimate, low, high, size, effective, reference)


def by_name(
    values: Mapping[str, Sequence[float]],
    groups: Mapping[str, Sequence[Hashable]],
    references: Mapping[str, float] | None = None,
    read: Callable[..., Reading] | None = None,
) -> tuple[tuple[Reading, ...], tuple[str, ...]]:
    """A mean and its interval for each name; a remark names those with too few groups.

    Args:
        values: name → (N,) numbers.
        groups: name → (N,) labels of the exchangeable unit.
        references: name → the true value, where it is known.
        read: `mean_reading` when None, or `share_reading`.
    """
    found, few = [], []
    for name, of_name in values.items():
        if len(set(groups[name])) < FEWEST_GROUPS:
            few.append(name)
            continue
        found.append((read or mean_reading)(name, of_name, groups[name], (references or {}).get(name)))
    said = say(_FEW).format(n=FEWEST_GROUPS, names=", ".join(few))
    return tuple(found), (said,) if few else ()


def mean_reading(
    name: str, values: Sequence[float], groups: Sequence[Hashable], reference: float | None = None
) -> Reading:
    """The mean of values and its bootstrap-t interval."""
    return reading_of(name, bounded(values, groups), reference=reference)


def share_reading(
    name: str, values: Sequence[float], groups: Sequence[Hashable], reference: float | None = None
) -> Reading:
    """The mean of values of 0, ½ and 1, in %: between 0 and 100, and exact where all of them are 0, or all 1.

    A bootstrap of values that are all alike has no width, as if they left no doubt.
    """
    values = list(values)
    if set(values) in ({0.0}, {1.0}):
        found: Any = proportion([value == 1.0 for value in values], list(groups))
    else:
        found = bounded(values, groups)
    return reading_of(name, found, 100, reference, within=(0.0, 100.0))


def bounded(values: Sequence[float], groups: Sequence[Hashable]) -> Interval:
    """As `studentized_interval`, without its warnings: the page shows the number of groups beside each reading."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Remark)
        return studentized_interval(list(values), list(groups))


def preferences(scores: np.ndarray) -> np.ndarray:
    """(N,) 1 where the first sentence of a pair scores higher, 0 where the second does, ½ for a tie; from (N, 2)."""
    return (1 + np.sign(scores[:, 0] - scores[:, 1])) / 2


def without_unknown(tokenizer: Any, pairs: Iterable[Pair]) -> tuple[list[Pair], tuple[str, ...]]:
    """The pairs that a tokenizer can read, and the words for which the others were left out."""
    encoder, kept, unknown = TextEncoder(tokenizer), [], {}
    for pair in pairs:
        missing = [word for word in _words(pair) if unknown_word(encoder, word)]
        unknown.update(dict.fromkeys(missing))
        if not missing:
            kept.append(pair)
    return kept, tuple(unknown)


def unknown_word(encoder: TextEncoder, word: str) -> bool:
    """Whether a word has a part that the vocabulary lacks."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Remark)
        return encoder.unk_id is not None and encoder.unk_id in encoder.encode(word).ids


def _words(pair: Pair) -> list[str]:
    return list(dict.fromkeys(f"{pair.more} {pair.less}".split()))


def outcome(
    readings: Sequence[Reading], n_used: int, unknown: Sequence[str] = (), remarks: Sequence[str] = ()
) -> Outcome:
    """An outcome of what was found."""
    return Outcome(tuple(readings), tuple(remarks), n_used, tuple(unknown))
