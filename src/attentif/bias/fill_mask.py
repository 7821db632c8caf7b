"""What does the model put in the gap?"""

from __future__ import annotations

from typing import Any

from torch import nn

from attentif.bias.scorer import MaskedScorer
from attentif.errors import InputError


def fill_mask(model: nn.Module, tokenizer: Any, text: str, k: int = 5) -> list[list[tuple[str, float]]]:
    """The k most probable tokens for each mask of a text.

    P(w | text) = softmax(logits at the mask)_w, over the whole vocabulary. With several masks, each is
    answered for itself, the others being still masked: the answers are no joint choice.

    Args:
        model: a masked language model, of `transformers` or of this library.
        tokenizer: its tokenizer.
        text: a text with at least one "[MASK]" (the tokenizer's own mask token is understood too).
        k: how many tokens a mask, from 1 to V.

    Returns:
        One list a mask, in the order of the text, of k pairs (token, probability), most probable first.

    Raises:
        InputError (a ValueError): no mask in the text, k out of range, a model or text that cannot be scored.

    Source: Devlin et al. 2019, §3.1, task 1 (the masked word as a question).

    >>> from attentif.checks.recipes import context_model, word_tokenizer
    >>> tokenizer = word_tokenizer(["il", "elle", "dort", "."])
    >>> model = context_model(tokenizer.vocab_size, seed=1)
    >>> answers = fill_mask(model, tokenizer, "[MASK] [MASK] .", k=3)
    >>> [len(best) for best in answers]
    [3, 3]
    """
    scorer = MaskedScorer(model, tokenizer)
    ids = scorer.encode(text).ids
    masks = [position for position, token_id in enumerate(ids) if token_id == scorer.mask_id]
    if not masks:
        raise InputError(
            expected=f"a text with at least one {scorer.mask_token}",
            got=repr(text),
            remedy="write [MASK] where the word is missing",
        )
    log_probabilities = scorer.log_probabilities([ids], [masks])  # (number of masks, V)
    vocab_size = log_probabilities.size(-1)
    if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= vocab_size:
        raise InputError(
            expected=f"k to be a whole number from 1 to {vocab_size}",
            got=repr(k),
            remedy="5 is a usual value",
        )
    best = log_probabilities.exp().topk(k, dim=-1)  # (number of masks, k)
    answers = []
    for token_ids, probabilities in zip(best.indices.tolist(), best.values.tolist(), strict=True):
        answers.append(list(zip(map(scorer.token, token_ids), probabilities, strict=True)))
    return answers
