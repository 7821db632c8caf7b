"""A pretraining run from its description: corpus, tokenizer, model and batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from attentif.checkpoint import save_model
from attentif.choices import Choice, choose_attention, choose_compile, choose_packing, choose_prefetch
from attentif.corpus import Corpus, open_corpus
from attentif.corpus.batching import Batch, PackedBatches, WindowBatches
from attentif.corpus.tokenizers import Tokenizer
from attentif.distributed import this_group, wait_for_all
from attentif.hardware import choose_device
from attentif.language import text
from attentif.models import CausalLM, MaskedLM, ModelConfig, Parts
from attentif.objectives import causal_lm_loss, mask_tokens, masked_lm_loss
from attentif.parts import UsedParts
from attentif.pretraining import TrainingResult, pretrain
from attentif.row_sources import text_rows, world_rows
from attentif.run_config import ATTENTIONS, RunConfig
from attentif.run_record import claim
from attentif.training_objectives import CausalObjective, MaskedObjective

__all__ = ["Experiment", "RunConfig", "prepare", "run"]


@dataclass
class Experiment:
    """All that a run needs, ready to train.

    Args:
        config: the run.
        corpus, tokenizer: what is learned, and how it is cut.
        model, objective, batches, validation: see `pretrain`.
        made_of: the functions and classes that the model and its loss use.
        floor_nats: the floor of each validation prediction, once it has been asked for.
        chosen: what the run does to be fast, and why.
    """

    config: RunConfig
    corpus: Corpus
    tokenizer: Tokenizer
    model: nn.Module
    objective: Any
    batches: Any
    validation: list[Batch]
    made_of: tuple[Any, ...] = ()
    floor_nats: Any = None
    chosen: tuple[Choice, ...] = ()


def prepare(
    config: RunConfig,
    parts: Parts | None = None,
    mask: Callable = mask_tokens,
    loss: Callable | None = None,
    corpus: Corpus | None = None,
) -> Experiment:
    """Open the corpus, train the tokenizer, build the model and the batches.

    Args:
        config: the run.
        parts: what the model is made of; the library's parts when None.
        mask: the corruption of a masked model's batches, `mask_tokens` or a student's.
        loss: `causal_lm_loss`, `masked_lm_loss` or a student's; the library's when None.
        corpus: one that is open already, a world with other planted biases for instance; the config's when None.
    """
    corpus = corpus or open_corpus(config.corpus, limit=config.rows or None)
    if corpus.world is not None:
        tokenizer, training, validation = world_rows(config, corpus, mask)
    else:
        tokenizer, training, validation = text_rows(config, corpus, mask)
    if config.objective == "causal":
        objective = CausalObjective(tokenizer.pad_id, loss or causal_lm_loss)
    else:
        objective = MaskedObjective(loss or masked_lm_loss)
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
        scale_embeddings=config.scale_embeddings,
    )
    torch.manual_seed(config.seed)
    device = choose_device(config.device)
    attention = choose_attention(config.attention, device, config.context)
    # torch's own norm computes the same in one kernel.
    parts = UsedParts(parts or Parts(attend=ATTENTIONS[attention.value], norm=nn.LayerNorm))
    causal = config.objective == "causal"
    model = (CausalLM if causal else MaskedLM)(sizes, parts)
    made_of = [part for part in parts.used if part is not parts.positions or not sizes.learned_positions]
    made_of += [each for each in (loss, None if causal else mask) if each is not None]
    windows = isinstance(training, WindowBatches)
    packing = Choice("packing", False, text("rows of one length", "des lignes d'une seule longueur"))
    if not windows:
        packing = choose_packing(config.packing, training, tokenizer.pad_id)
    if packing.value:
        training = PackedBatches(training, tokenizer.pad_id, causal)
    compiled = choose_compile(config.compile, device, windows)
    chosen = (attention, packing, compiled, choose_prefetch(config.prefetch, device))
    return Experiment(
        config, corpus, tokenizer, model, objective, training, validation, tuple(made_of), chosen=chosen
    )


def run(experiment: Experiment, directory: Path | None = None, **options: Any) -> TrainingResult:
    """Train, and save the model beside its metrics; see `pretrain` for the options."""
    config = experiment.config
    group = this_group()
    if directory is not None and group.first:
        claim(Path(directory), config, experiment.corpus, experiment.tokenizer)
    wait_for_all(group)
    result = pretrain(
        experiment.model,
        experiment.batches,
        experiment.objective,
        replace(
            config.train_config(),
            **{each.name: each.value for each in experiment.chosen if each.name in ("compile", "prefetch")},
        ),
        validation=experiment.validation,
        directory=directory,
        **options,
    )
    if directory is not None and group.first and not result.skipped_while_grading:
        save_model(directory, experiment.model)
        experiment.tokenizer.save(directory)
    return result
