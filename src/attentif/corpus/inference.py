"""Exact inference in the automaton, many sentences at once: forward-backward with soft evidence.

What is seen at a position is a weight for each word w, of the form keep·1[w = token] + background:
a certain word has (1, 0), an unknown one (0, 1), and a word that noise may have replaced lies in between.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from attentif.corpus.automaton import Automaton, Trellis

MESSAGE_SIZE = 2**18  # numbers in a message: sentences go together as far as it fits the processor's cache
RESCALE_EVERY = 4  # positions; one takes a factor of about 10⁻¹² at the worst
_TINY = np.finfo(np.float64).tiny


@dataclass(frozen=True, eq=False)
class Evidence:
    """Weights keep·1[w = token] + background, for N sentences of one length T.

    tokens (N, T) int64; keep and background (N, T) float64, both ≥ 0.
    """

    tokens: np.ndarray
    keep: np.ndarray
    background: np.ndarray

    @classmethod
    def certain(cls, tokens: np.ndarray) -> Evidence:
        """Every word is what is seen."""
        return cls(tokens, np.ones(tokens.shape), np.zeros(tokens.shape))

    def __len__(self) -> int:
        return len(self.tokens)

    def chunks(self, automaton: Automaton) -> Iterator[tuple[slice, Evidence]]:
        """Parts of the sentences, with the rows they are, small enough to be handled together."""
        size = max(16, MESSAGE_SIZE // automaton.n_states)
        for start in range(0, len(self), size):
            part = slice(start, start + size)
            yield part, Evidence(self.tokens[part], self.keep[part], self.background[part])


def _weights(automaton: Automaton, words: np.ndarray, evidence: Evidence, position: int) -> np.ndarray:
    """P(what is seen at this position | state), (S_t, N)."""
    by_word = automaton.emission_by_token[evidence.tokens[:, position]].T  # (K, N)
    by_word = by_word * evidence.keep[:, position] + evidence.background[:, position]
    return by_word[words]  # (S_t, N)


def _rescale(message: np.ndarray, log_scale: np.ndarray) -> np.ndarray:
    """Columns with maximum 1, the log of the factor added to `log_scale` (N,); columns of zeros stay."""
    peak = np.maximum(message.max(axis=0, initial=0.0), _TINY)
    log_scale += np.log(peak)
    return message / peak


@dataclass(frozen=True, eq=False)
class BackwardPass:
    """What the future says: weights[t] = P(seen at t | state), messages[t] = P(seen after t | state), scaled.

    Both are lists of (S_t, N); log_likelihood (N, Z) is ln P(seen | latent), −inf where impossible.
    """

    trellis: Trellis
    weights: list[np.ndarray]
    messages: list[np.ndarray]
    log_likelihood: np.ndarray


def backward(automaton: Automaton, evidence: Evidence) -> BackwardPass:
    """The backward pass over sentences of one length, rescaled at each step against underflow.

    States less likely than the best one by a factor below 10⁻³⁰⁰ count as impossible.
    """
    n, length = evidence.tokens.shape
    trellis = automaton.trellis(length)
    log_scale = np.zeros(n)
    message = np.repeat(trellis.final[-1][:, None], n, axis=1)  # (S_T, N)
    weights, messages = [], []
    for position in range(length - 1, -1, -1):
        weight = _weights(automaton, trellis.words[position], evidence, position)
        weights.append(weight)
        messages.append(message)
        arriving = weight * message
        if position % RESCALE_EVERY == 0:
            arriving = _rescale(arriving, log_scale)
        message = trellis.backward[position - 1] @ arriving if position else trellis.initial @ arriving
    with np.errstate(divide="ignore"):
        log_likelihood = np.log(message.T) + log_scale[:, None]  # (N, Z)
    return BackwardPass(trellis, weights[::-1], messages[::-1], log_likelihood)


def joint_states(past: BackwardPass, prior: np.ndarray) -> Iterator[np.ndarray]:
    """For each position, P(state, all that is seen elsewhere) up to a factor per sentence: (S_t, N).

    What is seen at the position itself is left out: it is for the caller to weigh. `prior` is (N, Z), or (Z,)
    for all; any positive scale.
    """
    n = past.log_likelihood.shape[0]
    trellis = past.trellis
    latents = np.broadcast_to(prior, (n, trellis.initial.shape[0])).T
    state = trellis.initial.T @ np.ascontiguousarray(latents)  # (S_0, N)
    unused = np.zeros(n)
    for position, message in enumerate(past.messages):
        if position % RESCALE_EVERY == 0:
            state = _rescale(state, unused)
        yield state * message
        if position + 1 < len(past.messages):
            state = trellis.forward[position] @ (state * past.weights[position])


def word_probabilities(
    automaton: Automaton, words: np.ndarray, states: np.ndarray, tokens: np.ndarray
) -> np.ndarray:
    """P(word = tokens[n]) when the state has weights states[:, n]: (N,), for tokens (N,)."""
    emission = automaton.emission_by_token[tokens]  # (N, K)
    return np.einsum("ns,sn->n", emission[:, words], states)


def log_likelihood(automaton: Automaton, evidence: Evidence) -> np.ndarray:
    """ln P(seen | latent) (N, Z) of sentences of one length."""
    parts = [backward(automaton, part).log_likelihood for _, part in evidence.chunks(automaton)]
    return np.concatenate(parts) if parts else np.zeros((0, automaton.n_latents))


def next_word_log_probabilities(automaton: Automaton, tokens: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """ln P(w_t | w_1 … w_{t−1}) of N sentences (N, T) of one length, and of their end: (N, T + 1).

    The length is not given away: the end is one more event that has to be predicted.
    """
    trellis = automaton.trellis(None)
    n, length = tokens.shape
    result = np.full((n, length + 1), -np.inf)
    if length not in automaton.lengths:
        return result
    state = np.repeat((trellis.initial.T @ (prior / prior.sum()))[:, None], n, axis=1)  # (S_0, N)
    evidence = Evidence.certain(tokens)
    with np.errstate(divide="ignore"):
        for position in range(length):
            filtered = state * _weights(automaton, trellis.words[position], evidence, position)
            seen = filtered.sum(axis=0)
            result[:, position] = np.log(seen)
            filtered /= np.maximum(seen, _TINY)
            if position + 1 < len(trellis.words):
                state = trellis.forward[position] @ filtered
            else:
                state = np.zeros((0, n))
        result[:, length] = np.log(trellis.final[length - 1] @ filtered)
    return np.minimum(result, 0.0)  # rounding may reach 1e-16 above
