"""Too tired or too wide: does one adjective change whom the sentence is about?"""

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
from attentif.limits.cloze import ask_items, distributions
from attentif.limits.proportion import proportion


@dataclass(frozen=True)
class ReferentItem:
    """Two texts that differ by a word, and with it in what the gap stands for.

    The gap takes the place of the pronoun ("… because the [MASK] was too tired"), or of what it shows ("the nurse
    said that [MASK] …" for a pronoun). In French the candidates have one gender, or the words around tell them apart.

    Args:
        first: a text with one [MASK] that means `candidates[0]`.
        second: the same with another word, by which it means `candidates[1]`.
        candidates: the two words.
        group: items of one group are not independent; each is its own when empty.
    """

    first: str
    second: str
    candidates: tuple[str, str]
    group: str = ""

    def __post_init__(self) -> None:
        if len(self.candidates) != 2 or self.first == self.second or len(set(self.candidates)) != 2:
            raise InputError(
                expected=both(
                    "two different texts and two different words",
                    "deux textes différents et deux mots différents",
                ),
                got=f"{self.first!r}, {self.candidates!r}",
                remedy=both("change one word between the texts", "changez un mot d'un texte à l'autre"),
            )

    @property
    def name(self) -> str:
        """The first text."""
        return self.first

    @property
    def cluster(self) -> str:
        """The group."""
        return self.group or self.first

    def questions(self) -> list[tuple[str, str]]:
        """First text with both candidates, then second text with both."""
        return [(text, word) for text in (self.first, self.second) for word in self.candidates]


@dataclass(frozen=True)
class ReferentResult:
    """Whether the preferred referent follows the word that decides; each number with its interval.

    Args:
        accuracy: share of texts, two an item, whose right candidate is the more probable one; 0.5 for a model that
            always prefers the same one.
        flip: share of items right in both texts: the preference turns with the word.
        shift: mean of the log-odds (first over second candidate) in the first text minus those in the second, in
            nats; 0 if the word changes nothing, above 0 if it pulls the right way.
        n_used: items asked.
        unknown: names of the items left out for words that are no single token; neither right nor wrong.
    """

    accuracy: Interval
    flip: Interval
    shift: Interval
    n_used: int
    unknown: tuple[str, ...]


def coreference_probe(
    model: nn.Module, tokenizer: Any, items: Sequence[ReferentItem], interval: Callable = cluster_bootstrap
) -> ReferentResult:
    """Hide what a pronoun stands for in two texts that differ by one word: does the preference turn?

    With lo(text) = ln P(candidates[0] | text) − ln P(candidates[1] | text) at the gap,

        accuracy = share of lo(first) > 0 and of lo(second) < 0, together
        flip     = share of items with lo(first) > 0 and lo(second) < 0
        shift    = mean of lo(first) − lo(second)

    A tie is an error. Frequent words are preferred everywhere, which halves the accuracy but leaves the shift.

    Args:
        model, tokenizer: a masked language model, of `transformers` or of this library, and its tokenizer.
        items: at least 5 groups whose words the model knows.
        interval: how to bound a mean of grouped values, called as interval(values, groups).

    Raises:
        InputError (a ValueError): no items, or too few whose words the model knows.

    Source: Levesque et al. 2012, "The Winograd Schema Challenge"; scored by the hidden referent as in
        Kocijan et al. 2019, "A Surprisingly Robust Trick for the Winograd Schema Challenge", §3.

    >>> from attentif.checks.recipes import context_model, word_tokenizer
    >>> tokenizer = word_tokenizer(list("abcdefgh"))
    >>> items = [ReferentItem(f"{a} [MASK] g", f"{a} [MASK] h", ("a", "b")) for a in "abcdef"]
    >>> coreference_probe(context_model(tokenizer.vocab_size, seed=1), tokenizer, items).n_used
    6
    """
    scorer = MaskedScorer(model, tokenizer)
    kept, unknown = ask_items(scorer, items, FEWEST_GROUPS)
    rows = distributions(scorer, [question.context for _, asked in kept for question in asked])
    right, shifts = [], []  # right: (first text, second text) of each item
    for _, asked in kept:
        one, other, one_later, other_later = (rows[q.context][q.token_id].item() for q in asked)
        right.append((one > other, one_later < other_later))
        shifts.append((one - other) - (one_later - other_later))
    groups = [item.cluster for item, _ in kept]
    texts = [hit for pair in right for hit in pair]
    return ReferentResult(
        accuracy=proportion(texts, [group for group in groups for _ in range(2)], interval),
        flip=proportion([all(pair) for pair in right], groups, interval),
        shift=interval(shifts, groups),
        n_used=len(kept),
        unknown=unknown,
    )
