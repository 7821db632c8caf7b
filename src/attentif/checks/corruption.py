"""Judging random corruption of tokens: by shares of many draws, never by the random stream of one implementation.

Each share may differ from its expectation by 5.5 standard errors, so that a right answer fails one of
them once in twenty million runs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attentif.checks.compare import describe, require, value_of
from attentif.checks.text import text
from attentif.checks.values import Request, generator

IGNORED = -100
STANDARD_ERRORS = 5.5


@dataclass(frozen=True)
class Vocabulary:
    """What a call needs to know of the vocabulary.

    Args:
        size: V.
        mask_id: the id of [MASK].
        special_ids: ids never selected and never drawn.
    """

    size: int
    mask_id: int
    special_ids: tuple[int, ...]

    @property
    def drawable(self) -> np.ndarray:
        """The other ids."""
        return np.setdiff1d(np.arange(self.size), self.special_ids)

    def batch(self, rng: np.random.Generator, rows: int, length: int) -> np.ndarray:
        """Token ids (rows, length): words, a tenth of specials at random places, and filled ends of rows."""
        token_ids = rng.choice(self.drawable, (rows, length))
        scattered = rng.random((rows, length)) < 0.1
        token_ids[scattered] = rng.choice(self.special_ids, int(scattered.sum()))
        end = rng.integers(length // 2, length + 1, (rows, 1))
        return np.where(np.arange(length) >= end, self.special_ids[0], token_ids)

    def eligible(self, token_ids: np.ndarray) -> np.ndarray:
        """Which tokens may be selected."""
        return ~np.isin(token_ids, self.special_ids)


def request(vocabulary, token_ids, seed=None, **kwargs):
    """A call of mask_tokens."""
    known = {
        "mask_id": vocabulary.mask_id,
        "vocab_size": vocabulary.size,
        "special_ids": vocabulary.special_ids,
    }
    if seed is not None:
        kwargs["generator"] = generator(seed)
    return Request(kwargs={"token_ids": token_ids, **known, **kwargs})


def corrupted(student, vocabulary, token_ids, seed=None, **kwargs):
    """(inputs, labels), two int64 arrays of the shape of the tokens; a Mismatch if they are not."""
    value = value_of(student.run(request(vocabulary, token_ids, seed, **kwargs)))
    pair = isinstance(value, (tuple, list)) and len(value) == 2
    require(pair, text("(inputs, labels)", "(inputs, labels)"), describe(value))
    for array in value:
        fits = isinstance(array, np.ndarray) and array.shape == token_ids.shape and array.dtype == np.int64
        require(fits, describe(token_ids), describe(array))
    return value[0], value[1]


def percent(share, digits=1):
    """A share in percent, as each language writes it."""
    english = f"{share:.{digits}%}"
    return text(english, english.replace(".", ",").replace("%", " %"))


def require_share(count, n, expected, what):
    """The share count / n must be the expected one, give or take chance."""
    margin = STANDARD_ERRORS * (expected * (1 - expected) / n) ** 0.5 + 1e-12
    wanted, give, got = percent(expected), percent(margin), percent(count / n)
    require(
        abs(count / n - expected) <= margin,
        text(
            f"{what['en']}: {wanted['en']} (± {give['en']})",
            f"{what['fr']} : {wanted['fr']} (± {give['fr']})",
        ),
        text(f"{got['en']} of {n}", f"{got['fr']} de {n}"),
    )


def require_all(good, expected):
    """Every entry must be as the text says."""
    n_bad = int((~good).sum())
    require(
        n_bad == 0,
        expected,
        text(f"{n_bad} positions of {good.size} are not", f"{n_bad} positions sur {good.size} non"),
    )


def check_labels(student, vocabulary, token_ids, seed, **probability):
    """Labels are originals or −100, some of each, and only what has a label is changed."""
    inputs, labels = corrupted(student, vocabulary, token_ids, seed, **probability)
    eligible = vocabulary.eligible(token_ids)
    labelled = labels != IGNORED
    require_all(
        ~labelled | (labels == token_ids),
        text("labels: the original token or −100", "labels : le token d'origine ou −100"),
    )
    require_all(
        labelled | (inputs == token_ids),
        text("inputs unchanged where labels are −100", "inputs inchangés là où labels vaut −100"),
    )
    share = float(labelled[eligible].mean()) if eligible.any() else 0.0
    some = not eligible.any() or 0.0 < share < 1.0 or int(eligible.sum()) < 200
    require(
        some,
        text(
            "labels on the selected tokens and −100 on the others",
            "des labels sur les tokens sélectionnés, −100 sur les autres",
        ),
        text(
            f"labels on {percent(share, 0)['en']} of the tokens",
            f"des labels sur {percent(share, 0)['fr']} des tokens",
        ),
    )


def check_selection(student, vocabulary, token_ids, seed, **probability):
    """The share of selected tokens; no special among them."""
    _, labels = corrupted(student, vocabulary, token_ids, seed, **probability)
    eligible = vocabulary.eligible(token_ids)
    selected = labels != IGNORED
    require_all(eligible | ~selected, text("no special token selected", "aucun token spécial sélectionné"))
    what = text("selected tokens, specials not counted", "tokens sélectionnés, spéciaux non comptés")
    require_share(
        int(selected[eligible].sum()), int(eligible.sum()), probability.get("probability", 0.15), what
    )


def check_probability(student, vocabulary, token_ids, seed, probability):
    """The share of labelled words follows the argument `probability`; 0 and 1 leave nothing to chance."""
    _, labels = corrupted(student, vocabulary, token_ids, seed, probability=probability)
    labelled = (labels != IGNORED)[vocabulary.eligible(token_ids)]
    what = text(f"labels with probability={probability:g}", f"labels avec probability={probability:g}")
    require_share(int(labelled.sum()), labelled.size, probability, what)


def check_actions(student, vocabulary, token_ids, seed):
    """Shares of [MASK], random and kept among the tokens with a label; asked for all, to have many."""
    inputs, labels = corrupted(student, vocabulary, token_ids, seed, probability=1.0)
    selected = vocabulary.eligible(token_ids) & (labels != IGNORED)
    n = int(selected.sum())
    require(
        n > 1000,
        text("labels on many tokens", "des labels sur beaucoup de tokens"),
        text(f"on {n}", f"sur {n}"),
    )
    before, after = token_ids[selected], inputs[selected]
    masked = after == vocabulary.mask_id
    same_by_chance = 0.1 / len(vocabulary.drawable)
    require_share(int(masked.sum()), n, 0.8, text("[MASK] among selected", "[MASK] parmi les sélectionnés"))
    replaced = int((~masked & (after != before)).sum())
    require_share(
        replaced, n, 0.1 - same_by_chance, text("replaced by another token", "remplacés par un autre token")
    )
    kept = int((after == before).sum())
    require_share(kept, n, 0.1 + same_by_chance, text("the same as before", "identiques à l'origine"))


def random_replacements(student, vocabulary, token_ids, seed, probability=1.0):
    """The ids that the function drew in place of others."""
    inputs, _ = corrupted(student, vocabulary, token_ids, seed, probability=probability)
    random = vocabulary.eligible(token_ids) & (inputs != vocabulary.mask_id) & (inputs != token_ids)
    return inputs[random]


def check_drawn(student, vocabulary, token_ids, seed):
    """Random replacements are uniform over the vocabulary without specials."""
    drawn = random_replacements(student, vocabulary, token_ids, seed)
    n_special = int((~np.isin(drawn, vocabulary.drawable)).sum())
    none = text(
        "no special token among the random replacements",
        "aucun token spécial parmi les remplaçants tirés au hasard",
    )
    require(
        len(drawn) > 0 and n_special == 0,
        none,
        text(f"{n_special} of {len(drawn)}", f"{n_special} sur {len(drawn)}"),
    )
    # A word is never replaced by itself in what can be seen: nearly, but not exactly uniform.
    eligible = token_ids[vocabulary.eligible(token_ids)]
    n_words = len(vocabulary.drawable)
    share_of_others = 1 - np.array([(eligible == word).mean() for word in vocabulary.drawable])
    expected = len(drawn) * share_of_others / (n_words - 1)
    counts = np.array([(drawn == word).sum() for word in vocabulary.drawable])
    for word, count, mean in zip(vocabulary.drawable, counts, expected, strict=True):
        require(
            abs(count - mean) <= 6.5 * mean**0.5,
            text(f"token {word} drawn about {mean:.0f} times", f"token {word} tiré environ {mean:.0f} fois"),
            text(f"{count} times", f"{count} fois"),
        )


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
    for place, ratio in ratios.items():
        require(
            0.3 <= ratio <= 2.5,
            text(
                f"a number of selected tokens that varies between {place} as independent draws do",
                f"un nombre de tokens sélectionnés qui varie {places[place]} comme par tirages indépendants",
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
    first, again, second = (
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
            ("selection", "la sélection", 0.75),
            ("choice between [MASK], random and kept", "le choix entre [MASK], hasard et conservation", 0.9),
            ("random token", "le token tiré au hasard", 0.5),
        )
    }
    for (en, (fr, limit)), share in zip(
        limits.items(), agreements(vocabulary, token_ids, first, second), strict=True
    ):
        require(
            share <= limit,
            text(f"another {en} with another seed", f"que {fr} change avec la graine du générateur"),
            text(
                f"the same for {percent(share, 0)['en']} of the tokens",
                f"pareil pour {percent(share, 0)['fr']} des tokens",
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
    return [float(share.mean()) if share.size else 0.0 for share in shares]
