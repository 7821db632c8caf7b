"""Wrong answers to fact_probe outside its catalogue, each with the catalogued mistakes that are true of it."""

from __future__ import annotations

from dataclasses import replace

from attentif.bias.scorer import MaskedScorer
from attentif.bias.statistics import Interval, cluster_bootstrap
from attentif.limits.cloze import ask_items, distributions
from attentif.limits.facts import fact_probe, where_enough
from attentif.limits.proportion import proportion


def _rows(model, tokenizer, facts):
    scorer = MaskedScorer(model, tokenizer)
    kept, _ = ask_items(scorer, facts, 5)
    rows = distributions(scorer, [question.context for _, asked in kept for question in asked])
    return [(fact, [(rows[q.context], q.token_id) for q in asked]) for fact, asked in kept]


def among_the_three_first(model, tokenizer, facts, interval=cluster_bootstrap):
    found = fact_probe(model, tokenizer, facts, interval)
    rows = _rows(model, tokenizer, facts)
    hits = [asked[0][1] in asked[0][0].topk(3).indices.tolist() for _, asked in rows]
    return replace(found, precision=proportion(hits, [fact.cluster for fact, _ in rows], interval))


def plausible_of_the_missed(model, tokenizer, facts, interval=cluster_bootstrap):
    found = fact_probe(model, tokenizer, facts, interval)
    missed = 1 - found.precision.estimate
    share = found.right_type_wrong_fact
    return replace(
        found,
        right_type_wrong_fact=Interval(
            share.estimate / missed, share.low, max(share.high, share.estimate / missed), 9, 9.0
        ),
    )


def sure_of_primed_texts(model, tokenizer, facts, interval=cluster_bootstrap):
    found = fact_probe(model, tokenizer, facts, interval)
    rows = [
        (fact.cluster, asked[-1][0].max().exp().item())
        for fact, asked in _rows(model, tokenizer, facts)
        if int(asked[0][0].argmax()) != asked[0][1]
    ]
    return replace(found, confidence_when_wrong=where_enough(rows, 1, interval))


def shift_of_the_best(model, tokenizer, facts, interval=cluster_bootstrap):
    found = fact_probe(model, tokenizer, facts, interval)
    rows = [
        (fact.cluster, (asked[0][0].max() - asked[1][0].max()).item())
        for fact, asked in _rows(model, tokenizer, facts)
        if len(asked) == 2
    ]
    return replace(found, misprime_shift=where_enough(rows, 1, interval))


def any_change_is_a_drop(model, tokenizer, facts, interval=cluster_bootstrap):
    found = fact_probe(model, tokenizer, facts, interval)
    rows = [
        (fact.cluster, float(asked[0][0].argmax() != asked[1][0].argmax()))
        for fact, asked in _rows(model, tokenizer, facts)
        if len(asked) == 2
    ]
    return replace(found, misprime_drop=where_enough(rows, 1, interval))


def square_of_the_rank(model, tokenizer, facts, interval=cluster_bootstrap):
    found = fact_probe(model, tokenizer, facts, interval)

    def squared(values, groups):
        return interval([value**2 for value in values], groups)

    other = fact_probe(model, tokenizer, facts, squared)
    return replace(found, reciprocal_rank=other.reciprocal_rank)


def errors_for_hits(model, tokenizer, facts, interval=cluster_bootstrap):
    found = fact_probe(model, tokenizer, facts, interval)
    hits = found.precision
    return replace(
        found, precision=replace(hits, estimate=1 - hits.estimate, low=1 - hits.high, high=1 - hits.low)
    )


def first_fact_left_out(model, tokenizer, facts, interval=cluster_bootstrap):
    return fact_probe(model, tokenizer, facts[1:], interval)


def no_candidate_named(model, tokenizer, facts, interval=cluster_bootstrap):
    return replace(fact_probe(model, tokenizer, facts, interval), unknown_candidates=())


def zeros_for_none(model, tokenizer, facts, interval=cluster_bootstrap):
    found = fact_probe(model, tokenizer, facts, interval)
    empty = Interval(0.0, 0.0, 0.0, 0, 0.0)
    names = ("confidence_when_wrong", "misprime_drop", "misprime_shift")
    return replace(found, **{name: empty for name in names if getattr(found, name) is None})


def only_estimates(model, tokenizer, facts, interval=cluster_bootstrap):
    found = fact_probe(model, tokenizer, facts, interval)
    return {name: getattr(value, "estimate", value) for name, value in vars(found).items()}


OUTSIDE = {
    among_the_three_first: (),
    plausible_of_the_missed: (),
    sure_of_primed_texts: (),
    shift_of_the_best: (),
    any_change_is_a_drop: (),
    square_of_the_rank: (),
    errors_for_hits: (),
    first_fact_left_out: (),
    no_candidate_named: (),
    zeros_for_none: (),
    only_estimates: (),
}
