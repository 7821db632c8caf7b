"""A pretraining run in one flat description, as the command line and its TOML file write it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from attentif.attention import fused_attention, scaled_dot_product_attention
from attentif.errors import InputError, too_small
from attentif.language import joined, text
from attentif.training_state import TrainConfig

OBJECTIVES = ("causal", "masked", "pairs")
TOKENIZERS = ("auto", "char", "bpe", "wordpiece")
ATTENTIONS = {"explicit": scaled_dot_product_attention, "fused": fused_attention}
KINDS = {
    "int": text("a whole number", "un nombre entier"),
    "float": text("a number", "un nombre"),
    "str": text("a text", "un texte"),
    "bool": text("true or false", "true ou false"),
}


@dataclass(frozen=True)
class RunConfig:
    """A whole pretraining run. The command line and its TOML file set these fields by name.

    Args:
        corpus: microcosm:fr, microcosm:en:full, FILE.txt or hub:NAME.
        rows: at most this many rows of a dataset of the hub, read as a stream; 0 for all of them.
        objective: "causal", "masked", or "pairs" (masked words and next sentence).
        tokenizer: "char", "bpe" or "wordpiece"; "auto" takes the world's words for Microcosm,
            characters for a causal model and word pieces for a masked one.
        vocab_size: of a trained tokenizer.
        layers, heads, width, context, dropout: the model; context is the longest row.
        bias: whether attention projections have a bias.
        post_norm: the original order of norms instead of pre-norm.
        init_std: standard deviation of the initial weights; 1/√width when None.
        scale_embeddings: multiply a causal model's token embeddings by √width, see `TokenEmbeddings`.
        attention: "explicit" (the formula), "fused", or "auto" for the faster one.
        packing: rows of uneven lengths put end to end, see `attentif.packing`; where it pays when None.
        compile, recompute, tf32, prefetch: see `TrainConfig`.
        batch: rows a micro-batch. accumulation: micro-batches a step. steps: optimizer steps.
        learning_rate: the peak. floor_learning_rate, warmup: see `TrainConfig`, which adapts them to peak and
            steps when they are None. weight_decay: of the matrices. beta2: AdamW's second β;
            0.99 averages over more steps, which rare words of a large vocabulary need.
        early_masking: share of tokens selected in the first 70 % of the steps of a masked model, 15 %
            after that and in validation. More targets a row teach a small model faster (Wettig et al. 2023).
        validation_share: the last part of a text, kept for validation.
        seed: of weights, data, masks and dropout.
        evaluate_every, checkpoint_every: in steps; 0 for the end only.
        keep_checkpoints: how many of the last checkpoints stay.

    Raises:
        InputError: a value that cannot be used.
    """

    corpus: str = "microcosm:fr"
    rows: int = 0
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
    scale_embeddings: bool = False
    attention: str = "auto"
    packing: bool | None = None
    compile: bool | None = None
    recompute: bool = False
    tf32: bool = True
    prefetch: int | None = None
    batch: int = 32
    accumulation: int = 1
    steps: int = 1000
    learning_rate: float = 1e-3
    floor_learning_rate: float | None = None
    warmup: int | None = None
    weight_decay: float = 0.1
    beta2: float = 0.95
    early_masking: float = 0.15
    validation_share: float = 0.1
    seed: int = 0
    device: str = "auto"
    precision: str = "auto"
    evaluate_every: int = 250
    checkpoint_every: int = 250
    keep_checkpoints: int = 2

    def __post_init__(self) -> None:
        for name, known in (
            ("objective", OBJECTIVES),
            ("tokenizer", TOKENIZERS),
            ("attention", ("auto", *ATTENTIONS)),
        ):
            if getattr(self, name) not in known:
                raise InputError(
                    expected=text(
                        f"{name} to be one of {', '.join(known)}", f"{name} parmi {', '.join(known)}"
                    ),
                    got=repr(getattr(self, name)),
                    remedy=text("choose one of these", "choisissez l'une de ces valeurs"),
                )
        # A row has at least one word between [CLS] and [SEP]; a pair has two, and one more [SEP].
        shortest = {"causal": 3, "masked": 3, "pairs": 5}[self.objective]
        for name, least in {"rows": 0, "batch": 1, "vocab_size": 1, "context": shortest, "seed": 0}.items():
            if getattr(self, name) < least:
                raise too_small(name, getattr(self, name), least)
        for name, usual in (("validation_share", 0.1), ("early_masking", 0.15)):
            value = getattr(self, name)
            if not 0 < value < 1:
                raise InputError(
                    expected=text(f"{name} between 0 and 1", f"{name} entre 0 et 1"),
                    got=str(value),
                    remedy=text(f"try {usual}", f"essayez {usual}"),
                )
        if self.scale_embeddings and self.objective != "causal":
            raise InputError(
                expected=text(
                    "scale_embeddings with a causal model only (BERT's embeddings are normalised)",
                    "scale_embeddings avec un modèle causal seulement (les plongements de BERT sont normalisés)",
                ),
                got=text(f"objective {self.objective}", f"l'objectif {self.objective}"),
                remedy=text("leave scale_embeddings out", "retirez scale_embeddings"),
            )
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
                    expected=text(
                        f"settings among {', '.join(fields)}", f"des réglages parmi {', '.join(fields)}"
                    ),
                    got=repr(name),
                    remedy=text("see `attentif pretrain --help`", "voyez `attentif pretrain --help`"),
                )
            kind = fields[name].type.removesuffix(" | None")
            given = type(value).__name__
            if given != kind and (kind, given) != ("float", "int"):
                raise InputError(
                    expected=joined(text(f"{name} to be ", f"pour {name}, "), KINDS[kind]),
                    got=repr(value),
                    remedy=text("change it", "changez cette valeur"),
                )
        return cls(**values)

    def train_config(self) -> TrainConfig:
        """The part that `pretrain` needs."""
        return TrainConfig(
            steps=self.steps,
            accumulation=self.accumulation,
            peak_learning_rate=self.learning_rate,
            floor_learning_rate=self.floor_learning_rate,
            warmup_steps=self.warmup,
            weight_decay=self.weight_decay,
            betas=(0.9, self.beta2),
            device=self.device,
            precision=self.precision,
            compile=self.compile,
            recompute=self.recompute,
            tf32=self.tf32,
            prefetch=self.prefetch,
            seed=self.seed,
            evaluate_every=self.evaluate_every,
            checkpoint_every=self.checkpoint_every,
            keep_checkpoints=self.keep_checkpoints,
        )
