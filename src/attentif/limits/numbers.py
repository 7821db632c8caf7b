"""Does the model know which number is larger, and what does it see of a number?"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from attentif.bias.scorer import MaskedScorer
from attentif.errors import InputError
from attentif.language import Remark
from attentif.language import text as both
from attentif.limits.cloze import ask_items, distributions
from attentif.limits.proportion import Proportion, exact_proportion


@dataclass(frozen=True)
class NumberItem:
    """A statement on numbers with a gap.

    Args:
        text: with one [MASK].
        answer: the word that makes it true.
        wrong: words that make it false, as many for each item of a kind.
        kind: "comparison", "order"…
    """

    text: str
    answer: str
    wrong: tuple[str, ...]
    kind: str = "comparison"

    def __post_init__(self) -> None:
        if not self.wrong or self.answer in self.wrong or isinstance(self.wrong, str):
            raise InputError(
                expected=both(
                    "a tuple of wrong words, the answer not among them",
                    "un tuple de mots faux, sans la réponse",
                ),
                got=f"{self.answer!r}, {self.wrong!r}",
                remedy=both("give at least one wrong word", "donnez au moins un mot faux"),
            )

    @property
    def name(self) -> str:
        """The text."""
        return self.text

    @property
    def cluster(self) -> str:
        """Each item is independent of the others."""
        return self.text

    def questions(self) -> list[tuple[str, str]]:
        """The answer, then the wrong words."""
        return [(self.text, word) for word in (self.answer, *self.wrong)]


@dataclass(frozen=True)
class NumberResult:
    """What a model does with numbers.

    Args:
        accuracy: kind → share of right answers among the candidates, exact interval and test against chance.
        pieces: integer → number of tokens that write it; what the tokenizer cannot write is not there.
        unknown_integers: the integers that it cannot write.
        n_used: items asked.
        unknown: names of the items left out for words that are no single token; neither right nor wrong.
    """

    accuracy: dict[str, Proportion]
    pieces: dict[int, int]
    unknown_integers: tuple[int, ...]
    n_used: int
    unknown: tuple[str, ...]

    def mean_pieces(self) -> dict[int, float]:
        """Number of digits → mean number of tokens of the integers that have so many."""
        by_digits: dict[int, list[int]] = {}
        for integer, count in self.pieces.items():
            by_digits.setdefault(len(str(abs(integer))), []).append(count)
        return {digits: sum(counts) / len(counts) for digits, counts in sorted(by_digits.items())}


def number_probe(
    model: nn.Module, tokenizer: Any, items: Sequence[NumberItem], integers: Iterable[int] = range(100)
) -> NumberResult:
    """Ask which of two numbers is larger or which comes next, and count the pieces that integers are cut into.

    An item is right where P(answer) > P(w) for every wrong word w of it, at the gap; a tie is an error. Chance is
    1 / (number of candidates), so the items of a kind must have equally many. "837" may be written 83 ##7: what
    such a model reads is no number but two pieces.

    Args:
        model: a masked language model, of `transformers` or of this library.
        tokenizer: its tokenizer.
        items: questions; those of `attentif.limits.items.number_items` are independent of each other.
        integers: to be cut in pieces.

    Returns:
        NumberResult; the pieces of an integer are the tokens of its decimal digits alone, specials not counted.

    Raises:
        InputError (a ValueError): no items, none whose words the model knows, integers that are none, items of one
            kind with different numbers of candidates.

    Source: Wallace et al. 2019, "Do NLP Models Know Numbers?", §2 (comparison, list maximum); exact interval:
        Clopper and Pearson 1934.

    >>> from attentif.checks.recipes import context_model, word_tokenizer
    >>> tokenizer = word_tokenizer(["more", "less", "than", "1", "2"])
    >>> items = [NumberItem("2 [MASK] than 1", "more", ("less",)), NumberItem("1 [MASK] than 3", "less", ("more",))]
    >>> found = number_probe(context_model(tokenizer.vocab_size, seed=1), tokenizer, items, [1, 2, 3])
    >>> found.pieces, found.unknown_integers, found.unknown
    ({1: 1, 2: 1}, (3,), ('1 [MASK] than 3',))
    """
    integers = check_numbers(items, integers)
    scorer = MaskedScorer(model, tokenizer)
    kept, unknown = ask_items(scorer, items)
    rows = distributions(scorer, [question.context for _, asked in kept for question in asked])
    hits: dict[str, list[bool]] = {}
    chances = {}
    for item, asked in kept:
        answer, *wrong = (rows[question.context][question.token_id].item() for question in asked)
        hits.setdefault(item.kind, []).append(all(answer > other for other in wrong))
        chances[item.kind] = 1 / len(asked)
    pieces = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Remark)  # what cannot be written is told in the result
        for integer in integers:
            encoding = scorer.encode(str(integer))
            found = [encoding.ids[position] for position in encoding.positions]
            if scorer.unk_id not in found:
                pieces[integer] = len(found)
    return NumberResult(
        accuracy={kind: exact_proportion(answers, chances[kind]) for kind, answers in hits.items()},
        pieces=pieces,
        unknown_integers=tuple(integer for integer in integers if integer not in pieces),
        n_used=len(kept),
        unknown=unknown,
    )


def check_numbers(items: Sequence[NumberItem], integers: Iterable[int]) -> list[int]:
    """Refuse integers that are none, and kinds whose items do not have the same chance; the integers as a list."""
    integers = list(integers)
    for integer in integers:
        if isinstance(integer, bool) or not isinstance(integer, int) or integer < 0:
            raise InputError(
                expected=both("whole numbers of at least 0", "des entiers positifs ou nuls"),
                got=repr(integer),
                remedy=both("range(1000) for instance", "par exemple range(1000)"),
            )
    numbers: dict[str, set[int]] = {}
    for item in items:
        numbers.setdefault(getattr(item, "kind", ""), set()).add(len(getattr(item, "wrong", ())))
    for kind, different in numbers.items():
        if len(different) > 1:
            raise InputError(
                expected=both(
                    f"as many candidates for all items of the kind {kind!r}",
                    f"autant de candidats pour tous les items du type {kind!r}",
                ),
                got=", ".join(str(count + 1) for count in sorted(different)),
                remedy=both("give them kinds of their own", "donnez-leur des types différents"),
            )
    return integers
