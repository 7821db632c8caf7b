"""Tokenizers: characters, words (Microcosm) and subwords (BPE, WordPiece), all behind one interface.

Every vocabulary starts with the same five specials: [PAD]=0 [UNK]=1 [CLS]=2 [SEP]=3 [MASK]=4.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from attentif.corpus.subwords import SubwordTokenizer, train_subwords
from attentif.corpus.vocabulary import FILE_NAME, SPECIAL_TOKENS, SPECIALS_PATTERN, Tokenizer
from attentif.corpus.words import CharTokenizer, WordTokenizer, render
from attentif.errors import InputError
from attentif.language import text as both

__all__ = [
    "SPECIAL_TOKENS",
    "CharTokenizer",
    "SubwordTokenizer",
    "Tokenizer",
    "WordTokenizer",
    "load_tokenizer",
    "render",
    "train_tokenizer",
]

_KINDS = {
    "char": CharTokenizer,
    "word": WordTokenizer,
    "bpe": SubwordTokenizer,
    "wordpiece": SubwordTokenizer,
}


_TOO_LITTLE = {
    "char": both("texts with at least one char", "des textes d'au moins un caractère"),
    "word": both("texts with at least one word", "des textes d'au moins un mot"),
}


def load_tokenizer(directory: str | Path) -> Tokenizer:
    """The tokenizer saved in DIRECTORY/tokenizer.json; InputError where there is none of ours."""
    path = Path(directory) / FILE_NAME
    remedy = both(
        "give a folder that Tokenizer.save wrote (transformers.AutoTokenizer reads those of the hub)",
        "donnez un dossier écrit par Tokenizer.save (transformers.AutoTokenizer lit ceux du hub)",
    )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            expected=both(f"a tokenizer in {path}", f"un tokenizer dans {path}"),
            got=error.strerror or str(error),
            remedy=remedy,
        ) from None
    except ValueError:
        raise InputError(
            expected=both(f"a whole JSON file in {path}", f"un fichier JSON complet dans {path}"),
            got=both("one that is damaged or cut short", "un fichier abîmé ou incomplet"),
            remedy=both("save the tokenizer again", "enregistrez de nouveau le tokenizer"),
        ) from None
    kind = content.get("kind") if isinstance(content, dict) else None
    if kind not in _KINDS:
        raise InputError(
            expected=both(
                f"a tokenizer of kind {', '.join(_KINDS)} in {path}",
                f"un tokenizer du genre {', '.join(_KINDS)} dans {path}",
            ),
            got=both(f"kind {kind}", f"le genre {kind}"),
            remedy=remedy,
        )
    try:
        if kind == "char":
            return CharTokenizer("".join(content["tokens"]))
        if kind == "word":
            return WordTokenizer(content["tokens"])
        return SubwordTokenizer(kind, json.dumps(content["library"]))
    except (KeyError, TypeError) as error:
        raise InputError(
            expected=both(
                f"the content of a {kind} tokenizer in {path}",
                f"le contenu d'un tokenizer {kind} dans {path}",
            ),
            got=both(f"none ({error!r})", f"aucun ({error!r})"),
            remedy=both("save the tokenizer again", "enregistrez de nouveau le tokenizer"),
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
            expected=both(
                f"a kind of tokenizer among {', '.join(_KINDS)}",
                f"un genre de tokenizer parmi {', '.join(_KINDS)}",
            ),
            got=repr(kind),
            remedy=both("choose one of them", "choisissez l'un d'eux"),
        )
    smallest = len(SPECIAL_TOKENS) + (256 if kind == "bpe" else 1)  # byte-level BPE keeps all 256 bytes
    if vocab_size is not None and vocab_size < smallest:
        raise InputError(
            expected=both(
                f"vocab_size of at least {smallest} for a {kind} tokenizer",
                f"un vocab_size d'au moins {smallest} pour un tokenizer {kind}",
            ),
            got=str(vocab_size),
            remedy=both("ask for a larger vocabulary", "demandez un vocabulaire plus grand"),
        )
    texts = texts.splitlines(keepends=True) if isinstance(texts, str) else texts
    if kind in ("bpe", "wordpiece"):
        return train_subwords(kind, texts, 8000 if vocab_size is None else vocab_size)
    counts: Counter[str] = Counter()
    for text in texts:
        plain = SPECIALS_PATTERN.sub(" " if kind == "word" else "", text)
        counts.update(plain if kind == "char" else plain.split())
    kept = sorted(counts, key=lambda token: (-counts[token], token))
    kept = kept if vocab_size is None else kept[: vocab_size - len(SPECIAL_TOKENS)]
    if not kept:
        raise InputError(
            expected=_TOO_LITTLE[kind],
            got=both("none", "aucun"),
            remedy=both("give texts to train on", "donnez des textes pour l'entraînement"),
        )
    return CharTokenizer("".join(kept)) if kind == "char" else WordTokenizer(kept)
