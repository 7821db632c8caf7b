"""Wrong adjustments outside the catalogue: caught they must be, named only if it is true."""

from __future__ import annotations

import numpy as np

from attentif.bias.paired import check_p_values, holm


def unchanged(p_values):
    return check_p_values(p_values)


def decisions(p_values):
    return (holm(p_values) <= 0.05).astype(float)


def divided(p_values):
    p = check_p_values(p_values)
    return p / len(p)


def smallest_only(p_values):
    p = check_p_values(p_values)
    found = p.copy()
    found[np.argmin(p)] = min(1.0, len(p) * p.min())
    return found


def twice(p_values):
    return np.minimum(2 * check_p_values(p_values), 1.0)


def largest_of_all(p_values):
    found = holm(p_values)
    return np.full(len(found), found.max())


def rounded(p_values):
    return holm(p_values).round(1)


def by_place(p_values):
    p = check_p_values(p_values)
    return np.minimum(np.maximum.accumulate(p * np.arange(len(p), 0, -1)), 1.0)


def a_sum(p_values):
    return float(holm(p_values).sum())


def bonferroni_uncapped(p_values):
    p = check_p_values(p_values)
    return len(p) * p


OUTSIDE = {
    unchanged: (),
    decisions: (),
    divided: (),
    smallest_only: (),
    twice: (),
    largest_of_all: (),
    rounded: (),
    by_place: (),
    a_sum: (),
    bonferroni_uncapped: ("bonferroni", "not_capped"),
}
