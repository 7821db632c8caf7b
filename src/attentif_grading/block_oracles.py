"""Random blocks for the checks of EncoderBlock and DecoderBlock, and what torch's own layers answer in their place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from attentif.checks.values import Recipe, part
from attentif_grading.known_answers import computed_once

# A part and the values of its parameters.
Part = tuple[Recipe, dict[str, np.ndarray]]


def attention(rng: np.random.Generator, d_model: int, n_heads: int) -> Part:
    """A MultiHeadAttention with random weights and biases."""
    state = {}
    for name in ("query", "key", "value", "output"):
        state[f"{name}_projection.weight"] = rng.normal(size=(d_model, d_model)) * 1.5 / d_model**0.5
        state[f"{name}_projection.bias"] = rng.normal(size=d_model) * 0.6
    return part("MultiHeadAttention", d_model=d_model, n_heads=n_heads), state


def feed_forward(rng: np.random.Generator, d_model: int, d_ff: int, activation: str = "relu") -> Part:
    """A FeedForward with random weights and biases."""
    state = {
        "expand.weight": rng.normal(size=(d_ff, d_model)) / d_model**0.5,
        "expand.bias": rng.normal(size=d_ff) * 0.6,
        "contract.weight": rng.normal(size=(d_model, d_ff)) * 1.5 / d_ff**0.5,
        "contract.bias": rng.normal(size=d_model) * 0.6,
    }
    return part("FeedForward", d_model=d_model, d_ff=d_ff, activation=activation), state


def norm(rng: np.random.Generator, d_model: int) -> Part:
    """A LayerNorm whose gains are not 1 and whose biases are not 0."""
    state = {"weight": rng.uniform(0.5, 1.6, d_model), "bias": rng.normal(size=d_model) * 0.7}
    return part("LayerNorm", d_model=d_model), state


def assemble(
    parts: Mapping[str, Part | None], norm_first: bool, dropout: float = 0.0, dtype: type = np.float64
) -> dict[str, Any]:
    """`init` and `state` of a request for a block made of these parts, by argument of its constructor."""
    recipes = {name: None if made is None else made[0] for name, made in parts.items()}
    state = {
        f"{name}.{parameter}": values.astype(dtype)
        for name, made in parts.items()
        if made is not None
        for parameter, values in made[1].items()
    }
    return {"init": {**recipes, "dropout": dropout, "norm_first": norm_first}, "state": state}


def sequence(rng: np.random.Generator, *shape: int, dtype: type = np.float64) -> np.ndarray:
    """Random vectors whose mean and spread differ from position to position."""
    length = shape[-2]
    values = rng.normal(size=shape) * rng.uniform(0.5, 1.6, (length, 1)) + rng.normal(size=(length, 1))
    return values.astype(dtype)


def visible(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """A random mask without symmetry; every row sees something, and no row everything if there are two keys."""
    mask = rng.random(shape) < 0.6
    mask[..., 0] |= ~mask.any(-1)
    mask[..., -1] &= ~mask.all(-1) | (shape[-1] == 1)
    return mask


def padded_both_ways(extra: np.ndarray, real: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One batch with both kinds of rows, `extra` before the real positions and after them, and which are real.

    Args:
        extra: (B, E, D).
        real: (B, T, D).

    Returns:
        (2B, E + T, D), and bool (2B, E + T).
    """
    before, after = np.concatenate([extra, real], 1), np.concatenate([real, extra], 1)
    places, rows = np.arange(before.shape[1]), np.arange(2 * len(real))[:, None]
    where = np.where(rows < len(real), places >= extra.shape[1], places < real.shape[1])
    return np.concatenate([before, after]), where


def by_torch(
    block: Mapping[str, Any],
    leaves: Mapping[str, Tensor],
    x: Tensor,
    mask: np.ndarray | None = None,
    memory: Tensor | None = None,
    memory_mask: np.ndarray | None = None,
) -> Tensor:
    """What torch's TransformerEncoderLayer, or TransformerDecoderLayer, computes with a block's weights.

    Args:
        block: what `assemble` made.
        leaves: its state as tensors; gradients reach them.
        x: (B, T, D).
        mask: broadcastable to (B, H, T, T); True means visible.
        memory: (B, S, D), for a decoder block with cross-attention.
        memory_mask: broadcastable to (B, H, T, S).
    """
    init, decoder = block["init"], memory is not None
    own, first_norm = (
        ("self_attention", "norm_self") if "norm_self" in init else ("attention", "norm_attention")
    )
    sizes, network = init[own].arguments["init"], init["feed_forward"].arguments["init"]
    kind = nn.TransformerDecoderLayer if decoder else nn.TransformerEncoderLayer
    # On the meta device it has no values of its own and draws none.
    layer = kind(
        sizes["d_model"], sizes["n_heads"], network["d_ff"], 0.0, network["activation"],
        batch_first=True, norm_first=init["norm_first"], device="meta",
    )  # fmt: skip
    norms = [first_norm, "norm_cross", "norm_feed_forward"] if decoder else [first_norm, "norm_feed_forward"]
    weights = _attention_weights(leaves, own, "self_attn")
    if decoder:
        weights |= _attention_weights(leaves, "cross_attention", "multihead_attn")
    names = {"feed_forward.expand": "linear1", "feed_forward.contract": "linear2"}
    names |= {name: f"norm{number}" for number, name in enumerate(norms, start=1)}
    for ours, theirs in names.items():
        weights |= {f"{theirs}.{kind}": leaves[f"{ours}.{kind}"] for kind in ("weight", "bias")}

    hidden = _hidden(mask, x.size(0), sizes["n_heads"], x.size(1), x.size(1))
    if not decoder:
        return torch.func.functional_call(layer, weights, (x,), {"src_mask": hidden})
    masks = {
        "tgt_mask": hidden,
        "memory_mask": _hidden(memory_mask, x.size(0), sizes["n_heads"], x.size(1), memory.size(1)),
    }
    return torch.func.functional_call(layer, weights, (x, memory), masks)


def _attention_weights(leaves: Mapping[str, Tensor], ours: str, theirs: str) -> dict[str, Tensor]:
    def joined(kind: str) -> Tensor:
        return torch.cat([leaves[f"{ours}.{name}_projection.{kind}"] for name in ("query", "key", "value")])

    return {
        f"{theirs}.in_proj_weight": joined("weight"),
        f"{theirs}.in_proj_bias": joined("bias"),
        f"{theirs}.out_proj.weight": leaves[f"{ours}.output_projection.weight"],
        f"{theirs}.out_proj.bias": leaves[f"{ours}.output_projection.bias"],
    }


def _hidden(mask: np.ndarray | None, *shape: int) -> Tensor | None:
    """torch's mask (B * H, T, S), True where hidden."""
    return None if mask is None else ~torch.from_numpy(mask).expand(shape).reshape(-1, *shape[2:])


@computed_once
def oracle(block: Mapping[str, Any], **inputs: np.ndarray) -> np.ndarray:
    """The answer of torch's layer, computed in float64, in the dtype of x.

    Args:
        block: what `assemble` made.
        inputs: x and, if given, mask, memory, memory_mask.
    """
    leaves = {name: torch.from_numpy(values).double() for name, values in block["state"].items()}
    tensors = {
        name: torch.from_numpy(array).double() if name in ("x", "memory") else array
        for name, array in inputs.items()
    }
    with torch.no_grad():
        return by_torch(block, leaves, **tensors).numpy().astype(inputs["x"].dtype)


@computed_once
def oracle_gradients(
    block: Mapping[str, Any], cotangent: np.ndarray, **inputs: np.ndarray
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The answer of torch's layer, and the gradients of ⟨answer, cotangent⟩ by input and by parameter."""
    leaves = {name: torch.from_numpy(values).requires_grad_() for name, values in block["state"].items()}
    tensors = {
        name: torch.from_numpy(array).requires_grad_() if name in ("x", "memory") else array
        for name, array in inputs.items()
    }
    wanted = {name: tensor for name, tensor in tensors.items() if isinstance(tensor, Tensor)} | leaves
    output = by_torch(block, leaves, **tensors)
    gradients = torch.autograd.grad(output, list(wanted.values()), torch.from_numpy(cotangent))
    return output.detach().numpy(), {
        name: gradient.numpy() for name, gradient in zip(wanted, gradients, strict=True)
    }
