"""Wrong answers to number_probe outside its catalogue, each with the catalogued mistakes that are true of it."""

from __future__ import annotations

from dataclasses import replace

from attentif.bias.scorer import MaskedScorer
from attentif.limits.cloze import ask_items
from attentif.limits.numbers import number_probe
from attentif.limits.proportion import exact_proportion


def kinds_pooled(model, tokenizer, items, integers=range(100)):
    found = number_probe(model, tokenizer, items, integers)
    hits = [index < share.hits for share in found.accuracy.values() for index in range(share.n)]
    pooled = exact_proportion(hits, 0.5)
    return replace(found, accuracy=dict.fromkeys(found.accuracy, pooled))


def errors_counted(model, tokenizer, items, integers=range(100)):
    found = number_probe(model, tokenizer, items, integers)
    shares = {
        kind: exact_proportion([index >= share.hits for index in range(share.n)], share.chance)
        for kind, share in found.accuracy.items()
    }
    return replace(found, accuracy=shares)


def level_of_90(model, tokenizer, items, integers=range(100)):
    found = number_probe(model, tokenizer, items, integers)
    shares = {
        kind: exact_proportion([index < share.hits for index in range(share.n)], share.chance, level=0.9)
        for kind, share in found.accuracy.items()
    }
    return replace(found, accuracy=shares)


def chance_of_the_vocabulary(model, tokenizer, items, integers=range(100)):
    found = number_probe(model, tokenizer, items, integers)
    shares = {
        kind: exact_proportion([index < share.hits for index in range(share.n)], 1 / len(tokenizer.vocab))
        if hasattr(tokenizer, "vocab")
        else exact_proportion([index < share.hits for index in range(share.n)], 1 / 40)
        for kind, share in found.accuracy.items()
    }
    return replace(found, accuracy=shares)


def answer_last(model, tokenizer, items, integers=range(100)):
    found = number_probe(model, tokenizer, items, integers)
    scorer = MaskedScorer(model, tokenizer)
    kept, _ = ask_items(scorer, items)
    hits = {}
    for item, asked in kept:
        row = scorer.log_probabilities([asked[0].ids], [[asked[0].position]])[0]
        last = all(row[q.token_id] < row[asked[-1].token_id] for q in asked[:-1])
        hits.setdefault(item.kind, []).append(last)
    shares = {kind: exact_proportion(hits[kind], found.accuracy[kind].chance) for kind in hits}
    return replace(found, accuracy=shares)


def largest_integer_left_out(model, tokenizer, items, integers=range(100)):
    return number_probe(model, tokenizer, items, sorted(integers)[:-1])


def one_piece_less(model, tokenizer, items, integers=range(100)):
    found = number_probe(model, tokenizer, items, integers)
    return replace(found, pieces={number: count - 1 for number, count in found.pieces.items()})


def nothing_unknown(model, tokenizer, items, integers=range(100)):
    return replace(number_probe(model, tokenizer, items, integers), unknown_integers=(), unknown=())


def shares_alone(model, tokenizer, items, integers=range(100)):
    found = number_probe(model, tokenizer, items, integers)
    return replace(found, accuracy={kind: share.estimate for kind, share in found.accuracy.items()})


OUTSIDE = {
    kinds_pooled: (),
    errors_counted: (),
    level_of_90: (),
    chance_of_the_vocabulary: (),
    answer_last: (),
    largest_integer_left_out: (),
    one_piece_less: (),
    nothing_unknown: (),
    shares_alone: (),
}
