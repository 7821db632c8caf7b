"""Metrics of language models, and the arithmetic of their cost."""

from __future__ import annotations

import math
from collections.abc import Sequence

from attentif.errors import InputError


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
    n_tokens = sum(token_counts)
    if len(mean_losses) != len(token_counts) or n_tokens < 1:
        raise InputError(
            expected="as many losses as counts, and at least one token",
            got=f"{len(mean_losses)} losses, {len(token_counts)} counts, {n_tokens} tokens",
            remedy="give one mean loss and one number of tokens a batch",
        )
    total = math.fsum(loss * count for loss, count in zip(mean_losses, token_counts, strict=True))
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
    if len(token_counts) != len(mean_losses) or not any(token_counts):
        raise InputError(
            expected="one mean loss and one count a batch, and at least one token",
            got=f"{len(mean_losses)} losses, {len(token_counts)} counts, {sum(token_counts)} tokens",
            remedy="take both from the same batches",
        )
    if n_characters < 1:
        raise InputError(
            expected="at least one character", got=str(n_characters), remedy="count those of the text"
        )
    nats = math.fsum(n * mean for n, mean in zip(token_counts, mean_losses, strict=True))
    return nats / math.log(2.0) / n_characters


def count_parameters(n_layers: int, d_model: int, vocab_size: int) -> int:
    """The usual estimate of a Transformer's size: 12 L D² + V D.

    Each block has 4 D² weights in attention (query, key, value and output) and 8 D² in a feed-forward
    of width 4 D; biases, norms and positions are left out, and embedding and head are tied.

    Args:
        n_layers: L, the number of blocks; 0 leaves the embedding.
        d_model: D, the width of the model.
        vocab_size: V, the number of tokens of the vocabulary.

    Returns:
        the estimated number of parameters, a whole number.

    Source: Kaplan et al. 2020, "Scaling Laws for Neural Language Models", table 1.

    >>> count_parameters(12, 768, 30522)
    108375552
    """
    return 12 * n_layers * d_model**2 + vocab_size * d_model


def training_flops(n_parameters: int, n_tokens: int) -> float:
    """Compute of a training run: 6 · n_parameters · n_tokens.

    For each token, each weight takes two operations forward (a product and a sum) and four backward:
    two for the gradient that goes on to the layer before, two for the weight's own.

    Args:
        n_parameters: the number of weights, N in the paper.
        n_tokens: the number of tokens seen in training, D in the paper (here D is a width).

    Returns:
        floating-point operations, a product and a sum counting as two.

    Source: Kaplan et al. 2020, "Scaling Laws for Neural Language Models", §2.1.
        Deviation: the products of queries with keys, and of weights with values, are left out, as
        they are in the paper for contexts that are short beside 12 D.

    >>> training_flops(110_000_000, 1_000_000)
    660000000000000.0
    """
    return 6.0 * n_parameters * n_tokens
