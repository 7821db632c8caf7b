"""Judging sentence pairs one by one: what stands in each, and what is said of it.

Every sentence of the documents that are handed over begins with a token of its own, so that a pair tells where its
halves come from. What chance decides is judged in `attentif.checks.pair_draws`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from attentif.checks.compare import Mismatch, describe, require, value_of
from attentif.checks.text import text
from attentif.checks.values import Record, Request, generator

FIRST_OF_ITS_OWN = 100  # tokens from here on begin a sentence, each a single one
FIELDS = ("token_ids", "segment_ids", "is_next")

Place = tuple[int, int]


@dataclass(frozen=True)
class Shelf:
    """Documents of sentences, and the ids of the specials.

    Args:
        documents: lists of sentences, lists of token ids.
        cls_id, sep_id: ids of [CLS] and [SEP].
    """

    documents: list[list[list[int]]]
    cls_id: int = 2
    sep_id: int = 3

    @cached_property
    def firsts(self) -> list[Place]:
        """(document, sentence) of every sentence that has a next one, in order."""
        return [(d, s) for d, document in enumerate(self.documents) for s in range(len(document) - 1)]

    @property
    def first_names(self) -> list[int]:
        """The tokens with which these sentences begin."""
        return [self.sentence(place)[0] for place in self.firsts]

    @cached_property
    def places(self) -> dict[tuple[int, ...], Place]:
        """Where each sentence stands."""
        return {tuple(x): (d, s) for d, doc in enumerate(self.documents) for s, x in enumerate(doc)}

    @cached_property
    def named(self) -> dict[int, list[int]]:
        """Each sentence by the token that it begins with."""
        return {sentence[0]: sentence for document in self.documents for sentence in document}

    def sentence(self, place: Place) -> list[int]:
        """The sentence at a place."""
        return self.documents[place[0]][place[1]]

    def sentence_of(self, name: int | None) -> list[int]:
        """The sentence that begins with this token; none begins with None."""
        return self.named.get(name, [])

    def request(self, seed: int | None = None) -> Request:
        """A call of sentence_pairs."""
        given = {} if seed is None else {"generator": generator(seed)}
        return Request(args=(self.documents, self.cls_id, self.sep_id), kwargs=given)


def shelf(rng: np.random.Generator, lengths: list[int], cls_id: int = 2, sep_id: int = 3) -> Shelf:
    """Documents of so many sentences each; a sentence has one to four tokens, the first of its own."""
    names = iter(FIRST_OF_ITS_OWN + rng.permutation(sum(lengths)))
    documents = [
        [
            [int(next(names)), *map(int, rng.integers(10, FIRST_OF_ITS_OWN, rng.integers(4)))]
            for _ in range(length)
        ]
        for length in lengths
    ]
    return Shelf(documents, cls_id, sep_id)


@dataclass(frozen=True)
class Pair:
    """One pair of an answer, as plain values; None for what is no list of whole numbers, or no truth value."""

    token_ids: list[int] | None
    segment_ids: list[int] | None
    is_next: bool | None


def pairs_of(student, shelf: Shelf, seed: int | None = None) -> list[Pair]:
    """What the code makes of a shelf; a Mismatch if it is no list of pairs."""
    request = shelf.request(seed)
    value = value_of(student.run(request))
    asked = text("a list of SentencePair", "une liste de SentencePair")
    require(isinstance(value, (list, tuple)), asked, describe(value))
    pairs = []
    for item in value:
        fields = item.fields if isinstance(item, Record) else item
        if not (isinstance(fields, dict) and fields.keys() >= set(FIELDS)):
            inside = describe(item)
            raise Mismatch(asked, text(f"in it, {inside['en']}", f"dedans, {inside['fr']}"))
        tokens, segments, is_next = (fields[name] for name in FIELDS)
        pairs.append(Pair(_whole_numbers(tokens), _whole_numbers(segments), _truth(is_next)))
    return pairs


def _whole_numbers(value) -> list[int] | None:
    if isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "iu":
        return value.tolist()
    if isinstance(value, (list, tuple)) and all(type(item) is int for item in value):
        return list(value)
    return None


def _truth(value) -> bool | None:
    if isinstance(value, np.ndarray) and value.shape == () and value.dtype.kind in "biu":
        value = value.item()
    return bool(value) if isinstance(value, int) and value in (0, 1) else None


def first_named(pair: Pair) -> int | None:
    """The first token of the first sentence of a pair, even if specials are missing around it."""
    return next((token for token in pair.token_ids or () if token >= FIRST_OF_ITS_OWN), None)


def second_of(pair: Pair, first: list[int], shelf: Shelf) -> Place | None:
    """Where B comes from, even if specials are missing around it; None if it is no sentence of the shelf."""
    tokens = pair.token_ids or []
    named = [token for token in tokens if token >= FIRST_OF_ITS_OWN]
    start = tokens.index(named[-1]) if named and named[-1] not in first else -1
    if start < 0:
        return None
    second = [token for token in tokens[start:] if token not in (shelf.cls_id, shelf.sep_id)]
    return shelf.places.get(tuple(second))


def check_pairs(student, shelf, seed=None):
    """A pair for every A that has a next sentence, in order, with a B of the documents; specials are not looked at."""
    pairs = pairs_of(student, shelf, seed)
    n = len(shelf.firsts)
    require(
        len(pairs) == n,
        text(
            f"{n} pairs, one for each sentence that has a next one",
            f"{n} paires, une pour chaque phrase qui en a une suivante",
        ),
        text(f"{len(pairs)}", f"{len(pairs)}"),
    )
    for index, (pair, place) in enumerate(zip(pairs, shelf.firsts, strict=True)):
        first, second = shelf.sentence(place), second_of(pair, shelf.sentence(place), shelf)
        words = [token for token in pair.token_ids or () if token not in (shelf.cls_id, shelf.sep_id)]
        require(
            # A B that is A itself is a sentence of the documents too: whether it may be, others ask.
            words == [*first, *(first if second is None else shelf.sentence(second))],
            text(
                f"pair {index}: A = {_short(first)}, then a sentence of the documents",
                f"paire {index} : A = {_short(first)}, puis une phrase des documents",
            ),
            _said_of(pair.token_ids),
        )


def check_layout(student, shelf, seed=None):
    """[CLS] A [SEP] B [SEP], and a segment for each token: 0 up to and with the first [SEP], then 1."""
    for index, (pair, place) in enumerate(
        zip(some(pairs_of(student, shelf, seed)), shelf.firsts, strict=False)
    ):
        first, tokens = shelf.sentence(place), pair.token_ids
        head = [shelf.cls_id, *first, shelf.sep_id]
        second = [] if tokens is None else tokens[len(head) : -1]
        shown = f"{_short(head)} … {shelf.sep_id}"
        require(
            tokens == [*head, *second, shelf.sep_id] and tuple(second) in shelf.places,
            text(
                f"pair {index}, token_ids: {shown}, with a sentence at the dots ([CLS] is {shelf.cls_id}, [SEP] is "
                f"{shelf.sep_id})",
                f"paire {index}, token_ids : {shown}, avec une phrase à la place des points ([CLS] est "
                f"{shelf.cls_id}, [SEP] est {shelf.sep_id})",
            ),
            _said_of(tokens),
        )
        expected = [0] * len(head) + [1] * (len(tokens) - len(head))
        require(
            pair.segment_ids == expected,
            text(
                f"pair {index}, of tokens {_short(tokens)}, segment_ids: {_short(expected)}",
                f"paire {index}, de jetons {_short(tokens)}, segment_ids : {_short(expected)}",
            ),
            _said_of(pair.segment_ids),
        )


def check_labels(student, shelf, seed=None, *others):
    """is_next says whether B is the sentence after A; a B that is not comes from another document.

    There are pairs of both kinds, in one call or another.
    """
    answers = [some(pairs_of(student, shelf, each)) for each in (seed, *others)]
    kinds = set().union(*(_kinds_in(pairs, shelf) for pairs in answers))
    both = text("pairs of both kinds", "des paires des deux sortes")
    require(len(kinds) == 2, both, text("of one kind", "d'une seule sorte"))


def _kinds_in(pairs, shelf):
    """The kinds of pairs in an answer: whether B follows A; a Mismatch if is_next does not say so."""
    kinds = set()
    for index, (pair, place) in enumerate(zip(pairs, shelf.firsts, strict=False)):
        second = second_of(pair, shelf.sentence(place), shelf)
        d, s = place
        en, fr = (
            f"pair {index} (A: sentence {s} of document {d})",
            f"paire {index} (A : phrase {s} du document {d})",
        )
        wanted = text(
            f"{en}: B is the next sentence, or one of another document",
            f"{fr} : B est la phrase suivante, ou une phrase d'un autre document",
        )
        require(
            second is not None, wanted, text("no sentence of the documents", "aucune phrase des documents")
        )
        follows = second == (d, s + 1)
        elsewhere = text(
            f"sentence {second[1]} of document {second[0]}", f"la phrase {second[1]} du document {second[0]}"
        )
        require(follows or second[0] != d, wanted, elsewhere)
        told = "?" if pair.is_next is None else str(pair.is_next)
        require(
            pair.is_next is not None and pair.is_next == follows,
            text(
                f"{en}, B: {elsewhere['en']}: is_next = {follows}",
                f"{fr}, B : {elsewhere['fr']} : is_next = {follows}",
            ),
            text(told, told),
        )
        kinds.add(follows)
    return kinds


def some(pairs):
    """The pairs; a Mismatch if there is none."""
    require(len(pairs) > 0, text("pairs", "des paires"), text("none", "aucune"))
    return pairs


def _said_of(numbers):
    if numbers is None:
        return text("no list of whole numbers", "pas une liste d'entiers")
    return text(_short(numbers), _short(numbers))


def _short(numbers):
    return " ".join(map(str, numbers[:14])) + (" …" if len(numbers) > 14 else "")
