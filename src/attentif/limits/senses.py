"""Where in a model do the senses of its words part? A profile by layer over several words."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from attentif.bias.groups import FEWEST_GROUPS
from attentif.bias.looking import word_positions
from attentif.bias.scorer import MaskedScorer
from attentif.bias.statistics import Interval, cluster_bootstrap
from attentif.errors import InputError
from attentif.language import Remark
from attentif.limits.cloze import check_enough
from attentif.limits.representations import contextual_embeddings, layer_similarity, static_embeddings


@dataclass(frozen=True)
class SenseProfile:
    """Cosines by layer, from the embeddings (layer 0), averaged over words, each word a group; lists of L + 1.

    Args:
        within: of two occurrences in one sense.
        across: of two occurrences in different senses.
        gap: within − across.
        static: of an occurrence with its vector of layer 0.
        alone: of an occurrence with the word out of context, in a text of this word only.
        table: of an occurrence with the word's row of the embedding table; None where their widths differ.
        baseline: of two random words, one number a layer; subtract it to compare layers.
        n_used: words measured.
        unknown: words left out because they, or one of their sentences, are not in the vocabulary.
    """

    within: tuple[Interval, ...]
    across: tuple[Interval, ...]
    gap: tuple[Interval, ...]
    static: tuple[Interval, ...]
    alone: tuple[Interval, ...]
    table: tuple[Interval, ...] | None
    baseline: tuple[float, ...]
    n_used: int
    unknown: tuple[str, ...]


def sense_profile(
    model: nn.Module,
    tokenizer: Any,
    words: Mapping[str, Mapping[str, Sequence[str]]],
    others: Sequence[tuple[str, str]],
    embed: Callable = contextual_embeddings,
    similarity: Callable = layer_similarity,
    interval: Callable = cluster_bootstrap,
) -> SenseProfile:
    """Layer by layer, how far apart are the senses of polysemous words?

    Args:
        model, tokenizer: a masked language model, of `transformers` or of this library, and its tokenizer.
        words: word → sense → sentences with the word in that sense; at least 5 words that the model knows.
        others: pairs (sentence, random word of it), for the baseline; at least 2 that the model knows.
        embed, similarity: called as `contextual_embeddings` and `layer_similarity`.
        interval: how to bound a mean of grouped values, called as interval(values, groups).

    Raises:
        InputError (a ValueError): too few words that the vocabulary allows.

    Source: Ethayarajh 2019, §3; Wiedemann et al. 2019.

    >>> from attentif.corpus.tokenizers import WordTokenizer
    >>> from attentif.models import MaskedLM, ModelConfig
    >>> tokenizer = WordTokenizer(list("abcdefgh"))
    >>> model = MaskedLM(ModelConfig(tokenizer.vocab_size, d_model=6, n_heads=3))
    >>> words = {word: {"1": [f"{word} g", f"g {word}"], "2": [f"{word} h"]} for word in "abcde"}
    >>> len(sense_profile(model, tokenizer, words, [("a g", "a"), ("h b", "b")]).gap)
    3
    """
    scorer = MaskedScorer(model, tokenizer)
    known = {
        word: senses
        for word, senses in words.items()
        if all(_is_known(scorer, each, word) for sentences in senses.values() for each in sentences)
    }
    check_enough(set(known), len(words) - len(known), len(words), FEWEST_GROUPS)
    random = [(sentence, word) for sentence, word in others if _is_known(scorer, sentence, word)]
    check_enough({word for _, word in random}, len(others) - len(random), len(others), 2)
    baseline = embed(model, tokenizer, *map(list, zip(*random, strict=True)))  # (L + 1, M, D)
    found, to_alone, to_table = [], [], []
    for word, senses in known.items():
        labelled = [(sense, sentence) for sense, sentences in senses.items() for sentence in sentences]
        vectors = embed(model, tokenizer, [sentence for _, sentence in labelled], word)  # (L + 1, N, D)
        found.append(similarity(vectors, [sense for sense, _ in labelled], baseline))
        to_alone.append(mean_cosine(vectors, embed(model, tokenizer, [word], word)))
        row = static_embeddings(model, tokenizer, [word])  # (1, D)
        if row.size(-1) == vectors.size(-1):
            to_table.append(mean_cosine(vectors, row))
    groups = list(known)

    def by_layer(columns: list[torch.Tensor]) -> tuple[Interval, ...]:
        return tuple(interval(layer, groups) for layer in torch.stack(columns, dim=1).tolist())

    return SenseProfile(
        **{
            name: by_layer([getattr(each, name) for each in found])
            for name in ("within", "across", "gap", "static")
        },
        alone=by_layer(to_alone),
        table=by_layer(to_table) if to_table else None,
        baseline=tuple(found[0].baseline.tolist()),
        n_used=len(known),
        unknown=tuple(word for word in words if word not in known),
    )


def mean_cosine(vectors: Tensor, reference: Tensor) -> Tensor:
    """(L + 1,), the mean cosine of vectors (L + 1, N, D) with a reference, (1, D) or one a layer (L + 1, 1, D)."""
    return torch.cosine_similarity(vectors.double(), reference.double(), dim=-1).mean(dim=-1)


def _is_known(scorer: MaskedScorer, sentence: str, word: str) -> bool:
    """Whether the vocabulary has all of a sentence, and the word has tokens of its own in it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Remark)
        try:
            encoding, _ = word_positions(scorer, sentence, word)
        except InputError:
            return False
    return scorer.unk_id not in encoding.ids
