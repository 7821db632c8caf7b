"""Attention: the weighted average, its masks, and its many-headed form.

A mask is boolean and True means visible, here and in the whole library.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attentif.errors import InputError
from attentif.language import text


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None = None,
    dropout_p: float = 0.0,
) -> tuple[Tensor, Tensor]:
    """Average the values, weighted by how well each key answers each query.

    attention(query, key, value) = softmax(query · keyᵀ / √K) · value, the softmax taken over the keys.

    Args:
        query: (..., T, K), what each position looks for.
        key: (..., S, K), what each position offers.
        value: (..., S, d_v), what each position says; its width d_v is often K, not always.
        mask: bool, broadcastable to (..., T, S); True means visible. A query that
            sees nothing gets weights of 0 and an output of 0, not NaN.
        dropout_p: probability of dropping a weight, in [0, 1); dropped weights are
            replaced by 0 and the others divided by 1 − dropout_p. The caller passes 0
            outside training.

    Returns:
        (output, weights): (..., T, d_v) and (..., T, S), in the dtype of the query. The
        weights are those before dropout: each row sums to 1, or to 0 where nothing is visible.

    Source: Vaswani et al. 2017, "Attention Is All You Need", §3.2.1.
        Deviation: dropout on the weights is in the authors' code, not in their formula.

    >>> query, key, value = torch.zeros(2, 3, 4), torch.zeros(2, 5, 4), torch.ones(2, 5, 6)
    >>> output, weights = scaled_dot_product_attention(query, key, value)
    >>> output.shape, weights.shape, weights[0, 0, 0].item()
    (torch.Size([2, 3, 6]), torch.Size([2, 3, 5]), 0.20000000298023224)
    """
    # Dividing the query first keeps the scores small enough for fp16.
    scores = (query / math.sqrt(query.size(-1))) @ key.transpose(-2, -1)  # (..., T, S)
    if mask is not None:
        # The lowest number instead of −∞: a row with nothing visible then has a softmax, without NaN.
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    weights = torch.softmax(scores, dim=-1)
    if mask is not None:
        weights = weights.masked_fill(~mask, 0.0)
    dropped = F.dropout(weights, dropout_p) if dropout_p > 0 else weights
    return dropped @ value, weights


def fused_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None = None,
    dropout_p: float = 0.0,
) -> tuple[Tensor, None]:
    """The same average by torch's fused kernel: faster, but the weights are never formed.

    Args and result as in `scaled_dot_product_attention`, with None in place of the weights.
    """
    if key.size(-2) != value.size(-2):
        # torch's kernel does not look, and reads past the end.
        raise InputError(
            expected=text("as many values as keys", "autant de valeurs que de clés"),
            got=text(
                f"{value.size(-2)} values and {key.size(-2)} keys",
                f"{value.size(-2)} valeurs et {key.size(-2)} clés",
            ),
            remedy=text("give each key its value", "donnez à chaque clé sa valeur"),
        )
    if mask is not None:
        mask = torch.atleast_2d(mask)  # torch's kernel does not broadcast a mask over keys alone
    output = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=dropout_p)
    if mask is not None:
        output = output.masked_fill(~mask.any(dim=-1, keepdim=True), 0.0)
    return output, None


def causal_mask(length: int) -> Tensor:
    """Let each position see itself and the past, never the future.

    mask[t, s] = (s ≤ t).

    Args:
        length: T, the number of positions.

    Returns:
        bool (T, T); rows are queries, columns are keys, True means visible.

    Source: Radford et al. 2018, "Improving Language Understanding by Generative
        Pre-Training", §3.1; Vaswani et al. 2017, §3.2.3.

    >>> causal_mask(3).int().tolist()
    [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    """
    return torch.ones(length, length, dtype=torch.bool).tril()


def padding_mask(token_ids: Tensor, pad_id: int) -> Tensor:
    """Hide the padding from every query of every head.

    mask[b, 0, 0, s] = (token_ids[b, s] ≠ pad_id).

    Args:
        token_ids: int64 (B, S).
        pad_id: the id that fills short rows.

    Returns:
        bool (B, 1, 1, S), True where the key is a real token; broadcasts to (B, H, T, S). A row
        of nothing but padding shows nothing.

    >>> padding_mask(torch.tensor([[7, 8, 0], [9, 0, 0]]), pad_id=0).squeeze().tolist()
    [[True, True, False], [True, False, False]]
    """
    return (token_ids != pad_id)[:, None, None, :]  # (B, 1, 1, S)


def check_heads(d_model: int, n_heads: int) -> None:
    """Refuse a width that the heads cannot share equally.

    Raises:
        InputError: d_model is not a multiple of n_heads.
    """
    if n_heads < 1 or d_model % n_heads:
        raise InputError(
            expected=text("d_model to be a multiple of n_heads", "un d_model multiple de n_heads"),
            got=text(f"d_model={d_model} and n_heads={n_heads}", f"d_model={d_model} et n_heads={n_heads}"),
            remedy=text(
                "change one of them so that the heads share the width equally",
                "changez l'un des deux pour que les têtes se partagent la largeur à parts égales",
            ),
        )


class MultiHeadAttention(nn.Module):
    """Attend in H subspaces of width D / H at once, then mix what the heads found.

    output = output_projection(Concat(head_1 … head_H)), where head_i is the attention of the i-th blocks of
    K = D / H dimensions of query_projection(query), key_projection(key) and value_projection(value).

    Args:
        d_model: D, a multiple of n_heads.
        n_heads: H.
        dropout: probability of dropping an attention weight, in training only.
        bias: whether the four projections have a bias.
        attend: the attention function, called as attend(query, key, value, mask, dropout_p)
            on (B, H, T, K), (B, H, S, K), (B, H, S, K).

    Raises:
        InputError: d_model is not a multiple of n_heads.

    Source: Vaswani et al. 2017, §3.2.2.
        Deviation: the projections have biases, as in the authors' code and in BERT.

    >>> attention = MultiHeadAttention(d_model=12, n_heads=3)
    >>> output, weights = attention(torch.zeros(2, 5, 12), torch.zeros(2, 7, 12))
    >>> output.shape, weights.shape
    (torch.Size([2, 5, 12]), torch.Size([2, 3, 5, 7]))
    """

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        attend: Callable = scaled_dot_product_attention,
    ):
        super().__init__()
        check_heads(d_model, n_heads)
        self.d_model, self.n_heads = d_model, n_heads
        self.dropout = dropout
        self.attend = attend
        self.query_projection = nn.Linear(d_model, d_model, bias=bias)
        self.key_projection = nn.Linear(d_model, d_model, bias=bias)
        self.value_projection = nn.Linear(d_model, d_model, bias=bias)
        self.output_projection = nn.Linear(d_model, d_model, bias=bias)

    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """Project, split into heads, attend, merge the heads, project again.

        Args:
            query: (B, T, D).
            key: (B, S, D); the query itself when absent (self-attention).
            value: (B, S, D); the key when absent.
            mask: bool, broadcastable to (B, H, T, S); True means visible.

        Returns:
            (output, weights): (B, T, D) and (B, H, T, S) (or None if `attend` forms no weights).
        """
        key = query if key is None else key
        value = key if value is None else value

        def split_heads(x: Tensor) -> Tensor:
            return x.unflatten(-1, (self.n_heads, -1)).transpose(1, 2)  # (B, H, T or S, K)

        output, weights = self.attend(
            split_heads(self.query_projection(query)),
            split_heads(self.key_projection(key)),
            split_heads(self.value_projection(value)),
            mask,
            self.dropout if self.training else 0.0,
        )
        merged = output.transpose(1, 2).flatten(2)  # (B, T, D)
        return self.output_projection(merged), weights
