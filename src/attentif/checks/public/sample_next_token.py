"""Public checks of sample_next_token: shares of many draws, see `attentif.checks.sampling`."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import Mismatch, describe, match, require, value_of
from attentif.checks.drawing import fact, seed_from
from attentif.checks.engine import CheckSet
from attentif.checks.fingerprints import ERROR
from attentif.checks.sampling import (
    check_equal_logits,
    check_generator,
    check_law,
    check_two_kinds_of_rows,
    draw_request,
    in_turn,
    is_refusal,
    same_rows,
)
from attentif.checks.text import text
from attentif.checks.wording import Place

CHECKS = CheckSet("sample_next_token")
DRAWN = Place(text("the token drawn", "le jeton tiré"), "B")

# The distributions that are drawn from, and what the options make of them, to six digits.
SHARES = (0.05, 0.30, 0.10, 0.35, 0.02, 0.18)
OTHER = (0.18, 0.06, 0.33, 0.04, 0.12, 0.27)
COLD = ({"temperature": 0.5}, (0.009697, 0.349108, 0.03879, 0.475175, 0.001552, 0.125679))
HOT = ({"temperature": 2.0}, (0.099609, 0.243991, 0.140868, 0.26354, 0.062998, 0.188994))
BEST_TWO = (0.0, 0.461538, 0.0, 0.538462, 0.0, 0.0)
BEST_THREE = (0.0, 0.361446, 0.0, 0.421687, 0.0, 0.216867)
BEST_FOUR = (0.0, 0.322581, 0.107527, 0.376344, 0.0, 0.193548)
BEST_TWO_OF_OTHER = (0.0, 0.0, 0.55, 0.0, 0.0, 0.45)
BEST_FOUR_OF_OTHER = (0.2, 0.0, 0.366667, 0.0, 0.133333, 0.3)
HOT_BEST_THREE = (0.0, 0.350297, 0.0, 0.378364, 0.0, 0.271339)
TOP_K = (({"top_k": 2}, BEST_TWO), ({"top_k": 4}, BEST_FOUR), ({"top_k": 6}, SHARES), ({"top_k": 50}, SHARES))
TOP_P = (
    ({"top_p": 0.2}, (0.0, 0.0, 0.0, 1.0, 0.0, 0.0)),
    ({"top_p": 0.5}, BEST_TWO),
    ({"top_p": 0.8}, BEST_THREE),
    ({"top_p": 0.9}, BEST_FOUR),
    ({"top_p": 1.0}, SHARES),
)
IN_ORDER = (
    ({"temperature": 2.0, "top_p": 0.6}, HOT_BEST_THREE),
    ({"top_k": 3, "top_p": 0.7}, BEST_TWO),
    ({"temperature": 2.0, "top_k": 4, "top_p": 0.7}, HOT_BEST_THREE),
)
# Logits among which several are equal: (logits, tokens that may be kept, top_k).
EQUAL = (
    ((0.5, 0.5, 0.5, 0.5, 0.5), (0, 1, 2, 3, 4), 2),
    ((1.0, 2.0, 2.0, 0.5, 2.0, 2.0), (1, 2, 4, 5), 3),
)
REFUSED = (
    {"temperature": -0.5},
    {"top_k": 0},
    {"top_k": -2},
    {"top_p": 0.0},
    {"top_p": 1.5},
    {"top_p": -0.1},
)

# Five standard errors of the difference of two answers; known mistakes change a share by more.
N_PROBED = 12_000
_OF_SHARES = "plain cold hot greedy top_k top_k_large two_kinds top_p_small top_p hot_top_p top_k_top_p"
TOLERANCES = dict.fromkeys(_OF_SHARES.split(), 0.033)
ONE_TOKEN = -5.0  # what a probe says if one token came out every time: which one may be chance


def probes(cases):
    """Shares of the tokens under each option, and what the draws of different rows and seeds have in common."""

    def tokens(student, logits, seed, **options):
        value = value_of(student.run(draw_request(logits, seed, **options)))
        is_tokens = isinstance(value, np.ndarray) and value.dtype.kind in "iu" and value.size
        require(bool(is_tokens), text("tokens", "des jetons"), describe(value))
        return value

    def shares(seed, **options):
        def answer(student):
            value = tokens(student, same_rows(SHARES, N_PROBED), seed, **options)
            return [float(value.ndim), *_shares(value)]

        return answer

    def both_cuts(student):
        # In the first the order of the cuts shows, in the second a cut that is left out.
        return [*shares(16, top_k=3, top_p=0.7)(student), *shares(17, top_k=4, top_p=0.5)(student)]

    def two_kinds(student):
        value = tokens(student, in_turn(SHARES, OTHER, N_PROBED), 6, top_k=2)
        return [*_shares(value[0::2]), *_shares(value[1::2])]

    def greedy(student):
        value = tokens(student, same_rows(SHARES, N_PROBED), 7, temperature=0)
        return [*_shares(value), float(value.flat[0]) if len(np.unique(value)) == 1 else -1.0]

    def equal_logits(student):
        rows = [np.tile(logits, (2_000, 1)) for logits, _, _ in EQUAL]
        drawn = [tokens(student, row, 8, top_k=k) for row, (_, _, k) in zip(rows, EQUAL, strict=True)]
        return [float(len(np.unique(value))) for value in drawn]

    def one_row(student):
        return [float(size) for size in tokens(student, same_rows(SHARES, 1), 9, top_k=2).shape]

    def rows_apart(student):
        drawn = [tokens(student, same_rows(SHARES, 100), seed) for seed in range(20, 32)]
        return [float(max(len(np.unique(value)) for value in drawn) > 1), float(len(np.unique(drawn)) > 1)]

    def seeds(student):
        first, again, second = (tokens(student, same_rows(SHARES, 500), seed) for seed in (10, 10, 11))
        return [float((first == again).all()), float((first == second).all())]

    def refused(student):
        # While the draws are wrong, options out of range are not their cause: they are not asked about.
        try:
            for run in (draws, greedy_draws, top_k, ties, top_p, in_order, generator_used):
                run(student, cases)
        except Mismatch:
            return [1.0] * len(REFUSED)
        outcomes = [student.run(draw_request(same_rows(SHARES, 2), 12, **options)) for options in REFUSED]
        return [float(is_refusal(outcome)) for outcome in outcomes]

    asked = {
        "plain": shares(1),
        "cold": shares(2, **COLD[0]),
        "hot": shares(3, **HOT[0]),
        "greedy": greedy,
        "top_k": shares(4, top_k=4),
        "top_k_large": shares(5, top_k=50),
        "two_kinds": two_kinds,
        "equal_logits": equal_logits,
        "top_p_small": shares(13, top_p=0.2),
        "top_p": shares(14, top_p=0.8),
        "hot_top_p": shares(15, temperature=2.0, top_p=0.6),
        "top_k_top_p": both_cuts,
        "one_row": one_row,
        "rows_apart": rows_apart,
        "seeds": seeds,
        "refused": refused,
    }
    return {name: _as_numbers(ask) for name, ask in asked.items()}


def _kinds():
    """The two distributions that are drawn from."""
    return fact("SHARES", SHARES), fact("OTHER", OTHER)


def _check_laws(student, shares, laws, first_seed):
    """Each of these (options, law)."""
    for seed, (options, law) in enumerate(laws, start=first_seed):
        check_law(student, shares, law, seed_from(seed), **options)


def _shares(tokens):
    """The share of each token, and of numbers that are none."""
    found = np.unique(tokens)
    if len(found) == 1:
        return [ONE_TOKEN]
    shares = [float((tokens == token).mean()) for token in range(len(SHARES))]
    return [*shares, 1.0 - sum(shares)]


def _as_numbers(ask):
    def answer(student):
        try:
            return np.array(ask(student), dtype=np.float64)
        except Mismatch:  # an error, or something else than tokens
            return np.array([ERROR, 0.0])

    return answer


@CHECKS.check(
    points=0.5,
    title=text(
        "tokens come out as often as the temperature says",
        "les jetons sortent aussi souvent que le veut la température",
    ),
    hint=text(
        "Divide the logits by the temperature, take the softmax over the vocabulary, draw one token a row with "
        "torch.multinomial, and return a tensor of shape (B,).",
        "Divisez les logits par la température, prenez le softmax sur le vocabulaire, tirez un jeton par ligne avec "
        "torch.multinomial, et renvoyez un tenseur de forme (B,).",
    ),
)
def draws(student, cases):
    shares, other = kinds = _kinds()
    check_law(student, shares, shares, seed_from(101))
    check_law(student, other, other, None)
    _check_laws(student, shares, (fact("COLD", COLD), fact("HOT", HOT)), 102)
    check_two_kinds_of_rows(student, kinds, kinds, seed_from(104))


@CHECKS.check(
    points=0.25,
    title=text(
        "temperature 0: the most probable token of each row",
        "température 0 : le jeton le plus probable de chaque ligne",
    ),
    hint=text(
        "Nothing can be divided by 0: treat this case first, without any draw.",
        "On ne peut pas diviser par 0 : traitez ce cas d'abord, sans aucun tirage.",
    ),
)
def greedy_draws(student, cases):
    for name in ("greedy", "greedy_float", "greedy_with_cuts", "greedy_one_row"):
        request = cases[name].request
        match(value_of(student.run(request), request), cases[name].expected.value, where=DRAWN)


@CHECKS.check(
    points=0.25,
    title=text("top_k: the k most probable tokens only", "top_k : les k jetons les plus probables seulement"),
    hint=text(
        "Give −∞ to all logits but the k greatest of their own row (topk over the last axis), and keep the result; "
        "with k above V nothing is cut.",
        "Mettez à −∞ tous les logits sauf les k plus grands de leur propre ligne (topk sur le dernier axe), et gardez "
        "le résultat ; si k dépasse V, on ne coupe rien.",
    ),
)
def top_k(student, cases):
    kinds, laws = _kinds(), fact("TOP_K_OF_BOTH", (BEST_TWO, BEST_TWO_OF_OTHER))
    _check_laws(student, kinds[0], fact("TOP_K", TOP_K), 111)
    check_two_kinds_of_rows(student, kinds, laws, seed_from(115), top_k=2)


@CHECKS.check(
    points=0.25,
    needs=("top_k",),
    title=text(
        "top_k: exactly k, even among equal logits", "top_k : exactement k, même parmi des logits égaux"
    ),
    hint=text(
        "A threshold keeps all that are equal to it: take the places that topk or sort gives, not its values.",
        "Un seuil garde tous ceux qui lui sont égaux : prenez les places que donne topk ou sort, et non ses valeurs.",
    ),
)
def ties(student, cases):
    for seed, (logits, best, k) in enumerate(fact("EQUAL", EQUAL), start=121):
        check_equal_logits(student, logits, best, k, seed_from(seed))


@CHECKS.check(
    points=0.25,
    title=text(
        "top_p: the fewest tokens whose probability reaches p",
        "top_p : le moins de jetons dont la probabilité atteint p",
    ),
    hint=text(
        "Sort from the most probable down; a token stays if those before it do not yet reach p. The first always does. "
        "Then bring the cut back to the order of the vocabulary.",
        "Triez du plus probable au moins probable ; un jeton reste si ceux d'avant n'atteignent pas encore p. Le premier "
        "reste toujours. Ramenez ensuite la coupe dans l'ordre du vocabulaire.",
    ),
)
def top_p(student, cases):
    kinds, laws = _kinds(), fact("TOP_P_OF_BOTH", (BEST_THREE, BEST_FOUR_OF_OTHER))
    _check_laws(student, kinds[0], fact("TOP_P", TOP_P), 131)
    check_two_kinds_of_rows(student, kinds, laws, seed_from(136), top_p=0.8)


@CHECKS.check(
    points=0.25,
    title=text(
        "temperature, then top_k, then top_p on what is left",
        "température, puis top_k, puis top_p sur ce qui reste",
    ),
    hint=text(
        "Each step works on what the one before left: top_p adds up probabilities after the temperature, and after top_k "
        "those of the k tokens, whose sum is 1 again.",
        "Chaque étape travaille sur ce que la précédente a laissé : top_p cumule les probabilités d'après la température, "
        "et, après top_k, celles des k jetons, dont la somme vaut de nouveau 1.",
    ),
)
def in_order(student, cases):
    _check_laws(student, _kinds()[0], fact("IN_ORDER", IN_ORDER), 141)


@CHECKS.check(
    points=0.25,
    needs=("draws",),
    title=text("all draws come from the generator", "tous les tirages viennent du générateur"),
    hint=text(
        "Give generator=generator to what draws.", "Donnez generator=generator à ce qui tire au hasard."
    ),
)
def generator_used(student, cases):
    check_generator(student, _kinds()[0], (seed_from(151), seed_from(152)), temperature=1.5)
