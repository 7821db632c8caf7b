"""Judging random corruption of tokens: by shares of many draws, never by the random stream of one implementation.

Whether these draws are independent, and come from the generator, is judged in `attentif.checks.draws`. Each share may differ from its expectation by 5.5 standard errors, so that a right answer fails one of
them once in twenty million runs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attentif.checks.compare import Mismatch, describe, require, value_of
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

    def words(self, rng: np.random.Generator, rows: int, length: int) -> np.ndarray:
        """Token ids (rows, length) without any special: how many are selected cannot hide behind these."""
        return rng.choice(self.drawable, (rows, length))

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


def require_all(good, expected, **shown):
    """Every entry (B, T) must be as the text says; the first that is not is shown in these arrays."""
    bad = np.argwhere(~good)
    if not len(bad):
        return
    row, column = (int(i) for i in bad[0])
    raise Mismatch(
        expected,
        text(
            f"otherwise at {len(bad)} of {good.size} positions, first at row {row}, column {column}: "
            + ", ".join(f"{name} {array[row, column]}" for name, array in shown.items()),
            f"autre chose à {len(bad)} positions sur {good.size}, d'abord ligne {row}, colonne {column} : "
            + ", ".join(f"{name} {array[row, column]}" for name, array in shown.items()),
        ),
    )


def selected_by(labels):
    """Where the labels (B, T) ask for a prediction; −100 says that they do not, another negative number nothing."""
    alone = text(
        "labels: −100, and no other negative number, where nothing is predicted",
        "labels : −100, et aucun autre nombre négatif, là où rien n'est à prédire",
    )
    require_all((labels >= 0) | (labels == IGNORED), alone, labels=labels)
    return labels != IGNORED


def check_labels(student, vocabulary, token_ids, seed, **probability):
    """Labels are originals or −100, some of each, and only what has a label is changed."""
    inputs, labels = corrupted(student, vocabulary, token_ids, seed, **probability)
    eligible = vocabulary.eligible(token_ids)
    labelled = selected_by(labels)
    require_all(
        ~labelled | (labels == token_ids),
        text("labels: the original token or −100", "labels : le jeton d'origine ou −100"),
        token_ids=token_ids,
        labels=labels,
    )
    require_all(
        labelled | (inputs == token_ids),
        text("inputs unchanged where labels are −100", "inputs inchangés là où labels vaut −100"),
        token_ids=token_ids,
        inputs=inputs,
    )
    share = float(labelled[eligible].mean()) if eligible.any() else 0.0
    some = not eligible.any() or 0.0 < share < 1.0 or int(eligible.sum()) < 200
    require(
        some,
        text(
            "labels on the selected tokens and −100 on the others",
            "des labels sur les jetons sélectionnés, −100 sur les autres",
        ),
        text(
            f"labels on {percent(share, 0)['en']} of the tokens",
            f"des labels sur {percent(share, 0)['fr']} des jetons",
        ),
    )


def check_selection(student, vocabulary, token_ids, seed, **probability):
    """The share of selected tokens; no special among them."""
    _, labels = corrupted(student, vocabulary, token_ids, seed, **probability)
    eligible = vocabulary.eligible(token_ids)
    selected = selected_by(labels)
    none = text("no special token selected", "aucun jeton spécial sélectionné")
    require_all(eligible | ~selected, none, token_ids=token_ids, labels=labels)
    what = text("selected tokens, specials not counted", "jetons sélectionnés, spéciaux non comptés")
    require_share(
        int(selected[eligible].sum()), int(eligible.sum()), probability.get("probability", 0.15), what
    )


def check_probability(student, vocabulary, token_ids, seed, probability):
    """The share of labelled words follows the argument `probability`; 0 and 1 leave nothing to chance."""
    _, labels = corrupted(student, vocabulary, token_ids, seed, probability=probability)
    labelled = selected_by(labels)[vocabulary.eligible(token_ids)]
    what = text(f"labels with probability={probability:g}", f"labels avec probability={probability:g}")
    require_share(int(labelled.sum()), labelled.size, probability, what)


def check_actions(student, vocabulary, token_ids, seed):
    """Shares of [MASK], random and kept among the tokens with a label; asked for all, to have many."""
    inputs, labels = corrupted(student, vocabulary, token_ids, seed, probability=1.0)
    selected = vocabulary.eligible(token_ids) & selected_by(labels)
    n = int(selected.sum())
    require(
        n > 1000,
        text("labels on many tokens", "des labels sur beaucoup de jetons"),
        text(f"on {n}", f"sur {n}"),
    )
    before, after = token_ids[selected], inputs[selected]
    masked = after == vocabulary.mask_id
    same_by_chance = 0.1 / len(vocabulary.drawable)
    require_share(int(masked.sum()), n, 0.8, text("[MASK] among selected", "[MASK] parmi les sélectionnés"))
    replaced = int((~masked & (after != before)).sum())
    require_share(
        replaced, n, 0.1 - same_by_chance, text("replaced by another token", "remplacés par un autre jeton")
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
    require(
        len(drawn) > 0,
        text("some tokens replaced by random ones", "des jetons remplacés par d'autres, au hasard"),
        text("none", "aucun"),
    )
    n_special = int((~np.isin(drawn, vocabulary.drawable)).sum())
    none = text(
        "no special token among the random replacements",
        "aucun jeton spécial parmi les remplaçants tirés au hasard",
    )
    require(
        n_special == 0,
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
            text(f"token {word} drawn about {mean:.0f} times", f"jeton {word} tiré environ {mean:.0f} fois"),
            text(f"{count} times", f"{count} fois"),
        )
