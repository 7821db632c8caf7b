"""Batches that depend only on a seed and an index, so that a resumed run sees the same data.

batches[i] is the i-th batch of an endless stream: a dict of int64 tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from attentif.errors import InputError
from attentif.language import text
from attentif.objectives import SentencePair, mask_tokens
from attentif.packing import packed_slots

Batch = dict[str, Tensor]


def seed_of(*keys: int) -> int:
    """One seed that belongs to these numbers (a seed, a chunk, a batch index …), unrelated to all others."""
    state = np.random.SeedSequence(keys).generate_state(1, np.uint64)[0]
    return int(state >> np.uint64(1))


def seeded_generator(*keys: int) -> torch.Generator:
    """A generator that belongs to these numbers, independent of all others."""
    return torch.Generator().manual_seed(seed_of(*keys))


def pad_rows(rows: Sequence[Sequence[int]], pad_id: int) -> Tensor:
    """Stack rows of different lengths, filled on the right: int64 (B, longest)."""
    longest = max(len(row) for row in rows)
    batch = torch.full((len(rows), longest), pad_id, dtype=torch.long)
    for index, row in enumerate(rows):
        batch[index, : len(row)] = torch.as_tensor(row, dtype=torch.long)
    return batch


class WindowBatches:
    """Random windows of one long text, for a causal model.

    Args:
        token_ids: the text, int64 (N,).
        batch_size: B.
        context: T; a row has T + 1 tokens, T to read and the T that come next.
        seed: which windows.

    batches[i] is {"token_ids": (B, T + 1)}.
    """

    def __init__(self, token_ids: Tensor, batch_size: int, context: int, seed: int = 0):
        if len(token_ids) < context + 1:
            raise _too_short(len(token_ids), context)
        self.token_ids, self.batch_size, self.context, self.seed = token_ids, batch_size, context, seed

    def __getitem__(self, index: int) -> Batch:
        generator = seeded_generator(self.seed, index)
        starts = torch.randint(len(self.token_ids) - self.context, (self.batch_size,), generator=generator)
        return {"token_ids": self.token_ids[starts[:, None] + torch.arange(self.context + 1)]}


def _too_short(n_tokens: int, context: int) -> InputError:
    """The error about a text that fills no window: each has `context` tokens and the one that follows."""
    return InputError(
        expected=text(
            f"a text of at least {context + 1} tokens (the context and one more)",
            f"un texte d'au moins {context + 1} jetons (le contexte et un de plus)",
        ),
        got=text(f"{n_tokens} tokens", f"{n_tokens} jetons"),
        remedy=text(
            "give a longer text or a shorter context", "donnez un texte plus long ou un contexte plus court"
        ),
    )


def consecutive_windows(token_ids: Tensor, batch_size: int, context: int) -> list[Batch]:
    """A text in order, each token predicted once; a last window that is not full is left out."""
    n_windows = (len(token_ids) - 1) // context
    if n_windows < 1:
        raise _too_short(len(token_ids), context)
    starts = torch.arange(n_windows) * context
    windows = token_ids[starts[:, None] + torch.arange(context + 1)]
    return [{"token_ids": chunk} for chunk in windows.split(batch_size)]


GROUPED_BATCHES = 16  # batches whose rows are sorted by length together


class RowBatches:
    """Sentences or other rows, shuffled anew every epoch, rows of like length together, padded.

    Args:
        rows: token ids with their specials.
        batch_size: B; an epoch's last rows may form a smaller batch.
        pad_id: what fills short rows.
        seed: which order.

    batches[i] is {"token_ids": (B, longest of the batch)}. Each row comes once an epoch. Rows are grouped by length
    among those of a few batches drawn at random, so that little is computed on padding.
    """

    def __init__(self, rows: Sequence[Sequence[int]], batch_size: int, pad_id: int, seed: int = 0):
        if not len(rows):
            raise InputError(
                expected=text("at least one row", "au moins une ligne"),
                got=text("none", "aucune"),
                remedy=text("check the corpus", "vérifiez le corpus"),
            )
        self.rows, self.batch_size, self.pad_id, self.seed = rows, batch_size, pad_id, seed
        self._epochs: dict[int, list[list[int]]] = {}

    def _order(self, epoch: int) -> list[list[int]]:
        """The batches of an epoch, as indices of rows."""
        if epoch not in self._epochs:
            generator = seeded_generator(self.seed, epoch)
            shuffled = torch.randperm(len(self.rows), generator=generator).tolist()
            batches: list[list[int]] = []
            size = self.batch_size * GROUPED_BATCHES
            for start in range(0, len(shuffled), size):
                group = sorted(shuffled[start : start + size], key=lambda i: len(self.rows[i]))
                batches += [group[i : i + self.batch_size] for i in range(0, len(group), self.batch_size)]
            # One epoch is in use at a time; any other can be drawn again.
            order = torch.randperm(len(batches), generator=generator).tolist()
            self._epochs = {epoch: [batches[i] for i in order]}
        return self._epochs[epoch]

    def __len__(self) -> int:
        """Batches an epoch."""
        groups, rest = divmod(len(self.rows), self.batch_size * GROUPED_BATCHES)
        return groups * GROUPED_BATCHES + -(-rest // self.batch_size)

    def indices(self, index: int) -> list[int]:
        """Which rows batch `index` holds."""
        epoch, place = divmod(index, len(self))
        return self._order(epoch)[place]

    def __getitem__(self, index: int) -> Batch:
        return {"token_ids": pad_rows([self.rows[i] for i in self.indices(index)], self.pad_id)}


class PairBatches(RowBatches):
    """Sentence pairs: adds "segment_ids" (B, T) and "is_next" (B,) to each batch."""

    def __init__(self, pairs: Sequence[SentencePair], batch_size: int, pad_id: int, seed: int = 0):
        super().__init__([pair.token_ids for pair in pairs], batch_size, pad_id, seed)
        self.pairs = pairs

    def __getitem__(self, index: int) -> Batch:
        pairs = [self.pairs[i] for i in self.indices(index)]
        return {
            "token_ids": pad_rows([pair.token_ids for pair in pairs], self.pad_id),
            "segment_ids": pad_rows([pair.segment_ids for pair in pairs], 0),
            "is_next": torch.tensor([int(pair.is_next) for pair in pairs]),
        }


class MaskedBatches:
    """Masks the batches of another source, anew for every batch.

    Args:
        batches: a source of batches of whole rows.
        tokenizer: gives mask_id, vocab_size and special_ids.
        seed: which tokens are masked.
        mask: the corruption, `mask_tokens` or a student's.
        probability: the share of tokens to select in batch i, as a function of i; BERT's 15 % when None.

    batches[i] is the source's batch with corrupted "token_ids" and with "labels".
    """

    def __init__(
        self,
        batches,
        tokenizer,
        seed: int = 0,
        mask: Callable = mask_tokens,
        probability: Callable[[int], float] | None = None,
    ):
        self.batches, self.tokenizer, self.seed, self.mask = batches, tokenizer, seed, mask
        self.probability = probability or (lambda index: 0.15)

    def __len__(self) -> int:
        """Batches an epoch of the source."""
        return len(self.batches)

    def __getitem__(self, index: int) -> Batch:
        batch = self.batches[index]
        inputs, labels = self.mask(
            batch["token_ids"],
            self.tokenizer.mask_id,
            self.tokenizer.vocab_size,
            self.tokenizer.special_ids,
            seeded_generator(self.seed, index),
            self.probability(index),
        )
        return {**batch, "token_ids": inputs, "labels": labels}


class PackedBatches:
    """Says of the batches of another source how their rows fit in fewer, fuller ones, see `attentif.packing`.

    Args:
        batches: a source of batches of padded rows.
        pad_id: what fills short rows, and stands nowhere else.
        causal: whether the last token of a row is only a target, which the model need not read.

    batches[i] is the source's batch with "slots" (R, W).
    """

    def __init__(self, batches, pad_id: int, causal: bool = False):
        self.batches, self.pad_id, self.unread = batches, pad_id, int(causal)

    def __len__(self) -> int:
        """Batches an epoch of the source."""
        return len(self.batches)

    def __getitem__(self, index: int) -> Batch:
        batch = self.batches[index]
        token_ids = batch["token_ids"]
        lengths = (token_ids != self.pad_id).sum(dim=1) - self.unread  # (B,)
        return {**batch, "slots": packed_slots(lengths.tolist(), token_ids.size(1) - self.unread)}


class EndlessBatches:
    """Batches of a corpus that has no end: one chunk of it at a time, each seen once.

    Args:
        chunk: chunk(k) makes the k-th chunk, a source of batches of whole rows; always the same for the same k.
        batches_per_chunk: how many batches of a chunk are used, at most its length.

    batches[i] is batch i % batches_per_chunk of chunk i // batches_per_chunk.
    """

    def __init__(self, chunk: Callable[[int], RowBatches], batches_per_chunk: int):
        self.chunk, self.batches_per_chunk = chunk, batches_per_chunk
        self._held: dict[int, RowBatches] = {}

    def __getitem__(self, index: int) -> Batch:
        number, place = divmod(index, self.batches_per_chunk)
        if number not in self._held:
            # One chunk is in use at a time; any other can be made again.
            self._held = {number: self.chunk(number)}
        return self._held[number][place]


def fixed(batches, n_batches: int) -> list[Batch]:
    """The first batches of a source, as a list: a validation set that never changes."""
    return [batches[index] for index in range(n_batches)]
