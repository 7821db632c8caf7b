"""What goes on inside the layered models of the checks, computed position by position from their arrays.

Nothing here goes through a tokenizer or a forward pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from attentif.checks import recipes
from attentif.checks.values import Recipe
from attentif_grading.masked_oracle import Setting

L, H = 3, 2  # layers, and heads of each


@dataclass(frozen=True)
class Inside:
    """What a model computes on one sequence of T tokens.

    Args:
        states: (L + 1, T, D), what enters the first block and what leaves each.
        maps: (L, H, T, T), the weights from each position to each.
        outputs: (L, H, T, K), what each head brings to each position.
        logits: (T, V).
    """

    states: np.ndarray
    maps: np.ndarray
    outputs: np.ndarray
    logits: np.ndarray


@dataclass(frozen=True)
class LayeredSetting(Setting):
    """A small model with layers and heads, and its tokenizer."""

    @property
    def recipes(self) -> tuple[Recipe, Recipe]:
        """(model, tokenizer), to be built where the student's code runs."""
        model, tokenizer = super().recipes
        name = "layered_model" if model.name == "context_model" else "hub_layered_model"
        return Recipe(name, model.arguments), tokenizer

    def places(self, words: Sequence[str], number: int) -> list[int]:
        """The positions of the tokens that write the word with this number."""
        return [place for place, word in enumerate(self.read(words)[1]) if word == number]

    @cached_property
    def _weights(self) -> dict[str, np.ndarray]:
        built = recipes.layered_model(vocab_size=len(self.tokens), seed=self.seed)
        return {name: each.detach().numpy() for name, each in built.named_parameters()}

    def inside(
        self, tokens: Sequence[str], heads: Mapping[tuple[int, int], np.ndarray] | None = None
    ) -> Inside:
        """What the model computes in evaluation mode, the outputs of these heads (layer, head) replaced."""
        weights, n = self._weights, len(tokens)
        x = np.stack(
            [
                weights["encoder.embeddings.token"][self.tokens.index(token)]
                + weights["encoder.embeddings.position"][place]
                for place, token in enumerate(tokens)
            ]
        )
        states, maps, outputs = [x], np.zeros((L, H, n, n)), []
        for layer in range(L):
            of_block = f"encoder.blocks.{layer}."
            brought = []
            for head in range(H):
                query, key, value = (
                    states[-1] @ weights[f"{of_block}attention.{name}"][head] for name in ("query", "key", "value")
                )  # fmt: skip
                for here in range(n):
                    near = [1 / (1 + float(((query[here] - key[there]) ** 2).sum())) for there in range(n)]
                    maps[layer, head, here] = np.array(near) / sum(near)
                brought.append((heads or {}).get((layer, head), maps[layer, head] @ value))
            outputs.append(brought)
            mixed = (
                np.concatenate(brought, axis=1) @ weights[f"{of_block}attention.output_projection.weight"].T
            )
            x = states[-1] + mixed + weights[f"{of_block}attention.output_projection.bias"]
            states.append(x + np.tanh(x @ weights[f"{of_block}mixture"]))
        logits = states[-1] @ weights["output"] + weights["bias"]
        return Inside(np.stack(states), maps, np.array(outputs), logits)
