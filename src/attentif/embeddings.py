"""From token ids to vectors: what a token is, and where it stands."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from attentif.errors import InputError
from attentif.language import text
from attentif.layers import LayerNorm
from attentif.positions import sinusoidal_encoding


def check_length(token_ids: Tensor, max_length: int) -> None:
    """Refuse a sequence that the position table does not cover."""
    if not isinstance(token_ids, Tensor) or isinstance(max_length, Tensor):
        # Otherwise the error would be torch's, and speak of neither argument.
        raise InputError(
            expected=text(
                "check_length(token_ids, max_length): a tensor, then a number",
                "check_length(token_ids, max_length) : un tenseur, puis un nombre",
            ),
            got=f"{type(token_ids).__name__}, {type(max_length).__name__}",
            remedy=text(
                "give the token ids themselves first, and the number second",
                "donnez d'abord les identifiants des jetons eux-mêmes, puis le nombre",
            ),
        )
    if token_ids.size(-1) > max_length:
        raise InputError(
            expected=text(
                f"at most {max_length} tokens (the model's context)",
                f"au plus {max_length} jetons (le contexte du modèle)",
            ),
            got=text(f"a sequence of {token_ids.size(-1)}", f"une séquence de {token_ids.size(-1)}"),
            remedy=text(
                "shorten the text, or build the model with a larger max_length",
                "raccourcissez le texte, ou créez le modèle avec un max_length plus grand",
            ),
        )


class TokenEmbeddings(nn.Module):
    """Token plus position, the start of GPT and of the original Transformer.

    h₀ = W_e[token] + W_p[position], with `scale` √D W_e[token] + W_p[position]; with `learned=False` W_p is
    the sinusoidal encoding.

    Args:
        vocab_size: V.
        d_model: D.
        max_length: the longest sequence.
        dropout: probability of dropping a component, in training only.
        learned: a learned position table, or the fixed sinusoidal one.
        scale: multiply the token's vector by √D, as the original Transformer does. The matrix is shared with
            the head, where logits want a standard deviation of 1/√D; scaled, a token weighs as much here as what
            the blocks add to it, and a large vocabulary is learned in fewer steps. The first loss is
            then above ln V + ½ Var(logits), because an untrained model expects each token to come again.

        positions: makes the fixed table, positions(max_length, d_model).

    Source: Radford et al. 2018, §3.1; Vaswani et al. 2017, §3.4 and §3.5 (scale, sinusoidal positions).

    >>> TokenEmbeddings(11, 6, max_length=8)(torch.zeros(2, 5, dtype=torch.long)).shape
    torch.Size([2, 5, 6])
    """

    def __init__(
        self,
        vocab_size: int,
        d_model: int,
        max_length: int,
        dropout: float = 0.0,
        learned: bool = True,
        scale: bool = False,
        positions: Callable[[int, int], Tensor] = sinusoidal_encoding,
    ):
        super().__init__()
        self.max_length = max_length
        self.scale = math.sqrt(d_model) if scale else 1.0
        self.token = nn.Embedding(vocab_size, d_model)
        if learned:
            self.position = nn.Parameter(torch.zeros(max_length, d_model))
        else:
            self.register_buffer("position", positions(max_length, d_model), persistent=False)
        self.dropout = nn.Dropout(dropout)

    def forward(self, token_ids: Tensor) -> Tensor:
        """Add the position of each token to its vector.

        Args:
            token_ids: int64 (B, T), T at most max_length.

        Returns:
            (B, T, D).

        Raises:
            InputError: the sequence is longer than the position table.
        """
        check_length(token_ids, self.max_length)
        tokens = self.scale * self.token(token_ids)  # (B, T, D)
        return self.dropout(tokens + self.position[: token_ids.size(1)])


class BertEmbeddings(nn.Module):
    """Token plus segment plus position, normalised: the input of BERT.

    h₀ = Dropout(LayerNorm(W_token[id] + W_segment[segment] + W_position[t])), with t counted from 0.

    Args:
        vocab_size: V.
        d_model: D.
        max_length: the longest sequence.
        n_segments: how many kinds of segment (sentence A, sentence B).
        dropout: probability of dropping a component, in training only.
        eps: ε of the normalisation (1e-12 in BERT).
        norm: the normalisation, built as norm(d_model, eps).

    Source: Devlin et al. 2019, "BERT", §3.2 and figure 2.

    >>> BertEmbeddings(11, 6, max_length=8)(torch.zeros(2, 5, dtype=torch.long)).shape
    torch.Size([2, 5, 6])
    """

    def __init__(
        self,
        vocab_size: int,
        d_model: int,
        max_length: int,
        n_segments: int = 2,
        dropout: float = 0.0,
        eps: float = 1e-12,
        norm: Callable = LayerNorm,
    ):
        super().__init__()
        self.max_length = max_length
        self.token = nn.Embedding(vocab_size, d_model)
        self.segment = nn.Embedding(n_segments, d_model)
        self.position = nn.Embedding(max_length, d_model)
        self.norm = norm(d_model, eps)
        self.dropout = nn.Dropout(dropout)

    def forward(self, token_ids: Tensor, segment_ids: Tensor | None = None) -> Tensor:
        """Add the three embeddings, normalise, drop.

        Args:
            token_ids: int64 (B, T), T at most max_length.
            segment_ids: int64 (B, T), 0 for sentence A and 1 for sentence B; all 0 when absent.

        Returns:
            (B, T, D), in the dtype of the tables.

        Raises:
            InputError: the sequence is longer than the position table (`check_length` raises it).
        """
        check_length(token_ids, self.max_length)
        if segment_ids is None:
            segment_ids = torch.zeros_like(token_ids)
        positions = torch.arange(token_ids.size(1), device=token_ids.device)  # (T,)
        total = self.token(token_ids) + self.segment(segment_ids) + self.position(positions)  # (B, T, D)
        return self.dropout(self.norm(total))
