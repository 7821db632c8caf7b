"""Questions with one gap: a text, a word that may fill it, and what the model says of all words there."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor

from attentif.bias.encoding import MASK_ALIAS
from attentif.bias.scorer import MaskedScorer
from attentif.errors import InputError
from attentif.language import Remark
from attentif.language import text as both

Context = tuple[tuple[int, ...], int]  # the masked token ids, and where the mask is that is asked about
_ARTICLE = re.compile(r"\((a)\|(an)\)", re.IGNORECASE)


@dataclass(frozen=True)
class Question:
    """How probable is one word in the gap of a text?

    Args:
        ids: the T token ids of the text with the word hidden by the mask, specials included.
        position: where the mask is.
        token_id: the word, a single token of the vocabulary.
    """

    ids: tuple[int, ...]
    position: int
    token_id: int

    def __post_init__(self) -> None:
        if not 0 <= self.position < len(self.ids):
            raise InputError(
                expected=both(
                    f"a position from 0 to {len(self.ids) - 1}", f"une position de 0 à {len(self.ids) - 1}"
                ),
                got=str(self.position),
                remedy=both(
                    "count from the first special token", "comptez à partir du premier jeton spécial"
                ),
            )

    @property
    def context(self) -> Context:
        """All but the word: questions on several words in one gap share it."""
        return self.ids, self.position


class Item(Protocol):
    """What a probe asks: texts with a gap, each with a word for it."""

    @property
    def name(self) -> str:
        """The text that an item is known by."""

    @property
    def cluster(self) -> str:
        """The group whose items are not independent of this one."""

    def questions(self) -> list[tuple[str, str]]:
        """Pairs (text with one [MASK], word)."""


def with_article(text: str, word: str) -> str:
    """Choose between the forms of "(a|an)" by the letter that the word begins with.

    >>> with_article("An ant is not (a|an) [MASK].", "insect"), with_article("(A|an) [MASK] swims.", "fish")
    ('An ant is not an [MASK].', 'A [MASK] swims.')
    """
    vowel = word[:1].lower() in "aeiou"

    def chosen(match: re.Match) -> str:
        short = match.group(1)
        return short + ("n" if vowel else "")

    return _ARTICLE.sub(chosen, text)


def check_gap(text: str) -> None:
    """Refuse what is no text with exactly one [MASK]."""
    if not isinstance(text, str) or text.count(MASK_ALIAS) != 1:
        raise InputError(
            expected=both(f"a text with one {MASK_ALIAS}", f"un texte avec un seul {MASK_ALIAS}"),
            got=repr(text),
            remedy=both(
                f"write {MASK_ALIAS} once, in the place that is asked about",
                f"écrivez {MASK_ALIAS} une fois, à l'endroit sur lequel porte la question",
            ),
        )


def ask(scorer: MaskedScorer, text: str, word: str) -> Question | None:
    """A question on a word in the gap of a text; None where the vocabulary cannot ask it.

    The word is written in the gap, then hidden: its neighbours are cut as they are around a real word. None if it
    has several tokens there, shares one with a neighbour or is unknown, or if the text has unknown parts: such an
    answer would be about a piece of the word or about another text. The caller counts these, and calls none wrong.

    Args:
        scorer: the model and its tokenizer.
        text: a text with one [MASK]; "(a|an)" in it is settled by the word.
        word: as it is written there.

    Raises:
        InputError: no gap or several, no word, a text too long for the model.

    >>> from attentif.checks.recipes import context_model, word_tokenizer
    >>> tokenizer = word_tokenizer(["il", "elle", "dort", "."])
    >>> scorer = MaskedScorer(context_model(tokenizer.vocab_size, seed=1), tokenizer)
    >>> ask(scorer, "[MASK] dort .", "elle"), ask(scorer, "[MASK] dort .", "nous")
    (Question(ids=(2, 4, 7, 8, 3), position=1, token_id=6), None)
    """
    check_gap(text)
    if not isinstance(word, str) or not word.strip() or MASK_ALIAS in word:
        raise InputError(
            expected=both(f"a word for {MASK_ALIAS}", f"un mot pour {MASK_ALIAS}"),
            got=repr(word),
            remedy=both("give the word as it is written", "donnez le mot tel qu'il s'écrit"),
        )
    before, after = with_article(text, word).split(MASK_ALIAS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Remark)  # what is unknown is counted by the caller
        ids = scorer.encode(before + word + after, masks_allowed=False).ids
        try:
            found = scorer.locate(before + word + after, len(before), len(before) + len(word))[1]
        except InputError:  # the text itself is fine: the word shares a token with its neighbours
            return None
    if len(found) != 1 or scorer.unk_id in ids:
        return None
    return Question(tuple(scorer.masked(ids, found)), found[0], ids[found[0]])


def gap(scorer: MaskedScorer, text: str) -> Context | None:
    """The masked ids of a text and the place of its mask; None if the text has parts that nobody knows.

    Raises:
        InputError: no gap or several, a text too long for the model.
    """
    check_gap(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Remark)
        ids = scorer.encode(text).ids
    return None if scorer.unk_id in ids else (tuple(ids), ids.index(scorer.mask_id))


def distributions(
    scorer: MaskedScorer, contexts: Iterable[Context], batch_size: int = 64
) -> dict[Context, Tensor]:
    """ln P(· | context) at the gap of each context; what is asked twice is computed once.

    Returns:
        context → float64 (V,), nats, on the CPU.
    """
    # Neighbours of one length need little padding.
    different = sorted(dict.fromkeys(contexts), key=lambda context: len(context[0]))
    rows = {}
    for start in range(0, len(different), batch_size):
        part = different[start : start + batch_size]
        found = scorer.log_probabilities([ids for ids, _ in part], [[place] for _, place in part])  # (N, V)
        rows.update(zip(part, found.cpu(), strict=True))
    return rows


def ask_items(
    scorer: MaskedScorer, items: Sequence[Item], fewest: int = 1
) -> tuple[list[tuple[Any, list[Question]]], tuple[str, ...]]:
    """The questions of each item, and the names of the items that the model's vocabulary cannot be asked.

    An item is left out as a whole when one of its words or texts is unknown, so that what is compared stays paired.

    Args:
        scorer: the model and its tokenizer.
        items: see `Item`.
        fewest: how many groups must be left.

    Returns:
        (kept, unknown): pairs (item, its questions in the order of `item.questions()`), and names.

    Raises:
        InputError: no items, or too few groups left.
    """
    if isinstance(items, str) or not len(items) or not all(hasattr(item, "questions") for item in items):
        raise InputError(
            expected=both("a list of at least one item", "une liste d'au moins un item"),
            got=" ".join(repr(items).split())[:60],
            remedy=both(
                "take those of attentif.limits.items, or make your own of its classes",
                "prenez ceux d'attentif.limits.items, ou créez les vôtres avec ses classes",
            ),
        )
    kept, unknown = [], []
    for item in items:
        questions = [ask(scorer, text, word) for text, word in item.questions()]
        if None in questions:
            unknown.append(item.name)
        else:
            kept.append((item, questions))
    check_enough({item.cluster for item, _ in kept}, len(unknown), len(items), fewest)
    return kept, tuple(unknown)


def check_enough(groups: set[str], n_unknown: int, n_items: int, fewest: int) -> None:
    """Refuse to measure on what hardly any item is left of, and say how many the vocabulary lacks."""
    if len(groups) < fewest:
        raise InputError(
            expected=both(
                f"items of at least {fewest} {'groups' if fewest > 1 else 'group'} whose words the model knows",
                f"des items d'au moins {fewest} {'groupes' if fewest > 1 else 'groupe'} dont le modèle connaît les mots",
            ),
            got=both(
                f"{len(groups)}; {n_unknown} of {n_items} items have words outside its vocabulary",
                f"{len(groups)} ; {n_unknown} items sur {n_items} ont des mots hors de son vocabulaire",
            ),
            remedy=both(
                'write items with the model\'s words (questions_for(model, "en") has those of the models trained on Microcosm), '
                "or take a model with a larger vocabulary",
                'écrivez des items avec les mots du modèle (questions_for(model, "fr") donne ceux des modèles entraînés sur '
                "Microcosm), ou prenez un modèle au vocabulaire plus grand",
            )
            if n_unknown
            else both("add items of other groups", "ajoutez des items d'autres groupes"),
        )


def check_settings(k: int, margin: float, vocab_size: int) -> None:
    """Refuse a k or a margin that compares nothing."""
    if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k < vocab_size:
        raise InputError(
            expected=both(
                f"k to be a whole number from 1 to {vocab_size - 1}", f"un k entier, de 1 à {vocab_size - 1}"
            ),
            got=repr(k),
            remedy=both("1, 5 and 10 are usual values", "1, 5 et 10 sont des valeurs courantes"),
        )
    if not 0 <= margin < 1:
        raise InputError(
            expected=both("a margin in [0, 1), a probability", "une marge dans [0, 1[, une probabilité"),
            got=repr(margin),
            remedy=both("0.01 is the published one", "0,01 est la valeur publiée"),
        )
