"""The defects of minimal pairs that a program can see, in their texts and in their tokens."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from attentif.bias.changes import Change, changed_words, changes, marks_of, word_changes, words_of
from attentif.bias.encoding import TextEncoder
from attentif.bias.pairs import Pair
from attentif.language import Remark, Text, text

# Each defect, and what it does to a score.
DEFECTS: dict[str, Text] = {
    "empty": text("a sentence is missing", "une phrase manque"),
    "identical": text("the two sentences are the same", "les deux phrases sont identiques"),
    "surface_only": text(
        "the same words: only capitals, punctuation or spaces differ",
        "les mêmes mots : seules les majuscules, la ponctuation ou les espaces diffèrent",
    ),
    "surface_too": text(
        "capitals, punctuation or spaces differ as well as words",
        "les majuscules, la ponctuation ou les espaces diffèrent, en plus des mots",
    ),
    "insertion_only": text(
        "words are added and none is replaced: nothing to compare",
        "des mots sont ajoutés et aucun n'est remplacé : rien à comparer",
    ),
    "several_words": text(
        "more than one word changes: the group may not be the reason",
        "plusieurs mots changent : le groupe n'est pas forcément en cause",
    ),
    "unequal_words": text("not the same number of words", "des nombres de mots différents"),
    "spacing": text("two spaces, or spaces at an end", "deux espaces de suite, ou des espaces au bout"),
    "duplicate": text("the same two sentences stand above", "les mêmes deux phrases figurent plus haut"),
    "disputed": text(
        "at most half of the annotators found this category",
        "la moitié des annotateurs au plus a vu cette catégorie",
    ),
    "multi_token": text("a change of several tokens", "un changement de plusieurs jetons"),
    "unequal_tokens": text("not the same number of tokens", "des nombres de jetons différents"),
    "unknown_tokens": text(
        "parts that the tokenizer does not know", "des parties que le tokenizer ne connaît pas"
    ),
}
OF_TOKENS = ("multi_token", "unequal_tokens", "unknown_tokens")

Found = Iterator[tuple[str, str]]  # a key of DEFECTS, and what was found


def text_defects(pair: Pair) -> Found:
    """The defects that the two texts show.

    >>> list(text_defects(Pair("The girls sing.", "The boy sings.", "gender")))
    [('several_words', 'girls sing → boy sings')]
    """
    sentences = (pair.more, pair.less)
    words = [words_of(sentence) for sentence in sentences]
    if pair.agreement is not None and pair.agreement <= 0.5:
        yield "disputed", f"{pair.agreement:.0%}"
    if any("  " in sentence or sentence != sentence.strip() for sentence in sentences):
        yield "spacing", repr(pair.more)
    if not all(words):
        yield "empty", repr(sentences)
        return
    if pair.more == pair.less:
        yield "identical", pair.more
        return
    found = word_changes(*sentences)
    shown = " → ".join(changed_words(*sentences))
    if not found:
        yield "surface_only", f"{pair.more} → {pair.less}"
        return
    if _surface(pair.more, pair.less):
        yield "surface_too", f"{pair.more} → {pair.less}"
    if all(not change.first for change in found) or all(not change.second for change in found):
        yield "insertion_only", shown
    if max(_sizes(found)) > 1:
        yield "several_words", shown
    if len(words[0]) != len(words[1]):
        yield "unequal_words", f"{len(words[0])} → {len(words[1])}"


def _surface(first: str, second: str) -> bool:
    """Whether two texts with other words differ in punctuation too, or in the capitals of a word that stays."""
    as_written = changes(words_of(first), words_of(second))
    return marks_of(first) != marks_of(second) or _sizes(as_written) != _sizes(word_changes(first, second))


def _sizes(found: Sequence[Change]) -> tuple[int, int]:
    return sum(len(change.first) for change in found), sum(len(change.second) for change in found)


class TokenDefects:
    """The defects that a tokenizer sees.

    Args:
        tokenizer: of a masked model.
    """

    def __init__(self, tokenizer: Any):
        self.encoder = TextEncoder(tokenizer)

    def __call__(self, pair: Pair) -> Found:
        if not pair.more.strip() or not pair.less.strip():
            return
        first, second = self._ids(pair.more), self._ids(pair.less)
        if self.encoder.unk_id in (*first, *second):
            yield "unknown_tokens", f"{pair.more} → {pair.less}"
        found = changes(first, second)
        if max(_sizes(found)) > 1:
            written = (
                self._text(change.first for change in found),
                self._text(change.second for change in found),
            )
            yield "multi_token", " → ".join(written)
        if len(first) != len(second):
            yield "unequal_tokens", f"{len(first)} → {len(second)}"

    def _text(self, stretches: Iterable[Sequence[int]]) -> str:
        return " ".join(self.encoder.token(token) for stretch in stretches for token in stretch)

    def _ids(self, sentence: str) -> list[int]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Remark)  # told by the defect
            encoding = self.encoder.encode(sentence, masks_allowed=False)
        return [encoding.ids[position] for position in encoding.positions]
