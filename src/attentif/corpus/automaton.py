"""Grammar expressions compiled to one weighted automaton: a hidden Markov model whose states emit words.

A state is a `word` of the grammar together with what follows it. Alternatives join again, and equal words
with equal continuations are one state, within a sentence and between latents; so states add up, they do not
multiply. Epsilon steps are removed. For words w_1 … w_T and states s_1 … s_T:

    P(w | z) = Σ_s initial[z, s_1] · Π_t emission[s_t, w_t] · Π_t transition[s_t, s_{t+1}] · final[s_T]

Sizes: Z latents, S states, K distinct word distributions, V token ids.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from attentif.corpus.grammar import Alt, Expr, Seq, Word
from attentif.errors import InputError
from attentif.language import text

if TYPE_CHECKING:
    from scipy.sparse import csr_array

END = 0  # the node that stands for the end of the sentence


class _Compiler:
    """Builds nodes from the end of the sentence backwards, so that equal continuations are met again."""

    def __init__(self) -> None:
        self.closures: list[dict[int, float]] = [{END: 1.0}]  # node → P(next emitting node or END)
        self.states: list[tuple[int, int, int]] = []  # (node, word, node that follows)
        self.words: dict[Word, int] = {}
        self._names: dict[object, int] = {}  # structure → canonical name
        self._known: dict[int, int] = {}  # id(expression) → canonical name
        self._entries: dict[tuple[int, int], int] = {}

    def canonical(self, expression: Expr) -> int:
        """A number that equal expressions share; found once per object, since a form list may be long."""
        name = self._known.get(id(expression))
        if name is None:
            if isinstance(expression, Word):
                key: object = (Word, self.words.setdefault(expression, len(self.words)))
            elif isinstance(expression, Seq):
                key = (Seq, *(self.canonical(part) for part in expression.parts))
            else:
                key = (Alt, *((weight, self.canonical(part)) for weight, part in expression.branches))
            name = self._names.setdefault(key, len(self._names))
            self._known[id(expression)] = name
        return name

    def entry(self, expression: Expr, following: int) -> int:
        """The node from which `expression` and then node `following` are emitted."""
        if isinstance(expression, Seq):
            for part in reversed(expression.parts):
                following = self.entry(part, following)
            return following
        key = (self.canonical(expression), following)
        if key not in self._entries:
            if isinstance(expression, Word):
                closure = {len(self.closures): 1.0}
                self.states.append((len(self.closures), self.words[expression], following))
            else:
                total = sum(weight for weight, _ in expression.branches)
                closure = {}
                for weight, branch in expression.branches:
                    for node, probability in self.closures[self.entry(branch, following)].items():
                        closure[node] = closure.get(node, 0.0) + weight / total * probability
                if closure.keys() == {next(iter(closure))}:  # branches that became one
                    closure = {next(iter(closure)): 1.0}
            self._entries[key] = len(self.closures)
            self.closures.append(closure)
        return self._entries[key]


@dataclass(frozen=True, eq=False)
class Automaton:
    """A compiled grammar; all arrays are float64 probabilities.

    initial (Z, S), transition (S, S), final (S,): rows of [transition | final] sum to 1; emission (K, V);
    word_of_state (S,) int64: which row of `emission` a state draws its word from.
    """

    initial: csr_array
    transition: csr_array
    final: np.ndarray
    emission: csr_array
    word_of_state: np.ndarray

    @property
    def n_latents(self) -> int:
        return self.initial.shape[0]

    @property
    def n_states(self) -> int:
        return len(self.final)

    @property
    def vocab_size(self) -> int:
        return self.emission.shape[1]

    @cached_property
    def emission_by_token(self) -> np.ndarray:
        """Dense P(token | word distribution), a row per token (V, K), as evidence looks it up."""
        return np.ascontiguousarray(self.emission.toarray().T)  # (V, K)

    @cached_property
    def lengths(self) -> frozenset[int]:
        """How many tokens a sentence can have; finitely many, because the grammar is not recursive."""
        return frozenset(
            t for t, active in enumerate(self.reachable(), 1) if (active & (self.final > 0)).any()
        )

    @property
    def max_length(self) -> int:
        return max(self.lengths)

    @cached_property
    def _trellises(self) -> dict[int | None, Trellis]:
        return {}

    def reachable(self) -> Iterator[np.ndarray]:
        """For each position t, which states (S,) some latent can be in, as booleans."""
        active = np.asarray(self.initial.sum(axis=0)).ravel() > 0
        while active.any():
            yield active
            active = (active.astype(np.float64) @ self.transition) > 0

    def trellis(self, length: int | None) -> Trellis:
        """The states that sentences of this length pass through (of any length for None), kept for reuse."""
        if length not in self._trellises:
            self._trellises[length] = Trellis.build(self, length)
        return self._trellises[length]


@dataclass(frozen=True, eq=False)
class Trellis:
    """The automaton unrolled over positions 0..T−1, without states that cannot take part.

    initial (Z, S_0); forward[t] (S_{t+1}, S_t) and backward[t] (S_t, S_{t+1}) hold the same probabilities;
    final[t] (S_t,); words[t] (S_t,) rows of `emission`.
    """

    initial: csr_array
    forward: tuple[csr_array, ...]
    backward: tuple[csr_array, ...]
    final: tuple[np.ndarray, ...]
    words: tuple[np.ndarray, ...]

    @classmethod
    def build(cls, automaton: Automaton, length: int | None) -> Trellis:
        active = list(automaton.reachable())
        if length is not None:
            if length not in automaton.lengths:
                raise InputError(
                    expected=text(
                        f"sentences of {min(automaton.lengths)} to {automaton.max_length} tokens",
                        f"des phrases de {min(automaton.lengths)} à {automaton.max_length} jetons",
                    ),
                    got=text(
                        f"one of {length}, which the grammar cannot produce",
                        f"une phrase de {length}, que la grammaire ne peut pas produire",
                    ),
                    remedy=text(
                        "give whole sentences of this Microcosm, one a segment",
                        "donnez des phrases entières de ce Microcosm, une par segment",
                    ),
                )
            useful = automaton.final > 0
            active = active[:length]
            for position in range(length - 1, -1, -1):
                active[position] = active[position] & useful
                useful = (automaton.transition @ active[position].astype(np.float64)) > 0
        states = [np.flatnonzero(mask) for mask in active]
        steps = [automaton.transition[here][:, there].tocsr() for here, there in itertools.pairwise(states)]
        return cls(
            initial=automaton.initial[:, states[0]].tocsr(),
            forward=tuple(step.T.tocsr() for step in steps),
            backward=tuple(steps),
            final=tuple(automaton.final[here] for here in states),
            words=tuple(automaton.word_of_state[here] for here in states),
        )


def compile_grammar(expressions: Sequence[Expr], token_ids: Mapping[str, int], vocab_size: int) -> Automaton:
    """One automaton for all latents: expressions[z] is the sentence given latent z.

    Raises InputError when a sentence could be empty or a form has no id.

    >>> from attentif.corpus.grammar import alt, opt, seq, word
    >>> sentence = seq(word(["il", "elle"]), opt(0.25, "ne"), alt((2, "dort"), (1, "rit")), ".")
    >>> automaton = compile_grammar([sentence], {"il": 0, "elle": 1, "ne": 2, "dort": 3, "rit": 4, ".": 5}, 6)
    >>> automaton.n_states, automaton.max_length
    (5, 4)
    """
    from scipy.sparse import csr_array

    compiler = _Compiler()
    entries = [compiler.closures[compiler.entry(expression, END)] for expression in expressions]
    if any(END in entry for entry in entries):
        raise InputError(
            expected=text("sentences of one token or more", "des phrases d'au moins un jeton"),
            got=text(
                f"an expression (number {[END in entry for entry in entries].index(True)}) that can be empty",
                f"une expression (numéro {[END in entry for entry in entries].index(True)}) qui peut être vide",
            ),
            remedy=text("end every sentence with punctuation", "terminez chaque phrase par une ponctuation"),
        )
    state_of_node = {node: state for state, (node, _, _) in enumerate(compiler.states)}
    n_states = len(state_of_node)

    def rows(closures: list[dict[int, float]]) -> csr_array:
        triples = [
            (row, state_of_node[node], probability)
            for row, closure in enumerate(closures)
            for node, probability in closure.items()
            if node != END
        ]
        row, column, value = (
            (np.array(values) for values in zip(*triples, strict=True)) if triples else ([], [], [])
        )
        return csr_array((value, (row, column)), shape=(len(closures), n_states), dtype=np.float64)

    following = [compiler.closures[node] for _, _, node in compiler.states]
    return Automaton(
        initial=rows(entries),
        transition=rows(following),
        final=np.array([closure.get(END, 0.0) for closure in following]),
        emission=_emission(list(compiler.words), token_ids, vocab_size),
        word_of_state=np.array([word for _, word, _ in compiler.states], dtype=np.int64),
    )


def _emission(words: list[Word], token_ids: Mapping[str, int], vocab_size: int) -> csr_array:
    from scipy.sparse import csr_array

    unknown = [form for word in words for form, _ in word.forms if form not in token_ids]
    if unknown:
        raise InputError(
            expected=text("an id for every form", "un identifiant pour chaque forme"),
            got=text(f"none for {unknown[0]!r}", f"aucun pour {unknown[0]!r}"),
            remedy=text("add it to the vocabulary", "ajoutez-la au vocabulaire"),
        )
    rows = np.repeat(np.arange(len(words)), [len(word.forms) for word in words])
    columns = np.array([token_ids[form] for word in words for form, _ in word.forms])
    values = np.concatenate([np.array([weight for _, weight in word.forms]) for word in words])
    counts = csr_array((values, (rows, columns)), shape=(len(words), vocab_size), dtype=np.float64)
    counts.sum_duplicates()
    totals = np.asarray(counts.sum(axis=1)).ravel()
    counts.data /= np.repeat(totals, np.diff(counts.indptr))
    return counts
