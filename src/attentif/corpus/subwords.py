"""Subword tokenizers (byte-level BPE, WordPiece) by the `tokenizers` library."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from attentif.corpus.vocabulary import SPECIAL_TOKENS, SPECIALS_PATTERN, Tokenizer
from attentif.errors import InputError
from attentif.language import text as both


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
                expected=both(
                    "the JSON of a `tokenizers` tokenizer", "le JSON d'un tokenizer de `tokenizers`"
                ),
                got=" ".join(str(error).split()),
                remedy=both(
                    "train it again with train_tokenizer", "entraînez-le de nouveau par train_tokenizer"
                ),
            ) from None
        found = tuple(self._library.id_to_token(i) for i in range(len(SPECIAL_TOKENS)))
        if found != SPECIAL_TOKENS:
            raise InputError(
                expected=both(
                    f"ids 0 to 4 to be {' '.join(SPECIAL_TOKENS)}",
                    f"{' '.join(SPECIAL_TOKENS)} pour les identifiants de 0 à 4",
                ),
                got=" ".join(map(str, found)),
                remedy=both(
                    "train it with train_tokenizer; transformers reads those of others",
                    "entraînez-le par train_tokenizer ; transformers lit ceux des autres",
                ),
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
                expected=both("a text that UTF-8 can write", "un texte que UTF-8 peut écrire"),
                got=both("one with a lone surrogate", "un texte avec un demi-caractère isolé (surrogate)"),
                remedy=both(
                    'clean it with text.encode("utf-8", "replace").decode()',
                    'nettoyez-le par text.encode("utf-8", "replace").decode()',
                ),
            ) from None

    def _token(self, token_id: int) -> str:
        return self._library.id_to_token(token_id)

    def _decode(self, token_ids: list[int]) -> str:
        return self._library.decode(token_ids, skip_special_tokens=False)


def _tokenizers() -> Any:
    try:
        import tokenizers
    except ImportError:
        raise InputError(
            expected=both(
                "the package tokenizers, which cuts subwords", "le paquet tokenizers, qui découpe les mots"
            ),
            got=both("none installed", "aucun d'installé"),
            remedy=both(
                "pip install tokenizers, or use characters",
                "installez-le (pip install tokenizers), ou prenez des caractères",
            ),
        ) from None
    return tokenizers


def train_subwords(kind: str, texts: Iterable[str], vocab_size: int) -> SubwordTokenizer:
    """A "bpe" or "wordpiece" tokenizer of vocab_size tokens, specials included, learned from texts."""
    library = _tokenizers()
    plain = [SPECIALS_PATTERN.sub(" ", text) for text in texts]
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
        raise InputError(
            expected=both("texts with at least one word", "des textes d'au moins un mot"),
            got=both("none", "aucun"),
            remedy=both("give texts to train on", "donnez des textes pour l'entraînement"),
        )
    if len(characters) > size:
        raise InputError(
            expected=both(
                f"vocab_size of at least {len(characters) + len(SPECIAL_TOKENS)} for these characters",
                f"un vocab_size d'au moins {len(characters) + len(SPECIAL_TOKENS)} pour ces caractères",
            ),
            got=str(size + len(SPECIAL_TOKENS)),
            remedy=both(
                'ask for a larger vocabulary or use kind "bpe"',
                'demandez un vocabulaire plus grand, ou prenez le genre "bpe"',
            ),
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
