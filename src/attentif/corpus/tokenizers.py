"""Tokenizers: characters, words (Microcosm) and subwords (BPE, WordPiece), all behind one interface.

Every vocabulary starts with the same five specials: [PAD]=0 [UNK]=1 [CLS]=2 [SEP]=3 [MASK]=4.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from attentif.errors import InputError

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
FILE_NAME = "tokenizer.json"
_SPECIALS = re.compile("(" + "|".join(map(re.escape, SPECIAL_TOKENS)) + ")")
_INVISIBLE = frozenset({"[PAD]", "[CLS]", "[SEP]"})  # they stand for no word: the sentence has yet to start
_CLOSING = frozenset(".,…)!?;:")
_APOSTROPHES = ("'", "’")


def render(tokens: Iterable[str]) -> str:
    """Readable text from word tokens: capitals at sentence starts, no space before . , or after "l'".

    tokens: words as in the vocabulary, an elision ("l'") being a token of its own; a token that begins with
    an apostrophe or a hyphen ("'s", "-il") joins the word before it. Specials are kept as they are.

    >>> render("l' infirmière lit , [MASK] aussi . il dort .".split())
    "L'infirmière lit, [MASK] aussi. Il dort."
    """
    text, starting, joined = "", True, True
    for token in tokens:
        shown = token
        if token in SPECIAL_TOKENS:
            starting = starting and token in _INVISIBLE
            joins_left = False
        else:
            capital = token[:1].upper()
            if starting and len(capital) == 1:  # "ß".upper() is two letters: no capital that can be undone
                shown = capital + token[1:]
            starting = token in (".", "!", "?", "…") or (starting and not any(c.isalnum() for c in token))
            joins_left = token in _CLOSING or (len(token) > 1 and token[0] in (*_APOSTROPHES, "-"))
        text += shown if joined or joins_left else " " + shown
        joined = token.endswith(_APOSTROPHES) or token == "("
    return text


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
                expected="a text (str) to encode", got=type(text).__name__, remedy="encode one text at a time"
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
                expected=f"token ids from 0 to {self.vocab_size - 1}",
                got=str(index),
                remedy="use the tokenizer that the ids were made with, and drop ignored labels",
            )
        return index

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tokenizer) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash((self.kind, self.vocab_size))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(kind={self.kind!r}, vocab_size={self.vocab_size})"


class _ListTokenizer(Tokenizer):
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


class CharTokenizer(_ListTokenizer):
    """One token a character; the vocabulary is the sorted set of the characters of `text`.

    >>> tokenizer = CharTokenizer("le chat")
    >>> tokenizer.encode("la [MASK]"), tokenizer.vocab_size
    ([10, 6, 5, 4], 12)
    """

    kind = "char"

    def __init__(self, text: str):
        super().__init__(sorted(set(_SPECIALS.sub("", text))))

    def _encode(self, text: str) -> list[int]:
        get, ids = self._ids.get, []
        for index, part in enumerate(_SPECIALS.split(text)):  # odd parts are the specials
            ids.extend([self._ids[part]] if index % 2 else [get(c, self.unk_id) for c in part])
        return ids

    def _decode(self, token_ids: list[int]) -> str:
        return "".join(self._tokens[i] for i in token_ids)


class WordTokenizer(_ListTokenizer):
    """One token a word of a closed list (Microcosm's forms), ids in the order given.

    forms: distinct words without white space or specials, in the case in which they are used.
    encode() takes space-separated tokens and readable text alike: a piece that is no form is cut at
    punctuation, apostrophes and hyphens into the longest known forms, a capital first letter is lowered, and
    an unknown stretch is one [UNK]. So encode(decode(ids)) == ids for sentences of forms, where no two forms
    differ in nothing but the case of their first letter.

    >>> tokenizer = WordTokenizer(["l'", "infirmière", "dort", "."])
    >>> tokenizer.encode("L'infirmière [MASK]."), tokenizer.decode([5, 6, 7, 8])
    ([5, 6, 4, 8], "L'infirmière dort.")
    """

    kind = "word"

    def __init__(self, forms: Iterable[str]):
        forms = list(forms)
        for form in forms:
            if not form or form.split() != [form] or _SPECIALS.search(form):
                raise InputError(
                    expected="forms without white space or special tokens",
                    got=repr(form),
                    remedy="give the words alone; the five specials are added by the tokenizer",
                )
        if len(set(forms)) < len(forms):
            raise InputError(
                expected="distinct forms",
                got=f"{Counter(forms).most_common(1)[0][0]!r} twice",
                remedy="remove the repetition",
            )
        super().__init__(forms)
        self._longest = max(map(len, forms), default=0)
        self._pieces: dict[str, list[int]] = {}  # what was cut once is not cut again

    def _encode(self, text: str) -> list[int]:
        ids: list[int] = []
        for index, part in enumerate(_SPECIALS.split(text)):
            for piece in (part,) if index % 2 else part.split():
                known = self._ids.get(piece)
                ids.extend(self._cut(piece) if known is None else (known,))
        return ids

    def _decode(self, token_ids: list[int]) -> str:
        return render(self._tokens[i] for i in token_ids)

    def _known(self, piece: str) -> int | None:
        for form in (piece, piece.replace("’", "'")):
            for cased in (form, form[:1].lower() + form[1:]):
                if cased in self._ids:
                    return self._ids[cased]
        return None

    def _cut(self, piece: str) -> list[int]:
        if piece in self._pieces:
            return self._pieces[piece]
        text = unicodedata.normalize("NFC", piece)  # macOS keyboards give "é" as two characters
        cuts = [0, *(match.end() for match in re.finditer(r"\w+|\W", text))]
        ids, at, unknown = [], 0, False
        while at + 1 < len(cuts):
            last = bisect_right(cuts, cuts[at] + self._longest) - 1
            for end in range(last, at, -1):  # the longest form first
                known = self._known(text[cuts[at] : cuts[end]])
                if known is not None:
                    ids.append(known)
                    at, unknown = end, False
                    break
            else:
                if not unknown:
                    ids.append(self.unk_id)
                at, unknown = at + 1, True
        self._pieces[piece] = ids
        return ids


class SubwordTokenizer(Tokenizer):
    """Byte-level BPE ("bpe") or WordPiece ("wordpiece") by the `tokenizers` library, with our five specials.

    BPE gives back any Unicode text exactly; WordPiece cuts at white space and punctuation as BERT does (case
    and accents kept), so that decode() gives the words back, not the spacing.
    Sources: Sennrich et al. 2016 §3.2; Radford et al. 2019 §2.2 (bytes); Wu et al. 2016 §4.1 (WordPiece).
    """

    def __init__(self, kind: str, library_json: str):
        library = _tokenizers()
        self.kind = kind
        try:
            self._library = library.Tokenizer.from_str(library_json)
        except Exception as error:  # the library raises Exception itself
            raise InputError(
                expected="the JSON of a `tokenizers` tokenizer",
                got=" ".join(str(error).split()),
                remedy="train it again with train_tokenizer",
            ) from None
        found = tuple(self._library.id_to_token(i) for i in range(len(SPECIAL_TOKENS)))
        if found != SPECIAL_TOKENS:
            raise InputError(
                expected=f"ids 0 to 4 to be {' '.join(SPECIAL_TOKENS)}",
                got=" ".join(map(str, found)),
                remedy="train it with train_tokenizer; transformers reads those of others",
            )

    @property
    def vocab_size(self) -> int:
        return self._library.get_vocab_size()

    def token_to_id(self, token: str) -> int | None:
        return self._library.token_to_id(token)

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "library": json.loads(self._library.to_str())}

    def _encode(self, text: str) -> list[int]:
        try:
            return self._library.encode(text, add_special_tokens=False).ids
        except TypeError:
            raise InputError(
                expected="a text that UTF-8 can write",
                got="one with a lone surrogate",
                remedy='clean it with text.encode("utf-8", "replace").decode()',
            ) from None

    def _token(self, token_id: int) -> str:
        return self._library.id_to_token(token_id)

    def _decode(self, token_ids: list[int]) -> str:
        return self._library.decode(token_ids, skip_special_tokens=False)


_KINDS = {
    "char": CharTokenizer,
    "word": WordTokenizer,
    "bpe": SubwordTokenizer,
    "wordpiece": SubwordTokenizer,
}


def load_tokenizer(directory: str | Path) -> Tokenizer:
    """The tokenizer saved in DIRECTORY/tokenizer.json; InputError where there is none of ours."""
    path = Path(directory) / FILE_NAME
    remedy = "give a folder that Tokenizer.save wrote (transformers.AutoTokenizer reads those of the hub)"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            expected=f"a tokenizer in {path}", got=error.strerror or str(error), remedy=remedy
        ) from None
    except ValueError:
        raise InputError(
            expected=f"a whole JSON file in {path}",
            got="one that is damaged or cut short",
            remedy="save the tokenizer again",
        ) from None
    kind = content.get("kind") if isinstance(content, dict) else None
    if kind not in _KINDS:
        raise InputError(
            expected=f"a tokenizer of kind {', '.join(_KINDS)} in {path}", got=f"kind {kind}", remedy=remedy
        )
    try:
        if kind == "char":
            return CharTokenizer("".join(content["tokens"]))
        if kind == "word":
            return WordTokenizer(content["tokens"])
        return SubwordTokenizer(kind, json.dumps(content["library"]))
    except (KeyError, TypeError) as error:
        raise InputError(
            expected=f"the content of a {kind} tokenizer in {path}",
            got=f"none ({error!r})",
            remedy="save the tokenizer again",
        ) from None


def train_tokenizer(kind: str, texts: str | Iterable[str], vocab_size: int | None = None) -> Tokenizer:
    """A tokenizer of this kind from texts, with at most vocab_size tokens (specials included).

    kind: "char", "word" (split at white space), "bpe" or "wordpiece". vocab_size None keeps every character
    or word and means 8,000 for subwords. The most frequent are kept, ties are broken in a fixed order: the
    same texts give the same ids.

    >>> train_tokenizer("word", ["le chat dort .", "le chien dort ."], vocab_size=8).encode("le chat dort .")
    [7, 1, 6, 5]
    """
    if kind not in _KINDS:
        raise InputError(
            expected=f"a kind of tokenizer among {', '.join(_KINDS)}",
            got=repr(kind),
            remedy="choose one of them",
        )
    smallest = len(SPECIAL_TOKENS) + (256 if kind == "bpe" else 1)  # byte-level BPE keeps all 256 bytes
    if vocab_size is not None and vocab_size < smallest:
        raise InputError(
            expected=f"vocab_size of at least {smallest} for a {kind} tokenizer",
            got=str(vocab_size),
            remedy="ask for a larger vocabulary",
        )
    texts = texts.splitlines(keepends=True) if isinstance(texts, str) else texts
    if kind in ("bpe", "wordpiece"):
        return _train_subwords(kind, texts, 8000 if vocab_size is None else vocab_size)
    counts: Counter[str] = Counter()
    for text in texts:
        plain = _SPECIALS.sub(" " if kind == "word" else "", text)
        counts.update(plain if kind == "char" else plain.split())
    kept = sorted(counts, key=lambda token: (-counts[token], token))
    kept = kept if vocab_size is None else kept[: vocab_size - len(SPECIAL_TOKENS)]
    if not kept:
        raise InputError(
            expected=f"texts with at least one {kind}", got="none", remedy="give texts to train on"
        )
    return CharTokenizer("".join(kept)) if kind == "char" else WordTokenizer(kept)


def _tokenizers() -> Any:
    try:
        import tokenizers
    except ImportError:
        raise InputError(
            expected="the package tokenizers, which cuts subwords",
            got="none installed",
            remedy="pip install tokenizers, or use characters",
        ) from None
    return tokenizers


def _train_subwords(kind: str, texts: Iterable[str], vocab_size: int) -> SubwordTokenizer:
    library = _tokenizers()
    plain = [_SPECIALS.sub(" ", text) for text in texts]
    if kind == "bpe":
        trained = library.Tokenizer(library.models.BPE())
        trained.pre_tokenizer = library.pre_tokenizers.ByteLevel(add_prefix_space=False)
        trained.decoder = library.decoders.ByteLevel()
        trainer = library.trainers.BpeTrainer(
            vocab_size=vocab_size,
            special_tokens=list(SPECIAL_TOKENS),
            initial_alphabet=sorted(library.pre_tokenizers.ByteLevel.alphabet()),
            show_progress=False,
        )
        trained.train_from_iterator(plain, trainer)
    else:
        trained = _wordpiece([*SPECIAL_TOKENS, *_word_pieces(plain, vocab_size - len(SPECIAL_TOKENS))])
        trained.add_special_tokens(list(SPECIAL_TOKENS))
    return SubwordTokenizer(kind, trained.to_str())


def _wordpiece(tokens: list[str]) -> Any:
    library = _tokenizers()
    ids = {token: index for index, token in enumerate(tokens)}
    tokenizer = library.Tokenizer(library.models.WordPiece(vocab=ids, unk_token="[UNK]"))
    cleaning = library.normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    tokenizer.normalizer = library.normalizers.Sequence([library.normalizers.NFC(), cleaning])
    tokenizer.pre_tokenizer = library.pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = library.decoders.WordPiece()
    return tokenizer


def _word_pieces(texts: list[str], size: int) -> list[str]:
    """At most `size` pieces: every character as a beginning and as "##c" inside a word, then learned merges.

    The library's own trainer numbers the "##c" in the order of a hash map, so that the same texts give other
    ids each time (tokenizers issue 1794). Its BPE trainer sorts its characters: it learns here on words that
    begin with a mark, and the pieces without the mark become the "##" ones.
    """
    library, mark, cleaning = _tokenizers(), "▁", _wordpiece(list(SPECIAL_TOKENS))
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update("".join(cleaning.normalizer.normalize_str(text).split()))
    del counts[mark]
    frequent = sorted(sorted(counts, key=lambda c: (-counts[c], c))[:1000])
    inside = [c for c in frequent if len(cleaning.pre_tokenizer.pre_tokenize_str(f"a{c}a")) == 1]
    characters = [*frequent, *(f"##{c}" for c in inside)]
    if not characters:
        raise InputError(expected="texts with at least one word", got="none", remedy="give texts to train on")
    if len(characters) > size:
        raise InputError(
            expected=f"vocab_size of at least {len(characters) + len(SPECIAL_TOKENS)} for these characters",
            got=str(size + len(SPECIAL_TOKENS)),
            remedy='ask for a larger vocabulary or use kind "bpe"',
        )
    learner = library.Tokenizer(library.models.BPE())
    learner.normalizer = cleaning.normalizer
    marked = library.pre_tokenizers.Metaspace(replacement=mark, prepend_scheme="always", split=False)
    learner.pre_tokenizer = library.pre_tokenizers.Sequence([cleaning.pre_tokenizer, marked])
    alphabet = [mark, *frequent]
    trainer = library.trainers.BpeTrainer(
        vocab_size=size + len(alphabet),  # more than are kept: "▁c" is a merge there and a character here
        initial_alphabet=alphabet,
        limit_alphabet=len(alphabet),
        show_progress=False,
    )
    learner.train_from_iterator(texts, trainer)
    learned = sorted(learner.get_vocab().items(), key=lambda item: item[1])
    merged = (token[1:] if token[0] == mark else f"##{token}" for token, _ in learned if len(token) > 1)
    return list(dict.fromkeys([*characters, *merged]))[:size]
