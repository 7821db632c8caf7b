"""Batches that depend on a seed and an index only."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from oracles import assert_distribution, seeded

from attentif import InputError, SentencePair, mask_tokens
from attentif.corpus.batching import (
    EndlessBatches,
    MaskedBatches,
    PairBatches,
    RowBatches,
    WindowBatches,
    consecutive_windows,
    fixed,
    pad_rows,
    seeded_generator,
)

VOCABULARY = SimpleNamespace(mask_id=4, vocab_size=40, special_ids=(0, 1, 2, 3, 4))


def same(first: dict, second: dict) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def sources(seed: int = 0) -> dict:
    rows = [list(range(5, 8 + n % 4)) for n in range(7)]
    pairs = [SentencePair([2, 5 + n, 3, 9, 3], [0, 0, 0, 1, 1], n % 2 == 0) for n in range(7)]

    def chunk(number: int) -> RowBatches:
        return RowBatches([[*row, number] for row in rows], 3, 0, seed + number)

    return {
        "endless": EndlessBatches(chunk, 2),
        "windows": WindowBatches(torch.arange(5, 40), 3, 4, seed),
        "rows": RowBatches(rows, 3, 0, seed),
        "pairs": PairBatches(pairs, 3, 0, seed),
        "masked": MaskedBatches(RowBatches(rows, 3, 0, seed), VOCABULARY, seed),
    }


@pytest.mark.parametrize("name", sources())
def test_a_batch_is_the_same_whenever_it_is_asked_for(name):
    first, second, other = sources()[name], sources()[name], sources(seed=1)[name]
    forward = [first[i] for i in range(12)]
    state = torch.get_rng_state()
    for i in reversed(range(12)):
        assert same(second[i], forward[i])
    assert torch.equal(torch.get_rng_state(), state)
    assert not all(same(a, b) for a, b in pairwise(forward))
    assert not all(same(other[i], forward[i]) for i in range(12))
    assert all(tensor.dtype == torch.int64 for batch in forward for tensor in batch.values())
    assert all(same(a, b) for a, b in zip(fixed(first, 4), forward[:4], strict=True))


def test_windows_are_uniform_pieces_of_the_text():
    text = torch.arange(100, 113)
    batches = WindowBatches(text, 50, 4)
    starts = torch.zeros(13, dtype=torch.long)
    for index in range(200):
        ids = batches[index]["token_ids"]
        assert ids.shape == (50, 5) and torch.equal(ids, ids[:, :1] + torch.arange(5))
        starts += torch.bincount(ids[:, 0] - 100, minlength=13)
    assert_distribution(starts, [1 / 9] * 9 + [0.0] * 4)  # the last start leaves room for the last target


def test_the_shortest_text_has_one_window():
    assert WindowBatches(torch.arange(5), 2, 4)[0]["token_ids"].tolist() == [[0, 1, 2, 3, 4]] * 2
    for make in (WindowBatches, consecutive_windows):
        with pytest.raises(InputError, match=r"at least 5 tokens .*, got 4 tokens"):
            make(torch.arange(4), 2, 4)


@given(st.integers(2, 60), st.integers(1, 7), st.integers(1, 5))
def test_consecutive_windows_predict_each_token_once(length, context, batch_size):
    if length < context + 1:
        return
    batches = consecutive_windows(torch.arange(length), batch_size, context)
    targets = torch.cat([batch["token_ids"][:, 1:].flatten() for batch in batches]).tolist()
    # What does not fill a window at the end is left out.
    assert targets == list(range(1, (length - 1) // context * context + 1))
    assert all(batch["token_ids"].size(0) <= batch_size for batch in batches)


@given(st.integers(1, 9), st.integers(1, 12), st.integers(0, 50))
def test_an_epoch_shows_each_row_once(n_rows, batch_size, seed):
    batches = RowBatches([[5 + n] for n in range(n_rows)], batch_size, 0, seed)
    for epoch in range(3):
        indices = range(epoch * len(batches), (epoch + 1) * len(batches))
        shown = [int(token) for i in indices for token in batches[i]["token_ids"]]
        assert sorted(shown) == [5 + n for n in range(n_rows)]


def test_an_endless_corpus_shows_no_row_twice_and_holds_one_chunk():
    made = []

    def chunk(number: int) -> RowBatches:
        made.append(number)
        return RowBatches([[5 + 12 * number + n] for n in range(12)], 4, 0, number)

    batches = EndlessBatches(chunk, 3)
    seen = torch.cat([batches[i]["token_ids"] for i in range(9)]).flatten().tolist()
    assert sorted(seen) == list(range(5, 41)) and made == [0, 1, 2]
    assert same(batches[2], EndlessBatches(chunk, 3)[2])  # an earlier chunk is made again


def test_rows_of_like_length_come_together():
    """Little of a batch is padding, and the batches themselves come in random order."""
    generator = torch.Generator().manual_seed(3)
    lengths = torch.randint(3, 30, (1200,), generator=generator).tolist()
    batches = RowBatches([[5] * length for length in lengths], 20, 0, seed=1)
    grouped = [batches[i]["token_ids"] for i in range(len(batches))]
    assert sum(batch.numel() for batch in grouped) < 1.15 * sum(lengths)
    widths = [batch.size(1) for batch in grouped[:16]]
    assert widths != sorted(widths)


def test_each_epoch_has_its_own_order():
    batches = RowBatches([[n] for n in range(30)], 30, 0)
    orders = {tuple(batches[i]["token_ids"].flatten().tolist()) for i in range(5)}
    assert len(orders) == 5
    with pytest.raises(InputError, match="at least one row"):
        RowBatches([], 3, 0)


def test_rows_are_padded_on_the_right_to_the_longest():
    padded = pad_rows([[7], [8, 9, 6], [5, 5]], pad_id=1)
    assert padded.tolist() == [[7, 1, 1], [8, 9, 6], [5, 5, 1]] and padded.dtype == torch.int64


def test_pairs_keep_their_segments_and_labels():
    pairs = [
        SentencePair([2, 5 + n, 3] + [9] * n + [3], [0] * 3 + [1] * (n + 1), n % 3 == 0) for n in range(6)
    ]
    for index in range(8):
        source = PairBatches(pairs, 4, 0, seed=2)
        batch = source[index]
        for row, n in enumerate(source.indices(index)):
            length = len(pairs[n].token_ids)
            assert batch["token_ids"][row, :length].tolist() == pairs[n].token_ids
            assert batch["segment_ids"][row, :length].tolist() == pairs[n].segment_ids
            assert batch["token_ids"][row, length:].sum() == batch["segment_ids"][row, length:].sum() == 0
            assert batch["is_next"][row] == int(pairs[n].is_next)


def test_masking_is_drawn_anew_for_each_batch_and_keeps_the_rest():
    rows = [list(range(5, 35)) for _ in range(8)]
    source = RowBatches(rows, 8, 0)
    batches = MaskedBatches(source, VOCABULARY)
    first, second = batches[0], batches[1]
    assert not torch.equal(first["labels"], second["labels"])
    selected = first["labels"] != -100
    assert torch.equal(first["labels"][selected], source[0]["token_ids"][selected])
    assert torch.equal(first["token_ids"][~selected], source[0]["token_ids"][~selected])
    pairs = PairBatches([SentencePair([2, 5, 3, 9, 3], [0, 0, 0, 1, 1], True)], 2, 0)
    assert MaskedBatches(pairs, VOCABULARY)[0].keys() == {"token_ids", "labels", "segment_ids", "is_next"}


def test_the_masking_that_is_given_is_the_one_that_runs():
    calls = []

    def mask(*arguments):
        calls.append(arguments[1:4])
        return mask_tokens(*arguments)

    MaskedBatches(RowBatches([[5, 6]], 1, 0), VOCABULARY, mask=mask)[0]
    assert calls == [(4, 40, (0, 1, 2, 3, 4))]


def test_generators_of_different_numbers_differ():
    draws = {
        torch.rand(1, generator=seeded_generator(*keys)).item()
        for keys in ((0, 0), (0, 1), (1, 0), (0,), (7,))
    }
    assert len(draws) >= 4
    assert torch.equal(
        torch.rand(3, generator=seeded_generator(3, 5)), torch.rand(3, generator=seeded_generator(3, 5))
    )
    assert not torch.equal(torch.rand(3, generator=seeded_generator(3)), torch.rand(3, generator=seeded(3)))
