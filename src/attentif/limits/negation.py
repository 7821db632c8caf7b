"""Does the model hear "not"?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from attentif.bias.groups import FEWEST_GROUPS
from attentif.bias.scorer import MaskedScorer
from attentif.bias.statistics import Interval, cluster_bootstrap
from attentif.limits.cloze import ask_items, check_settings, distributions
from attentif.limits.comparing import jensen_shannon, rank
from attentif.limits.proportion import proportion


@dataclass(frozen=True)
class NegationItem:
    """A sentence with a gap, the same negated, and a completion for each.

    Args:
        affirmative, negated: texts with one [MASK]; "(a|an)" in them is settled by the completion.
        true: what makes the affirmative one true, and the negated one false.
        false: what makes the negated one true, and the affirmative one false.
        group: items of one group are not independent; each is its own when empty.
    """

    affirmative: str
    negated: str
    true: str
    false: str
    group: str = ""

    @property
    def name(self) -> str:
        """The affirmative text."""
        return self.affirmative

    @property
    def cluster(self) -> str:
        """The group."""
        return self.group or self.affirmative

    def questions(self) -> list[tuple[str, str]]:
        """Affirmative with `true` and `false`, then negated with `true` and `false`."""
        return [(text, word) for text in (self.affirmative, self.negated) for word in (self.true, self.false)]


@dataclass(frozen=True)
class NegationResult:
    """What a negation changes; each number with its interval over the items that the vocabulary can be asked.

    Args:
        accuracy_affirmative, accuracy_negated: share of items whose right completion is among the k most probable.
        sensitivity_affirmative, sensitivity_negated: share whose right completion is more probable than the other.
        margin_affirmative, margin_negated: the same, by more than the margin.
        overlap: share whose most probable word is the same with and without the negation.
        distance: mean Jensen–Shannon distance of the two distributions, from 0 (the negation is not heard) to 1.
        n_used: items asked.
        unknown: names of the items left out for words that are no single token; they count as neither right nor wrong.
    """

    accuracy_affirmative: Interval
    accuracy_negated: Interval
    sensitivity_affirmative: Interval
    sensitivity_negated: Interval
    margin_affirmative: Interval
    margin_negated: Interval
    overlap: Interval
    distance: Interval
    n_used: int
    unknown: tuple[str, ...]


def negation_probe(
    model: nn.Module,
    tokenizer: Any,
    items: Sequence[NegationItem],
    k: int = 5,
    margin: float = 0.01,
    interval: Callable = cluster_bootstrap,
) -> NegationResult:
    """Ask the same gap with and without a negation, and tell what changes of what should.

    With P the probability over the whole vocabulary at the gap,

        accuracy     the right completion is among the k most probable words (words as probable as it count before it)
        sensitivity  P(right) > P(wrong); with the margin, P(right) − P(wrong) > margin
        overlap      argmax P(· | affirmative) = argmax P(· | negated)
        distance     Jensen–Shannon distance of P(· | affirmative) and P(· | negated)

    The right completion is `true` in the affirmative text and `false` in the negated one. A model that does not
    hear the negation is right on all affirmative texts, wrong on all negated ones, with an overlap of 1.

    Args:
        model: a masked language model, of `transformers` or of this library.
        tokenizer: its tokenizer.
        items: at least 5 groups of them that the vocabulary can be asked.
        k: from 1 to V − 1.
        margin: a difference of probabilities.
        interval: how to bound a mean of grouped values, called as interval(values, groups).

    Returns:
        NegationResult; shares in [0, 1].

    Raises:
        InputError (a ValueError): no items, too few whose words the model knows, k or margin out of range.

    Source: Ettinger 2020, "What BERT Is Not", §4.3 and §5 (accuracy, sensitivity, the margin of 0.01);
        Kassner and Schütze 2020, "Negated and Misprimed Probes", §3 (overlap).
        Deviation: where Ettinger's code calls a completion out of the vocabulary wrong, its item is left out
        and counted.

    >>> from attentif.checks.recipes import context_model, word_tokenizer
    >>> tokenizer = word_tokenizer(["pas", "un", *"abcdef"])
    >>> items = [NegationItem(f"{a} un [MASK]", f"{a} pas un [MASK]", "a", "b") for a in "abcdef"]
    >>> negation_probe(context_model(tokenizer.vocab_size, seed=1), tokenizer, items).n_used
    6
    """
    scorer = MaskedScorer(model, tokenizer)
    kept, unknown = ask_items(scorer, items, FEWEST_GROUPS)
    rows = distributions(scorer, [question.context for _, asked in kept for question in asked])
    check_settings(k, margin, len(next(iter(rows.values()))))
    groups = [item.cluster for item, _ in kept]
    found = {name: [] for name in NegationResult.__dataclass_fields__ if name not in ("n_used", "unknown")}
    for _, (yes_true, yes_false, no_true, no_false) in kept:
        for form, right, wrong in (("affirmative", yes_true, yes_false), ("negated", no_false, no_true)):
            row = rows[right.context]
            lead = row[right.token_id].exp() - rows[wrong.context][wrong.token_id].exp()
            found[f"accuracy_{form}"].append(rank(row, right.token_id) <= k)
            found[f"sensitivity_{form}"].append(bool(lead > 0))
            found[f"margin_{form}"].append(bool(lead > margin))
        # The same completion is written in both, so that only the negation differs.
        affirmative, negated = rows[yes_true.context], rows[no_true.context]
        found["overlap"].append(bool(affirmative.argmax() == negated.argmax()))
        found["distance"].append(jensen_shannon(affirmative, negated).item())
    distance = interval(found.pop("distance"), groups)
    shares = {name: proportion(hits, groups, interval) for name, hits in found.items()}
    return NegationResult(**shares, distance=distance, n_used=len(kept), unknown=unknown)
