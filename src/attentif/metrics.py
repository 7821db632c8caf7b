"""Metrics of language models, and the arithmetic of their cost."""

from __future__ import annotations

import math
from collections.abc import Sequence

from attentif.errors import InputError


def _total_loss(mean_losses: Sequence[float], token_counts: Sequence[int]) -> tuple[float, int]:
    if len(mean_losses) != len(token_counts) or sum(token_counts) < 1:
        raise InputError(
            expected="as many losses as counts, and at least one token",
            got=f"{len(mean_losses)} losses, {len(token_counts)} counts, {sum(token_counts)} tokens",
            remedy="give one mean loss and one number of tokens a batch",
        )
    total = math.fsum(loss * count for loss, count in zip(mean_losses, token_counts, strict=True))
    return total, sum(token_counts)


def perplexity(mean_losses: Sequence[float], token_counts: Sequence[int]) -> float:
    """How many equally likely tokens the model hesitates between.

    PPL = exp(Σ_b n_b L_b / Σ_b n_b).

    Args:
        mean_losses: L_b, mean loss of each batch in nats a token.
        token_counts: n_b, number of tokens that each mean was taken over.

    Returns:
        the perplexity, at least 1 for a loss that is not negative.

    Raises:
        InputError: the lists differ in length, or there is no token.

    Source: Jelinek et al. 1977, "Perplexity: a measure of the difficulty of speech recognition tasks".

    >>> round(perplexity([math.log(8.0), math.log(2.0)], [1, 2]), 6)
    3.174802
    """
    total, n_tokens = _total_loss(mean_losses, token_counts)
    return math.exp(total / n_tokens)


def bits_per_character(mean_losses: Sequence[float], token_counts: Sequence[int], n_characters: int) -> float:
    """The same total, in bits and per character: it compares models with different tokenizers.

    BPC = Σ_b n_b L_b / (ln 2 · number of characters).

    Args:
        mean_losses: L_b, mean loss of each batch in nats a token.
        token_counts: n_b, number of tokens that each mean was taken over.
        n_characters: length of the text that these tokens spell.

    Returns:
        bits a character.

    Raises:
        InputError: the lists differ in length, there is no token or no character.

    Source: Graves 2013, "Generating Sequences With Recurrent Neural Networks", §3.

    >>> bits_per_character([math.log(8.0)], [10], n_characters=30)
    1.0
    """
    total, _ = _total_loss(mean_losses, token_counts)
    if n_characters < 1:
        raise InputError(
            expected="at least one character", got=str(n_characters), remedy="count those of the text"
        )
    return total / (math.log(2.0) * n_characters)


def count_parameters(n_layers: int, d_model: int, vocab_size: int) -> int:
    """The usual estimate of a Transformer's size: 12 L D² + V D.

    Each block has 4 D² weights in attention and 8 D² in a feed-forward of width 4 D; biases,
    norms and positions are left out, and embedding and head are tied.

    Args:
        n_layers: L. d_model: D. vocab_size: V.

    Returns:
        the estimated number of parameters.

    Source: Kaplan et al. 2020, "Scaling Laws for Neural Language Models", table 1.

    >>> count_parameters(12, 768, 30522)
    108375552
    """
    return 12 * n_layers * d_model**2 + vocab_size * d_model


def training_flops(n_parameters: int, n_tokens: int) -> float:
    """Compute of a training run: 6 N D, two operations a weight forward and four backward.

    Args:
        n_parameters: N. n_tokens: D, tokens seen in training.

    Returns:
        floating-point operations.

    Source: Kaplan et al. 2020, §2.1.

    >>> training_flops(110_000_000, 1_000_000)
    660000000000000.0
    """
    return 6.0 * n_parameters * n_tokens
