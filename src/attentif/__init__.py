"""Attentif: a Transformer library to read, to write and to examine.

The names below are those of the course's exercises and of what surrounds them.
"""

import importlib.util as _importlib_util

if _missing := [_name for _name in ("torch", "numpy") if _importlib_util.find_spec(_name) is None]:
    raise ImportError(
        f"attentif needs {' and '.join(_missing)}, and Colab and Kaggle have them; elsewhere: pip install {' '.join(_missing)}\n"
        f"Il manque {' et '.join(_missing)}, que Colab et Kaggle ont déjà ; ailleurs : pip install {' '.join(_missing)}"
    )

from attentif.attention import (
    MultiHeadAttention,
    causal_mask,
    fused_attention,
    padding_mask,
    scaled_dot_product_attention,
)
from attentif.blocks import DecoderBlock, EncoderBlock
from attentif.by_hand import attention_by_hand
from attentif.decoding import Beam, beam_search, generate, sample_next_token
from attentif.embeddings import BertEmbeddings, TokenEmbeddings
from attentif.errors import AttentifError, ExerciseNotDone, InputError
from attentif.heads import CausalLMHead, MaskedLMHead, NextSentenceHead
from attentif.layers import FeedForward, LayerNorm
from attentif.metrics import bits_per_character, count_parameters, perplexity, training_flops
from attentif.models import CausalLM, Decoder, Encoder, MaskedLM, ModelConfig, Parts, Seq2Seq
from attentif.objectives import SentencePair, causal_lm_loss, mask_tokens, masked_lm_loss, sentence_pairs
from attentif.optimization import clip_gradients, parameter_groups, warmup_cosine
from attentif.positions import sinusoidal_encoding
from attentif.pretraining import (
    StepResult,
    TrainConfig,
    TrainingResult,
    evaluate,
    pretrain,
    training_step,
)
from attentif.training_objectives import CausalObjective, MaskedObjective

__version__ = "0.1.0"
