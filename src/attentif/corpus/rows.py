"""Rows of token ids taken apart: which sentence starts where, checked before a floor is computed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from attentif.corpus.tokenizers import SPECIAL_TOKENS
from attentif.errors import InputError
from attentif.language import Said, joined, text

IGNORED = -100
PAD_ID, _, CLS_ID, SEP_ID, MASK_ID = range(len(SPECIAL_TOKENS))


def as_array(values) -> np.ndarray:
    """A numpy array of an array, lists, or a tensor on any device."""
    return values.detach().cpu().numpy() if hasattr(values, "detach") else np.asarray(values)


def as_ids(values) -> np.ndarray:
    """An int64 array (B, T) of an array, a tensor or lists of equal length."""
    try:
        ids = as_array(values)
    except ValueError:
        ids = np.zeros(0)
    if ids.ndim != 2 or not np.issubdtype(ids.dtype, np.integer):
        raise InputError(
            expected=text("integer token ids (B, T)", "des identifiants de jetons entiers, (B, T)"),
            got=text(f"shape {ids.shape} of {ids.dtype}", f"la forme {ids.shape}, en {ids.dtype}"),
            remedy=text(
                "pad the rows with [PAD] to one length", "complétez les lignes par [PAD] à une même longueur"
            ),
        )
    return ids.astype(np.int64)


def by_length(lengths: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Each length with the indices (N,) that have it."""
    for length in np.unique(lengths):
        yield int(length), np.flatnonzero(lengths == length)


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows [CLS] A [SEP] or [CLS] A [SEP] B [SEP] followed by padding.

    tokens (B, T); inside (B, T) True at words; is_pair (B,). Segments, in row-major order: row, start,
    length (N,) int64 and is_second (N,).
    """

    tokens: np.ndarray
    inside: np.ndarray
    is_pair: np.ndarray
    row: np.ndarray
    start: np.ndarray
    length: np.ndarray
    is_second: np.ndarray

    @classmethod
    def parse(cls, inputs, vocab_size: int) -> Rows:
        """Takes token ids (B, T) apart; InputError in one line for a row of another form.

        >>> rows = Rows.parse([[2, 7, 8, 3, 9, 3, 0], [2, 7, 4, 9, 3, 0, 0]], vocab_size=10)
        >>> rows.row.tolist(), rows.start.tolist(), rows.length.tolist()
        ([0, 0, 1], [1, 4, 1], [2, 1, 3])
        """
        tokens = as_ids(inputs)
        separators = tokens == SEP_ID
        count = separators.sum(axis=1)
        after = np.cumsum(separators, axis=1) - separators  # separators before each column
        inside = (after < count[:, None]) & ~separators
        inside[:, :1] = False
        padding = after >= count[:, None]
        word = (tokens == MASK_ID) | (tokens >= len(SPECIAL_TOKENS)) & (tokens < vocab_size)
        good = (count >= 1) & (count <= 2) & np.where(padding, tokens == PAD_ID, True).all(axis=1)
        good &= (tokens[:, 0] == CLS_ID) if tokens.shape[1] else False
        good &= np.where(inside, word, True).all(axis=1)
        row, column = np.nonzero(separators)
        is_second = after[row, column] == 1
        start = np.where(is_second, np.concatenate([[0], column[:-1]]) + 1, 1)
        length = column - start
        good &= np.bincount(row, length < 1, minlength=len(tokens)) == 0
        result = cls(tokens, inside, count == 2, row, start, length, is_second)
        result.refuse(
            ~good,
            text(
                "rows [CLS] A [SEP] or [CLS] A [SEP] B [SEP], then [PAD], A and B words of the world",
                "des lignes [CLS] A [SEP] ou [CLS] A [SEP] B [SEP], puis [PAD], A et B étant des mots du monde",
            ),
            text("another form", "une autre forme"),
            text(
                "check the specials and the vocabulary; do not cut sentences",
                "vérifiez les jetons spéciaux et le vocabulaire ; ne coupez pas les phrases",
            ),
        )
        return result

    def refuse(self, bad: np.ndarray, expected: Said, got: Said, remedy: Said) -> None:
        """InputError that names the first of the rows where `bad` (B,) is True."""
        if bad.any():
            row = int(np.argmax(bad))
            where = text(f" in row {row}", f" à la ligne {row}")
            raise InputError(expected=expected, got=joined(got, where), remedy=remedy)

    def holds(self, token_id: int) -> np.ndarray:
        """Which rows hold a token, (B,)."""
        return (self.tokens == token_id).any(axis=1)

    def segment_tokens(self, segments: np.ndarray, length: int) -> np.ndarray:
        """The tokens (N, length) of segments that all have this length."""
        return self.tokens[self.row[segments, None], self.start[segments, None] + np.arange(length)]

    def check_labels(self, labels) -> np.ndarray:
        """Labels (B, T) of these rows: −100, or a word at a position that holds a word."""
        labels = as_ids(labels)
        if labels.shape != self.tokens.shape:
            raise InputError(
                expected=text(f"labels {self.tokens.shape}", f"des labels {self.tokens.shape}"),
                got=str(labels.shape),
                remedy=text("give one label a token", "donnez un label par jeton"),
            )
        chosen = labels != IGNORED
        self.refuse(
            (chosen & ~self.inside).any(axis=1),
            text(
                "labels of −100 at specials and padding",
                "des labels de −100 aux jetons spéciaux et au remplissage",
            ),
            text("another", "un autre"),
            text("specials are never selected", "les jetons spéciaux ne sont jamais sélectionnés"),
        )
        # [MASK] only stands where a word was selected
        self.refuse(
            ((self.tokens == MASK_ID) & ~chosen).any(axis=1),
            text("a label at each [MASK]", "un label à chaque [MASK]"),
            "-100",
            text(
                "pass the inputs and labels of the same call of mask_tokens",
                "donnez les entrées et les labels d'un même appel de mask_tokens",
            ),
        )
        return labels
