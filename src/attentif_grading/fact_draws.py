"""Random facts for fact_probe, chosen so that every mistake shows, and what is right of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from attentif.checks.values import Recipe, Request
from attentif_grading.gap_oracle import (
    INTERVAL,
    MASK,
    Ends,
    GapSetting,
    best_of,
    chosen,
    mean_ends,
    share_ends,
    sized_groups,
)
from attentif_grading.masked_oracle import CUT, UNKNOWN, WORDS


@dataclass(frozen=True)
class Seen:
    """One fact and what the model says of it."""

    setting: GapSetting
    text: str
    answer: str
    candidates: tuple[str, ...]
    prime: str = ""
    group: str = ""

    @property
    def fields(self) -> dict[str, Any]:
        """What the fact is made of."""
        return {name: getattr(self, name) for name in ("text", "answer", "candidates", "prime", "group")}

    @cached_property
    def row(self) -> dict[str, float]:
        """P at the gap."""
        return self.setting.at_gap(self.text)

    @cached_property
    def primed(self) -> dict[str, float]:
        """P at the gap behind the prime."""
        return self.setting.at_gap(f"{self.prime} {self.text}")

    def found(self, row: dict[str, float]) -> bool:
        """Whether the answer is ahead of all other words."""
        return all(p < row[self.answer] for word, p in row.items() if word != self.answer)

    @property
    def known(self) -> list[str]:
        """The candidates that the vocabulary has."""
        return [word for word in self.candidates if word in self.row]

    @cached_property
    def place(self) -> int:
        """Of the answer among its candidates, equals before it."""
        return 1 + sum(self.row[word] >= self.row[self.answer] for word in self.known)

    @property
    def hit(self) -> bool:
        """Whether the answer is found without the prime."""
        return self.found(self.row)

    @property
    def confused(self) -> bool:
        """Whether another candidate is the most probable word."""
        return not self.hit and best_of(self.row) in self.known

    @property
    def drop(self) -> int:
        """What the prime takes away."""
        return int(self.hit) - int(self.found(self.primed))

    @property
    def shift(self) -> float:
        """What the prime takes away, in nats."""
        return math.log(self.row[self.answer] / self.primed[self.answer])


def _pool(rng: np.random.Generator, setting: GapSetting, n: int) -> list[Seen]:
    """Random facts whose most probable word is one of the lexicon, so that it can be an answer."""
    found: dict[str, Seen] = {}
    for _ in range(n):
        start = [str(word) for word in rng.choice(WORDS, int(rng.integers(1, 5)))]
        end = [str(word) for word in rng.choice([*WORDS, "."], int(rng.integers(0, 3)))]
        text = " ".join([*start, MASK, *end])
        row = setting.at_gap(text)
        ranked = sorted(WORDS, key=lambda word: -row[word])
        if best_of(row) != ranked[0] or text in found:
            continue
        answer = ranked[int(rng.choice([0, 0, 1, 2, 4]))]
        others = [word for word in ranked[:8] if word != answer]
        candidates = [str(word) for word in rng.choice(others, 3, replace=False)]
        if rng.random() < 0.3:
            candidates.insert(1, str(rng.choice([*CUT, UNKNOWN])))
        prime = f"{rng.choice(candidates[:1])} , {rng.choice(WORDS)} ." if rng.random() < 0.75 else ""
        found[text] = Seen(setting, text, answer, tuple(candidates), prime)
    return list(found.values())


def _wishes() -> list:
    """One fact each on which a mistake shows."""
    return [
        lambda fact: fact.hit and fact.prime and fact.drop == 1,
        lambda fact: fact.hit and fact.prime and fact.drop == 1,
        lambda fact: fact.hit and fact.prime and fact.drop == 0,
        lambda fact: fact.hit and not fact.prime,
        lambda fact: fact.confused and fact.place == 3,
        lambda fact: fact.confused and fact.place == 2,
        lambda fact: fact.confused and not fact.prime,
        lambda fact: not fact.hit and not fact.confused and fact.place == 1,
        lambda fact: not fact.hit and not fact.confused and fact.place > 1,
        lambda fact: not fact.hit and fact.prime and fact.shift > 0.3,
        lambda fact: not fact.hit and fact.prime and fact.shift < -0.1,
    ]


def mixed(rng: np.random.Generator, kind: str, n: int = 16) -> list[Seen]:
    """n facts, some found and some not, most of them with a prime."""
    while True:
        found = chosen(rng, _pool(rng, GapSetting.drawn(rng, kind), 400), _wishes(), n)
        if found and sum(bool(fact.prime) for fact in found) >= 8:
            return found


def unprimed(rng: np.random.Generator, kind: str) -> list[Seen]:
    """Eight facts without primes, four of which are missed: too few for their confidence or for primes."""
    while True:
        pool = [replace(fact, prime="") for fact in _pool(rng, GapSetting.drawn(rng, kind), 200)]
        parts = [[fact for fact in pool if fact.hit == hit][:4] for hit in (True, False)]
        if all(len(part) == 4 for part in parts):
            return [each for pair in zip(*parts, strict=True) for each in pair]


def tied(rng: np.random.Generator, kind: str) -> list[Seen]:
    """Twelve facts: of some the answer is as probable as a candidate, of others as the most probable word."""
    while True:
        setting = GapSetting.drawn(rng, kind)
        one, two, three, four = (str(word) for word in rng.choice(WORDS, 4, replace=False))
        pairs = (one, two), (three, four)
        setting = setting.with_twins(*pairs)
        twin = {one: two for pair in pairs for one, two in (pair, pair[::-1])}
        behind, level, plain = [], [], []
        for fact in _pool(rng, setting, 500):
            top = best_of(fact.row)
            others = tuple(word for word in fact.candidates if word not in (*twin, top))
            if top in twin:
                # The twin of the best is no candidate: which of the two is "the" best does not matter.
                answer = str(rng.choice([top, twin[top]]))
                level.append(replace(fact, answer=answer, candidates=others))
            elif fact.answer in twin and fact.answer != top:
                behind.append(replace(fact, candidates=(twin[fact.answer], *others)))
            elif not set(fact.candidates) & set(twin) and fact.answer not in twin:
                plain.append(fact)
        level = [fact for fact in level if fact.candidates]
        misses = [fact for fact in plain if not fact.hit]
        if len(level) >= 3 and len(behind) >= 4 and len(misses) >= 3 and len(plain) >= 8:
            hits = [fact for fact in plain if fact.hit][:2]
            return [*level[:3], *behind[:4], *misses[:3], *hits]


def unknown(rng: np.random.Generator, setting: GapSetting, n: int) -> list[Seen]:
    """Facts whose answer or text the vocabulary cannot be asked."""
    found = []
    for number, fact in enumerate(_pool(rng, setting, 60)[:n]):
        if number % 3 == 2:
            found.append(replace(fact, text=f"{UNKNOWN} {fact.text}"))
        else:
            found.append(replace(fact, answer=str(rng.choice(list(CUT))) if number % 3 else UNKNOWN))
    return [
        replace(
            fact, candidates=tuple(word for word in fact.candidates if word in WORDS and word != fact.answer)
        )
        for fact in found
    ]


def grouped(rng: np.random.Generator, facts: Sequence[Seen]) -> list[Seen]:
    """The same facts in relations of one or two."""
    labels = sized_groups(rng, len(facts), most=2)
    return [replace(fact, group=label) for fact, label in zip(facts, labels, strict=True)]


def request(facts: Sequence[Seen]) -> Request:
    """A call of fact_probe."""
    asked = Recipe("limit_items", {"kind": "fact", "rows": [fact.fields for fact in facts]})
    return Request(args=(*facts[0].setting.recipes, asked), kwargs={"interval": INTERVAL})


def expected(facts: Sequence[Seen], unknown: Sequence[Seen] = ()) -> dict[str, Any]:
    """What is right of facts that can be asked, beside others that cannot."""
    groups = [fact.group or fact.text for fact in facts]

    def of(values: Sequence[float], labels: Sequence[str]) -> Ends | None:
        return mean_ends(values, labels) if len(set(labels)) >= 5 else None

    wrong = [
        (max(fact.row.values()), group) for fact, group in zip(facts, groups, strict=True) if not fact.hit
    ]
    primed = [(fact, group) for fact, group in zip(facts, groups, strict=True) if fact.prime]
    labels = [group for _, group in primed]
    return {
        "precision": share_ends([fact.hit for fact in facts], groups),
        "reciprocal_rank": mean_ends([1 / fact.place for fact in facts], groups),
        "right_type_wrong_fact": share_ends([fact.confused for fact in facts], groups),
        "confidence_when_wrong": of([p for p, _ in wrong], [group for _, group in wrong]),
        "misprime_drop": of([float(fact.drop) for fact, _ in primed], labels),
        "misprime_shift": of([fact.shift for fact, _ in primed], labels),
        "n_used": len(facts),
        "unknown": [fact.text for fact in unknown],
        "unknown_candidates": sorted({word for fact in facts for word in fact.candidates} - set(WORDS)),
    }
