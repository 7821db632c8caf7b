"""Random sentences for word_order_probe, models and likelihoods whose answers to any right shuffle are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from attentif.checks.values import Recipe, Request
from attentif_grading.gap_oracle import INTERVAL, Ends, GapSetting, mean_ends, share_ends
from attentif_grading.masked_oracle import CUT, UNKNOWN, WORDS

# Of `first_pair`: in nats, and how often each sentence is shuffled.
SIZE, MANY = 4.0, 400


@dataclass(frozen=True)
class Sentences:
    """Sentences with what is right of them.

    Args:
        setting: whose tokenizer reads them.
        texts: the sentences.
        model, likelihood: recipes.
        costs, kept: of each sentence, in nats a token and as a share; empty where these depend on the shuffles.
        unknown: how many of the last ones the tokenizer does not know.
    """

    setting: GapSetting
    texts: tuple[str, ...]
    model: Recipe
    likelihood: Recipe
    costs: tuple[float, ...] = ()
    kept: tuple[bool, ...] = ()
    unknown: int = 0

    def request(self, rng: np.random.Generator | None = None, **options: Any) -> Request:
        """A call of word_order_probe, its sentences in another order where a generator is given."""
        order = range(len(self.texts)) if rng is None else rng.permutation(len(self.texts))
        texts = [self.texts[index] for index in order]
        arguments = {**options, "likelihood": self.likelihood, "interval": INTERVAL}
        return Request(args=(self.model, self.setting.recipes[1], texts), kwargs=arguments)

    @property
    def expected(self) -> dict[str, Any]:
        """The result."""
        groups, known = range(len(self.costs)), len(self.texts) - self.unknown
        found: dict[str, Ends] = {"cost": mean_ends(self.costs, groups)}
        found["retention"] = share_ends(self.kept, groups)
        return {**found, "n_used": known, "unknown": list(self.texts[known:])}


def _ids(setting: GapSetting, words: Sequence[str]) -> list[int]:
    return [setting.tokens.index(token) for token in setting.read(words)[0]]


def _words(rng: np.random.Generator, n: int, cut: bool = False) -> list[str]:
    """n different words, one of them cut in pieces if asked."""
    words = [str(word) for word in rng.choice(WORDS, n, replace=False)]
    if cut:
        words[int(rng.integers(n))] = str(rng.choice(list(CUT)))
    return words


def _answers(rng: np.random.Generator, setting: GapSetting) -> list[int]:
    """Two signs, which are no word of a sentence's middle."""
    return [setting.tokens.index(sign) for sign in rng.permutation([",", "##e"])]


def known_orders(
    rng: np.random.Generator,
    n_words: Sequence[int],
    n: int = 1,
    ends: Sequence[str] = ("", " ."),
    unknown: int = 0,
) -> Sentences:
    """Sentences that a likelihood and, for every other one, a model know from any other order of their words.

    With n above 1, each pair of neighbours in one n-gram adds to the likelihood, which a right shuffle keeps.
    """
    setting = GapSetting.drawn(rng, "attentif")
    texts, costs, kept, table, bags, pairs, listed = [], [], [], {}, {}, {}, []
    for number, length in enumerate(n_words):
        words = _words(rng, length, cut=number % 3 == 0)
        while (
            " ".join(sorted([*words, *ends[number % len(ends)].split()])) in bags
        ):  # the same words, in any order
            words = _words(rng, length, cut=number % 3 == 0)
        inside = [
            f"{one} {two}"
            for at, (one, two) in enumerate(pairwise(words))
            if at % n != n - 1 and at // n < length // n
        ]
        end = ends[number % len(ends)]
        text = " ".join(words) + end
        table[text] = float(np.round(-rng.uniform(5, 15), 3))
        bag = " ".join(sorted(text.split()))
        bags[bag] = float(np.round(table[text] - rng.uniform(2, 9), 3))
        pairs[bag] = dict.fromkeys(inside, 3.0)
        spoken = text.split()
        costs.append((table[text] - bags[bag]) / (len(setting.read(spoken)[0]) - 2))
        middle = (length - 1) // 2
        masked = [setting.mask if at == middle else word for at, word in enumerate(spoken)]
        if number % 2:
            listed.append(_ids(setting, masked))
        kept.append(number % 2 == 0)
        texts.append(text)
    for _ in range(unknown):
        words = _words(rng, n_words[0])
        words[int(rng.integers(len(words)))] = UNKNOWN
        texts.append(" ".join(words))
    size = len(setting.tokens)
    model = {"vocab_size": size, "answers": _answers(rng, setting), "known": listed}
    likelihood = {"table": table, "bags": bags, "pairs": pairs if n > 1 else {}}
    return Sentences(
        setting,
        tuple(texts),
        Recipe("by_place_model", model),
        Recipe("order_likelihood", likelihood),
        tuple(costs),
        tuple(kept),
        unknown,
    )


def still_mask(rng: np.random.Generator) -> Sentences:
    """Sentences of seven words and a model that answers otherwise if the mask has moved."""
    setting = GapSetting.drawn(rng, "attentif")
    texts = [" ".join(_words(rng, 7)) for _ in range(6)]
    model = {"vocab_size": len(setting.tokens), "answers": _answers(rng, setting), "mask_at": 4}
    likelihood = {"table": {text: -3.0 for text in texts}, "bags": {}}
    costs = tuple(47 / 7 for _ in texts)
    return Sentences(
        setting,
        tuple(texts),
        Recipe("by_place_model", model),
        Recipe("order_likelihood", likelihood),
        costs,
        (True,) * 6,
    )


def first_pairs(rng: np.random.Generator) -> Sentences:
    """Five sentences of four words in alphabetical order, judged by their first two words.

    Of the 23 other orders, 12 have the first two words the other way round: the mean cost is 24/23 of SIZE over 4.
    """
    setting = GapSetting.drawn(rng, "attentif")
    texts: dict[str, None] = {}
    while len(texts) < 5:  # equal sentences would be one group
        texts[" ".join(sorted(_words(rng, 4)))] = None
    model = {"vocab_size": len(setting.tokens), "answers": _answers(rng, setting)}
    return Sentences(
        setting,
        tuple(texts),
        Recipe("by_place_model", model),
        Recipe("first_pair_likelihood", {"size": SIZE}),
    )
