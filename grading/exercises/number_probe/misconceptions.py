"""Wrong implementations that people really write, each with what it computes instead.

The first version of each keeps the log-probabilities of every item, the second asks the model item by item and counts.
"""

from __future__ import annotations

import math
import warnings

import torch
from scipy.stats import binom, binomtest

from attentif.bias.scorer import MaskedScorer
from attentif.language import Remark
from attentif.limits.cloze import ask, ask_items, distributions
from attentif.limits.numbers import NumberResult, check_numbers
from attentif.limits.proportion import Proportion, exact_proportion
from attentif_grading.exercises import again, misconception

# Those that the card warns of.
FREQUENT = ("chance_of_one_half", "best_of_the_vocabulary", "specials_counted")


def pieces_in(scorer, integer):
    """The ids that write an integer, specials left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Remark)
        return list(scorer.encode(str(integer)).ids[1:-1])


def count(scorer, integer):
    """How many tokens write it; None where one of them is unknown."""
    ids = pieces_in(scorer, integer)
    return None if scorer.unk_id in ids else len(ids)


def measured(
    model,
    tokenizer,
    items,
    integers,
    right=lambda row, answer, wrong: all(row[answer] > row[each] for each in wrong),
    chance=lambda n_words: 1 / n_words,
    bound=exact_proportion,
    pieces=count,
    checked=check_numbers,
):
    """The whole probe by the library's tools, with the parts of a mistake."""
    integers = checked(items, integers)
    scorer = MaskedScorer(model, tokenizer)
    kept, unknown = ask_items(scorer, items)
    rows = distributions(scorer, [asked[0].context for _, asked in kept])
    hits, chances = {}, {}
    for item, asked in kept:
        ids = [question.token_id for question in asked]
        found = bool(right(rows[asked[0].context], ids[0], ids[1:]))
        hits.setdefault(item.kind, []).append(found)
        chances[item.kind] = chance(len(ids))
    counts = {integer: pieces(scorer, integer) for integer in integers}
    return NumberResult(
        accuracy={kind: bound(hits[kind], chances[kind]) for kind in hits},
        pieces={integer: number for integer, number in counts.items() if number is not None},
        unknown_integers=tuple(integer for integer, number in counts.items() if number is None),
        n_used=len(kept),
        unknown=unknown,
    )


def probabilities(model, ids, place):
    """P(·) at a place of one sequence, as a list."""
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor([ids]))
    return torch.softmax(getattr(output, "logits", output)[0, place].double(), -1).tolist()


def tally_of(model, tokenizer, items, judge, skip=True, strict=True):
    """(kind → [hits, n, number of words], names of unknown items)."""
    scorer, tally, unknown = MaskedScorer(model, tokenizer), {}, []
    sizes = {}
    for item in items:
        if strict and sizes.setdefault(item.kind, len(item.wrong)) != len(item.wrong):
            raise ValueError(f"{item.kind}: {sizes[item.kind]} and {len(item.wrong)} wrong words")
        questions = [ask(scorer, item.text, word) for word in (item.answer, *item.wrong)]
        if None in questions:
            unknown.append(item.text)
            if skip:
                continue
        cell = tally.setdefault(item.kind, [0, 0, 1 + len(item.wrong)])
        cell[1] += 1
        if None not in questions:
            p = probabilities(model, questions[0].ids, questions[0].position)
            cell[0] += bool(judge(p, [question.token_id for question in questions]))
    if not tally:
        raise ValueError("no item can be asked")
    return tally, unknown


def first_of(p, ids):
    """Whether the first of these words is ahead of the others."""
    return all(p[ids[0]] > p[each] for each in ids[1:])


def exact(hits, n, chance):
    return exact_proportion([True] * hits + [False] * (n - hits), chance)


def written(tokenizer, integers, lowest=0):
    """(integer → number of tokens, those that cannot be written)."""
    hub = hasattr(tokenizer, "unk_token_id")
    unk = tokenizer.unk_token_id if hub else tokenizer.unk_id
    counts, missing = {}, []
    for integer in integers:
        if not isinstance(integer, int) or integer < lowest:
            raise ValueError(f"{integer} is no whole number of at least 0")
        said = str(integer)
        ids = tokenizer(said, add_special_tokens=False)["input_ids"] if hub else tokenizer.encode(said)
        if unk in ids:
            missing.append(integer)
        else:
            counts[integer] = len(ids)
    return counts, missing


def told(tally, unknown, counts, missing, bound=exact, chance=lambda n_words: 1 / n_words):
    """The result of a tally."""
    shares = {kind: bound(hits, n, chance(words)) for kind, (hits, n, words) in tally.items()}
    n_used = sum(n for _, n, _ in tally.values())
    return NumberResult(shares, counts, tuple(missing), n_used, tuple(unknown))


@misconception(
    "tie_is_right",
    en="an answer that is as probable as a wrong word counts as right: it must be ahead of all of them, strictly",
    fr="une réponse aussi probable qu'un mot faux compte comme juste : elle doit être devant tous, strictement",
)
def tie_is_right(model, tokenizer, items, integers=range(100)):
    def right(row, answer, wrong):
        return all(row[answer] >= row[each] for each in wrong)

    return measured(model, tokenizer, items, integers, right=right)


@again(tie_is_right)
def tie_is_right_2(model, tokenizer, items, integers=range(100)):
    tally, unknown = tally_of(
        model, tokenizer, items, lambda p, ids: max(p[each] for each in ids) <= p[ids[0]]
    )
    return told(tally, unknown, *written(tokenizer, integers))


@misconception(
    "best_of_the_vocabulary",
    en="an answer counts only if it is the most probable word of the whole vocabulary: compare it with the item's wrong words",
    fr="une réponse ne compte que si elle est le mot le plus probable de tout le vocabulaire : comparez-la aux mots faux de l'item",
)
def best_of_the_vocabulary(model, tokenizer, items, integers=range(100)):
    def right(row, answer, wrong):
        return int((row >= row[answer]).sum()) == 1

    return measured(model, tokenizer, items, integers, right=right)


@again(best_of_the_vocabulary)
def best_of_the_vocabulary_2(model, tokenizer, items, integers=range(100)):
    def judge(p, ids):
        return not any(each >= p[ids[0]] for token, each in enumerate(p) if token != ids[0])

    tally, unknown = tally_of(model, tokenizer, items, judge)
    return told(tally, unknown, *written(tokenizer, integers))


@misconception(
    "one_is_enough",
    en="an answer counts as right once it is ahead of one wrong word: it must be ahead of every one",
    fr="une réponse compte comme juste dès qu'elle est devant un mot faux : elle doit être devant chacun",
)
def one_is_enough(model, tokenizer, items, integers=range(100)):
    def right(row, answer, wrong):
        return any(row[answer] > row[each] for each in wrong)

    return measured(model, tokenizer, items, integers, right=right)


@again(one_is_enough)
def one_is_enough_2(model, tokenizer, items, integers=range(100)):
    tally, unknown = tally_of(
        model, tokenizer, items, lambda p, ids: p[ids[0]] > min(p[each] for each in ids[1:])
    )
    return told(tally, unknown, *written(tokenizer, integers))


@misconception(
    "chance_of_one_half",
    en="the chance is 1/2 for every kind: it is 1 / (number of words to choose from), 1/4 where there are three wrong ones",
    fr="le hasard vaut 1/2 pour tous les types : il vaut 1 / (nombre de mots au choix), donc 1/4 avec trois mots faux",
)
def chance_of_one_half(model, tokenizer, items, integers=range(100)):
    return measured(model, tokenizer, items, integers, chance=lambda n_words: 0.5)


@again(chance_of_one_half)
def chance_of_one_half_2(model, tokenizer, items, integers=range(100)):
    tally, unknown = tally_of(model, tokenizer, items, first_of)
    return told(tally, unknown, *written(tokenizer, integers), bound=lambda hits, n, _: exact(hits, n, 0.5))


@misconception(
    "answer_not_counted",
    en="the chance is 1 / (number of wrong words): the answer is one of the words to choose from, count it too",
    fr="le hasard vaut 1 / (nombre de mots faux) : la réponse est l'un des mots au choix, comptez-la aussi",
)
def answer_not_counted(model, tokenizer, items, integers=range(100)):
    return measured(model, tokenizer, items, integers, chance=lambda n_words: min(1 / (n_words - 1), 0.999))


@again(answer_not_counted)
def answer_not_counted_2(model, tokenizer, items, integers=range(100)):
    def chance(n_words):
        return 1 / (n_words - 1) if n_words > 2 else 0.999

    tally, unknown = tally_of(model, tokenizer, items, first_of)
    return told(tally, unknown, *written(tokenizer, integers), chance=chance)


def wald(hits, n, chance):
    share = hits / n
    half = 1.959964 * math.sqrt(share * (1 - share) / n)
    p_value = float(binomtest(hits, n, chance).pvalue)
    return Proportion(hits, n, share, share - half, share + half, chance, p_value)


@misconception(
    "normal_interval",
    en="the interval is the normal one, share ± 1.96 standard errors, which is too narrow for few items and has no width at 0 and 1: take the exact one",
    fr="l'intervalle est celui de la loi normale, proportion ± 1,96 erreur type, trop étroit pour peu d'items et de largeur nulle à 0 et à 1 : prenez l'intervalle exact",
)
def normal_interval(model, tokenizer, items, integers=range(100)):
    return measured(
        model, tokenizer, items, integers, bound=lambda hits, chance: wald(sum(hits), len(hits), chance)
    )


@again(normal_interval)
def normal_interval_2(model, tokenizer, items, integers=range(100)):
    def bound(hits, n, chance):
        found = exact(hits, n, chance)
        error = (found.estimate * (1 - found.estimate) / n) ** 0.5
        low, high = found.estimate - 1.96 * error, found.estimate + 1.96 * error
        return Proportion(hits, n, found.estimate, low, high, chance, found.p_value)

    tally, unknown = tally_of(model, tokenizer, items, first_of)
    return told(tally, unknown, *written(tokenizer, integers), bound=bound)


@misconception(
    "one_sided_test",
    en="the test asks only whether there are as many hits or more: a model below chance differs from it too, test both sides",
    fr="le test ne demande que si l'on a autant de succès ou plus : un modèle au-dessous du hasard en diffère aussi, testez les deux côtés",
)
def one_sided_test(model, tokenizer, items, integers=range(100)):
    def bound(hits, chance):
        found = exact_proportion(hits, chance)
        above = binomtest(sum(hits), len(hits), chance, alternative="greater").pvalue
        return Proportion(found.hits, found.n, found.estimate, found.low, found.high, chance, float(above))

    return measured(model, tokenizer, items, integers, bound=bound)


@again(one_sided_test)
def one_sided_test_2(model, tokenizer, items, integers=range(100)):
    def bound(hits, n, chance):
        found = exact(hits, n, chance)
        above = float(binom.sf(hits - 1, n, chance))
        return Proportion(hits, n, found.estimate, found.low, found.high, chance, above)

    tally, unknown = tally_of(model, tokenizer, items, first_of)
    return told(tally, unknown, *written(tokenizer, integers), bound=bound)


@misconception(
    "specials_counted",
    en="the two special tokens count among the pieces of an integer: leave them out, a number of one token has one piece",
    fr="les deux jetons spéciaux comptent parmi les morceaux d'un entier : laissez-les de côté, un nombre d'un jeton a un morceau",
)
def specials_counted(model, tokenizer, items, integers=range(100)):
    def pieces(scorer, integer):
        ids = pieces_in(scorer, integer)
        return None if scorer.unk_id in ids else len(ids) + 2

    return measured(model, tokenizer, items, integers, pieces=pieces)


@again(specials_counted)
def specials_counted_2(model, tokenizer, items, integers=range(100)):
    tally, unknown = tally_of(model, tokenizer, items, first_of)
    counts, missing = written(tokenizer, integers)
    return told(tally, unknown, {each: 2 + number for each, number in counts.items()}, missing)


@misconception(
    "digits_counted",
    en="pieces counts the digits of an integer: it is about the tokens that the tokenizer cuts it into",
    fr="pieces compte les chiffres d'un entier : il s'agit des jetons en lesquels le tokenizer le coupe",
)
def digits_counted(model, tokenizer, items, integers=range(100)):
    def pieces(scorer, integer):
        return None if count(scorer, integer) is None else len(str(integer))

    return measured(model, tokenizer, items, integers, pieces=pieces)


@again(digits_counted)
def digits_counted_2(model, tokenizer, items, integers=range(100)):
    tally, unknown = tally_of(model, tokenizer, items, first_of)
    counts, missing = written(tokenizer, integers)
    return told(tally, unknown, {each: math.floor(math.log10(max(each, 1))) + 1 for each in counts}, missing)


@misconception(
    "unknown_written",
    en="an integer that the tokenizer cannot write counts as one piece, the unknown token: leave it out, and name it in unknown_integers",
    fr="un entier que le tokenizer ne peut écrire compte pour un morceau, le jeton inconnu : laissez-le de côté, et nommez-le dans unknown_integers",
)
def unknown_written(model, tokenizer, items, integers=range(100)):
    return measured(
        model, tokenizer, items, integers, pieces=lambda scorer, integer: len(pieces_in(scorer, integer))
    )


@again(unknown_written)
def unknown_written_2(model, tokenizer, items, integers=range(100)):
    tally, unknown = tally_of(model, tokenizer, items, first_of)
    counts, missing = written(tokenizer, integers)
    return told(tally, unknown, counts | dict.fromkeys(missing, 1), ())


@misconception(
    "unknown_called_wrong",
    en="an item with a word out of the vocabulary counts as wrong: leave it out, and name it in `unknown`",
    fr="un item avec un mot hors du vocabulaire compte comme faux : laissez-le de côté, et nommez-le dans `unknown`",
)
def unknown_called_wrong(model, tokenizer, items, integers=range(100)):
    integers = check_numbers(items, integers)
    found = measured(model, tokenizer, items, integers)
    shares = {}
    for kind, share in found.accuracy.items():
        missed = sum(item.kind == kind and item.text in found.unknown for item in items)
        hits = [True] * share.hits + [False] * (share.n - share.hits + missed)
        shares[kind] = exact_proportion(hits, share.chance)
    return NumberResult(shares, found.pieces, found.unknown_integers, len(items), ())


@again(unknown_called_wrong)
def unknown_called_wrong_2(model, tokenizer, items, integers=range(100)):
    tally, _ = tally_of(model, tokenizer, items, first_of, skip=False)
    return told(tally, (), *written(tokenizer, integers))


@misconception(
    "nothing_refused",
    en="items of one kind with different chances, or negative integers, get an answer: refuse them, check_numbers does",
    fr="des items d'un même type aux hasards différents, ou des entiers négatifs, reçoivent une réponse : refusez-les, check_numbers le fait",
)
def nothing_refused(model, tokenizer, items, integers=range(100)):
    return measured(model, tokenizer, items, integers, checked=lambda items, integers: list(integers))


@again(nothing_refused)
def nothing_refused_2(model, tokenizer, items, integers=range(100)):
    tally, unknown = tally_of(model, tokenizer, items, first_of, strict=False)
    return told(tally, unknown, *written(tokenizer, integers, lowest=-math.inf))
