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
from attentif.language import Remark, Text, number, say, text
from attentif.limits.proportion import proportion
from attentif.probing.reading import Outcome, Reading

_MARKS = ".,;:!?\"'«»()"
_NOTHING = text(
    "fewer than {n} independent groups of questions are left",
    "il reste moins de {n} groupes indépendants de questions",
)
_FEW = text(
    "Left out, for want of {n} independent groups: {names}.",
    "Laissés de côté, faute de {n} groupes indépendants : {names}.",
)


_ALIKE = 1e-12  # ends as near as this are one


def reading_of(
    name: str,
    found: Any,
    scale: float = 1.0,
    reference: float | None = None,
    within: tuple[float, float] = (-math.inf, math.inf),
    chance: float | None = None,
) -> Reading:
    """A reading of an `Interval`, or of a `Proportion` of the limits, times a scale, its ends kept within limits."""
    size = getattr(found, "n_groups", None) or found.n
    low, high = (min(max(scale * end, within[0]), within[1]) for end in (found.low, found.high))
    if high - low <= _ALIKE * max(1.0, abs(high)):
        low = high = math.nan  # all groups say the same: that is no certainty
    effective = float(getattr(found, "effective_size", size))
    return Reading(name, scale * found.estimate, low, high, size, effective, reference, chance=chance)


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
    """The mean of values of 0, ½ and 1, in %, between 0 and 100.

    Where each group says yes or no, once or with one voice, the interval is the exact one of so many groups: that of
    a bootstrap of 5 to 20 such answers holds far less than 95 %, and has no width where all are alike.
    """
    by_group: dict[Hashable, list[float]] = {}
    for value, group in zip(values, groups, strict=True):
        by_group.setdefault(group, []).append(value)
    answers = [set(each) for each in by_group.values()]
    alike = len({len(each) for each in by_group.values()}) == 1 or len(set().union(*answers)) == 1
    if alike and all(each in ({0.0}, {1.0}) for each in answers):
        found: Any = proportion([each == {1.0} for each in answers], range(len(answers)))
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


def without_unknown(
    tokenizer: Any,
    questions: Iterable[Any],
    texts_of: Callable[[Any], Sequence[str]] = lambda pair: (pair.more, pair.less),
) -> tuple[list[Any], tuple[str, ...]]:
    """The questions that a tokenizer can read, and the words for which the others were left out.

    Args:
        tokenizer: of the model.
        questions: pairs, or whatever else is asked.
        texts_of: the texts of a question; of a pair, its sentences.
    """
    encoder, kept, unknown = TextEncoder(tokenizer), [], {}
    known: dict[str, bool] = {}
    for question in questions:
        words = dict.fromkeys(word for said in texts_of(question) for word in said.split())
        for word in words:
            if word not in known:
                known[word] = not unknown_word(encoder, word)
        missing = [word for word in words if not known[word]]
        unknown.update(dict.fromkeys(word.strip(_MARKS) or word for word in missing))
        if not missing:
            kept.append(question)
    return kept, tuple(unknown)


def unknown_word(encoder: TextEncoder, word: str) -> bool:
    """Whether a word has a part that the vocabulary lacks."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Remark)
        return encoder.unk_id is not None and encoder.unk_id in encoder.encode(word).ids


def signed(value: float, digits: int = 2) -> str:
    """A number whose sign and size do not get lost in rounding: of a small one the first digit that is not 0.

    >>> signed(-0.125, 1), signed(-0.0003), signed(0.0), signed(1e-9)
    ('−0.1', '−0.0003', '0.00', '0.00')
    """
    if abs(value) < 5e-7:
        value = 0.0
    elif abs(value) < 0.5 * 10**-digits:
        digits = -math.floor(math.log10(abs(value)))
    return number(value, digits)


def by_category(
    pairs: Sequence[Pair], chosen: np.ndarray, everything: str, names: Mapping[str, Text]
) -> tuple[tuple[Reading, ...], tuple[str, ...]]:
    """Shares of all pairs and of each category, over the word pairs; and what `by_name` remarks.

    Args:
        pairs: N of them.
        chosen: (N,) 0, ½ or 1, see `preferences`.
        everything: the name of all pairs together.
        names: category → what it is called; one that has no name keeps its own.
    """
    values: dict[str, list[float]] = {everything: chosen.tolist()}
    groups: dict[str, list[Hashable]] = {everything: [pair.unit for pair in pairs]}
    for pair, value in zip(pairs, chosen.tolist(), strict=True):
        name = say(names.get(pair.category, pair.category))
        values.setdefault(name, []).append(value)
        groups.setdefault(name, []).append(pair.unit)
    return by_name(values, groups, read=share_reading)


def pair_items(pairs: Sequence[Pair], scores: np.ndarray) -> tuple[dict[str, Any], ...]:
    """Pair by pair what was compared, with the score of each sentence, nats."""
    return tuple(
        {
            "item": pair.id,
            "category": pair.category,
            "group": " / ".join(pair.unit),
            "first": pair.more,
            "second": pair.less,
            "score_first": float(first),
            "score_second": float(second),
        }
        for pair, (first, second) in zip(pairs, scores.tolist(), strict=True)
    )


def outcome(
    readings: Sequence[Reading],
    n_used: int,
    unknown: Sequence[str] = (),
    remarks: Sequence[str] = (),
    n_left_out: int = 0,
    items: Sequence[dict[str, Any]] = (),
) -> Outcome:
    """An outcome of what was found; without any number it is a refusal that says why."""
    refused = "" if readings else say(_NOTHING).format(n=FEWEST_GROUPS)
    return Outcome(tuple(readings), tuple(remarks), n_used, tuple(unknown), refused, n_left_out, tuple(items))
