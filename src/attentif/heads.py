"""Heads: from hidden states to predictions, with the embedding matrix used a second time."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attentif.layers import LayerNorm


class MaskedLMHead(nn.Module):
    """Score every word of the vocabulary at each position, BERT's way.

    logits = LayerNorm(GELU(h W + b)) Eᵀ + c, where E is the token embedding (tied) and GELU the exact one,
    x Φ(x). `transform` holds W and b, `bias` is c.

    Args:
        token_embedding: the nn.Embedding (V, D) of the model, shared, not copied.
        eps: ε of the normalisation (1e-12 in BERT).
        norm: the normalisation, built as norm(d_model, eps).

    Source: Devlin et al. 2019, §3.1 and the authors' code; tying: Press and Wolf 2017.

    >>> MaskedLMHead(nn.Embedding(11, 6))(torch.zeros(2, 5, 6)).shape
    torch.Size([2, 5, 11])
    """

    def __init__(self, token_embedding: nn.Embedding, eps: float = 1e-12, norm: Callable = LayerNorm):
        super().__init__()
        vocab_size, d_model = token_embedding.weight.shape
        self.token_embedding = token_embedding
        self.transform = nn.Linear(d_model, d_model)
        self.norm = norm(d_model, eps)
        self.bias = nn.Parameter(torch.zeros(vocab_size))

    def forward(self, hidden: Tensor) -> Tensor:
        """Transform, activate, normalise, compare with every token's embedding.

        Args:
            hidden: (..., D): a batch (B, T, D), or the masked positions alone, one a row.

        Returns:
            logits (..., V), without a softmax.
        """
        transformed = self.norm(F.gelu(self.transform(hidden)))  # (..., D)
        return transformed @ self.token_embedding.weight.T + self.bias


class CausalLMHead(nn.Module):
    """Score the next token, GPT's way: logits = h Eᵀ with the token embedding E (tied).

    Args:
        token_embedding: the nn.Embedding (V, D) of the model, shared, not copied.

    Source: Radford et al. 2018, §3.1, equation 2.

    >>> CausalLMHead(nn.Embedding(11, 6))(torch.zeros(2, 5, 6)).shape
    torch.Size([2, 5, 11])
    """

    def __init__(self, token_embedding: nn.Embedding):
        super().__init__()
        self.token_embedding = token_embedding

    def forward(self, hidden: Tensor) -> Tensor:
        """Compare each hidden state with every token's embedding.

        Args:
            hidden: (..., D).

        Returns:
            logits (..., V).
        """
        return hidden @ self.token_embedding.weight.T


class NextSentenceHead(nn.Module):
    """Tell from the first position whether sentence B follows sentence A.

    logits = W₂ tanh(W₁ h_[CLS] + b₁) + b₂. `pooler` holds W₁ and b₁, `classifier` W₂ and b₂.

    Args:
        d_model: D.

    Source: Devlin et al. 2019, §3.1, task 2.
        Deviation: column 1 means "B follows A" (in the authors' code it is column 0).

    >>> NextSentenceHead(6)(torch.zeros(2, 5, 6)).shape
    torch.Size([2, 2])
    """

    def __init__(self, d_model: int):
        super().__init__()
        self.pooler = nn.Linear(d_model, d_model)
        self.classifier = nn.Linear(d_model, 2)

    def forward(self, hidden: Tensor) -> Tensor:
        """Pool the first position and classify it.

        Args:
            hidden: (B, T, D), the encoder's output.

        Returns:
            logits (B, 2), without a softmax; column 1: B follows A.
        """
        return self.classifier(torch.tanh(self.pooler(hidden[:, 0])))
