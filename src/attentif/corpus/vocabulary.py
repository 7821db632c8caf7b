"""What every tokenizer offers, and the specials that every vocabulary starts with."""

from __future__ import annotations

import json
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from attentif.errors import InputError
from attentif.language import text as both

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
FILE_NAME = "tokenizer.json"
SPECIALS_PATTERN = re.compile("(" + "|".join(map(re.escape, SPECIAL_TOKENS)) + ")")


class Tokenizer(ABC):
    """What every tokenizer offers: text to ids and back, over a vocabulary of tokens.

    encode() adds no special token, but turns the literal text "[MASK]" (and the other specials) into its id.
    """

    kind: str
    pad_id, unk_id, cls_id, sep_id, mask_id = range(5)
    special_ids = (0, 1, 2, 3, 4)

    @property
    @abstractmethod
    def vocab_size(self) -> int:
        """Number of tokens V, specials included."""

    @abstractmethod
    def token_to_id(self, token: str) -> int | None:
        """The id of a token, None where the vocabulary has no such token."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Everything needed to build the same tokenizer again, "kind" included."""

    @abstractmethod
    def _encode(self, text: str) -> list[int]:
        """Ids of a checked text."""

    @abstractmethod
    def _token(self, token_id: int) -> str:
        """The token of a checked id."""

    @abstractmethod
    def _decode(self, token_ids: list[int]) -> str:
        """Text of checked ids."""

    def encode(self, text: str) -> list[int]:
        """Ids of a text, no special added; what is not in the vocabulary becomes unk_id."""
        if not isinstance(text, str):
            raise InputError(
                expected=both("a text (str) to encode", "un texte (str) à encoder"),
                got=type(text).__name__,
                remedy=both("encode one text at a time", "encodez un texte à la fois"),
            )
        return self._encode(text)

    def decode(self, token_ids: Iterable[int], skip_special_tokens: bool = False) -> str:
        """Text of ids (list, array or tensor of shape (T,)); specials are written out unless skipped."""
        ids = [self._checked(i) for i in token_ids]
        if skip_special_tokens:
            ids = [i for i in ids if i >= len(SPECIAL_TOKENS)]
        return self._decode(ids)

    def id_to_token(self, token_id: int) -> str:
        """The token of an id; InputError outside 0..vocab_size-1 (a label of -100 is no token)."""
        return self._token(self._checked(token_id))

    def save(self, directory: str | Path) -> Path:
        """Writes DIRECTORY/tokenizer.json in one step (never half a file) and returns its path."""
        path = Path(directory) / FILE_NAME
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{FILE_NAME}.{os.getpid()}.partial")
        partial.write_text(json.dumps(self.to_json(), indent=1), encoding="utf-8")
        os.replace(partial, path)
        return path

    def _checked(self, token_id: int) -> int:
        index = int(token_id)
        if not 0 <= index < self.vocab_size:
            raise InputError(
                expected=both(
                    f"token ids from 0 to {self.vocab_size - 1}",
                    f"des identifiants de jetons de 0 à {self.vocab_size - 1}",
                ),
                got=str(index),
                remedy=both(
                    "use the tokenizer that the ids were made with, and drop ignored labels",
                    "prenez le tokenizer dont viennent les identifiants, et retirez les labels ignorés",
                ),
            )
        return index

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tokenizer) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash((self.kind, self.vocab_size))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(kind={self.kind!r}, vocab_size={self.vocab_size})"


class ListTokenizer(Tokenizer):
    """A vocabulary that is a plain list: the specials, then the given tokens in order."""

    def __init__(self, tokens: Iterable[str]):
        self._tokens = SPECIAL_TOKENS + tuple(tokens)
        self._ids = {token: index for index, token in enumerate(self._tokens)}

    @property
    def vocab_size(self) -> int:
        return len(self._tokens)

    def token_to_id(self, token: str) -> int | None:
        return self._ids.get(token)

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "tokens": list(self._tokens[len(SPECIAL_TOKENS) :])}

    def _token(self, token_id: int) -> str:
        return self._tokens[token_id]
