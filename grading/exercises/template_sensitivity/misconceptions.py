"""Wrong implementations that people really write, each with what it computes instead.

What a version does not get wrong it takes from the right parts below: the first ones from `by_arrays`, the second
ones from `by_lists`.
"""

from __future__ import annotations

import itertools
import math
import statistics

import numpy as np
import torch

from attentif.bias.variance import TemplateSensitivity, checked_table
from attentif.checks.text import text
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = (
    "words_for_templates",
    "squares_counted_once",
    "sign_of_the_first_template",
    "lowest_single_score",
)


class Lenient(TemplateSensitivity):
    """Of any shares."""

    def __post_init__(self):
        pass


def squares(values):
    """The sum of squares around the mean."""
    return np.square(values - np.mean(values)).sum()


def ratio(part, whole):
    """A share, 0 of nothing."""
    return part / whole if whole > 1e-12 else 0.0


def by_arrays(table, **wrong):
    """A right answer by numpy, some of its fields replaced."""
    means = table.mean(axis=1)
    fields = {
        "template_share": ratio(table.shape[1] * squares(means), squares(table)),
        "chance_share": (len(table) - 1) / (table.size - 1),
        "sign_agreement": (np.sign(table) == np.sign(table.mean(axis=0).round(12))).mean(),
        "lowest": means.min(),
        "highest": means.max(),
    }
    return Lenient(**{name: float(value) for name, value in (fields | wrong).items()})


def rows_of(scores):
    """The rows as lists, once the table is examined."""
    rows = [[float(score) for score in row] for row in scores]
    if len({len(row) for row in rows}) != 1 or len(rows) < 2 or len(rows[0]) < 2:
        raise ValueError("a table of two rows and two columns, or more")
    if not all(map(math.isfinite, itertools.chain(*rows))):
        raise ValueError("finite numbers")
    return rows


def spread(values):
    """The sum of squares around the mean."""
    middle = statistics.fmean(values)
    return math.fsum((value - middle) ** 2 for value in values)


def sign(number):
    """−1, 0 or 1."""
    return (number > 0) - (number < 0)


def flat(rows):
    """All scores."""
    return list(itertools.chain(*rows))


def by_lists(rows, **wrong):
    """A right answer in plain Python, some of its fields replaced."""
    scores, means = flat(rows), list(map(statistics.fmean, rows))
    of_words = [round(math.fsum(column), 12) for column in zip(*rows, strict=True)]
    fields = {
        "template_share": ratio(len(rows[0]) * spread(means), spread(scores)),
        "chance_share": (len(rows) - 1) / (len(scores) - 1),
        "sign_agreement": statistics.fmean(
            sign(x) == sign(m) for row in rows for x, m in zip(row, of_words, strict=True)
        ),
        "lowest": min(means),
        "highest": max(means),
    }
    return Lenient(**(fields | wrong))


# The shares


@misconception(
    "words_for_templates",
    en="your share is that of the words, you average over the wrong axis: one mean a row, over its words, is what a "
    "template's mean is",
    fr="votre part est celle des mots, vous moyennez sur le mauvais axe : la moyenne d'un gabarit est celle d'une "
    "ligne, sur ses mots",
    warning=text("you average over the wrong axis", "vous moyennez sur le mauvais axe"),
)
def words_for_templates(scores):
    table = checked_table(scores)
    between = len(table) * squares(table.mean(axis=0))
    return by_arrays(table, template_share=ratio(between, squares(table)))


@again(words_for_templates)
def words_for_templates_2(scores):
    rows = rows_of(scores)
    columns = [statistics.fmean(column) for column in zip(*rows, strict=True)]
    share = ratio(len(rows) * spread(columns), spread(flat(rows)))
    return by_lists(rows, template_share=share)


@misconception(
    "squares_counted_once",
    en="you count the square of each template's mean once: it stands for all its words, so multiply by W",
    fr="vous ne comptez qu'une fois le carré de chaque moyenne de gabarit : elle vaut pour tous ses mots, multipliez"
    " par W",
)
def squares_counted_once(scores):
    table = checked_table(scores)
    return by_arrays(table, template_share=ratio(squares(table.mean(axis=1)), squares(table)))


@again(squares_counted_once)
def squares_counted_once_2(scores):
    rows = rows_of(scores)
    means = list(map(statistics.fmean, rows))
    return by_lists(rows, template_share=ratio(spread(means), spread(flat(rows))))


@misconception(
    "variances_of_samples",
    en="you divide two variances with N − 1, whose divisors do not cancel out: divide sums of squares, with W times "
    "those of the means",
    fr="vous divisez deux variances en N − 1, dont les diviseurs ne se compensent pas : divisez des sommes de "
    "carrés, avec W fois ceux des moyennes",
)
def variances_of_samples(scores):
    table = checked_table(scores)
    variances = table.mean(axis=1).var(ddof=1), table.var(ddof=1)
    return by_arrays(table, template_share=ratio(*variances))


@again(variances_of_samples)
def variances_of_samples_2(scores):
    rows = rows_of(scores)
    of_means = statistics.variance(map(statistics.fmean, rows))
    return by_lists(rows, template_share=ratio(of_means, statistics.variance(flat(rows))))


@misconception(
    "root_of_the_share",
    en="your share is η, the root: η² is asked for, which adds up to 1 with what is left",
    fr="votre part est η, la racine : c'est η² qu'on demande, qui fait 1 avec ce qui reste",
)
def root_of_the_share(scores):
    table = checked_table(scores)
    return by_arrays(table, template_share=by_arrays(table).template_share ** 0.5)


@again(root_of_the_share)
def root_of_the_share_2(scores):
    rows = rows_of(scores)
    means = list(map(statistics.fmean, rows))
    eta = math.sqrt(len(rows[0]) * spread(means)) / (math.sqrt(spread(flat(rows))) or 1.0)
    return by_lists(rows, template_share=eta)


@misconception(
    "share_of_the_rest",
    en="your share is what the templates do not account for: take SS_template / SS_total itself, not 1 minus it",
    fr="votre part est celle qui ne revient pas aux gabarits : prenez SC_gabarit / SC_totale même, et non 1 moins "
    "elle",
)
def share_of_the_rest(scores):
    table = checked_table(scores)
    within = table - table.mean(axis=1, keepdims=True)
    return by_arrays(table, template_share=ratio(np.square(within).sum(), squares(table)))


@again(share_of_the_rest)
def share_of_the_rest_2(scores):
    rows = rows_of(scores)
    within = math.fsum(map(spread, rows))
    return by_lists(rows, template_share=ratio(within, spread(flat(rows))))


@misconception(
    "divided_by_the_rest",
    en="you divide by the squares within the templates, as an F test does: divide by those of all scores around the "
    "mean of all",
    fr="vous divisez par les carrés à l'intérieur des gabarits, comme un test F : divisez par ceux de toutes les "
    "notes autour de la moyenne générale",
)
def divided_by_the_rest(scores):
    table = checked_table(scores)
    within = np.square(table - table.mean(axis=1, keepdims=True)).sum()
    return by_arrays(table, template_share=ratio(table.shape[1] * squares(table.mean(axis=1)), within))


@again(divided_by_the_rest)
def divided_by_the_rest_2(scores):
    rows = rows_of(scores)
    between = spread(flat(rows)) - math.fsum(map(spread, rows))
    return by_lists(rows, template_share=ratio(between, math.fsum(map(spread, rows))))


@misconception(
    "words_taken_out",
    en="you take the differences between words out of the total, a partial share: SS_total has all scores around the"
    " mean of all, the words' differences included",
    fr="vous retirez du total les différences entre mots, ce qui donne une part partielle : SC_totale prend toutes "
    "les notes autour de la moyenne générale, différences entre mots comprises",
)
def words_taken_out(scores):
    table = checked_table(scores)
    rest = table - table.mean(axis=0)
    return by_arrays(
        table, template_share=ratio(table.shape[1] * squares(table.mean(axis=1)), np.square(rest).sum())
    )


@again(words_taken_out)
def words_taken_out_2(scores):
    rows = rows_of(scores)
    between = len(rows[0]) * spread(list(map(statistics.fmean, rows)))
    left = math.fsum(map(spread, zip(*rows, strict=True)))
    return by_lists(rows, template_share=ratio(between, left))


@misconception(
    "one_in_so_many_templates",
    en="chance_share is 1 / T: templates that do nothing account for (T − 1) / (T·W − 1) on average",
    fr="chance_share vaut 1 / T : des gabarits qui ne font rien ont une part de (T − 1) / (T·W − 1) en moyenne",
)
def one_in_so_many_templates(scores):
    table = checked_table(scores)
    return by_arrays(table, chance_share=1 / len(table))


@again(one_in_so_many_templates)
def one_in_so_many_templates_2(scores):
    rows = rows_of(scores)
    return by_lists(rows, chance_share=statistics.fmean([1.0] + [0.0] * (len(rows) - 1)))


@misconception(
    "all_scores_counted",
    en="chance_share divides by the number of scores: divide by one less, T·W − 1, since the mean of all is taken "
    "out",
    fr="chance_share divise par le nombre de notes : divisez par un de moins, T·W − 1, puisque la moyenne générale "
    "est retirée",
)
def all_scores_counted(scores):
    table = checked_table(scores)
    n_templates, n_words = table.shape
    return by_arrays(table, chance_share=(n_templates - 1) / (n_templates * n_words))


@again(all_scores_counted)
def all_scores_counted_2(scores):
    rows = rows_of(scores)
    return by_lists(rows, chance_share=(len(rows) - 1) / sum(map(len, rows)))


# The signs


@misconception(
    "share_of_positive_scores",
    en="sign_agreement is the share of positive scores: compare each sign with that of its word's mean",
    fr="sign_agreement est la part des notes positives : comparez chaque signe à celui de la moyenne de son mot",
)
def share_of_positive_scores(scores):
    table = checked_table(scores)
    return by_arrays(table, sign_agreement=(table > 0).mean())


@again(share_of_positive_scores)
def share_of_positive_scores_2(scores):
    rows = rows_of(scores)
    return by_lists(rows, sign_agreement=statistics.fmean(sign(x) == 1 for row in rows for x in row))


@misconception(
    "sign_of_the_first_template",
    en="you compare the signs with those of the first template: compare them with those of the words' means, over "
    "all templates",
    fr="vous comparez les signes à ceux du premier gabarit : comparez-les à ceux des moyennes des mots, sur tous les"
    " gabarits",
)
def sign_of_the_first_template(scores):
    table = checked_table(scores)
    return by_arrays(table, sign_agreement=(np.sign(table) == np.sign(table[0])).mean())


@again(sign_of_the_first_template)
def sign_of_the_first_template_2(scores):
    rows = rows_of(scores)
    first = rows[0]
    return by_lists(
        rows,
        sign_agreement=statistics.fmean(
            sign(x) == sign(y) for row in rows for x, y in zip(row, first, strict=True)
        ),
    )


@misconception(
    "sign_of_the_mean_of_all",
    en="you compare all signs with that of one number, the mean of all scores: each word has a mean of its own",
    fr="vous comparez tous les signes à celui d'un seul nombre, la moyenne générale : chaque mot a sa propre moyenne",
)
def sign_of_the_mean_of_all(scores):
    table = checked_table(scores)
    return by_arrays(table, sign_agreement=(np.sign(table) == np.sign(table.mean())).mean())


@again(sign_of_the_mean_of_all)
def sign_of_the_mean_of_all_2(scores):
    rows = rows_of(scores)
    side = sign(math.fsum(flat(rows)))
    return by_lists(
        rows,
        sign_agreement=sum(row.count(x) * (sign(x) == side) for row in rows for x in set(row))
        / len(flat(rows)),
    )


@misconception(
    "sign_of_the_template",
    en="you compare each sign with that of its template's mean: compare it with that of its word's mean, over the "
    "templates",
    fr="vous comparez chaque signe à celui de la moyenne de son gabarit : comparez-le à celui de la moyenne de son "
    "mot, sur les gabarits",
)
def sign_of_the_template(scores):
    table = checked_table(scores)
    return by_arrays(
        table, sign_agreement=(np.sign(table) == np.sign(table.mean(axis=1, keepdims=True))).mean()
    )


@again(sign_of_the_template)
def sign_of_the_template_2(scores):
    rows = rows_of(scores)
    return by_lists(
        rows, sign_agreement=statistics.fmean(sign(x) == sign(sum(row)) for row in rows for x in row)
    )


@misconception(
    "words_in_full_agreement",
    en="sign_agreement is the share of the words on which all templates agree: count scores, each against its word's"
    " mean",
    fr="sign_agreement est la part des mots sur lesquels tous les gabarits s'accordent : comptez des notes, chacune "
    "contre la moyenne de son mot",
)
def words_in_full_agreement(scores):
    table = checked_table(scores)
    signs = np.sign(table)
    return by_arrays(table, sign_agreement=(signs == signs[0]).all(axis=0).mean())


@again(words_in_full_agreement)
def words_in_full_agreement_2(scores):
    rows = rows_of(scores)
    return by_lists(
        rows,
        sign_agreement=statistics.fmean(
            len(set(map(sign, column))) == 1 for column in zip(*rows, strict=True)
        ),
    )


@misconception(
    "zero_taken_for_positive",
    en="0 counts as positive: it has a sign of its own, which agrees with a mean of 0 only",
    fr="0 compte pour positif : c'est un signe à part, qui ne s'accorde qu'avec une moyenne nulle",
)
def zero_taken_for_positive(scores):
    table = checked_table(scores)
    return by_arrays(table, sign_agreement=((table >= 0) == (table.mean(axis=0) >= 0)).mean())


@again(zero_taken_for_positive)
def zero_taken_for_positive_2(scores):
    rows = rows_of(scores)
    positive = [sum(column) >= 0 for column in zip(*rows, strict=True)]
    return by_lists(
        rows,
        sign_agreement=statistics.fmean(
            (x >= 0) == p for row in rows for x, p in zip(row, positive, strict=True)
        ),
    )


@misconception(
    "zero_never_agrees",
    en="a score of 0 never agrees, since you ask for a positive product: with a mean of 0 it agrees, compare the "
    "signs themselves",
    fr="une note nulle ne s'accorde jamais, puisque vous demandez un produit positif : avec une moyenne nulle elle "
    "s'accorde, comparez les signes eux-mêmes",
)
def zero_never_agrees(scores):
    table = checked_table(scores)
    return by_arrays(table, sign_agreement=(table * table.mean(axis=0) > 0).mean())


@again(zero_never_agrees)
def zero_never_agrees_2(scores):
    rows = rows_of(scores)
    sums = [sum(column) for column in zip(*rows, strict=True)]
    return by_lists(
        rows,
        sign_agreement=statistics.fmean(x * s > 0 for row in rows for x, s in zip(row, sums, strict=True)),
    )


# The means


@misconception(
    "lowest_single_score",
    en="lowest and highest are single scores: take the smallest and the largest mean of a template",
    fr="lowest et highest sont des notes isolées : prenez la plus petite et la plus grande moyenne d'un gabarit",
    warning=text("`lowest` and `highest` are single scores", "`lowest` et `highest` sont des notes isolées"),
)
def lowest_single_score(scores):
    table = checked_table(scores)
    return by_arrays(table, lowest=table.min(), highest=table.max())


@again(lowest_single_score)
def lowest_single_score_2(scores):
    rows = rows_of(scores)
    return by_lists(rows, lowest=min(map(min, rows)), highest=max(map(max, rows)))


@misconception(
    "means_of_words",
    en="lowest and highest are means of words: take those of the templates, one a row",
    fr="lowest et highest sont des moyennes de mots : prenez celles des gabarits, une par ligne",
)
def means_of_words(scores):
    table = checked_table(scores)
    means = table.mean(axis=0)
    return by_arrays(table, lowest=means.min(), highest=means.max())


@again(means_of_words)
def means_of_words_2(scores):
    rows = rows_of(scores)
    means = sorted(map(statistics.fmean, zip(*rows, strict=True)))
    return by_lists(rows, lowest=means[0], highest=means[-1])


@misconception(
    "first_and_last_template",
    en="lowest and highest are the means of the first and of the last template: take the smallest and the largest of"
    " all",
    fr="lowest et highest sont les moyennes du premier et du dernier gabarit : prenez la plus petite et la plus "
    "grande de toutes",
)
def first_and_last_template(scores):
    table = checked_table(scores)
    means = table.mean(axis=1)
    return by_arrays(table, lowest=means[0], highest=means[-1])


@again(first_and_last_template)
def first_and_last_template_2(scores):
    rows = rows_of(scores)
    return by_lists(rows, lowest=statistics.fmean(rows[0]), highest=statistics.fmean(rows[-1]))


# The edges


@misconception(
    "nothing_varies",
    en="where all scores are equal, you divide 0 by 0: test that case, the share is 0",
    fr="quand toutes les notes sont égales, vous divisez 0 par 0 : testez ce cas, la part est 0",
)
def nothing_varies(scores):
    table = checked_table(scores)
    with np.errstate(invalid="ignore"):
        share = table.shape[1] * squares(table.mean(axis=1)) / squares(table)
    return by_arrays(table, template_share=share)


@again(nothing_varies)
def nothing_varies_2(scores):
    rows = rows_of(scores)
    between = len(rows[0]) * spread(list(map(statistics.fmean, rows)))
    return by_lists(rows, template_share=between / spread(flat(rows)))


@misconception(
    "small_table_accepted",
    en="a table of one template or of one word is accepted: there is nothing to compare, refuse it with an "
    "InputError",
    fr="un tableau d'un seul gabarit ou d'un seul mot est accepté : il n'y a rien à comparer, refusez-le par une "
    "InputError",
)
def small_table_accepted(scores):
    table = np.array([list(row) for row in scores], dtype=float)
    if table.ndim != 2 or not np.isfinite(table).all():
        raise ValueError("finite numbers")
    return by_arrays(table)


@again(small_table_accepted)
def small_table_accepted_2(scores):
    if len({len(row) for row in scores}) > 1 or not torch.tensor(scores).isfinite().all():
        raise ValueError("rows of one length, of finite numbers")
    return by_lists([list(map(float, row)) for row in scores])


@misconception(
    "nan_accepted",
    en="a score that is NaN or infinite is accepted, and spoils every number: refuse it with an InputError, or let "
    "checked_table do it",
    fr="une note qui vaut NaN ou l'infini est acceptée, et gâte tous les nombres : refusez-la par une InputError, ou"
    " laissez checked_table le faire",
)
def nan_accepted(scores):
    table = np.array([list(row) for row in scores], dtype=float)
    if min(table.shape) < 2:
        raise ValueError("two templates and two words")
    with np.errstate(invalid="ignore"):
        return by_arrays(table)


@again(nan_accepted)
def nan_accepted_2(scores):
    return by_lists(rows_of([[score if math.isfinite(score) else 0.0 for score in row] for row in scores]))


# Rounding


@misconception(
    "rounding_taken_for_variance",
    en="where all scores are equal, SS_total is a rounding above 0, and you divide by it: compare the smallest and the "
    "largest score, and answer 0 if they are equal",
    fr="si toutes les notes sont égales, la somme totale est un arrondi au-dessus de 0, et vous divisez par elle : "
    "comparez la plus petite et la plus grande note, et répondez 0 si elles sont égales",
)
def rounding_taken_for_variance(scores):
    table = checked_table(scores)
    total = squares(table)
    share = table.shape[1] * squares(table.mean(axis=1)) / total if total != 0 else 0.0
    return by_arrays(table, template_share=share)


@again(rounding_taken_for_variance)
def rounding_taken_for_variance_2(scores):
    rows = rows_of(scores)
    middle = sum(flat(rows)) / len(flat(rows))
    means = [sum(row) / len(row) for row in rows]
    between = len(rows[0]) * sum((mean - middle) ** 2 for mean in means)
    total = sum((score - middle) ** 2 for score in flat(rows))
    return by_lists(rows, template_share=between / total if total > 0 else 0.0)


@misconception(
    "rounding_taken_for_a_sign",
    en="a word's mean of 0 that comes out as 1e-17 has a sign for you: means below 1e-12 in size are 0",
    fr="une moyenne de mot nulle qui donne 1e-17 a pour vous un signe : les moyennes inférieures à 1e-12 en valeur "
    "absolue sont nulles",
)
def rounding_taken_for_a_sign(scores):
    table = checked_table(scores)
    return by_arrays(table, sign_agreement=(np.sign(table) == np.sign(table.mean(axis=0))).mean())


@again(rounding_taken_for_a_sign)
def rounding_taken_for_a_sign_2(scores):
    rows = rows_of(scores)
    sides = [sign(sum(column) / len(rows)) for column in zip(*rows, strict=True)]
    return by_lists(rows, sign_agreement=sum(sign(x) == side for row in rows for x, side in zip(row, sides, strict=True)) / len(flat(rows)))  # fmt: skip
