"""Does the model know, or does it only guess the right kind of word?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from attentif.bias.groups import FEWEST_GROUPS
from attentif.bias.scorer import MaskedScorer
from attentif.bias.statistics import Interval, cluster_bootstrap
from attentif.errors import InputError
from attentif.language import text as both
from attentif.limits.cloze import Question, ask, ask_items, distributions
from attentif.limits.comparing import is_best
from attentif.limits.proportion import proportion


@dataclass(frozen=True)
class Fact:
    """A statement with its answer hidden, and other words of the answer's kind.

    Args:
        text: with one [MASK].
        answer: the word that makes it true.
        candidates: words of the same kind that make it false, without the answer.
        prime: a wrong word written before the text, "Talk?", to see whether the model is led astray; none if empty.
        group: items of one group are not independent, those of a relation (capitals) for instance.
    """

    text: str
    answer: str
    candidates: tuple[str, ...]
    prime: str = ""
    group: str = ""

    def __post_init__(self) -> None:
        if not self.candidates or self.answer in self.candidates or isinstance(self.candidates, str):
            raise InputError(
                expected=both(
                    "a tuple of candidates other than the answer",
                    "un tuple de candidats autres que la réponse",
                ),
                got=f"{self.answer!r}, {self.candidates!r}",
                remedy=both(
                    "give at least one wrong word of the same kind",
                    "donnez au moins un mot faux du même type",
                ),
            )

    @property
    def name(self) -> str:
        """The text."""
        return self.text

    @property
    def cluster(self) -> str:
        """The group."""
        return self.group or self.text

    def questions(self) -> list[tuple[str, str]]:
        """The answer in the text, and in the primed text where there is one."""
        texts = [self.text, f"{self.prime} {self.text}"] if self.prime else [self.text]
        return [(text, self.answer) for text in texts]


@dataclass(frozen=True)
class FactResult:
    """What a model knows; each number with its interval over the facts that the vocabulary can be asked.

    Args:
        precision: share of facts whose answer is the most probable word of the whole vocabulary (P@1).
        reciprocal_rank: mean of 1 / rank of the answer among its candidates (MRR).
        right_type_wrong_fact: share whose most probable word is another candidate: it sounds right, and is false.
        confidence_when_wrong: mean probability of the most probable word where it is not the answer; None where
            fewer than 5 groups of facts are wrong.
        misprime_drop: how much P@1 falls, on average, when a wrong word stands before; None without primed facts.
        misprime_shift: how much ln P(answer) falls then, in nats; None without primed facts.
        n_used: facts asked.
        unknown: names of the facts left out because their answer is no single token; neither right nor wrong.
        unknown_candidates: the candidates left out for the same reason, each once.
    """

    precision: Interval
    reciprocal_rank: Interval
    right_type_wrong_fact: Interval
    confidence_when_wrong: Interval | None
    misprime_drop: Interval | None
    misprime_shift: Interval | None
    n_used: int
    unknown: tuple[str, ...]
    unknown_candidates: tuple[str, ...]


def fact_probe(
    model: nn.Module,
    tokenizer: Any,
    facts: Sequence[Fact],
    interval: Callable = cluster_bootstrap,
) -> FactResult:
    """Hide the answer of known facts, and tell whether it is found, how errors look, and whether a wrong word misleads.

    With P over the whole vocabulary at the gap, best = argmax P, and rank(answer) = 1 + the number of candidates w
    with P(w) ≥ P(answer),

        precision               share with best = answer (a tie is a miss)
        reciprocal_rank         mean of 1 / rank(answer)
        right_type_wrong_fact   share with best ≠ answer among the candidates
        confidence_when_wrong   mean of P(best) over the facts with best ≠ answer
        misprime_drop           mean of [best = answer] without the prime, minus with it
        misprime_shift          mean of ln P(answer) without the prime, minus with it

    Args:
        model: a masked language model, of `transformers` or of this library.
        tokenizer: its tokenizer.
        facts: at least 5 groups of them whose answer is one token of the vocabulary.
        interval: how to bound a mean of grouped values, called as interval(values, groups).

    Returns:
        FactResult; shares and probabilities in [0, 1], misprime_shift in nats.

    Raises:
        InputError (a ValueError): no facts, or too few whose answer the model knows.

    Source: Petroni et al. 2019, "Language Models as Knowledge Bases?", §4 (P@1); Kassner and Schütze 2020 (misprimes).
        Deviation: ranks are among candidates of the answer's kind, not among a common vocabulary of several models.

    >>> from attentif.checks.recipes import context_model, word_tokenizer
    >>> tokenizer = word_tokenizer(list("abcdefg"))
    >>> facts = [Fact(f"{a} {b} [MASK]", "a", ("b", "z")) for a, b in ("bc", "cd", "de", "ef", "fg")]
    >>> found = fact_probe(context_model(tokenizer.vocab_size, seed=1), tokenizer, facts)
    >>> found.n_used, found.unknown_candidates, found.misprime_drop
    (5, ('z',), None)
    """
    scorer = MaskedScorer(model, tokenizer)
    kept, unknown = ask_items(scorer, facts, FEWEST_GROUPS)
    candidates, unknown_candidates = ask_candidates(scorer, [fact for fact, _ in kept])
    questions = [question for each in (*candidates, *(asked for _, asked in kept)) for question in each]
    rows = distributions(scorer, [question.context for question in questions])
    hits, ranks, confused, errors, drops = [], [], [], [], []  # errors and drops: (group, value…)
    for (fact, asked), rivals in zip(kept, candidates, strict=True):
        row, answer = rows[asked[0].context], asked[0].token_id
        # Equals have no order: the answer is found only where it is ahead of all others.
        found = [is_best(rows[question.context], question.token_id) for question in asked]
        hits.append(found[0])
        ranks.append(1 / (1 + sum(bool(rows[q.context][q.token_id] >= row[answer]) for q in rivals)))
        confused.append(not found[0] and int(row.argmax()) in [q.token_id for q in rivals])
        if not found[0]:
            errors.append((fact.cluster, row.max().exp().item()))
        if len(asked) == 2:
            shift = row[answer] - rows[asked[1].context][answer]
            drops.append((fact.cluster, float(found[0]) - float(found[1]), shift.item()))
    groups = [fact.cluster for fact, _ in kept]
    return FactResult(
        precision=proportion(hits, groups, interval),
        reciprocal_rank=interval(ranks, groups),
        right_type_wrong_fact=proportion(confused, groups, interval),
        confidence_when_wrong=where_enough(errors, 1, interval),
        misprime_drop=where_enough(drops, 1, interval),
        misprime_shift=where_enough(drops, 2, interval),
        n_used=len(kept),
        unknown=unknown,
        unknown_candidates=unknown_candidates,
    )


def ask_candidates(
    scorer: MaskedScorer, facts: Sequence[Fact]
) -> tuple[list[list[Question]], tuple[str, ...]]:
    """The questions on the candidates of each fact, and the candidates that the vocabulary cannot be asked, each once."""
    asked = [{word: ask(scorer, fact.text, word) for word in fact.candidates} for fact in facts]
    known = [[question for question in each.values() if question is not None] for each in asked]
    unknown = (word for each in asked for word, question in each.items() if question is None)
    return known, tuple(dict.fromkeys(unknown))


def where_enough(rows: Sequence[tuple], column: int, interval: Callable) -> Interval | None:
    """The interval of a column of rows (group, value…); None where fewer than 5 groups are left."""
    groups = [row[0] for row in rows]
    if len(set(groups)) < FEWEST_GROUPS:
        return None
    return interval([row[column] for row in rows], groups)
