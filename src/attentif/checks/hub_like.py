"""A small model and a tokenizer that speak as those of `transformers` do, for checks without that package."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn

# Names of the specials, before and after the words, as BERT and CamemBERT have them.
STYLES = {
    "bert": (("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"), ()),
    "camembert": (("<pad>", "<s>", "</s>", "<unk>"), ("<mask>",)),
}
ROLES = {
    "bert": {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"},
    "camembert": {"pad": "<pad>", "unk": "<unk>", "cls": "<s>", "sep": "</s>", "mask": "<mask>"},
}


def vocabulary_of(words: Sequence[str], style: str) -> list[str]:
    """All tokens in the order of their ids."""
    before, after = STYLES[style]
    return [*before, *words, *after]


class HubOutput:
    """Logits, and maps where they are asked for, by name or by place, as a model of `transformers` returns them."""

    def __init__(self, logits: Tensor, attentions: tuple[Tensor, ...] | None = None):
        self.logits, self.attentions = logits, attentions

    def __getitem__(self, name: int | str) -> Any:
        both = (self.logits, self.attentions) if self.attentions is not None else (self.logits,)
        return both[name] if isinstance(name, int) else getattr(self, name)


class HubLikeModel(nn.Module):
    """A masked model called as model(input_ids=..., attention_mask=...) and answering with .logits."""

    def __init__(self, inner: nn.Module):
        super().__init__()
        self.inner = inner
        self.config = SimpleNamespace(
            model_type="context",
            vocab_size=inner.config.vocab_size,
            max_position_embeddings=inner.config.max_length,
            pad_token_id=inner.config.pad_id,
            is_decoder=False,
        )
        self.train(inner.training)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.inner.embedding.device

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        output_attentions: bool = False,
        **_: Any,
    ) -> HubOutput:
        """Logits (B, T, V); everything is read that attention_mask does not hide, padding included.

        With `output_attentions` the maps (B, H, T, T) of each layer too, of a model that has them.
        """
        visible = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        logits = self.inner.head(self.inner.hidden(input_ids, visible=visible))
        has_maps = output_attentions and hasattr(self.inner, "maps")
        return HubOutput(logits, self.inner.maps(input_ids, visible) if has_maps else None)


class HubEncoding(dict):
    """Encoded texts: input_ids, token_type_ids and attention_mask, by key or by attribute."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def to(self, device: Any) -> HubEncoding:
        """The same on another device."""
        return HubEncoding({k: v.to(device) if isinstance(v, Tensor) else v for k, v in self.items()})


class HubLikeTokenizer:
    """Words and signs to ids, the specials around them, with the usual names of `transformers`."""

    is_fast = False
    model_max_length = 512

    def __init__(self, words: Sequence[str], style: str):
        self._tokens = vocabulary_of(words, style)
        self._ids = {token: number for number, token in enumerate(self._tokens)}
        for role, token in ROLES[style].items():
            setattr(self, f"{role}_token", token)
            setattr(self, f"{role}_token_id", self._ids[token])
        self.all_special_tokens = list(ROLES[style].values())
        self.all_special_ids = [self._ids[token] for token in self.all_special_tokens]
        names = "|".join(map(re.escape, self.all_special_tokens))
        self._pattern = re.compile(rf"{names}|\w+|[^\w\s]")

    def __len__(self) -> int:
        return len(self._tokens)

    @property
    def vocab_size(self) -> int:
        """V."""
        return len(self._tokens)

    @property
    def vocab(self) -> dict[str, int]:
        """Token → id."""
        return dict(self._ids)

    def get_vocab(self) -> dict[str, int]:
        """Token → id."""
        return dict(self._ids)

    def tokenize(self, text: str) -> list[str]:
        """The tokens of a text, without specials around."""
        return [token if token in self._ids else self.unk_token for token in self._pattern.findall(text)]

    def encode(
        self, text: str, add_special_tokens: bool = True, return_tensors: str | None = None, **_: Any
    ) -> Any:
        """Ids of one text, specials around it included."""
        ids = self.convert_tokens_to_ids(self.tokenize(text))
        if add_special_tokens:
            ids = [self.cls_token_id, *ids, self.sep_token_id]
        return torch.tensor([ids]) if return_tensors == "pt" else ids

    def __call__(
        self,
        text: str | list[str],
        add_special_tokens: bool = True,
        return_tensors: str | None = None,
        return_special_tokens_mask: bool = False,
        **_: Any,
    ) -> HubEncoding:
        texts = [text] if isinstance(text, str) else list(text)
        rows = [self.encode(one, add_special_tokens) for one in texts]
        longest = max(map(len, rows))
        found = {
            "input_ids": [row + [self.pad_token_id] * (longest - len(row)) for row in rows],
            "token_type_ids": [[0] * longest for _ in rows],
            "attention_mask": [[1] * len(row) + [0] * (longest - len(row)) for row in rows],
        }
        if return_special_tokens_mask:
            around = (self.cls_token_id, self.sep_token_id, self.pad_token_id)
            found["special_tokens_mask"] = [[int(i in around) for i in row] for row in found["input_ids"]]
        if return_tensors == "pt":
            return HubEncoding({name: torch.tensor(lists) for name, lists in found.items()})
        return HubEncoding(
            {name: lists[0] if isinstance(text, str) else lists for name, lists in found.items()}
        )

    def convert_tokens_to_ids(self, tokens: str | list[str]) -> int | list[int]:
        """Ids of tokens."""
        if isinstance(tokens, str):
            return self._ids.get(tokens, self.unk_token_id)
        return [self._ids.get(token, self.unk_token_id) for token in tokens]

    def convert_ids_to_tokens(self, ids: Any) -> str | list[str]:
        """Tokens of ids."""
        if isinstance(ids, int) or getattr(ids, "ndim", 1) == 0:
            return self._tokens[int(ids)]
        return [self._tokens[int(i)] for i in ids]

    def decode(self, ids: Any, skip_special_tokens: bool = False, **_: Any) -> str:
        """Text of ids, the words separated by spaces."""
        ids = [int(ids)] if isinstance(ids, int) or getattr(ids, "ndim", 1) == 0 else [int(i) for i in ids]
        return " ".join(
            self._tokens[i] for i in ids if not (skip_special_tokens and i in self.all_special_ids)
        )

    def batch_decode(self, sequences: Any, **kwargs: Any) -> list[str]:
        """Text of each sequence of ids."""
        return [self.decode(ids, **kwargs) for ids in sequences]
