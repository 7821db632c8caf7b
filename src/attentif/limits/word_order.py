"""Does the order of the words matter to the model?"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import nn

from attentif.bias.encoding import MASK_ALIAS
from attentif.bias.groups import FEWEST_GROUPS
from attentif.bias.likelihood import pseudo_log_likelihood
from attentif.bias.scorer import MaskedScorer
from attentif.bias.statistics import Interval, cluster_bootstrap
from attentif.errors import InputError
from attentif.language import Remark
from attentif.language import text as both
from attentif.limits.cloze import check_enough, distributions, gap
from attentif.limits.proportion import proportion

END_SIGNS = (".", "!", "?", "…")


@dataclass(frozen=True)
class WordOrderResult:
    """What shuffling the words costs; each number with its interval over the sentences.

    Args:
        cost: mean of [PLL(S) − mean over shuffles of PLL] / T, in nats a token; 0 if order does not matter.
        retention: mean share of shuffles of the other words that leave the most probable word of a hidden one as it
            was; 1 if order does not matter.
        n_used: sentences measured.
        unknown: sentences left out for parts that the tokenizer does not know.
    """

    cost: Interval
    retention: Interval
    n_used: int
    unknown: tuple[str, ...]


def word_order_probe(
    model: nn.Module,
    tokenizer: Any,
    sentences: Sequence[str],
    n: int = 1,
    n_shuffles: int = 5,
    seed: int = 0,
    likelihood: Callable = pseudo_log_likelihood,
    interval: Callable = cluster_bootstrap,
) -> WordOrderResult:
    """Shuffle the n-grams of each sentence, and tell how much less probable it becomes and what is still guessed.

    With π_k(S) the k-th shuffle of the sentence S of T tokens,

        cost(S)      = [PLL(S) − (1/K) Σ_k PLL(π_k(S))] / T
        retention(S) = (1/K) Σ_k [the most probable word at the mask is the same in S and in its k-th shuffle]

    for K = n_shuffles. For the retention the middle word of S is hidden and its n-gram stays where it is; the
    others are shuffled (`shuffled`). With a larger n more of the local order is kept. A model of bags of words
    has a cost of 0 and a retention of 1.

    Args:
        model: a masked language model, of `transformers` or of this library.
        tokenizer: its tokenizer.
        sentences: at least 5 that the tokenizer knows, each of at least three n-grams, with a first word that is no name.
        n: how many neighbouring words stay together.
        n_shuffles: K, at least 1.
        seed: of numpy's generator; the same seed shuffles the same way.
        likelihood: scores sentences, called as likelihood(model, tokenizer, sentences), nats.
        interval: how to bound a mean of grouped values, called as interval(values, groups).

    Returns:
        WordOrderResult; each sentence is a group of its own.

    Raises:
        InputError (a ValueError): fewer than 5 known sentences, one too short, n or n_shuffles below 1.

    Source: Sinha et al. 2021, "Masked Language Modeling and the Distributional Hypothesis", §4 (shuffled n-grams);
        Pham et al. 2021, "Out of Order".

    >>> from attentif.checks.recipes import context_model, word_tokenizer
    >>> tokenizer = word_tokenizer(list("abcdefg"))
    >>> sentences = ["a b c d", "b c d e f", "c a b", "d e f g a b", "a c e g"]
    >>> found = word_order_probe(context_model(tokenizer.vocab_size, seed=1), tokenizer, sentences)
    >>> found.n_used, found.cost.n_groups
    (5, 5)
    """
    scorer = MaskedScorer(model, tokenizer)
    known, unknown = known_sentences(scorer, sentences, n, n_shuffles)
    generator = np.random.default_rng(seed)
    copies, gaps = [], []  # 1 + K of each sentence, the original first
    for sentence in known:
        copies += [sentence, *(shuffled(sentence, n, generator) for _ in range(n_shuffles))]
        hidden = with_middle_hidden(sentence)
        gaps += [hidden, *(shuffled(hidden, n, generator) for _ in range(n_shuffles))]
    scores = likelihood(model, tokenizer, copies).reshape(len(known), -1)  # (sentences, 1 + K)
    lengths = np.array([len(scorer.encode(sentence).positions) for sentence in known])
    costs = (scores[:, 0] - scores[:, 1:].mean(axis=1)) / lengths
    contexts = [gap(scorer, text) for text in gaps]
    rows = distributions(scorer, contexts)
    best = np.array([int(rows[context].argmax()) for context in contexts]).reshape(len(known), -1)
    kept = (best[:, 1:] == best[:, :1]).mean(axis=1)
    groups = range(len(known))
    return WordOrderResult(
        cost=interval(costs.tolist(), groups),
        retention=shares_bounded(kept.tolist(), groups, interval),
        n_used=len(known),
        unknown=unknown,
    )


def shuffled(sentence: str, n: int, generator: np.random.Generator) -> str:
    """The sentence with its n-grams of words in another order.

    Words are what spaces separate. They are cut from the left into n-grams; a shorter rest and a sign at the end of the
    sentence stay where they are, and so does the n-gram with a [MASK]. A capital stays at the beginning.

    >>> shuffled("Le chat noir dort ici.", 2, np.random.default_rng(0)), shuffled("a [MASK] c", 1, np.random.default_rng(0))
    ('Noir dort le chat ici.', 'c [MASK] a')
    """
    body, end = _without_end(sentence)
    words = body.split()
    capital = words[0][:1].isupper() and not words[0].startswith(MASK_ALIAS)
    if capital:
        words[0] = words[0][:1].lower() + words[0][1:]
    grams = [words[start : start + n] for start in range(0, len(words) - n + 1, n)]
    movable = [place for place, gram in enumerate(grams) if not any(MASK_ALIAS in word for word in gram)]
    different = {tuple(grams[place]) for place in movable}
    order = list(movable)
    # The same order, or one that reads the same, would measure nothing.
    while len(different) > 1 and [grams[place] for place in order] == [grams[place] for place in movable]:
        order = generator.permutation(movable).tolist()
    moved = dict(zip(movable, order, strict=True))
    new = [word for place in range(len(grams)) for word in grams[moved.get(place, place)]]
    new += words[len(new) :]
    if capital and not new[0].startswith(MASK_ALIAS):
        new[0] = new[0][:1].upper() + new[0][1:]
    return " ".join(new) + end


def with_middle_hidden(sentence: str) -> str:
    """The sentence with a mask in place of its middle word.

    >>> with_middle_hidden("Le chat noir dort ici .")
    'Le chat [MASK] dort ici .'
    """
    body, end = _without_end(sentence)
    words = body.split()
    words[(len(words) - 1) // 2] = MASK_ALIAS
    return " ".join(words) + end


def known_sentences(
    scorer: MaskedScorer, sentences: Sequence[str], n: int, n_shuffles: int
) -> tuple[list[str], tuple[str, ...]]:
    """Check the arguments of the probe, and part the sentences that the tokenizer knows from the others."""
    for name, value in (("n", n), ("n_shuffles", n_shuffles)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise InputError(
                expected=both(f"{name} to be a whole number of at least 1", f"un {name} entier, au moins 1"),
                got=repr(value),
                remedy=both("1 shuffles single words", "1 mélange les mots un par un"),
            )
    if isinstance(sentences, str) or not len(sentences):
        raise InputError(
            expected=both("a list of sentences", "une liste de phrases"),
            got=repr(sentences)[:40],
            remedy=both("put the sentences in a list", "mettez les phrases dans une liste"),
        )
    known, unknown = [], []
    for sentence in sentences:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Remark)
            scorer.encode(sentence, masks_allowed=False)
            ids = scorer.encode(_all_forms(sentence)).ids
        if len(_without_end(sentence)[0].split()) < 3 * n:
            raise InputError(
                expected=both(f"sentences of at least {3 * n} words", f"des phrases d'au moins {3 * n} mots"),
                got=repr(sentence),
                remedy=both(
                    "lower n, or take longer sentences", "baissez n, ou prenez des phrases plus longues"
                ),
            )
        (unknown if scorer.unk_id in ids else known).append(sentence)
    check_enough(set(known), len(unknown), len(sentences), FEWEST_GROUPS)
    return known, tuple(unknown)


def shares_bounded(shares: Sequence[float], groups: Sequence, interval: Callable) -> Interval:
    """The interval of a mean of shares; exact where all of them are 0 or 1, which a bootstrap may not tell from sure."""
    if all(share in (0.0, 1.0) for share in shares):
        return proportion([share == 1.0 for share in shares], groups, interval)
    return interval(list(shares), groups)


def _all_forms(sentence: str) -> str:
    """The sentence, then its words as a shuffle may write them: any can come first, with the first one's capital."""
    words = _without_end(sentence)[0].split()
    if not words or not sentence[:1].isupper():
        return sentence
    lower, upper = words[0][:1].lower() + words[0][1:], [word[:1].upper() + word[1:] for word in words[1:]]
    return " ".join([sentence, lower, *upper])


def _without_end(sentence: str) -> tuple[str, str]:
    """The sentence before its last sign, and that sign with the space before it."""
    body = sentence.rstrip()
    while body.endswith(END_SIGNS):
        body = body[:-1].rstrip()
    return body, sentence[len(body) :].rstrip()
