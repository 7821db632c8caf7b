"""A pretraining run from its description: corpus, tokenizer, model and batches."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from attentif.attention import fused_attention, scaled_dot_product_attention
from attentif.checkpoint import save_model, write_atomically
from attentif.corpus import Corpus, open_corpus
from attentif.corpus.batching import (
    Batch,
    MaskedBatches,
    PairBatches,
    RowBatches,
    WindowBatches,
    consecutive_windows,
    fixed,
)
from attentif.corpus.text import split_documents, split_train_validation
from attentif.corpus.tokenizers import Tokenizer, train_tokenizer
from attentif.errors import InputError
from attentif.models import CausalLM, MaskedLM, ModelConfig, Parts
from attentif.objectives import mask_tokens, sentence_pairs
from attentif.pretraining import TrainConfig, TrainingResult, pretrain
from attentif.training_objectives import CausalObjective, MaskedObjective

OBJECTIVES = ("causal", "masked", "pairs")
TOKENIZERS = ("auto", "char", "bpe", "wordpiece")
VALIDATION_SENTENCES, VALIDATION_BATCH = 2000, 100
ATTENTIONS = {"explicit": scaled_dot_product_attention, "fused": fused_attention}


@dataclass(frozen=True)
class RunConfig:
    """A whole pretraining run. The command line and its TOML file set these fields by name.

    Args:
        corpus: microcosm:fr, microcosm:en:full, FILE.txt or hub:NAME.
        objective: "causal", "masked", or "pairs" (masked words and next sentence).
        tokenizer: "char", "bpe" or "wordpiece"; "auto" takes the world's words for Microcosm,
            characters for a causal model and word pieces for a masked one.
        vocab_size: of a trained tokenizer.
        layers, heads, width, context, dropout: the model; context is the longest row.
        bias: whether attention projections have a bias.
        post_norm: the original order of norms instead of pre-norm.
        init_std: standard deviation of the initial weights; 1/√width when None.
        attention: "explicit" (the formula; faster for short rows on a CPU) or "fused".
        batch: rows a micro-batch. accumulation: micro-batches a step. steps: optimizer steps.
        learning_rate, floor_learning_rate, warmup, weight_decay: the optimizer's.
        early_masking: share of tokens selected in the first 70 % of the steps of a masked model, 15 %
            after that and in validation. More targets a row teach a small model faster (Wettig et al. 2023).
        validation_share: the last part of a text, kept for validation.
        seed: of weights, data, masks and dropout.
        evaluate_every, checkpoint_every: in steps; 0 for the end only.

    Raises:
        InputError: a value that cannot be used.
    """

    corpus: str = "microcosm:fr"
    objective: str = "causal"
    tokenizer: str = "auto"
    vocab_size: int = 4096
    layers: int = 2
    heads: int = 4
    width: int = 64
    context: int = 64
    dropout: float = 0.0
    bias: bool = True
    post_norm: bool = False
    init_std: float | None = None
    attention: str = "explicit"
    batch: int = 32
    accumulation: int = 1
    steps: int = 1000
    learning_rate: float = 1e-3
    floor_learning_rate: float = 1e-4
    warmup: int = 100
    weight_decay: float = 0.1
    early_masking: float = 0.15
    validation_share: float = 0.1
    seed: int = 0
    device: str = "auto"
    precision: str = "auto"
    evaluate_every: int = 250
    checkpoint_every: int = 250

    def __post_init__(self) -> None:
        for name, known in (
            ("objective", OBJECTIVES),
            ("tokenizer", TOKENIZERS),
            ("attention", tuple(ATTENTIONS)),
        ):
            if getattr(self, name) not in known:
                raise InputError(
                    expected=f"{name} to be one of {', '.join(known)}",
                    got=repr(getattr(self, name)),
                    remedy="choose one of these",
                )
        # A row has at least one word between [CLS] and [SEP]; a pair has two, and one more [SEP].
        shortest = {"causal": 3, "masked": 3, "pairs": 5}[self.objective]
        for name, least in {"batch": 1, "vocab_size": 1, "context": shortest, "seed": 0}.items():
            if getattr(self, name) < least:
                raise InputError(
                    expected=f"{name} of at least {least}", got=str(getattr(self, name)), remedy="raise it"
                )
        for name, usual in (("validation_share", 0.1), ("early_masking", 0.15)):
            value = getattr(self, name)
            if not 0 < value < 1:
                raise InputError(expected=f"{name} between 0 and 1", got=str(value), remedy=f"try {usual}")
        self.train_config()  # refuses what cannot be trained, before anything is written

    @classmethod
    def from_mapping(cls, values: dict[str, Any]) -> RunConfig:
        """The defaults with these fields replaced.

        Raises:
            InputError: an unknown field, or a value of another type.
        """
        fields = cls.__dataclass_fields__
        for name, value in values.items():
            if name not in fields:
                raise InputError(
                    expected=f"settings among {', '.join(fields)}",
                    got=repr(name),
                    remedy="see `attentif pretrain --help`",
                )
            default = fields[name].default
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            fits = number if isinstance(default, float) or default is None else type(value) is type(default)
            if not fits:
                raise InputError(
                    expected=f"{name} to be a {type(default).__name__}", got=repr(value), remedy="change it"
                )
        return cls(**values)

    def train_config(self) -> TrainConfig:
        """The part that `pretrain` needs."""
        return TrainConfig(
            steps=self.steps,
            accumulation=self.accumulation,
            peak_learning_rate=self.learning_rate,
            floor_learning_rate=min(self.floor_learning_rate, self.learning_rate),
            warmup_steps=min(self.warmup, self.steps),
            weight_decay=self.weight_decay,
            device=self.device,
            precision=self.precision,
            seed=self.seed,
            evaluate_every=self.evaluate_every,
            checkpoint_every=self.checkpoint_every,
        )


@dataclass
class Experiment:
    """All that a run needs, ready to train."""

    config: RunConfig
    corpus: Corpus
    tokenizer: Tokenizer
    model: nn.Module
    objective: Any
    batches: Any
    validation: list[Batch]


def prepare(config: RunConfig, parts: Parts | None = None, mask: Callable = mask_tokens) -> Experiment:
    """Open the corpus, train the tokenizer, build the model and the batches.

    Args:
        config: the run.
        parts: what the model is made of; the library's parts when None.
        mask: the corruption of a masked model's batches, `mask_tokens` or a student's.
    """
    corpus = open_corpus(config.corpus)
    if corpus.world is not None:
        tokenizer, training, validation = _world_rows(config, corpus, mask)
    else:
        tokenizer, training, validation = _text_rows(config, corpus, mask)
    objective = CausalObjective(tokenizer.pad_id) if config.objective == "causal" else MaskedObjective()
    sizes = ModelConfig(
        vocab_size=tokenizer.vocab_size,
        d_model=config.width,
        n_layers=config.layers,
        n_heads=config.heads,
        max_length=config.context,
        dropout=config.dropout,
        norm_first=not config.post_norm,
        n_segments=2,
        bias=config.bias,
        pad_id=tokenizer.pad_id,
        init_std=config.init_std,
    )
    torch.manual_seed(config.seed)
    # torch's own norm computes the same in one kernel.
    parts = parts or Parts(attend=ATTENTIONS[config.attention], norm=nn.LayerNorm)
    model = (CausalLM if config.objective == "causal" else MaskedLM)(sizes, parts)
    return Experiment(config, corpus, tokenizer, model, objective, training, validation)


def run(experiment: Experiment, directory: Path | None = None, **options: Any) -> TrainingResult:
    """Train, and save the model beside its metrics; see `pretrain` for the options."""
    config = experiment.config
    if directory is not None:
        _claim(directory, config)
    result = pretrain(
        experiment.model,
        experiment.batches,
        experiment.objective,
        config.train_config(),
        validation=experiment.validation,
        directory=directory,
        **options,
    )
    if directory is not None and not result.skipped_while_grading:
        save_model(directory, experiment.model)
        experiment.tokenizer.save(directory)
    return result


def _claim(directory: Path, config: RunConfig) -> None:
    """Write run.json, or refuse a folder that holds another run."""
    # How often to look and where to compute may change between a run and its continuation.
    passing = {"evaluate_every", "checkpoint_every", "device", "precision"}
    wanted = {name: value for name, value in asdict(config).items() if name not in passing}
    path = directory / "run.json"
    if directory.exists() and not directory.is_dir():
        raise InputError(
            expected=f"a folder at {directory}", got="a file", remedy="choose another folder with --out"
        )
    if path.exists():
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            found = {}
        changed = [name for name, value in wanted.items() if found.get(name) != value]
        if changed:
            raise InputError(
                expected=f"a new folder, or the same run, in {directory}",
                got=f"a run with another {', '.join(changed)}",
                remedy="choose another folder with --out",
            )
    elif directory.exists() and any(directory.iterdir()):
        raise InputError(
            expected=f"a new or empty folder at {directory}",
            got="a folder with other files",
            remedy="choose another folder with --out",
        )
    text = json.dumps(wanted, indent=1, ensure_ascii=False) + "\n"
    write_atomically(path, lambda target: target.write_text(text, encoding="utf-8"))


def _world_rows(config: RunConfig, corpus: Corpus, mask: Callable) -> tuple[Tokenizer, Any, list[Batch]]:
    """Fresh sentences of a Microcosm for every step, and others for validation."""
    world = corpus.world
    tokenizer = world.tokenizer
    longest = world.automaton.max_length
    needed_context = 2 * longest + 3 if config.objective == "pairs" else longest + 2
    if config.context < needed_context:
        raise InputError(
            expected=f"a context of at least {needed_context}, the longest row of {corpus.name}",
            got=str(config.context),
            remedy=f"take --context {needed_context}",
        )
    per_document = world.world.sentences_per_document
    needed = config.steps * config.batch * config.accumulation
    n_training = min(30_000, -(-needed // (per_document - 1)) + 1)
    n_validation = -(-VALIDATION_SENTENCES // per_document)

    training = _row_source(
        config, tokenizer, world.documents(n_training, seed=2 * config.seed + 1), 2 * config.seed + 1, mask
    )
    held_out = _row_source(
        _for_validation(config),
        tokenizer,
        world.documents(n_validation, seed=2 * config.seed + 2),
        2 * config.seed + 2,
        mask,
    )
    return tokenizer, training, fixed(held_out, len(held_out))


def _text_rows(config: RunConfig, corpus: Corpus, mask: Callable) -> tuple[Tokenizer, Any, list[Batch]]:
    """The first part of a text for training, the rest for validation."""
    kind = config.tokenizer
    if kind == "auto":
        kind = "char" if config.objective == "causal" else "wordpiece"
    share = 1.0 - config.validation_share
    if config.objective == "causal":
        first, last = split_train_validation(corpus.text, share)
        # A character's name is no knowledge of the text: all characters of both parts are in the vocabulary.
        tokenizer = train_tokenizer(kind, corpus.text if kind == "char" else first, config.vocab_size)
        ids = [torch.tensor(tokenizer.encode(text)) for text in (first, last)]
        training = WindowBatches(ids[0], config.batch, config.context, config.seed)
        return tokenizer, training, consecutive_windows(ids[1], config.batch * 4, config.context)
    first, last = split_documents(corpus.documents, share)
    lines = [line for document in first for line in document]
    tokenizer = train_tokenizer(kind, "\n".join(lines) if kind == "char" else lines, config.vocab_size)
    sources = []
    parts = ((config, 2 * config.seed + 1, first), (_for_validation(config), 2 * config.seed + 2, last))
    for settings, seed, documents in parts:
        encoded = [[tokenizer.encode(line) for line in document] for document in documents]
        sources.append(_row_source(settings, tokenizer, encoded, seed, mask))
    return tokenizer, sources[0], fixed(sources[1], len(sources[1]))


def _for_validation(config: RunConfig) -> RunConfig:
    """The same rows, in batches of one size whatever the run's, masked as BERT's are."""
    return replace(config, batch=VALIDATION_BATCH, accumulation=1, early_masking=0.15)


def _row_source(
    config: RunConfig, tokenizer: Tokenizer, documents: Sequence, seed: int, mask: Callable
) -> Any:
    """Rows [CLS] sentence [SEP], or pairs, cut to the context, masked where the objective asks for it."""
    early_batches = int(0.7 * config.steps) * config.accumulation

    def probability(index: int) -> float:
        return config.early_masking if index < early_batches else 0.15

    if config.objective == "pairs":
        room = (config.context - 3) // 2
        short = [[sentence[:room] for sentence in document] for document in documents]
        generator = torch.Generator().manual_seed(seed)
        pairs = sentence_pairs(short, tokenizer.cls_id, tokenizer.sep_id, generator)
        source: Any = PairBatches(pairs, config.batch, tokenizer.pad_id, seed)
        return MaskedBatches(source, tokenizer, seed, mask, probability)
    room = config.context - 2
    rows = [
        [tokenizer.cls_id, *sentence[:room], tokenizer.sep_id]
        for document in documents
        for sentence in document
        if len(sentence)
    ]
    if not rows:
        raise InputError(
            expected="at least one sentence in each part of the corpus",
            got="none",
            remedy="give a longer text, one sentence a line",
        )
    source = RowBatches(rows, config.batch, tokenizer.pad_id, seed)
    return (
        source if config.objective == "causal" else MaskedBatches(source, tokenizer, seed, mask, probability)
    )
