"""Decoding that computes each token once: the keys and values of what was read before are kept."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from attentif.errors import InputError
from attentif.language import text
from attentif.models import CausalLM

Kept = tuple[Tensor, Tensor]  # keys and values of a block, each (B, H, S, K)


class Cached:
    """A causal model that remembers the texts that it has read, for `generate` and `beam_search`.

    Called on token ids (B, T), it looks for the rows whose beginnings it has read, and computes only the tokens
    behind them: O(T) work for a new token where the whole text is O(T²) in attention and O(T) times the rest.
    It listens at the attention function that each block was given, so a student's own attention is cached too.

    Args:
        model: a CausalLM, in evaluation mode while it is called.

    Raises:
        InputError: another kind of model.

    Source: Pope et al. 2023, "Efficiently Scaling Transformer Inference", §3.3 (the KV cache).

    >>> from attentif.decoding import generate
    >>> from attentif.models import ModelConfig
    >>> model = CausalLM(ModelConfig(vocab_size=11, d_model=6, n_heads=2)).eval()
    >>> start = torch.tensor([[3, 7, 5]])
    >>> bool((generate(Cached(model), start, 9, temperature=0) == generate(model, start, 9, temperature=0)).all())
    True
    """

    def __init__(self, model: nn.Module):
        if not isinstance(model, CausalLM):
            raise InputError(
                expected=text("a CausalLM", "un CausalLM"),
                got=type(model).__name__,
                remedy=text("call other models without a cache", "appelez les autres modèles sans cache"),
            )
        self.model, self.config = model, model.config
        self._read = torch.empty(0, 0, dtype=torch.long)  # (B, S): the texts that are remembered
        self._kept: list[Kept] = []

    @property
    def training(self) -> bool:
        """The mode of the model."""
        return self.model.training

    def eval(self) -> Cached:
        """As the model's."""
        self.model.eval()
        return self

    def train(self, mode: bool = True) -> Cached:
        """As the model's."""
        self.model.train(mode)
        return self

    @torch.no_grad()
    def __call__(self, token_ids: Tensor) -> Tensor:
        """Logits (B, N, V) of the token after each of the last N positions of token_ids (B, T).

        N is T for texts of which nothing is remembered, 1 for those that have grown by one token.
        """
        rows = self._rows_of(token_ids)
        if rows is None:
            known, before = 0, []
        else:
            known = self._read.size(1)
            before = [(keys[rows], values[rows]) for keys, values in self._kept]
        logits, kept = self._continued(token_ids, known, before)
        # What a model in training mode drops differs each time, and gradients are not kept: nothing to remember.
        self._kept = [] if self.model.training else kept
        self._read = token_ids[:0, :0] if not self._kept else token_ids
        return logits

    def _rows_of(self, token_ids: Tensor) -> Tensor | None:
        """For each row the remembered one that it continues; None unless all of them continue one."""
        length = self._read.size(1)
        if not self._kept or length >= token_ids.size(1) or self._read.device != token_ids.device:
            return None
        same = (token_ids[:, None, :length] == self._read[None]).all(dim=-1)  # (B, remembered rows)
        return same.int().argmax(dim=1) if bool(same.any(dim=1).all()) else None

    def _continued(self, token_ids: Tensor, known: int, before: list[Kept]) -> tuple[Tensor, list[Kept]]:
        """Logits of the positions from `known` on, and the keys and values of all of them."""
        decoder = self.model.decoder
        x = decoder.embeddings(token_ids)[:, known:]  # (B, N, D)
        visible = decoder.causal_mask(token_ids.size(1)).to(token_ids.device)[known:]  # (N, T)
        kept: list[Kept] = []
        for number, block in enumerate(decoder.blocks):
            with _listening(block.self_attention, before[number] if before else None) as heard:
                x = block(x, None, visible, None)
            kept += heard
        # An attention that does not ask the function that it was given cannot be listened to.
        whole = len(kept) == len(decoder.blocks)
        return self.model.head(decoder.final_norm(x)), kept if whole else []


@contextmanager
def _listening(attention: nn.Module, before: Kept | None) -> Any:
    """While a block computes, put what was kept before the keys and values that it asks with, and hear both."""
    heard: list[Kept] = []
    attend: Callable | None = getattr(attention, "attend", None)

    def remember(query: Tensor, key: Tensor, value: Tensor, *rest: Any) -> Any:
        if before is not None:
            key, value = torch.cat([before[0], key], dim=2), torch.cat([before[1], value], dim=2)
        heard.append((key, value))
        return attend(query, key, value, *rest)

    with ExitStack() as stack:
        if attend is not None:
            attention.attend = remember
            stack.callback(setattr, attention, "attend", attend)
        yield heard
