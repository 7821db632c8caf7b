"""Our tokenizers as transformers': the same ids for the same texts, with [CLS] and [SEP] around."""

from __future__ import annotations

import json
from typing import Any

from torch import nn

from attentif.corpus.tokenizers import SPECIAL_TOKENS, CharTokenizer, SubwordTokenizer, WordTokenizer
from attentif.errors import InputError
from attentif.language import text
from attentif.models import CausalLM

SPECIAL_NAMES = dict(
    zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), SPECIAL_TOKENS, strict=True)
)


def to_transformers_tokenizer(tokenizer: Any, model: nn.Module) -> Any:
    """A fast tokenizer of transformers' with the ids of one of ours.

    Args:
        tokenizer: of whole words, characters or subwords.
        model: what it is for; a causal one reads texts as they are, without specials around them.

    Raises:
        InputError: a tokenizer of another library.
    """
    from tokenizers import Tokenizer

    if isinstance(tokenizer, SubwordTokenizer):
        backend = Tokenizer.from_str(json.dumps(tokenizer.to_json()["library"]))
        unknown = tokenizer.kind == "wordpiece"
    elif isinstance(tokenizer, (WordTokenizer, CharTokenizer)):
        tokens = [tokenizer.id_to_token(number) for number in range(tokenizer.vocab_size)]
        backend, unknown = whole_tokens(tokens[len(SPECIAL_TOKENS) :], tokenizer.kind), True
    else:
        raise InputError(
            expected=text("a tokenizer of this library", "un tokenizer de cette bibliothèque"),
            got=type(tokenizer).__name__,
            remedy=text(
                "save others by their own save_pretrained", "enregistrez les autres par leur save_pretrained"
            ),
        )
    # Bytes leave nothing unknown.
    names = {role: token for role, token in SPECIAL_NAMES.items() if unknown or role != "unk_token"}
    return fast_tokenizer(backend, model.config.max_length, names, around=not isinstance(model, CausalLM))


def whole_tokens(forms: list[str], kind: str = "word") -> Any:
    """The backend of a tokenizer of whole words ("word") or characters ("char"), after the five specials."""
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

    vocabulary = {token: index for index, token in enumerate([*SPECIAL_TOKENS, *forms])}
    backend = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    if kind == "char":
        backend.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
        backend.decoder = decoders.Fuse()
        return backend
    backend.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            # "l'" stays one token, as in the language's own spelling.
            pre_tokenizers.Split(Regex("'"), "merged_with_previous"),
            pre_tokenizers.Split(Regex("[.,]"), "isolated"),
        ]
    )
    return backend


def fast_tokenizer(backend: Any, max_length: int, names: dict[str, str], around: bool = True) -> Any:
    """A tokenizer of transformers' around a backend.

    Args:
        backend: of the `tokenizers` library.
        max_length: of the model.
        names: role → special token ("pad_token", "mask_token" …).
        around: whether [CLS] and [SEP] stand around a text, or around and between two.
    """
    from tokenizers import processors
    from transformers import PreTrainedTokenizerFast

    if around:
        ids = [(token, SPECIAL_TOKENS.index(token)) for token in ("[CLS]", "[SEP]")]
        backend.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ids
        )
    return PreTrainedTokenizerFast(tokenizer_object=backend, model_max_length=max_length, **names)
