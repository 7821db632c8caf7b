"""Who did what to whom: does the order of the roles, or what the text implies, reach the gap?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from attentif.bias.groups import FEWEST_GROUPS
from attentif.bias.scorer import MaskedScorer
from attentif.bias.statistics import Interval, cluster_bootstrap
from attentif.errors import InputError
from attentif.language import text as both
from attentif.limits.cloze import ask_items, check_settings, distributions
from attentif.limits.comparing import rank
from attentif.limits.proportion import proportion


@dataclass(frozen=True)
class RoleItem:
    """A word, a text that calls for it, and texts or words that do not.

    With `reversed`, the word is compared with itself in the text whose roles are exchanged ("the waitress the
    customer had served"); with `others`, with other words in the same text. One of them at least is needed.

    Args:
        text: with one [MASK], where `target` is at home.
        target: the word.
        reversed: the text with the roles exchanged, where `target` is odd; none if empty.
        others: odd words for `text`.
        group: items of one group are not independent; each is its own when empty.
    """

    text: str
    target: str
    reversed: str = ""
    others: tuple[str, ...] = ()
    group: str = ""

    def __post_init__(self) -> None:
        if not (self.reversed or self.others) or self.reversed == self.text or self.target in self.others:
            raise InputError(
                expected=both(
                    "a reversed text or other words to compare with",
                    "un texte aux rôles inversés, ou d'autres mots à comparer",
                ),
                got=repr(self.text),
                remedy=both("exchange the two roles of the text", "échangez les deux rôles du texte"),
            )

    @property
    def name(self) -> str:
        """The text."""
        return self.text

    @property
    def cluster(self) -> str:
        """The group."""
        return self.group or self.text

    def questions(self) -> list[tuple[str, str]]:
        """The target in its text, then all that it is compared with."""
        reversed_text = [(self.reversed, self.target)] if self.reversed else []
        return [(self.text, self.target), *reversed_text, *((self.text, word) for word in self.others)]


@dataclass(frozen=True)
class RoleResult:
    """Whether a model expects the right word; each number with its interval.

    Args:
        accuracy: share of items whose target is among the k most probable words of its text.
        sensitivity: share whose target is more probable than all that it is compared with.
        sensitivity_margin: the same, by more than the margin.
        log_ratio: mean of ln P(target) − ln of the most probable alternative, in nats.
        n_used: items asked.
        unknown: names of the items left out for words that are no single token; neither right nor wrong.
    """

    accuracy: Interval
    sensitivity: Interval
    sensitivity_margin: Interval
    log_ratio: Interval
    n_used: int
    unknown: tuple[str, ...]


def role_probe(
    model: nn.Module,
    tokenizer: Any,
    items: Sequence[RoleItem],
    k: int = 5,
    margin: float = 0.01,
    interval: Callable = cluster_bootstrap,
) -> RoleResult:
    """Is a word more probable where it makes sense than where the roles are exchanged, or than words that make none?

    accuracy: the target is among the k most probable words (equals before it); sensitivity: P(target | text) is above
    P(target | reversed text) and above P(w | text) for each other word w; with the margin, by more than it.
    A model that reads words without their order has a sensitivity of 0 to reversals, and a log-ratio of 0.

    Args:
        model, tokenizer: a masked language model, of `transformers` or of this library, and its tokenizer.
        items: role reversals, completions, or both; at least 5 groups whose words the model knows.
        k, margin: as in `negation_probe`.
        interval: how to bound a mean of grouped values, called as interval(values, groups).

    Raises:
        InputError (a ValueError): no items, too few whose words the model knows, k or margin out of range.

    Source: Ettinger 2020, "What BERT Is Not", §4.1 and §4.2 (CPRAG-102, ROLE-88), after Chow et al. 2016 and
        Federmeier and Kutas 1999. Deviation: items out of the vocabulary are left out and counted.

    >>> from attentif.checks.recipes import context_model, word_tokenizer
    >>> tokenizer = word_tokenizer(list("abcdefg"))
    >>> items = [RoleItem(f"{a} {b} [MASK]", "a", reversed=f"{b} {a} [MASK]") for a, b in ("bc", "cd", "de", "ef", "fg")]
    >>> role_probe(context_model(tokenizer.vocab_size, seed=1), tokenizer, items).n_used
    5
    """
    scorer = MaskedScorer(model, tokenizer)
    kept, unknown = ask_items(scorer, items, FEWEST_GROUPS)
    rows = distributions(scorer, [question.context for _, asked in kept for question in asked])
    check_settings(k, margin, len(next(iter(rows.values()))))
    hits, leads, ratios = [], [], []
    for _, asked in kept:
        target, *others = (rows[question.context][question.token_id] for question in asked)
        rival = max(others)
        hits.append(rank(rows[asked[0].context], asked[0].token_id) <= k)
        leads.append((target.exp() - rival.exp()).item())
        ratios.append((target - rival).item())
    groups = [item.cluster for item, _ in kept]
    return RoleResult(
        accuracy=proportion(hits, groups, interval),
        sensitivity=proportion([lead > 0 for lead in leads], groups, interval),
        sensitivity_margin=proportion([lead > margin for lead in leads], groups, interval),
        log_ratio=interval(ratios, groups),
        n_used=len(kept),
        unknown=unknown,
    )
