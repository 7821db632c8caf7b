"""What a masked model looks at: its attention maps on a sentence, and where the words of it stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from attentif.bias.encoding import Encoding
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
    model = scorer.model
    device = next((weights.device for weights in model.parameters()), torch.device("cpu"))
    token_ids = torch.tensor([list(ids)], device=device)  # (1, T)
    blocks = getattr(getattr(model, "encoder", None), "blocks", None)
    maps: list[Tensor | None] = []
    with evaluation_mode(model), torch.no_grad(), ExitStack() as hooks:
        if blocks is None:
            with suppress(TypeError):  # a model without that argument
                output = model(input_ids=token_ids, output_attentions=True)
                maps = list(getattr(output, "attentions", None) or ())
        else:
            # A block keeps what its attention found and drops the weights: they are read on their way.
            for block in blocks:
                hook = block.attention.register_forward_hook(lambda _, __, output: maps.append(output[1]))
                hooks.callback(hook.remove)
            model.hidden(token_ids)
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
    return tuple(layer[0].cpu() for layer in maps)


def _places(sentence: str, word: str) -> list[tuple[int, int]]:
    found = [match.span() for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", sentence)]
    if not found:
        raise InputError(
            expected=text(f"a word of the sentence {sentence!r}", f"un mot de la phrase {sentence!r}"),
            got=repr(word),
            remedy=text("write it as the sentence does", "écrivez-le comme dans la phrase"),
        )
    return found
