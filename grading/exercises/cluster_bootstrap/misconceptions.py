"""Wrong implementations that people really write, each with what it computes instead.

Most first versions go through coded_groups and numpy, most second ones through dictionaries of lists.
"""

from __future__ import annotations

import itertools
import math
import random
import statistics

import numpy as np
import torch

from attentif.bias.statistics import Interval, coded_groups
from attentif.checks.text import text
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = (
    "values_resampled",
    "drawn_twice_counted_once",
    "means_of_groups_averaged",
    "level_outside_on_each_side",
)


def checked(values, groups, n_resamples, level):
    """Refuse what the contract refuses, without a warning; the values of each group, in order of appearance."""
    members = {}
    for value, group in zip(values, groups, strict=True):
        members.setdefault(group, []).append(float(value))
    sound = all(math.isfinite(value) for value in values) and 0 < level < 1 and n_resamples >= 100
    if len(members) < 5 or not sound:
        raise ValueError("too few groups, or arguments out of range")
    return list(members.values())


def kish(members):
    """The effective size of these groups."""
    sizes = [len(each) for each in members]
    return sum(sizes) ** 2 / sum(size * size for size in sizes)


def pooled(members):
    """The mean of all values of these groups."""
    return sum(map(sum, members)) / sum(map(len, members))


def drawn_means(members, n_resamples, seed):
    """Right resampled means."""
    source, means = random.Random(seed), []
    totals = [(sum(each), len(each)) for each in members]
    for _ in range(n_resamples):
        sums, sizes = zip(*source.choices(totals, k=len(totals)), strict=True)
        means.append(sum(sums) / sum(sizes))
    return means


def quantile(means, share):
    """A quantile without interpolation."""
    ordered = sorted(means)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def two_sided(means, level):
    """(low, high)."""
    return quantile(means, (1 - level) / 2), quantile(means, (1 + level) / 2)


def made(members, low, high, **other):
    """An interval whose other fields are right, unless they are given."""
    fields = {"estimate": pooled(members), "n_groups": len(members), "effective_size": kish(members)}
    return Interval(low=low, high=high, **(fields | other))


# What is drawn


@misconception(
    "values_resampled",
    en="your interval is that of independent values, which a draw of single values gives, and σ / √N too: draw whole groups, "
    "each with all of its values",
    fr="votre intervalle est celui de valeurs indépendantes, que donne un tirage de valeurs isolées, ou σ / √N : tirez des "
    "groupes entiers, chacun avec toutes ses valeurs",
    warning=text(
        "you draw single values, as if they were independent",
        "vous tirez des valeurs isolées, comme si elles étaient indépendantes",
    ),
)
def values_resampled(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes = np.bincount(codes)
    generator = np.random.default_rng(seed)
    drawn = generator.choice(values, size=(n_resamples, len(values)))
    low, high = np.quantile(drawn.mean(axis=1), [(1 - level) / 2, (1 + level) / 2])
    return Interval(values.mean(), low, high, len(sizes), sizes.sum() ** 2 / (sizes**2).sum())


@again(values_resampled)
def values_resampled_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    source = random.Random(seed)
    means = [statistics.fmean(source.choices(values, k=len(values))) for _ in range(n_resamples)]
    return made(members, *two_sided(means, level))


@misconception(
    "without_replacement",
    en="you draw the groups without replacement: every resample is the data again, in another order; a group must be able "
    "to come out several times, or not at all",
    fr="vous tirez les groupes sans remise : chaque tirage redonne les données, dans un autre ordre ; un groupe doit pouvoir "
    "sortir plusieurs fois, ou pas du tout",
)
def without_replacement(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=values)
    generator = np.random.default_rng(seed)
    means = np.empty(n_resamples)
    for index in range(n_resamples):
        drawn = generator.choice(len(sizes), size=len(sizes), replace=False)
        means[index] = sums[drawn].sum() / sizes[drawn].sum()
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(values.mean(), low, high, len(sizes), sizes.sum() ** 2 / (sizes**2).sum())


@again(without_replacement)
def without_replacement_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    source = random.Random(seed)
    means = [pooled(source.sample(members, len(members))) for _ in range(n_resamples)]
    return made(members, *two_sided(means, level))


@misconception(
    "same_resample_each_time",
    en="every resample is the same one: the generator is made anew inside the loop; make it once, before",
    fr="tous les tirages sont le même : le générateur est recréé dans la boucle ; créez-le une fois, avant",
)
def same_resample_each_time(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=values)
    means = []
    for _ in range(n_resamples):
        generator = np.random.default_rng(seed)
        drawn = generator.integers(len(sizes), size=len(sizes))
        means.append(sums[drawn].sum() / sizes[drawn].sum())
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(values.mean(), low, high, len(sizes), sizes.sum() ** 2 / (sizes**2).sum())


@again(same_resample_each_time)
def same_resample_each_time_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)

    def one_mean():
        random.seed(seed)
        return pooled(random.choices(members, k=len(members)))

    return made(members, *two_sided([one_mean() for _ in range(n_resamples)], level))


@misconception(
    "drawn_twice_counted_once",
    en="a group that is drawn twice counts once: you select the values whose group is among those drawn; take a group as often "
    "as it was drawn",
    fr="un groupe tiré deux fois ne compte qu'une fois : vous sélectionnez les valeurs dont le groupe est parmi ceux tirés ; "
    "prenez un groupe autant de fois qu'il est sorti",
)
def drawn_twice_counted_once(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes = np.bincount(codes)
    generator = np.random.default_rng(seed)
    means = []
    for _ in range(n_resamples):
        drawn = generator.integers(len(sizes), size=len(sizes))
        chosen = np.zeros(len(sizes), dtype=bool)
        chosen[drawn] = True
        means.append(values[chosen[codes]].mean())
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(values.mean(), low, high, len(sizes), sizes.sum() ** 2 / (sizes**2).sum())


@again(drawn_twice_counted_once)
def drawn_twice_counted_once_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    source = random.Random(seed)
    means = []
    for _ in range(n_resamples):
        drawn = {source.randrange(len(members)) for _ in members}
        means.append(pooled([members[number] for number in drawn]))
    return made(members, *two_sided(means, level))


@misconception(
    "as_many_groups_as_values",
    en="you draw as many groups as there are values: draw as many as there are groups",
    fr="vous tirez autant de groupes qu'il y a de valeurs : tirez-en autant qu'il y a de groupes",
)
def as_many_groups_as_values(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=values)
    drawn = np.random.default_rng(seed).integers(len(sizes), size=(n_resamples, len(values)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(values.mean(), low, high, len(sizes), sizes.sum() ** 2 / (sizes**2).sum())


@again(as_many_groups_as_values)
def as_many_groups_as_values_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    totals, source = [(sum(each), len(each)) for each in members], random.Random(seed)
    means = []
    for _ in range(n_resamples):
        drawn = source.choices(totals, k=len(values))
        means.append(sum(total for total, _ in drawn) / sum(size for _, size in drawn))
    return made(members, *two_sided(means, level))


@misconception(
    "last_group_never_drawn",
    en="the last group is never drawn: the upper limit of integers and randrange is left out, so it is G, not G − 1",
    fr="le dernier groupe n'est jamais tiré : la borne supérieure d'integers et de randrange est exclue, c'est donc G, et "
    "non G − 1",
)
def last_group_never_drawn(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=values)
    drawn = np.random.default_rng(seed).integers(0, codes.max(), size=(n_resamples, len(sizes)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(values.mean(), low, high, len(sizes), sizes.sum() ** 2 / (sizes**2).sum())


@again(last_group_never_drawn)
def last_group_never_drawn_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    source = random.Random(seed)
    means = []
    for _ in range(n_resamples):
        drawn = [members[source.randrange(len(members) - 1)] for _ in members]
        means.append(pooled(drawn))
    return made(members, *two_sided(means, level))


@misconception(
    "resampled_inside_each_group",
    en="you keep every group and draw its values again inside it: it is the groups that must be drawn, each with its values "
    "as they are",
    fr="vous gardez tous les groupes et retirez leurs valeurs à l'intérieur : ce sont les groupes qu'il faut tirer, chacun avec "
    "ses valeurs telles quelles",
)
def resampled_inside_each_group(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes = np.bincount(codes)
    generator = np.random.default_rng(seed)
    sums = np.zeros(n_resamples)
    for number, size in enumerate(sizes):
        sums += generator.choice(values[codes == number], size=(n_resamples, size)).sum(axis=1)
    low, high = np.quantile(sums / len(values), [(1 - level) / 2, (1 + level) / 2])
    return Interval(values.mean(), low, high, len(sizes), sizes.sum() ** 2 / (sizes**2).sum())


@again(resampled_inside_each_group)
def resampled_inside_each_group_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    source = random.Random(seed)
    means = [pooled([source.choices(each, k=len(each)) for each in members]) for _ in range(n_resamples)]
    return made(members, *two_sided(means, level))


@misconception(
    "values_redrawn_too",
    en="you draw groups, and then the values of each again: a group that is drawn comes with all of its values as they are",
    fr="vous tirez des groupes, puis, dans chacun, de nouveau des valeurs : un groupe tiré vient avec toutes ses valeurs "
    "telles quelles",
)
def values_redrawn_too(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes = np.bincount(codes)
    places = np.arange(sizes.max())
    members = np.zeros((len(sizes), len(places)))
    for number in range(len(sizes)):
        members[number, : sizes[number]] = values[codes == number]
    generator = np.random.default_rng(seed)
    sums, counts = np.zeros(n_resamples), np.zeros(n_resamples)
    for _ in sizes:
        drawn = generator.integers(len(sizes), size=n_resamples)[:, None]  # (n_resamples, 1)
        chosen = (generator.random((n_resamples, len(places))) * sizes[drawn]).astype(int)
        sums += np.where(places < sizes[drawn], members[drawn, chosen], 0.0).sum(axis=1)
        counts += sizes[drawn[:, 0]]
    low, high = np.quantile(sums / counts, [(1 - level) / 2, (1 + level) / 2])
    return Interval(values.mean(), low, high, len(sizes), sizes.sum() ** 2 / (sizes**2).sum())


@again(values_redrawn_too)
def values_redrawn_too_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    source = random.Random(seed)
    means = []
    for _ in range(n_resamples):
        drawn = source.choices(members, k=len(members))
        means.append(pooled([source.choices(each, k=len(each)) for each in drawn]))
    return made(members, *two_sided(means, level))


# What is averaged


@misconception(
    "means_of_groups_averaged",
    en="in a resample you average the means of the groups, so that a group of one value weighs as much as one of nine: divide "
    "the sum of all drawn values by their number",
    fr="dans un tirage, vous faites la moyenne des moyennes de groupes, si bien qu'un groupe d'une valeur pèse autant qu'un "
    "groupe de neuf : divisez la somme de toutes les valeurs tirées par leur nombre",
)
def means_of_groups_averaged(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes = np.bincount(codes)
    of_groups = np.bincount(codes, weights=values) / sizes
    generator = np.random.default_rng(seed)
    means = [of_groups[generator.integers(len(sizes), size=len(sizes))].mean() for _ in range(n_resamples)]
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(values.mean(), low, high, len(sizes), sizes.sum() ** 2 / (sizes**2).sum())


@again(means_of_groups_averaged)
def means_of_groups_averaged_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    source = random.Random(seed)
    of_groups = [sum(each) / len(each) for each in members]
    means = [statistics.fmean(source.choices(of_groups, k=len(members))) for _ in range(n_resamples)]
    return made(members, *two_sided(means, level))


@misconception(
    "mean_of_means_throughout",
    en="your estimate, like your interval, is the mean of the groups' means: each value counts once, so a group weighs as "
    "much as it has values",
    fr="votre estimation, comme votre intervalle, est la moyenne des moyennes de groupes : chaque valeur compte une fois, un "
    "groupe pèse donc autant qu'il a de valeurs",
)
def mean_of_means_throughout(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes = np.bincount(codes)
    of_groups = np.array([values[codes == number].mean() for number in range(len(sizes))])
    generator = np.random.default_rng(seed)
    means = generator.choice(of_groups, size=(n_resamples, len(of_groups))).mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(of_groups.mean(), low, high, len(sizes), sizes.sum() ** 2 / (sizes**2).sum())


@again(mean_of_means_throughout)
def mean_of_means_throughout_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    source = random.Random(seed)
    of_groups = [statistics.fmean(each) for each in members]
    means = [sum(source.choices(of_groups, k=len(of_groups))) / len(of_groups) for _ in range(n_resamples)]
    return made(members, *two_sided(means, level), estimate=statistics.fmean(of_groups))


@misconception(
    "divided_by_all_values",
    en="you divide each resample's sum by N, the number of values of the data: divide it by the number of values drawn, which "
    "changes with the groups",
    fr="vous divisez la somme de chaque tirage par N, le nombre de valeurs des données : divisez-la par le nombre de valeurs "
    "tirées, qui change avec les groupes",
)
def divided_by_all_values(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=values)
    generator = np.random.default_rng(seed)
    means = [
        sums[generator.integers(len(sums), size=len(sums))].sum() / len(values) for _ in range(n_resamples)
    ]
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(values.mean(), low, high, len(sizes), sizes.sum() ** 2 / (sizes**2).sum())


@again(divided_by_all_values)
def divided_by_all_values_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    source = random.Random(seed)
    shares = [math.fsum(each) / len(values) for each in members]
    means = [sum(source.choices(shares, k=len(shares))) for _ in range(n_resamples)]
    return made(members, *two_sided(means, level))


@misconception(
    "estimate_from_resamples",
    en="your estimate is the mean of the resampled means: it is the mean of the data themselves, without chance",
    fr="votre estimation est la moyenne des moyennes tirées : c'est celle des données elles-mêmes, sans hasard",
)
def estimate_from_resamples(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=values)
    drawn = np.random.default_rng(seed).integers(len(sizes), size=(n_resamples, len(sizes)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(means.mean(), low, high, len(sizes), sizes.sum() ** 2 / (sizes**2).sum())


@again(estimate_from_resamples)
def estimate_from_resamples_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    means = drawn_means(members, n_resamples, seed)
    return made(members, *two_sided(means, level), estimate=statistics.fmean(means))


# Where the interval ends


@misconception(
    "level_outside_on_each_side",
    en="you leave 1 − level outside on each side: your interval at 0.95 holds 90 %; leave half of it, (1 − level) / 2",
    fr="vous laissez 1 − level dehors de chaque côté : votre intervalle à 0,95 contient 90 % ; laissez-en la moitié, "
    "(1 − level) / 2",
    warning=text(
        "your interval at level 0.95 holds only 90 % of the resampled means",
        "votre intervalle au niveau 0,95 ne contient que 90 % des moyennes tirées",
    ),
)
def level_outside_on_each_side(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=values)
    drawn = np.random.default_rng(seed).integers(len(sizes), size=(n_resamples, len(sizes)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = sorted(np.quantile(means, [1 - level, level]))
    return Interval(values.mean(), low, high, len(sizes), sizes.sum() ** 2 / (sizes**2).sum())


@again(level_outside_on_each_side)
def level_outside_on_each_side_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    means = drawn_means(members, n_resamples, seed)
    alpha = min(1 - level, level)
    return made(members, quantile(means, alpha), quantile(means, 1 - alpha))


@misconception(
    "level_without_effect",
    en="your interval is at 95 % whatever the level: neither 0.025 and 0.975 nor 1.96 standard errors may be written in your "
    "code; take two quantiles of the resampled means, whose shares are computed from the argument level",
    fr="votre intervalle est à 95 % quel que soit le niveau : ni 0,025 et 0,975 ni 1,96 erreur type ne doivent être écrits "
    "dans votre code ; prenez deux quantiles des moyennes tirées, aux parts calculées à partir de l'argument level",
)
def level_without_effect(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=values)
    drawn = np.random.default_rng(seed).integers(len(sizes), size=(n_resamples, len(sizes)))
    low, high = np.percentile(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1), [2.5, 97.5])
    return Interval(values.mean(), low, high, len(sizes), sizes.sum() ** 2 / (sizes**2).sum())


@again(level_without_effect)
def level_without_effect_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    means = drawn_means(members, n_resamples, seed)
    return made(members, quantile(means, 0.025), quantile(means, 0.975))


@misconception(
    "level_taken_for_alpha",
    en="you treat level as the share outside: at 0.95 your interval runs from the 47.5 to the 52.5 % quantile; outside is "
    "1 − level, half on each side",
    fr="vous prenez level pour la part du dehors : à 0,95 votre intervalle va du quantile 47,5 % au quantile 52,5 % ; le "
    "dehors est 1 − level, une moitié de chaque côté",
)
def level_taken_for_alpha(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=values)
    drawn = np.random.default_rng(seed).integers(len(sizes), size=(n_resamples, len(sizes)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [level / 2, 1 - level / 2])
    return Interval(values.mean(), low, high, len(sizes), sizes.sum() ** 2 / (sizes**2).sum())


@again(level_taken_for_alpha)
def level_taken_for_alpha_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    return made(members, *two_sided(drawn_means(members, n_resamples, seed), 1 - level))


@misconception(
    "shares_taken_for_percentages",
    en="both ends lie among the smallest means: percentile wants percentages, from 0 to 100, quantile shares, from 0 to 1",
    fr="les deux bouts sont parmi les plus petites moyennes : percentile veut des pourcentages, de 0 à 100, quantile des "
    "parts, de 0 à 1",
)
def shares_taken_for_percentages(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=values)
    drawn = np.random.default_rng(seed).integers(len(sizes), size=(n_resamples, len(sizes)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.percentile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(values.mean(), low, high, len(sizes), sizes.sum() ** 2 / (sizes**2).sum())


@again(shares_taken_for_percentages)
def shares_taken_for_percentages_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    ordered = sorted(drawn_means(members, n_resamples, seed))
    ranks = [share / 100 * (n_resamples - 1) for share in ((1 - level) / 2, (1 + level) / 2)]
    low, high = (ordered[int(r)] + (r % 1) * (ordered[int(r) + 1] - ordered[int(r)]) for r in ranks)
    return made(members, low, high)


@misconception(
    "smallest_and_largest",
    en="your interval goes from the smallest to the largest resampled mean: it grows with every draw; take two quantiles",
    fr="votre intervalle va de la plus petite à la plus grande des moyennes tirées : il grandit à chaque tirage ; prenez deux "
    "quantiles",
)
def smallest_and_largest(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=values)
    drawn = np.random.default_rng(seed).integers(len(sizes), size=(n_resamples, len(sizes)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    n_groups, effective = len(sizes), sizes.sum() ** 2 / (sizes**2).sum()
    return Interval(values.mean(), means.min(), means.max(), n_groups, effective)


@again(smallest_and_largest)
def smallest_and_largest_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    means = drawn_means(members, n_resamples, seed)
    return made(members, min(means), max(means))


@misconception(
    "equal_arms",
    en="your interval is the estimate plus and minus a number of standard errors, as for a normal law: the resampled means "
    "need not lie evenly on both sides; take two of their quantiles",
    fr="votre intervalle est l'estimation plus et moins un nombre d'erreurs types, comme pour une loi normale : les moyennes "
    "tirées ne sont pas forcément réparties également des deux côtés ; prenez deux de leurs quantiles",
)
def equal_arms(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=values)
    drawn = np.random.default_rng(seed).integers(len(sizes), size=(n_resamples, len(sizes)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    arm = statistics.NormalDist().inv_cdf((1 + level) / 2) * means.std(ddof=1)
    middle, effective = values.mean(), sizes.sum() ** 2 / (sizes**2).sum()
    return Interval(middle, middle - arm, middle + arm, len(sizes), effective)


@again(equal_arms)
def equal_arms_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    means = torch.tensor(drawn_means(members, n_resamples, seed), dtype=torch.float64)
    z = torch.special.ndtri(torch.tensor((1 + level) / 2, dtype=torch.float64))
    error = (z * means.std(correction=0)).item()
    return made(members, pooled(members) - error, pooled(members) + error)


@misconception(
    "normal_law_of_values_at_95",
    en="your interval is the mean ± 1.96 σ / √N, whatever the level, as if the values were independent: draw whole groups, "
    "and take two quantiles of the resampled means, whose shares the argument level gives",
    fr="votre intervalle est la moyenne ± 1,96 σ / √N, quel que soit le niveau, comme si les valeurs étaient indépendantes : "
    "tirez des groupes entiers, et prenez deux quantiles des moyennes tirées, aux parts données par l'argument level",
)
def normal_law_of_values_at_95(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes, middle = np.bincount(codes), values.mean()
    arm = 1.96 * values.std(ddof=1) / math.sqrt(len(values))
    effective = sizes.sum() ** 2 / (sizes**2).sum()
    return Interval(middle, middle - arm, middle + arm, len(sizes), effective)


@again(normal_law_of_values_at_95)
def normal_law_of_values_at_95_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    error = statistics.stdev(itertools.chain.from_iterable(members)) * len(values) ** -0.5
    return made(members, pooled(members) - 1.96 * error, pooled(members) + 1.96 * error)


@misconception(
    "normal_law_of_group_means",
    en="your interval is the mean plus and minus the standard error of the groups' means, as for a normal law: draw whole "
    "groups, and take two quantiles of the resampled means",
    fr="votre intervalle est la moyenne plus et moins l'erreur type des moyennes des groupes, comme pour une loi normale : "
    "tirez des groupes entiers, et prenez deux quantiles des moyennes tirées",
)
def normal_law_of_group_means(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=values)
    z = statistics.NormalDist().inv_cdf((1 + level) / 2)
    arm = z * (sums / sizes).std(ddof=1) / math.sqrt(len(sizes))
    middle, effective = values.mean(), sizes.sum() ** 2 / (sizes**2).sum()
    return Interval(middle, middle - arm, middle + arm, len(sizes), effective)


@again(normal_law_of_group_means)
def normal_law_of_group_means_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    error = statistics.stdev(map(statistics.fmean, members)) * len(members) ** -0.5
    z = torch.special.ndtri(torch.tensor((1 + level) / 2, dtype=torch.float64)).item()
    return made(members, pooled(members) - z * error, pooled(members) + z * error)


@misconception(
    "error_divided_again",
    en="you divide the spread of the resampled means by √n_resamples: that spread is the standard error already, and more "
    "draws must not narrow the interval; take two quantiles of the means",
    fr="vous divisez la dispersion des moyennes tirées par √n_resamples : cette dispersion est déjà l'erreur type, et plus "
    "de tirages ne doivent pas resserrer l'intervalle ; prenez deux quantiles des moyennes",
)
def error_divided_again(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=values)
    drawn = np.random.default_rng(seed).integers(len(sizes), size=(n_resamples, len(sizes)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    arm = 1.96 * means.std() / math.sqrt(n_resamples)
    middle, effective = values.mean(), sizes.sum() ** 2 / (sizes**2).sum()
    return Interval(middle, middle - arm, middle + arm, len(sizes), effective)


@again(error_divided_again)
def error_divided_again_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    means = drawn_means(members, n_resamples, seed)
    z = statistics.NormalDist().inv_cdf((1 + level) / 2)
    error = z * statistics.stdev(means) / n_resamples**0.5
    return made(members, pooled(members) - error, pooled(members) + error)


@misconception(
    "mirrored",
    en="you reflect the quantiles at the estimate, 2 · estimate − quantile: that is another interval, the basic one; here the "
    "quantiles themselves are the ends",
    fr="vous renversez les quantiles autour de l'estimation, 2 · estimation − quantile : c'est un autre intervalle, dit "
    "« basique » ; ici, les bouts sont les quantiles eux-mêmes",
)
def mirrored(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=values)
    drawn = np.random.default_rng(seed).integers(len(sizes), size=(n_resamples, len(sizes)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    below, above = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    middle, effective = values.mean(), sizes.sum() ** 2 / (sizes**2).sum()
    return Interval(middle, 2 * middle - above, 2 * middle - below, len(sizes), effective)


@again(mirrored)
def mirrored_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    middle = pooled(members)
    errors = [mean - middle for mean in drawn_means(members, n_resamples, seed)]
    low, high = two_sided(errors, level)
    return made(members, middle - high, middle - low)


# What is counted


@misconception(
    "effective_size_of_values",
    en="effective_size is the number of values, as if each said something of its own: values of one group repeat each other; "
    "use the sizes of the groups",
    fr="effective_size est le nombre de valeurs, comme si chacune disait quelque chose à elle seule : celles d'un groupe se "
    "répètent ; servez-vous des tailles des groupes",
)
def effective_size_of_values(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=values)
    drawn = np.random.default_rng(seed).integers(len(sizes), size=(n_resamples, len(sizes)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(values.mean(), low, high, len(sizes), float(len(values)))


@again(effective_size_of_values)
def effective_size_of_values_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    ends = two_sided(drawn_means(members, n_resamples, seed), level)
    return made(members, *ends, effective_size=float(sum(map(len, members))))


@misconception(
    "effective_size_of_groups",
    en="effective_size is the number of groups, which is right only if all have the same size: a large one among small ones "
    "lowers it, (Σ n_g)² / Σ n_g²",
    fr="effective_size est le nombre de groupes, ce qui n'est juste que s'ils ont tous la même taille : un grand parmi des "
    "petits l'abaisse, (Σ n_g)² / Σ n_g²",
)
def effective_size_of_groups(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=values)
    drawn = np.random.default_rng(seed).integers(len(sizes), size=(n_resamples, len(sizes)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    n_groups = len(set(codes.tolist()))
    return Interval(values.mean(), low, high, n_groups, float(n_groups))


@again(effective_size_of_groups)
def effective_size_of_groups_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    ends = two_sided(drawn_means(members, n_resamples, seed), level)
    return made(members, *ends, effective_size=float(len(members)))


@misconception(
    "effective_size_upside_down",
    en="effective_size is Σ n_g² / Σ n_g, the size of the group of an average value: divide the square of Σ n_g by Σ n_g²",
    fr="effective_size vaut Σ n_g² / Σ n_g, la taille du groupe d'une valeur moyenne : divisez le carré de Σ n_g par Σ n_g²",
)
def effective_size_upside_down(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=values)
    drawn = np.random.default_rng(seed).integers(len(sizes), size=(n_resamples, len(sizes)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(values.mean(), low, high, len(sizes), (sizes**2).sum() / sizes.sum())


@again(effective_size_upside_down)
def effective_size_upside_down_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    ends = two_sided(drawn_means(members, n_resamples, seed), level)
    of_a_value = [len(each) for each in members for _ in each]
    return made(members, *ends, effective_size=statistics.fmean(of_a_value))


@misconception(
    "n_groups_counts_values",
    en="n_groups is the number of labels in the list: count the different ones",
    fr="n_groups est le nombre d'étiquettes de la liste : comptez celles qui diffèrent",
)
def n_groups_counts_values(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=values)
    drawn = np.random.default_rng(seed).integers(len(sizes), size=(n_resamples, len(sizes)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(values.mean(), low, high, len(groups), sizes.sum() ** 2 / (sizes**2).sum())


@again(n_groups_counts_values)
def n_groups_counts_values_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    ends = two_sided(drawn_means(members, n_resamples, seed), level)
    return made(members, *ends, n_groups=sum(len(each) for each in members))


@misconception(
    "runs_taken_for_groups",
    en="you begin a new group wherever the label changes in the list: values of one group need not follow each other; gather "
    "them by label first",
    fr="vous commencez un groupe à chaque changement d'étiquette dans la liste : les valeurs d'un groupe ne se suivent pas "
    "toujours ; rassemblez-les d'abord par étiquette",
)
def runs_taken_for_groups(values, groups, n_resamples=2000, level=0.95, seed=0):
    checked(values, groups, n_resamples, level)
    changes = [False, *(after != before for before, after in itertools.pairwise(groups))]
    codes, values = np.cumsum(changes), np.array(values)
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=values)
    drawn = np.random.default_rng(seed).integers(len(sizes), size=(n_resamples, len(sizes)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(values.mean(), low, high, len(sizes), sizes.sum() ** 2 / (sizes**2).sum())


@again(runs_taken_for_groups)
def runs_taken_for_groups_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    checked(values, groups, n_resamples, level)
    paired = zip(groups, values, strict=True)
    runs = [[value for _, value in run] for _, run in itertools.groupby(paired, key=lambda pair: pair[0])]
    return made(runs, *two_sided(drawn_means(runs, n_resamples, seed), level))


# What a label is


@misconception(
    "labels_taken_for_numbers",
    en="you use the labels themselves as the numbers of the groups: they may be words, pairs, or numbers with gaps; number "
    "the groups from 0 first",
    fr="vous prenez les étiquettes elles-mêmes pour les numéros des groupes : ce peuvent être des mots, des paires, des nombres "
    "avec des trous ; numérotez d'abord les groupes à partir de 0",
)
def labels_taken_for_numbers(values, groups, n_resamples=2000, level=0.95, seed=0):
    checked(values, groups, n_resamples, level)
    values, n_groups = np.array(values), max(groups) + 1
    sizes, sums = np.bincount(groups), np.bincount(groups, weights=values)
    drawn = np.random.default_rng(seed).integers(n_groups, size=(n_resamples, n_groups))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(values.mean(), low, high, n_groups, sizes.sum() ** 2 / (sizes**2).sum())


@again(labels_taken_for_numbers)
def labels_taken_for_numbers_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    checked(values, groups, n_resamples, level)
    members = [[] for _ in range(max(groups) + 1)]
    for value, group in zip(values, groups, strict=True):
        members[group].append(value)
    return made(members, *two_sided(drawn_means(members, n_resamples, seed), level))


@misconception(
    "pairs_taken_apart",
    en="labels that are pairs come apart: np.array makes two columns of them, and np.unique counts single words; number the "
    "groups with a dict, or with coded_groups",
    fr="les étiquettes qui sont des paires se défont : np.array en fait deux colonnes, et np.unique compte les mots un à un ; "
    "numérotez les groupes avec un dict, ou avec coded_groups",
)
def pairs_taken_apart(values, groups, n_resamples=2000, level=0.95, seed=0):
    checked(values, groups, n_resamples, level)
    values, labels = np.array(values), np.array(groups)
    members = [values[labels == label] for label in np.unique(labels)]
    sizes, sums = np.array([len(each) for each in members]), np.array([each.sum() for each in members])
    drawn = np.random.default_rng(seed).integers(len(sizes), size=(n_resamples, len(sizes)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(values.mean(), low, high, len(sizes), sizes.sum() ** 2 / (sizes**2).sum())


@again(pairs_taken_apart)
def pairs_taken_apart_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    checked(values, groups, n_resamples, level)
    _, codes = np.unique(groups, return_inverse=True)
    totals = np.bincount(codes.ravel(), weights=values)
    sizes = np.bincount(codes.ravel())
    generator = np.random.default_rng(seed)
    means = []
    for _ in range(n_resamples):
        counts = np.bincount(generator.choice(len(sizes), len(sizes)), minlength=len(sizes))
        means.append(counts @ totals / (counts @ sizes))
    low, high = np.quantile(means, ((1 - level) / 2, (1 + level) / 2))
    return Interval(float(np.mean(values)), low, high, len(sizes), sizes.sum() ** 2 / (sizes @ sizes))


# What the seed does, and what is refused


@misconception(
    "seed_without_effect",
    en="the draws are new ones each time, whatever the seed: make the generator from seed, np.random.default_rng(seed)",
    fr="les tirages sont nouveaux à chaque fois, quelle que soit la graine : créez le générateur à partir de seed, "
    "np.random.default_rng(seed)",
)
def seed_without_effect(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=values)
    drawn = np.random.default_rng().integers(len(sizes), size=(n_resamples, len(sizes)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(values.mean(), low, high, len(sizes), sizes.sum() ** 2 / (sizes**2).sum())


@again(seed_without_effect)
def seed_without_effect_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    return made(members, *two_sided(drawn_means(members, n_resamples, None), level))


@misconception(
    "seed_always_the_same",
    en="another seed gives the same draws: the generator is made from a fixed number; make it from the argument seed",
    fr="une autre graine donne les mêmes tirages : le générateur est créé à partir d'un nombre fixe ; créez-le à partir de "
    "l'argument seed",
)
def seed_always_the_same(values, groups, n_resamples=2000, level=0.95, seed=0):
    values, codes = coded_groups(values, groups, n_resamples, level)
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=values)
    drawn = np.random.default_rng(42).integers(len(sizes), size=(n_resamples, len(sizes)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(values.mean(), low, high, len(sizes), sizes.sum() ** 2 / (sizes**2).sum())


@again(seed_always_the_same)
def seed_always_the_same_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = checked(values, groups, n_resamples, level)
    return made(members, *two_sided(drawn_means(members, n_resamples, 1234), level))


@misconception(
    "few_groups_accepted",
    en="four groups are accepted: below five, refuse with an InputError; so few say nothing of the others",
    fr="quatre groupes sont acceptés : à moins de cinq, refusez par une InputError ; si peu ne disent rien des autres",
)
def few_groups_accepted(values, groups, n_resamples=2000, level=0.95, seed=0):
    if len(values) != len(groups) or not np.isfinite(values).all() or not 0 < level < 1 or n_resamples < 100:
        raise ValueError("arguments that do not fit")
    numbers = {label: number for number, label in enumerate(dict.fromkeys(groups))}
    values, codes = np.array(values), np.array([numbers[label] for label in groups])
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=values)
    drawn = np.random.default_rng(seed).integers(len(sizes), size=(n_resamples, len(sizes)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(values.mean(), low, high, len(sizes), sizes.sum() ** 2 / (sizes**2).sum())


@again(few_groups_accepted)
def few_groups_accepted_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = {}
    for value, group in zip(values, groups, strict=True):
        if not math.isfinite(value):
            raise ValueError("a value is not finite")
        members.setdefault(group, []).append(value)
    members = list(members.values())
    if n_resamples < 100 or not 0 < level < 1:
        raise ValueError("n_resamples or level")
    return made(members, *two_sided(drawn_means(members, n_resamples, seed), level))


@misconception(
    "arguments_not_examined",
    en="NaN, ten resamples or four groups are accepted: examine the arguments first, or let coded_groups do it",
    fr="NaN, dix tirages ou quatre groupes sont acceptés : examinez d'abord les arguments, ou laissez coded_groups le faire",
)
def arguments_not_examined(values, groups, n_resamples=2000, level=0.95, seed=0):
    numbers = {label: number for number, label in enumerate(dict.fromkeys(groups))}
    values, codes = np.array(values), np.array([numbers[label] for label in groups])
    # Of different lengths, numpy's own ValueError; so too for a level of 95.
    sizes, sums = np.bincount(codes), np.bincount(codes, weights=values)
    drawn = np.random.default_rng(seed).integers(len(sizes), size=(n_resamples, len(sizes)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(values.mean(), low, high, len(sizes), sizes.sum() ** 2 / (sizes**2).sum())


@again(arguments_not_examined)
def arguments_not_examined_2(values, groups, n_resamples=2000, level=0.95, seed=0):
    members = {}
    for value, group in zip(values, groups, strict=True):
        members.setdefault(group, []).append(value)
    members = list(members.values())
    means = drawn_means(members, n_resamples, seed)
    low, high = np.quantile(means, [0.5 - level / 2, 0.5 + level / 2])
    return made(members, float(low), float(high))
