"""Judging how tokens are drawn for corruption: one by one, and by the generator alone."""

from __future__ import annotations

import numpy as np

from attentif.checks.compare import require
from attentif.checks.corruption import IGNORED, corrupted, percent
from attentif.checks.text import text

FEW = 10
# Standard deviations of a normal law beyond which chance takes a variance less than once in ten million times.
_FAR = 5.3


def variance_limits(n):
    """Between what the ratio of a variance of n draws to its expectation lies: a χ² law of n degrees, over n.

    Source: Wilson and Hilferty 1931, "The distribution of chi-square". Never closer to 1 than 0.3 and 2.5: tokens of
    several kinds vary a little otherwise.
    """
    spread = 2 / (9 * n)
    low, high = ((1 - spread + far * spread**0.5) ** 3 for far in (-_FAR, _FAR))
    return min(low, 0.3), max(high, 2.5)


def check_spread(student, vocabulary, token_ids, seeds):
    """Tokens are selected one by one: counts vary between calls, rows and columns as independent draws do."""
    ratios = dict(
        zip(("calls", "rows", "columns"), variance_ratios(student, vocabulary, token_ids, seeds), strict=True)
    )
    places = {
        "calls": "d'un appel à l'autre",
        "rows": "d'une ligne à l'autre",
        "columns": "d'une colonne à l'autre",
    }
    n_of = {
        "calls": len(seeds),
        "rows": len(seeds) * len(token_ids),
        "columns": len(seeds) * token_ids.shape[1],
    }
    for place, ratio in ratios.items():
        low, high = variance_limits(n_of[place])
        require(
            low <= ratio <= high,
            text(
                f"a number of selected tokens that varies between {place} as independent draws do",
                f"un nombre de jetons sélectionnés qui varie {places[place]} comme par tirages indépendants",
            ),
            text(f"{ratio:.2f} times that variance", f"{ratio:.2f} fois cette variance".replace(".", ",")),
        )


def variance_ratios(student, vocabulary, token_ids, seeds):
    """Variance of the number of selected tokens over that of independent draws: by call, row and column."""
    eligible = vocabulary.eligible(token_ids)
    selected = np.stack(
        [corrupted(student, vocabulary, token_ids, seed, probability=0.3)[1] != IGNORED for seed in seeds]
    )
    p = float(selected[:, eligible].mean())
    if p in (0.0, 1.0):
        return [0.0, 0.0, 0.0]
    ratios = []
    for axes, n_tokens in (((1, 2), eligible.sum()), (2, eligible.sum(1)), (1, eligible.sum(0))):
        n_tokens = np.broadcast_to(n_tokens, np.delete(selected.shape, axes))
        counts = (selected & eligible).sum(axes)
        deviation = (counts - p * n_tokens) ** 2
        ratios.append(float(deviation.sum() / (n_tokens * p * (1 - p)).sum()))
    if (selected == selected[0]).all():
        ratios[0] = 1.0  # always the same draws: that is a matter of the generator, judged elsewhere
    return ratios


def check_generator(student, vocabulary, token_ids, seeds):
    """The generator decides all draws: the same again with the same seed, others with another."""
    first, again, *others = (
        corrupted(student, vocabulary, token_ids, s, probability=0.5) for s in (seeds[0], *seeds)
    )
    same = all(np.array_equal(mine, theirs) for mine, theirs in zip(first, again, strict=True))
    require(
        same,
        text(
            "the same result with a generator of the same seed",
            "le même résultat avec un générateur de même graine",
        ),
        text("another one", "un autre"),
    )
    limits = {
        text_en: (text_fr, limit)
        for text_en, text_fr, limit in (
            # Of a selection of 15 %, whatever was asked for, 75 % agree by chance.
            ("selection", "la sélection", 0.8),
            ("choice between [MASK], random and kept", "le choix entre [MASK], hasard et conservation", 0.9),
            ("random token", "le jeton tiré au hasard", 0.5),
        )
    }
    # The least of each: two seeds may give the same token by chance.
    shares = np.min([agreements(vocabulary, token_ids, first, other) for other in others], axis=0)
    for (en, (fr, limit)), share in zip(limits.items(), shares, strict=True):
        require(
            share <= limit,
            text(f"another {en} with another seed", f"que {fr} change avec la graine du générateur"),
            text(
                f"the same for {percent(share, 0)['en']} of the tokens",
                f"pareil pour {percent(share, 0)['fr']} des jetons",
            ),
        )


def agreements(vocabulary, token_ids, first, second):
    """How often two results agree in the selection, in what is done, and in the token drawn."""
    eligible = vocabulary.eligible(token_ids)
    selected = [labels != IGNORED for _, labels in (first, second)]
    both = selected[0] & selected[1] & eligible
    action = [
        np.where(inputs == vocabulary.mask_id, 0, np.where(inputs != token_ids, 1, 2))
        for inputs, _ in (first, second)
    ]
    both_random = both & (action[0] == 1) & (action[1] == 1)
    shares = (
        (selected[0] == selected[1])[eligible],
        (action[0] == action[1])[both],
        (first[0] == second[0])[both_random],
    )
    # Of a few, all may agree by chance.
    return [float(share.mean()) if share.size >= FEW else 0.0 for share in shares]
