"""The floor: the loss, in nats, of the best possible model of a Microcosm on given batches.

A causal model has to predict every word and the end; a masked model the selected positions of a row that was
corrupted by the 80/10/10 rule. No masked model knows which visible words are original, so each position is
soft evidence about its word w. With selection probability p and V′ words that may be drawn as replacements:

    another position     [MASK]     says nothing of w
                         visible v  (1 − p + p·keep)·1[w = v] + p·random/V′
    the position itself  [MASK]     1                             (given that it was selected)
                         visible v  keep·1[w = v] + random/V′

Rows are [CLS] A [SEP] or [CLS] A [SEP] B [SEP], then padding. In a pair, A is any sentence but the last of
its document; B is, with probability 1/2 each, the sentence after it or any sentence of another document.
Corruption: Devlin et al. 2019, BERT, section 3.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attentif.corpus.automaton import Automaton
from attentif.corpus.corruption import Corruption
from attentif.corpus.inference import (
    Evidence,
    backward,
    joint_states,
    log_likelihood,
    next_word_log_probabilities,
    word_probabilities,
)
from attentif.corpus.rows import IGNORED, MASK_ID, SEP_ID, Rows, as_array, by_length
from attentif.corpus.tokenizers import SPECIAL_TOKENS
from attentif.corpus.world import World
from attentif.errors import InputError
from attentif.language import text

N_SPECIALS = len(SPECIAL_TOKENS)
_TINY = np.finfo(np.float64).tiny
# What was expected of rows that the grammar cannot produce, what was got, what to do.
_FOREIGN = (
    text("sentences of this Microcosm", "des phrases de ce Microcosm"),
    text("one it cannot produce", "une phrase qu'il ne peut pas produire"),
    text("take rows from the same world", "prenez des lignes du même monde"),
)


@dataclass(frozen=True, eq=False)
class Nats:
    """Losses of M predictions, in row-major order: nats (M,); row and column (M,) int64 say where."""

    nats: np.ndarray
    row: np.ndarray
    column: np.ndarray

    def __len__(self) -> int:
        return len(self.nats)

    @property
    def mean(self) -> float:
        """Nats a prediction."""
        return float(self.nats.mean()) if len(self) else 0.0

    def per_row(self, n_rows: int) -> tuple[np.ndarray, np.ndarray]:
        """Sum of nats (n_rows,) and number of predictions (n_rows,) of each row."""
        return np.bincount(self.row, self.nats, n_rows), np.bincount(self.row, minlength=n_rows)


class Floor:
    """Bayes-optimal losses in a compiled world; every method takes token ids (B, T), array or tensor."""

    def __init__(self, world: World, automaton: Automaton):
        self.world, self.automaton = world, automaton
        self.n_words = automaton.vocab_size - N_SPECIALS
        self._any, self._not_last = world.latent_prior(), world.latent_prior(last=False)

    def causal(self, inputs) -> Nats:
        """−ln P(w_t | w_1 … w_{t−1}) for each word and the [SEP] of rows [CLS] w_1 … w_n [SEP].

        `column` is that of the predicted token. Raises InputError for a row that the grammar cannot produce.
        """
        rows = self._parse(inputs)
        rows.refuse(
            rows.is_pair,
            text("rows of one sentence", "des lignes d'une seule phrase"),
            text("a pair", "une paire"),
            text(
                "the causal floor is that of single sentences",
                "le plancher causal est celui des phrases seules",
            ),
        )
        rows.refuse(
            rows.holds(MASK_ID),
            text("visible words", "des mots visibles"),
            "[MASK]",
            text("give the rows before they are corrupted", "donnez les lignes avant le masquage"),
        )
        nats = np.zeros(rows.tokens.shape)
        for length, segments in by_length(rows.length):
            tokens = rows.segment_tokens(segments, length)
            for part, _ in Evidence.certain(tokens).chunks(self.automaton):
                loss = -next_word_log_probabilities(self.automaton, tokens[part], self._any)
                nats[rows.row[segments[part], None], 1 + np.arange(length + 1)] = loss
        rows.refuse(
            np.isinf(nats).any(axis=1),
            *_FOREIGN,
        )
        row, column = np.nonzero(rows.inside | (rows.tokens == SEP_ID))
        return Nats(nats[row, column], row, column)

    def masked(self, inputs, labels, corruption: Corruption = Corruption()) -> Nats:
        """The Bayes-optimal loss at each position where `labels` is not −100, by the formulas above.

        In a pair, whether B follows A is unknown and marginalised. Raises InputError for impossible labels.
        """
        rows = self._parse(inputs)
        labels = rows.check_labels(labels)
        priors = self._segment_priors(rows, corruption)
        nats = np.zeros(labels.shape)
        for length, segments in by_length(rows.length):
            columns = rows.start[segments, None] + np.arange(length)
            wanted = labels[rows.row[segments, None], columns]  # (N, T)
            concerned = (wanted != IGNORED).any(axis=1)
            segments, columns, wanted = segments[concerned], columns[concerned], wanted[concerned]
            evidence = self.evidence(rows.segment_tokens(segments, length), corruption)
            for part, chunk in evidence.chunks(self.automaton):
                loss = self._masked_loss(chunk, wanted[part], priors[segments[part]], corruption)
                nats[rows.row[segments[part], None], columns[part]] = loss
        row, column = np.nonzero(labels != IGNORED)
        found = nats[row, column]
        if np.isinf(found).any():
            at = int(np.argmax(np.isinf(found)))
            raise InputError(
                expected=text(
                    "labels that this Microcosm can produce", "des labels que ce Microcosm peut produire"
                ),
                got=text(
                    f"token {labels[row[at], column[at]]} in row {row[at]}, column {column[at]}",
                    f"le jeton {labels[row[at], column[at]]} à la ligne {row[at]}, colonne {column[at]}",
                ),
                remedy=text(
                    "take rows and labels from the same world",
                    "prenez les lignes et les labels dans le même monde",
                ),
            )
        return Nats(found, row, column)

    def p_next(self, inputs, corruption: Corruption | None = Corruption()) -> np.ndarray:
        """P(B follows A | row) of pairs, (B,); `corruption=None` where no word was corrupted."""
        return self._p_random_and_next(inputs, corruption)[1]

    def next_sentence(self, inputs, is_next, corruption: Corruption | None = Corruption()) -> Nats:
        """−ln P(is_next | row) of pairs; is_next (B,) holds 1 where B follows A, else 0."""
        probabilities = self._p_random_and_next(inputs, corruption)  # (2, B)
        truth = as_array(is_next).astype(np.int64).reshape(-1)
        rows = np.arange(probabilities.shape[1])
        if len(truth) != len(rows) or not np.isin(truth, (0, 1)).all():
            raise InputError(
                expected=text(f"{len(rows)} labels 0 or 1", f"{len(rows)} labels, 0 ou 1"),
                got=str(truth[:8].tolist()),
                remedy=text("give one a row", "donnez-en un par ligne"),
            )
        with np.errstate(divide="ignore"):
            return Nats(-np.log(probabilities[truth, rows]), rows, np.zeros_like(rows))

    def _p_random_and_next(self, inputs, corruption: Corruption | None) -> np.ndarray:
        """P(B random | row) and P(B follows A | row), (2, B)."""
        rows = self._parse(inputs)
        rows.refuse(
            ~rows.is_pair,
            text("pairs [CLS] A [SEP] B [SEP]", "des paires [CLS] A [SEP] B [SEP]"),
            text("a single sentence", "une seule phrase"),
            text("give two sentences a row", "donnez deux phrases par ligne"),
        )
        first, second = self._pair_likelihoods(rows, corruption)
        follows = np.einsum("nz,zy,ny->n", first * self._not_last, self.world.transition, second)
        random = (first @ self._not_last) * (second @ self._any)
        rows.refuse(
            follows + random == 0,
            *_FOREIGN,
        )
        return np.stack([random, follows]) / (follows + random)

    def _parse(self, inputs) -> Rows:
        rows = Rows.parse(inputs, self.automaton.vocab_size)
        lengths = self.automaton.lengths
        for length, segments in by_length(rows.length):
            if length not in lengths:
                raise InputError(
                    expected=text(
                        f"sentences of {min(lengths)} to {max(lengths)} tokens",
                        f"des phrases de {min(lengths)} à {max(lengths)} jetons",
                    ),
                    got=text(
                        f"one of {length} in row {rows.row[segments[0]]}, which the grammar cannot produce",
                        f"une phrase de {length} à la ligne {rows.row[segments[0]]}, que la grammaire ne peut pas produire",
                    ),
                    remedy=text(
                        "give whole sentences of this Microcosm",
                        "donnez des phrases entières de ce Microcosm",
                    ),
                )
        return rows

    def evidence(self, tokens: np.ndarray, corruption: Corruption | None) -> Evidence:
        """What tokens (N, T) say of the true words: all is certain without corruption, but for [MASK]."""
        keep, background = corruption.visible(self.n_words) if corruption else (1.0, 0.0)
        masked = tokens == MASK_ID
        return Evidence(tokens, np.where(masked, 0.0, keep), np.where(masked, 1.0, background))

    def _segment_likelihoods(
        self, rows: Rows, segments: np.ndarray, corruption: Corruption | None
    ) -> np.ndarray:
        """P(seen | latent) of segments, (N, Z), each divided by its maximum."""
        result = np.zeros((len(segments), self.automaton.n_latents))
        for length, chosen in by_length(rows.length[segments]):
            evidence = self.evidence(rows.segment_tokens(segments[chosen], length), corruption)
            result[chosen] = log_likelihood(self.automaton, evidence)
        peak = result.max(axis=1, keepdims=True, initial=-np.inf)
        return np.exp(result - np.where(np.isfinite(peak), peak, 0.0))

    def _pair_likelihoods(self, rows: Rows, corruption: Corruption | None) -> tuple[np.ndarray, np.ndarray]:
        """P(seen | latent) of the first and of the second sentences of the pairs, each (pairs, Z)."""
        first = np.flatnonzero(~rows.is_second & rows.is_pair[rows.row])
        return tuple(self._segment_likelihoods(rows, part, corruption) for part in (first, first + 1))

    def _segment_priors(self, rows: Rows, corruption: Corruption) -> np.ndarray:
        """P(latent of the segment, the row's other segment), up to a factor: (segments, Z)."""
        priors = np.repeat(self._any[None], len(rows.row), axis=0)
        first = np.flatnonzero(~rows.is_second & rows.is_pair[rows.row])
        if len(first):
            seen_first, seen_second = self._pair_likelihoods(rows, corruption)
            second_given_first = seen_second @ self.world.transition.T + (seen_second @ self._any)[:, None]
            priors[first] = self._not_last * second_given_first
            reached = seen_first * self._not_last  # (N, Z)
            priors[first + 1] = (
                reached @ self.world.transition + reached.sum(axis=1, keepdims=True) * self._any
            )
        return priors / np.maximum(priors.sum(axis=1, keepdims=True), _TINY)

    def _masked_loss(
        self, evidence: Evidence, wanted: np.ndarray, prior: np.ndarray, corruption: Corruption
    ) -> np.ndarray:
        """Losses (N, T) at the positions of `wanted` (N, T) that are not ignored, 0 elsewhere."""
        keep, background = corruption.selected(self.n_words)
        past = backward(self.automaton, evidence)
        loss = np.zeros(wanted.shape)
        for position, states in enumerate(joint_states(past, prior)):
            chosen = np.flatnonzero(wanted[:, position] != IGNORED)
            if not len(chosen):
                continue
            states, words = states[:, chosen], past.trellis.words[position]
            label, seen = wanted[chosen, position], evidence.tokens[chosen, position]
            total = np.maximum(states.sum(axis=0), _TINY)
            p_label = word_probabilities(self.automaton, words, states, label) / total
            p_seen = word_probabilities(self.automaton, words, states, seen) / total
            own = np.where(seen == MASK_ID, 1.0, keep * (label == seen) + background)
            evidence_total = np.where(seen == MASK_ID, 1.0, keep * p_seen + background)
            with np.errstate(divide="ignore"):
                loss[chosen, position] = -np.log(
                    np.minimum(p_label * own / np.maximum(evidence_total, _TINY), 1.0)
                )
        return loss
