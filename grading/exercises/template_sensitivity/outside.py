"""Wrong template sensitivities outside the catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attentif.bias.variance import checked_table, template_sensitivity


def _share(part, whole):
    return float(np.clip(part / whole, 0, 1)) if whole > 1e-12 else 0.0


def interaction_left_out(scores):
    table, found = checked_table(scores), template_sensitivity(scores)
    rest = table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()
    return replace(found, template_share=_share(np.square(rest).sum(), np.square(table - table.mean()).sum()))


def absolute_deviations(scores):
    table, found = checked_table(scores), template_sensitivity(scores)
    of_means = np.abs(table.mean(axis=1) - table.mean()).mean()
    return replace(found, template_share=_share(of_means, np.abs(table - table.mean()).mean()))


def correlation_of_templates(scores):
    table, found = checked_table(scores), template_sensitivity(scores)
    if not table.std(axis=1).all():
        return replace(found, template_share=0.0)
    return replace(found, template_share=float(abs(np.corrcoef(table)[0, 1]) ** 2 % 1.0))


def around_zero(scores):
    table, found = checked_table(scores), template_sensitivity(scores)
    between = table.shape[1] * np.square(table.mean(axis=1)).sum()
    return replace(found, template_share=_share(between, np.square(table).sum()))


def omega_squared(scores):
    table, found = checked_table(scores), template_sensitivity(scores)
    n_templates, n_words = table.shape
    total = np.square(table - table.mean()).sum()
    within = np.square(table - table.mean(axis=1, keepdims=True)).sum()
    unit = within / (n_templates * (n_words - 1))
    return replace(found, template_share=_share(total - within - (n_templates - 1) * unit, total + unit))


def medians_of_templates(scores):
    medians = np.median(checked_table(scores), axis=1)
    return replace(template_sensitivity(scores), lowest=float(medians.min()), highest=float(medians.max()))


def range_exchanged(scores):
    found = template_sensitivity(scores)
    return replace(found, lowest=found.highest, highest=found.lowest)


def disagreement(scores):
    found = template_sensitivity(scores)
    return replace(found, sign_agreement=1 - found.sign_agreement)


def neighbours_agree(scores):
    signs = np.sign(checked_table(scores))
    return replace(template_sensitivity(scores), sign_agreement=float((signs[1:] == signs[:-1]).mean()))


def transposed(scores):
    return template_sensitivity(checked_table(scores).T)


def a_tuple(scores):
    found = template_sensitivity(scores)
    return found.template_share, found.sign_agreement


def first_template_and_single_scores(scores):
    table = checked_table(scores)
    agree = float((np.sign(table) == np.sign(table[0])).mean())
    ends = {"lowest": float(table.min()), "highest": float(table.max())}
    return replace(template_sensitivity(scores), sign_agreement=agree, **ends)


OUTSIDE = {
    interaction_left_out: (),
    absolute_deviations: (),
    correlation_of_templates: (),
    around_zero: (),
    omega_squared: (),
    medians_of_templates: (),
    range_exchanged: (),
    disagreement: (),
    neighbours_agree: (),
    transposed: ("words_for_templates", "means_of_words", "sign_of_the_template"),
    a_tuple: (),
    first_template_and_single_scores: ("sign_of_the_first_template", "lowest_single_score"),
}
