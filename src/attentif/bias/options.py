"""The options of a StereoSet case, scored: a stereotype, its contrary and an unrelated word, in one gap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import nn

from attentif.bias.candidates import written
from attentif.bias.scorer import MaskedScorer, Question
from attentif.errors import InputError
from attentif.language import text


def option_scores(
    model: nn.Module,
    tokenizer: Any,
    contexts: Sequence[str],
    options: Sequence[Sequence[str]],
    batch_size: int = 64,
    official: bool = False,
) -> np.ndarray:
    """How well each option of each case suits a masked model.

    An option of pieces w_1 … w_K is written from left to right, with one mask after what is written, which does not
    tell how many pieces are to come:

        p_k = P(w_k | context, w_1 … w_{k−1}, [MASK])        score = 1/K Σ_k ln p_k

    Args:
        model: a masked language model, of `transformers` or of this library.
        tokenizer: its tokenizer.
        contexts: N texts with exactly one [MASK].
        options: N times the same number of words or groups of words.
        batch_size: how many masked copies go through the model at once.
        official: the mean of the probabilities 1/K Σ_k p_k, as the authors' code does, where their paper says
            logarithms.

    Returns:
        float64 (N, number of options), nats (probabilities if `official`).

    Raises:
        InputError: no cases, other numbers of options, and what cannot be scored.

    Source: Nadeem et al. 2021, "StereoSet", §5 (intrasentence), and the authors' code.

    >>> from attentif.checks.recipes import context_model, word_tokenizer
    >>> tokenizer = word_tokenizer(["he", "is", "strong", "weak", "a", "fish", "."])
    >>> model = context_model(tokenizer.vocab_size, seed=1)
    >>> option_scores(model, tokenizer, ["he is [MASK] ."], [["strong", "weak", "a fish"]]).shape
    (1, 3)
    """
    alike = len(contexts) == len(options) and len({len(each) for each in options}) == 1
    if isinstance(contexts, str) or not alike:
        raise InputError(
            expected=text(
                "a list of contexts, each with as many options",
                "une liste de contextes, avec autant d'options chacun",
            ),
            got=text(
                f"{len(contexts)} contexts and {len(options)} lists of options",
                f"{len(contexts)} contextes et {len(options)} listes d'options",
            ),
            remedy=text(
                "give three options a context: stereotype, contrary, unrelated",
                "donnez trois options par contexte : stéréotype, contraire, sans rapport",
            ),
        )
    scorer = MaskedScorer(model, tokenizer)
    sizes: list[int] = []

    def questions():
        for context, words in zip(contexts, options, strict=True):
            for word in words:
                ids, places = written(scorer, context, word)
                sizes.append(len(places))
                for place in places:
                    rest = ids[places[-1] + 1 :]
                    yield Question([*ids[:place], scorer.mask_id, *rest], [place], [ids[place]])

    values = scorer.token_log_probabilities(questions(), batch_size)
    values = np.exp(values) if official else values
    owners = np.repeat(np.arange(len(sizes)), sizes)
    return (np.bincount(owners, weights=values) / sizes).reshape(len(contexts), -1)
