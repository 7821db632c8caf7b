"""Packed rows: everything computed is what the padded rows give, and nothing is computed on padding."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from attentif.attention import fused_attention, scaled_dot_product_attention
from attentif.corpus.batching import MaskedBatches, PackedBatches, PairBatches, RowBatches
from attentif.corpus.tokenizers import WordTokenizer
from attentif.errors import InputError
from attentif.models import CausalLM, MaskedLM, ModelConfig, Parts, Seq2Seq
from attentif.objectives import SentencePair
from attentif.packing import EMPTY, first_fit, pack, packed_slots, same_row, unpack
from attentif.pretraining import training_step
from attentif.training_objectives import CausalObjective, MaskedObjective

CONFIG = ModelConfig(vocab_size=19, d_model=12, n_layers=3, n_heads=3, max_length=16, dropout=0.0)
ATTENDS = {"explicit": scaled_dot_product_attention, "fused": fused_attention}


def rows(seed: int, n_rows: int = 9, longest: int = 13) -> list[list[int]]:
    generator = np.random.default_rng(seed)
    lengths = generator.integers(3, longest + 1, n_rows)
    return [[2, *generator.integers(5, 19, length - 2).tolist(), 3] for length in lengths]


@pytest.mark.parametrize("seed", range(20))
def test_first_fit_holds_each_row_once_and_wastes_little(seed):
    lengths = np.random.default_rng(seed).integers(1, 31, 60).tolist()
    packed = first_fit(lengths, 30)
    assert sorted(index for row in packed for index in row) == list(range(60))
    held = [sum(lengths[index] for index in row) for row in packed]
    assert max(held) <= 30
    assert len(packed) <= 11 / 9 * -(-sum(lengths) // 30) + 1
    # First fit: no row would have had room for the longest of a later one.
    for first in range(len(packed)):
        for later in range(first + 1, len(packed)):
            before = sum(
                lengths[i] for i in packed[first] if lengths[i] >= max(lengths[j] for j in packed[later])
            )
            assert before + max(lengths[j] for j in packed[later]) > 30


def test_a_packing_moves_every_token_there_and_back():
    lengths = [3, 1, 5, 2, 2]
    slots = packed_slots(lengths, longest=6)
    assert sorted(slots[slots != EMPTY].tolist()) == [
        6 * row + t for row, length in enumerate(lengths) for t in range(length)
    ]
    x = torch.randn(5, 6, 4)
    packed = pack(x, slots)
    for row, place in (slots != EMPTY).nonzero().tolist():
        b, t = divmod(slots[row, place].item(), 6)
        torch.testing.assert_close(packed[row, place], x[b, t], rtol=0, atol=0)
    inside = torch.arange(6) < torch.tensor(lengths)[:, None]
    torch.testing.assert_close(unpack(packed, slots, 5, 6), x * inside[..., None], rtol=0, atol=0)


def test_only_tokens_of_one_row_see_each_other():
    slots = packed_slots([2, 3, 1], longest=4, width=5)
    seen = same_row(slots, 4)[:, 0]
    for packed_row, visible in zip(slots.tolist(), seen.tolist(), strict=True):
        origin = [slot // 4 if slot >= 0 else None for slot in packed_row]
        assert visible == [[query == key for key in origin] for query in origin]


@pytest.mark.parametrize("attend", ATTENDS)
@pytest.mark.parametrize("norm_first", [True, False])
def test_a_masked_model_gives_the_same_loss_and_gradient(attend, norm_first):
    torch.manual_seed(1)
    model = MaskedLM(replace(CONFIG, norm_first=norm_first), Parts(attend=ATTENDS[attend])).double()
    tokenizer = WordTokenizer([f"w{number}" for number in range(14)])
    padded = MaskedBatches(RowBatches(rows(3), 9, 0), tokenizer, seed=5)
    found = []
    for batches in (padded, PackedBatches(padded, 0)):
        model.zero_grad()
        loss = MaskedObjective()(model, batches[0])["masked"]
        loss.backward()
        gradients = {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}
        found.append((loss.item(), gradients))
    assert found[0][0] == pytest.approx(found[1][0], abs=1e-12)
    assert found[0][1].keys() == found[1][1].keys()
    for name, gradient in found[0][1].items():
        torch.testing.assert_close(found[1][1][name], gradient, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("attend", ATTENDS)
def test_a_causal_model_gives_the_same_loss_and_gradient(attend):
    torch.manual_seed(2)
    model = CausalLM(CONFIG, Parts(attend=ATTENDS[attend])).double()
    padded = RowBatches(rows(4), 9, 0)
    found = []
    for batches in (padded, PackedBatches(padded, 0, causal=True)):
        model.zero_grad()
        loss = CausalObjective(pad_id=0)(model, batches[0])["next"]
        loss.backward()
        found.append((loss.item(), [parameter.grad.clone() for parameter in model.parameters()]))
    assert found[0][0] == pytest.approx(found[1][0], abs=1e-12)
    for ours, theirs in zip(found[0][1], found[1][1], strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-12)


def test_pairs_keep_their_segments_and_their_first_token():
    torch.manual_seed(3)
    model = MaskedLM(CONFIG).double().eval()
    pairs = [
        SentencePair(row, [0] * (len(row) // 2) + [1] * (len(row) - len(row) // 2), bool(number % 2))
        for number, row in enumerate(rows(5))
    ]
    padded = MaskedBatches(PairBatches(pairs, 9, 0), WordTokenizer([f"w{n}" for n in range(14)]), seed=5)
    there, here = (MaskedObjective()(model, each[0]) for each in (padded, PackedBatches(padded, 0)))
    for term in ("masked", "is_next"):
        assert there[term].item() == pytest.approx(here[term].item(), abs=1e-12)


def test_less_is_computed_and_nothing_leaks_between_rows():
    torch.manual_seed(4)
    seen = []

    class Counting(nn.LayerNorm):
        def forward(self, x):
            seen.append(x.shape[:-1].numel())
            return super().forward(x)

    model = MaskedLM(CONFIG, Parts(norm=Counting)).double().eval()
    batch = PackedBatches(RowBatches([*rows(6, 12, 4), [2, *range(5, 16), 3]], 13, 0), 0)[0]
    token_ids, slots = batch["token_ids"], batch["slots"]
    with torch.no_grad():
        before = model.hidden(token_ids, slots=slots)
        in_blocks = seen[1]  # the first norm is that of the embeddings
        assert in_blocks == slots.numel() < token_ids.numel() / 2
        changed = token_ids.clone()
        changed[4, 1] = 5 + (token_ids[4, 1] - 4) % 14
        after = model.hidden(changed, slots=slots)
    others = [row for row in range(len(token_ids)) if row != 4]
    torch.testing.assert_close(after[others], before[others], rtol=0, atol=0)
    assert not torch.equal(after[4], before[4])


def test_packing_trains_like_padding():
    """Ten steps of AdamW end with the same weights, to rounding."""
    ends = []
    for packed in (False, True):
        torch.manual_seed(5)
        model = MaskedLM(CONFIG).double()
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
        batches = MaskedBatches(
            RowBatches(rows(7, 40), 8, 0), WordTokenizer([f"w{n}" for n in range(14)]), seed=1
        )
        batches = PackedBatches(batches, 0) if packed else batches
        for index in range(10):
            training_step(model, [batches[index]], MaskedObjective(), optimizer, 1e-2)
        ends.append(torch.cat([parameter.detach().flatten() for parameter in model.parameters()]))
    torch.testing.assert_close(ends[0], ends[1], rtol=1e-6, atol=1e-8)


def test_rows_that_look_at_a_memory_are_not_packed():
    model = Seq2Seq(CONFIG)
    with pytest.raises(InputError, match="either a memory or slots, got both"):
        model.decoder(torch.ones(1, 2).long(), torch.ones(1, 2, 12), slots=packed_slots([2], 2))
