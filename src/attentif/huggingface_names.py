"""How the weights of transformers' models are called here: one table a family, ours on the left.

A weight "x.{weight,bias}" stands for both; {i} is the number of a block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor

_ATTENTION = ("query", "key", "value")


_PARTS = (
    *(f"attention.{part}_projection" for part in (*_ATTENTION, "output")),
    "feed_forward.expand", "feed_forward.contract", "norm_attention", "norm_feed_forward",
)  # fmt: skip


def _block(place: str, *theirs: str) -> dict[str, str]:
    """A block's names: theirs in the order of `_PARTS`."""
    return {
        f"encoder.blocks.{{i}}.{ours}": f"{place}.{name}" for ours, name in zip(_PARTS, theirs, strict=True)
    }


def _embeddings(prefix: str, segments: bool = True) -> dict[str, str]:
    names = {"token": "word_embeddings", "position": "position_embeddings", "norm": "LayerNorm"}
    names |= {"segment": "token_type_embeddings"} if segments else {}
    return {f"encoder.embeddings.{ours}": f"{prefix}embeddings.{theirs}" for ours, theirs in names.items()}


_BERT_BLOCK = _block(
    "{prefix}encoder.layer.{i}", *(f"attention.self.{part}" for part in _ATTENTION), "attention.output.dense",
    "intermediate.dense", "output.dense", "attention.output.LayerNorm", "output.LayerNorm",
)  # fmt: skip
_PRE_BLOCK = _BERT_BLOCK | {
    "encoder.blocks.{i}.norm_attention": "{prefix}encoder.layer.{i}.attention.LayerNorm",
    "encoder.blocks.{i}.norm_feed_forward": "{prefix}encoder.layer.{i}.intermediate.LayerNorm",
    "encoder.final_norm": "{prefix}LayerNorm",
}
_BERT_HEAD = {
    "head.transform": "cls.predictions.transform.dense",
    "head.norm": "cls.predictions.transform.LayerNorm",
    "head.bias": "cls.predictions.bias",
}
_NEXT_SENTENCE = {
    "next_sentence_head.pooler": "{prefix}pooler.dense",
    "next_sentence_head.classifier": "cls.seq_relationship",
}
_ROBERTA_HEAD = {
    "head.transform": "lm_head.dense",
    "head.norm": "lm_head.layer_norm",
    "head.bias": "lm_head.bias",
}
_DISTIL_BLOCK = _block(
    "{prefix}transformer.layer.{i}", *(f"attention.{letter}_lin" for letter in "qkv"), "attention.out_lin",
    "ffn.lin1", "ffn.lin2", "sa_layer_norm", "output_layer_norm",
)  # fmt: skip
_DISTIL_HEAD = {
    "head.transform": "vocab_transform",
    "head.norm": "vocab_layer_norm",
    "head.bias": "vocab_projector.bias",
}
_GPT2 = {
    "decoder.embeddings.token": "{prefix}wte",
    "decoder.embeddings.position": "{prefix}wpe.weight",
    "decoder.blocks.{i}.norm_self": "{prefix}h.{i}.ln_1",
    "decoder.blocks.{i}.norm_feed_forward": "{prefix}h.{i}.ln_2",
    "decoder.blocks.{i}.self_attention.output_projection": "{prefix}h.{i}.attn.c_proj",
    "decoder.blocks.{i}.feed_forward.expand": "{prefix}h.{i}.mlp.c_fc",
    "decoder.blocks.{i}.feed_forward.contract": "{prefix}h.{i}.mlp.c_proj",
    "decoder.final_norm": "{prefix}ln_f",
}


@dataclass(frozen=True)
class Family:
    """One family of transformers' models.

    Args:
        prefix: of the body in a model with a head.
        body, head: our names → theirs; a head that a model has not is left out.
        next_sentence: likewise, of the head that classifies pairs.
        transposed: whether linear layers are kept as (in, out), and query, key and value as one.
        position_offset: rows of the position table before the first position, as a number to add to the padding's id;
            None for none.
    """

    prefix: str
    body: dict[str, str]
    head: dict[str, str]
    next_sentence: dict[str, str]
    transposed: bool = False
    position_offset: int | None = None

    def pairs(self, n_layers: int, bare: bool = False) -> Iterator[tuple[str, str]]:
        """(ours, theirs) of every weight, both of norms and linear layers; of a model without a head if `bare`."""
        prefix = "" if bare else self.prefix
        tables = (self.body,) if bare else (self.body, self.head)
        for ours, theirs in ((o, t) for table in (*tables, self.next_sentence) for o, t in table.items()):
            for i in range(n_layers) if "{i}" in ours else (0,):
                yield from _both(ours.replace("{i}", str(i)), theirs.format(prefix=prefix, i=i))


def _both(ours: str, theirs: str) -> Iterator[tuple[str, str]]:
    if ours.endswith("bias") or theirs.endswith(".weight"):
        yield ours, theirs
        return
    yield f"{ours}.weight", f"{theirs}.weight"
    if not re.search(r"embeddings\.(token|segment|position)$", ours):
        yield f"{ours}.bias", f"{theirs}.bias"


FAMILIES: dict[str, Family] = {
    "bert": Family("bert.", _embeddings("{prefix}") | _BERT_BLOCK, _BERT_HEAD, _NEXT_SENTENCE),
    "roberta": Family(
        "roberta.", _embeddings("{prefix}") | _BERT_BLOCK, _ROBERTA_HEAD, {}, position_offset=1
    ),
    "camembert": Family(
        "roberta.", _embeddings("{prefix}") | _BERT_BLOCK, _ROBERTA_HEAD, {}, position_offset=1
    ),
    "roberta-prelayernorm": Family(
        "roberta_prelayernorm.", _embeddings("{prefix}") | _PRE_BLOCK, _ROBERTA_HEAD, {}, position_offset=1
    ),
    "distilbert": Family(
        "distilbert.", _embeddings("{prefix}", segments=False) | _DISTIL_BLOCK, _DISTIL_HEAD, {}
    ),
    "gpt2": Family("transformer.", _GPT2, {}, {}, transposed=True),
}


def split_attention(state: dict[str, Tensor], n_layers: int, prefix: str) -> dict[str, Tensor]:
    """GPT-2's joint projection as three: our names → weights (D, D) and biases (D,)."""
    parts = {}
    for i in range(n_layers):
        for kind in ("weight", "bias"):
            joint = state[f"{prefix}h.{i}.attn.c_attn.{kind}"]
            for part, each in zip(_ATTENTION, joint.chunk(3, dim=-1), strict=True):
                name = f"decoder.blocks.{i}.self_attention.{part}_projection.{kind}"
                parts[name] = each.T if kind == "weight" else each
    return parts


def join_attention(state: dict[str, Tensor], i: int, kind: str) -> Tensor:
    """Our three projections of a block as GPT-2's joint one."""
    from torch import cat

    each = [state[f"decoder.blocks.{i}.self_attention.{part}_projection.{kind}"] for part in _ATTENTION]
    return cat([one.T if kind == "weight" else one for one in each], dim=-1)
