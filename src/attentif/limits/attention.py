"""What a word looks at: the attention weights from it to other words, by layer and head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from attentif.bias.looking import attention_maps, word_positions
from attentif.bias.scorer import MaskedScorer
from attentif.errors import InputError
from attentif.language import text


class FoundLook(NamedTuple):
    """A word that looks and those that are looked at, in their sentence.

    Args:
        ids: the sentence's T token ids, specials included.
        query: the positions of the pieces of the word that looks.
        places: candidate → the positions of its pieces.
    """

    ids: tuple[int, ...]
    query: tuple[int, ...]
    places: dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class WordAttention:
    """How a word shares out its attention.

    Args:
        weights: candidate → (L, H), the weight that the word gives to it in each layer and head, in [0, 1].
        elsewhere: (L, H), what is left for all other tokens, the specials and the word itself included.
    """

    weights: dict[str, Tensor]
    elsewhere: Tensor

    def __post_init__(self) -> None:
        if any(each.shape != self.elsewhere.shape for each in self.weights.values()):
            raise InputError(
                expected=text(
                    f"weights of the shape {tuple(self.elsewhere.shape)}",
                    f"des poids de forme {tuple(self.elsewhere.shape)}",
                ),
                got=str([tuple(each.shape) for each in self.weights.values()]),
                remedy=text(
                    "one row a layer, one column a head", "une ligne par couche, une colonne par tête"
                ),
            )


def attention_to(
    model: nn.Module, tokenizer: Any, sentence: str, word: str, candidates: Sequence[str]
) -> WordAttention:
    """How much of its attention a word gives to each candidate, in each layer and head.

    With A (T, T) the map of a head, its rows summing to 1, w the pieces of the word and c those of a candidate,

        weight = (1/|w|) Σ_{t ∈ w} Σ_{s ∈ c} A[t, s]

    From a word in several pieces the mean is taken, to one the sum: so the weights to all words sum to 1.

    Args:
        model: a masked language model that gives its attention maps (not fused), of `transformers` or of this library.
        tokenizer: its tokenizer.
        sentence: a text without mask.
        word: the word that looks; where it occurs several times, the last one.
        candidates: the words that are looked at, the first occurrence of each.

    Returns:
        WordAttention(weights: candidate → float (L, H), elsewhere: (L, H)), on the CPU.

    Raises:
        InputError (a ValueError): a word that is not in the sentence, shares a token with its neighbours or is
            unknown to the tokenizer; no candidates; a model that does not give its maps.

    Source: Clark et al. 2019, "What Does BERT Look At?", §4.1 (maps from words to words); as evidence of what a
        model uses, weights are disputed: Jain and Wallace 2019, "Attention is not Explanation".

    >>> from attentif.checks.recipes import layered_model, word_tokenizer
    >>> tokenizer = word_tokenizer(["le", "chat", "dort", "car", "il", "rêve"])
    >>> model = layered_model(vocab_size=tokenizer.vocab_size, seed=1)
    >>> attention_to(model, tokenizer, "le chat dort car il rêve", "il", ["chat"]).weights["chat"].shape
    torch.Size([3, 2])
    """
    scorer = MaskedScorer(model, tokenizer)
    ids, query, places = find_look(scorer, sentence, word, candidates)
    maps = torch.stack(attention_maps(scorer, ids))  # (L, H, T, T)
    looks = maps[:, :, list(query)].mean(dim=2)  # (L, H, T)
    weights = {each: looks[..., list(place)].sum(dim=-1) for each, place in places.items()}  # (L, H)
    found = sorted({position for place in places.values() for position in place})
    return WordAttention(weights, looks.sum(dim=-1) - looks[..., found].sum(dim=-1))


def find_look(scorer: MaskedScorer, sentence: str, word: str, candidates: Sequence[str]) -> FoundLook:
    """A sentence as token ids, the last occurrence of the word that looks, the first one of each candidate.

    Raises:
        InputError: see `attention_to`.

    >>> from attentif.checks.recipes import context_model, word_tokenizer
    >>> scorer = MaskedScorer(context_model(9, seed=1), word_tokenizer(["il", "dort", "et", "lit"]))
    >>> find_look(scorer, "il dort et il lit", "il", ["dort", "il"])
    FoundLook(ids=(2, 5, 6, 7, 5, 8, 3), query=(4,), places={'dort': (2,), 'il': (1,)})
    """
    check_candidates(candidates)
    encoding, query = word_positions(scorer, sentence, word, last=True)
    places = {each: word_positions(scorer, sentence, each)[1] for each in candidates}
    check_known(scorer, encoding.ids, {word: query, **places})
    return FoundLook(encoding.ids, query, places)


def check_candidates(candidates: Sequence[str]) -> None:
    """Refuse what is no list of words."""
    if isinstance(candidates, str) or not len(candidates):
        raise InputError(
            expected=text("a list of at least one candidate", "une liste d'au moins un candidat"),
            got=repr(candidates),
            remedy=text("take nouns of the sentence", "prenez des noms de la phrase"),
        )


def check_known(scorer: MaskedScorer, ids: Sequence[int], places: dict[str, tuple[int, ...]]) -> None:
    """Refuse a word that the model reads as the unknown token: its vector would be that of any other unknown word."""
    unknown = [
        word for word, place in places.items() if scorer.unk_id in [ids[position] for position in place]
    ]
    if unknown:
        raise InputError(
            expected=text("words of the tokenizer's vocabulary", "des mots du vocabulaire du tokenizer"),
            got=", ".join(map(repr, unknown)),
            remedy=text(
                "choose words that the model knows (mind capitals and accents)",
                "choisissez des mots que le modèle connaît (attention aux majuscules et aux accents)",
            ),
        )
