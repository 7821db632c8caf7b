"""Wrong answers to log_odds outside its catalogue, each with the catalogued mistakes that are true of it."""

from __future__ import annotations

import math

from attentif.bias.candidates import single_token
from attentif.bias.scorer import MaskedScorer


def _logs(model, tokenizer, template, first, second, shift=0, hidden=None):
    scorer = MaskedScorer(model, tokenizer)
    found = []
    for word in (first, second):
        ids, place = single_token(scorer, template, word)
        asked = scorer.masked(ids, [place] if hidden is None else hidden(ids, place))
        place_read = min(place + shift, len(ids) - 1)
        found.append(scorer.log_probabilities([asked], [[place_read]])[0, ids[place]].item())
    return found


def one_after(model, tokenizer, template, first, second):
    a, b = _logs(model, tokenizer, template, first, second, shift=1)
    return a - b


def everything_masked(model, tokenizer, template, first, second):
    a, b = _logs(model, tokenizer, template, first, second, hidden=lambda ids, place: range(1, len(ids) - 1))
    return a - b


def next_word_masked_too(model, tokenizer, template, first, second):
    a, b = _logs(
        model,
        tokenizer,
        template,
        first,
        second,
        hidden=lambda ids, place: [place, place + 1] if place < len(ids) - 2 else [place, max(1, place - 1)],
    )
    return a - b


def share_of_the_first(model, tokenizer, template, first, second):
    a, b = _logs(model, tokenizer, template, first, second)
    return math.exp(a) / (math.exp(a) + math.exp(b))


def first_word_only(model, tokenizer, template, first, second):
    return _logs(model, tokenizer, template, first, second)[0]


def sum_of_the_two(model, tokenizer, template, first, second):
    return sum(_logs(model, tokenizer, template, first, second))


def half_of_it(model, tokenizer, template, first, second):
    a, b = _logs(model, tokenizer, template, first, second)
    return (a - b) / 2


def relative_difference(model, tokenizer, template, first, second):
    p, q = (math.exp(log) for log in _logs(model, tokenizer, template, first, second))
    return (p - q) / (p + q)


def sign_only(model, tokenizer, template, first, second):
    a, b = _logs(model, tokenizer, template, first, second)
    return math.copysign(1.0, a - b)


def exponential_of_it(model, tokenizer, template, first, second):
    a, b = _logs(model, tokenizer, template, first, second)
    return math.exp(abs(a - b))


def whole_sentences(model, tokenizer, template, first, second):
    scorer = MaskedScorer(model, tokenizer)
    totals = []
    for word in (first, second):
        ids, _ = single_token(scorer, template, word)
        inside = range(1, len(ids) - 1)
        rows = scorer.log_probabilities([scorer.masked(ids, [n]) for n in inside], [[n] for n in inside])
        totals.append(sum(row[ids[n]].item() for row, n in zip(rows, inside, strict=True)) / len(rows))
    return totals[0] - totals[1]


def two_numbers(model, tokenizer, template, first, second):
    return _logs(model, tokenizer, template, first, second)


def key_error(model, tokenizer, template, first, second):
    return {}[first]


OUTSIDE = {
    one_after: (),
    everything_masked: (),
    next_word_masked_too: (),
    share_of_the_first: (),
    first_word_only: (),
    sum_of_the_two: (),
    half_of_it: (),
    relative_difference: (),
    sign_only: (),
    exponential_of_it: (),
    whole_sentences: (),
    two_numbers: (),
    key_error: (),
}
