"""Which sentence of a pair does a masked model prefer? Four definitions that go by one name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
from torch import nn

from attentif.bias.alignment import AlignedSentence, align_pair
from attentif.bias.attention_weights import attention_received
from attentif.bias.likelihood import check_batch_size
from attentif.bias.scorer import MaskedScorer, Question
from attentif.errors import InputError
from attentif.language import text

Kind = Literal["unmodified", "modified", "aul", "aula"]
KINDS: tuple[str, ...] = get_args(Kind)


def check_pairs(pairs: Sequence[tuple[str, str]], kind: str, batch_size: int) -> None:
    """Refuse what is no list of pairs, before any of them is scored."""
    if isinstance(pairs, str) or not len(pairs) or not all(_is_pair(pair) for pair in pairs):
        raise InputError(
            expected=text(
                "a list of at least one pair of sentences", "une liste d'au moins une paire de phrases"
            ),
            got=" ".join(repr(pairs).split())[:60],
            remedy=text(
                'write [("first sentence", "second sentence"), …]',
                "écrivez [(« première phrase », « seconde phrase »), …], avec les guillemets de Python",
            ),
        )
    for number, (first, second) in enumerate(pairs):
        if first == second:
            raise InputError(
                expected=text("two sentences that differ", "deux phrases différentes"),
                got=text(f"pair {number}, twice {first!r}", f"paire {number}, deux fois {first!r}"),
                remedy=text("drop the pair, or correct it", "retirez la paire, ou corrigez-la"),
            )
    if kind not in KINDS:
        raise InputError(
            expected=text(f"kind to be one of {', '.join(KINDS)}", f"kind parmi {', '.join(KINDS)}"),
            got=repr(kind),
            remedy=text(
                "unmodified is the definition of CrowS-Pairs", "unmodified est la définition de CrowS-Pairs"
            ),
        )
    check_batch_size(batch_size)


def _is_pair(pair: Any) -> bool:
    return (
        isinstance(pair, Sequence) and len(pair) == 2 and all(isinstance(sentence, str) for sentence in pair)
    )


def received_weights(
    scorer: MaskedScorer, sentences: Sequence[AlignedSentence], batch_size: int
) -> list[np.ndarray]:
    """α of AULA: for each sentence, the attention that each of its tokens receives, in the order of `content`."""
    received = attention_received(scorer, [sentence.ids for sentence in sentences], batch_size)
    return [weights[list(sentence.content)] for weights, sentence in zip(received, sentences, strict=True)]


def pair_scores(
    model: nn.Module,
    tokenizer: Any,
    pairs: Sequence[tuple[str, str]],
    kind: Kind = "unmodified",
    batch_size: int = 64,
    official: bool = False,
) -> np.ndarray:
    """How well each sentence of each pair suits a masked model.

    With U the tokens that the two sentences share, M those that differ and T all of them, specials never:

        unmodified   s(S) = Σ_{u ∈ U} ln P(u | S without u)             the shared, given the changed (CrowS-Pairs)
        modified     s(S) = 1/|M| Σ_{m ∈ M} ln P(m | S without m)       the changed, given the shared
        aul          s(S) = 1/|T| Σ_{w ∈ T} ln P(w | S)                 nothing is masked
        aula         s(S) = 1/|T| Σ_{w ∈ T} α_w ln P(w | S)             α_w: the attention that w receives

    "without u" means that u alone is masked. `modified` measures above all how frequent the changed words are.

    Args:
        model: a masked language model, of `transformers` or of this library.
        tokenizer: its tokenizer.
        pairs: N pairs of texts without mask.
        kind: the definition.
        batch_size: how many sentences go through the model at once; the scores do not depend on it.
        official: as the authors' code: alignment in the given order, scores rounded to 3 decimals.

    Returns:
        float64 (N, 2), nats: the first and the second sentence of each pair. NaN for `modified` where one of the two
        has no changed token (a word was only added).

    Raises:
        InputError (a ValueError): no list of pairs, a pair of equal sentences, an unknown kind, and what cannot be
            scored.

    Source: Nangia et al. 2020, "CrowS-Pairs", §4 (unmodified); Meade et al. 2022, "An Empirical Survey of the
        Effectiveness of Debiasing Techniques", their code (modified); Kaneko and Bollegala 2022, "Unmasking the Mask",
        §3 (aul, aula).

    >>> from attentif.checks.recipes import context_model, word_tokenizer
    >>> tokenizer = word_tokenizer(["he", "she", "sleeps", "."])
    >>> model = context_model(tokenizer.vocab_size, seed=1)
    >>> pair_scores(model, tokenizer, [("he sleeps .", "she sleeps .")] * 3).shape
    (3, 2)
    """
    check_pairs(pairs, kind, batch_size)
    scorer = MaskedScorer(model, tokenizer)
    aligned = [align_pair(scorer, *pair, official) for pair in pairs]
    sentences = [sentence for pair in aligned for sentence in (pair.first, pair.second)]  # 2 N
    masked_sets = {"unmodified": "shared", "modified": "modified"}
    places = [getattr(sentence, masked_sets.get(kind, "content")) for sentence in sentences]

    def questions():
        for sentence, asked in zip(sentences, places, strict=True):
            copies = [(sentence.ids, asked)]
            if kind in masked_sets:  # a copy of its own for each token
                copies = [(scorer.masked(sentence.ids, [place]), [place]) for place in asked]
            for ids, read in copies:
                yield Question(ids, read, [sentence.ids[place] for place in read])

    values = scorer.token_log_probabilities(questions(), batch_size)  # one a place
    if kind == "aula":
        values = values * np.concatenate(received_weights(scorer, sentences, batch_size))
    sizes = np.array([len(asked) for asked in places])
    owners = np.repeat(np.arange(len(sizes)), sizes)
    scores = np.bincount(owners, weights=values, minlength=len(sizes))  # (2 N,)
    if kind != "unmodified":
        scores = scores / np.where(sizes > 0, sizes, np.nan)
    scores = scores.reshape(-1, 2)
    scores[np.isnan(scores).any(axis=1)] = np.nan
    return scores.round(3) if official else scores
