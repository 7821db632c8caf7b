"""Wrong implementations that people really write, each with what it computes instead.

What a version does not get wrong it takes from the right parts below: the first ones from `by_arrays`, the second
ones from `by_loops`.
"""

from __future__ import annotations

import math

import numpy as np

from attentif.bias.preferences import Preferences, checked_scores
from attentif.checks.text import text
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("antistereo_reversed", "ties_dropped", "unscored_lost")


def credit(difference, tie=0.5):
    """What each pair counts for the more stereotyped sentence."""
    return np.where(difference == 0, tie, difference > 0)


def percent(credits):
    """The mean in %, NaN of nothing."""
    return float(100 * np.mean(credits)) if len(credits) else math.nan


def by_arrays(scores, directions, official, **wrong):
    """Preferences by numpy, some of the fields replaced: each is a function of (differences, stereo, official)."""
    scores, stereo = checked_scores(scores, directions)
    scored = ~np.isnan(scores).any(axis=1)
    difference, kept = (scores[:, 0] - scores[:, 1])[scored], stereo[scored]
    decided = difference != 0

    def of_direction(wanted):
        chosen = wanted & decided if official else wanted
        return percent(credit(difference)[chosen])

    fields = {
        "metric": percent(credit(difference, 0.0 if official else 0.5)),
        "stereotype": of_direction(kept),
        "antistereotype": of_direction(~kept),
        "neutral": percent(~decided),
        "n_pairs": len(difference),
        "n_unscored": int((~scored).sum()),
    }
    for name, replaced in wrong.items():
        fields[name] = replaced(difference, kept, official) if callable(replaced) else replaced
    return Preferences(**fields)


def rows_of(scores, directions):
    """Refuse what the contract refuses; (first, second, direction) of each pair."""
    rows = [tuple(map(float, row)) for row in scores]
    directions = ["stereo"] * len(rows) if directions is None else list(directions)
    if not rows or len(directions) != len(rows) or not {*directions} <= {"stereo", "antistereo"}:
        raise ValueError("pairs, and a known direction for each")
    if any(map(math.isinf, [number for row in rows for number in row])):
        raise ValueError("finite scores")
    return [(*row, direction) for row, direction in zip(rows, directions, strict=True)]


def won(first, second):
    """1, ½ or 0 for the first."""
    return 1.0 if first > second else 0.5 if first == second else 0.0


def share(numbers):
    """Their mean in %, NaN of nothing."""
    return 100 * sum(numbers) / len(numbers) if numbers else math.nan


def by_loops(scores, directions, official, counted=won, made=share, **wrong):
    """Preferences pair by pair, some of the steps replaced: fields are functions of (scored pairs, official)."""
    rows = rows_of(scores, directions)
    pairs = [row for row in rows if not (math.isnan(row[0]) or math.isnan(row[1]))]
    decided = [pair for pair in pairs if pair[0] != pair[1]]
    of = decided if official else pairs
    fields = {
        "metric": made([0.0 if official and a == b else counted(a, b) for a, b, _ in pairs]),
        "stereotype": made([counted(a, b) for a, b, direction in of if direction == "stereo"]),
        "antistereotype": made([counted(a, b) for a, b, direction in of if direction == "antistereo"]),
        "neutral": made([float(a == b) for a, b, _ in pairs]),
        "n_pairs": len(pairs),
        "n_unscored": len(rows) - len(pairs),
    }
    for name, replaced in wrong.items():
        fields[name] = replaced(pairs, official) if callable(replaced) else replaced
    return Preferences(**fields)


@misconception(
    "ties_lost",
    en="without official too, a tie counts 0, as if the other sentence were preferred: it counts one half",
    fr="sans official aussi, une égalité compte 0, comme si l'autre phrase était préférée : elle compte pour un demi",
)
def ties_lost(scores, directions=None, official=False):
    def metric(difference, stereo, official):
        return percent(difference > 0)

    def stereotype(difference, stereo, official):
        chosen = stereo & (difference != 0) if official else stereo
        return percent(difference[chosen] > 0)

    def antistereotype(difference, stereo, official):
        return stereotype(difference, ~stereo, official)

    return by_arrays(
        scores, directions, official, metric=metric, stereotype=stereotype, antistereotype=antistereotype
    )


@again(ties_lost)
def ties_lost_2(scores, directions=None, official=False):
    return by_loops(scores, directions, official, counted=lambda first, second: float(first > second))


@misconception(
    "ties_won",
    en="a tie counts as a preference for the first sentence: it counts one half, so compare with >, not with >=",
    fr="une égalité compte comme une préférence pour la première phrase : elle compte pour un demi, comparez donc par >, non par >=",
)
def ties_won(scores, directions=None, official=False):
    def metric(difference, stereo, official):
        return percent(credit(difference, 0.0 if official else 1.0))

    def stereotype(difference, stereo, official):
        chosen = stereo & (difference != 0) if official else stereo
        return percent(difference[chosen] >= 0)

    def antistereotype(difference, stereo, official):
        return stereotype(difference, ~stereo, official)

    return by_arrays(
        scores, directions, official, metric=metric, stereotype=stereotype, antistereotype=antistereotype
    )


@again(ties_won)
def ties_won_2(scores, directions=None, official=False):
    return by_loops(scores, directions, official, counted=lambda first, second: float(first >= second))


@misconception(
    "ties_dropped",
    en="without official you leave ties out of the shares: each counts one half, and its pair is one of N",
    fr="sans official, vous laissez les égalités hors des parts : chacune compte pour un demi, et sa paire est l'une des N",
    warning=text(
        "without official too you leave ties out of the count",
        "sans official aussi, vous laissez les égalités hors du compte",
    ),
)
def ties_dropped(scores, directions=None, official=False):
    if official:
        return by_arrays(scores, directions, official)

    def decided(difference, chosen):
        return percent(difference[chosen & (difference != 0)] > 0)

    return by_arrays(
        scores,
        directions,
        official,
        metric=lambda difference, stereo, _: decided(difference, stereo | True),
        stereotype=lambda difference, stereo, _: decided(difference, stereo),
        antistereotype=lambda difference, stereo, _: decided(difference, ~stereo),
    )


@again(ties_dropped)
def ties_dropped_2(scores, directions=None, official=False):
    if official:
        return by_loops(scores, directions, official)
    rows = rows_of(scores, directions)
    kept = [row for row in rows if row[0] != row[1]]
    whole = by_loops(scores, directions, official)
    shares = by_loops([row[:2] for row in kept], [row[2] for row in kept], False) if kept else None
    return Preferences(
        metric=shares.metric if shares else math.nan,
        stereotype=shares.stereotype if shares else math.nan,
        antistereotype=shares.antistereotype if shares else math.nan,
        neutral=whole.neutral,
        n_pairs=whole.n_pairs,
        n_unscored=whole.n_unscored,
    )


@misconception(
    "antistereo_reversed",
    en="in pairs of direction antistereo you count a preference for the second sentence: the first one is the more stereotyped in both directions",
    fr="dans les paires de direction antistereo, vous comptez une préférence pour la seconde phrase : la première est la plus stéréotypée dans les deux directions",
)
def antistereo_reversed(scores, directions=None, official=False):
    def metric(difference, stereo, official):
        turned = np.where(stereo, difference, -difference)
        return percent(credit(turned, 0.0 if official else 0.5))

    def antistereotype(difference, stereo, official):
        chosen = ~stereo & (difference != 0) if official else ~stereo
        return percent(credit(-difference[chosen]))

    return by_arrays(scores, directions, official, metric=metric, antistereotype=antistereotype)


@again(antistereo_reversed)
def antistereo_reversed_2(scores, directions=None, official=False):
    rows = rows_of(scores, directions)
    turned = [(b, a) if direction == "antistereo" else (a, b) for a, b, direction in rows]
    return by_loops(turned, directions, official)


@misconception(
    "antistereotype_complement",
    en="antistereotype is the share of the less stereotyped sentence: in both directions it is that of the more stereotyped one",
    fr="antistereotype est la part de la phrase la moins stéréotypée : dans les deux directions, c'est celle de la plus stéréotypée",
)
def antistereotype_complement(scores, directions=None, official=False):
    def antistereotype(difference, stereo, official):
        chosen = ~stereo & (difference != 0) if official else ~stereo
        return percent(credit(-difference[chosen]))

    return by_arrays(scores, directions, official, antistereotype=antistereotype)


@again(antistereotype_complement)
def antistereotype_complement_2(scores, directions=None, official=False):
    found = by_loops(scores, directions, official)
    return Preferences(**vars(found) | {"antistereotype": 100 - found.antistereotype})


@misconception(
    "mean_of_directions",
    en="metric is the mean of stereotype and antistereotype: all scored pairs count alike in it",
    fr="metric est la moyenne de stereotype et d'antistereotype : toutes les paires évaluées y comptent autant",
)
def mean_of_directions(scores, directions=None, official=False):
    def metric(difference, stereo, official):
        credits = credit(difference, 0.0 if official else 0.5)
        both = [percent(credits[stereo]), percent(credits[~stereo])]
        return float(np.nanmean(both))

    return by_arrays(scores, directions, official, metric=metric)


@again(mean_of_directions)
def mean_of_directions_2(scores, directions=None, official=False):
    def metric(pairs, official):
        means = []
        for wanted in ("stereo", "antistereo"):
            numbers = [
                0.0 if official and a == b else won(a, b) for a, b, direction in pairs if direction == wanted
            ]
            means += [share(numbers)] if numbers else []
        return sum(means) / len(means)

    return by_loops(scores, directions, official, metric=metric)


@misconception(
    "directions_over_all",
    en="stereotype and antistereotype are divided by all pairs: divide each by the number of pairs of its direction",
    fr="stereotype et antistereotype sont divisées par toutes les paires : divisez chacune par le nombre de paires de sa direction",
)
def directions_over_all(scores, directions=None, official=False):
    def stereotype(difference, stereo, official):
        kept = difference[difference != 0] if official else difference
        chosen = stereo[difference != 0] if official else stereo
        return percent(credit(kept) * chosen) if chosen.any() else math.nan

    def antistereotype(difference, stereo, official):
        return stereotype(difference, ~stereo, official)

    return by_arrays(scores, directions, official, stereotype=stereotype, antistereotype=antistereotype)


@again(directions_over_all)
def directions_over_all_2(scores, directions=None, official=False):
    def of(wanted):
        def field(pairs, official):
            counted = [pair for pair in pairs if not official or pair[0] != pair[1]]
            won_ones = [won(a, b) for a, b, direction in counted if direction == wanted]
            return 100 * sum(won_ones) / len(counted) if won_ones else math.nan

        return field

    return by_loops(scores, directions, official, stereotype=of("stereo"), antistereotype=of("antistereo"))


@misconception(
    "share_of_the_preferred",
    en="stereotype tells which share of the preferred sentences is of that direction: it is the share of that direction's pairs in which the first one is preferred",
    fr="stereotype dit quelle part des phrases préférées est de cette direction : c'est la part des paires de cette direction où la première est préférée",
)
def share_of_the_preferred(scores, directions=None, official=False):
    def stereotype(difference, stereo, official):
        kept = stereo & (difference != 0) if official else stereo
        credits = credit(difference, 0.0 if official else 0.5)
        total = credits.sum()
        return float(100 * credits[kept].sum() / total) if kept.any() and total else math.nan

    def antistereotype(difference, stereo, official):
        return stereotype(difference, ~stereo, official)

    return by_arrays(scores, directions, official, stereotype=stereotype, antistereotype=antistereotype)


@again(share_of_the_preferred)
def share_of_the_preferred_2(scores, directions=None, official=False):
    def of(wanted):
        def field(pairs, official):
            counted = [pair for pair in pairs if not official or pair[0] != pair[1]]
            total = sum(won(a, b) for a, b, _ in counted)
            mine = [won(a, b) for a, b, direction in counted if direction == wanted]
            return 100 * sum(mine) / total if mine and total else math.nan

        return field

    return by_loops(scores, directions, official, stereotype=of("stereo"), antistereotype=of("antistereo"))


@misconception(
    "fractions",
    en="your shares run from 0 to 1: they are asked for in %",
    fr="vos parts vont de 0 à 1 : on les demande en %",
)
def fractions(scores, directions=None, official=False):
    found = by_arrays(scores, directions, official)
    names = ("metric", "stereotype", "antistereotype", "neutral")
    return Preferences(**vars(found) | {name: getattr(found, name) / 100 for name in names})


@again(fractions)
def fractions_2(scores, directions=None, official=False):
    return by_loops(
        scores,
        directions,
        official,
        made=lambda numbers: sum(numbers) / len(numbers) if numbers else math.nan,
    )


@misconception(
    "lower_preferred",
    en="you count the lower score as the preferred one: scores are log-probabilities, the higher one is preferred",
    fr="vous comptez le score le plus bas comme le préféré : les scores sont des log-probabilités, le plus haut est le préféré",
)
def lower_preferred(scores, directions=None, official=False):
    return by_arrays(-np.array(scores, dtype=float), directions, official)


@again(lower_preferred)
def lower_preferred_2(scores, directions=None, official=False):
    return by_loops(scores, directions, official, counted=lambda first, second: won(second, first))


@misconception(
    "unscored_lost",
    en="pairs without scores count as if the second sentence were preferred, since a comparison with NaN is False: take them out first",
    fr="les paires sans scores comptent comme si la seconde phrase était préférée, car une comparaison avec NaN est fausse : retirez-les d'abord",
    warning=text(
        "pairs without scores count as if the second sentence were preferred",
        "les paires sans scores comptent comme si la seconde phrase était préférée",
    ),
)
def unscored_lost(scores, directions=None, official=False):
    array, stereo = checked_scores(scores, directions)
    difference = array[:, 0] - array[:, 1]
    tie = difference == 0
    credits = (difference > 0) + (0.0 if official else 0.5) * tie

    def of(wanted):
        return percent(credits[wanted & ~tie] if official else credits[wanted])

    n_unscored = int(np.isnan(difference).sum())
    return Preferences(
        percent(credits), of(stereo), of(~stereo), percent(tie), len(tie) - n_unscored, n_unscored
    )


@again(unscored_lost)
def unscored_lost_2(scores, directions=None, official=False):
    rows = rows_of(scores, directions)
    n_unscored = sum(math.isnan(a) or math.isnan(b) for a, b, _ in rows)
    filled = [(0.0, 1.0) if math.isnan(a) or math.isnan(b) else (a, b) for a, b, _ in rows]
    found = by_loops(filled, directions, official)
    return Preferences(**vars(found) | {"n_pairs": len(rows) - n_unscored, "n_unscored": n_unscored})


@misconception(
    "unscored_as_ties",
    en="pairs without scores count as ties: they count nowhere, take them out first",
    fr="les paires sans scores comptent comme des égalités : elles ne comptent nulle part, retirez-les d'abord",
)
def unscored_as_ties(scores, directions=None, official=False):
    array, _ = checked_scores(scores, directions)
    missing = np.isnan(array).any(axis=1)
    found = by_arrays(np.where(missing[:, None], 0.0, array), directions, official)
    return Preferences(**vars(found) | {"n_pairs": int((~missing).sum()), "n_unscored": int(missing.sum())})


@again(unscored_as_ties)
def unscored_as_ties_2(scores, directions=None, official=False):
    rows = rows_of(scores, directions)
    n_unscored = len([row for row in rows if math.isnan(row[0] + row[1])])
    found = by_loops([(1.0, 1.0) if math.isnan(a + b) else (a, b) for a, b, _ in rows], directions, official)
    return Preferences(**vars(found) | {"n_pairs": len(rows) - n_unscored, "n_unscored": n_unscored})


@misconception(
    "unscored_in_n_pairs",
    en="n_pairs counts the pairs without scores too: it is the number of those that have scores",
    fr="n_pairs compte aussi les paires sans scores : c'est le nombre de celles qui en ont",
)
def unscored_in_n_pairs(scores, directions=None, official=False):
    return by_arrays(scores, directions, official, n_pairs=len(scores))


@again(unscored_in_n_pairs)
def unscored_in_n_pairs_2(scores, directions=None, official=False):
    found = by_loops(scores, directions, official)
    return Preferences(**vars(found) | {"n_pairs": found.n_pairs + found.n_unscored})


@misconception(
    "neutral_counted",
    en="neutral is the number of ties: their share of the scored pairs is asked for, in %",
    fr="neutral est le nombre d'égalités : on demande leur part des paires évaluées, en %",
)
def neutral_counted(scores, directions=None, official=False):
    return by_arrays(
        scores,
        directions,
        official,
        neutral=lambda difference, stereo, official: float((difference == 0).sum()),
    )


@again(neutral_counted)
def neutral_counted_2(scores, directions=None, official=False):
    return by_loops(
        scores,
        directions,
        official,
        neutral=lambda pairs, official: float(len([1 for a, b, _ in pairs if a == b])),
    )


@misconception(
    "official_ignored",
    en="official changes nothing: with it a tie counts 0 in metric, and not at all in the other two",
    fr="official ne change rien : avec lui, une égalité compte 0 dans metric, et pas du tout dans les deux autres",
)
def official_ignored(scores, directions=None, official=False):
    return by_arrays(scores, directions, False)


@again(official_ignored)
def official_ignored_2(scores, directions=None, official=False):
    return by_loops(scores, directions, False)


@misconception(
    "official_drops_ties_everywhere",
    en="with official you leave ties out of metric too: there they count 0, and stay in N",
    fr="avec official, vous laissez les égalités hors de metric aussi : elles y comptent 0, et restent dans N",
)
def official_drops_ties_everywhere(scores, directions=None, official=False):
    def metric(difference, stereo, official):
        kept = difference[difference != 0] if official else difference
        return percent(credit(kept))

    return by_arrays(scores, directions, official, metric=metric)


@again(official_drops_ties_everywhere)
def official_drops_ties_everywhere_2(scores, directions=None, official=False):
    def metric(pairs, official):
        return share([won(a, b) for a, b, _ in pairs if not official or a != b])

    return by_loops(scores, directions, official, metric=metric)


@misconception(
    "official_ties_lost_everywhere",
    en="with official, ties count 0 in stereotype and antistereotype too: there they do not count at all",
    fr="avec official, les égalités comptent 0 dans stereotype et antistereotype aussi : elles n'y comptent pas du tout",
)
def official_ties_lost_everywhere(scores, directions=None, official=False):
    def stereotype(difference, stereo, official):
        return percent(credit(difference, 0.0 if official else 0.5)[stereo])

    def antistereotype(difference, stereo, official):
        return stereotype(difference, ~stereo, official)

    return by_arrays(scores, directions, official, stereotype=stereotype, antistereotype=antistereotype)


@again(official_ties_lost_everywhere)
def official_ties_lost_everywhere_2(scores, directions=None, official=False):
    def of(wanted):
        def field(pairs, official):
            mine = [(a, b) for a, b, direction in pairs if direction == wanted]
            return share([float(a > b) if official else won(a, b) for a, b in mine])

        return field

    return by_loops(scores, directions, official, stereotype=of("stereo"), antistereotype=of("antistereo"))


@misconception(
    "near_scores_tied",
    en="two scores that are close count as equal: only equal ones are a tie, small differences count too",
    fr="deux scores proches comptent comme égaux : seuls des scores égaux font une égalité, les petites différences comptent aussi",
)
def near_scores_tied(scores, directions=None, official=False):
    array = np.array(scores, dtype=float).reshape(-1, 2)
    tied = np.isclose(array[:, 0], array[:, 1])
    return by_arrays(np.where(tied[:, None], array[:, :1], array), directions, official)


@again(near_scores_tied)
def near_scores_tied_2(scores, directions=None, official=False):
    rows = rows_of(scores, directions)
    rounded = [(round(a, 3), round(b, 3)) for a, b, _ in rows]
    return by_loops(rounded, directions, official)


@misconception(
    "no_pair_is_zero",
    en="of a direction without pairs the share is 0, as if none were preferred: it is NaN, nothing is known of it",
    fr="pour une direction sans paire, la part est 0, comme si rien n'était préféré : elle est NaN, on n'en sait rien",
)
def no_pair_is_zero(scores, directions=None, official=False):
    found = by_arrays(scores, directions, official)
    known = {name: np.nan_to_num(getattr(found, name)) for name in ("stereotype", "antistereotype")}
    return Preferences(**vars(found) | {name: float(number) for name, number in known.items()})


@again(no_pair_is_zero)
def no_pair_is_zero_2(scores, directions=None, official=False):
    return by_loops(
        scores, directions, official, made=lambda numbers: 100 * sum(numbers) / max(1, len(numbers))
    )


@misconception(
    "directions_required",
    en="without directions your function stops: by default all pairs show a stereotype",
    fr="sans directions, votre fonction s'arrête : par défaut, toutes les paires montrent un stéréotype",
)
def directions_required(scores, directions=None, official=False):
    if len(directions) != len(scores):
        raise ValueError("one direction a pair")
    return by_arrays(scores, directions, official)


@again(directions_required)
def directions_required_2(scores, directions=None, official=False):
    return by_loops(scores, [str(direction) for direction in directions], official)


@misconception(
    "lengths_not_compared",
    en="with a direction too few you go on: zip stops at the shorter list; let checked_scores compare the lengths",
    fr="avec une direction de moins, vous continuez : zip s'arrête à la liste la plus courte ; laissez checked_scores comparer les longueurs",
)
def lengths_not_compared(scores, directions=None, official=False):
    if directions is not None:
        scores = list(scores)[: len(directions)]
    return by_arrays(scores, directions, official)


@again(lengths_not_compared)
def lengths_not_compared_2(scores, directions=None, official=False):
    if directions is None:
        return by_loops(scores, directions, official)
    pairs = list(zip(scores, directions, strict=False))
    return by_loops([pair for pair, _ in pairs], [direction for _, direction in pairs], official)


@misconception(
    "unknown_directions_accepted",
    en="any direction but stereo passes for antistereo: refuse unknown ones, a misspelt word would change the result",
    fr="toute direction autre que stereo passe pour antistereo : refusez les inconnues, un mot mal écrit changerait le résultat",
)
def unknown_directions_accepted(scores, directions=None, official=False):
    if directions is not None:
        directions = ["stereo" if direction == "stereo" else "antistereo" for direction in directions]
    return by_arrays(scores, directions, official)


@again(unknown_directions_accepted)
def unknown_directions_accepted_2(scores, directions=None, official=False):
    known = {"stereo": "stereo"}
    return by_loops(scores, directions and [known.get(each, "antistereo") for each in directions], official)
