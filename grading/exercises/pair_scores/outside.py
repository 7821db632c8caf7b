"""Wrong answers to pair_scores outside its catalogue, each with the catalogued mistakes that are true of it."""

from __future__ import annotations

import math

import numpy as np

from attentif.bias.alignment import align_pair
from attentif.bias.pair_scores import check_pairs, received_weights
from attentif.bias.scorer import MaskedScorer


def _scores(
    model,
    tokenizer,
    pairs,
    kind,
    batch_size,
    official,
    *,
    chosen=None,
    hide=None,
    read=0,
    made=None,
    token=None,
):
    """The scores, some of the steps replaced."""
    check_pairs(pairs, kind, batch_size)
    scorer = MaskedScorer(model, tokenizer)
    table = []
    for pair in pairs:
        aligned = align_pair(scorer, *pair, official)
        row = []
        for sentence in (aligned.first, aligned.second):
            sets = {"unmodified": sentence.shared, "modified": sentence.modified}
            places = sets.get(kind, sentence.content) if chosen is None else chosen(kind, sentence)
            values = []
            for place in places:
                covered = [place] if kind in sets else []
                covered = covered if hide is None else hide(kind, sentence, place)
                asked = [scorer.masked(sentence.ids, covered)]
                logs = scorer.log_probabilities(asked, [[min(place + read, len(sentence.ids) - 1)]])[0]
                values.append(
                    logs[sentence.ids[place] if token is None else token(scorer, sentence, place)].item()
                )
            if kind == "aula" and chosen is None:
                values = (np.array(values) * received_weights(scorer, [sentence], 1)[0]).tolist()
            if made is not None:
                row.append(made(kind, values, sentence))
            else:
                row.append(sum(values) if kind == "unmodified" else np.mean(values) if values else math.nan)
        table.append([math.nan] * 2 if any(map(math.isnan, row)) else row)
    return np.round(table, 3) if official else np.array(table)


def one_after(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return _scores(model, tokenizer, pairs, kind, batch_size, official, read=1)


def next_token_masked_too(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def hide(kind, sentence, place):
        return [place, min(place + 1, sentence.content[-1])] if kind in ("unmodified", "modified") else []

    return _scores(model, tokenizer, pairs, kind, batch_size, official, hide=hide)


def changed_masked_with_the_shared(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def hide(kind, sentence, place):
        if kind == "unmodified":
            return [place, *sentence.modified]
        return [place] if kind == "modified" else []

    return _scores(model, tokenizer, pairs, kind, batch_size, official, hide=hide)


def mask_scored(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def token(scorer, sentence, place):
        return scorer.mask_id

    return _scores(model, tokenizer, pairs, kind, batch_size, official, token=token)


def first_changed_token_only(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def made(kind, values, sentence):
        if kind == "modified":
            return values[0] if values else math.nan
        return sum(values) if kind == "unmodified" else float(np.mean(values))

    return _scores(model, tokenizer, pairs, kind, batch_size, official, made=made)


def lowest_token(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def made(kind, values, sentence):
        return min(values, default=math.nan)

    return _scores(model, tokenizer, pairs, kind, batch_size, official, made=made)


def logarithm_of_the_mean(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def made(kind, values, sentence):
        return math.log(np.mean(np.exp(values))) if values else math.nan

    return _scores(model, tokenizer, pairs, kind, batch_size, official, made=made)


def perplexities(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def made(kind, values, sentence):
        return math.exp(-np.mean(values)) if values else math.nan

    return _scores(model, tokenizer, pairs, kind, batch_size, official, made=made)


def last_token_left_out(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    def chosen(kind, sentence):
        sets = {"unmodified": sentence.shared, "modified": sentence.modified}
        return sets.get(kind, sentence.content)[:-1] or sets.get(kind, sentence.content)

    return _scores(model, tokenizer, pairs, kind, batch_size, official, chosen=chosen)


def always_the_first_definition(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return _scores(model, tokenizer, pairs, "unmodified", batch_size, official)


def difference_of_the_two(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    scores = _scores(model, tokenizer, pairs, kind, batch_size, official)
    return scores[:, 0] - scores[:, 1]


def preferences_instead(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    scores = _scores(model, tokenizer, pairs, kind, batch_size, official)
    return (scores > scores[:, ::-1]).astype(float)


def second_first(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return _scores(model, tokenizer, pairs, kind, batch_size, official)[:, ::-1]


def sentences_in_one_column(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return _scores(model, tokenizer, pairs, kind, batch_size, official).reshape(-1)


def two_decimals(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return _scores(model, tokenizer, pairs, kind, batch_size, official).round(1)


def one_batch_only(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    scores = _scores(model, tokenizer, pairs, kind, batch_size, official)
    scores[batch_size:] = 0.0
    return scores


def key_error(model, tokenizer, pairs, kind="unmodified", batch_size=64, official=False):
    return {}[kind]


OUTSIDE = {
    one_after: (),
    next_token_masked_too: (),
    changed_masked_with_the_shared: (),
    mask_scored: (),
    first_changed_token_only: (),
    lowest_token: (),
    logarithm_of_the_mean: (),
    perplexities: (),
    last_token_left_out: (),
    always_the_first_definition: (),
    difference_of_the_two: (),
    preferences_instead: (),
    second_first: (),
    sentences_in_one_column: (),
    two_decimals: (),
    one_batch_only: (),
    key_error: (),
}
