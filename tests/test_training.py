"""One optimizer step, the loop around it, exact resume, and files that are whole or refused."""

from __future__ import annotations

import json
import math
import os
import signal
import stat
import subprocess
import sys
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from oracles import assert_same, randomise, seeded
from safetensors import safe_open
from torch import nn
from torch.nn import functional as F

from attentif import (
    CausalLM,
    CausalObjective,
    InputError,
    MaskedLM,
    MaskedObjective,
    ModelConfig,
    Parts,
    Seq2Seq,
    StepResult,
    TrainConfig,
    causal_lm_loss,
    clip_gradients,
    evaluate,
    fused_attention,
    masked_lm_loss,
    parameter_groups,
    pretrain,
    sentence_pairs,
    training_step,
    warmup_cosine,
)
from attentif.checkpoint import load_checkpoint, load_model, save_checkpoint, save_model, write_atomically
from attentif.checkpoint_series import checkpoints, load_newest, save_newest
from attentif.corpus.batching import MaskedBatches, PairBatches, WindowBatches, fixed
from attentif.hardware import Precision, choose_device, choose_precision
from attentif.language import Remark
from attentif.optimization import adamw

V = 17
SIZES = ModelConfig(vocab_size=V, d_model=8, n_layers=2, n_heads=2, max_length=12, d_ff=14, dropout=0.0)
VOCABULARY = SimpleNamespace(mask_id=4, vocab_size=V, special_ids=(0, 1, 2, 3, 4))
CPU = {"device": "cpu", "precision": "float32"}
CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU on this machine")


@pytest.fixture(autouse=True)
def _not_being_graded(monkeypatch):
    monkeypatch.delenv("ATTENTIF_GRADING", raising=False)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)


def new_model(kind=CausalLM, seed: int = 0, **changes) -> nn.Module:
    torch.manual_seed(seed)
    return kind(replace(SIZES, **changes))


def rows(lengths, seed: int = 0) -> torch.Tensor:
    """Random tokens, padded with 0 on the right."""
    ids = torch.randint(5, V, (len(lengths), max(lengths)), generator=seeded(seed))
    return ids.masked_fill(torch.arange(max(lengths)) >= torch.tensor(lengths)[:, None], 0)


def pieces_of(batch: dict, sizes) -> list[dict]:
    """The batch in pieces, each without the columns that are padding in all of its rows."""
    parts = {name: tensor.split(list(sizes)) for name, tensor in batch.items()}
    pieces = []
    for index in range(len(sizes)):
        piece = {name: split[index] for name, split in parts.items()}
        longest = int((piece["token_ids"] != 0).sum(1).max())
        pieces.append({n: t[:, :longest] if t.dim() == 2 else t for n, t in piece.items()})
    return pieces


def causal_case():
    """Rows of unequal lengths, one of them without any target."""
    batch = {"token_ids": rows([9, 3, 6, 1, 7, 5])}
    pieces = pieces_of(batch, (1, 2, 1, 2))

    def loss(model):
        logits = model(batch["token_ids"][:, :-1])
        targets = batch["token_ids"][:, 1:]
        return F.cross_entropy(logits[targets != 0], targets[targets != 0])

    return CausalLM, pieces, CausalObjective(pad_id=0), loss


def masked_case():
    """Pairs with unequal numbers of masked tokens, none in the second piece."""
    ids = rows([9, 4, 6, 2, 7])
    segments = (torch.arange(9) >= 3).long().expand(5, -1).masked_fill(ids == 0, 0)
    labels = torch.full_like(ids, -100)
    for row, column in ((0, 1), (0, 4), (0, 7), (0, 8), (1, 2), (4, 3)):
        labels[row, column] = ids[row, column]
    corrupted = ids.masked_fill((labels != -100) & (torch.arange(9) != 4), 4)
    batch = {
        "token_ids": corrupted,
        "segment_ids": segments,
        "labels": labels,
        "is_next": torch.tensor([1, 0, 0, 1, 1]),
    }

    def loss(model):
        hidden = model.hidden(corrupted, segments)
        masked = F.cross_entropy(model.head(hidden).flatten(0, 1), labels.flatten(), ignore_index=-100)
        return masked + F.cross_entropy(model.next_sentence_head(hidden), batch["is_next"])

    return MaskedLM, pieces_of(batch, (2, 2, 1)), MaskedObjective(), loss


class FakeScaler:
    """Scales by 256 and remembers what was asked of it, and how long the gradient was when it was applied."""

    def __init__(self, model):
        self.model, self.events, self.applied = model, [], None

    def scale(self, loss):
        self.events.append("scale")
        return loss * 256.0

    def unscale_(self, optimizer):
        self.events.append("unscale")
        for parameter in self.model.parameters():
            if parameter.grad is not None:
                parameter.grad /= 256.0

    def step(self, optimizer):
        self.events.append("step")
        self.applied = gradient_of(self.model).norm().item()
        optimizer.step()

    def update(self):
        self.events.append("update")


def gradient_of(model) -> torch.Tensor:
    return torch.cat(
        [(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in model.parameters()]
    )


def weights_of(model) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()]).clone()


def check_step(step) -> None:
    """The gradient is that of the big batch, unscaled, then clipped, then applied at the given rate."""
    for case in (causal_case, masked_case):
        kind, pieces, objective, big_batch_loss = case()
        model = randomise(kind(SIZES), seed=1).train()
        loss = big_batch_loss(model)
        gradient = torch.cat(
            [g.flatten() for g in torch.autograd.grad(loss, list(model.parameters()), materialize_grads=True)]
        )
        length = gradient.norm().item()
        start = deepcopy(model)
        for max_norm, scaled in ((10 * length, False), (length / 3, False), (length / 3, True)):
            model = deepcopy(start)
            for parameter in model.parameters():
                parameter.grad = torch.ones_like(parameter)  # left over from before
            groups = [{"params": [p]} for p in model.parameters()]
            optimizer = torch.optim.SGD(groups, lr=123.0)
            scaler = FakeScaler(model) if scaled else None
            result = step(model, pieces, objective, optimizer, 0.5, max_norm, scaler)
            assert isinstance(result, StepResult) and result.skipped is False
            assert abs(result.loss - loss.item()) < 1e-12
            assert abs(result.gradient_norm / length - 1) < 1e-10
            factor = min(1.0, max_norm / length)
            # torch's own clipping adds 1e-6 to the norm before dividing.
            assert_same(gradient_of(model), factor * gradient, tolerance=2e-6 * length)
            moved = weights_of(start) - 0.5 * factor * gradient
            assert_same(weights_of(model), moved, tolerance=1e-6 * length)
            if scaled:
                assert scaler.events == ["scale"] * len(pieces) + ["unscale", "step", "update"]
                assert abs(scaler.applied / max_norm - 1) < 1e-5


def test_a_step_on_pieces_is_a_step_on_the_big_batch():
    check_step(training_step)


def step_variant(
    share=lambda counts, totals, term, n: counts[term] / totals[term],
    clip_first=False, clip=True, zero=True, set_rate=True, n_groups=None, unscale=True, update=True,
):  # fmt: skip
    """The step written again; each argument is a way to get it wrong."""

    def step(
        model, micro_batches, objective, optimizer, learning_rate, max_norm=1.0, scaler=None, dtype=None
    ):
        counts = [objective.counts(piece) for piece in micro_batches]
        totals = {term: sum(c[term] for c in counts) for term in counts[0]}
        for group in optimizer.param_groups[:n_groups]:
            group["lr"] = learning_rate if set_rate else group["lr"]
        if zero:
            optimizer.zero_grad()
        total = 0.0
        for piece, count in zip(micro_batches, counts, strict=True):
            terms = objective(model, piece)
            loss = sum(terms[t] * share(count, totals, t, len(counts)) for t in terms)
            (loss if scaler is None else scaler.scale(loss)).backward()
            total += loss.item()
        norm = clip_gradients(model.parameters(), max_norm) if clip_first else 0.0
        if scaler and unscale:
            scaler.unscale_(optimizer)
        if clip and not clip_first:
            norm = clip_gradients(model.parameters(), max_norm)
        if not clip:
            norm = gradient_of(model).norm()
        (scaler or optimizer).step(*([optimizer] if scaler else []))
        if scaler and update:
            scaler.update()
        return StepResult(total, float(norm), False)

    return step


@pytest.mark.parametrize(
    "mistake",
    [
        step_variant(share=lambda counts, totals, term, n: 1 / n),
        step_variant(share=lambda counts, totals, term, n: 1.0),
        step_variant(share=lambda counts, totals, term, n: counts[term] / totals[term] / n),
        step_variant(share=lambda counts, totals, term, n: sum(counts.values()) / sum(totals.values())),
        step_variant(clip_first=True),
        step_variant(clip=False),
        step_variant(zero=False),
        step_variant(set_rate=False),
        step_variant(n_groups=1),
        step_variant(unscale=False),
        step_variant(update=False),
        lambda model, pieces, *rest: training_step(model, pieces[:1], *rest),
        lambda *a: replace(training_step(*a), gradient_norm=1.0),
    ],
    ids=[
        "mean of means", "sum of means", "divided twice", "terms mixed", "clipped before unscaling",
        "not clipped", "old gradients", "rate not set", "rate of one group", "not unscaled", "not updated",
        "first piece only", "norm after clipping",
    ],
)  # fmt: skip
def test_the_comparison_sees_wrong_steps(mistake):
    with pytest.raises(AssertionError):
        check_step(mistake)


def test_the_comparison_accepts_a_correct_step_written_differently():
    check_step(step_variant())


def test_parameters_without_gradient_are_left_alone():
    kind, pieces, objective, _ = masked_case()
    pieces = [{n: t for n, t in piece.items() if n != "is_next"} for piece in pieces]
    model = new_model(kind)
    before = deepcopy(model.next_sentence_head.state_dict())
    training_step(model, pieces, objective, torch.optim.SGD(model.parameters(), lr=1.0), 0.1)
    for name, tensor in model.next_sentence_head.state_dict().items():
        assert torch.equal(tensor, before[name])


def test_an_overflow_skips_the_step_and_lowers_the_scale():
    class Steep(CausalObjective):
        def __call__(self, model, batch):
            return {term: 1e4 * mean for term, mean in super().__call__(model, batch).items()}

    _, pieces, _, _ = causal_case()
    model, objective = new_model(), Steep(pad_id=0)
    before = weights_of(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1.0)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**127)
    result = training_step(model, pieces, objective, optimizer, 0.1, scaler=scaler)
    assert result.skipped and not math.isfinite(result.gradient_norm) and math.isfinite(result.loss)
    assert torch.equal(weights_of(model), before) and scaler.get_scale() == 2.0**126
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**10)
    result = training_step(model, pieces, objective, optimizer, 0.1, scaler=scaler)
    assert not result.skipped and not torch.equal(weights_of(model), before)


def test_a_scaler_changes_nothing_but_rounding():
    kind, pieces, objective, _ = causal_case()
    plain, scaled = new_model(kind), new_model(kind)
    for model, scaler in ((plain, None), (scaled, torch.amp.GradScaler("cpu", init_scale=2.0**10))):
        optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
        training_step(model, pieces, objective, optimizer, 0.1, 0.7, scaler)
    assert_same(weights_of(scaled), weights_of(plain), tolerance=1e-6)


def test_autocast_computes_in_half_and_keeps_weights_and_loss_wide():
    model = new_model()
    seen = []

    class Watching(CausalObjective):
        def __call__(self, model, batch):
            seen.append(model.decoder.blocks[0].feed_forward(torch.ones(1, 2, 8)).dtype)
            terms = super().__call__(model, batch)
            seen.append(terms["next"].dtype)
            return terms

    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    batch = {"token_ids": rows([5, 5])}
    half = training_step(model, [batch], Watching(), optimizer, 0.0, autocast_dtype=torch.bfloat16)
    full = training_step(model, [batch], Watching(), optimizer, 0.0)
    assert seen == [torch.bfloat16, torch.float32, torch.float32, torch.float32]
    assert all(p.dtype == p.grad.dtype == torch.float32 for p in model.parameters())
    assert half.loss != full.loss and abs(half.loss - full.loss) < 0.05


# Objectives


@pytest.mark.parametrize("case", [causal_case, masked_case])
def test_objectives_count_the_targets_of_their_means(case):
    kind, pieces, objective, big_batch_loss = case()
    model = randomise(kind(SIZES), seed=1)
    counts = [objective.counts(piece) for piece in pieces]
    means = [objective(model, piece) for piece in pieces]
    assert all(c.keys() == m.keys() for c, m in zip(counts, means, strict=True))
    total = sum(
        sum(m[term].item() * c[term] for c, m in zip(counts, means, strict=True))
        / sum(c[term] for c in counts)
        for term in counts[0]
    )
    assert abs(total - big_batch_loss(model).item()) < 1e-12


def test_the_causal_objective_leaves_the_last_token_unread():
    lengths = []

    class Watching(CausalLM):
        def hidden(self, token_ids):
            lengths.append(token_ids.size(1))
            return super().hidden(token_ids)

    model = new_model(Watching)
    ids = torch.randint(5, V, (2, SIZES.max_length + 1))
    loss = CausalObjective()(model, {"token_ids": ids})["next"]
    assert lengths == [SIZES.max_length]
    wide = CausalLM(replace(SIZES, max_length=SIZES.max_length + 1))
    state = model.state_dict()
    table = torch.cat([state["decoder.embeddings.position"], torch.zeros(1, SIZES.d_model)])
    wide.load_state_dict({**state, "decoder.embeddings.position": table})
    assert_same(loss, causal_lm_loss(wide(ids), ids))


def test_objectives_use_the_loss_that_they_are_given():
    calls = []
    batch = {"token_ids": rows([5, 3])}
    CausalObjective(0, lambda *a: calls.append(a) or causal_lm_loss(*a))(new_model(), batch)
    assert calls[0][0].shape == (2, 5, V) and calls[0][1] is batch["token_ids"] and calls[0][2] == 0
    _, pieces, _, _ = masked_case()
    MaskedObjective(lambda *a: calls.append(a) or masked_lm_loss(*a))(new_model(MaskedLM), pieces[0])
    # Only the selected positions are projected on the vocabulary.
    assert calls[1][0].shape == (5, V) and bool((calls[1][1] >= 0).all())


# Evaluation


def test_evaluation_weighs_by_targets_and_drops_nothing():
    for case in (causal_case, masked_case):
        kind, pieces, objective, big_batch_loss = case()
        model = randomise(kind(replace(SIZES, dropout=0.5)), seed=1)
        expected = big_batch_loss(model.eval()).item()
        for training in (True, False):
            model.train(training)
            means = evaluate(model, pieces, objective)
            assert model.training is training
            assert abs(means["loss"] - expected) < 1e-12
            assert abs(means["loss"] - sum(v for k, v in means.items() if k != "loss")) < 1e-12
        assert means.keys() == {"loss", *objective.counts(pieces[0])}
        assert all(parameter.grad is None for parameter in model.parameters())


def test_evaluation_gives_the_mode_back_even_when_it_fails():
    model = new_model().train()
    with pytest.raises(InputError):
        evaluate(model, [{"token_ids": torch.full((1, 30), 5)}], CausalObjective())
    assert model.training


# The loop


class Text:
    """Windows of a text in which each token has two successors: half of it can be learned."""

    def __new__(cls, batch_size: int = 3, context: int = 8, seed: int = 0):
        steps = torch.randint(1, 3, (500,), generator=seeded(4))
        return WindowBatches(5 + steps.cumsum(0) % (V - 5), batch_size, context, seed)


def pair_batches(batch_size: int = 3, seed: int = 0):
    generator = seeded(8)

    def sentence():
        return torch.randint(5, V, (int(torch.randint(1, 4, (), generator=generator)),), generator=generator)

    documents = [[sentence().tolist() for _ in range(3)] for _ in range(5)]
    pairs = sentence_pairs(documents, 2, 3, generator)
    return MaskedBatches(PairBatches(pairs, batch_size, 0, seed), VOCABULARY, seed)


def test_the_loop_is_adamw_with_clipping_on_accumulated_gradients():
    """Six steps against AdamW, its decay, the clipping and the schedule written out by hand."""
    config = TrainConfig(
        steps=6, accumulation=2, peak_learning_rate=0.02, floor_learning_rate=0.003, warmup_steps=2,
        weight_decay=0.1, max_norm=0.4, **CPU,
    )  # fmt: skip
    batches = Text()
    model = randomise(CausalLM(SIZES), seed=1)
    reference = deepcopy(model)
    pretrain(model, batches, CausalObjective(), config, progress=False)

    parameters = dict(reference.named_parameters())
    first = {name: torch.zeros_like(p) for name, p in parameters.items()}
    second = {name: torch.zeros_like(p) for name, p in parameters.items()}
    clipped = 0
    for step in range(6):
        ids = torch.cat([batches[2 * step]["token_ids"], batches[2 * step + 1]["token_ids"]])
        loss = F.cross_entropy(reference(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())
        gradients = dict(zip(parameters, torch.autograd.grad(loss, list(parameters.values())), strict=True))
        norm = math.sqrt(sum(float(g.square().sum()) for g in gradients.values()))
        clipped += norm > 0.4
        rate = 0.01 * step if step < 2 else 0.003 + 0.0085 * (1 + math.cos(math.pi * (step - 2) / 4))
        with torch.no_grad():
            for name, parameter in parameters.items():
                gradient = gradients[name] * min(1.0, 0.4 / (norm + 1e-6))
                first[name] = 0.9 * first[name] + 0.1 * gradient
                second[name] = 0.95 * second[name] + 0.05 * gradient**2
                if ".weight" in name and "norm" not in name and "token" not in name:
                    parameter *= 1 - 0.1 * rate
                mean = first[name] / (1 - 0.9 ** (step + 1))
                spread = (second[name] / (1 - 0.95 ** (step + 1))).sqrt()
                parameter -= rate * mean / (spread + 1e-8)
    assert clipped >= 3
    for name, parameter in model.named_parameters():
        assert_same(parameter.detach(), parameters[name].detach(), tolerance=1e-8)


def test_schedule_and_data_advance_as_they_should():
    asked, read, given = [], [], []

    class Watching:
        def __getitem__(self, index):
            read.append(index)
            return Text()[index]

    def rate(step, peak, floor, warmup_steps, total_steps):
        asked.append((step, peak, floor, warmup_steps, total_steps))
        return warmup_cosine(step, peak, floor, warmup_steps, total_steps)

    def step(*arguments):
        given.append((len(arguments[1]), *arguments[4:]))
        return training_step(*arguments)

    config = TrainConfig(
        steps=5, accumulation=3, peak_learning_rate=0.01, floor_learning_rate=0.002, warmup_steps=2,
        max_norm=0.7, log_every=1, **CPU,
    )  # fmt: skip
    model = new_model()
    result = pretrain(
        model, Watching(), CausalObjective(), config, learning_rate=rate, step=step, progress=False
    )
    assert asked == [(s, 0.01, 0.002, 2, 5) for s in range(5)]
    assert read == list(range(15))
    rates = [warmup_cosine(s, 0.01, 0.002, 2, 5) for s in range(5)]
    assert given == [(3, r, 0.7, None, None) for r in rates]
    assert result.curve("learning_rate") == ([1, 2, 3, 4, 5], rates)
    assert result.steps == 5 and result.resumed_from == 0 and not model.training


def test_logging_and_validation_happen_when_asked():
    logged = []
    validation = fixed(Text(seed=9), 2)
    config = TrainConfig(steps=11, warmup_steps=2, log_every=4, evaluate_every=5, **CPU)
    model = new_model()
    result = pretrain(
        model, Text(), CausalObjective(), config, validation=validation, on_log=logged.append, progress=False
    )
    assert logged == result.history
    assert result.curve("loss")[0] == [4, 5, 8, 10, 11] and result.curve("validation_loss")[0] == [5, 10, 11]
    assert result.history[-1]["validation_loss"] == evaluate(model, validation, CausalObjective())["loss"]
    assert result.history[-1].keys() == {
        "step", "loss", "learning_rate", "gradient_norm", "validation_loss", "validation_next",
    }  # fmt: skip


@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("kind", [CausalLM, MaskedLM])
def test_one_batch_can_be_learned_by_heart(kind, norm_first):
    ids = rows([9] * 6)
    if kind is CausalLM:
        # Rows that begin alike and go on differently would leave an entropy.
        batch = {"token_ids": ids.index_copy(1, torch.tensor([0]), torch.arange(5, 11)[:, None])}
    else:
        labels = ids.masked_fill(torch.rand(6, 9, generator=seeded(1)) > 0.25, -100)
        batch = {
            "token_ids": ids.masked_fill(labels != -100, 4), "labels": labels,
            "segment_ids": (torch.arange(9) > 4).long().expand(6, -1), "is_next": torch.arange(6) % 2,
        }  # fmt: skip
    objective = CausalObjective() if kind is CausalLM else MaskedObjective()
    config = TrainConfig(
        steps=80, peak_learning_rate=2e-2, floor_learning_rate=1e-3, warmup_steps=10, log_every=1, **CPU
    )
    model = new_model(kind, d_model=24, n_heads=4, d_ff=48, norm_first=norm_first)
    losses = pretrain(model, [batch] * 80, objective, config, progress=False).curve("loss")[1]
    assert 2.0 < losses[0] < 6.0 and losses[-1] < 0.02


@pytest.mark.parametrize("name", ["ATTENTIF_GRADING", "NBGRADER_EXECUTION"])
def test_nothing_is_trained_while_a_notebook_is_graded(name, monkeypatch, tmp_path):
    monkeypatch.setenv(name, "autograde")
    model = new_model()
    before = weights_of(model)
    result = pretrain(model, Text(), CausalObjective(), TrainConfig(**CPU), directory=tmp_path)
    assert result.skipped_while_grading and result.history == [] and torch.equal(weights_of(model), before)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": 0}, "steps of at least 1, got 0"),
        ({"accumulation": 0}, "accumulation of at least 1, got 0"),
        ({"log_every": 0}, "log_every of at least 1, got 0"),
        ({"evaluate_every": -1}, "evaluate_every of at least 0, got -1"),
        ({"checkpoint_every": -5}, "checkpoint_every of at least 0, got -5"),
        ({"warmup_steps": -1}, "warmup_steps from 0 to 1000, the steps of the run, got -1"),
        ({"warmup_steps": 1001}, "warmup_steps from 0 to 1000, the steps of the run, got 1001"),
        ({"steps": 50, "warmup_steps": 51}, "warmup_steps from 0 to 50, the steps of the run, got 51"),
        ({"floor_learning_rate": 1.0}, "floor_learning_rate <= peak_learning_rate, got 1.0 and 0.001"),
        ({"floor_learning_rate": -1.0}, "0 <= floor_learning_rate"),
        ({"peak_learning_rate": math.nan}, "floor_learning_rate <= peak_learning_rate, got 0.0001 and nan"),
        ({"peak_learning_rate": math.inf}, "floor_learning_rate <= peak_learning_rate, got 0.0001 and inf"),
        ({"peak_learning_rate": -1e-3}, "0 <= floor_learning_rate"),
        ({"max_norm": 0.0}, "max_norm above 0, got 0.0"),
        ({"max_norm": -1.0}, "max_norm above 0, got -1.0"),
        ({"max_norm": math.nan}, "max_norm above 0, got nan"),
        ({"weight_decay": -0.1}, "weight_decay of at least 0, got -0.1"),
        ({"weight_decay": math.nan}, "weight_decay of at least 0, got nan"),
        ({"betas": (0.9, 1.0)}, r"two betas in \[0, 1\), got \(0.9, 1.0\)"),
        ({"betas": (-0.1, 0.9)}, r"two betas in \[0, 1\)"),
        ({"betas": (0.9,)}, r"two betas in \[0, 1\), got \(0.9,\)"),
        ({"precision": "int8"}, "precision to be auto, float32, bfloat16, float16, got 'int8'"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(changes, message):
    with pytest.raises(InputError, match=message) as error:
        TrainConfig(**changes)
    assert "\n" not in str(error.value)


def test_the_defaults_are_the_course_s():
    config = TrainConfig()
    assert config.betas == (0.9, 0.95) and config.max_norm == 1.0 and config.weight_decay == 0.1
    assert (config.warmup, config.floor) == (100, 1e-4)


def test_warmup_and_floor_adapt_where_they_are_not_given():
    assert TrainConfig(steps=30).warmup == 30
    assert TrainConfig(steps=5000).warmup == 100
    # A copy with fewer steps adapts too: what was chosen is not taken for what was given.
    assert replace(TrainConfig(), steps=20).warmup == 20
    assert TrainConfig(peak_learning_rate=4e-3).floor == 1e-4
    assert TrainConfig(peak_learning_rate=2e-4).floor == pytest.approx(2e-5)
    given = TrainConfig(steps=30, warmup_steps=0, floor_learning_rate=0.0)
    assert (given.warmup, given.floor) == (0, 0.0)
    assert TrainConfig(steps=30, warmup_steps=30, max_norm=math.inf, weight_decay=0).warmup == 30


def test_zero_evaluates_and_saves_at_the_end_only(tmp_path, monkeypatch):
    saves, real = [], torch.save
    monkeypatch.setattr(
        torch, "save", lambda state, target: (saves.append(state["step"]), real(state, target))
    )
    config = TrainConfig(steps=7, log_every=2, evaluate_every=0, checkpoint_every=0, **CPU)
    result = pretrain(
        new_model(), Text(), CausalObjective(), config, validation=fixed(Text(seed=9), 2), directory=tmp_path,
        progress=False,
    )  # fmt: skip
    assert result.curve("validation_loss")[0] == [7] and saves == [7]
    assert result.curve("loss")[0] == [2, 4, 6, 7]


# Resume


class Killed(Exception):
    pass


class KilledAt:
    """Batches whose source dies when batch `index` is asked for."""

    def __init__(self, batches, index):
        self.batches, self.index = batches, index

    def __getitem__(self, index):
        if index == self.index:
            raise Killed
        return self.batches[index]


# Logged at 3, 5, 6, 9, 10, 12, 14; saved at 4, 8, 12, 14: the last entry and the last checkpoint differ.
SCHEDULE = TrainConfig(
    steps=14, accumulation=2, warmup_steps=3, log_every=3, evaluate_every=5, checkpoint_every=4, seed=3, **CPU
)
TASKS = {
    "causal": (CausalLM, Text, CausalObjective()),
    "masked": (MaskedLM, pair_batches, MaskedObjective()),
}


def train(task: str, directory: Path, log_death: int = 0, batch_death: int = -1, seed: int = 0):
    """A run with dropout and validation, which may die when it logs a step or reads a batch."""
    kind, batches, objective = TASKS[task]

    def on_log(entry):
        if entry["step"] == log_death:
            raise Killed

    # Initial weights and the global generator of the process that resumes are its own.
    model = new_model(kind, seed=seed, dropout=0.2)
    result = pretrain(
        model, KilledAt(batches(), batch_death), objective, SCHEDULE, directory=directory, on_log=on_log,
        validation=fixed(batches(seed=9), 2), progress=False,
    )  # fmt: skip
    return model, result


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    environment = {name: os.environ.pop(name, None) for name in ("ATTENTIF_GRADING", "NBGRADER_EXECUTION")}
    runs = {}
    for task in TASKS:
        directory = tmp_path_factory.mktemp(task)
        runs[task] = (*train(task, directory), directory)
    os.environ.update({name: value for name, value in environment.items() if value is not None})
    return runs


def assert_identical(first, second) -> None:
    """Equal bit for bit, through dicts and lists."""
    assert type(first) is type(second)
    if isinstance(first, dict):
        assert first.keys() == second.keys()
        for key in first:
            assert_identical(first[key], second[key])
    elif isinstance(first, (list, tuple)):
        assert len(first) == len(second)
        for a, b in zip(first, second, strict=True):
            assert_identical(a, b)
    elif isinstance(first, torch.Tensor):
        assert first.dtype == second.dtype and torch.equal(first, second)
    else:
        assert first == second


def assert_same_run(got, expected) -> None:
    (model, result, directory), (other_model, other_result, other_directory) = got, expected
    assert_identical(dict(model.state_dict()), dict(other_model.state_dict()))
    assert_identical(result.history, other_result.history)
    assert_identical(
        load_checkpoint(directory / "checkpoint.pt"), load_checkpoint(other_directory / "checkpoint.pt")
    )
    lines = (directory / "metrics.jsonl").read_bytes()
    assert lines == (other_directory / "metrics.jsonl").read_bytes()
    assert [json.loads(line) for line in lines.splitlines()] == result.history
    # Metrics of an attempt that left no checkpoint were set aside.
    assert {path.name for path in directory.iterdir()} - {"metrics.1.jsonl"} == {
        "checkpoint.1.pt",
        "checkpoint.pt",
        "metrics.jsonl",
    }


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize(
    ("deaths", "resumed_from"),
    [
        ([{"log_death": 3}], 0),  # before the first checkpoint: the old metrics must make room
        ([{"log_death": 5}], 4),
        ([{"log_death": 9}], 8),
        ([{"log_death": 12}], 8),  # logged, but not yet saved
        ([{"batch_death": 21}], 8),  # in the middle of an accumulation
        ([{"batch_death": 27}], 12),
        ([{"log_death": 5}, {"batch_death": 13}, {"log_death": 10}], 8),
    ],
    ids=["log 3", "log 5", "log 9", "log 12", "batch 21", "batch 27", "three deaths"],
)
def test_a_resumed_run_equals_one_that_was_not_cut(task, deaths, resumed_from, undisturbed, tmp_path):
    for number, death in enumerate(deaths):
        with pytest.raises(Killed):
            train(task, tmp_path, seed=number, **death)
    # Before the first checkpoint there is nothing to restore: such a run begins again from its own start.
    model, result = train(task, tmp_path, seed=77 if resumed_from else 0)
    assert result.resumed_from == resumed_from
    assert_same_run((model, result, tmp_path), undisturbed[task])


def test_the_comparison_of_runs_sees_a_generator_or_an_order_that_was_not_restored(undisturbed, tmp_path):
    def tampered(directory, **changes):
        with pytest.raises(Killed):
            train("causal", directory, log_death=9)
        state = load_checkpoint(directory / "checkpoint.pt")
        state = {key: value for key, value in state.items() if key != "format"}
        save_checkpoint(directory / "checkpoint.pt", {**state, **changes})
        return (*train("causal", directory), directory)

    fresh = torch.Generator().manual_seed(3).get_state()
    with pytest.raises(AssertionError):
        assert_same_run(tampered(tmp_path / "a", generators=[[fresh, None]]), undisturbed["causal"])
    with pytest.raises(AssertionError):
        assert_same_run(tampered(tmp_path / "b", step=7), undisturbed["causal"])


def test_directories_change_nothing_and_a_finished_run_is_left_alone(undisturbed, tmp_path):
    model, result, directory = undisturbed["causal"]
    without, _ = train("causal", None)
    assert_identical(dict(without.state_dict()), dict(model.state_dict()))
    before = {path.name: path.read_bytes() for path in directory.iterdir()}
    again, nothing = train("causal", directory, batch_death=0, seed=5)
    assert nothing.resumed_from == nothing.steps == 14 and nothing.history == result.history
    assert_identical(dict(again.state_dict()), dict(model.state_dict()))
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == before


def test_the_loop_trains_in_training_mode(undisturbed):
    kind, batches, objective = TASKS["causal"]
    model = new_model(kind, dropout=0.2).eval()
    pretrain(model, batches(), objective, SCHEDULE, validation=fixed(batches(seed=9), 2), progress=False)
    assert_identical(dict(model.state_dict()), dict(undisturbed["causal"][0].state_dict()))


def test_another_dropout_seed_is_another_run(undisturbed, tmp_path):
    kind, batches, objective = TASKS["causal"]
    model = new_model(kind, dropout=0.2)
    pretrain(model, batches(), objective, replace(SCHEDULE, seed=4), progress=False)
    assert not torch.equal(weights_of(model), weights_of(undisturbed["causal"][0]))


@pytest.mark.slow
def test_a_process_that_is_killed_resumes(undisturbed, tmp_path):
    script = (
        "import os, signal, test_training as t\n"
        "t.Killed = None\n"
        "kind, batches, objective = t.TASKS['causal']\n"
        "def on_log(entry):\n"
        "    if entry['step'] == 9:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "t.torch.set_num_threads(1)\n"
        "t.pretrain(t.new_model(kind, dropout=0.2), batches(), objective, t.SCHEDULE, on_log=on_log,\n"
        f"    directory={str(tmp_path)!r}, validation=t.fixed(batches(seed=9), 2), progress=False)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parent,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    model, result = train("causal", tmp_path, seed=77)
    assert result.resumed_from == 8
    assert_same_run((model, result, tmp_path), undisturbed["causal"])


# Checkpoints that cannot be used


def half_run(directory: Path) -> Path:
    with pytest.raises(Killed):
        train("causal", directory, log_death=9)
    return directory / "checkpoint.pt"


def assert_refused(directory: Path, message: str, attempt=lambda d: train("causal", d)) -> None:
    """One line that says expected, got and a remedy, and not a byte of the folder changed."""
    before = {path.name: path.read_bytes() for path in directory.iterdir()}
    with pytest.raises(InputError, match=message) as error:
        attempt(directory)
    text = str(error.value)
    assert "\n" not in text and text.startswith("expected ") and ", got " in text and "; " in text
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == before


class Malicious:
    def __reduce__(self):
        return os.mkdir, (str(self.target),)


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[: len(content) // 2],
        lambda content: content[:-1],
        lambda content: content[:1],
        lambda content: b"",
        lambda content: b"not a checkpoint at all\n",
        lambda content: bytes(range(256)) * 20,
        lambda content: content[:100] + bytes(100) + content[200:],
        lambda content: b"PK\x03\x04" + content[:50],
        lambda content: b"\x80\x02" + content[:60],
    ],
    ids=["half", "one byte less", "one byte", "empty", "text", "bytes", "hole", "zip start", "pickle start"],
)
def test_a_damaged_checkpoint_is_refused_and_left_as_it_is(damage, tmp_path):
    path = half_run(tmp_path)
    (tmp_path / "checkpoint.1.pt").unlink()
    path.write_bytes(damage(path.read_bytes()))
    assert_refused(
        tmp_path, "a whole checkpoint in .*damaged or foreign file of [0-9]+ bytes; use an earlier"
    )


def test_a_checkpoint_cut_anywhere_is_refused(tmp_path):
    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, {"step": 3, "model": {"weight": torch.randn(30)}, "history": [{"step": 1}]})
    whole = path.read_bytes()
    for cut in range(0, len(whole), 37):
        path.write_bytes(whole[:cut])
        assert_refused(tmp_path, "a whole checkpoint", lambda d: load_checkpoint(d / "checkpoint.pt"))
    path.write_bytes(whole)
    assert load_checkpoint(path)["step"] == 3


def test_a_checkpoint_with_wrong_bytes_is_read_or_refused(tmp_path):
    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, {"step": 3, "model": {"weight": torch.randn(30)}, "history": [{"step": 1}, "x"]})
    whole, generator, refused = path.read_bytes(), seeded(2), 0
    for _ in range(600):
        damaged = bytearray(whole)
        for place in torch.randint(0, 700, (5,), generator=generator).tolist():
            damaged[place] = int(torch.randint(0, 256, (), generator=generator))
        path.write_bytes(damaged)
        try:
            load_checkpoint(path)
        except InputError as error:
            refused += "a whole checkpoint" in str(error) or "of format 2" in str(error)
    assert refused > 300


def test_wrong_bytes_in_a_tensor_are_noticed(tmp_path):
    """torch reads them without a word: the checksum does not."""
    path = tmp_path / "checkpoint.pt"
    weight = torch.randn(300)
    save_checkpoint(path, {"step": 3, "model": {"weight": weight}})
    whole = path.read_bytes()
    place = whole.index(weight.numpy().tobytes())
    for offset in (0, 1, 600, 1199):
        damaged = bytearray(whole)
        damaged[place + offset] ^= 1
        path.write_bytes(damaged)
        assert torch.load(path, weights_only=True)["step"] == 3
        with pytest.raises(InputError, match=r"a whole checkpoint in .*damaged"):
            load_checkpoint(path)


# The last checkpoints of a run


def steps_of(directory: Path) -> dict[str, int]:
    return {path.name: load_checkpoint(path)["step"] for path in checkpoints(directory)}


@pytest.mark.parametrize("keep", [1, 2, 3, 9])
def test_the_last_checkpoints_are_kept(keep, tmp_path):
    config = replace(SCHEDULE, keep_checkpoints=keep)
    pretrain(new_model(), Text(), CausalObjective(), config, directory=tmp_path, progress=False)
    saved = [14, 12, 8, 4][:keep]
    names = ["checkpoint.pt", "checkpoint.1.pt", "checkpoint.2.pt", "checkpoint.3.pt"]
    assert steps_of(tmp_path) == dict(zip(names, saved, strict=False))
    # Fewer are wanted now.
    save_newest(tmp_path, {"step": 15}, keep=1)
    assert steps_of(tmp_path) == {"checkpoint.pt": 15}


def test_a_run_whose_newest_checkpoint_is_damaged_goes_on_from_the_one_before(undisturbed, tmp_path):
    path = half_run(tmp_path)
    assert steps_of(tmp_path) == {"checkpoint.pt": 8, "checkpoint.1.pt": 4}
    damaged = path.read_bytes()[:-100]
    path.write_bytes(damaged)
    with pytest.warns(Remark, match=r"checkpoint.pt is damaged .* from the one before, of step 4"):
        model, result = train("causal", tmp_path, seed=77)
    assert result.resumed_from == 4
    # Nothing is lost, and what the damaged one held was computed again.
    assert (tmp_path / "checkpoint.damaged").read_bytes() == damaged
    (tmp_path / "checkpoint.damaged").unlink()
    assert_same_run((model, result, tmp_path), undisturbed["causal"])


def test_where_no_checkpoint_is_whole_nothing_is_touched(tmp_path):
    half_run(tmp_path)
    for path in checkpoints(tmp_path):
        path.write_bytes(path.read_bytes()[:-1])
    assert_refused(tmp_path, "a whole checkpoint in .*checkpoint.pt")


@pytest.mark.parametrize("death", range(4))
def test_a_death_between_the_renamings_loses_nothing(death, tmp_path, monkeypatch):
    for step in (1, 2, 3):
        save_newest(tmp_path, {"step": step}, keep=3)
    real, done = os.replace, []

    def replace_or_die(source, target):
        if len(done) == death:
            raise Killed
        done.append(target)
        real(source, target)

    monkeypatch.setattr(Path, "replace", lambda self, target: replace_or_die(self, target))
    monkeypatch.setattr(os, "replace", replace_or_die)
    with suppress(Killed):
        save_newest(tmp_path, {"step": 4}, keep=3)
    monkeypatch.undo()
    # The first renaming gives the new checkpoint, then whole, its name.
    assert load_newest(tmp_path)["step"] == (3 if death == 0 else 4)
    kept = list(steps_of(tmp_path).values())
    assert kept == sorted(kept, reverse=True) and {2, 3} <= set(kept)
    save_newest(tmp_path, {"step": 5}, keep=3)
    assert load_newest(tmp_path)["step"] == 5 and len(checkpoints(tmp_path)) == 3


def test_nothing_in_a_checkpoint_is_executed(tmp_path):
    attack = Malicious()
    attack.target = tmp_path / "executed"
    torch.save({"format": 1, "attack": attack}, tmp_path / "checkpoint.pt")
    assert_refused(tmp_path, "a whole checkpoint", lambda d: load_checkpoint(d / "checkpoint.pt"))
    assert not attack.target.exists()


def test_files_of_another_kind_are_refused(tmp_path):
    path = tmp_path / "checkpoint.pt"
    for content in ([1, 2], {"format": 99}, {"step": 3}, torch.zeros(3)):
        torch.save(content, path)
        assert_refused(tmp_path, "a checkpoint of format 2", lambda d: load_checkpoint(d / "checkpoint.pt"))
    with pytest.raises(InputError, match="a checkpoint file, got nothing at"):
        load_checkpoint(tmp_path / "absent.pt")
    # A checkpoint, but not of a training run.
    save_checkpoint(path, {"step": 3})
    assert_refused(tmp_path, "checkpoint")


@pytest.mark.parametrize(
    "change",
    [
        {"steps": 20}, {"accumulation": 1}, {"peak_learning_rate": 0.5}, {"warmup_steps": 4}, {"seed": 8},
        {"betas": (0.9, 0.99)}, {"weight_decay": 0.0}, {"max_norm": 0.5}, {"floor_learning_rate": 0.0},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_the_checkpoint_of_another_run_is_refused(change, tmp_path):
    half_run(tmp_path)
    config = replace(SCHEDULE, **change)

    def attempt(directory):
        pretrain(
            new_model(dropout=0.2), Text(), CausalObjective(), config, directory=directory, progress=False
        )

    assert_refused(tmp_path, f"trained with another {next(iter(change))}; choose another folder", attempt)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [(CausalLM, {"d_model": 12}), (CausalLM, {"n_layers": 3}), (CausalLM, {"n_layers": 1}), (MaskedLM, {})],
)
def test_the_checkpoint_of_another_model_is_refused(kind, changes, tmp_path):
    half_run(tmp_path)

    def attempt(directory):
        model = new_model(kind, **changes)
        pretrain(model, Text(), CausalObjective(), SCHEDULE, directory=directory, progress=False)

    assert_refused(tmp_path, "weights of another shape; choose another folder", attempt)


def test_a_checkpoint_is_not_overwritten_unasked(tmp_path):
    half_run(tmp_path)

    def attempt(directory):
        model = new_model(dropout=0.2)
        pretrain(
            model, Text(), CausalObjective(), SCHEDULE, directory=directory, resume=False, progress=False
        )

    assert_refused(tmp_path, "a folder that holds a checkpoint; choose another folder, or resume", attempt)


def test_metrics_of_another_run_are_kept(tmp_path):
    metrics = tmp_path / "metrics.jsonl"
    for number in (1, 2):
        metrics.write_text(f"mine {number}\n")
        train("causal", tmp_path)
        assert [json.loads(line)["step"] for line in metrics.read_text().splitlines()][-1] == 14
        assert [(tmp_path / f"metrics.{n}.jsonl").read_text() for n in range(1, number + 1)] == [
            f"mine {n}\n" for n in range(1, number + 1)
        ]
        for path in checkpoints(tmp_path):
            path.unlink()


def test_metrics_are_rewritten_whole_or_not_at_all(tmp_path, monkeypatch):
    half_run(tmp_path)
    before = (tmp_path / "metrics.jsonl").read_bytes()
    assert len(before.splitlines()) == 4  # 3, 5, 6 and 9, of which resuming from 8 drops the last

    def full_disk(source, target):
        assert (Path(target).name, Path(source).parent) == ("metrics.jsonl", tmp_path)
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", full_disk)
    with pytest.raises(OSError, match="disk full"):
        train("causal", tmp_path)
    assert (tmp_path / "metrics.jsonl").read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {
        "checkpoint.pt",
        "checkpoint.1.pt",
        "metrics.jsonl",
    }


# Files are whole or not there


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "deep" / "file.txt"
    write_atomically(path, lambda target: target.write_text("old"))
    seen = []

    def fail(target):
        target.write_text("half of the ne")
        seen.append((target.parent == path.parent, path.read_text()))
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, fail)
    assert seen == [(True, "old")] and path.read_text() == "old" and list(path.parent.iterdir()) == [path]
    write_atomically(path, lambda target: target.write_text("new"))
    assert path.read_text() == "new" and list(path.parent.iterdir()) == [path]


def test_files_have_the_usual_permissions(tmp_path):
    previous = os.umask(0o027)
    try:
        write_atomically(tmp_path / "file", lambda target: target.write_text("x"))
    finally:
        os.umask(previous)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640


def test_a_run_whose_disk_fills_up_keeps_its_last_checkpoint(tmp_path, monkeypatch):
    real, saves = torch.save, []

    def save(state, target):
        saves.append(state["step"])
        if len(saves) == 2:
            Path(target).write_bytes(b"half a checkpoint")
            raise OSError("disk full")
        real(state, target)

    monkeypatch.setattr(torch, "save", save)
    with pytest.raises(OSError, match="disk full"):
        train("causal", tmp_path)
    assert saves == [4, 8]
    assert load_checkpoint(tmp_path / "checkpoint.pt")["step"] == 4
    assert {path.name for path in tmp_path.iterdir()} == {"checkpoint.pt", "metrics.jsonl"}


# Saved models


def logits_of(model) -> torch.Tensor:
    ids = rows([7, 4])
    return model(rows([5, 6], seed=1), ids) if isinstance(model, Seq2Seq) else model(ids)


@pytest.mark.parametrize("kind", [MaskedLM, CausalLM, Seq2Seq])
def test_a_saved_model_comes_back(kind, tmp_path):
    model = randomise(new_model(kind, dropout=0.3)).float().eval()
    save_model(tmp_path, model)
    assert {path.name for path in tmp_path.iterdir()} == {"model.safetensors", "config.json"}
    loaded = load_model(tmp_path)
    assert type(loaded) is kind and not loaded.training and loaded.config == model.config
    assert torch.equal(logits_of(loaded), logits_of(model))
    body = loaded.decoder if kind is CausalLM else loaded.encoder
    assert loaded.head.token_embedding.weight is body.embeddings.token.weight
    assert loaded.n_parameters() == model.n_parameters()
    fused = load_model(tmp_path, Parts(attend=fused_attention))
    assert not torch.equal(logits_of(fused), torch.zeros(1))
    assert_same(logits_of(fused), logits_of(model), tolerance=1e-4)
    with safe_open(tmp_path / "model.safetensors", "pt") as file:
        written = sum(file.get_tensor(name).numel() for name in file.keys())  # noqa: SIM118
    assert written == model.n_parameters()  # tied weights are written once


def test_folders_that_hold_no_model_are_refused(tmp_path):
    save_model(tmp_path, new_model())
    config = tmp_path / "config.json"
    good = json.loads(config.read_text())
    for content in (
        "", "{", "[1]", '"text"', "3", "{}", json.dumps({**good, "model": "Other"}),
        json.dumps({**good, "colour": 3}), json.dumps({**good, "n_heads": 5}),
        json.dumps({**good, "d_model": "8"}), "\xff",
    ):  # fmt: skip
        config.write_text(content, encoding="latin-1")
        assert_refused(tmp_path, "a model saved by attentif in", load_model)
    config.unlink()
    assert_refused(tmp_path, "a model saved by attentif in", load_model)


def test_weights_that_do_not_fit_are_refused(tmp_path):
    save_model(tmp_path, new_model())
    weights = tmp_path / "model.safetensors"
    whole = weights.read_bytes()
    for content in (whole[: len(whole) // 2], whole[:-1], whole[:7], b"", b"text " * 30):
        weights.write_bytes(content)
        assert_refused(tmp_path, "the weights of this model in", load_model)
    other = tmp_path / "other"
    for model in (new_model(d_model=12), new_model(n_layers=3), new_model(n_layers=1), new_model(MaskedLM)):
        save_model(other, model)
        weights.write_bytes((other / "model.safetensors").read_bytes())
        with pytest.raises(InputError, match="the weights of this model in"):
            load_model(tmp_path)
    weights.unlink()
    with pytest.raises(InputError, match="the weights of this model in"):
        load_model(tmp_path)


# Hardware


@pytest.mark.parametrize(
    ("device", "capability", "name", "scaler"),
    [
        ("cuda", (6, 1), "float32", False),
        ("cuda", (7, 0), "float16", True),
        ("cuda", (7, 5), "float16", True),
        ("cuda", (8, 0), "bfloat16", False),
        ("cuda", (9, 0), "bfloat16", False),
        ("cuda", (12, 0), "bfloat16", False),
        ("cpu", None, "float32", False),
        ("cpu", (8, 0), "float32", False),
    ],
)
def test_precision_follows_the_hardware(device, capability, name, scaler):
    precision = choose_precision("auto", torch.device(device), capability)
    assert precision.name == name and precision.needs_scaler is scaler and precision.reason
    dtype = {"float32": None, "float16": torch.float16, "bfloat16": torch.bfloat16}[name]
    assert precision.autocast_dtype is dtype
    if device == "cuda":
        for said in precision.reason.values():
            assert f"{capability[0]}.{capability[1]}" in said


@pytest.mark.parametrize("name", Precision.NAMES)
def test_a_precision_that_is_asked_for_is_taken(name):
    for capability in ((6, 1), (8, 0)):
        assert choose_precision(name, torch.device("cuda"), capability).name == name


def test_devices(monkeypatch):
    assert choose_device("cpu").type == "cpu"
    with pytest.raises(InputError, match="auto, cpu or cuda, got 'gpu'"):
        choose_device("gpu")
    for available, expected in ((True, "cuda"), (False, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda available=available: available)
        assert choose_device("auto").type == expected
    with pytest.raises(InputError, match="a CUDA GPU, got none on this machine"):
        choose_device("cuda")


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_precision_trains_on_a_cpu_too(precision, tmp_path):
    given = set()

    def step(*arguments):
        given.add((arguments[6] is not None, arguments[7]))
        return training_step(*arguments)

    config = TrainConfig(
        steps=30, warmup_steps=3, peak_learning_rate=1e-2, log_every=1, checkpoint_every=10, device="cpu",
        precision=precision,
    )  # fmt: skip
    batch = {"token_ids": rows([9] * 4)}
    model = new_model()

    def run(model, deadly=0):
        def on_log(entry):
            if entry["step"] == deadly:
                raise Killed

        return pretrain(
            model, [batch] * 30, CausalObjective(), config, step=step, directory=tmp_path, on_log=on_log,
            progress=False,
        )  # fmt: skip

    with pytest.raises(Killed):
        run(model, deadly=15)
    result = run(model)
    losses = result.curve("loss")[1]
    assert result.resumed_from == 10 and len(losses) == 30 and losses[-1] < 0.7 * losses[0]
    scaler = load_checkpoint(tmp_path / "checkpoint.pt")["scaler"]
    assert (scaler is not None) == (precision == "float16")
    assert given == {(precision == "float16", getattr(torch, precision))}


@CUDA
@pytest.mark.parametrize("precision", ["auto", "float32", "float16"])
def test_training_and_resuming_on_a_gpu(precision, tmp_path):
    config = TrainConfig(
        steps=40, warmup_steps=4, peak_learning_rate=1e-2, log_every=1, checkpoint_every=10, device="cuda",
        precision=precision,
    )  # fmt: skip
    batch = {"token_ids": rows([9] * 4)}

    def run(deadly=0):
        def on_log(entry):
            if entry["step"] == deadly:
                raise Killed

        model = new_model(dropout=0.1)
        result = pretrain(
            model, [batch] * 40, CausalObjective(), config, directory=tmp_path, on_log=on_log, progress=False
        )
        return model, result

    with pytest.raises(Killed):
        run(deadly=25)
    model, result = run()
    losses = result.curve("loss")[1]
    assert result.resumed_from == 20 and len(losses) == 40 and losses[-1] < 0.6 * losses[0]
    assert next(model.parameters()).is_cuda
    on_cpu = deepcopy(model).cpu()
    ids = batch["token_ids"]
    assert_same(model(ids.cuda()).cpu(), on_cpu(ids), tolerance=1e-2)


@CUDA
def test_attention_and_masking_on_a_gpu():
    from attentif import causal_mask, mask_tokens, scaled_dot_product_attention

    query, key, value = (torch.randn(2, 3, 5, 4, dtype=torch.float64, device="cuda") for _ in range(3))
    mask = causal_mask(5).cuda()
    output, _ = scaled_dot_product_attention(query, key, value, mask)
    assert_same(output.cpu(), F.scaled_dot_product_attention(query, key, value, mask).cpu())
    ids = torch.randint(0, V, (4, 9), device="cuda")
    for generator in (seeded(1), torch.Generator("cuda").manual_seed(1), None):
        inputs, labels = mask_tokens(ids, 4, V, range(5), generator)
        assert inputs.is_cuda and labels.is_cuda


def test_groups_of_the_optimizer_are_ours():
    model = new_model()
    optimizer = adamw(parameter_groups(model, 0.3), 1e-3, betas=(0.8, 0.9))
    for group, expected in zip(optimizer.param_groups, parameter_groups(model, 0.3), strict=True):
        assert group["betas"] == (0.8, 0.9) and group["weight_decay"] == expected["weight_decay"]
        assert [id(p) for p in group["params"]] == [id(p) for p in expected["params"]]


def test_a_students_groups_are_the_ones_that_train():
    asked = []

    def nothing_decays(model, weight_decay):
        asked.append(weight_decay)
        return [{"params": list(model.parameters()), "weight_decay": 0.0}]

    config = TrainConfig(steps=3, warmup_steps=1, weight_decay=0.3, device="cpu")
    models = [new_model(), new_model()]
    models[1].load_state_dict(models[0].state_dict())
    for model, groups in zip(models, (parameter_groups, nothing_decays), strict=True):
        pretrain(model, Text(), CausalObjective(), config, groups=groups, progress=False)
    assert asked == [0.3]
    assert not all(
        torch.equal(a, b) for a, b in zip(models[0].parameters(), models[1].parameters(), strict=True)
    )
