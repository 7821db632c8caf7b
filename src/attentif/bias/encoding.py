"""Texts as token ids, whichever tokenizer does it: where the words are, and where the specials.

The differences between the tokenizers of `transformers` and those of this library end here.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from attentif.errors import InputError
from attentif.language import Remark
from attentif.language import text as both

MASK_ALIAS = "[MASK]"


@dataclass(frozen=True)
class Encoding:
    """A text as a masked model reads it.

    Args:
        ids: all T token ids, the specials around the text included.
        positions: the positions in `ids` of the tokens that write the text.
        word_ids: for each of the T tokens the number of its word, None for the specials; None as a whole
            where the tokenizer cannot tell.
    """

    ids: tuple[int, ...]
    positions: tuple[int, ...]
    word_ids: tuple[int | None, ...] | None = None

    def __post_init__(self) -> None:
        if self.word_ids is not None and len(self.word_ids) != len(self.ids):
            raise InputError(
                expected=both(
                    f"one word number a token, {len(self.ids)} in all",
                    f"un numéro de mot par jeton, {len(self.ids)} en tout",
                ),
                got=str(len(self.word_ids)),
                remedy=both(
                    "number every token, specials as None",
                    "numérotez chaque jeton, None pour les jetons spéciaux",
                ),
            )

    def word_of(self, position: int) -> int | None:
        """The number of the word that the token at this position belongs to (None for a special)."""
        if self.word_ids is None:
            raise InputError(
                expected=both(
                    "a tokenizer that tells which tokens make a word",
                    "un tokenizer qui dit quels jetons forment un mot",
                ),
                got=both("one that does not", "un tokenizer qui ne le dit pas"),
                remedy=both(
                    "load its fast version (use_fast=True), or score token by token",
                    "chargez sa version rapide (use_fast=True), ou évaluez jeton par jeton",
                ),
            )
        return self.word_ids[position]


class TextEncoder:
    """Any tokenizer with a mask token, behind one interface.

    Args:
        tokenizer: one of `transformers` or of `attentif.corpus.tokenizers`.

    Attributes:
        mask_id: id of the mask token.   mask_token: its text.   unk_id: id of unknown text, or None.
        special_ids: ids of all special tokens, the mask and the unknown token among them.

    Raises:
        InputError: the tokenizer has no mask token.

    >>> from attentif.corpus.tokenizers import WordTokenizer
    >>> TextEncoder(WordTokenizer(["il", "dort", "."])).encode("il [MASK] .")
    Encoding(ids=(2, 5, 4, 7, 3), positions=(1, 2, 3), word_ids=(None, 0, 1, 2, None))
    """

    def __init__(self, tokenizer: Any):
        self.tokenizer = tokenizer
        self._hub = hasattr(tokenizer, "mask_token_id")
        names = ("mask_id", "unk_id", "special_ids")
        if self._hub:
            names = ("mask_token_id", "unk_token_id", "all_special_ids")
        self.mask_id, self.unk_id, special_ids = (getattr(tokenizer, name, None) for name in names)
        if self.mask_id is None:
            raise InputError(
                expected=both("a tokenizer with a mask token", "un tokenizer qui a un jeton de masque"),
                got=both(
                    f"{type(tokenizer).__name__} without one", f"{type(tokenizer).__name__}, qui n'en a pas"
                ),
                remedy=both(
                    "load the tokenizer that belongs to the masked model",
                    "chargez le tokenizer du modèle masqué",
                ),
            )
        self.special_ids = frozenset(special_ids)
        self.mask_token = tokenizer.mask_token if self._hub else tokenizer.id_to_token(self.mask_id)

    def encode(self, text: str, masks_allowed: bool = True) -> Encoding:
        """Token ids of a text, between the specials that the model expects ([CLS] … [SEP] in BERT).

        "[MASK]" stands for the mask token whatever its name is (RoBERTa and CamemBERT write "<mask>").
        A text with parts that the vocabulary lacks is read with unknown tokens, and a warning says so.

        Raises:
            InputError: no text, an empty one, or a mask where `masks_allowed` is False.
        """
        if not isinstance(text, str):
            raise InputError(
                expected=both("a text (str)", "un texte (str)"),
                got=type(text).__name__,
                remedy=both("give one sentence as a string", "donnez une phrase, sous forme de chaîne"),
            )
        encoding = self._encode(text.replace(MASK_ALIAS, self.mask_token))
        found = [encoding.ids[position] for position in encoding.positions]
        if not found:
            raise InputError(
                expected=both("a text with at least one token", "un texte d'au moins un jeton"),
                got=repr(text),
                remedy=both("drop empty sentences", "retirez les phrases vides"),
            )
        if not masks_allowed and self.mask_id in found:
            raise InputError(
                expected=both("a text without mask", "un texte sans masque"),
                got=repr(text),
                remedy=both("write the word in full", "écrivez le mot lui-même"),
            )
        if self.unk_id is not None and self.unk_id in found:
            unknown = both(
                "a text has parts that the tokenizer does not know: the model reads, and scores, the "
                "unknown token in their place",
                "un texte a des parties que le tokenizer ne connaît pas : le modèle lit, et évalue, le jeton "
                "inconnu à leur place",
            )
            warnings.warn(Remark(unknown), stacklevel=3)
        return encoding

    def masked(self, ids: Sequence[int], positions: Iterable[int]) -> list[int]:
        """A copy of `ids` with the mask token at these positions."""
        copy = list(ids)
        for position in positions:
            copy[position] = self.mask_id
        return copy

    def token(self, token_id: int) -> str:
        """A token in readable form: "médecin" for "▁médecin", "##ing" as it stands.

        Two entries that differ by a leading space only (RoBERTa's "he" and " he") read the same.
        """
        if token_id >= (len(self.tokenizer) if self._hub else self.tokenizer.vocab_size):
            return f"<{token_id}>"  # rows that round up the embedding matrix have no token
        name = "convert_ids_to_tokens" if self._hub else "id_to_token"
        entry = getattr(self.tokenizer, name)(token_id)
        text = self.tokenizer.decode([token_id]).strip()
        # A lone byte of a longer character cannot be decoded: its entry is all there is to show. Nor is a word
        # shown alone the beginning of a sentence, with its capital.
        unreadable = not text or "\ufffd" in text
        return entry if entry.startswith("##") or unreadable or text.lower() == entry else text

    def locate(self, text: str, start: int, end: int) -> tuple[Encoding, tuple[int, ...]]:
        """Encode a text without masks and find the tokens that write text[start:end].

        Returns:
            (encoding, positions): the whole text, and where in `encoding.ids` the stretch stands.

        Raises:
            InputError: a token of the stretch also writes something around it.
        """
        encoding = self.encode(text, masks_allowed=False)
        find = self._locate_by_offsets if self._hub and self.tokenizer.is_fast else self._locate_by_parts
        positions = find(encoding, text, start, end)
        if not positions:
            raise InputError(
                expected=both(
                    f"{text[start:end]!r} to have tokens of its own in {text!r}",
                    f"des jetons propres à {text[start:end]!r} dans {text!r}",
                ),
                got=both("tokens shared with its neighbours", "des jetons partagés avec ses voisins"),
                remedy=both(
                    "put a space around it, or change the text", "entourez-le d'espaces, ou changez le texte"
                ),
            )
        return encoding, positions

    def _locate_by_offsets(self, encoding: Encoding, text: str, start: int, end: int) -> tuple[int, ...]:
        offsets = self.tokenizer(text, return_offsets_mapping=True)["offset_mapping"]
        found = []
        for position in encoding.positions:
            low, high = offsets[position]
            # A token of no width is the space mark of the word that begins there.
            if (low < end and high > start) or (low == high and start <= low < end):
                if text[low:start].strip() or text[end:high].strip():
                    return ()
                found.append(position)
        return tuple(found)

    def _locate_by_parts(self, encoding: Encoding, text: str, start: int, end: int) -> tuple[int, ...]:
        first, content = encoding.positions[0], [encoding.ids[position] for position in encoding.positions]
        # Byte-level tokenizers write a space with the word that follows it; for characters it is one of them.
        spaced = start if getattr(self.tokenizer, "kind", None) == "char" else len(text[:start].rstrip())
        for cut in (spaced, start):
            before, word, after = map(self._content_ids, (text[:cut], text[cut:end], text[end:]))
            if before + word + after == content:
                return tuple(range(first + len(before), first + len(before) + len(word)))
        return ()

    def _encode(self, text: str) -> Encoding:
        if not self._hub:
            ids = self._content_ids(text)
            word_ids = (None, *self._word_numbers(text, ids), None)
            return Encoding(
                (self.tokenizer.cls_id, *ids, self.tokenizer.sep_id), tuple(range(1, len(ids) + 1)), word_ids
            )
        found = self.tokenizer(text, return_special_tokens_mask=True)
        positions = tuple(i for i, special in enumerate(found["special_tokens_mask"]) if not special)
        word_ids = tuple(found.word_ids()) if self.tokenizer.is_fast else None
        return Encoding(tuple(found["input_ids"]), positions, word_ids)

    def _content_ids(self, text: str) -> list[int]:
        if self._hub:
            return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])
        return list(self.tokenizer.encode(text))

    def _word_numbers(self, text: str, ids: list[int]) -> list[int]:
        """The word of each token: a run of letters and digits or one sign, else what spaces separate."""
        if getattr(self.tokenizer, "kind", "word") != "word":
            for pattern in (r"\s*(?:\w+|[^\w\s])|\s+$", r"\s*\S+|\s+$"):
                parts = [self._content_ids(part) for part in re.findall(pattern, text)]
                if [token for part in parts for token in part] == ids:
                    return [number for number, part in enumerate(parts) for _ in part]
        return list(range(len(ids)))  # every token of a vocabulary of words is a word
