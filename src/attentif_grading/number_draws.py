"""Random statements for number_probe, chosen so that every mistake shows, and what is right of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from scipy.stats import beta, binom

from attentif.checks.values import Recipe, Request
from attentif_grading.gap_oracle import MASK, GapSetting, best_of, chosen
from attentif_grading.masked_oracle import CUT, PIECES, UNKNOWN, WORDS

WHOLE = ("1", "2", "4", "7", "8", "10", "12", "25", "99", "100")
INSIDE = ("##1", "##4", "##5", "##7", "##17", "##00")
KINDS = {"comparison": 2, "sequence": 4}  # how many words each question chooses from


@dataclass(frozen=True)
class Seen:
    """One statement and what the model says of it."""

    setting: GapSetting
    text: str
    answer: str
    wrong: tuple[str, ...]
    kind: str

    @property
    def fields(self) -> dict[str, Any]:
        """What the item is made of."""
        return {name: getattr(self, name) for name in ("text", "answer", "wrong", "kind")}

    @cached_property
    def row(self) -> dict[str, float]:
        """P at the gap."""
        return self.setting.at_gap(self.text)

    @property
    def ahead(self) -> int:
        """How many wrong words are less probable than the answer."""
        return sum(self.row[word] < self.row[self.answer] for word in self.wrong)

    @property
    def hit(self) -> bool:
        """Whether all of them are."""
        return self.ahead == len(self.wrong)

    @property
    def tie(self) -> bool:
        """Whether the answer shares the first place with a wrong word."""
        return max(self.row[word] for word in self.wrong) == self.row[self.answer]


def setting_of(rng: np.random.Generator, kind: str) -> GapSetting:
    """A model whose vocabulary has some numbers, and pieces of others."""
    pieces = tuple(str(piece) for piece in rng.permutation([*PIECES, *WHOLE, *INSIDE]))
    return GapSetting(kind, pieces, int(rng.integers(2**31)))


def pieces_of(integer: int) -> int:
    """How many tokens write an integer, the longest piece first; 0 where none can."""
    rest, count, begins = str(integer), 0, True
    while rest:
        known = WHOLE if begins else tuple(piece[2:] for piece in INSIDE)
        longest = max((piece for piece in known if rest.startswith(piece)), key=len, default="")
        if not longest:
            return 0
        rest, count, begins = rest[len(longest) :], count + 1, False
    return count


def _pool(rng: np.random.Generator, setting: GapSetting, kind: str, n: int) -> list[Seen]:
    found: dict[str, Seen] = {}
    for _ in range(n):
        low, high = (str(each) for each in rng.choice(WHOLE, 2, replace=False))
        verb, end = str(rng.choice(["est", "lit", "dort"])), str(rng.choice(["", " .", " et lit"]))
        text = f"{low} {verb} {MASK} {rng.choice(['le', 'la', 'un'])} {high}{end}"
        answer, *wrong = (str(word) for word in rng.choice(WORDS, KINDS[kind], replace=False))
        found.setdefault(text, Seen(setting, text, answer, tuple(wrong), kind))
    return list(found.values())


def _wishes(kind: str) -> list:
    wishes = [
        lambda item: item.hit and best_of(item.row) == item.answer,
        lambda item: item.hit and best_of(item.row) != item.answer,
        lambda item: item.hit and best_of(item.row) != item.answer,
        lambda item: item.ahead == 0,
    ]
    return wishes + [lambda item: 0 < item.ahead < len(item.wrong)] * 2 * (kind == "sequence")


def mixed(rng: np.random.Generator, kind: str, ties: bool = False, each: int = 11) -> list[Seen]:
    """Items of both kinds of question, found and missed; with `ties`, some whose answer shares the first place."""
    while True:
        setting = setting_of(rng, kind)
        if ties:
            one, two = (str(word) for word in rng.choice(WORDS, 2, replace=False))
            setting = setting.with_twins((one, two))
        items: list[Seen] = []
        for number, question in enumerate(KINDS):
            pool = _pool(rng, setting, question, 300)
            n, tied = each - number, []
            if ties:
                pairs = [
                    replace(
                        item, answer=one, wrong=(two, *(w for w in item.wrong[1:] if w not in (one, two)))
                    )
                    for item in pool[:60]
                ]
                full = [item for item in pairs if len(item.wrong) == KINDS[question] - 1 and item.tie]
                tied, pool = full[:3], pool[60:]
            found = chosen(rng, pool, _wishes(question), n - len(tied))
            if not found or (ties and len(tied) < 3):
                break
            items += [*found, *tied]
        else:
            return [items[index] for index in rng.permutation(len(items))]


def one_more_candidate(items: Sequence[Seen]) -> Seen:
    """A sequence called a comparison, beside which it has a candidate too many."""
    sequence = next(item for item in items if item.kind == "sequence")
    return Seen(sequence.setting, sequence.text, sequence.answer, sequence.wrong, "comparison")


def unknown(rng: np.random.Generator, setting: GapSetting, n: int) -> list[Seen]:
    """Items that the vocabulary cannot be asked: for a word in pieces, or one that it cannot write."""
    found = []
    for number, item in enumerate(_pool(rng, setting, "comparison", 4 * n)[:n]):
        if number % 3 == 0:
            found.append(replace(item, answer=str(rng.choice(list(CUT)))))
        elif number % 3 == 1:
            found.append(replace(item, wrong=(UNKNOWN,)))
        else:
            found.append(replace(item, text=f"{UNKNOWN} {item.text}"))
    return found


def integers(rng: np.random.Generator, n: int = 14) -> list[int]:
    """Integers of one to five digits, some of which the vocabulary cannot write."""
    small = [1, 4, 25, 99, 100, 117, 1017, 1000]
    big = [int(number) for number in rng.choice(np.arange(11, 30000), 400, replace=False)]
    written = [number for number in big if pieces_of(number) > 2][: n - 10]
    return [*small, *written, *[number for number in big if not pieces_of(number)][:4]]


def request(items: Sequence[Seen], numbers: Sequence[int]) -> Request:
    """A call of number_probe."""
    asked = Recipe("limit_items", {"kind": "number", "rows": [item.fields for item in items]})
    return Request(args=(*items[0].setting.recipes, asked), kwargs={"integers": list(numbers)})


def share(hits: int, n: int, chance: float) -> dict[str, float]:
    """The exact interval of a share, and its test against chance: all counts at most as probable as this one."""
    law = binom(n, chance).pmf(np.arange(n + 1))
    return {
        "hits": hits,
        "n": n,
        "estimate": hits / n,
        "low": float(beta.ppf(0.025, hits, n - hits + 1)) if hits else 0.0,
        "high": float(beta.ppf(0.975, hits + 1, n - hits)) if hits < n else 1.0,
        "chance": chance,
        "p_value": float(min(1.0, law[law <= law[hits] * (1 + 1e-7)].sum())),
    }


def expected(items: Sequence[Seen], numbers: Sequence[int], unknown: Sequence[Seen] = ()) -> dict[str, Any]:
    """What is right of items that can be asked, beside others that cannot."""
    kinds = dict.fromkeys(item.kind for item in items)
    return {
        "accuracy": {
            kind: share(
                sum(item.hit for item in items if item.kind == kind),
                sum(item.kind == kind for item in items),
                1 / KINDS[kind],
            )
            for kind in kinds
        },
        "pieces": {str(number): pieces_of(number) for number in numbers if pieces_of(number)},
        "unknown_integers": [number for number in numbers if not pieces_of(number)],
        "n_used": len(items),
        "unknown": [item.text for item in unknown],
    }
