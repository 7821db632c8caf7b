"""What a masked model of transformers looks at: its attention maps on a sentence, and where the words of it stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from attentif.bias.reading import evaluation_mode
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
        model, tokenizer: a masked model of transformers, loaded by `masked_model`, and its tokenizer.
        sentence: a text without mask.
        pronoun: a word of it; where it occurs several times the last one looks. Of several pieces, the last one does.
        candidates: words of it; where one occurs several times the first one counts.

    Raises:
        InputError: a word that is not in the sentence, or a model that does not give its maps.
    """
    scorer = MaskedScorer(model, tokenizer)
    encoding, pieces = scorer.locate(sentence, *_places(sentence, pronoun)[-1])
    found = {word: scorer.locate(sentence, *_places(sentence, word)[0])[1] for word in candidates}
    device = next(model.parameters()).device
    with evaluation_mode(model), torch.no_grad():
        output = model(input_ids=torch.tensor([encoding.ids], device=device), output_attentions=True)
    maps = getattr(output, "attentions", None)
    if not maps or maps[0] is None:
        raise InputError(
            expected=text(
                "a model that gives its attention maps", "un modèle qui donne ses cartes d'attention"
            ),
            got=text("one with a fused attention", "un modèle dont l'attention est fusionnée"),
            remedy=text(
                'load it by masked_model, or with attn_implementation="eager"',
                'chargez-le par masked_model, ou avec attn_implementation="eager"',
            ),
        )
    tokens = tuple(scorer.token(token_id) for token_id in encoding.ids)
    return Looked(tuple(layer[0].cpu() for layer in maps), pieces[-1], found, tokens)


def _places(sentence: str, word: str) -> list[tuple[int, int]]:
    found = [match.span() for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", sentence)]
    if not found:
        raise InputError(
            expected=text(f"a word of the sentence {sentence!r}", f"un mot de la phrase {sentence!r}"),
            got=repr(word),
            remedy=text("write it as the sentence does", "écrivez-le comme dans la phrase"),
        )
    return found
