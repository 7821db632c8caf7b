"""Judging a trained model: against the floor where it is known, against plain frequencies elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attentif.corpus.batching import Batch
from attentif.errors import InputError
from attentif.experiment import Experiment
from attentif.language import text
from attentif.objectives import IGNORED
from attentif.pretraining import evaluate, to_device


@torch.no_grad()
def prediction_nats(model: nn.Module, batch: Batch, pad_id: int) -> Tensor:
    """Loss of each prediction of a batch, in row-major order: float64 (M,), nats.

    Predictions are the selected positions of a masked batch, else every next token that is not padding.
    """
    was_training = model.training
    model.eval()
    batch = to_device(batch, next(model.parameters()).device)
    token_ids = batch["token_ids"]
    try:
        if "labels" in batch:
            labels = batch["labels"]
            hidden = model.hidden(token_ids, batch.get("segment_ids"))
            selected = labels != IGNORED
            logits, targets = model.head(hidden[selected]), labels[selected]
        else:
            kept = token_ids[:, 1:] != pad_id
            logits, targets = model(token_ids[:, :-1])[kept], token_ids[:, 1:][kept]
    finally:
        model.train(was_training)
    return F.cross_entropy(logits.double(), targets, reduction="none").cpu()


def compare_with_floor(experiment: Experiment, strict: bool = True) -> Any:
    """The paired comparison of model and floor on the validation batches (a Microcosm run only).

    Args:
        experiment: a trained run.
        strict: whether a model below the floor is an error; else the comparison's `leak` says so.

    Returns:
        attentif.corpus.comparison.Comparison.

    Raises:
        InputError: a corpus whose floor is not known.
        LeakError: the model is below the floor by more than chance.
    """
    import numpy as np

    from attentif.corpus.comparison import compare

    floor = _floor_nats(experiment)
    if floor is None:
        raise InputError(
            expected=text(
                "a Microcosm corpus, whose floor is known", "un corpus Microcosm, dont le plancher est connu"
            ),
            got=experiment.corpus.name,
            remedy=text("compare with a baseline instead", "comparez plutôt à un modèle de référence"),
        )
    pad_id = experiment.tokenizer.pad_id
    nats = [prediction_nats(experiment.model, batch, pad_id).numpy() for batch in experiment.validation]
    return compare(np.concatenate(nats), floor, strict)


def known_floor(experiment: Experiment) -> float | None:
    """Mean loss, in nats a prediction, that no model can beat on the validation batches; None where it is not known."""
    floor = _floor_nats(experiment)
    return None if floor is None else float(floor.nats.mean())


def _floor_nats(experiment: Experiment) -> Any:
    """The floor of each prediction on the validation batches (`attentif.corpus.floors.Nats`), computed once a run."""
    import numpy as np

    from attentif.corpus.floors import Nats

    world = experiment.corpus.world
    if world is None:
        return None
    if experiment.floor_nats is None:
        floors, offset = [], 0
        for batch in experiment.validation:
            inputs = batch["token_ids"]
            masked = "labels" in batch
            floor = world.floor.masked(inputs, batch["labels"]) if masked else world.floor.causal(inputs)
            floors.append(replace(floor, row=floor.row + offset))
            offset += len(inputs)
        joined = (np.concatenate([getattr(f, n) for f in floors]) for n in ("nats", "row", "column"))
        experiment.floor_nats = Nats(*joined)
    return experiment.floor_nats


def unigram_baseline(experiment: Experiment) -> float:
    """Loss, in nats a prediction, of guessing each validation target by its frequency in the training rows.

    Frequencies are smoothed by one, over the vocabulary without specials.
    """
    counts = torch.ones(experiment.tokenizer.vocab_size, dtype=torch.float64)
    for index in range(min(400, max(1, experiment.config.steps))):
        batch = experiment.batches[index]
        original = batch["token_ids"]
        if "labels" in batch:
            original = torch.where(batch["labels"] != IGNORED, batch["labels"], original)
        counts += torch.bincount(original.flatten(), minlength=len(counts))
    counts[list(experiment.tokenizer.special_ids)] = 0.0
    nats = -(counts / counts.sum()).log()
    total, n = 0.0, 0
    for batch in experiment.validation:
        targets = batch["labels"] if "labels" in batch else batch["token_ids"][:, 1:]
        special = torch.isin(targets, torch.tensor(experiment.tokenizer.special_ids)) | (targets == IGNORED)
        total += float(nats[targets[~special]].sum())
        n += int((~special).sum())
    return total / max(1, n)


def losses_by_batch(experiment: Experiment) -> tuple[list[float], list[int]]:
    """Mean loss of each validation batch in nats, and the number of predictions that it is the mean of."""
    nats = [
        prediction_nats(experiment.model, batch, experiment.tokenizer.pad_id)
        for batch in experiment.validation
    ]
    return [each.mean().item() for each in nats], [len(each) for each in nats]


def validation_rows(experiment: Experiment) -> list[list[int]]:
    """The rows of the validation batches, as lists of ids with their specials and padding."""
    return [row for batch in experiment.validation for row in batch["token_ids"].tolist()]


def validation_loss(experiment: Experiment) -> dict[str, float]:
    """The terms of the objective on the validation batches."""
    return evaluate(experiment.model, experiment.validation, experiment.objective)
