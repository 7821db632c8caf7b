"""Which attention head carries it? Causal mediation: one head is given what it would have seen in another text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from attentif.bias.scorer import MaskedScorer
from attentif.errors import InputError
from attentif.language import text
from attentif.limits.cloze import Question, ask
from attentif.limits.inside import head_shape, on_head_outputs


@dataclass(frozen=True)
class HeadEffect:
    """What a change of the text does to the log-odds of two words, as a whole and through single heads; nats.

    Args:
        total: log-odds in the counterfactual text minus those in the original one.
        indirect: (N,) for each head, the log-odds in the original text with this head as in the counterfactual one,
            minus those in the original text.
    """

    total: float
    indirect: np.ndarray

    def __post_init__(self) -> None:
        if self.indirect.ndim != 1:
            raise InputError(
                expected=text("one effect a head", "un effet par tête"),
                got=str(self.indirect.shape),
                remedy=text("give an array (N,)", "donnez un tableau (N,)"),
            )

    @property
    def total_ratio(self) -> float:
        """y(counterfactual) / y(original) − 1 with y = P(first) / P(second), as in Vig et al."""
        return float(np.expm1(self.total))

    @property
    def indirect_ratio(self) -> np.ndarray:
        """(N,), y(original, the head as in the counterfactual) / y(original) − 1."""
        return np.expm1(self.indirect)


def head_effect(
    model: nn.Module,
    tokenizer: Any,
    original: str,
    counterfactual: str,
    words: tuple[str, str],
    heads: Sequence[tuple[int, int]],
) -> HeadEffect:
    """How much of the effect of a changed word passes through one attention head.

    With lo(x) = ln P(words[0] | x) − ln P(words[1] | x) at the gap of a text x,

        total    = lo(counterfactual) − lo(original)
        indirect = lo(original, head h of layer ℓ as in the counterfactual) − lo(original)

    The output of head h of layer ℓ, before the output projection mixes the heads, is replaced at every position by its
    output on the counterfactual text; all else is computed from the original text and from this. Each head is
    patched alone: of heads that carry the same thing, each may show little, and the effects need not sum to the total.

    Args:
        model: a masked language model, of `transformers` or of this library.
        tokenizer: its tokenizer.
        original, counterfactual: texts with one [MASK], of equally many tokens, the masks in the same place.
        words: the two words compared in the gap, each a single token there.
        heads: N pairs (layer, head), counted from 0. They are patched in N copies of the text, in one batch.

    Returns:
        HeadEffect(total, indirect (N,) float64), nats, with the ratios of the paper as properties.

    Raises:
        InputError (a ValueError): texts that cannot be laid upon each other, a word that is no single token of the
            vocabulary, a head that the model does not have, a model whose heads are not found.

    Source: Vig et al. 2020, "Causal Mediation Analysis for Interpreting Neural NLP: The Case of Gender Bias", §3.
        Deviation: log-odds beside the ratio y; the head's output is patched, not its attention weights.

    >>> from attentif.checks.recipes import layered_model, word_tokenizer
    >>> tokenizer = word_tokenizer(["il", "elle", "dort", "juge", "guide"])
    >>> model = layered_model(vocab_size=tokenizer.vocab_size, seed=1)
    >>> found = head_effect(model, tokenizer, "juge [MASK] dort", "guide [MASK] dort", ("il", "elle"), [(0, 0), (2, 1)])
    >>> found.indirect.shape
    (2,)
    """
    scorer = MaskedScorer(model, tokenizer)
    ids, other_ids, position, tokens = check_mediation(scorer, original, counterfactual, words, heads)
    outputs: dict[int, Tensor] = {}  # layer → (2, T, H, K), of the original and of the counterfactual text

    def keep(layer: int, found: Tensor) -> None:
        outputs[layer] = found

    def patch(layer: int, found: Tensor) -> Tensor:
        found = found.clone()  # (N, T, H, K)
        for copy, (at_layer, head) in enumerate(heads):
            if at_layer == layer:
                found[copy, :, head] = outputs[layer][1, :, head]
        return found

    with on_head_outputs(model, keep):
        whole = scorer.log_probabilities([ids, other_ids], [[position]] * 2)  # (2, V)
    with on_head_outputs(model, patch):
        patched = scorer.log_probabilities([ids] * len(heads), [[position]] * len(heads))  # (N, V)
    log_odds = torch.cat([whole, patched])[:, list(tokens)].cpu().numpy()  # (2 + N, 2)
    log_odds = log_odds[:, 0] - log_odds[:, 1]  # (2 + N,)
    return HeadEffect(total=float(log_odds[1] - log_odds[0]), indirect=log_odds[2:] - log_odds[0])


def check_mediation(
    scorer: MaskedScorer,
    original: str,
    counterfactual: str,
    words: tuple[str, str],
    heads: Sequence[tuple[int, int]],
) -> tuple[tuple[int, ...], tuple[int, ...], int, tuple[int, int]]:
    """Check what is to be patched.

    Returns:
        (ids, counterfactual ids, position of both masks, ids of the two words); the ids hold the mask.
    """
    n_layers, n_heads = head_shape(scorer.model)
    pairs = list(heads)
    if not pairs or not all(0 <= layer < n_layers and 0 <= head < n_heads for layer, head in pairs):
        raise InputError(
            expected=text(
                f"heads (layer, head) with layers from 0 to {n_layers - 1} and heads from 0 to {n_heads - 1}",
                f"des têtes (couche, tête), couches de 0 à {n_layers - 1} et têtes de 0 à {n_heads - 1}",
            ),
            got=str(pairs)[:60],
            remedy=text("count from 0", "comptez à partir de 0"),
        )
    first, second = questions_on(scorer, original, words), questions_on(scorer, counterfactual, words)
    if first is None or second is None:
        raise InputError(
            expected=text(
                "texts of known words, and two words that are single tokens in the gap",
                "des textes aux mots connus, et deux mots qui sont chacun un seul jeton à la place du masque",
            ),
            got=f"{original!r}, {counterfactual!r}, {tuple(words)!r}",
            remedy=text(
                "choose words that the tokenizer keeps whole",
                "choisissez des mots que le tokenizer garde entiers",
            ),
        )
    if len(first[0].ids) != len(second[0].ids) or first[0].position != second[0].position:
        raise InputError(
            expected=text(
                "two texts of equally many tokens, their masks in the same place",
                "deux textes d'autant de jetons, leurs masques à la même place",
            ),
            got=text(
                f"{len(first[0].ids)} and {len(second[0].ids)} tokens, masks at {first[0].position} and {second[0].position}",
                f"{len(first[0].ids)} et {len(second[0].ids)} jetons, masques en {first[0].position} et {second[0].position}",
            ),
            remedy=text(
                "exchange a word for one of as many pieces",
                "remplacez un mot par un autre d'autant de morceaux",
            ),
        )
    return first[0].ids, second[0].ids, first[0].position, (first[0].token_id, first[1].token_id)


def questions_on(
    scorer: MaskedScorer, original: str, words: Sequence[str]
) -> tuple[Question, Question] | None:
    """The questions on two words in one gap; None where the vocabulary cannot ask them in one and the same context."""
    if isinstance(words, str) or len(words) != 2 or words[0] == words[1]:
        raise InputError(
            expected=text("two different words", "deux mots différents"),
            got=repr(words),
            remedy=text("two pronouns, for instance", "deux pronoms, par exemple"),
        )
    first, second = (ask(scorer, original, word) for word in words)
    if first is None or second is None or first.context != second.context:
        return None
    return first, second
