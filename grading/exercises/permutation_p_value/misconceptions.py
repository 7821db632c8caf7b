"""Wrong implementations that people really write, each with what it computes instead.

First versions change one piece of `by_arrays`, which goes through coded_words and numpy; second ones one piece of
`by_lists`, plain Python with its own generator.
"""

from __future__ import annotations

import itertools
import math
import random
import statistics

import numpy as np

from attentif.bias.permutation import coded_words
from attentif.checks.text import text
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("sentences_divided", "two_sided", "no_added_one", "with_replacement")

# Equal values may differ by rounding.
NEAR = 1e-9


def all_choices(n_words, n_first):
    """Every choice of the first part, as rows of booleans (divisions, W)."""
    rows = np.array(list(itertools.combinations(range(n_words), n_first)))
    chosen = np.zeros((len(rows), n_words), dtype=bool)
    np.put_along_axis(chosen, rows, True, axis=1)
    return chosen


def orders(generator, n_words, n_first, n):
    """n choices drawn by random orders, as rows of booleans."""
    return np.argsort(generator.random((n, n_words)), axis=1) < n_first


def gaps(chosen, sums, sizes):
    """The difference of means of each choice."""
    with np.errstate(invalid="ignore"):  # values that nobody has examined
        part, size = chosen @ sums, chosen @ sizes
        # A part without a word has no mean: it counts for nothing.
        return part / np.maximum(size, 1) - (sums.sum() - part) / np.maximum(sizes.sum() - size, 1)


def at_least(t, observed):
    """Which of them are as far out as the observed one."""
    return t >= observed - NEAR


def by_arrays(
    given,
    n_resamples,
    seed,
    *,
    draw=orders,
    gaps=gaps,
    far=at_least,
    added=1,
    added_exact=0,
    n_part=None,
    exact=True,
):
    """p, of what coded_words gives; each piece can be replaced."""
    values, codes, n_first = given
    sums, sizes = np.bincount(codes, values), np.bincount(codes)
    n_words, n_part = len(sums), n_part or n_first
    observed = gaps((np.arange(n_words) < n_first)[None], sums, sizes)[0]
    if exact and math.comb(n_words, n_part) <= n_resamples:
        t = gaps(all_choices(n_words, n_part), sums, sizes)
        return float((far(t, observed).sum() + added_exact) / (len(t) + added_exact))
    t = gaps(draw(np.random.default_rng(seed), n_words, n_part, n_resamples), sums, sizes)
    return float((far(t, observed).sum() + added) / (n_resamples + added))


def words_of(first, second, groups, n_resamples):
    """The values of each word of both sets, as lists, once the arguments are examined."""
    if groups is None:
        groups = [("x", place) for place in range(len(first))], [("y", place) for place in range(len(second))]
    if n_resamples < 100 or not all(map(math.isfinite, [*first, *second])) or set(groups[0]) & set(groups[1]):
        raise ValueError("arguments that do not fit")
    sides = []
    for values, labels in zip((first, second), groups, strict=True):
        words = {}
        for value, label in zip(values, labels, strict=True):
            words.setdefault(label, []).append(value)
        sides.append(list(words.values()))
    return sides


def pooled(words):
    """The mean of all values of these words."""
    return sum(map(sum, words)) / max(1, sum(map(len, words)))


def between_means(part, rest):
    """How far apart two parts are."""
    return pooled(part) - pooled(rest)


def a_shuffle(source, words, n_first):
    """A random division."""
    mixed = source.sample(words, len(words))
    return mixed[:n_first], mixed[n_first:]


def by_lists(
    sides,
    n_resamples,
    seed,
    *,
    draw=a_shuffle,
    apart=between_means,
    far=None,
    added=1,
    added_exact=0,
    exact=True,
):
    """p, of lists of words; each piece can be replaced."""
    far = far or (lambda t, observed: t > observed - NEAR)
    words, n_first = sides[0] + sides[1], len(sides[0])
    observed = apart(*sides)
    if exact and math.comb(len(words), n_first) <= n_resamples:
        count = total = 0
        for chosen in itertools.combinations(range(len(words)), n_first):
            rest = [words[place] for place in range(len(words)) if place not in chosen]
            count += far(apart([words[place] for place in chosen], rest), observed)
            total += 1
        return (count + added_exact) / (total + added_exact)
    source = random.Random(seed)
    count = sum(far(apart(*draw(source, words, n_first)), observed) for _ in range(n_resamples))
    return (count + added) / (n_resamples + added)


# What is divided, and how


@misconception(
    "sentences_divided",
    en="you divide the sentences, each on its own, whatever groups says, which makes p too small: divide the words, "
    "each with all its sentences",
    fr="vous répartissez les phrases une à une, sans tenir compte de groups, ce qui rend p trop petit : répartissez "
    "les mots, chacun avec toutes ses phrases",
    warning=text(
        "you divide the sentences one by one, whatever `groups` says",
        "vous répartissez les phrases une à une, sans tenir compte de `groups`",
    ),
)
def sentences_divided(first, second, groups=None, n_resamples=20_000, seed=0):
    coded_words(first, second, groups, n_resamples)
    given = coded_words(first, second, None, n_resamples)
    return by_arrays(given, n_resamples, seed)


@again(sentences_divided)
def sentences_divided_2(first, second, groups=None, n_resamples=20_000, seed=0):
    words_of(first, second, groups, n_resamples)
    alone = [[value] for value in first], [[value] for value in second]
    return by_lists(alone, n_resamples, seed)


@misconception(
    "means_of_words",
    en="you average each word first, so that all words weigh the same: t is a difference of means over all "
    "sentences, where a word with more of them weighs more",
    fr="vous moyennez d'abord chaque mot, si bien que tous pèsent autant : t est une différence de moyennes sur "
    "toutes les phrases, où un mot qui en a plus pèse plus",
)
def means_of_words(first, second, groups=None, n_resamples=20_000, seed=0):
    values, codes, n_first = coded_words(first, second, groups, n_resamples)
    means = np.bincount(codes, values) / np.bincount(codes)
    return by_arrays((means, np.arange(len(means)), n_first), n_resamples, seed)


@again(means_of_words)
def means_of_words_2(first, second, groups=None, n_resamples=20_000, seed=0):
    def of_means(part, rest):
        return statistics.fmean(map(statistics.fmean, part)) - statistics.fmean(map(statistics.fmean, rest))

    return by_lists(words_of(first, second, groups, n_resamples), n_resamples, seed, apart=of_means)


@misconception(
    "halves",
    en="you divide the words into two halves: the first part has as many words as the first set",
    fr="vous répartissez les mots en deux moitiés : la première part a autant de mots que le premier ensemble",
)
def halves(first, second, groups=None, n_resamples=20_000, seed=0):
    values, codes, n_first = coded_words(first, second, groups, n_resamples)
    half = (int(codes.max()) + 1) // 2
    return by_arrays((values, codes, n_first), n_resamples, seed, n_part=half)


@again(halves)
def halves_2(first, second, groups=None, n_resamples=20_000, seed=0):
    x, y = words_of(first, second, groups, n_resamples)
    words, half = x + y, (len(x) + len(y)) // 2
    observed, as_far = between_means(x, y), 0
    if math.comb(len(words), half) <= n_resamples:
        divisions = list(itertools.combinations(range(len(words)), half))
    else:
        source = random.Random(seed)
        divisions = [source.sample(range(len(words)), half) for _ in range(n_resamples)]
    for chosen in divisions:
        part = [words[place] for place in chosen]
        as_far += (
            pooled(part) - pooled([words[i] for i in range(len(words)) if i not in chosen]) > observed - NEAR
        )
    extra = isinstance(divisions[0], list)  # drawn
    return (as_far + extra) / (len(divisions) + extra)


@misconception(
    "with_replacement",
    en="you draw words with replacement, so one may be in a part twice: that is a bootstrap; put each word into one "
    "of the two parts",
    fr="vous tirez des mots avec remise, si bien qu'un mot peut être deux fois dans une part : c'est un bootstrap ; "
    "mettez chaque mot dans l'une des deux parts",
    warning=text(
        "when divisions are drawn, you draw words with replacement",
        "quand les répartitions sont tirées, vous tirez les mots avec remise",
    ),
)
def with_replacement(first, second, groups=None, n_resamples=20_000, seed=0):
    values, codes, n_first = given = coded_words(first, second, groups, n_resamples)
    sums, sizes = np.bincount(codes, values), np.bincount(codes)
    if math.comb(len(sums), n_first) <= n_resamples:
        return by_arrays(given, n_resamples, seed)
    drawn = np.random.default_rng(seed).integers(len(sums), size=(n_resamples, len(sums)))
    x, y = drawn[:, :n_first], drawn[:, n_first:]
    t = sums[x].sum(axis=1) / sizes[x].sum(axis=1) - sums[y].sum(axis=1) / sizes[y].sum(axis=1)
    observed = sums[:n_first].sum() / sizes[:n_first].sum() - sums[n_first:].sum() / sizes[n_first:].sum()
    return float((at_least(t, observed).sum() + 1) / (n_resamples + 1))


@again(with_replacement)
def with_replacement_2(first, second, groups=None, n_resamples=20_000, seed=0):
    def bootstrap(source, words, n_first):
        return source.choices(words, k=n_first), source.choices(words, k=len(words) - n_first)

    return by_lists(words_of(first, second, groups, n_resamples), n_resamples, seed, draw=bootstrap)


@misconception(
    "sizes_by_chance",
    en="you toss a coin for each word, so the parts change their sizes: draw an order of the words and take the "
    "first ones",
    fr="vous tirez chaque mot à pile ou face, si bien que les parts changent de taille : tirez un ordre des mots et "
    "prenez les premiers",
)
def sizes_by_chance(first, second, groups=None, n_resamples=20_000, seed=0):
    def coins(generator, n_words, n_first, n):
        return generator.random((n, n_words)) < 0.5

    return by_arrays(coded_words(first, second, groups, n_resamples), n_resamples, seed, draw=coins)


@again(sizes_by_chance)
def sizes_by_chance_2(first, second, groups=None, n_resamples=20_000, seed=0):
    def coins(source, words, n_first):
        heads = [source.random() < 0.5 for _ in words]
        return [w for w, head in zip(words, heads, strict=True) if head], [
            w for w, head in zip(words, heads, strict=True) if not head
        ]

    return by_lists(words_of(first, second, groups, n_resamples), n_resamples, seed, draw=coins)


@misconception(
    "sizes_near_their_share",
    en="you put each word into the first part with a chance of its share, so the parts change their sizes: draw an "
    "order of the words and take the first ones",
    fr="vous mettez chaque mot dans la première part avec une probabilité égale à sa proportion, si bien que les parts "
    "changent de taille : tirez un ordre des mots et prenez les premiers",
)
def sizes_near_their_share(first, second, groups=None, n_resamples=20_000, seed=0):
    def coins(generator, n_words, n_first, n):
        return generator.random((n, n_words)) < n_first / n_words

    return by_arrays(coded_words(first, second, groups, n_resamples), n_resamples, seed, draw=coins)


@again(sizes_near_their_share)
def sizes_near_their_share_2(first, second, groups=None, n_resamples=20_000, seed=0):
    def labels(source, words, n_first):
        share = n_first / len(words)
        sides = source.choices((0, 1), weights=(share, 1 - share), k=len(words))
        return tuple(
            [word for word, side in zip(words, sides, strict=True) if side == which] for which in (0, 1)
        )

    return by_lists(words_of(first, second, groups, n_resamples), n_resamples, seed, draw=labels)


@misconception(
    "first_part_with_replacement",
    en="you draw the first part with replacement, so a word may be in it twice, and the other part is larger than it "
    "was: draw an order of the words and take the first ones",
    fr="vous tirez la première part avec remise, si bien qu'un mot peut y être deux fois et que l'autre part est plus "
    "grande qu'elle n'était : tirez un ordre des mots et prenez les premiers",
)
def first_part_with_replacement(first, second, groups=None, n_resamples=20_000, seed=0):
    values, codes, n_first = given = coded_words(first, second, groups, n_resamples)
    sums, sizes = np.bincount(codes, values), np.bincount(codes)
    n_words, words = len(sums), np.arange(len(sums))
    if math.comb(n_words, n_first) <= n_resamples:
        return by_arrays(given, n_resamples, seed)
    generator, count = np.random.default_rng(seed), 0

    def apart(part):
        rest = np.setdiff1d(words, part)
        return sums[part].sum() / sizes[part].sum() - sums[rest].sum() / sizes[rest].sum()

    observed = apart(words[:n_first])
    for _ in range(n_resamples):
        count += at_least(apart(generator.integers(0, n_words, n_first)), observed)
    return float((count + 1) / (n_resamples + 1))


@again(first_part_with_replacement)
def first_part_with_replacement_2(first, second, groups=None, n_resamples=20_000, seed=0):
    def some(source, words, n_first):
        places = source.choices(range(len(words)), k=n_first)
        return [words[place] for place in places], [w for place, w in enumerate(words) if place not in places]

    return by_lists(words_of(first, second, groups, n_resamples), n_resamples, seed, draw=some)


@misconception(
    "sums_compared",
    en="you compare the sum of the first part, which is larger where it holds more sentences: compare differences of"
    " means",
    fr="vous comparez la somme de la première part, plus grande si elle a plus de phrases : comparez des différences"
    " de moyennes",
)
def sums_compared(first, second, groups=None, n_resamples=20_000, seed=0):
    def sums_alone(chosen, sums, sizes):
        return chosen @ sums

    return by_arrays(coded_words(first, second, groups, n_resamples), n_resamples, seed, gaps=sums_alone)


@again(sums_compared)
def sums_compared_2(first, second, groups=None, n_resamples=20_000, seed=0):
    def total(part, rest):
        return math.fsum(value for word in part for value in word)

    return by_lists(words_of(first, second, groups, n_resamples), n_resamples, seed, apart=total)


# What is counted


@misconception(
    "two_sided",
    en="your p is two-sided, you compare sizes without their sign: it is one-sided here, so count only those that "
    "are as far out on the observed side, t itself",
    fr="votre p est bilatéral, vous comparez des valeurs absolues : il est unilatéral ici, ne comptez que les "
    "répartitions dont t lui-même atteint la valeur observée",
    warning=text("you compare absolute values", "vous comparez des valeurs absolues"),
)
def two_sided(first, second, groups=None, n_resamples=20_000, seed=0):
    def either_side(t, observed):
        return np.abs(t) >= abs(observed) - NEAR

    return by_arrays(coded_words(first, second, groups, n_resamples), n_resamples, seed, far=either_side)


@again(two_sided)
def two_sided_2(first, second, groups=None, n_resamples=20_000, seed=0):
    def size_of_gap(part, rest):
        return abs(between_means(part, rest))

    return by_lists(words_of(first, second, groups, n_resamples), n_resamples, seed, apart=size_of_gap)


@misconception(
    "other_side",
    en="you count the divisions that are below the observed one: count those at least as large",
    fr="vous comptez les répartitions au-dessous de celle observée : comptez celles qui l'atteignent ou la dépassent",
)
def other_side(first, second, groups=None, n_resamples=20_000, seed=0):
    def below(t, observed):
        return t <= observed + NEAR

    return by_arrays(coded_words(first, second, groups, n_resamples), n_resamples, seed, far=below)


@again(other_side)
def other_side_2(first, second, groups=None, n_resamples=20_000, seed=0):
    return by_lists(
        words_of(first, second, groups, n_resamples),
        n_resamples,
        seed,
        far=lambda t, observed: t < observed + NEAR,
    )


@misconception(
    "ties_left_out",
    en="you count only the divisions that are further out than the observed one: equal ones count too, the observed "
    "one among them, so p is never 0",
    fr="vous ne comptez que les répartitions qui dépassent celle observée : celles qui l'égalent comptent aussi, "
    "elle la première, si bien que p n'est jamais nul",
)
def ties_left_out(first, second, groups=None, n_resamples=20_000, seed=0):
    def further(t, observed):
        return t > observed + NEAR

    return by_arrays(coded_words(first, second, groups, n_resamples), n_resamples, seed, far=further)


@again(ties_left_out)
def ties_left_out_2(first, second, groups=None, n_resamples=20_000, seed=0):
    return by_lists(
        words_of(first, second, groups, n_resamples),
        n_resamples,
        seed,
        far=lambda t, observed: t - observed > NEAR,
    )


@misconception(
    "no_added_one",
    en="of n draws you return the share of those that are as far out, which may be 0: the observed division counts "
    "too, (b + 1) / (n + 1)",
    fr="pour n tirages, vous renvoyez la part de ceux qui sont aussi loin, qui peut être nulle : la répartition "
    "observée compte aussi, (b + 1) / (n + 1)",
    warning=text(
        "of $n$ draws you return $b / n$, which may be 0",
        "pour $n$ tirages, vous renvoyez $b / n$, qui peut être nul",
    ),
)
def no_added_one(first, second, groups=None, n_resamples=20_000, seed=0):
    return by_arrays(coded_words(first, second, groups, n_resamples), n_resamples, seed, added=0)


@again(no_added_one)
def no_added_one_2(first, second, groups=None, n_resamples=20_000, seed=0):
    sides = words_of(first, second, groups, n_resamples)
    if math.comb(len(sides[0]) + len(sides[1]), len(sides[0])) <= n_resamples:
        return by_lists(sides, n_resamples, seed)
    return by_lists(sides, n_resamples, seed, added=0) * n_resamples / (n_resamples + 1)


@misconception(
    "one_added_to_the_exact",
    en="you add 1 where all divisions are tried as well: the observed one is already among them, so p is their plain"
    " share",
    fr="vous ajoutez 1 même quand toutes les répartitions sont essayées : celle observée en fait déjà partie, p est "
    "leur simple part",
)
def one_added_to_the_exact(first, second, groups=None, n_resamples=20_000, seed=0):
    return by_arrays(coded_words(first, second, groups, n_resamples), n_resamples, seed, added_exact=1)


@again(one_added_to_the_exact)
def one_added_to_the_exact_2(first, second, groups=None, n_resamples=20_000, seed=0):
    return by_lists(words_of(first, second, groups, n_resamples), n_resamples, seed, added_exact=1)


# Exact or drawn, and what the seed does


@misconception(
    "always_drawn",
    en="you draw divisions even where there are few: try all of them when they are at most n_resamples, p is then "
    "exact",
    fr="vous tirez des répartitions même quand il y en a peu : essayez-les toutes quand leur nombre ne dépasse pas "
    "n_resamples, p est alors exact",
)
def always_drawn(first, second, groups=None, n_resamples=20_000, seed=0):
    return by_arrays(coded_words(first, second, groups, n_resamples), n_resamples, seed, exact=False)


@again(always_drawn)
def always_drawn_2(first, second, groups=None, n_resamples=20_000, seed=0):
    return by_lists(words_of(first, second, groups, n_resamples), n_resamples, seed, exact=False)


@misconception(
    "seed_without_effect",
    en="the draws are new ones each time, whatever the seed: make the generator from seed, "
    "np.random.default_rng(seed)",
    fr="les tirages sont nouveaux à chaque fois, quelle que soit la graine : créez le générateur à partir de seed, "
    "np.random.default_rng(seed)",
)
def seed_without_effect(first, second, groups=None, n_resamples=20_000, seed=0):
    return by_arrays(coded_words(first, second, groups, n_resamples), n_resamples, None)


@again(seed_without_effect)
def seed_without_effect_2(first, second, groups=None, n_resamples=20_000, seed=0):
    return by_lists(words_of(first, second, groups, n_resamples), n_resamples, None)


@misconception(
    "seed_always_the_same",
    en="another seed gives the same draws: the generator is made from a fixed number; make it from the argument seed",
    fr="une autre graine donne les mêmes tirages : le générateur est créé à partir d'un nombre fixe ; créez-le à "
    "partir de l'argument seed",
)
def seed_always_the_same(first, second, groups=None, n_resamples=20_000, seed=0):
    return by_arrays(coded_words(first, second, groups, n_resamples), n_resamples, 42)


@again(seed_always_the_same)
def seed_always_the_same_2(first, second, groups=None, n_resamples=20_000, seed=0):
    return by_lists(words_of(first, second, groups, n_resamples), n_resamples, 1234)


# What is refused


@misconception(
    "word_in_both_accepted",
    en="a word that is in both sets is accepted: it cannot be moved from one to the other, so refuse it with an "
    "InputError",
    fr="un mot présent dans les deux ensembles est accepté : il ne peut passer de l'un à l'autre, refusez-le par une"
    " InputError",
)
def word_in_both_accepted(first, second, groups=None, n_resamples=20_000, seed=0):
    if groups is not None:
        groups = [("x", word) for word in groups[0]], [("y", word) for word in groups[1]]
    return by_arrays(coded_words(first, second, groups, n_resamples), n_resamples, seed)


@again(word_in_both_accepted)
def word_in_both_accepted_2(first, second, groups=None, n_resamples=20_000, seed=0):
    sides = words_of(
        first,
        second,
        groups and [list(zip("x" * len(groups[0]), groups[0], strict=True)), groups[1]],
        n_resamples,
    )
    return by_lists(sides, n_resamples, seed)


@misconception(
    "arguments_not_examined",
    en="NaN, or as few as 20 draws, are accepted: examine the arguments first, or let coded_words do it",
    fr="NaN, ou 20 tirages seulement, sont acceptés : examinez d'abord les arguments, ou laissez coded_words le "
    "faire",
)
def arguments_not_examined(first, second, groups=None, n_resamples=20_000, seed=0):
    labels = groups or (range(len(first)), range(len(first), len(first) + len(second)))
    numbers = {label: number for number, label in enumerate(dict.fromkeys([*labels[0], *labels[1]]))}
    if any(len(each) != len(of) for each, of in zip(labels, (first, second), strict=True)) or set(
        labels[0]
    ) & set(labels[1]):
        raise ValueError("one word a sentence, in one set")
    codes = np.array([numbers[label] for side in labels for label in side])
    return by_arrays((np.array([*first, *second]), codes, len(set(labels[0]))), n_resamples, seed)


@again(arguments_not_examined)
def arguments_not_examined_2(first, second, groups=None, n_resamples=20_000, seed=0):
    finite = [[0.0 if math.isnan(value) else value for value in values] for values in (first, second)]
    return by_lists(words_of(*finite, groups, max(n_resamples, 100)), n_resamples, seed)
