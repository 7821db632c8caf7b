"""Sentences drawn from the automaton, a whole batch of walks at a time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from attentif.corpus.automaton import Automaton

if TYPE_CHECKING:
    from scipy.sparse import csr_array


class RowSampler:
    """Draws a column for each of many rows of a sparse matrix of probabilities (rows sum to 1).

    All rows share one increasing array, row + cumulative probability, so that a draw is one binary search.
    """

    def __init__(self, probabilities: csr_array):
        self._starts, self._columns = probabilities.indptr, probabilities.indices
        self._log_probability = np.log(probabilities.data)
        rows = np.repeat(np.arange(probabilities.shape[0]), np.diff(self._starts))
        running = np.cumsum(probabilities.data)
        before = np.concatenate([[0.0], running])[self._starts[:-1]]
        self._keys = rows + np.minimum(running - before[rows], 1.0)

    def __call__(self, rows: np.ndarray, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Columns (N,) drawn for rows (N,), and the logarithm of their probabilities (N,)."""
        found = np.searchsorted(self._keys, rows + generator.random(len(rows)), side="right")
        found = np.clip(found, self._starts[rows], self._starts[rows + 1] - 1)
        return self._columns[found], self._log_probability[found]


@dataclass(frozen=True, eq=False)
class SentenceBatch:
    """N sentences: tokens (N, T) int64, 0 after each end; lengths (N,); log_probability (N,) of the walk."""

    tokens: np.ndarray
    lengths: np.ndarray
    log_probability: np.ndarray

    def to_lists(self) -> list[list[int]]:
        """The sentences as lists of ids."""
        inside = np.arange(self.tokens.shape[1]) < self.lengths[:, None]
        flat, ends = self.tokens[inside].tolist(), np.cumsum(self.lengths).tolist()
        return [flat[start:end] for start, end in pairwise([0, *ends])]


class SentenceSampler:
    """Draws sentences given their latents."""

    def __init__(self, automaton: Automaton):
        from scipy.sparse import csr_array, hstack

        self._end = automaton.n_states
        final = csr_array(automaton.final[:, None])
        self._max_length = automaton.max_length
        self._word_of_state = automaton.word_of_state
        self._first = RowSampler(automaton.initial)
        self._next = RowSampler(hstack([automaton.transition, final], format="csr"))
        self._emit = RowSampler(automaton.emission)

    def __call__(self, latents: np.ndarray, generator: np.random.Generator) -> SentenceBatch:
        """One sentence for each latent (N,)."""
        n = len(latents)
        tokens = np.zeros((n, self._max_length), dtype=np.int64)
        lengths = np.zeros(n, dtype=np.int64)
        walking = np.arange(n)
        state, log_probability = self._first(latents, generator)
        log_probability = log_probability.copy()
        for position in range(self._max_length):
            word, emitted = self._emit(self._word_of_state[state], generator)
            tokens[walking, position] = word
            lengths[walking] += 1
            state, moved = self._next(state, generator)
            log_probability[walking] += emitted + moved
            going_on = state != self._end
            walking, state = walking[going_on], state[going_on]
            if not len(walking):
                break
        return SentenceBatch(tokens, lengths, log_probability)
