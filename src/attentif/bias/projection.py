"""Taking the gender direction out of a table of embeddings: what it does, and how little that may be.

A table holds what a word is before its context. A model that reads contexts can find the gender again in the other
directions and in its own weights (Gonen and Goldberg 2019): measure before and after.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from attentif.bias.encoding import TextEncoder
from attentif.bounds import digits, settle
from attentif.errors import InputError
from attentif.language import text


@dataclass(frozen=True)
class GenderDirection:
    """The direction in which masculine and feminine words differ most.

    Args:
        vector: (D,), of length 1, pointing from the first words of the pairs to the second ones.
        explained: the share of the variance of the centred pairs that lies along it, from 0 to 1.
    """

    vector: Tensor
    explained: float

    def __post_init__(self) -> None:
        settle(self, 0, 1, "explained", slack=1e-6)  # computed in float32, perhaps
        if self.vector.dim() != 1 or not 0 <= self.explained <= 1:
            raise InputError(
                expected=text("one direction (D,) and a share", "une direction (D,) et une proportion"),
                got=f"{tuple(self.vector.shape)}, {digits(self.explained)}",
                remedy=text("see gender_direction", "voir gender_direction"),
            )


def gender_direction(embeddings: Tensor, pairs: Sequence[tuple[int, int]]) -> GenderDirection:
    """The first principal component of definitional pairs, each centred on its own middle.

    With μ_k = (e_i + e_j) / 2 for pair k = (i, j), the component g maximises Σ_k ((e_i − μ_k)·g)² + ((e_j − μ_k)·g)².

    Args:
        embeddings: (V, D), floating.
        pairs: (first, second) ids, one pair or more: (il, elle), (père, mère).

    Returns:
        GenderDirection, in the dtype and on the device of the embeddings.

    Raises:
        InputError: no pairs, an id outside the table, or pairs whose vectors are equal.

    Source: Bolukbasi et al. 2016, "Man is to Computer Programmer as Woman is to Homemaker?", §5.

    >>> table = torch.tensor([[-1.0, 0.0, 5.0], [1.0, 0.0, 5.0], [0.0, 3.0, 1.0]])
    >>> gender_direction(table, [(0, 1)]).vector.tolist(), gender_direction(table, [(0, 1)]).explained
    ([1.0, 0.0, 0.0], 1.0)
    """
    first, second = _rows(embeddings, pairs)
    half = (
        embeddings[second] - embeddings[first]
    ) / 2  # (K, D): from the middle of a pair to its second word
    if not half.abs().max() > 0:
        raise InputError(
            expected=text(
                "pairs of words with different vectors", "des paires de mots aux vecteurs différents"
            ),
            got=text("equal ones", "des vecteurs égaux"),
            remedy=text("check the ids of the words", "vérifiez les identifiants des mots"),
        )
    # Both words of a pair lie at ±half: their components are those of the halves, whose mean is not taken out.
    _, sizes, directions = torch.linalg.svd(half.double(), full_matrices=False)
    vector = directions[0]
    vector = vector if (half.double() @ vector).sum() >= 0 else -vector
    share = float(sizes[0] ** 2 / (sizes**2).sum())
    return GenderDirection(vector.to(embeddings), min(share, 1.0))


def neutralize(embeddings: Tensor, ids: Sequence[int], direction: Tensor) -> Tensor:
    """A copy of the table in which these words have no component along the direction.

    e' = e − (e·g) g.

    Args:
        embeddings: (V, D).
        ids: the rows to change: words that should tell nothing of gender, such as occupations.
        direction: g (D,), of length 1.

    Returns:
        (V, D); the other rows are as they were.

    Raises:
        InputError: an id outside the table.

    Source: Bolukbasi et al. 2016, §6, step 2a.
        Deviation: the result is not brought back to length 1: the lengths of a language model's embeddings say something.

    >>> neutralize(torch.tensor([[3.0, 4.0], [1.0, 2.0]]), [1], torch.tensor([1.0, 0.0])).tolist()
    [[3.0, 4.0], [0.0, 2.0]]
    """
    rows = _checked_ids(embeddings, ids)
    changed = embeddings.clone()
    changed[rows] -= (embeddings[rows] @ direction)[:, None] * direction
    return changed


def equalize(embeddings: Tensor, pairs: Sequence[tuple[int, int]], direction: Tensor) -> Tensor:
    """A copy of the table in which the two words of each pair differ along the direction only, and evenly.

    With μ their middle and h = |(e_j − e_i)·g| / 2,   e_i' = μ − (μ·g) g − h g   and   e_j' = μ − (μ·g) g + h g.
    A neutralised word is then as near to one as to the other.

    Args:
        embeddings: (V, D).
        pairs: (first, second) ids.
        direction: g (D,), of length 1, from the first words to the second.

    Returns:
        (V, D).

    Raises:
        InputError: no pairs, or an id outside the table.

    Source: Bolukbasi et al. 2016, §6, step 2b.
        Deviation: theirs sets all lengths to 1, which fixes h; here the pair keeps its distance along g.

    >>> table = torch.tensor([[-1.0, 2.0], [3.0, 4.0]])
    >>> equalize(table, [(0, 1)], torch.tensor([1.0, 0.0])).tolist()
    [[-2.0, 3.0], [2.0, 3.0]]
    """
    first, second = _rows(embeddings, pairs)
    middle = (embeddings[first] + embeddings[second]) / 2  # (K, D)
    middle = middle - (middle @ direction)[:, None] * direction
    half = ((embeddings[second] - embeddings[first]) @ direction).abs()[:, None] / 2 * direction  # (K, D)
    changed = embeddings.clone()
    changed[first], changed[second] = middle - half, middle + half
    return changed


def debiased(
    model: nn.Module,
    tokenizer: Any,
    pairs: Sequence[tuple[str, str]],
    neutral: Sequence[str],
    equal: bool = True,
) -> nn.Module:
    """A copy of a masked model whose word table has lost the gender direction in the neutral words.

    The table is neutralised, then (with `equal`) the pairs are equalised. A decoder that is tied to the table follows; one
    that has a matrix of its own is treated likewise, along its own direction.

    Args:
        model: a masked model of `transformers` or of this library; it is left as it is.
        tokenizer: its tokenizer.
        pairs: definitional words, (masculine, feminine), each one token.
        neutral: words without gender, occupations for instance; all tokens of a longer one are neutralised.
        equal: whether the pairs are equalised.

    Returns:
        The copy, on the same device.

    Raises:
        InputError: a definitional word that is not one known token, or a model whose table cannot be found.

    Limits: one direction of one table. Positions, attention and the other directions keep what they know, and the bias
    of the decoder cannot be projected; on words in context the effect may be small, or disturb the model more than it
    helps.

    Source: Bolukbasi et al. 2016, §6; its limits: Gonen and Goldberg 2019, "Lipstick on a Pig".

    >>> from attentif.corpus.tokenizers import WordTokenizer
    >>> from attentif.models import MaskedLM, ModelConfig
    >>> tokenizer = WordTokenizer(["il", "elle", "médecin"])
    >>> model = MaskedLM(ModelConfig(vocab_size=8))
    >>> changed = debiased(model, tokenizer, [("il", "elle")], ["médecin"])
    >>> changed is model
    False
    """
    encoder = TextEncoder(tokenizer)
    numbered = [tuple(_one_token(encoder, word) for word in pair) for pair in pairs]
    ids = sorted({token for word in neutral for token in _tokens(encoder, word)})
    changed = copy.deepcopy(model)
    tables = {id(table): table for table in _tables(changed)}
    for table in tables.values():
        with torch.no_grad():
            vectors = table.detach()
            direction = gender_direction(vectors, numbered).vector
            vectors = neutralize(vectors, ids, direction)
            table.copy_(equalize(vectors, numbered, direction) if equal else vectors)
    return changed


def _tables(model: nn.Module) -> list[nn.Parameter]:
    """The matrices that give words their vectors, at the input and at the output."""
    if hasattr(model, "get_input_embeddings"):
        modules = [model.get_input_embeddings(), model.get_output_embeddings()]
    else:
        named = dict(model.named_modules())
        modules = [named.get("encoder.embeddings.token"), named.get("head.token_embedding")]
    tables = [module.weight for module in modules if module is not None]
    if not tables:
        raise InputError(
            expected=text("a model with a table of embeddings", "un modèle avec une table de plongements"),
            got=type(model).__name__,
            remedy=text("load it with AutoModelForMaskedLM", "chargez-le par AutoModelForMaskedLM"),
        )
    return tables


def _tokens(encoder: TextEncoder, word: str) -> list[int]:
    encoding = encoder.encode(word, masks_allowed=False)
    return [encoding.ids[position] for position in encoding.positions]


def _one_token(encoder: TextEncoder, word: str) -> int:
    tokens = _tokens(encoder, word)
    if len(tokens) != 1 or tokens[0] == encoder.unk_id:
        raise InputError(
            expected=text(
                "definitional words of one known token", "des mots de définition d'un seul jeton connu"
            ),
            got=repr(word),
            remedy=text(
                "choose pairs that the tokenizer keeps whole",
                "choisissez des paires que le tokenizer garde entières",
            ),
        )
    return tokens[0]


def _rows(embeddings: Tensor, pairs: Sequence[tuple[int, int]]) -> tuple[Tensor, Tensor]:
    """The ids of the first and of the second words, each (K,)."""
    if not len(pairs) or any(len(pair) != 2 for pair in pairs):
        raise InputError(
            expected=text("at least one pair of ids", "au moins une paire d'identifiants"),
            got=repr(pairs)[:40],
            remedy=text("give (masculine, feminine) ids", "donnez des identifiants (masculin, féminin)"),
        )
    flat = _checked_ids(embeddings, [number for pair in pairs for number in pair])
    return flat[0::2], flat[1::2]


def _checked_ids(embeddings: Tensor, ids: Sequence[int]) -> Tensor:
    rows = torch.as_tensor(list(ids), dtype=torch.long, device=embeddings.device)
    if embeddings.dim() != 2 or (len(rows) and not 0 <= int(rows.min()) <= int(rows.max()) < len(embeddings)):
        raise InputError(
            expected=text("ids of rows of a table (V, D)", "des identifiants de lignes d'une table (V, D)"),
            got=f"{list(ids)[:6]}, {tuple(embeddings.shape)}",
            remedy=text("use the tokenizer of this model", "prenez le tokenizer de ce modèle"),
        )
    return rows
