"""All attention heads of a model side by side: which ones carry the effect?"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import nn

from attentif.bias.groups import FEWEST_GROUPS
from attentif.bias.scorer import MaskedScorer
from attentif.bias.statistics import Interval, cluster_bootstrap
from attentif.errors import InputError
from attentif.language import text
from attentif.limits.cloze import check_enough
from attentif.limits.inside import head_shape
from attentif.limits.mediation import head_effect, questions_on


@dataclass(frozen=True)
class MediationPair:
    """A text, the same with one word exchanged, and the two words whose odds are followed.

    Args:
        original, counterfactual: texts with one [MASK].
        words: y = P(words[0]) / P(words[1]); in Vig et al. the anti-stereotypical word over the stereotypical one.
        group: pairs of one group (an occupation) are not independent; each is its own when empty.
    """

    original: str
    counterfactual: str
    words: tuple[str, str]
    group: str = ""

    @property
    def cluster(self) -> str:
        """The group."""
        return self.group or self.original


@dataclass(frozen=True)
class MediationTable:
    """The effects of a set of pairs, averaged, with intervals over their groups.

    Args:
        total: mean change of the log-odds, nats.
        total_ratio: mean of y(counterfactual) / y(original) − 1.
        indirect: (L, H) intervals, the mean change through each head alone, nats.
        indirect_ratio: (L, H), mean of the ratio through each head alone.
        n_used: pairs measured.
        unknown: originals of the pairs left out for words that are no single token or unknown.
        uneven: originals of those whose two texts have different numbers of tokens.
    """

    total: Interval
    total_ratio: Interval
    indirect: tuple[tuple[Interval, ...], ...]
    indirect_ratio: np.ndarray
    n_used: int
    unknown: tuple[str, ...]
    uneven: tuple[str, ...]

    def estimates(self) -> np.ndarray:
        """(L, H), the mean change of the log-odds through each head, nats."""
        return np.array([[interval.estimate for interval in layer] for layer in self.indirect])

    def share(self) -> np.ndarray:
        """(L, H), indirect / total; not a partition: heads that act together are counted in each, or in none."""
        return self.estimates() / self.total.estimate


def head_effects(
    model: nn.Module,
    tokenizer: Any,
    pairs: Sequence[MediationPair],
    batch_size: int = 64,
    effect: Callable = head_effect,
    interval: Callable = cluster_bootstrap,
) -> MediationTable:
    """Patch every head of a model, one at a time, on every pair, and average over the pairs.

    Args:
        model, tokenizer: a masked language model, of `transformers` or of this library, and its tokenizer.
        pairs: at least 5 groups of them whose texts and words fit the model.
        batch_size: how many heads are patched at once.
        effect: patches heads, called as `head_effect`.
        interval: how to bound a mean of grouped values, called as interval(values, groups).

    Raises:
        InputError (a ValueError): no pairs, too few that the vocabulary allows, a model whose heads are not found.

    Source: Vig et al. 2020, §3 and §4 (averages over occupations).

    >>> from attentif.corpus.tokenizers import WordTokenizer
    >>> from attentif.models import MaskedLM, ModelConfig
    >>> tokenizer = WordTokenizer(["il", "elle", *"abcdef"])
    >>> model = MaskedLM(ModelConfig(tokenizer.vocab_size, d_model=6, n_heads=3))
    >>> pairs = [MediationPair(f"{letter} [MASK]", "f [MASK]", ("il", "elle")) for letter in "abcde"]
    >>> head_effects(model, tokenizer, pairs).estimates().shape
    (2, 3)
    """
    scorer = MaskedScorer(model, tokenizer)
    n_layers, n_heads = head_shape(model)
    heads = list(itertools.product(range(n_layers), range(n_heads)))
    kept, unknown, uneven = _fitting(scorer, pairs)
    totals, indirect = [], np.empty((len(kept), len(heads)))
    for row, pair in enumerate(kept):
        for start in range(0, len(heads), batch_size):
            part = heads[start : start + batch_size]
            found = effect(model, tokenizer, pair.original, pair.counterfactual, pair.words, part)
            indirect[row, start : start + len(part)] = found.indirect
        totals.append(found.total)
    groups = [pair.cluster for pair in kept]
    each = [interval(column.tolist(), groups) for column in indirect.T]
    return MediationTable(
        total=interval(totals, groups),
        total_ratio=interval(np.expm1(totals).tolist(), groups),
        indirect=tuple(tuple(each[layer * n_heads : (layer + 1) * n_heads]) for layer in range(n_layers)),
        indirect_ratio=np.expm1(indirect).mean(axis=0).reshape(n_layers, n_heads),
        n_used=len(kept),
        unknown=unknown,
        uneven=uneven,
    )


def _fitting(
    scorer: MaskedScorer, pairs: Sequence[MediationPair]
) -> tuple[list[MediationPair], tuple[str, ...], tuple[str, ...]]:
    if not len(pairs) or not all(isinstance(pair, MediationPair) for pair in pairs):
        raise InputError(
            expected=text("a list of MediationPair", "une liste de MediationPair"),
            got=" ".join(repr(pairs).split())[:60],
            remedy=text(
                "see attentif.limits.items.mediation_pairs", "voir attentif.limits.items.mediation_pairs"
            ),
        )
    kept, unknown, uneven = [], [], []
    for pair in pairs:
        first, second = (
            questions_on(scorer, each, pair.words) for each in (pair.original, pair.counterfactual)
        )
        if first is None or second is None:
            unknown.append(pair.original)
        elif (len(first[0].ids), first[0].position) != (len(second[0].ids), second[0].position):
            uneven.append(pair.original)
        else:
            kept.append(pair)
    check_enough({pair.cluster for pair in kept}, len(unknown), len(pairs), FEWEST_GROUPS)
    return kept, tuple(unknown), tuple(uneven)
