"""Wrong answers to negation_probe outside its catalogue, each with the catalogued mistakes that are true of it."""

from __future__ import annotations

import math
from dataclasses import replace

from attentif.bias.scorer import MaskedScorer
from attentif.bias.statistics import Interval, cluster_bootstrap
from attentif.limits.cloze import ask_items, distributions
from attentif.limits.negation import negation_probe
from attentif.limits.proportion import proportion

FORMS = ("affirmative", "negated")


def _rows(model, tokenizer, items):
    scorer = MaskedScorer(model, tokenizer)
    kept, _ = ask_items(scorer, items, 5)
    rows = distributions(scorer, [question.context for _, asked in kept for question in asked])
    answers = [[(rows[q.context], q.token_id) for q in asked] for _, asked in kept]
    return answers, [item.cluster for item, _ in kept]


def forms_exchanged(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    found = negation_probe(model, tokenizer, items, k, margin, interval)
    names = ("accuracy", "sensitivity", "margin")
    pairs = {f"{name}_{a}": getattr(found, f"{name}_{b}") for name in names for a, b in (FORMS, FORMS[::-1])}
    return replace(found, **pairs)


def errors_counted(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    found = negation_probe(model, tokenizer, items, k, margin, interval)

    def rest(share):
        return Interval(
            1 - share.estimate, 1 - share.high, 1 - share.low, share.n_groups, share.effective_size
        )

    names = [f"{name}_{form}" for name in ("accuracy", "sensitivity", "margin") for form in FORMS]
    return replace(found, **{name: rest(getattr(found, name)) for name in names})


def words_of_right_completions_compared(
    model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap
):
    found = negation_probe(model, tokenizer, items, k, margin, interval)
    answers, groups = _rows(model, tokenizer, items)
    same = [yes[0].argmax() == no[0].argmax() for yes, _, _, no in answers]
    return replace(found, overlap=proportion([bool(each) for each in same], groups, interval))


def overlap_of_the_k_best(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    found = negation_probe(model, tokenizer, items, k, margin, interval)
    answers, groups = _rows(model, tokenizer, items)
    shares = []
    for yes, _, no, _ in answers:
        best = [set(row.topk(k).indices.tolist()) for row in (yes[0], no[0])]
        shares.append(len(best[0] & best[1]) / k)
    return replace(found, overlap=interval(shares, groups))


def published_margin(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    return negation_probe(model, tokenizer, items, k, 0.01, interval)


def total_variation(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    found = negation_probe(model, tokenizer, items, k, margin, interval)
    answers, groups = _rows(model, tokenizer, items)
    total = [float((yes[0].exp() - no[0].exp()).abs().sum() / 2) for yes, _, no, _ in answers]
    return replace(found, distance=interval(total, groups))


def divergence_in_nats(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    found = negation_probe(model, tokenizer, items, k, margin, interval)
    answers, groups = _rows(model, tokenizer, items)
    values = []
    for yes, _, no, _ in answers:
        p, q = yes[0].exp(), no[0].exp()
        m = (p + q) / 2
        values.append(float((p * (p / m).log() + q * (q / m).log()).sum() / 2))
    return replace(found, distance=interval(values, groups))


def negated_text_forgotten(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    found = negation_probe(model, tokenizer, items, k, margin, interval)
    return replace(
        found, **{f"{name}_negated": getattr(found, f"{name}_affirmative") for name in ("accuracy", "margin")}
    )


def counts_for_shares(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    found = negation_probe(model, tokenizer, items, k, margin, interval)

    def times(share):
        n = found.n_used
        return Interval(
            share.estimate * n, share.low * n, share.high * n, share.n_groups, share.effective_size
        )

    names = [f"{name}_{form}" for name in ("accuracy", "sensitivity", "margin") for form in FORMS]
    return replace(found, **{name: times(getattr(found, name)) for name in names})


def unknown_not_told(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    found = negation_probe(model, tokenizer, items, k, margin, interval)
    return replace(found, unknown=(), n_used=len(items))


def other_interval(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    def normal(values, groups):
        given = interval(values, groups)
        half = 1.96 * math.sqrt(max(given.estimate * (1 - given.estimate), 0.0) / len(values))
        return Interval(
            given.estimate,
            given.estimate - half,
            given.estimate + half,
            given.n_groups,
            given.effective_size,
        )

    return negation_probe(model, tokenizer, items, k, margin, normal)


def plain_numbers(model, tokenizer, items, k=5, margin=0.01, interval=cluster_bootstrap):
    found = negation_probe(model, tokenizer, items, k, margin, interval)
    return {name: getattr(getattr(found, name), "estimate", None) for name in vars(found)}


OUTSIDE = {
    forms_exchanged: (),
    errors_counted: (),
    words_of_right_completions_compared: (),
    overlap_of_the_k_best: (),
    published_margin: (),
    total_variation: (),
    divergence_in_nats: ("divergence_without_root", "natural_logarithm"),
    negated_text_forgotten: (),
    counts_for_shares: (),
    unknown_not_told: (),
    other_interval: (),
    plain_numbers: (),
}
