"""Wrong answers to log_probability_bias outside its catalogue, each with the catalogued mistakes that are true of it."""

from __future__ import annotations

import math

from attentif.bias.association import AssociationScore, fill_template
from attentif.bias.scorer import MaskedScorer


def _logs(model, tokenizer, template, first, second, attribute, prior=None):
    """ln P of the two words, (attribute visible, prior), at the target's mask."""
    scorer = MaskedScorer(model, tokenizer)
    found = []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, [said.target])
        other, here = (scorer.masked(masked, said.attribute), said.target)
        if prior is not None:
            other, here = prior(scorer, said, masked)
        row = scorer.log_probabilities([masked], [[said.target]])[0]
        unseen = scorer.log_probabilities([other], [[here]])[0]
        found.append([logs[said.ids[said.target]].item() for logs in (row, unseen)])
    return found


def _score(found):
    raw, prior = found[0][0] - found[1][0], found[0][1] - found[1][1]
    return AssociationScore(raw, prior, raw - prior)


def attribute_left_out(model, tokenizer, template, first, second, attribute):
    def prior(scorer, said, masked):
        kept = [token for place, token in enumerate(masked) if place not in said.attribute]
        return kept, kept.index(scorer.mask_id)

    return _score(_logs(model, tokenizer, template, first, second, attribute, prior))


def prior_of_a_lone_mask(model, tokenizer, template, first, second, attribute):
    def prior(scorer, said, masked):
        return [masked[0], scorer.mask_id, masked[-1]], 1

    return _score(_logs(model, tokenizer, template, first, second, attribute, prior))


def prior_with_everything_masked(model, tokenizer, template, first, second, attribute):
    def prior(scorer, said, masked):
        return scorer.masked(masked, range(1, len(masked) - 1)), said.target

    return _score(_logs(model, tokenizer, template, first, second, attribute, prior))


def logarithm_of_the_share(model, tokenizer, template, first, second, attribute):
    (a, c), (b, d) = _logs(model, tokenizer, template, first, second, attribute)
    raw, prior = (x - math.log(math.exp(x) + math.exp(y)) for x, y in ((a, b), (c, d)))
    return AssociationScore(raw, prior, raw - prior)


def absolute_value(model, tokenizer, template, first, second, attribute):
    score = _score(_logs(model, tokenizer, template, first, second, attribute))
    return AssociationScore(score.raw, score.prior, abs(score.corrected))


def corrected_by_division(model, tokenizer, template, first, second, attribute):
    score = _score(_logs(model, tokenizer, template, first, second, attribute))
    return AssociationScore(score.raw, score.prior, score.raw / score.prior)


def right_numbers_in_the_wrong_fields(model, tokenizer, template, first, second, attribute):
    score = _score(_logs(model, tokenizer, template, first, second, attribute))
    return AssociationScore(score.prior, score.raw, score.corrected)


def prior_minus_raw(model, tokenizer, template, first, second, attribute):
    score = _score(_logs(model, tokenizer, template, first, second, attribute))
    return AssociationScore(score.raw, score.prior, -score.corrected)


def rounded_to_one_decimal(model, tokenizer, template, first, second, attribute):
    score = _score(_logs(model, tokenizer, template, first, second, attribute))
    return AssociationScore(round(score.raw, 1), round(score.prior, 1), round(score.corrected, 1))


def target_always_at_position_one(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    pair, rows = [], None
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, [said.target])
        rows = scorer.log_probabilities([masked, scorer.masked(masked, said.attribute)], [[1], [1]])
        pair.append(said.ids[said.target])
    raw, prior = (rows[:, pair[0]] - rows[:, pair[1]]).tolist()
    return AssociationScore(raw, prior, raw - prior)


def attribute_scored_instead(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    found = []
    for word in (first, second):
        said = fill_template(scorer, template, word, attribute)
        masked = scorer.masked(said.ids, said.attribute)
        both = scorer.masked(masked, [said.target])
        rows = scorer.log_probabilities([masked, both], [[said.attribute[0]]] * 2)
        found.append(rows[:, said.ids[said.attribute[0]]].tolist())
    return _score(found)


def no_prior_and_reversed(model, tokenizer, template, first, second, attribute):
    found = _logs(model, tokenizer, template, second, first, attribute)
    score = _score(found)
    return AssociationScore(score.raw, score.prior, score.raw)


def in_bits_with_the_wrong_mask(model, tokenizer, template, first, second, attribute):
    def prior(scorer, said, masked):
        return scorer.masked(masked, said.attribute), said.attribute[0]

    found = _logs(model, tokenizer, template, first, second, attribute, prior)
    return _score([[number / math.log(2) for number in pair] for pair in found])


def no_bias_anywhere(model, tokenizer, template, first, second, attribute):
    return AssociationScore(0.0, 0.0, 0.0)


def tensors_returned(model, tokenizer, template, first, second, attribute):
    scorer = MaskedScorer(model, tokenizer)
    said = fill_template(scorer, template, first, attribute)
    row = scorer.log_probabilities([said.ids], [[said.target]])[0]
    return AssociationScore(row[0], row[1], row[2])


def attribute_error(model, tokenizer, template, first, second, attribute):
    return model.association(template.format(first, attribute))


OUTSIDE = {
    attribute_left_out: ("attribute_deleted",),
    prior_of_a_lone_mask: (),
    prior_with_everything_masked: (),
    logarithm_of_the_share: (),
    absolute_value: (),
    corrected_by_division: (),
    right_numbers_in_the_wrong_fields: ("raw_and_prior_exchanged",),
    prior_minus_raw: ("prior_minus_raw",),
    rounded_to_one_decimal: (),
    target_always_at_position_one: (),
    attribute_scored_instead: (),
    no_prior_and_reversed: ("sign_reversed", "prior_not_subtracted"),
    in_bits_with_the_wrong_mask: ("bits", "prior_read_at_attribute"),
    no_bias_anywhere: (),
    tensors_returned: (),
    attribute_error: (),
}
