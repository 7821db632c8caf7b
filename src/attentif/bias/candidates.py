"""How probable is a given word in a gap, also one that the tokenizer cuts into pieces?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import nn

from attentif.bias.encoding import MASK_ALIAS
from attentif.bias.scorer import MaskedScorer, Question
from attentif.errors import InputError
from attentif.language import text as both


def written(scorer: MaskedScorer, text: str, word: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """A text with a word in the place of its one mask.

    Returns:
        (ids, places): all token ids, specials included, nothing masked; the positions of the word's tokens.

    Raises:
        InputError: not exactly one mask in the text, no word, or one that shares a token with its neighbours.
    """
    one = text.replace(scorer.mask_token, MASK_ALIAS) if isinstance(text, str) else ""
    if one.count(MASK_ALIAS) != 1:
        raise InputError(
            expected=both("a text with exactly one [MASK]", "un texte avec [MASK] une fois exactement"),
            got=repr(text),
            remedy=both("write [MASK] in the word's place", "écrivez [MASK] à la place du mot"),
        )
    if not isinstance(word, str) or not word.strip() or MASK_ALIAS in word or scorer.mask_token in word:
        raise InputError(
            expected=both("a word for the gap", "un mot pour le trou"),
            got=repr(word),
            remedy=both("give the word as it is written", "donnez le mot tel qu'il s'écrit"),
        )
    start = one.index(MASK_ALIAS)
    encoding, places = scorer.locate(one.replace(MASK_ALIAS, word), start, start + len(word))
    return encoding.ids, places


def candidate_log_probabilities(
    model: nn.Module, tokenizer: Any, text: str, candidates: Sequence[str], batch_size: int = 64
) -> np.ndarray:
    """ln P(word in the gap | the rest of the text), for each candidate.

    A word of several pieces w_1 … w_K is written from left to right, its later pieces still masked:

        ln P(word) = Σ_k ln P(w_k | text, w_1 … w_{k−1}, masks for w_k … w_K)

    so the model is told the number of pieces. That favours long words: compare words of equally many pieces.

    Args:
        model: a masked language model, of `transformers` or of this library.
        tokenizer: its tokenizer.
        text: a text with exactly one [MASK].
        candidates: C words.
        batch_size: how many masked copies go through the model at once.

    Returns:
        float64 (C,), nats; NaN for a word that the tokenizer does not know: count it apart, it is not improbable.

    Raises:
        InputError: no candidates, not exactly one mask, a word that shares a token with its neighbours.

    Source: Kauf and Ivanova 2023, "A Better Way to Do Masked Language Model Scoring" (left to right within a word).

    >>> from attentif.checks.recipes import context_model, word_tokenizer
    >>> tokenizer = word_tokenizer(["he", "she", "sleeps", "."])
    >>> model = context_model(tokenizer.vocab_size, seed=1)
    >>> candidate_log_probabilities(model, tokenizer, "[MASK] sleeps .", ["he", "she"]).shape
    (2,)
    """
    check_word_list(candidates)
    scorer = MaskedScorer(model, tokenizer)
    questions, owners, unknown = [], [], []
    for number, word in enumerate(candidates):
        ids, places = written(scorer, text, word)
        if scorer.unk_id is not None and scorer.unk_id in [ids[place] for place in places]:
            unknown.append(number)
            continue
        for done, place in enumerate(places):
            questions.append(Question(scorer.masked(ids, places[done:]), [place], [ids[place]]))
            owners.append(number)
    values = scorer.token_log_probabilities(questions, batch_size)
    scores = np.bincount(np.array(owners, dtype=int), weights=values, minlength=len(candidates))
    scores[unknown] = np.nan
    return scores


def check_word_list(words: Sequence[str]) -> None:
    """Refuse what is no list of words."""
    if isinstance(words, str) or not len(words):
        raise InputError(
            expected=both("a list of at least one word", "une liste d'au moins un mot"),
            got=repr(words)[:40],
            remedy=both("put the words in a list", "mettez les mots dans une liste"),
        )


def log_odds(model: nn.Module, tokenizer: Any, template: str, first: str, second: str) -> float:
    """How much more probable the first of two words is in a gap: ln P(first) − ln P(second), in nats.

    Both are read over the whole vocabulary, so what other words take does not change the difference.

    Args:
        model: a masked language model, of `transformers` or of this library.
        tokenizer: its tokenizer.
        template: a text with exactly one [MASK].
        first, second: two words of one token each in that place.

    Returns:
        float, nats; positive where the model prefers the first.

    Raises:
        InputError (a ValueError): not exactly one mask, a word of several tokens or one that the tokenizer does not
            know, and what cannot be scored. A word is never cut down to its first piece.

    Source: the log-odds of Kurita et al. 2019, "Measuring Bias in Contextualized Word Representations", §2, without
        their prior.

    >>> from attentif.checks.recipes import context_model, word_tokenizer
    >>> tokenizer = word_tokenizer(["he", "she", "sleeps", "."])
    >>> model = context_model(tokenizer.vocab_size, seed=1)
    >>> odds = log_odds(model, tokenizer, "[MASK] sleeps .", "he", "she")
    >>> odds == -log_odds(model, tokenizer, "[MASK] sleeps .", "she", "he")
    True
    """
    scorer = MaskedScorer(model, tokenizer)
    found = []
    for word in (first, second):
        ids, place = single_token(scorer, template, word)
        row = scorer.log_probabilities([scorer.masked(ids, [place])], [[place]])[0]  # (V,)
        found.append(row[ids[place]].item())
    return found[0] - found[1]


def single_token(scorer: MaskedScorer, text: str, word: str) -> tuple[tuple[int, ...], int]:
    """As `written`, for a word that must be one known token: (ids, its position)."""
    ids, places = written(scorer, text, word)
    if scorer.unk_id is not None and scorer.unk_id in [ids[place] for place in places]:
        raise InputError(
            expected=both("a word of the tokenizer's vocabulary", "un mot du vocabulaire du tokenizer"),
            got=repr(word),
            remedy=both(
                "choose a word that the model knows (mind capitals and accents)",
                "choisissez un mot que le modèle connaît (attention aux majuscules et aux accents)",
            ),
        )
    if len(places) > 1:
        shown = " + ".join(scorer.token(ids[place]) for place in places)
        raise InputError(
            expected=both("a word of a single token", "un mot d'un seul jeton"),
            got=both(f"{word!r}, cut into {shown}", f"{word!r}, découpé en {shown}"),
            remedy=both(
                "compare words that the tokenizer keeps whole, pronouns for instance",
                "comparez des mots que le tokenizer garde entiers, des pronoms par exemple",
            ),
        )
    return ids, places[0]
