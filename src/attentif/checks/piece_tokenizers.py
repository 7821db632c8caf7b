"""Small tokenizers that cut words in pieces, of both kinds, for checks without other packages.

Pieces are found as WordPiece does (Wu et al. 2016): the longest known one first, from left to right.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from functools import cached_property
from typing import Any

from attentif.checks.hub_like import HubEncoding, HubLikeTokenizer
from attentif.corpus.vocabulary import SPECIALS_PATTERN, ListTokenizer

# What is cut, and what marks its first piece and the later ones: BERT takes words and signs, CamemBERT
# whatever stands between two spaces.
CUTS = {"bert": (r"\w+|[^\w\s]", "", "##"), "camembert": (r"\S+", "▁", "")}


def pieces_of(word: str, known: Container[str], style: str) -> list[str]:
    """The pieces of a word; none where the vocabulary cannot write it."""
    _, first, later = CUTS[style]
    pieces, rest, mark = [], word, first
    while rest:
        end = next((end for end in range(len(rest), 0, -1) if mark + rest[:end] in known), 0)
        if not end:
            return []
        pieces.append(mark + rest[:end])
        rest, mark = rest[end:], later
    return pieces


class Pieces(dict[str, list[str]]):
    """The pieces of each word that was asked for; texts repeat their words.

    >>> Pieces({"infirm": 5, "##ière": 6}, "bert")["infirmière"]
    ['infirm', '##ière']
    """

    def __init__(self, known: Container[str], style: str):
        super().__init__()
        self._known, self._style = known, style

    def __missing__(self, word: str) -> list[str]:
        self[word] = pieces_of(word, self._known, self._style)
        return self[word]


class PieceTokenizer(ListTokenizer):
    """A tokenizer of this library's kind over given pieces, those inside a word written "##e".

    >>> tokenizer = PieceTokenizer(["infirm", "##ière", "dort"])
    >>> tokenizer.encode("infirmière [MASK] dort"), tokenizer.decode([5, 6, 7])
    ([5, 6, 4, 7], 'infirmière dort')
    """

    kind = "wordpiece"

    @cached_property
    def _pieces(self) -> Pieces:
        return Pieces(self._ids, "bert")

    def _encode(self, text: str) -> list[int]:
        ids = []
        for index, part in enumerate(SPECIALS_PATTERN.split(text)):  # odd parts are the specials
            if index % 2:
                ids.append(self._ids[part])
                continue
            for word in re.findall(CUTS["bert"][0], part):
                ids.extend([self._ids[piece] for piece in self._pieces[word]] or [self.unk_id])
        return ids

    def _decode(self, token_ids: list[int]) -> str:
        return " ".join(self._tokens[i] for i in token_ids).replace(" ##", "")


class FastEncoding(HubEncoding):
    """Encoded texts that also tell the word of each token."""

    words: Sequence[Sequence[int | None]] = ()

    def word_ids(self, batch_index: int = 0) -> list[int | None]:
        """For each token of a text, the number of its word; None for a special."""
        return list(self.words[batch_index])

    def to(self, device: Any) -> FastEncoding:
        """The same on another device."""
        moved = FastEncoding(super().to(device))
        moved.words = self.words
        return moved


class HubPieceTokenizer(HubLikeTokenizer):
    """A fast tokenizer with the usual names of `transformers`, over given pieces.

    >>> tokenizer = HubPieceTokenizer(["▁infirm", "ière", "▁dort"], "camembert")
    >>> encoded = tokenizer("infirmière dort", return_offsets_mapping=True)
    >>> encoded.word_ids(), encoded["offset_mapping"][1:4]
    ([None, 0, 0, 1, None], [(0, 6), (6, 10), (11, 15)])
    """

    is_fast = True

    def __init__(self, tokens: Sequence[str], style: str):
        super().__init__(tokens, style)
        names = "|".join(map(re.escape, self.all_special_tokens))
        self._style, self._pattern = style, re.compile(rf"({names})|{CUTS[style][0]}")
        self._pieces = Pieces(self._ids, style)

    def _cut(self, text: str) -> list[tuple[str, int, tuple[int, int]]]:
        """(token, number of its word, where it stands in the text) of each token."""
        found = []
        for number, match in enumerate(self._pattern.finditer(text)):
            start, end = match.span()
            pieces = [] if match.group(1) else self._pieces[match.group()]
            for piece in pieces:
                width = len(piece.removeprefix("##").removeprefix("▁"))
                found.append((piece, number, (start, start + width)))
                start += width
            if not pieces:
                found.append((match.group(1) or self.unk_token, number, (start, end)))
        return found

    def tokenize(self, text: str) -> list[str]:
        """The tokens of a text, without specials around."""
        return [token for token, _, _ in self._cut(text)]

    def __call__(
        self,
        text: str | list[str],
        add_special_tokens: bool = True,
        return_tensors: str | None = None,
        return_offsets_mapping: bool = False,
        **options: Any,
    ) -> FastEncoding:
        encoded = FastEncoding(super().__call__(text, add_special_tokens, return_tensors, **options))
        texts = [text] if isinstance(text, str) else list(text)
        around = 1 if add_special_tokens else 0
        cuts = [self._cut(one) for one in texts]
        longest = max(map(len, cuts)) + 2 * around
        words, offsets = [], []
        for cut in cuts:
            padding = longest - len(cut) - around
            words.append([*[None] * around, *(number for _, number, _ in cut), *[None] * padding])
            offsets.append([*[(0, 0)] * around, *(place for _, _, place in cut), *[(0, 0)] * padding])
        encoded.words = words
        if return_offsets_mapping:
            encoded["offset_mapping"] = offsets[0] if isinstance(text, str) else offsets
        return encoded

    def decode(self, ids: Any, skip_special_tokens: bool = False, **options: Any) -> str:
        """Text of ids, pieces joined."""
        said = super().decode(ids, skip_special_tokens, **options)
        if self._style == "camembert":
            return said.replace(" ", "").replace("▁", " ").strip()
        return said.replace(" ##", "")
