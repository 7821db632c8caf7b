"""One word, several meanings: what becomes of its vector from layer to layer, in and out of context."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attentif.bias.candidates import check_word_list
from attentif.bias.looking import word_positions
from attentif.bias.reading import require_numbers
from attentif.bias.scorer import MaskedScorer
from attentif.errors import InputError
from attentif.language import text
from attentif.limits.attention import check_known
from attentif.limits.inside import hidden_states


class FoundWord(NamedTuple):
    """A word in its sentence.

    Args:
        ids: the sentence's T token ids, specials included.
        places: the positions in `ids` of the word's pieces.
    """

    ids: tuple[int, ...]
    places: tuple[int, ...]


@dataclass(frozen=True)
class LayerSimilarity:
    """Cosines of a word's vectors, layer by layer from the embeddings (layer 0); each is (L + 1,).

    Args:
        within: mean over pairs of occurrences in one sense.
        across: mean over pairs in different senses; nan if there is one sense only.
        static: mean of each occurrence with its own vector of layer 0: how much of the word itself is left.
        baseline: mean over pairs of random words' vectors: how alike any two vectors of the layer are (anisotropy).
    """

    within: Tensor
    across: Tensor
    static: Tensor
    baseline: Tensor

    def __post_init__(self) -> None:
        if len({each.shape for each in (self.within, self.across, self.static, self.baseline)}) != 1:
            raise InputError(
                expected=text("four numbers a layer", "quatre nombres par couche"),
                got=str(tuple(self.within.shape)),
                remedy=text("give all layers", "donnez toutes les couches"),
            )

    @property
    def gap(self) -> Tensor:
        """within − across: how far the layer tells the senses apart; the anisotropy cancels in it."""
        return self.within - self.across

    @property
    def corrected(self) -> Tensor:
        """within − baseline: self-similarity above that of any two words (Ethayarajh 2019, §3.4)."""
        return self.within - self.baseline


def contextual_embeddings(
    model: nn.Module,
    tokenizer: Any,
    sentences: Sequence[str],
    words: str | Sequence[str],
    batch_size: int = 32,
) -> Tensor:
    """The vectors of a word in its sentences, in every layer: the mean over its pieces.

    v[ℓ, i] = mean over the tokens t of words[i] in sentences[i] of h_ℓ[t], where h_0 is what enters the first block
    and h_L what leaves the last one.

    Args:
        model: a masked language model, of `transformers` or of this library.
        tokenizer: its tokenizer.
        sentences: N texts without mask. A sentence of the word alone gives its vector out of context.
        words: the word of each sentence, or one for all; where it occurs several times the first one counts.
        batch_size: how many sentences go through the model at once; the vectors do not depend on it.

    Returns:
        (L + 1, N, D) in the model's dtype, on the CPU.

    Raises:
        InputError (a ValueError): no sentences, as many words as there are not, a word that is not in its sentence,
            shares a token with its neighbours or is unknown to the tokenizer.

    Source: Ethayarajh 2019, "How Contextual are Contextualized Word Representations?", §3; pieces averaged as in
        Bommasani et al. 2020, "Interpreting Pretrained Contextualized Representations via Reductions to Static
        Embeddings", §2.

    >>> from attentif.checks.recipes import layered_model, word_tokenizer
    >>> tokenizer = word_tokenizer(["un", "livre", "je", "vous", "le"])
    >>> model = layered_model(vocab_size=tokenizer.vocab_size, seed=1)
    >>> contextual_embeddings(model, tokenizer, ["un livre", "je vous livre le livre"], "livre").shape
    torch.Size([4, 2, 10])
    """
    scorer = MaskedScorer(model, tokenizer)
    found = find_words(scorer, sentences, words)
    vectors: list[Tensor] = []
    for start in range(0, len(found), batch_size):
        part = found[start : start + batch_size]
        states = hidden_states(scorer, [each.ids for each in part])  # (L + 1, B, T, D)
        for row, each in enumerate(part):
            vectors.append(states[:, row, list(each.places)].mean(dim=1))  # (L + 1, D)
    return torch.stack(vectors, dim=1)


def layer_similarity(vectors: Tensor, senses: Sequence[Hashable], others: Tensor) -> LayerSimilarity:
    """Whether a word's vectors are closer within a sense than across senses, in each layer.

    With cos the cosine and v[ℓ, i] the i-th occurrence in layer ℓ,

        within[ℓ]   = mean of cos(v[ℓ, i], v[ℓ, j]) over i < j with senses[i] = senses[j]
        across[ℓ]   = mean of cos(v[ℓ, i], v[ℓ, j]) over i < j with senses[i] ≠ senses[j]
        static[ℓ]   = mean over i of cos(v[ℓ, i], v[0, i])
        baseline[ℓ] = mean of cos(u[ℓ, i], u[ℓ, j]) over i < j, u the vectors of random words in random sentences

    In layer 0 only the positions differ between occurrences: whatever tells the senses apart comes from the context.
    Cosines of deep layers are high for *any* two words, so `corrected` is within − baseline.

    Args:
        vectors: (L + 1, N, D), of `contextual_embeddings`.
        senses: N labels, at least one of them twice.
        others: (L + 1, M, D), M at least 2, vectors of different words, of `contextual_embeddings` too.

    Returns:
        LayerSimilarity(within, across, static, baseline), float64 (L + 1,) each, in [−1, 1].

    Raises:
        InputError (a ValueError): shapes that do not fit, other labels than vectors, no sense with two occurrences.

    Source: Ethayarajh 2019, §3.2 to §3.4 (self-similarity, anisotropy); senses: Wiedemann et al. 2019, "Does BERT Make
        Any Sense?".

    >>> vectors = torch.tensor([[[1.0, 0.0]] * 4, [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]])
    >>> found = layer_similarity(vectors, ["bank", "bank", "shore", "shore"], vectors[:, ::2])
    >>> found.within.tolist(), found.across.tolist(), found.baseline.tolist()
    ([1.0, 1.0], [1.0, 0.0], [1.0, 0.0])
    """
    check_vectors(vectors, senses, others)
    unit, unit_others = (F.normalize(each.double(), dim=-1) for each in (vectors, others))
    cosines = unit @ unit.transpose(-2, -1)  # (L + 1, N, N)
    same = torch.tensor([[one == other for other in senses] for one in senses])  # (N, N)
    once = torch.ones_like(same).triu(diagonal=1)  # each pair once, nothing with itself
    different_words = torch.ones(others.size(1), others.size(1), dtype=torch.bool).triu(diagonal=1)
    return LayerSimilarity(
        within=cosines[:, same & once].mean(dim=-1),
        across=cosines[:, ~same & once].mean(dim=-1),
        static=(unit * unit[:1]).sum(dim=-1).mean(dim=-1),
        baseline=(unit_others @ unit_others.transpose(-2, -1))[:, different_words].mean(dim=-1),
    )


def static_embeddings(model: nn.Module, tokenizer: Any, words: Sequence[str]) -> Tensor:
    """The vectors of words in the embedding table, without position or context: the mean over their pieces.

    Returns:
        (N, D) in the model's dtype, on the CPU. In a model whose table is narrower than its blocks (ALBERT), D is the
        table's width.

    Raises:
        InputError: no words, one that is unknown to the tokenizer, or vectors that are no numbers.
    """
    scorer = MaskedScorer(model, tokenizer)
    check_word_list(words)
    table = embedding_table(model).detach().cpu()  # (V, D)
    rows = []
    for word in words:
        encoding = scorer.encode(word, masks_allowed=False)
        check_known(scorer, encoding.ids, {word: encoding.positions})
        rows.append(table[[encoding.ids[position] for position in encoding.positions]].mean(dim=0))
    return require_numbers(model, torch.stack(rows))


def embedding_table(model: nn.Module) -> Tensor:
    """The token embeddings (V, D) of a model."""
    if hasattr(model, "get_input_embeddings"):
        return model.get_input_embeddings().weight
    return model.encoder.embeddings.token.weight


def find_words(scorer: MaskedScorer, sentences: Sequence[str], words: str | Sequence[str]) -> list[FoundWord]:
    """Each sentence as token ids, and where its word stands in them: the first occurrence, all its pieces.

    Args:
        scorer: the model and its tokenizer.
        sentences: texts without mask.
        words: the word of each sentence, or one for all.

    Raises:
        InputError: see `contextual_embeddings`.

    >>> from attentif.checks.recipes import context_model, word_tokenizer
    >>> scorer = MaskedScorer(context_model(9, seed=1), word_tokenizer(["un", "livre", "le", "lit"]))
    >>> find_words(scorer, ["un livre", "le livre lit le livre"], "livre")[1]
    FoundWord(ids=(2, 7, 6, 8, 7, 6, 3), places=(2,))
    """
    found = []
    for sentence, word in zip(sentences, check_words(sentences, words), strict=True):
        encoding, places = word_positions(scorer, sentence, word)
        check_known(scorer, encoding.ids, {word: places})
        found.append(FoundWord(encoding.ids, places))
    return found


def check_words(sentences: Sequence[str], words: str | Sequence[str]) -> list[str]:
    """Refuse what is no list of sentences with a word each; one word a sentence."""
    if isinstance(sentences, str) or not len(sentences):
        raise InputError(
            expected=text("a list of at least one sentence", "une liste d'au moins une phrase"),
            got=repr(sentences)[:40],
            remedy=text("put the sentences in a list", "mettez les phrases dans une liste"),
        )
    words = [words] * len(sentences) if isinstance(words, str) else list(words)
    if len(words) != len(sentences):
        raise InputError(
            expected=text(f"{len(sentences)} words, one a sentence", f"{len(sentences)} mots, un par phrase"),
            got=str(len(words)),
            remedy=text(
                "give one word for all, or one for each", "donnez un mot pour toutes, ou un pour chacune"
            ),
        )
    return words


def check_vectors(vectors: Tensor, senses: Sequence[Hashable], others: Tensor) -> None:
    """Refuse vectors whose shapes do not fit, and senses that leave nothing to compare."""
    shapes = [tuple(each.shape) for each in (vectors, others)]
    fits = all(len(shape) == 3 for shape in shapes) and shapes[0][0] == shapes[1][0]
    if not fits or len(senses) != shapes[0][1] or shapes[1][1] < 2 or len(set(senses)) == len(senses):
        raise InputError(
            expected=text(
                "vectors (L + 1, N, D) with N senses, one of them twice, and others (L + 1, M, D) with M of at least 2",
                "des vecteurs (L + 1, N, D) avec N sens, dont un deux fois, et others (L + 1, M, D), M valant au moins 2",
            ),
            got=text(
                f"{shapes[0]} and {shapes[1]}, {len(senses)} senses",
                f"{shapes[0]} et {shapes[1]}, {len(senses)} sens",
            ),
            remedy=text("take both from contextual_embeddings", "prenez les deux de contextual_embeddings"),
        )
    if not (vectors.isfinite().all() and others.isfinite().all()):
        raise InputError(
            expected=text("finite numbers", "des nombres finis"),
            got=text("NaN or infinity", "NaN ou l'infini"),
            remedy=text("reload the weights", "rechargez les poids"),
        )
