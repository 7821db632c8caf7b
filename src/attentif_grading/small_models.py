"""Trains the small masked models that notebook 2 probes offline, and saves them as transformers' BERT.

They are ours: trained on Microcosm with the library's own loop. `make models` writes them to data/models.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from attentif.experiment import RunConfig, prepare
from attentif.huggingface_tokenizers import SPECIAL_NAMES, fast_tokenizer, whole_tokens
from attentif.objectives import IGNORED, masked_lm_loss
from attentif.pretraining import pretrain

LANGUAGES = ("fr", "en")


class TransformersObjective:
    """Masked language modelling of a transformers model."""

    def counts(self, batch: dict[str, Tensor]) -> dict[str, int]:
        """Number of selected tokens."""
        return {"masked": int((batch["labels"] != IGNORED).sum())}

    def __call__(self, model: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Mean loss over the selected tokens."""
        visible = (batch["token_ids"] != model.config.pad_token_id).long()
        hidden = model.bert(input_ids=batch["token_ids"], attention_mask=visible).last_hidden_state
        selected = batch["labels"] != IGNORED
        return {"masked": masked_lm_loss(model.cls(hidden[selected]), batch["labels"][selected])}


def train_small_model(language: str, directory: Path, steps: int, progress: bool = True) -> dict[str, float]:
    """Train and save the model of one language; returns its validation loss and its floor, in nats."""
    from transformers import BertConfig, BertForMaskedLM

    description = RunConfig(
        corpus=f"microcosm:{language}",
        objective="masked",
        # Transformers' BERT is post-norm: it learns more slowly than our pre-norm models, and wants more width.
        width=128,
        heads=8,
        batch=64,
        steps=steps,
        learning_rate=3e-3,
        warmup=400,
        beta2=0.99,
        early_masking=0.4,
        seed=5,
    )
    experiment = prepare(description)
    width = description.width
    config = BertConfig(
        vocab_size=experiment.tokenizer.vocab_size,
        hidden_size=width,
        num_hidden_layers=2,
        num_attention_heads=description.heads,
        intermediate_size=4 * width,
        max_position_embeddings=description.context,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        # Narrow models learn nothing from BERT's 0.02.
        initializer_range=width**-0.5,
        pad_token_id=experiment.tokenizer.pad_id,
    )
    torch.manual_seed(description.seed)
    model = BertForMaskedLM(config)
    objective = TransformersObjective()
    result = pretrain(
        model,
        experiment.batches,
        objective,
        description.train_config(),
        validation=experiment.validation,
        progress=progress,
    )
    directory.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(directory)
    backend = whole_tokens(experiment.corpus.world.forms)
    fast_tokenizer(backend, description.context, SPECIAL_NAMES).save_pretrained(directory)
    # The name that transformers 5 writes for this class means nothing to transformers 4; both know this one.
    settings = directory / "tokenizer_config.json"
    named = {**json.loads(settings.read_text(encoding="utf-8")), "tokenizer_class": "PreTrainedTokenizerFast"}
    settings.write_text(json.dumps(named, indent=2) + "\n", encoding="utf-8")
    floors = [
        experiment.corpus.world.floor.masked(batch["token_ids"], batch["labels"]).nats
        for batch in experiment.validation
    ]
    floor = float(sum(nats.sum() for nats in floors) / sum(len(nats) for nats in floors))
    said = {"validation": result.history[-1]["validation_loss"], "floor": floor, "steps": steps}
    card = {
        "origin": f"trained by `make models` on microcosm:{language}",
        "licence": "MIT",
        **said,
    }
    text = json.dumps(card, indent=1) + "\n"
    (directory / "origin.json").write_text(text, encoding="utf-8")
    return said


def train_all(home: Path, steps: int = 12_000, say: Callable[[str], None] = print) -> None:
    """Train the models of all languages into data/models."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    for language in LANGUAGES:
        said = train_small_model(language, home / "data" / "models" / f"microcosm-{language}", steps)
        say(f"microcosm-{language}: {said['validation']:.4f} nats a masked token, floor {said['floor']:.4f}")


if __name__ == "__main__":
    from attentif_grading.places import course_home

    train_all(course_home())
