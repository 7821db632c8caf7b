"""The rows that a run trains and is validated on, from the corpus that its description names."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch

from attentif.corpus import Corpus
from attentif.corpus.batching import (
    Batch,
    EndlessBatches,
    MaskedBatches,
    PairBatches,
    RowBatches,
    WindowBatches,
    consecutive_windows,
    fixed,
    seed_of,
    seeded_generator,
)
from attentif.corpus.microcosm import Microcosm
from attentif.corpus.text import split_documents, split_train_validation
from attentif.corpus.tokenizers import Tokenizer, train_tokenizer
from attentif.errors import InputError
from attentif.language import text as both
from attentif.objectives import sentence_pairs
from attentif.run_config import RunConfig

VALIDATION_SENTENCES, VALIDATION_BATCH = 2000, 100
ENCODED_AT_ONCE = 1_000_000  # characters
DOCUMENTS_A_CHUNK = 16_000  # held in memory at a time; a world's training text has no end


def world_rows(config: RunConfig, corpus: Corpus, mask: Callable) -> tuple[Tokenizer, Any, list[Batch]]:
    """Fresh sentences of a Microcosm for every step, and others for validation."""
    world = corpus.world
    tokenizer = world.tokenizer
    longest = world.automaton.max_length
    needed_context = 2 * longest + 3 if config.objective == "pairs" else longest + 2
    if config.context < needed_context:
        raise InputError(
            expected=both(
                f"a context of at least {needed_context}, the longest row of {corpus.name}",
                f"un contexte d'au moins {needed_context}, la plus longue ligne de {corpus.name}",
            ),
            got=str(config.context),
            remedy=both(f"take --context {needed_context}", f"prenez --context {needed_context}"),
        )
    # A document of n sentences has n rows, or n − 1 pairs.
    rows_per_document = world.world.sentences_per_document - (config.objective == "pairs")
    needed = -(-config.steps * config.accumulation * config.batch // rows_per_document)
    # Whole batches only: as many documents as make the rows a multiple of the batch.
    multiple = config.batch // math.gcd(config.batch, rows_per_document)
    n_documents = -(-min(needed, DOCUMENTS_A_CHUNK) // multiple) * multiple
    seed = 2 * config.seed + 1

    def chunk(number: int) -> RowBatches:
        documents = world.documents(n_documents, seed, first=number * n_documents)
        return _rows(config, tokenizer, documents, seed_of(seed, number))

    endless = EndlessBatches(chunk, n_documents * rows_per_document // config.batch)
    training = _masked(config, tokenizer, endless, seed, mask)

    return tokenizer, training, _world_validation(config, world, mask)


def _world_validation(config: RunConfig, world: Microcosm, mask: Callable) -> list[Batch]:
    """Sentences of the world that no run is trained on."""
    seed = 2 * config.seed + 2
    settings = _for_validation(config)
    documents = world.documents(-(-VALIDATION_SENTENCES // world.world.sentences_per_document), seed)
    rows = _rows(settings, world.tokenizer, documents, seed)
    return fixed(_masked(settings, world.tokenizer, rows, seed, mask), len(rows))


def text_rows(config: RunConfig, corpus: Corpus, mask: Callable) -> tuple[Tokenizer, Any, list[Batch]]:
    """The first part of a text for training, the rest for validation."""
    kind = config.tokenizer
    if kind == "auto":
        kind = "char" if config.objective == "causal" else "wordpiece"
    share = 1.0 - config.validation_share
    if config.objective == "causal":
        first, last = split_train_validation(corpus.text, share)
        # A character's name is no knowledge of the text: all characters of both parts are in the vocabulary.
        tokenizer = train_tokenizer(kind, corpus.text if kind == "char" else first, config.vocab_size)
        ids = [_encoded(tokenizer, text) for text in (first, last)]
        training = WindowBatches(ids[0], config.batch, config.context, config.seed)
        return tokenizer, training, consecutive_windows(ids[1], config.batch * 4, config.context)
    first, last = split_documents(corpus.documents, share)
    lines = [line for document in first for line in document]
    tokenizer = train_tokenizer(kind, "\n".join(lines) if kind == "char" else lines, config.vocab_size)
    sources = []
    parts = ((config, 2 * config.seed + 1, first), (_for_validation(config), 2 * config.seed + 2, last))
    for settings, seed, documents in parts:
        encoded = [[tokenizer.encode(line) for line in document] for document in documents]
        rows = _rows(settings, tokenizer, encoded, seed)
        sources.append((_masked(settings, tokenizer, rows, seed, mask), len(rows)))
    return tokenizer, sources[0][0], fixed(*sources[1])


def _encoded(tokenizer: Tokenizer, text: str) -> torch.Tensor:
    """The ids of a text, int64 (n,); a long one is cut at ends of lines, for a list of all its ids fills gigabytes."""
    parts, begin = [], 0
    while begin < len(text) or not parts:
        end = text.find("\n", begin + ENCODED_AT_ONCE) + 1 or len(text)
        parts.append(torch.tensor(tokenizer.encode(text[begin:end]), dtype=torch.int64))
        begin = max(end, begin + 1)
    return torch.cat(parts)


def _for_validation(config: RunConfig) -> RunConfig:
    """The same rows, in batches of one size whatever the run's, masked as BERT's are."""
    return replace(config, batch=VALIDATION_BATCH, accumulation=1, early_masking=0.15)


def _masked(config: RunConfig, tokenizer: Tokenizer, rows: Any, seed: int, mask: Callable) -> Any:
    """The rows as they are for a causal model, masked anew in every batch for the others."""
    if config.objective == "causal":
        return rows
    early_batches = int(0.7 * config.steps) * config.accumulation

    def probability(index: int) -> float:
        return config.early_masking if index < early_batches else 0.15

    return MaskedBatches(rows, tokenizer, seed, mask, probability)


def _rows(config: RunConfig, tokenizer: Tokenizer, documents: Sequence, seed: int) -> RowBatches:
    """Rows [CLS] sentence [SEP], or pairs, cut to the context."""
    if config.objective == "pairs":
        room = (config.context - 3) // 2
        short = [[sentence[:room] for sentence in document] for document in documents]
        pairs = sentence_pairs(short, tokenizer.cls_id, tokenizer.sep_id, seeded_generator(seed))
        return PairBatches(pairs, config.batch, tokenizer.pad_id, seed)
    room = config.context - 2
    rows = [
        [tokenizer.cls_id, *sentence[:room], tokenizer.sep_id]
        for document in documents
        for sentence in document
        if len(sentence)
    ]
    if not rows:
        raise InputError(
            expected=both(
                "at least one sentence in each part of the corpus",
                "au moins une phrase dans chaque partie du corpus",
            ),
            got=both("none", "aucune"),
            remedy=both(
                "give a longer text, one sentence a line", "donnez un texte plus long, une phrase par ligne"
            ),
        )
    return RowBatches(rows, config.batch, tokenizer.pad_id, seed)
