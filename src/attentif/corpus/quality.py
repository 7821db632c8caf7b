"""Is a Microcosm a language worth modelling? Entropy, what a trigram model misses, how many forms occur.

A token is what a causal model has to predict: each word, and the end of the sentence.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from attentif.corpus.automaton import Automaton

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from attentif.corpus.microcosm import Microcosm

MAX_SMALL_FORMS = 300
MIN_ENTROPY = 1.5  # nats a token
MIN_TRIGRAM_EXCESS = 0.15
MIN_SHARE_OF_FORMS = 0.90


@dataclass(frozen=True)
class Entropy:
    """Nats a token with its standard error, nats a sentence, mean number of words of a sentence (exact)."""

    nats_per_token: float
    standard_error: float
    nats_per_sentence: float
    words_per_sentence: float


@dataclass(frozen=True)
class Quality:
    """The figures of a Microcosm; `failures()` names those that are not good enough."""

    language: str
    size: str
    forms: int
    states: int
    entropy: Entropy
    trigram_nats_per_token: float
    trigram_excess: float
    trigram_excess_error: float
    share_of_forms: float
    distinct_sentences: float

    def failures(self) -> list[str]:
        """The criteria that are missed, none in a language worth modelling."""
        criteria = {
            f"forms <= {MAX_SMALL_FORMS}": self.size != "small" or self.forms <= MAX_SMALL_FORMS,
            f"entropy >= {MIN_ENTROPY} nats a token": self.entropy.nats_per_token >= MIN_ENTROPY,
            f"trigram excess >= {MIN_TRIGRAM_EXCESS:.0%}": self.trigram_excess >= MIN_TRIGRAM_EXCESS,
            f"share of forms >= {MIN_SHARE_OF_FORMS:.0%}": self.share_of_forms >= MIN_SHARE_OF_FORMS,
        }
        return [criterion for criterion, met in criteria.items() if not met]

    def to_json(self) -> dict:
        return asdict(self)


def expected_visits(automaton: Automaton, prior: np.ndarray) -> np.ndarray:
    """How often a sentence passes through each state on average, (S,)."""
    current = prior @ automaton.initial
    total = np.zeros_like(current)
    for _ in range(automaton.max_length):
        total += current
        current = current @ automaton.transition
    return total


def _row_entropies(probabilities: csr_array) -> np.ndarray:
    rows = np.repeat(np.arange(probabilities.shape[0]), np.diff(probabilities.indptr))
    return np.bincount(rows, -probabilities.data * np.log(probabilities.data), probabilities.shape[0])


def walk_entropy(automaton: Automaton, prior: np.ndarray) -> float:
    """The exact entropy, in nats, of (latent, walk, words): Σ visits · entropy of each choice."""
    visits = expected_visits(automaton, prior)
    positive = prior[prior > 0]
    end = np.where(automaton.final > 0, automaton.final, 1.0)
    choices = _row_entropies(automaton.emission)[automaton.word_of_state]
    choices = choices + _row_entropies(automaton.transition) - end * np.log(end)
    start = prior @ _row_entropies(automaton.initial) - positive @ np.log(positive)
    return float(start + visits @ choices)


def measure_entropy(microcosm: Microcosm, n_sentences: int, seed: int) -> Entropy:
    """H(sentence) = H(latent, walk, sentence) − E[ln P(sentence) − ln P(latent, walk, sentence)].

    The first term is exact. The second, how ambiguous sentences are, is the mean over a sample of exact
    values, and the only source of the standard error.
    """
    prior = microcosm.world.latent_prior()
    sample = microcosm.sentences(n_sentences, seed)
    ambiguity = microcosm.log_probability(sample.to_lists()) - sample.log_probability
    words = float(expected_visits(microcosm.automaton, prior).sum())
    nats = walk_entropy(microcosm.automaton, prior) - float(ambiguity.mean())
    error = float(ambiguity.std(ddof=1)) / math.sqrt(n_sentences)
    return Entropy(nats / (words + 1), error / (words + 1), nats, words)


class Trigram:
    """The trigram model with the true counts: P(w | u, v) of the automaton itself, not of a sample."""

    def __init__(self, automaton: Automaton, prior: np.ndarray):
        from scipy.sparse import diags_array

        self._automaton = automaton
        self._start = prior @ automaton.initial
        self._emitters = automaton.emission[automaton.word_of_state].T.tocsr()  # (V, S)
        self._visited = self._emitters @ diags_array(expected_visits(automaton, prior))

    def nats(self, tokens: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """−ln P of each sentence (N,), its end included; two starts precede the first word."""
        row, column = np.nonzero(np.arange(tokens.shape[1] + 1) <= lengths[:, None])
        padded = np.concatenate(
            [np.zeros((len(tokens), 2), np.int64), tokens, np.zeros((len(tokens), 1), np.int64)], 1
        )
        padded[np.arange(len(tokens)), lengths + 2] = 0
        triples = np.stack(
            [padded[row, column + offset] for offset in range(3)], axis=1
        )  # 0 outside the sentence
        distinct, where = np.unique(triples, axis=0, return_inverse=True)
        parts = [
            self._log_probability(distinct[start : start + 4096]) for start in range(0, len(distinct), 4096)
        ]
        return np.bincount(row, -np.concatenate(parts)[where.ravel()], len(tokens))

    def _log_probability(self, triples: np.ndarray) -> np.ndarray:
        """ln P(third | first, second) of triples (N, 3), where 0 is the start or the end."""
        automaton, (before, last, word) = self._automaton, triples.T
        arrived = self._visited[before] @ automaton.transition  # (N, S): states of the second word
        arrived = arrived + self._starting((before == 0) & (last > 0))
        state = arrived.multiply(self._emitters[last])
        reached = (state @ automaton.transition + self._starting(last == 0)).tocsr()
        total = np.where(last == 0, self._start.sum(), np.asarray(state.sum(axis=1)).ravel())
        ended = state @ automaton.final
        continued = np.asarray(reached.multiply(self._emitters[word]).sum(axis=1)).ravel()
        return np.log(np.where(word == 0, ended, continued) / total)

    def _starting(self, rows: np.ndarray) -> csr_array:
        """The states of a first word where `rows` (N,) is True, nothing elsewhere: (N, S)."""
        from scipy.sparse import csr_array

        return csr_array(rows[:, None].astype(np.float64)) @ csr_array(self._start[None])


def measure_quality(microcosm: Microcosm, n_sentences: int, n_tokens: int, seed: int) -> Quality:
    """All figures; the trigram model is compared with the floor on the same sentences (ratio of sums)."""
    prior = microcosm.world.latent_prior()
    entropy = microcosm.entropy(n_sentences, seed)
    sample = microcosm.sentences(n_sentences, seed + 1)
    floor = -microcosm.log_probability(sample.to_lists())
    trigram = Trigram(microcosm.automaton, prior).nats(sample.tokens, sample.lengths)
    ratio = trigram.sum() / floor.sum()
    spread = (trigram - ratio * floor).std(ddof=1) / floor.mean() / math.sqrt(n_sentences)
    large = microcosm.sentences(round(n_tokens / entropy.words_per_sentence), seed + 2)
    share = (np.unique(large.tokens[large.tokens > 0]).size) / len(microcosm.forms)
    return Quality(
        language=microcosm.language,
        size=microcosm.size,
        forms=len(microcosm.forms),
        states=microcosm.automaton.n_states,
        entropy=entropy,
        trigram_nats_per_token=float(ratio * entropy.nats_per_token),
        trigram_excess=float(ratio - 1),
        trigram_excess_error=float(spread),
        share_of_forms=share,
        distinct_sentences=len(np.unique(large.tokens, axis=0)) / len(large.tokens),
    )
