"""Public checks of mask_tokens: statistics of many draws, see `attentif.checks.corruption`."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import Mismatch, require, value_of
from attentif.checks.corruption import (
    IGNORED,
    Vocabulary,
    check_actions,
    check_drawn,
    check_labels,
    check_probability,
    check_selection,
    corrupted,
    random_replacements,
    request,
)
from attentif.checks.drawing import fact, rng_from, seed_from
from attentif.checks.draws import agreements, check_generator, check_spread, variance_ratios
from attentif.checks.engine import CheckSet
from attentif.checks.fingerprints import ERROR
from attentif.checks.text import text

CHECKS = CheckSet("mask_tokens")

# Five standard errors of the difference of two answers; known mistakes change a share by more.
TOLERANCES = {
    "labels": 0.02,
    "selection": 0.007,
    "probability": 0.015,
    "actions": 0.003,
    "drawn": 0.04,
    "scattered": 0.04,
}

STANDARD = Vocabulary(45, mask_id=4, special_ids=(0, 1, 2, 3, 4))
SCATTERED = Vocabulary(38, mask_id=21, special_ids=(0, 7, 20, 21, 33))


def probes(cases):
    """Shares that known mistakes change; what depends on chance in kind only is rounded to 0, 1 or 2."""
    rng = np.random.default_rng(1_810)
    # Long rows, so that shares are shares even where all rows are treated alike.
    large, small = STANDARD.batch(rng, 5, 70_000), STANDARD.batch(rng, 40, 30)
    medium = STANDARD.batch(rng, 4, 20_000)
    scattered = SCATTERED.batch(rng, 4, 10_000)
    eligible = STANDARD.eligible(medium)

    def labelled_share(student, vocabulary, token_ids):
        # In thirds: none, some or all.
        _, labels = corrupted(student, vocabulary, token_ids, 10, probability=1.0)
        return round(3 * float((labels != IGNORED)[vocabulary.eligible(token_ids)].mean()))

    def labels(student):
        inputs, labels = corrupted(student, STANDARD, medium, 1, probability=0.5)
        selected = labels != IGNORED
        return [
            selected[eligible].mean(),
            (labels == medium)[eligible].mean(),
            (labels == inputs)[eligible].mean(),
            (labels == 0)[eligible].mean(),
            ((labels < 0) & selected)[eligible].mean(),
            (inputs != medium)[eligible & ~selected].mean() if (eligible & ~selected).any() else 1.0,
            selected[~eligible].mean(),
            (inputs != medium)[~eligible].mean(),
        ]

    def selection(student):
        inputs, labels = corrupted(student, STANDARD, large, 2)
        words, selected = STANDARD.eligible(large), labels != IGNORED
        return [selected[words].mean(), selected[~words].mean(), (inputs != large)[words].mean()]

    def probability(student):
        inputs = corrupted(student, STANDARD, medium, 3, probability=0.8)[0]
        return [(inputs != medium)[eligible].mean()]

    def actions(student):
        inputs = corrupted(student, STANDARD, large, 4, probability=0.6)[0]
        words = STANDARD.eligible(large)
        masked = (inputs == STANDARD.mask_id)[words]
        replaced = (~masked & (inputs != large)[words]).mean()
        # The larger shares vary more by chance, and tell less.
        return [masked.mean() / 3, replaced, (inputs == large)[words].mean() / 3]

    def spread(student):
        ratios = variance_ratios(student, STANDARD, small, range(60))
        return [labelled_share(student, STANDARD, small), *(float(r > 0.3) + float(r > 2.5) for r in ratios)]

    def drawn_from(vocabulary, token_ids, seed):
        def shares(student):
            drawn = random_replacements(student, vocabulary, token_ids, seed, probability=0.6)
            if not len(drawn):
                return [-1.0, labelled_share(student, vocabulary, token_ids)]
            present = np.isin(vocabulary.drawable, drawn)
            special = ~np.isin(drawn, vocabulary.drawable)
            if present.mean() < 0.1:  # one token or a few: which ones is chance
                return [0.0, 0.0, 0.0, special.mean()]
            return [present.mean(), present[0], present[-1], special.mean()]

        return shares

    def generators(student):
        first, again, second = (corrupted(student, STANDARD, medium, s, probability=0.5) for s in (5, 5, 6))
        same = all(np.array_equal(mine, theirs) for mine, theirs in zip(first, again, strict=True))
        shares = agreements(STANDARD, medium, first, second)
        return [same, *(share > limit for share, limit in zip(shares, (0.75, 0.9, 0.5), strict=True))]

    def untouched(student):
        return [len(student.run(request(STANDARD, small, 7)).inputs_changed)]

    asked = {
        "labels": labels,
        "selection": selection,
        "probability": probability,
        "actions": actions,
        "spread": spread,
        "drawn": drawn_from(STANDARD, medium, 8),
        "scattered": drawn_from(SCATTERED, scattered, 9),
        "generator": generators,
        "untouched": untouched,
    }
    return {name: _as_numbers(ask) for name, ask in asked.items()}


def _as_numbers(ask):
    def answer(student):
        try:
            return np.array(ask(student), dtype=np.float64)
        except Mismatch:  # an error, or something else than two arrays of tokens
            return np.array([ERROR, 0.0])

    return answer


@CHECKS.check(
    points=0.5,
    title=text(
        "labels: the original where selected, −100 elsewhere",
        "labels : l'original si sélectionné, −100 ailleurs",
    ),
    hint=text(
        "Make the labels from the original tokens and the selection: the value −100 exactly, and no other, where "
        "nothing is predicted. Change the inputs only where selected.",
        "Faites labels à partir des jetons d'origine et de la sélection : la valeur −100 exactement, et aucune autre, "
        "là où rien n'est à prédire. Ne changez inputs qu'aux positions sélectionnées.",
    ),
)
def labels(student, cases):
    rng = rng_from(1)
    check_labels(student, STANDARD, STANDARD.batch(rng, 40, 30), seed_from(1))
    check_labels(student, STANDARD, STANDARD.batch(rng, 40, 30), None, probability=0.5)
    check_labels(student, STANDARD, np.array([[fact("WORD", 17)]]), seed_from(2))


@CHECKS.check(
    points=0.5,
    title=text(
        "15 % of the tokens are selected, specials never",
        "15 % des jetons sont sélectionnés, les spéciaux jamais",
    ),
    hint=text(
        "Draw one number a token and compare it with the probability; leave the special ids out.",
        "Tirez un nombre par jeton et comparez-le à la probabilité ; laissez de côté les jetons spéciaux.",
    ),
)
def selection(student, cases):
    # So few rows that whole ones never make up 15 %.
    check_selection(student, STANDARD, STANDARD.batch(rng_from(2), 3, 27_000), seed_from(3))


@CHECKS.check(
    points=0.25,
    needs=("labels",),
    title=text("another probability than 0.15", "une autre probabilité que 0,15"),
    hint=text("Compare with the argument probability.", "Comparez avec l'argument probability."),
)
def probability(student, cases):
    rng = rng_from(8)
    # Some whole rows of several may make up 40 %, and so may the beginning of a single one.
    for rows, length in ((3, 5_000), (1, 15_000)):
        token_ids = STANDARD.batch(rng, rows, length)
        for value in (0.4, 0.0, 1.0):
            check_probability(student, STANDARD, token_ids, seed_from(4), value)


@CHECKS.check(
    points=0.25,
    needs=("labels",),
    title=text(
        "each token is selected by a draw of its own", "chaque jeton est sélectionné par son propre tirage"
    ),
    hint=text(
        "The number of selected tokens is not fixed, and every row has its own draws.",
        "Le nombre de jetons sélectionnés n'est pas fixé, et chaque ligne a ses propres tirages.",
    ),
)
def independent_draws(student, cases):
    token_ids = STANDARD.words(rng_from(3), 20, 30)
    check_spread(student, STANDARD, token_ids, [seed_from(seed) for seed in range(100, 124)])


@CHECKS.check(
    points=0.75,
    title=text("80 % [MASK], 10 % random, 10 % kept", "80 % [MASK], 10 % au hasard, 10 % conservés"),
    hint=text(
        "The three actions exclude each other: one draw per token decides between them.",
        "Les trois actions s'excluent : un seul tirage par jeton décide entre elles.",
    ),
)
def actions(student, cases):
    check_actions(student, STANDARD, STANDARD.batch(rng_from(4), 15, 5_000), seed_from(5))


@CHECKS.check(
    points=0.5,
    needs=("labels",),
    title=text(
        "random tokens: any of the vocabulary but specials",
        "jetons au hasard : tout le vocabulaire, sauf les spéciaux",
    ),
    hint=text(
        "All ids that are not special must come out equally often, the first and the last included.",
        "Tous les identifiants non spéciaux doivent sortir aussi souvent, le premier et le dernier compris.",
    ),
)
def random_tokens(student, cases):
    rng = rng_from(5)
    check_drawn(student, STANDARD, STANDARD.batch(rng, 7, 7_000), seed_from(6))
    check_drawn(student, SCATTERED, SCATTERED.batch(rng, 7, 7_000), seed_from(7))


@CHECKS.check(
    points=0.5,
    needs=("labels",),
    title=text("all draws come from the generator", "tous les tirages viennent du générateur"),
    hint=text(
        "Give generator=generator to every function that draws.",
        "Donnez generator=generator à chaque fonction qui tire au hasard.",
    ),
)
def generator_used(student, cases):
    seeds = [seed_from(seed) for seed in (8, 9, 10)]
    check_generator(student, STANDARD, STANDARD.batch(rng_from(6), 12, 1_500), seeds)


@CHECKS.check(
    points=0.25,
    needs=("labels",),
    title=text("token_ids is left untouched", "token_ids reste intact"),
    hint=text("Work on a copy: token_ids.clone().", "Travaillez sur une copie : token_ids.clone()."),
)
def untouched(student, cases):
    token_ids = STANDARD.batch(rng_from(7), 30, 20)
    outcome = student.run(request(STANDARD, token_ids, seed_from(10), probability=0.5))
    value_of(outcome)
    require(
        not outcome.inputs_changed,
        text("token_ids as before the call", "token_ids comme avant l'appel"),
        text("the function wrote to it", "la fonction y a écrit"),
    )
