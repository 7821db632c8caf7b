"""What differs between two sentences, word by word."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

# Letters and digits, held together by apostrophes and hyphens: "l'élève" and "part-time" are one word each.
_WORD = re.compile(r"\w+(?:['’\-‑]\w+)*")


@dataclass(frozen=True)
class Change:
    """A stretch of the first sentence that stands in another form in the second.

    Args:
        first, second: what each has there, () for what is only added or only left out.
    """

    first: tuple
    second: tuple


def words_of(text: str) -> list[str]:
    """The words of a text, without punctuation, as they are written.

    >>> words_of("L'élève part-time, âgé de 25 ans…")
    ["L'élève", 'part-time', 'âgé', 'de', '25', 'ans']
    """
    return _WORD.findall(text)


def marks_of(text: str) -> str:
    """What stands between the words of a text, spaces apart.

    >>> marks_of("« Oui », dit-elle.")
    '«»,.'
    """
    return "".join(_WORD.sub(" ", text).split())


def changes(first: Sequence[Hashable], second: Sequence[Hashable]) -> tuple[Change, ...]:
    """The stretches where two sequences (of words, of token ids) differ, in order.

    Args:
        first, second: the sequences.

    Returns:
        One Change a stretch, none for sequences that are equal.

    Source: the alignment of `difflib.SequenceMatcher`, as in the official code of CrowS-Pairs (Nangia et al. 2020);
        its "junk" heuristic, which only acts from 200 items on, is off.

    >>> changes("ma sœur rit".split(), "mon frère rit beaucoup".split())
    (Change(first=('ma', 'sœur'), second=('mon', 'frère')), Change(first=(), second=('beaucoup',)))
    """
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    return tuple(
        Change(tuple(first[a:b]), tuple(second[c:d]))
        for kind, a, b, c, d in matcher.get_opcodes()
        if kind != "equal"
    )


def word_changes(first: str, second: str) -> tuple[Change, ...]:
    """The words that differ between two texts, in small letters; capitals and punctuation do not count.

    >>> word_changes("Elle dort, ici.", "Il dort ici!")
    (Change(first=('elle',), second=('il',)),)
    """
    return changes(*([word.casefold() for word in words_of(text)] for text in (first, second)))


def changed_words(first: str, second: str) -> tuple[str, str]:
    """What changes in each of two texts, several stretches joined by "…".

    >>> changed_words("Their sister likes her job.", "Their brother likes his job.")
    ('sister … her', 'brother … his')
    """
    found = word_changes(first, second)
    return (
        " … ".join(" ".join(change.first) for change in found),
        " … ".join(" ".join(change.second) for change in found),
    )
