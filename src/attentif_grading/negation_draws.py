"""Random items for negation_probe, chosen so that every mistake shows, and what is right of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.spatial.distance import jensenshannon

from attentif.checks.values import Recipe, Request
from attentif_grading.gap_oracle import (
    INTERVAL,
    MASK,
    Ends,
    GapSetting,
    best_of,
    chosen,
    mean_ends,
    place_of,
    share_ends,
    sized_groups,
)
from attentif_grading.masked_oracle import CUT, UNKNOWN, WORDS

NOUNS, VERBS, ARTICLES = ("chat", "livre", "juge"), ("est", "dort", "lit"), ("le", "la", "un", "une")
K, MARGIN = 3, 0.04


@dataclass(frozen=True)
class Seen:
    """One item and what the model says of it: places, leads of probability, the most probable word."""

    setting: GapSetting
    affirmative: str
    negated: str
    true: str
    false: str
    group: str = ""

    @property
    def fields(self) -> dict[str, str]:
        """What the item is made of."""
        names = ("affirmative", "negated", "true", "false", "group")
        return {name: getattr(self, name) for name in names}

    def at(self, form: str, word: str) -> dict[str, float]:
        """P(· at the gap) of a form of the text, written for this word."""
        article = "an" if word[0] in "aeiou" else "a"
        return self.setting.at_gap(getattr(self, form).replace("(a|an)", article))

    @cached_property
    def places(self) -> tuple[int, int]:
        """Of the right completion among all words: affirmative, negated."""
        right = (("affirmative", self.true), ("negated", self.false))
        return tuple(place_of(self.at(form, word), word) for form, word in right)

    @cached_property
    def leads(self) -> tuple[float, float]:
        """P(right) − P(wrong): affirmative, negated."""
        pairs = (("affirmative", self.true, self.false), ("negated", self.false, self.true))
        return tuple(self.at(form, one)[one] - self.at(form, two)[two] for form, one, two in pairs)

    @cached_property
    def same(self) -> bool:
        """Whether the most probable word is the same with and without the negation."""
        return best_of(self.at("affirmative", self.true)) == best_of(self.at("negated", self.true))

    @cached_property
    def distance(self) -> float:
        """Jensen–Shannon distance, to base 2."""
        p, q = (list(self.at(form, self.true).values()) for form in ("affirmative", "negated"))
        return float(jensenshannon(p, q, base=2))


def pool(rng: np.random.Generator, setting: GapSetting, n: int, gap: str = MASK, words=WORDS) -> list[Seen]:
    """Random items of different texts, n at most."""
    found = {}
    for _ in range(n):
        start = str(rng.choice(["", "et ", "vite , "]))
        article, noun, verb = (str(rng.choice(part)) for part in (ARTICLES, NOUNS, VERBS))
        end = str(rng.choice([" .", " , et lit .", " et dort"]))
        true, false = (str(word) for word in rng.choice(words, 2, replace=False))
        yes, no = (f"{start}{article} {noun} {said} {gap}{end}" for said in (verb, f"ne {verb} pas"))
        found.setdefault(yes, Seen(setting, yes, no, true, false))
    return list(found.values())


def _wishes() -> list:
    """One item each on which a mistake shows, in the affirmative and in the negated form."""
    wishes = []
    for form in (0, 1):
        wishes += [
            lambda item, form=form: item.places[form] == 1,
            lambda item, form=form: 1 < item.places[form] <= K and item.leads[form] > 0,
            lambda item, form=form: item.places[form] == K + 1,
            lambda item, form=form: item.places[form] > K + 1 and 0 < item.leads[form] < 0.8 * MARGIN,
            lambda item, form=form: item.leads[form] > 1.2 * MARGIN and item.places[form] <= K,
            lambda item, form=form: item.leads[form] < -0.01,
        ]
    return [*wishes, lambda item: item.same, lambda item: not item.same]


def mixed(rng: np.random.Generator, kind: str) -> list[Seen]:
    """Sixteen items on which all is found, and all is missed."""
    while True:
        setting = GapSetting.drawn(rng, kind)
        found = chosen(rng, pool(rng, setting, 200), _wishes(), 16)
        if found:
            return found


def tied(rng: np.random.Generator, kind: str) -> list[Seen]:
    """Twelve items; the two words of some are as probable, so that neither is ahead of the other."""
    while True:
        setting = GapSetting.drawn(rng, kind)
        one, other, third, fourth = (str(word) for word in rng.choice(WORDS, 4, replace=False))
        setting = setting.with_twins((one, other), (third, fourth))
        plain = pool(rng, setting, 100)
        pairs = [
            Seen(setting, item.affirmative, item.negated, *rng.permutation(pair).tolist())
            for item, pair in zip(plain, [(one, other), (third, fourth)] * 50, strict=False)
        ]
        # Of two at the edge of the k most probable, one too many.
        edge = [lambda item, form=form: item.places[form] == K + 1 for form in (0, 1)]
        ties = chosen(rng, pairs, edge, 6)
        others = chosen(rng, plain[10:], _wishes()[:2], 6)
        if ties and others:
            return [each for pair in zip(ties, others, strict=True) for each in pair]


def certain(rng: np.random.Generator, kind: str) -> list[Seen]:
    """Ten items that are all right without the negation, and all wrong with it: shares of 1 and 0."""
    while True:
        setting = GapSetting.drawn(rng, kind)
        items = [
            item
            for item in pool(rng, setting, 300)
            if item.places[0] <= K
            and item.places[1] > K + 1
            and item.leads[0] > 1.2 * MARGIN
            and item.leads[1] < -0.01
        ]
        found = chosen(rng, items, [lambda item: item.same, lambda item: not item.same], 10)
        if found:
            return found


def with_articles(rng: np.random.Generator, kind: str) -> list[Seen]:
    """Ten items with "(a|an)": the two words of half of them want different articles."""
    while True:
        setting = GapSetting.drawn(rng, kind)
        items = pool(rng, setting, 200, gap=f"(a|an) {MASK}")
        vowel = [(item.true[0] in "aeiou") - (item.false[0] in "aeiou") for item in items]
        sides = [[item for item, side in zip(items, vowel, strict=True) if side == each] for each in (1, -1)]
        found = [chosen(rng, side, [lambda item: item.same, lambda item: not item.same], 5) for side in sides]
        if all(found):
            return [*found[0], *found[1]]


def unknown(rng: np.random.Generator, setting: GapSetting, n: int) -> list[Seen]:
    """Items that the vocabulary cannot be asked: a word in several pieces, or one that it cannot write."""
    bad = [*CUT, UNKNOWN]
    found = []
    for number, item in enumerate(pool(rng, setting, n)):
        word = str(rng.choice(bad[:-1])) if number % 3 else UNKNOWN
        pair = (word, item.false) if number % 2 else (item.true, word)
        found.append(Seen(setting, item.affirmative.replace("et", ","), item.negated, *pair))
    return found


def grouped(rng: np.random.Generator, items: Sequence[Seen], most: int = 3) -> list[Seen]:
    """The same items in groups of 1 to `most`."""
    labels = sized_groups(rng, len(items), most)
    return [
        Seen(item.setting, item.affirmative, item.negated, item.true, item.false, label)
        for item, label in zip(items, labels, strict=True)
    ]


def request(items: Iterable[Seen], **options: Any) -> Request:
    """A call of negation_probe."""
    items = list(items)
    asked = Recipe("limit_items", {"kind": "negation", "rows": [item.fields for item in items]})
    return Request(args=(*items[0].setting.recipes, asked), kwargs={**options, "interval": INTERVAL})


def expected(items: Sequence[Seen], k: int = 5, margin: float = 0.01) -> dict[str, Any]:
    """What is right of items that can be asked."""
    groups = [item.group or item.affirmative for item in items]
    found: dict[str, Ends] = {}
    for form, name in enumerate(("affirmative", "negated")):
        found[f"accuracy_{name}"] = share_ends([item.places[form] <= k for item in items], groups)
        found[f"sensitivity_{name}"] = share_ends([item.leads[form] > 0 for item in items], groups)
        found[f"margin_{name}"] = share_ends([item.leads[form] > margin for item in items], groups)
    found["overlap"] = share_ends([item.same for item in items], groups)
    found["distance"] = mean_ends([item.distance for item in items], groups)
    return {**found, "n_used": len(items), "unknown": []}
