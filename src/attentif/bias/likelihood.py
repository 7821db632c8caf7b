"""How probable is a whole sentence for a model that only fills gaps?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import nn

from attentif.bias.scorer import MaskedScorer, Question
from attentif.errors import InputError
from attentif.language import text


def check_sentences(sentences: Sequence[str], batch_size: int) -> None:
    """Refuse what is no list of sentences, before any of them is scored."""
    if isinstance(sentences, (str, int)) or not len(sentences):
        raise InputError(
            expected=text("a list of at least one sentence", "une liste d'au moins une phrase"),
            got=repr(sentences)[:40],
            remedy=text(
                "put the sentences in a list, a single one too",
                "mettez les phrases dans une liste, même s'il n'y en a qu'une",
            ),
        )
    check_batch_size(batch_size)


def check_batch_size(batch_size: int) -> None:
    """Refuse what is no number of sequences."""
    if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
        raise InputError(
            expected=text(
                "batch_size to be a whole number of at least 1", "un batch_size entier, au moins 1"
            ),
            got=repr(batch_size),
            remedy=text(
                "64 suits most machines; halve it if memory runs out",
                "64 convient à la plupart des machines ; divisez par deux si la mémoire manque",
            ),
        )


def pseudo_log_likelihood(
    model: nn.Module,
    tokenizer: Any,
    sentences: Sequence[str],
    within_word: bool = False,
    batch_size: int = 64,
) -> np.ndarray:
    """Sum, over the tokens of a sentence, of the log-probability of each one when it is masked.

    PLL(w) = Σ_t ln P(w_t | w without w_t). The specials around the sentence w are read, not scored.

    With `within_word`, the later pieces of the same word are masked together with w_t: a word cut in
    pieces is otherwise given away by its own end ("##ère" after a masked "infirmi").

    Args:
        model: a masked language model, of `transformers` or of this library.
        tokenizer: its tokenizer.
        sentences: a list of at least one text, without mask.
        within_word: also mask the pieces that follow in the word (word-left-to-right), those before staying.
        batch_size: how many masked copies go through the model at once; the scores do not depend on it.

    Returns:
        float64 (number of sentences,), nats: a sum, so longer sentences score lower.

    Raises:
        InputError (a ValueError): no list of sentences, an empty one, one with a mask or too long for the
            model; with `within_word`, a tokenizer that does not tell words apart.

    Source: Salazar et al. 2020, "Masked Language Model Scoring", §2;
        Kauf and Ivanova 2023, "A Better Way to Do Masked Language Model Scoring" (PLL-word-l2r).

    >>> from attentif.checks.recipes import context_model, word_tokenizer
    >>> tokenizer = word_tokenizer(["il", "elle", "dort", "."])
    >>> model = context_model(tokenizer.vocab_size, seed=1)
    >>> pseudo_log_likelihood(model, tokenizer, ["il dort .", "elle dort", "dort"]).shape
    (3,)
    """
    check_sentences(sentences, batch_size)
    scorer = MaskedScorer(model, tokenizer)
    encodings = [scorer.encode(sentence, masks_allowed=False) for sentence in sentences]

    def questions():  # one a token, each in a copy of its own
        for encoding in encodings:
            for position in encoding.positions:
                hidden = [position]
                if within_word:
                    rest = (later for later in encoding.positions if later > position)
                    hidden += [
                        later for later in rest if encoding.word_of(later) == encoding.word_of(position)
                    ]
                masked = scorer.masked(encoding.ids, hidden)
                yield Question(masked, [position], [encoding.ids[position]])

    values = scorer.token_log_probabilities(questions(), batch_size)  # in the order of the questions
    owners = np.repeat(np.arange(len(encodings)), [len(encoding.positions) for encoding in encodings])
    return np.bincount(owners, weights=values, minlength=len(encodings))
