"""Random small masked models, and what they answer, computed token by token from their arrays.

Nothing here goes through a tokenizer or a forward pass: which tokens write a word is fixed by the lexicon.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from attentif.checks import recipes
from attentif.checks.hub_like import ROLES, vocabulary_of
from attentif.checks.values import Recipe

WORDS = ["il", "elle", "est", "dort", "lit", "un", "une", "le", "la", "chat", "livre", "juge", "vite", "et"]
SIGNS = [",", "."]
# Words that the vocabulary lacks, and the pieces that write them; inside a word BERT's begin with "##".
CUT = {
    "infirmière": ("infirm", "##ière"),
    "infirmier": ("infirm", "##ier"),
    "boulangère": ("boulang", "##ère"),
    "soignantes": ("soign", "##ant", "##es"),
    "danseuse": ("dans", "##eus", "##e"),
}
UNKNOWN = "zut"
PIECES = [*WORDS, *SIGNS, *dict.fromkeys(piece for pieces in CUT.values() for piece in pieces)]
# The two kinds of model, and the second one with the signs of CamemBERT.
KINDS = ("attentif", "transformers", "camembert")


@dataclass(frozen=True)
class Setting:
    """A small masked model and its tokenizer.

    Args:
        kind: of KINDS.
        pieces: the vocabulary without specials, in BERT's way of writing, in the order of its ids.
        seed: of the model's arrays.
        training: whether the model is handed over in training mode.
        looks: whether the model forms attention maps.
    """

    kind: str
    pieces: tuple[str, ...]
    seed: int
    training: bool = False
    looks: bool = False

    @classmethod
    def drawn(
        cls, rng: np.random.Generator, kind: str, training: bool = False, looks: bool = False
    ) -> Setting:
        """One with its vocabulary in a random order and random arrays."""
        pieces = tuple(str(piece) for piece in rng.permutation(PIECES))
        return cls(kind, pieces, int(rng.integers(2**31)), training, looks)

    @property
    def style(self) -> str:
        """How the vocabulary is written."""
        return "camembert" if self.kind == "camembert" else "bert"

    def entry(self, piece: str) -> str:
        """A piece as this vocabulary writes it: "▁infirm" and "ière" for "infirm" and "##ière"."""
        if self.style == "bert":
            return piece
        return piece.removeprefix("##") if piece.startswith("##") else f"▁{piece}"

    @cached_property
    def entries(self) -> list[str]:
        """The vocabulary without specials, as it is written."""
        return [self.entry(piece) for piece in self.pieces]

    @cached_property
    def tokens(self) -> list[str]:
        """All tokens in the order of their ids."""
        return vocabulary_of(self.entries, self.style)

    @property
    def mask(self) -> str:
        """The mask token."""
        return ROLES[self.style]["mask"]

    @property
    def recipes(self) -> tuple[Recipe, Recipe]:
        """(model, tokenizer), to be built where the student's code runs."""
        arguments = {"vocab_size": len(self.tokens), "seed": self.seed, "training": self.training}
        if self.kind == "attentif":
            model = Recipe("attending_model" if self.looks else "context_model", arguments)
            return model, Recipe("piece_tokenizer", {"tokens": self.entries})
        model = Recipe("hub_attending_model" if self.looks else "hub_model", arguments)
        return model, Recipe("hub_piece_tokenizer", {"tokens": self.entries, "style": self.style})

    def read(self, words: Iterable[str]) -> tuple[list[str], list[int]]:
        """(tokens, words): what the model reads of these words, specials around, and the word of each token.

        The two specials bear the number −1.
        """
        around = ROLES[self.style]
        tokens, numbers = [around["cls"]], [-1]
        for number, word in enumerate(words):
            written = [self.entry(piece) for piece in CUT.get(word, (word,))]
            tokens += written
            numbers += [number] * len(written)
        return [*tokens, around["sep"]], [*numbers, -1]

    @cached_property
    def _arrays(self) -> tuple[np.ndarray, ...]:
        built = recipes.context_model(vocab_size=len(self.tokens), seed=self.seed)
        names = ("embedding", "by_distance", "output", "bias")
        return tuple(getattr(built, name).detach().numpy() for name in names)

    def logits(self, tokens: Sequence[str], position: int) -> np.ndarray:
        """What the model answers at this position, (V,), in evaluation mode."""
        embedding, by_distance, output, bias = self._arrays
        middle = len(by_distance) // 2
        vector = np.zeros(embedding.shape[1])
        for there, token in enumerate(tokens):
            vector += by_distance[middle + there - position] * embedding[self.tokens.index(token)]
        return vector @ output + bias

    def log_probabilities(self, tokens: Sequence[str], position: int) -> dict[str, float]:
        """ln P(token at this position | all tokens of the sentence), in evaluation mode."""
        logits = self.logits(tokens, position)
        total = np.log(np.exp(logits).sum())
        return dict(zip(self.tokens, logits - total, strict=True))

    def attention(self, tokens: Sequence[str]) -> list[float]:
        """What each token of the sentence receives: the mean over layers, heads and all tokens that look."""
        built = recipes.attending_model(vocab_size=len(self.tokens), seed=self.seed)
        numbers = [self.tokens.index(token) for token in tokens]
        received, n_maps = np.zeros(len(numbers)), 0
        for layer in (block.attention for block in built.encoder.blocks):
            for query, key in zip(layer.query.detach().numpy(), layer.key.detach().numpy(), strict=True):
                n_maps += 1
                for looking in numbers:
                    shares = np.exp([query[looking] @ key[there] for there in numbers])
                    received += shares / shares.sum()
        return (received / (n_maps * len(numbers))).tolist()
