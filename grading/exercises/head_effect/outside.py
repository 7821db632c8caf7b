"""Wrong answers to head_effect outside its catalogue, each with the catalogued mistakes that are true of it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from attentif.bias.scorer import MaskedScorer
from attentif.limits.inside import on_head_outputs
from attentif.limits.mediation import HeadEffect, check_mediation, head_effect


def _patched(edit):
    """An answer whose copies are changed by edit(found, mine, theirs, copy, head) in the layer of each head."""

    def answer(model, tokenizer, original, counterfactual, words, heads):
        scorer = MaskedScorer(model, tokenizer)
        ids, other, position, (one, two) = check_mediation(scorer, original, counterfactual, words, heads)
        rows = [ids, other] + [ids] * len(heads)

        def change(layer, found):
            found = found.clone()
            for number, (at, head) in enumerate(heads, start=2):
                if at == layer:
                    edit(found, number, head)
            return found

        with on_head_outputs(model, change):
            table = scorer.log_probabilities(rows, [[position]] * len(rows))
        odds = (table[:, one] - table[:, two]).numpy()
        return HeadEffect(float(odds[1] - odds[0]), odds[2:] - odds[0])

    answer.__name__ = edit.__name__
    return answer


def half_way(found, number, head):
    found[number, :, head] = (found[0, :, head] + found[1, :, head]) / 2


def added_instead_of_exchanged(found, number, head):
    found[number, :, head] += found[1, :, head]


def mean_over_positions(found, number, head):
    found[number, :, head] = found[1, :, head].mean(dim=0)


def the_other_head(found, number, head):
    found[number, :, head] = found[1, :, 1 - head]


def other_head_patched(found, number, head):
    found[number, :, 1 - head] = found[1, :, 1 - head]


def one_position_late(found, number, head):
    found[number, :, head] = found[1, :, head].roll(1, dims=0)


def up_to_the_middle(found, number, head):
    half = found.size(1) // 2
    found[number, :half, head] = found[1, :half, head]


def _of_effects(change):
    def answer(model, tokenizer, original, counterfactual, words, heads):
        return change(head_effect(model, tokenizer, original, counterfactual, words, heads))

    answer.__name__ = change.__name__
    return answer


def absolute_values(found):
    return HeadEffect(abs(found.total) + 1e-3, np.abs(found.indirect))


def what_is_left(found):
    return replace(found, indirect=found.total - found.indirect)


def in_bits(found):
    return HeadEffect(found.total / math.log(2), found.indirect / math.log(2))


def sorted_by_size(found):
    return HeadEffect(found.total, -np.sort(-np.abs(found.indirect)))


def mean_for_all(found):
    return HeadEffect(found.total, np.full(len(found.indirect) + 1, found.indirect.mean()))


def rounded(found):
    return HeadEffect(round(found.total, 1), np.round(found.indirect, 1))


def texts_exchanged(model, tokenizer, original, counterfactual, words, heads):
    return head_effect(model, tokenizer, counterfactual, original, words, heads)


OUTSIDE = {
    **{
        _patched(edit): ()
        for edit in (
            half_way,
            added_instead_of_exchanged,
            mean_over_positions,
            the_other_head,
            other_head_patched,
            one_position_late,
            up_to_the_middle,
        )
    },
    **{
        _of_effects(change): ()
        for change in (absolute_values, what_is_left, in_bits, sorted_by_size, mean_for_all, rounded)
    },
    texts_exchanged: ("patched_in_the_counterfactual", "total_reversed"),
}
