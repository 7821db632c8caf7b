"""Rescue parts: a student who is stuck goes on with these. They are worth no marks.

They are thin wrappers of torch's own functions, or simpler stand-ins, and refuse to serve as the answer to
the exercise that they replace.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attentif.rescue.attending import (
    MultiHeadAttention,
    causal_mask,
    padding_mask,
    scaled_dot_product_attention,
    sinusoidal_encoding,
)
from attentif.rescue.learning import (
    bits_per_character,
    count_parameters,
    parameter_groups,
    perplexity,
    training_flops,
    training_step,
    warmup_cosine,
)
from attentif.rescue.model_parts import (
    BertEmbeddings,
    DecoderBlock,
    EncoderBlock,
    FeedForward,
    LayerNorm,
    MaskedLMHead,
    NextSentenceHead,
)
from attentif.rescue.predicting import (
    causal_lm_loss,
    mask_tokens,
    masked_lm_loss,
    sentence_pairs,
)
from attentif.rescue.probing import (
    calibration,
    cluster_bootstrap,
    contextual_embeddings,
    log_probability_bias,
    pseudo_log_likelihood,
)
from attentif.rescue.simpler import SIMPLER
from attentif.rescue.writing import (
    beam_search,
    generate,
    sample_next_token,
)

REFUSES = False  # true of what stands in this module's place at grading
# By the name of the exercise that each replaces.
PARTS: dict[str, Any] = {
    part.__name__: part
    for part in (
        *(MultiHeadAttention, causal_mask, padding_mask, scaled_dot_product_attention, sinusoidal_encoding),
        *(BertEmbeddings, DecoderBlock, EncoderBlock, FeedForward, LayerNorm, MaskedLMHead, NextSentenceHead),
        *(causal_lm_loss, mask_tokens, masked_lm_loss, sentence_pairs),
        *(
            bits_per_character,
            count_parameters,
            parameter_groups,
            perplexity,
            training_flops,
            training_step,
            warmup_cosine,
        ),
        *(beam_search, generate, sample_next_token),
        *(calibration, cluster_bootstrap, contextual_embeddings, log_probability_bias, pseudo_log_likelihood),
    )
}


def known_good(exercise: str) -> Callable:
    """The known-good part of an exercise, for the checks of those that depend on it."""
    return PARTS[exercise]
