"""Right implementations, written differently: none may lose a mark."""

from __future__ import annotations

import itertools

import numpy as np

from attentif.bias.likelihood import pseudo_log_likelihood
from attentif.bias.scorer import MaskedScorer
from attentif.bias.statistics import cluster_bootstrap
from attentif.limits.cloze import distributions, gap
from attentif.limits.word_order import (
    WordOrderResult,
    known_sentences,
    shares_bounded,
    shuffled,
    with_middle_hidden,
)
from attentif_grading.exercises import variant


@variant
def sentence_by_sentence(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    scorer, rng = MaskedScorer(model, tokenizer), np.random.default_rng(seed)
    known, unknown = known_sentences(scorer, sentences, n, n_shuffles)
    costs, shares = [], []
    for sentence in known:
        shuffles = [shuffled(sentence, n, rng) for _ in range(n_shuffles)]
        own, others = likelihood(model, tokenizer, [sentence]), likelihood(model, tokenizer, shuffles)
        n_tokens = len(scorer.encode(sentence).ids) - 2
        costs.append(sum((float(own[0]) - float(other)) / n_tokens for other in others) / n_shuffles)
        masked = with_middle_hidden(sentence)
        contexts = [gap(scorer, each) for each in [masked] + [shuffled(masked, n, rng) for _ in shuffles]]
        rows = distributions(scorer, contexts)
        first, *guesses = (rows[context].argmax().item() for context in contexts)
        shares.append(guesses.count(first) / n_shuffles)
    groups = [str(number) for number in range(len(known))]
    return WordOrderResult(
        cost=interval(costs, groups),
        retention=shares_bounded(shares, groups, interval),
        n_used=len(known),
        unknown=unknown,
    )


@variant
def orders_listed_and_chosen(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    scorer, rng = MaskedScorer(model, tokenizer), np.random.default_rng([seed, 1])
    known, unknown = known_sentences(scorer, sentences, n, n_shuffles)

    def another(words, fixed):
        cut = n * (len(words) // n)
        grams = [words[at : at + n] for at in range(0, cut, n)]
        free = [index for index, gram in enumerate(grams) if fixed not in gram]
        if len(free) < 6:
            orders = [order for order in itertools.permutations(free) if list(order) != free]
            order = orders[rng.integers(len(orders))]
        else:
            order = free
            while list(order) == free:
                order = rng.choice(free, len(free), replace=False).tolist()
        placed = dict(zip(free, order, strict=True))
        moved = [grams[placed.get(index, index)] for index in range(len(grams))]
        return list(itertools.chain(*moved, words[cut:]))

    costs, shares = [], []
    for sentence in known:
        end = " ." if sentence.endswith(" .") else ""
        words = sentence.removesuffix(" .").split()
        copies = [" ".join(another(words, None)) + end for _ in range(n_shuffles)]
        scores = np.asarray(likelihood(model, tokenizer, [*copies, sentence]))
        costs.append(scores[-1] - scores[:-1].mean())
        costs[-1] /= len(scorer.encode(sentence).positions)
        hidden = list(words)
        hidden[(len(words) - 1) // 2] = "[MASK]"
        texts = [hidden] + [another(hidden, "[MASK]") for _ in range(n_shuffles)]
        ids = [scorer.encode(" ".join(text) + end).ids for text in texts]
        rows = scorer.log_probabilities(ids, [[each.index(scorer.mask_id)] for each in ids])
        best = rows.argmax(-1)
        shares.append(float((best[1:] == best[0]).double().mean()))
    groups = np.arange(len(known)).tolist()
    return WordOrderResult(
        interval([float(cost) for cost in costs], groups),
        shares_bounded(shares, groups, interval),
        len(known),
        list(unknown),
    )
