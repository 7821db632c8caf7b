"""What a masked model looks at: its attention maps on a sentence, and where the words of it stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from attentif.bias.attention_weights import layer_maps
from attentif.bias.encoding import Encoding
from attentif.bias.scorer import MaskedScorer
from attentif.errors import InputError
from attentif.language import text


@dataclass(frozen=True)
class Looked:
    """The maps of a model on a sentence, as `attentif.charts.plot_referents` takes them.

    Args:
        weights: for each layer, from the first, its maps (H, T, T): row i says how token i shares out its look.
        query: the position of the word that looks.
        candidates: a word → the positions of its pieces.
        tokens: the T tokens, specials included, in readable form.
    """

    weights: tuple[Tensor, ...]
    query: int
    candidates: dict[str, tuple[int, ...]]
    tokens: tuple[str, ...]


def look(model: nn.Module, tokenizer: Any, sentence: str, pronoun: str, candidates: Sequence[str]) -> Looked:
    """The attention maps on a sentence, and where its pronoun and the words that it may stand for are.

    Args:
        model, tokenizer: a masked model, of transformers (loaded by `masked_model`) or of this library, and its tokenizer.
        sentence: a text without mask.
        pronoun: a word of it; where it occurs several times the last one looks. Of several pieces, the last one does.
        candidates: words of it; where one occurs several times the first one counts.

    Raises:
        InputError: a word that is not in the sentence, or a model that does not give its maps.
    """
    scorer = MaskedScorer(model, tokenizer)
    encoding, pieces = word_positions(scorer, sentence, pronoun, last=True)
    found = {word: word_positions(scorer, sentence, word)[1] for word in candidates}
    tokens = tuple(scorer.token(token_id) for token_id in encoding.ids)
    return Looked(attention_maps(scorer, encoding.ids), pieces[-1], found, tokens)


def word_positions(
    scorer: MaskedScorer, sentence: str, word: str, last: bool = False
) -> tuple[Encoding, tuple[int, ...]]:
    """A sentence as token ids, and the positions of the pieces of a word in it: its first occurrence, or its last.

    Raises:
        InputError: a word that is not in the sentence, or shares a token with its neighbours.
    """
    return scorer.locate(sentence, *_places(sentence, word)[-1 if last else 0])


def attention_maps(scorer: MaskedScorer, ids: Sequence[int]) -> tuple[Tensor, ...]:
    """The attention maps of a model on one sequence.

    Args:
        scorer: the model and its tokenizer.
        ids: T token ids, specials included.

    Returns:
        for each layer, from the first, its maps (H, T, T), on the CPU: row i says how token i shares out its look.

    Raises:
        InputError: a model that does not give its maps.
    """
    token_ids, visible = scorer.padded([ids])  # (1, T)
    return tuple(layer[0].cpu() for layer in layer_maps(scorer.model, token_ids, visible))


def _places(sentence: str, word: str) -> list[tuple[int, int]]:
    found = [match.span() for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", sentence)]
    if not found:
        raise InputError(
            expected=text(f"a word of the sentence {sentence!r}", f"un mot de la phrase {sentence!r}"),
            got=repr(word),
            remedy=text("write it as the sentence does", "écrivez-le comme dans la phrase"),
        )
    return found
