"""Wrong answers to crows_pairs_metric outside its catalogue, each with the catalogued mistakes that are true of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attentif.bias.preferences import Preferences, checked_scores, crows_pairs_metric


def distance_from_fifty(scores, directions=None, official=False):
    found = crows_pairs_metric(scores, directions, official)
    return replace(found, metric=abs(found.metric - 50))


def mean_difference(scores, directions=None, official=False):
    found = crows_pairs_metric(scores, directions, official)
    array, _ = checked_scores(scores, directions)
    return replace(found, metric=float(np.clip(np.nanmean(array[:, 0] - array[:, 1]), 0, 100)))


def share_of_the_total_margin(scores, directions=None, official=False):
    found = crows_pairs_metric(scores, directions, official)
    gaps = [first - second for first, second in scores if first == first and second == second]
    total = sum(map(abs, gaps))
    return replace(found, metric=100 * sum(gap for gap in gaps if gap > 0) / total if total else 50.0)


def first_score_above_the_mean(scores, directions=None, official=False):
    found = crows_pairs_metric(scores, directions, official)
    first = np.array(scores, dtype=float)[:, 0]
    return replace(found, metric=float(100 * np.mean(first > np.nanmean(first))))


def directions_exchanged(scores, directions=None, official=False):
    found = crows_pairs_metric(scores, directions, official)
    return replace(found, stereotype=found.antistereotype, antistereotype=found.stereotype)


def neutral_of_the_directions(scores, directions=None, official=False):
    found = crows_pairs_metric(scores, directions, official)
    return replace(found, neutral=100 - found.neutral)


def all_shares_over_sentences(scores, directions=None, official=False):
    found = crows_pairs_metric(scores, directions, official)
    names = ("metric", "stereotype", "antistereotype")
    return replace(found, **{name: getattr(found, name) / 2 for name in names})


def rounded_to_tens(scores, directions=None, official=False):
    found = crows_pairs_metric(scores, directions, official)
    names = ("metric", "stereotype", "antistereotype", "neutral")
    return replace(found, **{name: float(np.round(getattr(found, name), -1)) for name in names})


def one_pair_too_few(scores, directions=None, official=False):
    found = crows_pairs_metric(scores, directions, official)
    won = found.metric * found.n_pairs / 100
    return replace(found, metric=min(100.0, 100 * won / max(1, found.n_pairs - 1)))


def a_number(scores, directions=None, official=False):
    return crows_pairs_metric(scores, directions, official).metric


def always_fifty(scores, directions=None, official=False):
    return Preferences(50.0, 50.0, 50.0, 0.0, len(scores), 0)


def ties_won_and_fractions(scores, directions=None, official=False):
    won = np.array([first >= second for first, second in scores])
    return Preferences(float(won.mean()), float(won.mean()), float(won.mean()), 0.0, len(won), 0)


OUTSIDE = {
    distance_from_fifty: (),
    mean_difference: (),
    share_of_the_total_margin: (),
    first_score_above_the_mean: (),
    directions_exchanged: (),
    neutral_of_the_directions: (),
    all_shares_over_sentences: (),
    rounded_to_tens: (),
    one_pair_too_few: (),
    a_number: (),
    always_fifty: ("official_ignored", "unscored_in_n_pairs"),
    ties_won_and_fractions: ("ties_won", "fractions", "unscored_in_n_pairs"),
}
