"""The best masked model that a Microcosm allows, with the interface of one that was trained."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import torch
from torch import Tensor, nn

from attentif.corpus.corruption import Corruption
from attentif.corpus.microcosm import Microcosm
from attentif.corpus.rows import MASK_ID
from attentif.errors import InputError
from attentif.language import text

NEVER = -1e4  # the log-probability of what cannot be there: far below any other, and a number


class PerfectMaskedLM(nn.Module):
    """Answers each [MASK] with the true distribution: what a metric says of it, is said of the language itself.

    A metric that misses a bias here misses it by its definition; one that finds it here and misses it in a trained
    model tells of the training.

    Args:
        microcosm: the world.
        corruption: None where visible words are certain; else what they may hide, as a model trained under 80/10/10
            must assume.

    >>> import torch
    >>> world = Microcosm("en", "small")
    >>> occupation, planted = next(iter(world.planted.items()))
    >>> ids = world.tokenizer.encode(world.templates[0].format(occupation=occupation))
    >>> logits = PerfectMaskedLM(world)(torch.tensor([[world.tokenizer.cls_id, *ids, world.tokenizer.sep_id]]))
    >>> he, she = (world.tokenizer.encode(word)[0] for word in world.pronouns)
    >>> at_mask = logits[0, 1 + ids.index(world.tokenizer.mask_id)]
    >>> planted, round((at_mask[she] - at_mask[he]).item(), 6)
    (-1.0, -1.0)
    """

    def __init__(self, microcosm: Microcosm, corruption: Corruption | None = None):
        super().__init__()
        self.microcosm, self.corruption = microcosm, corruption
        self.config = SimpleNamespace(
            vocab_size=microcosm.vocab_size,
            pad_id=microcosm.tokenizer.pad_id,
            max_length=microcosm.automaton.max_length + 2,
        )
        self._known: dict[tuple[int, ...], np.ndarray] = {}

    def forward(self, token_ids: Tensor) -> Tensor:
        """Logits (B, T, V), float64: ln P at each mask, 0 everywhere else. Padding may only follow a sentence.

        Raises:
            InputError: a sentence that the grammar cannot produce.
        """
        logits = torch.zeros(*token_ids.shape, self.config.vocab_size, dtype=torch.float64)
        for row, ids in enumerate(token_ids.tolist()):
            content = tuple(token for token in ids if token != self.config.pad_id)[1:-1]
            masks = [1 + place for place, token in enumerate(content) if token == MASK_ID]
            if masks:
                logits[row, masks] = torch.from_numpy(self._answers(content))
        return logits

    def _answers(self, content: tuple[int, ...]) -> np.ndarray:
        """(masks, V), nats."""
        if content not in self._known:
            try:
                found = self.microcosm.posterior(content, self.corruption)
            except InputError as error:
                raise InputError(
                    expected=text(
                        "sentences of this Microcosm, with masks",
                        "des phrases de ce Microcosm, avec des masques",
                    ),
                    got=self.microcosm.text(content),
                    remedy=text(
                        "with `corruption`, other sentences can be asked as well",
                        "avec `corruption`, on peut aussi poser d'autres phrases",
                    ),
                ) from error
            with np.errstate(divide="ignore"):
                self._known[content] = np.maximum(np.log(found), NEVER)
        return self._known[content]
