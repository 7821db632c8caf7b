"""Wrong implementations that people really write, each with what it computes instead.

First versions change one piece of `by_arrays`, which goes through coded_pairs and numpy; second ones one piece of
`by_lists`, plain Python with its own generator.
"""

from __future__ import annotations

import math
import random
import statistics

import numpy as np

from attentif.bias.paired import PairedTest, coded_pairs
from attentif.checks.text import text
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("scores_exchanged_between_pairs", "one_sided", "groups_without_effect", "no_added_one")

# Equal sums may differ by rounding.
NEAR = 1e-9


def all_signs(n):
    """Every choice of n signs, as rows (2^n, n)."""
    return 1 - 2 * (np.arange(2**n)[:, None] >> np.arange(n) & 1)


def drawn_signs(generator, n_resamples, n):
    """Rows of n random signs."""
    return generator.choice([-1, 1], size=(n_resamples, n))


def at_least(totals, observed):
    """Which sums are as far from 0 as the observed one."""
    return np.abs(totals) >= abs(observed) - NEAR


def share(sums, n_resamples, seed, *, far=at_least, added=1, added_exact=0, most=16):
    """(p, whether it is exact) of the sums of groups; each piece can be replaced."""
    exact = len(sums) <= most
    signs = (
        all_signs(len(sums)) if exact else drawn_signs(np.random.default_rng(seed), n_resamples, len(sums))
    )
    count, more = far(signs @ sums, sums.sum()).sum(), added_exact if exact else added
    return float((count + more) / (len(signs) + more)), exact


def by_arrays(given, n_resamples, seed, **wrong):
    """A test of what coded_pairs gives, with some fields, or some pieces of `share`, replaced."""
    differences, codes = given
    fields = {name: wrong.pop(name) for name in PairedTest.__dataclass_fields__ if name in wrong}
    sums = wrong.pop("sums") if "sums" in wrong else np.bincount(codes, differences)
    # Who draws whatever the number of groups may still say what that number asks for; if not, that has a name of its own.
    p, exact = share(sums, n_resamples, seed, **wrong) if "p_value" not in fields else (1.0, len(sums) <= 16)
    right = {
        "difference": float(differences.mean()),
        "p_value": p,
        "n_pairs": len(differences),
        "n_groups": int(codes.max()) + 1,
        "exact": exact,
    }
    return Lenient(**(right | fields))


class Lenient(PairedTest):
    """A PairedTest of any p."""

    def __post_init__(self):
        pass


def differences_of(first, second, groups, n_resamples):
    """The differences, and those of each group, once the arguments are examined."""
    labels = range(len(first)) if groups is None else groups
    differences = [a - b for a, b in zip(first, second, strict=True)]
    if n_resamples < 100 or not all(map(math.isfinite, differences)):
        raise ValueError("arguments that do not fit")
    members = {}
    for difference, label in zip(differences, labels, strict=True):
        members.setdefault(label, []).append(difference)
    return differences, list(members.values())


def every_sum(numbers):
    """The sums of all choices of signs."""
    found = [0.0]
    for number in numbers:
        found = [so_far + sign * number for so_far in found for sign in (1, -1)]
    return found


def by_lists(data, n_resamples, seed, *, far=None, added=1, added_exact=0, most=16, sums=None, **fields):
    """A test of what `differences_of` gives, each piece of which can be replaced."""
    differences, members = data
    sums = [sum(each) for each in members] if sums is None else sums
    far = far or (lambda total, observed: abs(total) > abs(observed) - NEAR)
    exact = len(sums) <= most
    if "p_value" not in fields:
        source = random.Random(seed)
        totals = (
            every_sum(sums)
            if exact
            else [sum(source.choice((number, -number)) for number in sums) for _ in range(n_resamples)]
        )
        more = added_exact if exact else added
        fields["p_value"] = (sum(far(total, sum(sums)) for total in totals) + more) / (len(totals) + more)
    right = {
        "difference": statistics.fmean(differences),
        "n_pairs": len(differences),
        "n_groups": len(members),
        "exact": exact,
    }
    return Lenient(**(right | fields))


# What is flipped


@misconception(
    "scores_exchanged_between_pairs",
    en="you take the scores for two independent samples, by mixing those of all pairs or by another test, so what the "
    "pairs differ by drowns the models: flip signs within the pairs",
    fr="vous prenez les notes pour deux échantillons indépendants, en mélangeant celles de toutes les paires ou par un "
    "autre test, si bien que l'écart entre paires noie celui des modèles : changez les signes à l'intérieur des paires",
    warning=text(
        "you mix the scores of all pairs, as if the two samples were independent",
        "vous mélangez les notes de toutes les paires, comme si les deux échantillons étaient indépendants",
    ),
)
def scores_exchanged_between_pairs(first, second, n_resamples=10_000, seed=0, groups=None):
    given = coded_pairs(first, second, groups, n_resamples)
    pooled, n, generator = np.concatenate([first, second]), len(first), np.random.default_rng(seed)
    mixed = generator.permuted(np.tile(pooled, (n_resamples, 1)), axis=1)
    t, observed = mixed[:, :n].sum(axis=1) - mixed[:, n:].sum(axis=1), sum(first) - sum(second)
    p = float((at_least(t, observed).sum() + 1) / (n_resamples + 1))
    return by_arrays(given, n_resamples, seed, p_value=p)


@again(scores_exchanged_between_pairs)
def scores_exchanged_between_pairs_2(first, second, n_resamples=10_000, seed=0, groups=None):
    data = differences_of(first, second, groups, n_resamples)
    both, n, source = [*first, *second], len(first), random.Random(seed)
    count, whole = 0, sum(both)
    for _ in range(n_resamples):
        part = sum(source.sample(both, n))
        count += abs(2 * part - whole) > abs(sum(data[0])) - NEAR
    return by_lists(data, n_resamples, seed, p_value=(count + 1) / (n_resamples + 1))


@misconception(
    "group_sums_exchanged",
    en="you mix the sums of the groups of both models, as for two independent samples, so what the groups differ by "
    "drowns the models: flip the sign of each group's differences",
    fr="vous mélangez les sommes par groupe des deux modèles, comme pour deux échantillons indépendants, si bien que "
    "l'écart entre groupes noie celui des modèles : changez le signe des différences de chaque groupe",
)
def group_sums_exchanged(first, second, n_resamples=10_000, seed=0, groups=None):
    _, codes = given = coded_pairs(first, second, groups, n_resamples)
    x, y = np.bincount(codes, first), np.bincount(codes, second)
    mixed = np.random.default_rng(seed).permuted(np.tile([*x, *y], (n_resamples, 1)), axis=1)
    t = mixed[:, : len(x)].sum(axis=1) - mixed[:, len(x) :].sum(axis=1)
    p = float((at_least(t, x.sum() - y.sum()).sum() + 1) / (n_resamples + 1))
    return by_arrays(given, n_resamples, seed, p_value=p)


@again(group_sums_exchanged)
def group_sums_exchanged_2(first, second, n_resamples=10_000, seed=0, groups=None):
    data = differences_of(first, second, groups, n_resamples)
    labels = list(range(len(first)) if groups is None else groups)
    sums = [
        sum(score for score, own in zip(scores, labels, strict=True) if own == label)
        for scores in (first, second)
        for label in dict.fromkeys(labels)
    ]
    source, whole, count = random.Random(seed), sum(sums), 0
    for _ in range(n_resamples):
        part = sum(source.sample(sums, len(data[1])))
        count += abs(part - (whole - part)) > abs(sum(data[0])) - NEAR
    return by_lists(data, n_resamples, seed, p_value=(count + 1) / (n_resamples + 1))


@misconception(
    "signs_of_each_score",
    en="you flip the sign of each score of each model by itself: one sign a pair, of the difference first − second",
    fr="vous changez le signe de chaque note de chaque modèle séparément : un signe par paire, celui de la "
    "différence first − second",
)
def signs_of_each_score(first, second, n_resamples=10_000, seed=0, groups=None):
    given = coded_pairs(first, second, groups, n_resamples)
    scores = np.concatenate([first, np.negative(second)])
    totals = drawn_signs(np.random.default_rng(seed), n_resamples, len(scores)) @ scores
    p = float((at_least(totals, scores.sum()).sum() + 1) / (n_resamples + 1))
    return by_arrays(given, n_resamples, seed, p_value=p)


@again(signs_of_each_score)
def signs_of_each_score_2(first, second, n_resamples=10_000, seed=0, groups=None):
    data = differences_of(first, second, groups, n_resamples)
    source, observed, count = random.Random(seed), abs(sum(data[0])) - NEAR, 0
    for _ in range(n_resamples):
        signed = [source.choice((-1, 1)) * score for score in (*first, *second)]
        count += abs(sum(signed)) > observed
    return by_lists(data, n_resamples, seed, p_value=(count + 1) / (n_resamples + 1))


@misconception(
    "groups_without_effect",
    en="you flip the sign of each pair by itself, whatever groups says, which makes p too small: all differences of "
    "a group share one sign",
    fr="vous changez le signe de chaque paire séparément, sans tenir compte de groups, ce qui rend p trop petit : "
    "toutes les différences d'un groupe partagent un signe",
    warning=text(
        "you flip the sign of each pair by itself, whatever `groups` says",
        "vous changez le signe de chaque paire séparément, sans tenir compte de `groups`",
    ),
)
def groups_without_effect(first, second, n_resamples=10_000, seed=0, groups=None):
    coded_pairs(first, second, groups, n_resamples)
    return by_arrays(coded_pairs(first, second, None, n_resamples), n_resamples, seed)


@again(groups_without_effect)
def groups_without_effect_2(first, second, n_resamples=10_000, seed=0, groups=None):
    differences, _ = differences_of(first, second, groups, n_resamples)
    return by_lists((differences, [[each] for each in differences]), n_resamples, seed)


@misconception(
    "means_of_groups",
    en="you flip the signs of the groups' means, so all groups weigh the same: flip their sums, where a group with "
    "more pairs weighs more",
    fr="vous changez les signes des moyennes des groupes, si bien que tous pèsent autant : changez ceux de leurs "
    "sommes, où un groupe qui a plus de paires pèse plus",
)
def means_of_groups(first, second, n_resamples=10_000, seed=0, groups=None):
    differences, codes = given = coded_pairs(first, second, groups, n_resamples)
    return by_arrays(given, n_resamples, seed, sums=np.bincount(codes, differences) / np.bincount(codes))


@again(means_of_groups)
def means_of_groups_2(first, second, n_resamples=10_000, seed=0, groups=None):
    data = differences_of(first, second, groups, n_resamples)
    return by_lists(data, n_resamples, seed, sums=[statistics.fmean(each) for each in data[1]])


@misconception(
    "signs_alone",
    en="you count how many differences are positive, a sign test: their sizes count too, so compare sums",
    fr="vous comptez les différences positives, ce qui est un test des signes : leurs tailles comptent aussi, "
    "comparez des sommes",
)
def signs_alone(first, second, n_resamples=10_000, seed=0, groups=None):
    differences, codes = given = coded_pairs(first, second, groups, n_resamples)
    return by_arrays(given, n_resamples, seed, sums=np.sign(np.bincount(codes, differences)))


@again(signs_alone)
def signs_alone_2(first, second, n_resamples=10_000, seed=0, groups=None):
    data = differences_of(first, second, groups, n_resamples)
    return by_lists(data, n_resamples, seed, sums=[math.copysign(1.0, sum(each)) for each in data[1]])


# What is counted


@misconception(
    "one_sided",
    en="your p is one-sided, you count only sums as large as the observed one: it is two-sided here, so compare "
    "sizes, |sum|",
    fr="votre p est unilatéral, vous ne comptez que les sommes aussi grandes que celle observée : il est bilatéral "
    "ici, comparez des valeurs absolues, |somme|",
    warning=text(
        "you count only the sums that are as large as the observed one, sign included",
        "vous ne comptez que les sommes aussi grandes que celle observée, signe compris",
    ),
)
def one_sided(first, second, n_resamples=10_000, seed=0, groups=None):
    def as_large(totals, observed):
        return totals >= observed - NEAR

    return by_arrays(coded_pairs(first, second, groups, n_resamples), n_resamples, seed, far=as_large)


@again(one_sided)
def one_sided_2(first, second, n_resamples=10_000, seed=0, groups=None):
    return by_lists(
        differences_of(first, second, groups, n_resamples),
        n_resamples,
        seed,
        far=lambda total, observed: total > observed - NEAR,
    )


@misconception(
    "ties_left_out",
    en="you count only sums that are further from 0 than the observed one: equal ones count too, the observed one "
    "among them, so p is never 0",
    fr="vous ne comptez que les sommes plus loin de 0 que celle observée : celles qui l'égalent comptent aussi, elle"
    " la première, si bien que p n'est jamais nul",
)
def ties_left_out(first, second, n_resamples=10_000, seed=0, groups=None):
    def further(totals, observed):
        return np.abs(totals) > abs(observed) + NEAR

    return by_arrays(coded_pairs(first, second, groups, n_resamples), n_resamples, seed, far=further)


@again(ties_left_out)
def ties_left_out_2(first, second, n_resamples=10_000, seed=0, groups=None):
    return by_lists(
        differences_of(first, second, groups, n_resamples),
        n_resamples,
        seed,
        far=lambda total, observed: abs(total) - abs(observed) > NEAR,
    )


@misconception(
    "no_added_one",
    en="of n draws you return the share of those that are as far out, which may be 0: the observed choice counts "
    "too, (b + 1) / (n + 1)",
    fr="pour n tirages, vous renvoyez la part de ceux qui sont aussi loin, qui peut être nulle : le choix observé "
    "compte aussi, (b + 1) / (n + 1)",
    warning=text(
        "of $n$ draws you return the share $b / n$, which may be 0",
        "pour $n$ tirages, vous renvoyez la part $b / n$, qui peut être nulle",
    ),
)
def no_added_one(first, second, n_resamples=10_000, seed=0, groups=None):
    return by_arrays(coded_pairs(first, second, groups, n_resamples), n_resamples, seed, added=0)


@again(no_added_one)
def no_added_one_2(first, second, n_resamples=10_000, seed=0, groups=None):
    return by_lists(differences_of(first, second, groups, n_resamples), n_resamples, seed, added=0)


@misconception(
    "one_added_to_the_exact",
    en="you add 1 where all choices are tried as well: the observed one is already among them, so p is their plain "
    "share",
    fr="vous ajoutez 1 même quand tous les choix sont essayés : celui qui est observé en fait déjà partie, p est "
    "leur simple part",
)
def one_added_to_the_exact(first, second, n_resamples=10_000, seed=0, groups=None):
    return by_arrays(coded_pairs(first, second, groups, n_resamples), n_resamples, seed, added_exact=1)


@again(one_added_to_the_exact)
def one_added_to_the_exact_2(first, second, n_resamples=10_000, seed=0, groups=None):
    return by_lists(differences_of(first, second, groups, n_resamples), n_resamples, seed, added_exact=1)


# Exact or drawn, and what the seed does


@misconception(
    "always_drawn",
    en="you draw signs even where there are at most 16 groups: try all 2^G choices there, p is then exact",
    fr="vous tirez les signes même quand il y a au plus 16 groupes : essayez alors les 2^G choix, p est exact",
)
def always_drawn(first, second, n_resamples=10_000, seed=0, groups=None):
    return by_arrays(coded_pairs(first, second, groups, n_resamples), n_resamples, seed, most=0)


@again(always_drawn)
def always_drawn_2(first, second, n_resamples=10_000, seed=0, groups=None):
    return by_lists(differences_of(first, second, groups, n_resamples), n_resamples, seed, most=0)


@misconception(
    "seed_without_effect",
    en="the draws are new ones each time, whatever the seed: make the generator from seed, "
    "np.random.default_rng(seed)",
    fr="les tirages sont nouveaux à chaque fois, quelle que soit la graine : créez le générateur à partir de seed, "
    "np.random.default_rng(seed)",
)
def seed_without_effect(first, second, n_resamples=10_000, seed=0, groups=None):
    return by_arrays(coded_pairs(first, second, groups, n_resamples), n_resamples, None)


@again(seed_without_effect)
def seed_without_effect_2(first, second, n_resamples=10_000, seed=0, groups=None):
    return by_lists(differences_of(first, second, groups, n_resamples), n_resamples, None)


@misconception(
    "seed_always_the_same",
    en="another seed gives the same draws: the generator is made from a fixed number; make it from the argument seed",
    fr="une autre graine donne les mêmes tirages : le générateur est créé à partir d'un nombre fixe ; créez-le à "
    "partir de l'argument seed",
)
def seed_always_the_same(first, second, n_resamples=10_000, seed=0, groups=None):
    return by_arrays(coded_pairs(first, second, groups, n_resamples), n_resamples, 42)


@again(seed_always_the_same)
def seed_always_the_same_2(first, second, n_resamples=10_000, seed=0, groups=None):
    return by_lists(differences_of(first, second, groups, n_resamples), n_resamples, 1234)


# The other fields


@misconception(
    "difference_reversed",
    en="difference is the mean of second − first: subtract second from first, so that it is positive where the first"
    " model scores higher",
    fr="difference est la moyenne de second − first : soustrayez second de first, pour qu'elle soit positive quand "
    "le premier modèle note plus haut",
)
def difference_reversed(first, second, n_resamples=10_000, seed=0, groups=None):
    differences, _ = given = coded_pairs(first, second, groups, n_resamples)
    return by_arrays(given, n_resamples, seed, difference=float(-differences.mean()))


@again(difference_reversed)
def difference_reversed_2(first, second, n_resamples=10_000, seed=0, groups=None):
    data = differences_of(first, second, groups, n_resamples)
    return by_lists(data, n_resamples, seed, difference=statistics.fmean(second) - statistics.fmean(first))


@misconception(
    "sum_as_difference",
    en="difference is the sum of the differences: divide it by the number of pairs",
    fr="difference est la somme des différences : divisez-la par le nombre de paires",
)
def sum_as_difference(first, second, n_resamples=10_000, seed=0, groups=None):
    differences, _ = given = coded_pairs(first, second, groups, n_resamples)
    return by_arrays(given, n_resamples, seed, difference=float(differences.sum()))


@again(sum_as_difference)
def sum_as_difference_2(first, second, n_resamples=10_000, seed=0, groups=None):
    data = differences_of(first, second, groups, n_resamples)
    return by_lists(data, n_resamples, seed, difference=math.fsum(first) - math.fsum(second))


@misconception(
    "difference_of_groups",
    en="difference is the mean of the groups' means: it is the mean over all pairs, each counted once",
    fr="difference est la moyenne des moyennes des groupes : c'est la moyenne sur toutes les paires, chacune comptée"
    " une fois",
)
def difference_of_groups(first, second, n_resamples=10_000, seed=0, groups=None):
    differences, codes = given = coded_pairs(first, second, groups, n_resamples)
    means = np.bincount(codes, differences) / np.bincount(codes)
    return by_arrays(given, n_resamples, seed, difference=float(means.mean()))


@again(difference_of_groups)
def difference_of_groups_2(first, second, n_resamples=10_000, seed=0, groups=None):
    data = differences_of(first, second, groups, n_resamples)
    middle = statistics.fmean(statistics.fmean(each) for each in data[1])
    return by_lists(data, n_resamples, seed, difference=middle)


@misconception(
    "n_groups_counts_pairs",
    en="n_groups is the number of pairs: count the groups, which is how many signs are flipped",
    fr="n_groups est le nombre de paires : comptez les groupes, c'est-à-dire les signes que l'on change",
)
def n_groups_counts_pairs(first, second, n_resamples=10_000, seed=0, groups=None):
    return by_arrays(coded_pairs(first, second, groups, n_resamples), n_resamples, seed, n_groups=len(first))


@again(n_groups_counts_pairs)
def n_groups_counts_pairs_2(first, second, n_resamples=10_000, seed=0, groups=None):
    return by_lists(
        differences_of(first, second, groups, n_resamples), n_resamples, seed, n_groups=len(second)
    )


@misconception(
    "n_pairs_counts_groups",
    en="n_pairs is the number of groups: count the pairs, one a score of each model",
    fr="n_pairs est le nombre de groupes : comptez les paires, une par note de chaque modèle",
)
def n_pairs_counts_groups(first, second, n_resamples=10_000, seed=0, groups=None):
    _, codes = given = coded_pairs(first, second, groups, n_resamples)
    return by_arrays(given, n_resamples, seed, n_pairs=len(np.unique(codes)))


@again(n_pairs_counts_groups)
def n_pairs_counts_groups_2(first, second, n_resamples=10_000, seed=0, groups=None):
    return by_lists(
        differences_of(first, second, groups, n_resamples),
        n_resamples,
        seed,
        n_pairs=len(set(groups)) if groups else len(first),
    )


# What is refused


@misconception(
    "lengths_not_compared",
    en="with a score too few you go on: zip stops at the shorter list; compare the lengths, or let coded_pairs do it",
    fr="avec une note de moins, vous continuez : zip s'arrête à la liste la plus courte ; comparez les longueurs, ou"
    " laissez coded_pairs le faire",
)
def lengths_not_compared(first, second, n_resamples=10_000, seed=0, groups=None):
    n = min(len(first), len(second))
    return by_arrays(coded_pairs(first[:n], second[:n], groups, n_resamples), n_resamples, seed)


@again(lengths_not_compared)
def lengths_not_compared_2(first, second, n_resamples=10_000, seed=0, groups=None):
    kept = [(a, b) for a, b in zip(first, second, strict=False)]
    return by_lists(differences_of(*zip(*kept, strict=True), groups, n_resamples), n_resamples, seed)


@misconception(
    "arguments_not_examined",
    en="NaN, or as few as 10 draws, are accepted: examine the arguments first, or let coded_pairs do it",
    fr="NaN, ou 10 tirages seulement, sont acceptés : examinez d'abord les arguments, ou laissez coded_pairs le "
    "faire",
)
def arguments_not_examined(first, second, n_resamples=10_000, seed=0, groups=None):
    differences = np.subtract(first, second)
    labels = range(len(first)) if groups is None else groups
    if len(labels) != len(first):
        raise ValueError("one label a pair")
    numbers = {label: number for number, label in enumerate(dict.fromkeys(labels))}
    return by_arrays((differences, np.array([numbers[label] for label in labels])), n_resamples, seed)


@again(arguments_not_examined)
def arguments_not_examined_2(first, second, n_resamples=10_000, seed=0, groups=None):
    kept = [0.0 if math.isnan(score) else score for score in first]
    return by_lists(differences_of(kept, second, groups, max(100, n_resamples)), n_resamples, seed)
