"""Wrong answers to word_order_probe outside its catalogue, each with the catalogued mistakes that are true of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attentif.bias.likelihood import pseudo_log_likelihood
from attentif.bias.scorer import MaskedScorer
from attentif.bias.statistics import Interval, cluster_bootstrap
from attentif.limits.word_order import known_sentences, shuffled, word_order_probe


def _costs(model, tokenizer, sentences, n, n_shuffles, seed, likelihood, combined):
    scorer, rng = MaskedScorer(model, tokenizer), np.random.default_rng(seed)
    known, _ = known_sentences(scorer, sentences, n, n_shuffles)
    costs = []
    for sentence in known:
        copies = [sentence, *(shuffled(sentence, n, rng) for _ in range(n_shuffles))]
        scores = likelihood(model, tokenizer, copies)
        costs.append(float(combined(scores, scorer.encode(sentence), scorer, copies)))
    return costs


def _with_costs(combined, groups=None):
    def answer(
        model,
        tokenizer,
        sentences,
        n=1,
        n_shuffles=5,
        seed=0,
        likelihood=pseudo_log_likelihood,
        interval=cluster_bootstrap,
    ):
        found = word_order_probe(model, tokenizer, sentences, n, n_shuffles, seed, likelihood, interval)
        costs = _costs(model, tokenizer, sentences, n, n_shuffles, seed, likelihood, combined)
        return replace(found, cost=interval(costs, range(len(costs)) if groups is None else groups(costs)))

    return answer


def ratio(*args, **options):
    return _with_costs(lambda scores, encoding, *_: scores[0] / scores[1:].mean() / len(encoding.positions))(
        *args, **options
    )


def best_shuffle(*args, **options):
    return _with_costs(
        lambda scores, encoding, *_: (scores[0] - scores[1:].max() / 2) / len(encoding.positions)
    )(*args, **options)


def sentence_in_the_mean(*args, **options):
    return _with_costs(lambda scores, encoding, *_: (scores[0] - scores.mean()) / len(encoding.positions))(
        *args, **options
    )


def size_only(*args, **options):
    return _with_costs(lambda scores, encoding, *_: scores[0] / len(encoding.positions))(*args, **options)


def square_of_the_length(*args, **options):
    return _with_costs(
        lambda scores, encoding, *_: (scores[0] - scores[1:].mean()) / len(encoding.positions) ** 2
    )(*args, **options)


def in_bits(*args, **options):
    return _with_costs(
        lambda scores, encoding, *_: (scores[0] - scores[1:].mean()) / len(encoding.positions) / np.log(2)
    )(*args, **options)


def probabilities_averaged(*args, **options):
    return _with_costs(
        lambda scores, encoding, *_: (
            np.exp(scores / len(encoding.positions))[0] - np.exp(scores / len(encoding.positions))[1:].mean()
        )
    )(*args, **options)


def one_minus_retention(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    found = word_order_probe(model, tokenizer, sentences, n, n_shuffles, seed, likelihood, interval)
    kept = found.retention
    lost = Interval(1 - kept.estimate, 1 - kept.high, 1 - kept.low, kept.n_groups, kept.effective_size)
    return replace(found, retention=lost)


def always_the_same_seed(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    return word_order_probe(model, tokenizer, sentences, n, n_shuffles, 12, likelihood, interval)


def first_five_alone(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    known, _ = known_sentences(MaskedScorer(model, tokenizer), sentences, n, n_shuffles)
    return word_order_probe(model, tokenizer, known[:5], n, n_shuffles, seed, likelihood, interval)


def two_numbers(
    model,
    tokenizer,
    sentences,
    n=1,
    n_shuffles=5,
    seed=0,
    likelihood=pseudo_log_likelihood,
    interval=cluster_bootstrap,
):
    found = word_order_probe(model, tokenizer, sentences, n, n_shuffles, seed, likelihood, interval)
    return found.cost.estimate, found.retention.estimate


OUTSIDE = {
    ratio: (),
    best_shuffle: (),
    sentence_in_the_mean: (),
    size_only: (),
    square_of_the_length: (),
    in_bits: (),
    probabilities_averaged: (),
    one_minus_retention: (),
    always_the_same_seed: (),
    first_five_alone: (),
    two_numbers: (),
}
