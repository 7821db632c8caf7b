"""Known-good parts that remember: what they answer depends on the questions alone, so equal questions get it at once.

For each set of lent parts there is a tree: a branch is the digest of a question, a node what was answered to it, packed.
A worker whose questions follow known branches has known answers. A new question is put to the parts themselves, after
those of the questions so far on which its answer depends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from attentif_grading.contracts import Contract
from attentif_grading.grader.lent_parts import LentParts
from attentif_worker.packing import Raw, digest, pack, unpack

BYTES = 128 * 2**20  # of answers, in one process; from then on nothing more is remembered
ASKED_BYTES = 32 * 2**20  # of questions that are kept to be put to the parts; beyond, the parts are made


@dataclass(eq=False)
class _Node:
    """What was answered to a question.

    Args:
        answer: packed.
        drew: whether a part drew random numbers for it.
        branches: what was asked next, by digest.
    """

    answer: bytes = b""
    drew: bool = False
    branches: dict[bytes, _Node] = field(default_factory=dict)


_roots: dict[Any, _Node] = {}
_n_bytes = 0


class RememberedParts:
    """Answers the questions that a worker puts about parts while it answers one request; see `LentParts`.

    Args:
        lent: the exercises that may be asked for, by name.
        parts: gives their known-good implementations by name.
    """

    def __init__(self, lent: Mapping[str, Contract], parts: Callable[[str], Any]):
        self._make = lambda: LentParts(lent, parts)
        self._parts: LentParts | None = None
        self._node = _roots.setdefault((tuple(lent), parts), _Node())
        self._number = 0  # of the last question
        self._asked: dict[int, tuple[Raw, bool]] = {}  # not put to the parts yet; whether they draw for it
        self._n_asked = 0

    def answer(self, question: Raw) -> bytes:
        """The packed answer to a question as it came.

        Raises:
            BadFrame: a question that no honest worker puts.
        """
        global _n_bytes
        self._number += 1
        key = digest(question)
        known = self._node.branches.get(key)
        if known is None:
            answer = self._found(unpack(*question))
            known = _Node(answer, self._parts.drew)
            if _n_bytes <= BYTES:
                self._node.branches[key] = known
                _n_bytes += len(answer)
        else:
            self._asked[self._number] = question, known.drew
            self._n_asked += sum(map(len, question))
            if self._n_asked > ASKED_BYTES:
                self._put(list(self._asked))
        self._node = known
        return known.answer

    def _found(self, question: Any) -> bytes:
        """What the parts answer, once they stand where the questions so far have brought them.

        These are the numbers that they have drawn, and for a backward pass the forward pass that it goes back.
        """
        forward = question.get("number") if isinstance(question, dict) else None
        self._put([number for number, (_, drew) in self._asked.items() if drew or number == forward])
        return pack(self._live().answer(question, self._number))

    def _put(self, numbers: list[int]) -> None:
        for number in numbers:
            question, _ = self._asked.pop(number)
            self._n_asked -= sum(map(len, question))
            self._live().answer(unpack(*question), number)

    def _live(self) -> LentParts:
        self._parts = self._parts or self._make()
        return self._parts
