"""The two layers that work on each position by itself: normalisation and the feed-forward network."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attentif.errors import InputError
from attentif.language import text

ACTIVATIONS = {"relu": F.relu, "gelu": F.gelu, "gelu_tanh": partial(F.gelu, approximate="tanh")}


class LayerNorm(nn.Module):
    """Centre and scale each vector, then let the model choose its own gain and bias.

    LayerNorm(x) = γ ⊙ (x − μ) / √(σ² + ε) + β, with μ and σ² (biased) over the last axis.

    Args:
        d_model: D, the size of the last axis.
        eps: ε, inside the root.

    Source: Ba et al. 2016, "Layer Normalization", equations 3 and 4.
        Deviation: ε, against a division by zero, is in every code and not in these equations.

    >>> LayerNorm(4)(torch.tensor([[1.0, 2.0, 3.0, 4.0]])).sum().abs().item() < 1e-6
    True
    """

    def __init__(self, d_model: int, eps: float = 1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last axis of x.

        Args:
            x: (..., D); left as it is.

        Returns:
            (..., D), in the dtype of x.
        """
        # Squares overflow fp16 and lose digits in bf16, so the statistics are taken in float32 at least.
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        centred = wide - wide.mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        normalised = centred * torch.rsqrt(variance + self.eps)
        return (self.weight * normalised + self.bias).to(x.dtype)


def check_activation(activation: str) -> None:
    """Refuse a name that is not in ACTIVATIONS.

    Raises:
        InputError: unknown activation.
    """
    if activation not in ACTIVATIONS:
        names = ", ".join(ACTIVATIONS)
        raise InputError(
            expected=text(f"activation to be one of {names}", f"une activation parmi {names}"),
            got=repr(activation),
            remedy=text("choose one of these names", "choisissez l'un de ces noms"),
        )


class FeedForward(nn.Module):
    """Transform each position by a two-layer network, the same for all positions.

    FFN(x) = φ(x W₁ + b₁) W₂ + b₂ with φ = ReLU or the exact GELU.

    Args:
        d_model: D.
        d_ff: width of the hidden layer, usually 4 D.
        activation: "relu" (Vaswani et al.), "gelu" (BERT) or "gelu_tanh" (its approximation by tanh, GPT-2).
        dropout: probability of dropping a hidden unit, in training only.

    Raises:
        InputError: unknown activation.

    Source: Vaswani et al. 2017, §3.3; GELU: Hendrycks and Gimpel 2016, §2.
        Deviation: dropout of the hidden units is in the authors' code, not in the paper.

    >>> FeedForward(6, 24)(torch.zeros(2, 5, 6)).shape
    torch.Size([2, 5, 6])
    """

    def __init__(self, d_model: int, d_ff: int, activation: str = "relu", dropout: float = 0.0):
        super().__init__()
        check_activation(activation)
        self.expand = nn.Linear(d_model, d_ff)
        self.contract = nn.Linear(d_ff, d_model)
        self.activation = ACTIVATIONS[activation]
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Expand, activate, drop, contract.

        Args:
            x: (..., D).

        Returns:
            (..., D).
        """
        return self.contract(self.dropout(self.activation(self.expand(x))))
