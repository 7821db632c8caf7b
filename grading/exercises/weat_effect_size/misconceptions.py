"""Wrong implementations that people really write, each with what it computes instead.

What a version does not get wrong it takes from the right parts below: the first ones from `unit_sets` and numpy, the
second ones from `cosines` and torch.
"""

from __future__ import annotations

import math
import statistics

import numpy as np
import torch
from torch.nn import functional as F

from attentif.bias.weat import checked_vectors
from attentif.checks.text import text
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("dot_products", "spreads_of_each_set", "divisor_n", "cosine_with_the_mean")


def unit_sets(*sets):
    """The four sets as arrays, each row divided by its length."""
    arrays = checked_vectors(**{f"set_{place}": vectors for place, vectors in enumerate(sets)})
    return [array / np.linalg.norm(array, axis=1, keepdims=True) for array in arrays]


def of_targets(x, y, first, second):
    """The associations of the targets of both sets, of unit vectors."""
    return [(each @ first.T).mean(axis=1) - (each @ second.T).mean(axis=1) for each in (x, y)]


def ratio(numerator, spread):
    """The numerator in units of the spread, 0 where there is none."""
    return float(numerator / spread) if spread > 1e-12 else 0.0


def tensors(*sets):
    """The four sets as tensors (float64), what has no cosine refused."""
    made = [torch.as_tensor(vectors, dtype=torch.float64) for vectors in sets]
    if any(each.dim() != 2 or not each.isfinite().all() or (each == 0).all(1).any() for each in made):
        raise ValueError("vectors (N, d) of finite numbers, none of zeros")
    if len({each.shape[1] for each in made}) > 1:
        raise ValueError("one width")
    return made


def cosines(targets, attributes):
    """The cosine of each target with each attribute, (targets, attributes)."""
    return F.cosine_similarity(targets[:, None], attributes[None], dim=-1)


def told(of_x, of_y):
    """Two tensors of associations as lists."""
    return of_x.tolist(), of_y.tolist()


# The associations


@misconception(
    "dot_products",
    en="you take dot products, so long vectors count more: divide each vector by its length first, for a cosine",
    fr="vous prenez des produits scalaires, si bien que les longs vecteurs comptent davantage : divisez d'abord "
    "chaque vecteur par sa longueur, ce qui donne un cosinus",
)
def dot_products(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = checked_vectors(
        x=first_targets, y=second_targets, a=first_attributes, b=second_attributes
    )
    of_x, of_y = of_targets(x, y, first, second)
    return ratio(of_x.mean() - of_y.mean(), np.concatenate([of_x, of_y]).std(ddof=1))


@again(dot_products)
def dot_products_2(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = tensors(first_targets, second_targets, first_attributes, second_attributes)
    scores = [[(w @ first.T).mean().item() - (w @ second.T).mean().item() for w in each] for each in (x, y)]
    means = [statistics.fmean(each) for each in scores]
    return ratio(means[0] - means[1], statistics.stdev(scores[0] + scores[1]))


@misconception(
    "attributes_not_divided",
    en="you divide the targets by their lengths but not the attributes, so long attributes count more: a cosine "
    "divides by both lengths",
    fr="vous divisez les cibles par leur longueur mais pas les attributs, si bien que les longs attributs comptent "
    "davantage : un cosinus divise par les deux longueurs",
)
def attributes_not_divided(first_targets, second_targets, first_attributes, second_attributes):
    x, y, _, _ = unit_sets(first_targets, second_targets, first_attributes, second_attributes)
    first, second = checked_vectors(a=first_attributes, b=second_attributes)
    of_x, of_y = of_targets(x, y, first, second)
    return ratio(of_x.mean() - of_y.mean(), np.concatenate([of_x, of_y]).std(ddof=1))


@again(attributes_not_divided)
def attributes_not_divided_2(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = tensors(first_targets, second_targets, first_attributes, second_attributes)
    scores = []
    for each in (x, y):
        directions = F.normalize(each, dim=1)
        scores.append(torch.mm(directions, first.mT).mean(1) - torch.mm(directions, second.mT).mean(1))
    return ratio((scores[0].mean() - scores[1].mean()).item(), torch.cat(scores).std().item())


@misconception(
    "cosine_with_the_mean",
    en="you take one cosine, with the mean of the attributes: take the mean of the cosines with each of them",
    fr="vous prenez un seul cosinus, avec la moyenne des attributs : prenez la moyenne des cosinus avec chacun d'eux",
)
def cosine_with_the_mean(first_targets, second_targets, first_attributes, second_attributes):
    sets = checked_vectors(x=first_targets, y=second_targets, a=first_attributes, b=second_attributes)
    centres = [each.mean(axis=0, keepdims=True) for each in sets[2:]]
    of_x, of_y = of_targets(*unit_sets(*sets[:2], *centres))
    return ratio(of_x.mean() - of_y.mean(), np.concatenate([of_x, of_y]).std(ddof=1))


@again(cosine_with_the_mean)
def cosine_with_the_mean_2(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = tensors(first_targets, second_targets, first_attributes, second_attributes)
    targets = torch.cat([x, y])
    scores = F.cosine_similarity(targets, first.mean(0), dim=1) - F.cosine_similarity(
        targets, second.mean(0), dim=1
    )
    gap = scores[: len(x)].mean() - scores[len(x) :].mean()
    return ratio(gap.item(), scores.std().item())


@misconception(
    "sums_over_attributes",
    en="you add the cosines up over the attributes, so the larger set weighs more: take their mean over each set",
    fr="vous additionnez les cosinus sur les attributs, si bien que le plus grand ensemble pèse davantage : prenez "
    "leur moyenne sur chaque ensemble",
)
def sums_over_attributes(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = unit_sets(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = ((each @ first.T).sum(axis=1) - (each @ second.T).sum(axis=1) for each in (x, y))
    return ratio(of_x.mean() - of_y.mean(), np.concatenate([of_x, of_y]).std(ddof=1))


@again(sums_over_attributes)
def sums_over_attributes_2(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = tensors(first_targets, second_targets, first_attributes, second_attributes)
    signs = torch.tensor([1.0] * len(first) + [-1.0] * len(second), dtype=torch.float64)
    attributes = torch.cat([first, second])
    of_x, of_y = told(cosines(x, attributes) @ signs, cosines(y, attributes) @ signs)
    return ratio(statistics.fmean(of_x) - statistics.fmean(of_y), statistics.stdev(of_x + of_y))


@misconception(
    "second_attributes_left_out",
    en="your association is the mean cosine with the first attributes alone: subtract the mean cosine with the "
    "second ones",
    fr="votre association est le cosinus moyen avec les seuls premiers attributs : soustrayez le cosinus moyen avec "
    "les seconds",
)
def second_attributes_left_out(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, _ = unit_sets(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = ((each @ first.T).mean(axis=1) for each in (x, y))
    return ratio(of_x.mean() - of_y.mean(), np.concatenate([of_x, of_y]).std(ddof=1))


@again(second_attributes_left_out)
def second_attributes_left_out_2(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, _ = tensors(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = told(cosines(x, first).mean(1), cosines(y, first).mean(1))
    return ratio(statistics.fmean(of_x) - statistics.fmean(of_y), statistics.stdev(of_x + of_y))


# The numerator


@misconception(
    "sign_reversed",
    en="your sign is reversed: positive means that the first targets go with the first attributes, so first minus "
    "second, both times",
    fr="votre signe est inversé : positif veut dire que les premières cibles vont avec les premiers attributs, donc "
    "les premiers moins les seconds, les deux fois",
)
def sign_reversed(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = unit_sets(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = of_targets(x, y, first, second)
    return ratio(of_y.mean() - of_x.mean(), np.concatenate([of_x, of_y]).std(ddof=1))


@again(sign_reversed)
def sign_reversed_2(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = tensors(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = told(*(cosines(each, second).mean(1) - cosines(each, first).mean(1) for each in (x, y)))
    return ratio(statistics.fmean(of_x) - statistics.fmean(of_y), statistics.stdev(of_x + of_y))


@misconception(
    "sums_over_targets",
    en="your numerator is the difference of the sums over the targets, which is the statistic of the permutation "
    "test: take the means over each set",
    fr="votre numérateur est la différence des sommes sur les cibles, la statistique du test par permutation : "
    "prenez les moyennes sur chaque ensemble",
)
def sums_over_targets(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = unit_sets(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = of_targets(x, y, first, second)
    return ratio(of_x.sum() - of_y.sum(), np.concatenate([of_x, of_y]).std(ddof=1))


@again(sums_over_targets)
def sums_over_targets_2(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = tensors(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = told(*(cosines(each, first).mean(1) - cosines(each, second).mean(1) for each in (x, y)))
    return ratio(math.fsum(of_x) - math.fsum(of_y), statistics.stdev(of_x + of_y))


@misconception(
    "size_without_sign",
    en="you return the size of d without its sign: it tells which targets go with which attributes, so keep it",
    fr="vous renvoyez d en valeur absolue : son signe dit quelles cibles vont avec quels attributs, gardez-le",
)
def size_without_sign(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = unit_sets(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = of_targets(x, y, first, second)
    return ratio(abs(of_x.mean() - of_y.mean()), np.concatenate([of_x, of_y]).std(ddof=1))


@again(size_without_sign)
def size_without_sign_2(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = tensors(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = told(*(cosines(each, first).mean(1) - cosines(each, second).mean(1) for each in (x, y)))
    gap = statistics.fmean(of_x) - statistics.fmean(of_y)
    return math.fabs(ratio(gap, statistics.stdev(of_x + of_y)))


# The denominator


@misconception(
    "divisor_n",
    en="your standard deviation divides by N, as np.std does by default: divide by N − 1, with ddof=1",
    fr="votre écart type divise par N, comme le fait np.std par défaut : divisez par N − 1, avec ddof=1",
    warning=text("your standard deviation divides by $N$", "votre écart type divise par $N$"),
)
def divisor_n(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = unit_sets(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = of_targets(x, y, first, second)
    return ratio(of_x.mean() - of_y.mean(), np.std(np.concatenate([of_x, of_y])))


@again(divisor_n)
def divisor_n_2(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = tensors(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = told(*(cosines(each, first).mean(1) - cosines(each, second).mean(1) for each in (x, y)))
    gap = statistics.fmean(of_x) - statistics.fmean(of_y)
    return ratio(gap, statistics.pstdev(of_x + of_y))


@misconception(
    "spreads_of_each_set",
    en="your standard deviation is pooled from those inside each set, as in Cohen's d: WEAT takes that of the "
    "associations of both sets put together, what lies between the sets included",
    fr="votre écart type combine ceux de chaque ensemble, comme le d de Cohen : WEAT prend celui des associations "
    "des deux ensembles réunis, y compris ce qui les sépare",
)
def spreads_of_each_set(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = unit_sets(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = of_targets(x, y, first, second)
    inside = np.square(of_x - of_x.mean()).sum() + np.square(of_y - of_y.mean()).sum()
    return ratio(of_x.mean() - of_y.mean(), np.sqrt(inside / (len(of_x) + len(of_y) - 2)))


@again(spreads_of_each_set)
def spreads_of_each_set_2(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = tensors(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = told(*(cosines(each, first).mean(1) - cosines(each, second).mean(1) for each in (x, y)))
    gap = statistics.fmean(of_x) - statistics.fmean(of_y)
    freedom = len(of_x) - 1, len(of_y) - 1
    variances = [statistics.variance(each) * n for each, n in zip((of_x, of_y), freedom, strict=True)]
    return ratio(gap, math.sqrt(sum(variances) / sum(freedom)))


@misconception(
    "spread_of_the_first_set",
    en="your standard deviation is that of the first targets alone: take it over the targets of both sets put "
    "together",
    fr="votre écart type est celui des seules premières cibles : prenez-le sur les cibles des deux ensembles réunis",
)
def spread_of_the_first_set(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = unit_sets(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = of_targets(x, y, first, second)
    return ratio(of_x.mean() - of_y.mean(), of_x.std(ddof=1))


@again(spread_of_the_first_set)
def spread_of_the_first_set_2(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = tensors(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = told(*(cosines(each, first).mean(1) - cosines(each, second).mean(1) for each in (x, y)))
    gap = statistics.fmean(of_x) - statistics.fmean(of_y)
    return ratio(gap, statistics.stdev(of_x))


@misconception(
    "variance",
    en="you divide by the variance: divide by its root, the standard deviation",
    fr="vous divisez par la variance : divisez par sa racine, l'écart type",
)
def variance(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = unit_sets(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = of_targets(x, y, first, second)
    return ratio(of_x.mean() - of_y.mean(), np.var(np.concatenate([of_x, of_y]), ddof=1))


@again(variance)
def variance_2(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = tensors(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = told(*(cosines(each, first).mean(1) - cosines(each, second).mean(1) for each in (x, y)))
    gap = statistics.fmean(of_x) - statistics.fmean(of_y)
    return ratio(gap, statistics.variance(of_x + of_y))


@misconception(
    "not_standardised",
    en="you return the difference of the means, in units of cosine: divide it by the standard deviation",
    fr="vous renvoyez la différence des moyennes, en unités de cosinus : divisez-la par l'écart type",
)
def not_standardised(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = unit_sets(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = of_targets(x, y, first, second)
    return float(of_x.mean() - of_y.mean())


@again(not_standardised)
def not_standardised_2(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = tensors(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = told(*(cosines(each, first).mean(1) - cosines(each, second).mean(1) for each in (x, y)))
    gap = statistics.fmean(of_x) - statistics.fmean(of_y)
    return gap


@misconception(
    "standard_error",
    en="you divide by a standard error, as a t test does, so d grows with the number of words: divide by the "
    "standard deviation",
    fr="vous divisez par une erreur type, comme un test de Student, si bien que d grandit avec le nombre de mots : "
    "divisez par l'écart type",
)
def standard_error(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = unit_sets(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = of_targets(x, y, first, second)
    of_both = np.concatenate([of_x, of_y])
    return ratio(of_x.mean() - of_y.mean(), of_both.std(ddof=1) / np.sqrt(len(of_both)))


@again(standard_error)
def standard_error_2(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = tensors(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = told(*(cosines(each, first).mean(1) - cosines(each, second).mean(1) for each in (x, y)))
    gap = statistics.fmean(of_x) - statistics.fmean(of_y)
    return ratio(gap, statistics.stdev(of_x + of_y)) * len(of_x + of_y) ** 0.5


@misconception(
    "spread_of_all_cosines",
    en="your standard deviation is that of all single cosines: take that of the associations s(w), one a target",
    fr="votre écart type est celui de tous les cosinus un à un : prenez celui des associations s(w), une par cible",
)
def spread_of_all_cosines(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = unit_sets(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = of_targets(x, y, first, second)
    targets = np.concatenate([x, y])
    single = np.concatenate([targets @ first.T, targets @ second.T], axis=1)
    return ratio(of_x.mean() - of_y.mean(), single.std(ddof=1)) if np.ptp([*of_x, *of_y]) else 0.0


@again(spread_of_all_cosines)
def spread_of_all_cosines_2(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = tensors(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = told(*(cosines(each, first).mean(1) - cosines(each, second).mean(1) for each in (x, y)))
    gap = statistics.fmean(of_x) - statistics.fmean(of_y)
    single = cosines(torch.cat([x, y]), torch.cat([first, second])).flatten().tolist()
    return ratio(gap, statistics.stdev(single))


# The edges


@misconception(
    "no_spread",
    en="where all targets have the same association, you divide 0 by 0: test that case, and answer 0",
    fr="quand toutes les cibles ont la même association, vous divisez 0 par 0 : testez ce cas, et répondez 0",
)
def no_spread(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = unit_sets(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = of_targets(x, y, first, second)
    with np.errstate(invalid="ignore"):
        return float((of_x.mean() - of_y.mean()) / np.concatenate([of_x, of_y]).std(ddof=1))


@again(no_spread)
def no_spread_2(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = tensors(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = told(*(cosines(each, first).mean(1) - cosines(each, second).mean(1) for each in (x, y)))
    gap = statistics.fmean(of_x) - statistics.fmean(of_y)
    return gap / statistics.stdev(of_x + of_y)


@misconception(
    "rounding_taken_for_spread",
    en="where all associations are the same but for their last digits, you divide one rounding by another: compare the "
    "smallest and the largest one, and answer 0 if they are within 1e-12",
    fr="si toutes les associations sont les mêmes à leurs derniers chiffres près, vous divisez un arrondi par un autre : "
    "comparez la plus petite et la plus grande, et répondez 0 si elles sont à moins de 1e-12",
)
def rounding_taken_for_spread(first_targets, second_targets, first_attributes, second_attributes):
    of_x, of_y = of_targets(*unit_sets(first_targets, second_targets, first_attributes, second_attributes))
    spread = np.concatenate([of_x, of_y]).std(ddof=1)
    return 0.0 if spread == 0 else float((of_x.mean() - of_y.mean()) / spread)


@again(rounding_taken_for_spread)
def rounding_taken_for_spread_2(first_targets, second_targets, first_attributes, second_attributes):
    x, y, first, second = tensors(first_targets, second_targets, first_attributes, second_attributes)
    of_x, of_y = (cosines(each, first).mean(1) - cosines(each, second).mean(1) for each in (x, y))
    spread = torch.cat([of_x, of_y]).std()
    return ((of_x.mean() - of_y.mean()) / spread).item() if spread > 0 else 0.0


@misconception(
    "zeros_accepted",
    en="a vector of zeros is accepted, though it has no direction: refuse it with an InputError, or let "
    "checked_vectors do it",
    fr="un vecteur nul est accepté, alors qu'il n'a pas de direction : refusez-le par une InputError, ou laissez "
    "checked_vectors le faire",
)
def zeros_accepted(first_targets, second_targets, first_attributes, second_attributes):
    sets = [
        np.asarray(each, float)
        for each in (first_targets, second_targets, first_attributes, second_attributes)
    ]
    if any(each.ndim != 2 or not np.isfinite(each).all() for each in sets):
        raise ValueError("finite numbers, one row an item")
    x, y, first, second = (
        each / np.maximum(np.linalg.norm(each, axis=1, keepdims=True), 1e-9) for each in sets
    )
    of_x, of_y = of_targets(x, y, first, second)
    return ratio(of_x.mean() - of_y.mean(), np.concatenate([of_x, of_y]).std(ddof=1))


@again(zeros_accepted)
def zeros_accepted_2(first_targets, second_targets, first_attributes, second_attributes):
    sets = [
        torch.as_tensor(each) for each in (first_targets, second_targets, first_attributes, second_attributes)
    ]
    if (
        not all(each.dim() == 2 and each.isfinite().all() for each in sets)
        or sets[0].shape[1] != sets[3].shape[1]
    ):
        raise ValueError("finite vectors of one width")
    x, y, first, second = sets
    scores = [cosines(each, first).mean(1) - cosines(each, second).mean(1) for each in (x, y)]
    return ratio((scores[0].mean() - scores[1].mean()).item(), torch.cat(scores).std().item())


@misconception(
    "arguments_not_examined",
    en="NaN, infinity and vectors of zeros go through to the result: refuse them with an InputError, or let "
    "checked_vectors do it",
    fr="NaN, l'infini et les vecteurs nuls passent jusque dans le résultat : refusez-les par une InputError, ou "
    "laissez checked_vectors le faire",
)
def arguments_not_examined(first_targets, second_targets, first_attributes, second_attributes):
    sets = [
        np.asarray(each, float)
        for each in (first_targets, second_targets, first_attributes, second_attributes)
    ]
    with np.errstate(invalid="ignore"):
        x, y, first, second = (each / np.linalg.norm(each, axis=1, keepdims=True) for each in sets)
    of_x, of_y = of_targets(x, y, first, second)
    of_both = np.concatenate([of_x, of_y])
    return 0.0 if np.ptp(of_both) < 1e-12 else float((of_x.mean() - of_y.mean()) / of_both.std(ddof=1))


@again(arguments_not_examined)
def arguments_not_examined_2(first_targets, second_targets, first_attributes, second_attributes):
    sets = [
        torch.as_tensor(each) for each in (first_targets, second_targets, first_attributes, second_attributes)
    ]
    x, y, first, second = (each / each.norm(dim=1, keepdim=True) for each in sets)
    of_x, of_y = ((each @ first.T).mean(1) - (each @ second.T).mean(1) for each in (x, y))
    spread = torch.cat([of_x, of_y]).std()
    return 0.0 if spread < 1e-12 else ((of_x.mean() - of_y.mean()) / spread).item()
