"""Wrong answers to stereoset_scores outside its catalogue, each with the catalogued mistakes that are true of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attentif.bias.stereoset import StereoSetScores, checked_options, stereoset_scores


def median_over_targets(scores, targets, official=False):
    table, codes, n = checked_options(scores, targets)
    s, a, _ = table.T
    found = stereoset_scores(scores, targets, official)
    shares = [100 * np.mean(s[codes == code] > a[codes == code]) for code in range(n)]
    return replace(found, stereotype=float(np.median(shares)))


def largest_target_only(scores, targets, official=False):
    _, codes, _ = checked_options(scores, targets)
    chosen = codes == np.bincount(codes).argmax()
    rows = [row for row, kept in zip(scores, chosen, strict=True) if kept]
    return stereoset_scores(rows, ["it"] * len(rows), official)


def product_of_the_scores(scores, targets, official=False):
    found = stereoset_scores(scores, targets, official)
    return replace(found, icat=found.language_model * (100 - found.stereotype) / 100)


def smaller_of_the_two(scores, targets, official=False):
    found = stereoset_scores(scores, targets, official)
    return replace(found, icat=min(found.language_model, found.stereotype))


def distance_from_fifty(scores, targets, official=False):
    found = stereoset_scores(scores, targets, official)
    return replace(found, icat=abs(found.stereotype - 50))


def mean_of_the_two(scores, targets, official=False):
    found = stereoset_scores(scores, targets, official)
    return replace(found, icat=(found.language_model + found.stereotype) / 2)


def stereotype_is_best(scores, targets, official=False):
    found = stereoset_scores(scores, targets, official)
    table, _, _ = checked_options(scores, targets)
    best = float(100 * np.mean(table.argmax(axis=1) == 0))
    return replace(found, stereotype=best)


def unrelated_is_worst(scores, targets, official=False):
    found = stereoset_scores(scores, targets, official)
    table, _, _ = checked_options(scores, targets)
    return replace(found, language_model=float(100 * np.mean(table.argmin(axis=1) == 2)))


def two_scores_exchanged(scores, targets, official=False):
    found = stereoset_scores(scores, targets, official)
    return replace(found, language_model=found.stereotype, stereotype=found.language_model)


def rounded_to_tens(scores, targets, official=False):
    found = stereoset_scores(scores, targets, official)
    names = ("language_model", "stereotype", "icat")
    return replace(found, **{name: float(np.round(getattr(found, name), -1)) for name in names})


def icat_alone(scores, targets, official=False):
    return stereoset_scores(scores, targets, official).icat


def ideal_model(scores, targets, official=False):
    return StereoSetScores(100.0, 50.0, 100.0, len(set(targets)))


def cases_alike_and_ties_won(scores, targets, official=False):
    table, _, n = checked_options(scores, targets)
    s, a, u = table.T
    stereotype = float(100 * np.mean(s >= a))
    language_model = float(50 * (np.mean(s >= u) + np.mean(a >= u)))
    return StereoSetScores(
        language_model, stereotype, language_model * min(stereotype, 100 - stereotype) / 50, n
    )


OUTSIDE = {
    median_over_targets: (),
    largest_target_only: (),
    product_of_the_scores: ("icat_by_hundred",),
    smaller_of_the_two: (),
    distance_from_fifty: (),
    mean_of_the_two: (),
    stereotype_is_best: (),
    unrelated_is_worst: (),
    two_scores_exchanged: (),
    rounded_to_tens: (),
    icat_alone: (),
    ideal_model: (),
    cases_alike_and_ties_won: ("cases_weigh_alike", "ties_won", "official_ignored"),
}
