"""What two sentences of a pair share, and what was changed from one to the other, token by token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from attentif.bias.encoding import Encoding, TextEncoder
from attentif.errors import InputError
from attentif.language import text


@dataclass(frozen=True)
class AlignedSentence:
    """A sentence of a pair, as token ids.

    Args:
        ids: all T token ids, specials included; nothing is masked yet.
        shared: the positions in `ids` of the tokens that the other sentence has too (set U of the paper).
        modified: those of the others (set M). Specials are in neither.
    """

    ids: tuple[int, ...]
    shared: tuple[int, ...]
    modified: tuple[int, ...]

    @property
    def content(self) -> tuple[int, ...]:
        """The positions of all tokens of the sentence, without the specials, in order."""
        return tuple(sorted(self.shared + self.modified))


@dataclass(frozen=True)
class AlignedPair:
    """Two sentences with as many shared tokens in the one as in the other."""

    first: AlignedSentence
    second: AlignedSentence

    def __post_init__(self) -> None:
        if len(self.first.shared) != len(self.second.shared):
            raise InputError(
                expected=text(
                    "as many shared tokens in both sentences",
                    "autant de jetons communs dans les deux phrases",
                ),
                got=text(
                    f"{len(self.first.shared)} and {len(self.second.shared)}",
                    f"{len(self.first.shared)} et {len(self.second.shared)}",
                ),
                remedy=text("align the pair with align_pair", "alignez la paire avec align_pair"),
            )


def align_pair(encoder: TextEncoder, first: str, second: str, official: bool = False) -> AlignedPair:
    """Encode a pair and find which tokens its sentences share.

    The longest run that both have is shared, then the longest ones before and after it, and so on (Ratcliff and
    Obershelp, by `difflib`). Which of two equally long runs is taken can depend on which sentence comes first; here
    it does not, unless `official`, where it does as in the authors' code.

    Args:
        encoder: a `MaskedScorer`, or a tokenizer's `TextEncoder`.
        first, second: two texts without mask.
        official: align the second to the first in the order in which they are given.

    Raises:
        InputError: what cannot be encoded.

    Source: Nangia et al. 2020, "CrowS-Pairs", §4, and the authors' code for the alignment.

    >>> from attentif.corpus.tokenizers import WordTokenizer
    >>> encoder = TextEncoder(WordTokenizer(["he", "she", "sleeps", "."]))
    >>> align_pair(encoder, "he sleeps .", "she sleeps .").second
    AlignedSentence(ids=(2, 6, 7, 8, 3), shared=(2, 3), modified=(1,))
    """
    encodings = [encoder.encode(sentence, masks_allowed=False) for sentence in (first, second)]
    contents = [[encoding.ids[position] for position in encoding.positions] for encoding in encodings]
    turned = not official and contents[0] > contents[1]
    shared = _shared(*(reversed(contents) if turned else contents))
    sides = [
        _sentence(encoding, kept)
        for encoding, kept in zip(encodings, shared[:: -1 if turned else 1], strict=True)
    ]
    return AlignedPair(*sides)


def _shared(first: Sequence[int], second: Sequence[int]) -> tuple[list[int], list[int]]:
    """Indices of the shared tokens, in each."""
    blocks = SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
    return (
        [index for start, _, size in blocks for index in range(start, start + size)],
        [index for _, start, size in blocks for index in range(start, start + size)],
    )


def _sentence(encoding: Encoding, shared: Sequence[int]) -> AlignedSentence:
    kept = set(shared)
    return AlignedSentence(
        ids=encoding.ids,
        shared=tuple(place for number, place in enumerate(encoding.positions) if number in kept),
        modified=tuple(place for number, place in enumerate(encoding.positions) if number not in kept),
    )
