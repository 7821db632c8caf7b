"""Might the words of two sets have been divided otherwise and be as far apart?"""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Sequence

import numpy as np

from attentif.bias.groups import check_resamples, finite_numbers, label_codes
from attentif.errors import InputError
from attentif.language import text


def coded_words(
    first: Sequence[float],
    second: Sequence[float],
    groups: tuple[Sequence[Hashable], Sequence[Hashable]] | None,
    n_resamples: int,
) -> tuple[np.ndarray, np.ndarray, int]:
    """Check the arguments of a permutation test and number the words, those of the first set before the others.

    Returns:
        (values, codes, n_first): float64 (N,), the values of both sets; int64 (N,), the word of each, from 0
        to W − 1; how many of the words the first set has.
    """
    first, second = finite_numbers(first, "first"), finite_numbers(second, "second")
    check_resamples(n_resamples)
    if groups is None:
        groups = range(len(first)), range(len(first), len(first) + len(second))
    if len(groups) != 2:
        raise InputError(
            expected=text(
                "groups to be two lists of labels, for first and for second",
                "deux listes d'étiquettes dans groups, pour first et pour second",
            ),
            got=str(len(groups)),
            remedy=text("write groups=(words_of_first, words_of_second)", "écrivez groups=(mots_1, mots_2)"),
        )
    codes = [label_codes(labels, len(each)) for labels, each in zip(groups, (first, second), strict=True)]
    shared = sorted(map(repr, set(groups[0]) & set(groups[1])))
    if shared:
        raise InputError(
            expected=text(
                "words that are in one of the two sets", "des mots qui sont dans un seul des deux ensembles"
            ),
            got=text(f"{shared[0]} in both", f"{shared[0]} dans les deux"),
            remedy=text("leave such words out", "retirez ces mots"),
        )
    n_first = int(codes[0].max()) + 1
    return np.concatenate([first, second]), np.concatenate([codes[0], codes[1] + n_first]), n_first


def permutation_p_value(
    first: Sequence[float],
    second: Sequence[float],
    groups: tuple[Sequence[Hashable], Sequence[Hashable]] | None = None,
    n_resamples: int = 20_000,
    seed: int = 0,
) -> float:
    """How often a random division of the words sets them as far apart as the division into the two targets.

    The W words of both sets are divided anew into as many as the first set has and the others. With

        t = mean of the values of the one part − mean of the values of the other,

    p is the share of the divisions whose t is at least the observed one. It is one-sided; equal ones count,
    the observed one among them. All divisions are tried if they are at most n_resamples; otherwise that many are
    drawn and p = (b + 1) / (n_resamples + 1), where b of them have such a t.

    Sentences made from one word by templates are not exchangeable with those of another word: with `groups`, each
    word moves with all its sentences.

    Args:
        first, second: (X,) and (Y,) associations of the items (words or sentences) of the two targets.
        groups: the word of each item: (X labels, Y labels), no word in both; None where each item is a word.
        n_resamples: at least 100; by default enough to try all divisions of 8 and 8 words.
        seed: of numpy's generator.

    Returns:
        p, in (0, 1].

    Raises:
        InputError: values that are no finite numbers, labels that are too many, too few or in both sets, fewer
            than 100 resamples.

    Source: Caliskan et al. 2017, Methods; May et al. 2019, §2; the added 1: Davison and Hinkley 1997, §4.2.
        Deviation: May et al. divide the sentences, whatever their words, which makes p too small.

    >>> permutation_p_value([0.9, 0.8, 0.7], [0.1, 0.2, 0.3])
    0.05
    >>> permutation_p_value([0.9, 0.8, 0.7], [0.1, 0.2, 0.3], groups=("aab", "ccd"))
    0.16666666666666666
    """
    values, codes, n_first = coded_words(first, second, groups, n_resamples)
    sums, sizes = np.bincount(codes, values - values.mean()), np.bincount(codes)  # (W,) each
    n_words = len(sums)
    n_divisions = math.comb(n_words, n_first)
    if n_divisions <= n_resamples:
        chosen = np.array(list(itertools.combinations(range(n_words), n_first)))  # (divisions, n_first)
    else:
        generator = np.random.default_rng(seed)
        orders = np.tile(np.arange(n_words), (n_resamples, 1))
        chosen = generator.permuted(orders, axis=1)[:, :n_first]
    chosen = np.vstack([np.arange(n_first), chosen])  # the observed division first
    part, size = sums[chosen].sum(axis=1), sizes[chosen].sum(axis=1)
    t = part / size - (sums.sum() - part) / (len(values) - size)
    # Equal in exact arithmetic, two of them may differ by rounding.
    count = int(np.count_nonzero(t[1:] >= t[0] - 1e-12 * np.abs(values).max()))
    return count / n_divisions if n_divisions <= n_resamples else (count + 1) / (n_resamples + 1)
