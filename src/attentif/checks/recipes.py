"""What a recipe builds on the student's side; nothing here is a secret or a solution."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn

from attentif.checks import assembled_model, limit_material, null_material, small_training
from attentif.checks.stand_ins import ConstantAttention, ConstantFeedForward, Untouched
from attentif.checks.values import Recipe

SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def build(
    recipe: Recipe, known_good: Callable[[str], Any] | None, built: Mapping[str, Any] | None = None
) -> Any:
    """The object that a recipe names; `built` are earlier arguments of the call, for recipes that refer to one."""
    if recipe.name == "generator":
        return torch.Generator().manual_seed(recipe.arguments["seed"])
    if recipe.name == "part":
        if known_good is None:
            raise LookupError("no known-good parts are offered in this run")
        return made(known_good(recipe.arguments["exercise"]), recipe)
    # A copy, so that what is built keeps no handle on the recipe.
    given = {
        name: built[value.arguments["name"]] if _refers(value) else copy.deepcopy(value)
        for name, value in recipe.arguments.items()
    }
    return FACTORIES[recipe.name](**given)


def _refers(value: Any) -> bool:
    return isinstance(value, Recipe) and value.name == "argument"


def made(implementation: Any, recipe: Recipe) -> Any:
    """The part that a recipe asks for: this implementation itself, or what the class makes of arguments."""
    init = recipe.arguments.get("init")
    return implementation if init is None else implementation(**copy.deepcopy(init))


class ContextModel(nn.Module):
    """A masked model without attention: each word is predicted from the words around it, by distance.

    logits_t = Σ_s (A_{s−t} ⊙ E[x_s]) W + c, with random A, E, W, c; padding counts for nothing. It has the
    interface of MaskedLM and stands in for one where a student's own parts are unfinished. In training mode
    it drops every other dimension of its vectors: a dropout that shows in any answer, without chance.
    """

    def __init__(self, vocab_size: int, d_model: int, max_length: int, seed: int, sharpness: float = 4.0):
        super().__init__()
        generator = torch.Generator().manual_seed(seed)

        def normal(*shape: int) -> Tensor:
            return torch.randn(*shape, generator=generator, dtype=torch.float64)

        self.config = SimpleNamespace(vocab_size=vocab_size, d_model=d_model, max_length=max_length, pad_id=0)
        self.embedding = nn.Parameter(normal(vocab_size, d_model))
        self.by_distance = nn.Parameter(normal(2 * max_length, d_model) / max_length**0.5)
        self.output = nn.Parameter(normal(d_model, vocab_size) * sharpness / d_model)
        self.bias = nn.Parameter(normal(vocab_size))

    def hidden(
        self, token_ids: Tensor, segment_ids: Tensor | None = None, visible: Tensor | None = None
    ) -> Tensor:
        """Contextual vectors (B, T, D) from what is visible (B, T): by default, all but the padding."""
        visible = token_ids != self.config.pad_id if visible is None else visible.bool()
        positions = torch.arange(token_ids.size(1), device=token_ids.device)
        distance = positions[None, :] - positions[:, None] + self.config.max_length  # (T, S)
        embedded = self.embedding[token_ids] * visible[..., None]  # (B, S, D)
        vectors = torch.einsum("tsd,bsd->btd", self.by_distance[distance], embedded)
        if self.training:
            vectors = 2.0 * vectors * (torch.arange(vectors.size(-1), device=vectors.device) % 2)
        return vectors

    def head(self, hidden: Tensor) -> Tensor:
        """Logits (..., V)."""
        return hidden @ self.output + self.bias

    def forward(self, token_ids: Tensor, segment_ids: Tensor | None = None) -> Tensor:
        """Logits (B, T, V)."""
        return self.head(self.hidden(token_ids, segment_ids))


def context_model(
    vocab_size: int, seed: int, d_model: int = 6, max_length: int = 24, training: bool = False
) -> nn.Module:
    """A ContextModel, in eval mode unless `training`."""
    return ContextModel(vocab_size, d_model, max_length, seed).train(training)


def word_tokenizer(words: list[str]) -> Any:
    """A WordTokenizer over these words."""
    from attentif.corpus.tokenizers import WordTokenizer

    return WordTokenizer(list(words))


def distance_attention(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None, dropout_p: float = 0.0
) -> tuple[Tensor, Tensor]:
    """Another attention: weights ∝ 1 / (1 + ‖q − k‖²), and its output times 1 − dropout_p.

    It shows without any randomness what a layer hands to the attention that it is given.
    """
    closeness = 1.0 / (1.0 + (query.unsqueeze(-2) - key.unsqueeze(-3)).square().sum(-1))  # (..., T, S)
    if mask is not None:
        closeness = closeness * mask
    weights = closeness / closeness.sum(-1, keepdim=True)
    return (1.0 - dropout_p) * (weights @ value), weights


def hub_model(**arguments: Any) -> nn.Module:
    """A ContextModel with the interface of a masked model of `transformers`."""
    from attentif.checks.hub_like import HubLikeModel

    return HubLikeModel(context_model(**arguments))


def hub_tokenizer(words: list[str], style: str = "bert") -> Any:
    """A tokenizer of these words with the interface of those of `transformers`."""
    from attentif.checks.hub_like import HubLikeTokenizer

    return HubLikeTokenizer(words, style)


def piece_tokenizer(tokens: list[str]) -> Any:
    """A tokenizer of this library's kind that cuts words in these pieces."""
    from attentif.checks.piece_tokenizers import PieceTokenizer

    return PieceTokenizer(tokens)


def hub_piece_tokenizer(tokens: list[str], style: str = "bert") -> Any:
    """A fast tokenizer with the interface of `transformers` that cuts words in these pieces."""
    from attentif.checks.piece_tokenizers import HubPieceTokenizer

    return HubPieceTokenizer(tokens, style)


def attending_model(**arguments: Any) -> nn.Module:
    """A masked model with attention maps, see `attentif.checks.attending_models`."""
    from attentif.checks import attending_models

    return attending_models.attending_model(**arguments)


def hub_attending_model(**arguments: Any) -> nn.Module:
    """The same with the interface of a masked model of `transformers`."""
    from attentif.checks import attending_models

    return attending_models.hub_attending_model(**arguments)


def layered_model(training: bool = False, **arguments: Any) -> nn.Module:
    """A masked model of this library's kind with layers and heads, see `attentif.checks.layered_model`."""
    from attentif.checks.layered_model import LayeredModel

    return LayeredModel(**arguments).train(training)


def hub_layered_model(**arguments: Any) -> nn.Module:
    """The same with the interface of a masked model of `transformers`."""
    from attentif.checks.layered_model import HubLayeredModel

    return HubLayeredModel(layered_model(**arguments))


def causal_model(**arguments: Any) -> nn.Module:
    """A causal model that reads its whole context, see `attentif.checks.causal_models`."""
    from attentif.checks import causal_models

    return causal_models.causal_model(**arguments)


def table_model(**arguments: Any) -> nn.Module:
    """A causal model whose probabilities stand in a table."""
    from attentif.checks import causal_models

    return causal_models.table_model(**arguments)


FACTORIES: dict[str, Callable[..., Any]] = {
    "distance_attention": lambda: distance_attention,
    "constant_attention": ConstantAttention,
    "constant_feed_forward": ConstantFeedForward,
    "untouched": Untouched,
    "embedding": lambda vocab_size, d_model: nn.Embedding(vocab_size, d_model),
    "context_model": context_model,
    "word_tokenizer": word_tokenizer,
    "hub_model": hub_model,
    "attending_model": attending_model,
    "hub_attending_model": hub_attending_model,
    "hub_tokenizer": hub_tokenizer,
    "piece_tokenizer": piece_tokenizer,
    "hub_piece_tokenizer": hub_piece_tokenizer,
    "layered_model": layered_model,
    "hub_layered_model": hub_layered_model,
    "causal_model": causal_model,
    "table_model": table_model,
    **small_training.FACTORIES,
    **limit_material.FACTORIES,
    **assembled_model.FACTORIES,
    **null_material.FACTORIES,
}
