"""Weights of transformers' models in ours, and ours in theirs: BERT, RoBERTa, CamemBERT, DistilBERT and GPT-2.

What a model is made of does not matter as long as its weights have the names of our parts: a student's own
blocks can be given BERT's weights.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from attentif.bodies import Encoder
from attentif.errors import InputError
from attentif.huggingface_config import config_of_theirs, family_of, new_theirs
from attentif.huggingface_names import FAMILIES, join_attention, split_attention
from attentif.language import text
from attentif.models import CausalLM, MaskedLM, Parts

_TOKENS = "encoder.embeddings.token.weight"
_SEGMENTS, _POSITIONS = "encoder.embeddings.segment.weight", "encoder.embeddings.position.weight"
_CLASSES = "next_sentence_head.classifier"


def from_transformers(model: nn.Module, parts: Parts = Parts()) -> nn.Module:
    """A model of ours with the weights of one of transformers'.

    Args:
        model: BERT, RoBERTa, CamemBERT, RoBERTa with norms first, DistilBERT or GPT-2, with its head, or an encoder
            without one.
        parts: what ours is made of, a student's own for instance.

    Returns:
        MaskedLM, CausalLM, or an Encoder where there is no head; in eval mode, with weights of its own in the dtype of
        theirs. A next-sentence head that they have not keeps its initial weights.
        Deviation: one dropout probability, that of their hidden states.

    Raises:
        InputError: another kind of model, or one with settings that ours have not.

    >>> import transformers
    >>> sizes = {"hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 24}
    >>> theirs = transformers.BertForMaskedLM(transformers.BertConfig(vocab_size=31, **sizes)).eval()
    >>> ours, token_ids = from_transformers(theirs), torch.tensor([[2, 7, 4, 3]])
    >>> bool(torch.allclose(ours(token_ids), theirs(token_ids).logits, atol=1e-5))
    True
    """
    family = family_of(model)
    names = FAMILIES[family]
    config = config_of_theirs(model, family)
    state = model.state_dict()
    bare = not any(name.startswith(names.prefix) for name in state)
    if names.transposed:
        ours: nn.Module = CausalLM(config, parts)
    else:
        ours = Encoder(config, parts) if bare else MaskedLM(config, parts)
    _require_tied(model)
    taken = {
        o: state[t].T if names.transposed and _is_linear(o) else state[t]
        for o, t in names.pairs(config.n_layers, bare)
        if t in state
    }
    if names.transposed:
        taken |= split_attention(state, config.n_layers, "" if bare else names.prefix)
        taken["head.token_embedding.weight"] = taken["decoder.embeddings.token.weight"]
    else:
        first = 0 if names.position_offset is None else config.pad_id + names.position_offset
        taken[_POSITIONS] = taken[_POSITIONS][first:]
        taken.setdefault(_SEGMENTS, torch.zeros_like(taken[_TOKENS][: config.n_segments]))
        taken["head.token_embedding.weight"] = taken[_TOKENS]
        # Theirs says in its first column that B follows A, ours in its second.
        for kind in ("weight", "bias"):
            if f"{_CLASSES}.{kind}" in taken:
                taken[f"{_CLASSES}.{kind}"] = taken[f"{_CLASSES}.{kind}"].flip(0)
    if bare and not names.transposed:
        taken = {
            name.removeprefix("encoder."): each
            for name, each in taken.items()
            if not name.startswith(("head.", "next_sentence_head."))
        }
    _fill(ours, taken)
    return ours.to(state[next(iter(state))].dtype).eval()


def to_transformers(model: nn.Module) -> Any:
    """A model of transformers' with the weights of one of ours, in eval mode.

    A MaskedLM becomes a BertForMaskedLM if its norms come last, and a RobertaPreLayerNormForMaskedLM if they come
    first, without its next-sentence head; a CausalLM becomes a GPT2LMHeadModel.

    Args:
        model: MaskedLM with segments, or CausalLM with norms first.

    Raises:
        InputError: another model, or one that no class of transformers computes.

    >>> ours = MaskedLM(ModelConfig(vocab_size=31, d_model=12, n_heads=3, norm_first=False)).eval()
    >>> token_ids = torch.tensor([[2, 7, 4, 3]])
    >>> bool(torch.allclose(to_transformers(ours)(token_ids).logits, ours(token_ids), atol=1e-5))
    True
    """
    theirs, family = new_theirs(model)
    names, config = FAMILIES[family], model.config
    state, given = model.state_dict(), {}
    for ours, their_name in names.pairs(config.n_layers):
        if ours in state:
            given[their_name] = state[ours].T if names.transposed and _is_linear(ours) else state[ours]
    known = theirs.state_dict()
    # Attention without biases is attention with biases of 0.
    absent = [t for o, t in names.pairs(config.n_layers) if o not in state and o.endswith("bias")]
    absent += [t for t in known if t.endswith("c_attn.bias")]
    given |= {name: torch.zeros_like(known[name]) for name in absent if name in known}
    if names.transposed:
        scale = config.d_model**0.5 if config.scale_embeddings else 1.0
        given["lm_head.weight"] = state["head.token_embedding.weight"]
        given["transformer.wte.weight"] = scale * state["decoder.embeddings.token.weight"]
        given["transformer.wpe.weight"] = model.decoder.embeddings.position
        for i in range(config.n_layers):
            for kind in ("weight", "bias") if config.bias else ("weight",):
                given[f"transformer.h.{i}.attn.c_attn.{kind}"] = join_attention(state, i, kind)
    else:
        head = "cls.predictions" if family == "bert" else "lm_head"
        given[f"{head}.decoder.weight"] = state[_TOKENS]
        given[f"{head}.decoder.bias"] = state["head.bias"]
        if names.position_offset is not None:
            place = f"{names.prefix}embeddings.position_embeddings.weight"
            before = given[place].new_zeros(config.pad_id + names.position_offset, config.d_model)
            given[place] = torch.cat([before, given[place]])
    _fill(theirs, {name: each for name, each in given.items() if name in known})
    return theirs.to(state[next(iter(state))].dtype).eval()


def save_huggingface(directory: str | Path, model: nn.Module, tokenizer: Any = None) -> Path:
    """Save a model of ours in transformers' format: config.json, model.safetensors, and its tokenizer.

    `transformers.pipeline("fill-mask", DIRECTORY)`, or "text-generation" for a causal one, then runs it.

    Args:
        directory: made if it is not there.
        model: see `to_transformers`.
        tokenizer: one of ours, or None.

    Raises:
        InputError: see `to_transformers`; a tokenizer of another library.
    """
    from attentif.huggingface_tokenizers import to_transformers_tokenizer

    directory = Path(directory)
    theirs = to_transformers(model)
    words = None if tokenizer is None else to_transformers_tokenizer(tokenizer, model)
    directory.mkdir(parents=True, exist_ok=True)
    theirs.save_pretrained(directory)
    if words is not None:
        words.save_pretrained(directory)
    return directory


def _is_linear(ours: str) -> bool:
    return (
        ours.endswith(".weight") and ("projection" in ours or "feed_forward" in ours) and "norm" not in ours
    )


def _require_tied(model: nn.Module) -> None:
    """Refuse a head with a matrix of its own: ours shares that of the embeddings."""
    output = model.get_output_embeddings() if hasattr(model, "get_output_embeddings") else None
    if output is None:
        return
    given = model.get_input_embeddings().weight
    if output.weight.shape != given.shape or not torch.equal(output.weight, given):
        raise InputError(
            expected=text(
                "a head that shares the matrix of the embeddings",
                "une tête qui partage la matrice des plongements",
            ),
            got=text("one with a matrix of its own", "une tête qui a sa propre matrice"),
            remedy=text(
                "choose a model with tied embeddings", "choisissez un modèle aux plongements partagés"
            ),
        )


def _fill(model: nn.Module, weights: dict[str, Tensor]) -> None:
    """Copy weights into a model; what it has beyond them stays as it is, unless it is part of the body."""
    own = ("next_sentence_head.", "cls.seq_relationship")
    missing = [name for name in model.state_dict() if name not in weights and not name.startswith(own)]
    try:
        if missing:
            raise KeyError(", ".join(missing[:3]))
        with torch.no_grad():
            model.load_state_dict(weights, strict=False)
    except (RuntimeError, KeyError) as error:
        raise InputError(
            expected=text(
                "parts whose weights have the names and shapes of the library's",
                "des parties dont les poids ont les noms et les formes de celles de la bibliothèque",
            ),
            got=" ".join(str(error).split())[:160],
            remedy=text(
                "give your parts the attributes that their cards name",
                "donnez à vos parties les attributs que leurs cartes nomment",
            ),
        ) from error
